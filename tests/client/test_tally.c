// SPDX-License-Identifier: GPL-2.0-only
/* Sums over events, and what is left of what was mapped. */
#include <linux/audit.h>
#include <sys/syscall.h>

#include "check.h"
#include "summary.h"

#define KB	1024ull

static const struct layout layout = { .start_brk = 0x10000, .brk = 0x20000 };

/* Who asks, where that is known. */
static uint64_t asker;

/* One effect of a call at a time that grows by a second. */
static void happen(struct tally *t, int nr, uint32_t pid, struct effect e, bool wanted)
{
	static uint64_t time;
	struct region r = check_region(e.start, e.end ? e.end : 1, "rw-p");
	struct scene scene = scene_before(NULL, &layout, NULL, NULL);
	struct explanation why = { .v = &e, .n = 1 };
	struct event ev = {
		.cause = nr < 0 ? VASMON_CAUSE_EXEC : VASMON_CAUSE_SYSCALL, .has_syscall = nr >= 0,
		.syscall = nr, .arch = AUDIT_ARCH_X86_64, .comm = "prog", .pid = pid,
		.time = ++time * 1000000000, .chain = { asker }, .n_chain = asker != 0,
	};
	struct out_event o = {
		.ev = &ev, .why = &why, .before = &scene, .after = &scene, .pid = pid,
	};

	e.before = e.kind == EFFECT_MAP ? NULL : &r;
	e.after = e.kind == EFFECT_UNMAP ? NULL : &r;
	if (wanted)
		tally_event(t, &o);
	else
		tally_other(t, &o);
}

static void map(struct tally *t, uint64_t start, uint64_t size)
{
	happen(t, SYS_mmap, 1, (struct effect){
		.kind = EFFECT_MAP, .start = start, .end = start + size,
	}, true);
}

static void unmap(struct tally *t, uint64_t start, uint64_t size)
{
	happen(t, SYS_munmap, 1, (struct effect){
		.kind = EFFECT_UNMAP, .start = start, .end = start + size,
	}, true);
}

static const struct tally_line *line(const struct tally_lines *lines, const char *name)
{
	size_t i;

	for (i = 0; i < lines->n; i++) {
		if (!strcmp(lines->v[i].name, name))
			return &lines->v[i];
	}
	fail_msg("nothing is called '%s'", name);
	return NULL;
}

static void is_line(const struct tally_line *l, uint64_t events, uint64_t mapped,
		    uint64_t unmapped)
{
	assert_int_equal(l->events, events);
	assert_int_equal(l->mapped, mapped);
	assert_int_equal(l->unmapped, unmapped);
}

static void test_sums(void **state)
{
	struct effect grow = { .kind = EFFECT_MAP, .start = 0x11000, .end = 0x13000, .grew = true };
	struct effect move = {
		.kind = EFFECT_MOVE, .start = 0x500000, .end = 0x503000, .from_start = 0x700000,
		.from_end = 0x701000,
	};
	struct tally t = { 0 };

	(void)state;
	map(&t, 0x700000, 8 * KB);
	map(&t, 0x800000, 4 * KB);
	unmap(&t, 0x700000, 4 * KB);
	happen(&t, SYS_brk, 1, grow, true);
	happen(&t, SYS_mremap, 1, move, true);
	tally_sort(&t);

	is_line(&t.all, 5, 28 * KB, 4 * KB);
	is_line(line(&t.causes, "mmap"), 2, 12 * KB, 0);
	is_line(line(&t.causes, "munmap"), 1, 0, 4 * KB);
	is_line(line(&t.causes, "brk"), 1, 8 * KB, 0);
	is_line(line(&t.causes, "mremap"), 1, 8 * KB, 0);
	is_line(line(&t.kinds, "map"), 2, 12 * KB, 0);
	is_line(line(&t.kinds, "grow"), 2, 16 * KB, 0);
	is_line(line(&t.kinds, "move"), 1, 8 * KB, 0);
	is_line(line(&t.places, "[heap]"), 1, 8 * KB, 0);
	is_line(line(&t.places, "(anon)"), 4, 20 * KB, 4 * KB);
	assert_string_equal(t.causes.v[0].name, "mmap");
	assert_string_equal(t.places.v[0].name, "(anon)");
	assert_int_equal(t.last - t.first, 4000000000);
	tally_free(&t);
}

/* Halves of a move are one, and a map in parts is one exec. */
static void test_parts(void **state)
{
	struct region v[2] = {
		check_region(0x1000, 0x3000, "r-xp"), check_region(0x5000, 0x6000, "rw-p"),
	};
	const struct region *fresh[] = { &v[0], &v[1] };
	struct effect effects[2] = {
		{ .kind = EFFECT_EXEC, .to = 0x2000, .new_count = 1 },
		{ .kind = EFFECT_EXEC, .from = 0x2000, .to = 0x3000, .new_count = 2 },
	};
	struct effect unmapped = { .kind = EFFECT_UNMAP, .start = 0x1000, .end = 0x3000 };
	struct scene scene = scene_before(NULL, &layout, NULL, NULL);
	struct explanation why = { .v = effects, .n = 1, .fresh = { .v = fresh, .n = 1 } };
	struct event ev = { .cause = VASMON_CAUSE_EXEC, .has_window = true, .end = 0x4000 };
	struct out_event e = {
		.ev = &ev, .why = &why, .before = &scene, .after = &scene, .deferred = true,
	};
	struct tally t = { 0 };

	(void)state;
	tally_event(&t, &e);
	why.v++;
	why.fresh.v++;
	ev.start = 0x4000;
	ev.end = UINT64_MAX;
	e.deferred = false;
	e.held = &effects[0];
	tally_event(&t, &e);
	is_line(&t.all, 1, 0x3000, 0);
	is_line(line(&t.kinds, "exec"), 1, 0x3000, 0);
	is_line(line(&t.causes, "exec"), 1, 0x3000, 0);

	unmapped.before = &v[0];
	why = (struct explanation){ .v = &unmapped, .n = 1 };
	ev = (struct event){ .cause = VASMON_CAUSE_KERNEL, .has_window = true };
	e.held = NULL;
	e.deferred = true;
	tally_event(&t, &e);
	is_line(&t.all, 1, 0x3000, 0);
	e.deferred = false;
	e.late = true;
	tally_event(&t, &e);
	is_line(&t.all, 2, 0x3000, 0x2000);
	tally_free(&t);
}

/* What was missed counts, also where nobody knows what it did. */
static void test_missed(void **state)
{
	struct effect effect = { .kind = EFFECT_UNMAP, .start = 0x1000, .end = 0x3000 };
	struct region r = check_region(0x1000, 0x3000, "rw-p");
	struct scene scene = scene_before(NULL, &layout, NULL, NULL);
	struct explanation why = { .v = &effect, .n = 1 };
	struct out_lost lost = {
		.reason = "overrun", .missed = 7, .why = &why, .before = &scene, .after = &scene,
	};
	struct tally t = { 0 };

	(void)state;
	effect.before = &r;
	map(&t, 0x1000, 8 * KB);
	tally_lost(&t, &lost);
	lost.why = NULL;
	lost.missed = 5;
	tally_lost(&t, &lost);
	assert_int_equal(t.missed, 12);
	/* The new map was read when there were more of them. */
	lost.coalesced = 20;
	tally_lost(&t, &lost);
	assert_int_equal(t.missed, 32);
	is_line(&t.all, 33, 8 * KB, 8 * KB);
	is_line(line(&t.causes, "(missed)"), 32, 0, 8 * KB);
	tally_free(&t);
}

static void is_leak(struct tally *t, size_t i, uint64_t bytes, uint64_t count, uint64_t left,
		    const char *caller)
{
	size_t n;
	struct leaks_group *v = leaks_groups(&t->leaks, &n);

	if (i >= n)
		fail_msg("there are only %zu groups", n);
	assert_int_equal(v[i].bytes, bytes);
	assert_int_equal(v[i].count, count);
	assert_int_equal(v[i].left, left);
	assert_string_equal(v[i].caller, caller);
	assert_true(v[i].oldest <= v[i].newest);
	free(v);
}

static size_t leaks(struct tally *t)
{
	size_t n;

	free(leaks_groups(&t->leaks, &n));
	assert_false(t->leaks.failed);
	return n;
}

static void test_leaks(void **state)
{
	struct effect move = {
		.kind = EFFECT_MOVE, .start = 0x900000, .end = 0x900000 + 4 * KB,
		.from_start = 0x201000, .from_end = 0x201000 + 8 * KB,
	};
	struct tally t = { .leaks.wanted = true };
	unsigned int i;

	(void)state;
	for (i = 0; i < 10; i++)
		map(&t, 0x100000 + i * 0x1000, 4 * KB);
	map(&t, 0x200000, 64 * KB);
	assert_int_equal(leaks(&t), 2);
	is_leak(&t, 0, 64 * KB, 1, 64 * KB, "mmap by prog");
	is_leak(&t, 1, 4 * KB, 10, 40 * KB, "mmap by prog");

	/* one unmap takes three of them, and a half of the next */
	unmap(&t, 0x100000, 3 * 4 * KB + 2 * KB);
	is_leak(&t, 1, 4 * KB, 7, 26 * KB, "mmap by prog");
	/* a hole: two parts of one mapping */
	unmap(&t, 0x204000, 16 * KB);
	is_leak(&t, 0, 64 * KB, 1, 48 * KB, "mmap by prog");
	/* a part of it moves, and is smaller then */
	happen(&t, SYS_mremap, 1, move, true);
	is_leak(&t, 0, 64 * KB, 1, 44 * KB, "mmap by prog");
	unmap(&t, 0x900000, 4 * KB);
	is_leak(&t, 0, 64 * KB, 1, 40 * KB, "mmap by prog");
	/* another process has its own addresses */
	happen(&t, SYS_munmap, 2, (struct effect){
		.kind = EFFECT_UNMAP, .end = UINT64_MAX,
	}, true);
	is_leak(&t, 0, 64 * KB, 1, 40 * KB, "mmap by prog");
	/* what a filter takes away is unmapped all the same */
	happen(&t, SYS_munmap, 1, (struct effect){
		.kind = EFFECT_UNMAP, .start = 0x200000, .end = 0x300000,
	}, false);
	assert_int_equal(leaks(&t), 1);
	happen(&t, SYS_mmap, 1, (struct effect){
		.kind = EFFECT_MAP, .start = 0x200000, .end = 0x300000,
	}, false);
	assert_int_equal(leaks(&t), 1);
	/* growth is no mapping of its own */
	happen(&t, SYS_brk, 1, (struct effect){
		.kind = EFFECT_MAP, .start = 0x11000, .end = 0x12000, .grew = true,
	}, true);
	assert_int_equal(leaks(&t), 1);
	happen(&t, SYS_mmap, 1, (struct effect){
		.kind = EFFECT_REPLACE, .start = 0x104000, .end = 0x105000,
	}, true);
	is_leak(&t, 0, 4 * KB, 7, 26 * KB, "mmap by prog");
	happen(&t, -1, 1, (struct effect){
		.kind = EFFECT_EXEC,
	}, true);
	assert_int_equal(leaks(&t), 0);
	tally_free(&t);
}

/* With call chains, those are what counts, and not sizes. */
static void test_leaks_by_caller(void **state)
{
	struct tally t = { .leaks.wanted = true, .leaks.chains = true };
	struct out out = { .fd = -1 };

	(void)state;
	asker = 0x4001;
	map(&t, 0x100000, 4 * KB);
	map(&t, 0x200000, 8 * KB);
	map(&t, 0x300000, 8 * KB);
	asker = 0x4002;
	map(&t, 0x400000, 8 * KB);
	map(&t, 0x500000, 8 * KB);
	asker = 0;
	assert_int_equal(leaks(&t), 2);
	is_leak(&t, 0, 0, 3, 20 * KB, "mmap by prog, by 0x4001\n0x4001 ...");
	is_leak(&t, 1, 8 * KB, 2, 16 * KB, "mmap by prog, by 0x4002\n0x4002 ...");
	unmap(&t, 0x100000, 4 * KB);
	is_leak(&t, 0, 8 * KB, 2, 16 * KB, "mmap by prog, by 0x4001\n0x4001 ...");

	map(&t, 0x100000, 4 * KB);
	summary_put(&out, &t, 0);
	check_contains(buf_str(&out.buf), " mmap by prog, by 0x4001\n"
		       "            0x4001 ...\n");
	buf_reset(&out.buf);
	out.json = true;
	summary_put(&out, &t, 0);
	check_contains(buf_str(&out.buf), "{\"caller\":\"mmap by prog, by 0x4001\","
		       "\"callchain\":[\"0x4001 ...\"],\"bytes\":8192,\"count\":2,");
	buf_free(&out.buf);
	tally_free(&t);
}

/* Call chains that nobody asked for tell nothing apart. */
static void test_leaks_by_size(void **state)
{
	struct tally t = { .leaks.wanted = true };

	(void)state;
	for (asker = 0x4001; asker < 0x4004; asker++)
		map(&t, asker << 12, asker == 0x4001 ? 8 * KB : 4 * KB);
	asker = 0;
	assert_int_equal(leaks(&t), 2);
	is_leak(&t, 0, 4 * KB, 2, 8 * KB, "mmap by prog");
	is_leak(&t, 1, 8 * KB, 1, 4 * KB, "mmap by prog");
	tally_free(&t);
}

/* Whatever is unmapped, what is left is what a plain table of pages has. */
static void test_random(void **state)
{
	static bool there[4096];
	struct tally t = { .leaks.wanted = true };
	uint64_t dice = 20240601, wanted = 0, left = 0;
	struct leaks_group *v;
	size_t i, j, n;

	(void)state;
	for (i = 0; i < 20000; i++) {
		uint64_t start = check_random(&dice) % 4096, pages = check_random(&dice) % 64 + 1;
		bool comes = check_random(&dice) >> 7 & 1;

		pages = start + pages > 4096 ? 4096 - start : pages;
		if (comes)
			map(&t, 0x100000 + start * 4 * KB, pages * 4 * KB);
		else
			unmap(&t, 0x100000 + start * 4 * KB, pages * 4 * KB);
		for (j = start; j < start + pages; j++)
			there[j] = comes;
	}
	for (j = 0; j < 4096; j++)
		wanted += there[j] ? 4 * KB : 0;
	v = leaks_groups(&t.leaks, &n);
	for (i = 0; i < n; i++) {
		left += v[i].left;
		assert_true(!i || v[i].left <= v[i - 1].left);
	}
	free(v);
	assert_true(wanted);
	assert_int_equal(left, wanted);
	tally_free(&t);
}

static void test_text(void **state)
{
	struct out out = { .fd = -1 };
	struct tally t = { .leaks.wanted = true, .missed = 3, .map_count = 7, .map_count_max = 9 };
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++)
		map(&t, 0x700000 + i * 0x10000, 8 * KB);
	unmap(&t, 0x700000, 8 * KB);
	summary_put(&out, &t, 65530);
	check_contains(buf_str(&out.buf), "4 events in 3.000 s, 1.3 a second, 3 missed\n"
		       "regions: 7 at last, 9 at most, of 65530 that vm.max_map_count allows\n");
	check_contains(buf_str(&out.buf), " 75.00         3            24576                0"
		       "           +24576  mmap\n");
	check_contains(buf_str(&out.buf), "100.00         4            24576             8192"
		       "           +16384  total\n");
	check_contains(buf_str(&out.buf), "           +16384    16.0 KiB         4  (anon)\n");
	check_contains(buf_str(&out.buf), "       2            8192           16384    16.0 KiB"
		       "       2.0  mmap by prog\n");
	buf_free(&out.buf);
	tally_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_missed),
		cmocka_unit_test(test_leaks),
		cmocka_unit_test(test_leaks_by_caller),
		cmocka_unit_test(test_leaks_by_size),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests_name("tally", tests, NULL, NULL);
}
