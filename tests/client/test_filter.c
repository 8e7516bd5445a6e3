// SPDX-License-Identifier: GPL-2.0-only
/* Which of some events each filter lets through. */
#include <linux/audit.h>
#include <sys/syscall.h>

#include "check.h"
#include "filter.h"

#define HEAP	0x10000ull
#define STACK	0x7ff000000ull

static const struct layout layout = {
	.start_brk = HEAP, .brk = HEAP + 0x3000, .start_stack = STACK,
};

/* A letter for each event, as the table below names them. */
enum { MMAP, UNMAP, PART, BRK, SHRINK, FAULT, PROTECT, MOVE, EXEC, FORK, EXIT, NOTHING,
	MARK, COUNT };
static const char letters[COUNT + 1] = "mupbsfrMxFeNT";

struct sample {
	struct event ev;
	struct explanation why;
	struct effect effects[2];
	const struct region *fresh[2];
	struct region region;
};

static struct sample samples[COUNT];
static struct scene scene;

static struct sample *sample(int i, uint32_t cause, int nr, uint32_t tid, struct region r)
{
	struct sample *s = &samples[i];

	*s = (struct sample){ .region = r };
	s->fresh[0] = &s->region;
	s->ev.cause = cause;
	s->ev.tid = tid;
	s->ev.has_syscall = nr >= 0;
	s->ev.syscall = nr;
	s->ev.arch = AUDIT_ARCH_X86_64;
	s->why.v = s->effects;
	return s;
}

static void effect(struct sample *s, struct effect e)
{
	s->effects[s->why.n++] = e;
}

static void prepare(void)
{
	struct region anon = check_region(0x700000, 0x70a000, "rw-p");
	struct region heap = check_region(HEAP, HEAP + 0x3000, "rw-p");
	struct region stack = check_region(STACK - 0x2000, STACK + 0x1000, "rw-p");
	struct region file = check_file(0x800000, 0x802000, "r--p", 0, "/usr/lib/libc.so.6");
	struct sample *s;

	scene = scene_before(NULL, &layout, NULL, NULL);
	s = sample(MMAP, VASMON_CAUSE_SYSCALL, SYS_mmap, 7, anon);
	effect(s, (struct effect){
		.kind = EFFECT_MAP, .start = 0x700000, .end = 0x70a000,
		.after = &s->region,
	});
	s = sample(UNMAP, VASMON_CAUSE_SYSCALL, SYS_munmap, 7, anon);
	effect(s, (struct effect){
		.kind = EFFECT_UNMAP, .start = 0x700000, .end = 0x70a000,
		.before = &s->region,
	});
	s = sample(PART, VASMON_CAUSE_SYSCALL, SYS_munmap, 7, anon);
	effect(s, (struct effect){
		.kind = EFFECT_UNMAP, .start = 0x700000, .end = 0x701000,
		.before = &s->region, .left_above = true,
	});
	s = sample(BRK, VASMON_CAUSE_SYSCALL, SYS_brk, 7, heap);
	effect(s, (struct effect){
		.kind = EFFECT_MAP, .start = HEAP + 0x2000, .end = HEAP + 0x3000,
		.after = &s->region, .joined_below = true, .grew = true,
	});
	effect(s, (struct effect){
		.kind = EFFECT_BRK, .from = HEAP + 0x2000, .to = HEAP + 0x3000,
	});
	s = sample(SHRINK, VASMON_CAUSE_SYSCALL, SYS_brk, 7, heap);
	effect(s, (struct effect){
		.kind = EFFECT_UNMAP, .start = HEAP + 0x3000, .end = HEAP + 0x4000,
		.before = &s->region, .left_below = true,
	});
	effect(s, (struct effect){
		.kind = EFFECT_BRK, .from = HEAP + 0x4000, .to = HEAP + 0x3000,
	});
	s = sample(FAULT, VASMON_CAUSE_FAULT, SYS_read, 8, stack);
	effect(s, (struct effect){
		.kind = EFFECT_MAP, .start = STACK - 0x2000, .end = STACK - 0x1000,
		.after = &s->region, .joined_above = true, .grew = true,
	});
	s = sample(PROTECT, VASMON_CAUSE_SYSCALL, SYS_mprotect, 8, file);
	effect(s, (struct effect){
		.kind = EFFECT_PROTECT, .start = 0x800000, .end = 0x802000,
		.before = &s->region, .after = &s->region,
	});
	s = sample(MOVE, VASMON_CAUSE_SYSCALL, SYS_mremap, 8, anon);
	effect(s, (struct effect){
		.kind = EFFECT_MOVE, .start = 0x700000, .end = 0x70a000,
		.from_start = 0x500000, .from_end = 0x501000, .before = &s->region,
		.after = &s->region,
	});
	s = sample(EXEC, VASMON_CAUSE_EXEC, -1, 7, file);
	effect(s, (struct effect){
		.kind = EFFECT_EXEC, .from = 0x1000, .to = 0x2000,
	});
	s->why.fresh = (struct explain_list){ .v = s->fresh, .n = 1 };
	s = sample(FORK, VASMON_CAUSE_FORK, -1, 7, anon);
	effect(s, (struct effect){
		.kind = EFFECT_FORK, .to = 0x2000,
	});
	s->why.fresh = (struct explain_list){ .v = s->fresh, .n = 1 };
	s = sample(EXIT, VASMON_CAUSE_EXIT, SYS_exit_group, 7, anon);
	effect(s, (struct effect){
		.kind = EFFECT_EXIT,
	});
	sample(NOTHING, VASMON_CAUSE_SYSCALL, SYS_madvise, 7, anon);
	sample(MARK, VASMON_CAUSE_MARK, -1, 7, anon);
}

/* Words as on the command line, by blanks; the letters of the events that are shown. */
static const struct {
	const char *words;
	const char *shown;
} table[] = {
	{ "", "mupbsfrMxFeNT" },
	{ "map", "meT" },
	{ "unmap", "upeT" },
	{ "map,unmap", "mupeT" },
	{ "grow", "bfMeT" },
	{ "shrink", "seT" },
	{ "brk", "bseT" },
	{ "stack", "feT" },
	{ "protect", "reT" },
	{ "move", "MeT" },
	{ "exec", "xeT" },
	{ "fork", "FeT" },
	{ "exit", "eT" },
	{ "replace,flags,name,split,merge", "eT" },
	{ "kind=map", "meT" },
	{ "mark", "eT" },
	{ "!mark", "mupbsfrMxFeN" },
	{ "!mark,exit map", "m" },
	{ "cause=mark", "eT" },
	{ "!exit", "mupbsfrMxFNT" },
	{ "!brk", "mupfrMxFeNT" },
	{ "!map,unmap,exit", "bsfrMxFNT" },
	{ "grow !brk", "fMeT" },
	{ "grow !stack !move", "beT" },
	{ "cause=mmap", "meT" },
	{ "cause=mmap,munmap", "mupeT" },
	{ "cause=syscall", "mupbsrMeNT" },
	{ "cause=fault", "feT" },
	{ "cause=read", "eT" },		/* a fault in read() is not its doing */
	{ "cause=exec,fork", "xFeT" },
	{ "cause=!brk,fault", "muprMxFeNT" },
	{ "cause=!syscall", "fxFeT" },
	{ "cause=brk grow", "beT" },
	{ "cause=mmap cause=munmap", "mupeT" },
	{ "region=heap", "bseT" },
	{ "region=stack", "feT" },
	{ "region=!heap,stack", "muprMxFeNT" },
	{ "region=library,file,program", "rxeT" },
	{ "region=heap shrink", "seT" },
	{ "size=8K", "murMxFeT" },
	{ "size=40960", "muMeT" },
	{ "size=40961", "eT" },
	{ "range=700000-700001", "mupMxFeT" },
	{ "range=701000-701001", "muMxFeT" },
	{ "range=500fff-600000", "MxFeT" },
	{ "range=70a000-800000", "xFeT" },
	{ "range=12000-12001", "bxFeT" },
	{ "range=13000-13001", "sxFeT" },
	{ "tid=8", "frMeT" },
	{ "tid=9,8", "frMeT" },
	{ "tid=77", "eT" },
	{ "path=libc*", "rxeT" },
	{ "path=/usr/lib/*", "rxeT" },
	{ "path=lib", "eT" },
	{ "path=/lib/*", "eT" },
	{ "path=x path=*.so.6", "rxeT" },
	{ "path=libc* protect", "reT" },
	{ "map tid=7 size=4K range=0-ffffffff cause=mmap", "meT" },
};

static void add(struct filter *f, const char *word)
{
	struct buf why = { 0 };
	bool ok = true;

	if (!strncmp(word, "size=", 5))
		filter_add_size(f, strtoull(word + 5, NULL, 10) << (strchr(word, 'K') ? 10 : 0));
	else if (!strncmp(word, "range=", 6))
		filter_add_range(f, strtoull(word + 6, NULL, 16),
				 strtoull(strchr(word, '-') + 1, NULL, 16));
	else if (!strncmp(word, "tid=", 4))
		ok = filter_add_tids(f, word + 4, &why);
	else if (!strncmp(word, "path=", 5))
		ok = filter_add_path(f, word + 5);
	else
		ok = filter_parse(f, word, &why);
	if (!ok)
		fail_msg("'%s': %s", word, buf_str(&why));
	buf_free(&why);
}

/* Words, by blanks. */
static void add_all(struct filter *f, const char *words)
{
	char copy[200], *word, *rest = copy;

	snprintf(copy, sizeof(copy), "%s", words);
	while ((word = strtok_r(rest, " ", &rest)))
		add(f, word);
}

static void test_table(void **state)
{
	size_t i, j, n;

	(void)state;
	prepare();
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char shown[COUNT + 1];
		struct filter f = { 0 };

		add_all(&f, table[i].words);
		for (j = n = 0; j < COUNT; j++) {
			struct out_event e = {
				.ev = &samples[j].ev, .why = &samples[j].why, .before = &scene,
				.after = &scene,
			};

			if (filter_wants(&f, &e))
				shown[n++] = letters[j];
		}
		shown[n] = '\0';
		if (strcmp(shown, table[i].shown))
			fail_msg("'%s' shows '%s', not '%s'", table[i].words, shown,
				 table[i].shown);
		filter_free(&f);
	}
}

/* What the kernel takes an event's call for, where there could be a chain; or 0. */
static uint32_t cause_of(const struct event *ev)
{
	if (ev->cause == VASMON_CAUSE_FAULT)
		return VASMON_CHAIN_CAUSE_FAULT;
	if (ev->cause != VASMON_CAUSE_SYSCALL)
		return 0;
	switch (ev->syscall) {
	case SYS_brk:
		return VASMON_CHAIN_CAUSE_BRK;
	case SYS_mmap:
		return VASMON_CHAIN_CAUSE_MMAP;
	case SYS_munmap:
		return VASMON_CHAIN_CAUSE_MUNMAP;
	case SYS_mremap:
		return VASMON_CHAIN_CAUSE_MREMAP;
	case SYS_mprotect:
		return VASMON_CHAIN_CAUSE_MPROTECT;
	default:
		return VASMON_CHAIN_CAUSE_OTHER;
	}
}

/* Of what is shown, chains are asked for. */
static void test_shown_with_chains(void **state)
{
	size_t i;
	int j;

	(void)state;
	prepare();
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct filter f = { 0 };
		uint32_t asked;

		add_all(&f, table[i].words);
		asked = filter_chain_causes(&f);
		for (j = 0; j < COUNT; j++) {
			uint32_t cause = cause_of(&samples[j].ev);

			if (cause && strchr(table[i].shown, letters[j]) && !(asked & cause))
				fail_msg("'%s' asks for chains of 0x%x, not 0x%x", table[i].words,
					 asked, cause);
		}
		filter_free(&f);
	}
}

/* And not of what is not shown, where words tell. */
static void test_chains(void **state)
{
	enum {
		F = VASMON_CHAIN_CAUSE_FAULT, B = VASMON_CHAIN_CAUSE_BRK,
		M = VASMON_CHAIN_CAUSE_MMAP, U = VASMON_CHAIN_CAUSE_MUNMAP,
		R = VASMON_CHAIN_CAUSE_MREMAP, P = VASMON_CHAIN_CAUSE_MPROTECT,
		O = VASMON_CHAIN_CAUSE_OTHER, ALL = FILTER_ALL_CAUSES,
	};
	static const struct {
		const char *words;
		uint32_t causes;
	} chains[] = {
		{ "", ALL },
		{ "grow", F | B | R },
		{ "grow,unmap", F | B | R | M | U | O },
		{ "stack", F | O },
		{ "exec,exit", 0 },
		{ "cause=munmap", U },
		{ "cause=munmap,fault", U | F },
		/* i386 has one that the kernel takes for another call */
		{ "cause=mmap", M | O },
		{ "cause=pkey_mprotect", P },
		{ "cause=madvise", O },
		{ "cause=syscall", ALL & ~F },
		{ "cause=exec", O },
		{ "cause=!fault", ALL & ~F },
		{ "cause=!syscall", F },
		{ "cause=!brk,munmap", ALL & ~(B | U) },
		/* mmap2 is still wanted, and so is pkey_mprotect */
		{ "cause=!mmap,mprotect", ALL },
		{ "cause=!mmap,mmap2,mprotect,pkey_mprotect", ALL & ~(M | P) },
		{ "cause=!madvise", ALL },
		{ "region=heap", ALL },
		{ "grow cause=brk,mmap", B },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(chains) / sizeof(chains[0]); i++) {
		struct filter f = { 0 };

		add_all(&f, chains[i].words);
		if (filter_chain_causes(&f) != chains[i].causes)
			fail_msg("'%s' asks for chains of 0x%x, not 0x%x", chains[i].words,
				 filter_chain_causes(&f), chains[i].causes);
		filter_free(&f);
	}
}

/* One thread can be asked for; of two, chains of all are. */
static void test_chains_of_threads(void **state)
{
	struct filter f = { 0 };
	struct buf why = { 0 };

	(void)state;
	assert_int_equal(filter_chain_tid(&f), 0);
	assert_true(filter_add_tids(&f, "17", &why));
	assert_int_equal(filter_chain_tid(&f), 17);
	assert_true(filter_add_tids(&f, "18", &why));
	assert_int_equal(filter_chain_tid(&f), 0);
	filter_free(&f);
}

/* What belongs to the event before is looked at as well. */
static void test_held(void **state)
{
	struct out_event e = {
		.ev = &samples[NOTHING].ev, .why = &samples[NOTHING].why, .before = &scene,
		.after = &scene, .held = &samples[MMAP].effects[0],
	};
	struct filter f = { 0 };

	(void)state;
	prepare();
	add(&f, "map");
	assert_true(filter_wants(&f, &e));
	add(&f, "!map");
	assert_false(filter_wants(&f, &e));
	filter_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_shown_with_chains),
		cmocka_unit_test(test_chains),
		cmocka_unit_test(test_chains_of_threads),
		cmocka_unit_test(test_held),
	};

	return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
