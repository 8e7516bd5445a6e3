// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <linux/audit.h>

#include "check.h"
#include "explain.h"
#include "phrase.h"
#include "size.h"

/*
 * A map as text: regions by comma, each START-END in pages (hex), perms, and then
 * any of: /FILE, [SPECIAL], :ANON-NAME, @ and the file's offset in pages (hex),
 * ! and traits (hex).
 */
static size_t read_map(const char *text, struct region *v, char names[][16])
{
	size_t n = 0;

	while (text && *text) {
		unsigned long start, end, number;
		char perms[5];
		int len = 0;

		assert_int_equal(sscanf(text, "%lx-%lx%4[rwxps-]%n", &start, &end, perms, &len), 3);
		text += len;
		v[n] = check_region(start * CHECK_PAGE, end * CHECK_PAGE, perms);
		v[n].name = names[n];
		names[n][0] = '\0';
		while (*text && *text != ',') {
			if (*text == '@' || *text == '!') {
				assert_int_equal(sscanf(text + 1, "%lx%n", &number, &len), 1);
				if (*text == '@')
					v[n].offset = number * CHECK_PAGE;
				else
					v[n].traits = number;
				text += 1 + len;
				continue;
			}
			assert_int_equal(sscanf(text, "%15[^,@!]%n", names[n], &len), 1);
			v[n].name_type = *text == '/' ? VASMON_NAME_TYPE_FILE :
					 *text == '[' ? VASMON_NAME_TYPE_SPECIAL :
					 VASMON_NAME_TYPE_ANON;
			v[n].inode = *text == '/' ? 1 + (uint64_t)names[n][1] : 0;
			v[n].name = names[n] + (*text == ':');
			text += len;
		}
		n++;
		text += *text == ',';
	}
	return n;
}

struct explain_case {
	const char *call;	/* NULL: a page fault; mmap perhaps with its length */
	const char *old;	/* the whole map before */
	const char *window;	/* START-END, NULL for none */
	const char *fresh;	/* what is in the window now */
	uint64_t brk_to;	/* 0: did not move; it begins at 0x500000 */
	const char *words;	/* what comes out */
	int64_t delta;
};

static const struct explain_case cases[] = {
	/* mapped */
	{ "mmap", "100-110rw-p", "200-20a", "200-20arw-p", 0,
	  "+ 00200000-0020a000 rw-p +40960 (40.0 KiB)", 40960 },
	{ "mmap", NULL, "200-20a", "200-20arwxp", 0,
	  "+ 00200000-0020a000 rwxp +40960 (40.0 KiB) (guess: generated code) W+X", 40960 },
	{ "mmap", NULL, "200-201", "200-201r-xs/lib@3", 0,
	  "+ 00200000-00201000 r-xs +4096 (4.0 KiB) /lib (guess: program)", 4096 },
	{ "mmap", "20a-210rw-p", "200-210", "200-210rw-p", 0,
	  "~ +40960 (40.0 KiB) merged with the region above: now 00200000-00210000 rw-p "
	  "65536 (64.0 KiB)", 40960 },
	{ "mmap", "1f0-200rw-p", "1f0-20a", "1f0-20arw-p", 0,
	  "~ +40960 (40.0 KiB) merged with the region below: now 001f0000-0020a000 rw-p "
	  "106496 (104.0 KiB)", 40960 },
	{ "mmap", "1f0-200rw-p,20a-210rw-p", "1f0-210", "1f0-210rw-p", 0,
	  "~ +40960 (40.0 KiB) merged with the regions below and above: now "
	  "001f0000-00210000 rw-p 131072 (128.0 KiB)", 40960 },
	{ "mmap 40960", "1f0-200rw-p", "1f0-20a", "1f0-20arw-p", 0,
	  "~ asked 40960 (40.0 KiB), merged with the region below: now 001f0000-0020a000 "
	  "rw-p 106496 (104.0 KiB)", 40960 },
	{ "mmap 40001", "20a-210rw-p", "200-210", "200-210rw-p", 0,
	  "~ asked 40001 (39.1 KiB), got 40960 (40.0 KiB), merged with the region above: "
	  "now 00200000-00210000 rw-p 65536 (64.0 KiB)", 40960 },
	{ "mmap 40001", NULL, "200-20a", "200-20arw-p", 0,
	  "+ 00200000-0020a000 rw-p asked 40001 (39.1 KiB), got 40960 (40.0 KiB)", 40960 },
	{ "mmap 40960", NULL, "200-20a", "200-20arw-p", 0,
	  "+ 00200000-0020a000 rw-p +40960 (40.0 KiB)", 40960 },
	/* over something else: MAP_FIXED */
	{ "mmap", "200-210rw-p", "200-210", "200-204rw-p,204-208r--p/lib,208-210rw-p", 0,
	  "~ 00204000-00208000 rw-p replaced by r--p 16384 (16.0 KiB) /lib, split in three", 0 },
	{ "mmap", "200-210r--p/lib", "200-210", "200-204r--p/lib,204-210r-xp/lib@4", 0,
	  "~ 00204000-00210000 r--p -> r-xp 49152 (48.0 KiB) /lib (guess: program), "
	  "split in two", 0 },
	{ "mmap", "200-210r--p/lib", "200-210", "200-204r--p/lib,204-210r-xp/lib@7", 0,
	  "~ 00204000-00210000 r--p /lib replaced by r-xp 49152 (48.0 KiB) /lib "
	  "(guess: program), split in two", 0 },
	/* unmapped */
	{ "munmap", "200-20arw-p", "200-20a", NULL, 0,
	  "- 00200000-0020a000 rw-p gave back 40960 (40.0 KiB)", -40960 },
	{ "munmap", "200-20arw-p", "200-20a", "200-204rw-p", 0,
	  "~ gave back 24576 (24.0 KiB) of its end: now 00200000-00204000 rw-p 16384 (16.0 "
	  "KiB)",
	  -24576 },
	{ "munmap", "200-20arw-p", "200-20a", "204-20arw-p", 0,
	  "~ gave back 16384 (16.0 KiB) of its start: now 00204000-0020a000 rw-p 24576 "
	  "(24.0 KiB)",
	  -16384 },
	{ "munmap", "200-20arw-p", "200-20a", "200-202rw-p,206-20arw-p", 0,
	  "~ gave back 16384 (16.0 KiB) at 00202000-00206000, split 00200000-0020a000 rw-p "
	  "in two", -16384 },
	{ "munmap", "100-110r--p,110-120rw-p", "100-120", NULL, 0,
	  "- 00100000-00110000 r--p unmapped 65536 (64.0 KiB); - 00110000-00120000 rw-p "
	  "gave back 65536 (64.0 KiB)", -131072 },
	/* protected */
	{ "mprotect", "200-20arw-p", "200-20a", "200-20ar--p", 0,
	  "~ 00200000-0020a000 rw-p -> r--p 40960 (40.0 KiB)", 0 },
	{ "mprotect", "200-20arw-p", "200-20a", "200-202rw-p,202-204---p,204-20arw-p", 0,
	  "~ 00202000-00204000 rw-p -> ---p 8192 (8.0 KiB), split in three", 0 },
	{ "mprotect", "200-204rw-p,204-208r--p", "200-208", "200-206rw-p,206-208r--p", 0,
	  "~ 00204000-00206000 r--p -> rw-p 8192 (8.0 KiB), split in two, "
	  "merged: now 00200000-00206000 24576 (24.0 KiB)", 0 },
	{ "mprotect", "200-204rw-p,204-208rw-p/lib", "200-208", "200-204r--p,204-208r--p/lib", 0,
	  "~ 00200000-00208000 rw-p -> r--p 32768 (32.0 KiB)", 0 },
	{ "mprotect", "200-204r-xp,204-208rw-p,208-20cr-xp", "200-20c", "200-20cr--p", 0,
	  "~ 00200000-00204000 r-xp -> r--p 16384 (16.0 KiB), merged: now "
	  "00200000-0020c000 49152 (48.0 KiB); "
	  "~ 00204000-00208000 rw-p -> r--p 16384 (16.0 KiB), merged: now "
	  "00200000-0020c000 49152 (48.0 KiB); "
	  "~ 00208000-0020c000 r-xp -> r--p 16384 (16.0 KiB), merged: now "
	  "00200000-0020c000 49152 (48.0 KiB)", 0 },
	{ "mprotect", "200-204rw-p,204-208rw-p!2", "200-208", "200-208r--p", 0,
	  "~ 00200000-00208000 rw-p -> r--p 32768 (32.0 KiB)", 0 },
	{ "mprotect", "200-204rw-p/lib,204-208rw-p,208-20ar--p", "200-20a",
	  "200-204r--p/lib,204-20ar--p", 0,
	  "~ 00200000-00204000 rw-p -> r--p 16384 (16.0 KiB) /lib; "
	  "~ 00204000-00208000 rw-p -> r--p 16384 (16.0 KiB), merged: now "
	  "00204000-0020a000 24576 (24.0 KiB)", 0 },
	/* flags and names */
	{ "mlock", "200-204rw-p", "200-204", "200-204rw-p!2", 0,
	  "~ 00200000-00204000 rw-p 16384 (16.0 KiB) +locked", 0 },
	{ "madvise", "200-204rw-p!180", "200-204", "200-204rw-p!1000080", 0,
	  "~ 00200000-00204000 rw-p 16384 (16.0 KiB) -no-huge +trait-24", 0 },
	{ "prctl", "200-204rw-p", "200-204", "200-204rw-p:jit", 0,
	  "~ 00200000-00204000 rw-p 16384 (16.0 KiB) was unnamed, is [anon:jit]", 0 },
	/* moved */
	{ "mremap", "200-204rw-p", "200-308", "300-308rw-p", 0,
	  "~ 00200000-00204000 moved to 00300000-00308000 rw-p 32768 (32.0 KiB), "
	  "+16384 (16.0 KiB)", 16384 },
	{ "mremap", "250-251r--p,300-304rw-p", "200-304", "200-204rw-p,250-251r--p", 0,
	  "~ 00300000-00304000 moved to 00200000-00204000 rw-p 16384 (16.0 KiB)", 0 },
	{ "mremap", "200-204rw-p", "200-208", "200-208rw-p", 0,
	  "~ grew 16384 (16.0 KiB): now 00200000-00208000 rw-p 32768 (32.0 KiB)", 16384 },
	{ "mmap", "200-204rw-p", "200-308", "300-308rw-p", 0,
	  "- 00200000-00204000 rw-p gave back 16384 (16.0 KiB); + 00300000-00308000 rw-p "
	  "+32768 (32.0 KiB)", 16384 },
	/* borders only */
	{ "madvise", "200-204rw-p,204-208rw-p", "200-208", "200-208rw-p", 0,
	  "~ 00200000-00208000 rw-p 32768 (32.0 KiB), 2 regions became 1", 0 },
	{ "mprotect", "200-208rw-p", "200-208", "200-202rw-p,202-208rw-p", 0,
	  "~ 00200000-00208000 rw-p 32768 (32.0 KiB), 1 region became 2", 0 },
	/* the break */
	{ "brk", "500-501rw-p", NULL, NULL, 0x500021,
	  "= brk 0x500000 -> 0x500021 +33 bytes", 0 },
	{ "brk", NULL, NULL, NULL, 0x4fffff,
	  "= brk 0x500000 -> 0x4fffff -1 byte inside the page: no region changed", 0 },
	{ "brk", NULL, "500-521", "500-521rw-p", 0x521000,
	  "+ 00500000-00521000 rw-p +135168 (132.0 KiB) [heap]; "
	  "= brk 0x500000 -> 0x521000 +135168 (132.0 KiB)", 135168 },
	{ "brk", "4f0-500rw-p", "4f0-504", "4f0-504rw-p", 0x504000,
	  "~ heap grew 16384 (16.0 KiB): now 004f0000-00504000 rw-p 81920 (80.0 KiB) "
	  "[heap]; = brk 0x500000 -> 0x504000 +16384 (16.0 KiB)", 16384 },
	/* a stack, by a page fault */
	{ NULL, "7f0-800rw-p", "7d0-800", "7d0-800rw-p", 0,
	  "~ stack grew 131072 (128.0 KiB) by a page fault: now 007d0000-00800000 rw-p "
	  "196608 (192.0 KiB) [stack]",
	  131072 },
	/* nothing */
	{ "mmap", "100-110rw-p", NULL, NULL, 0, "", 0 },
	{ "mmap", "100-110rw-p", "100-110", "100-110rw-p", 0, "", 0 },
};

static void run_case(size_t number)
{
	const struct explain_case *c = &cases[number];
	struct region old[16], fresh[16];
	char old_names[16][16], fresh_names[16][16];
	struct explanation why = { 0 };
	struct space space = { 0 };
	struct event ev = { .cause = c->call ? VASMON_CAUSE_SYSCALL : VASMON_CAUSE_FAULT };
	struct scene before, after;
	struct layout layout;
	struct buf b = { 0 };
	const char *what;
	size_t n, i;

	n = read_map(c->old, old, old_names);
	for (i = 0; i < n; i++)
		assert_int_equal(space_append(&space, &old[i]), 0);
	space.layout = (struct layout){ .start_brk = 0x500000, .brk = 0x500000,
					.start_stack = 0x7ff000 };
	if (c->window) {
		unsigned long start, end;

		assert_int_equal(sscanf(c->window, "%lx-%lx", &start, &end), 2);
		ev.has_window = true;
		ev.start = start * CHECK_PAGE;
		ev.end = end * CHECK_PAGE;
	}
	ev.fresh.v = fresh;
	ev.fresh.n = read_map(c->fresh, fresh, fresh_names);
	if (c->brk_to) {
		ev.has_brk = true;
		ev.brk_from = 0x500000;
		ev.brk_to = c->brk_to;
	}
	if (c->call && sscanf(c->call, "mmap %" SCNu64, &ev.args[1]) == 1) {
		ev.has_syscall = true;
		ev.has_args = true;
		ev.syscall = 9;
		ev.arch = AUDIT_ARCH_X86_64;
	}
	what = space_check(&space, &ev);
	if (what)
		fail_msg("case %zu does not fit: %s", number, what);
	layout = space_layout_after(&space, &ev);
	before = scene_before(&space, &space.layout, NULL, NULL);
	after = scene_after(&before, &ev, &layout);
	assert_int_equal(explain_event(&why, &ev, &space, c->call), 0);
	for (i = 0; i < why.n; i++) {
		buf_printf(&b, "%s%c ", i ? "; " : "", phrase_mark(&why.v[i]));
		phrase_effect(&b, &why.v[i], &ev, &before, &after);
	}
	if (strcmp(buf_str(&b), c->words))
		fail_msg("case %zu:\nis     %s\nnot    %s", number, buf_str(&b), c->words);
	assert_int_equal(why.delta, c->delta);
	buf_free(&b);
	explain_free(&why);
	space_free(&space);
}

static void test_table(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		run_case(i);
}

static void test_exec_exit(void **state)
{
	struct region old = check_region(0x1000, 0x5000, "rw-p");
	struct region fresh = check_region(0x1000, 0x3000, "r-xp");
	struct event ev = { .cause = VASMON_CAUSE_EXEC, .fresh = { .v = &fresh, .n = 1 } };
	struct explanation why = { 0 };
	struct space s = { 0 };
	struct scene scene = scene_before(&s, &s.layout, NULL, NULL);
	struct buf b = { 0 };

	(void)state;
	assert_int_equal(space_append(&s, &old), 0);
	assert_int_equal(explain_event(&why, &ev, &s, "execve"), 0);
	assert_int_equal(why.n, 1);
	assert_int_equal(why.v[0].kind, EFFECT_EXEC);
	assert_int_equal(why.v[0].old_count, 1);
	assert_int_equal(why.v[0].new_count, 1);
	assert_int_equal(why.delta, -0x2000);
	phrase_effect(&b, &why.v[0], &ev, &scene, &scene);
	assert_string_equal(buf_str(&b), "whole map replaced: 1 regions, 8192 (8.0 KiB)");

	ev = (struct event){ .cause = VASMON_CAUSE_EXIT, .has_window = true, .start = 0x1000,
			     .end = 0x5000, .has_exit_code = true, .exit_code = 0x300 };
	assert_int_equal(explain_event(&why, &ev, &s, NULL), 0);
	assert_int_equal(why.n, 1);
	assert_int_equal(why.v[0].kind, EFFECT_EXIT);
	buf_reset(&b);
	phrase_effect(&b, &why.v[0], &ev, &scene, &scene);
	assert_string_equal(buf_str(&b), "exited with status 3");
	buf_reset(&b);
	phrase_exit(&b, 0x8b);
	assert_string_equal(buf_str(&b), "killed by SIGSEGV (core dumped)");
	buf_reset(&b);
	phrase_exit(&b, 9);
	assert_string_equal(buf_str(&b), "killed by SIGKILL");
	buf_free(&b);
	explain_free(&why);
	space_free(&s);
}

/* Bytes add up, and what is outside of every effect is the same in both maps. */
static void test_diff_adds_up(void **state)
{
	uint64_t seed = 77;
	struct explanation why = { 0 };
	int round;

	(void)state;
	for (round = 0; round < 3000; round++) {
		struct space s[2] = { { 0 }, { 0 } };
		const char *const perms[] = { "rw-p", "r--p", "r-xp" };
		uint64_t at, addr;
		int64_t sum = 0;
		size_t i;
		int k;

		for (k = 0; k < 2; k++) {
			for (at = check_random(&seed) % 3; at < 60;) {
				uint64_t end = at + 1 + check_random(&seed) % 5;
				struct region r = check_region(at * CHECK_PAGE, end * CHECK_PAGE,
							       perms[check_random(&seed) % 3]);

				assert_int_equal(space_append(&s[k], &r), 0);
				at = end + check_random(&seed) % 3;
			}
		}
		assert_int_equal(explain_diff(&why, &s[0], &s[1]), 0);
		assert_int_equal(why.delta, (int64_t)(s[1].bytes - s[0].bytes));
		for (i = 0; i < why.n; i++) {
			const struct effect *e = &why.v[i];

			if (e->kind == EFFECT_MAP)
				sum += (int64_t)(e->end - e->start);
			if (e->kind == EFFECT_UNMAP)
				sum -= (int64_t)(e->end - e->start);
			assert_true(i == 0 || why.v[i - 1].end <= e->start);
		}
		assert_int_equal(sum, why.delta);
		for (addr = 0; addr < 70 * CHECK_PAGE; addr += CHECK_PAGE) {
			const struct region *a = space_find(&s[0], addr);
			const struct region *b = space_find(&s[1], addr);
			enum effect_kind kind = EFFECT_EXIT;

			for (i = 0; i < why.n; i++) {
				if (why.v[i].start <= addr && addr < why.v[i].end)
					kind = why.v[i].kind;
			}
			if (a && b && a->prot == b->prot)
				assert_true(kind == EFFECT_EXIT || kind == EFFECT_SPLIT ||
					    kind == EFFECT_MERGE);
			else if (a && b)
				assert_int_equal(kind, EFFECT_PROTECT);
			else if (a || b)
				assert_int_equal(kind, a ? EFFECT_UNMAP : EFFECT_MAP);
			else
				assert_int_equal(kind, EFFECT_EXIT);
		}
		space_free(&s[0]);
		space_free(&s[1]);
	}
	explain_free(&why);
}

static void test_human(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} table[] = {
		{ 0, "0 B" }, { 1023, "1023 B" }, { 1024, "1.0 KiB" }, { 135168, "132.0 KiB" },
		{ 1048575, "1.0 MiB" }, { 1048576, "1.0 MiB" }, { 1610612736, "1.5 GiB" },
		{ 1ull << 47, "128.0 TiB" }, { UINT64_MAX, "16.0 EiB" },
	};
	struct buf b = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		buf_reset(&b);
		size_human(&b, table[i].bytes);
		assert_string_equal(buf_str(&b), table[i].text);
	}
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_exec_exit),
		cmocka_unit_test(test_diff_adds_up),
		cmocka_unit_test(test_human),
	};

	return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
