// SPDX-License-Identifier: GPL-2.0-only
/* A watch of one process. */
#include "fake.h"

/* One more region, at the end: the event that a good kernel sends. */
static int grow(struct tracker *t, uint64_t seq, unsigned int to)
{
	struct region r = check_region(to * 0x10000ull, to * 0x10000ull + CHECK_PAGE, "rw-p");
	struct event ev = {
		.seq = seq, .cause = VASMON_CAUSE_SYSCALL, .has_window = true, .start = r.start,
		.end = r.end, .fresh = { .v = &r, .n = 1 }, .has_old_count = true,
		.has_map_count = true, .map_count = to,
	};

	return tracker_event(t, &ev);
}

static int plain(struct tracker *t, uint64_t seq, uint32_t cause, uint64_t lost)
{
	struct event ev = { .seq = seq, .cause = cause, .lost = lost };

	return tracker_event(t, &ev);
}

static void test_in_order(void **state)
{
	struct tracker t = start(2, true, 5);

	(void)state;
	is_told("map 2;");
	/* these are in the snapshot already */
	assert_int_equal(grow(&t, 4, 2), 0);
	assert_int_equal(grow(&t, 5, 2), 0);
	is_told("");
	assert_int_equal(grow(&t, 6, 3), 0);
	assert_int_equal(grow(&t, 7, 4), 0);
	is_told("event 6;event 7;");
	assert_int_equal(t.v[0]->space.n, 4);
	assert_int_equal(t.seq, 7);
	assert_int_equal(plain(&t, 8, VASMON_CAUSE_EXIT, 0), 0);
	is_told("event 8;");
	assert_int_equal(t.v[0]->state, TRACKER_ENDED);
	assert_int_equal(grow(&t, 9, 5), 0);
	is_told("");
	assert_int_equal(next.snapshots, 1);
	assert_int_equal(t.missed, 0);
	tracker_free(&t);
}

static void test_gap(void **state)
{
	struct tracker t = start(2, true, 5);

	(void)state;
	is_told("map 2;");
	next.regions = 6;
	next.seq = 10;
	assert_int_equal(grow(&t, 9, 5), 0);
	is_told("lost gap 3 (6-10: 4);healed 6;");
	/* on the way when the snapshot was taken */
	assert_int_equal(grow(&t, 10, 6), 0);
	is_told("");
	assert_int_equal(grow(&t, 11, 7), 0);
	is_told("event 11;");
	assert_int_equal(t.missed, 3);
	tracker_free(&t);
}

static void test_overrun(void **state)
{
	struct tracker t = start(2, true, 5);

	(void)state;
	is_told("map 2;");
	next.regions = 3;
	next.seq = 30;
	assert_int_equal(plain(&t, 25, VASMON_CAUSE_OVERRUN, 20), 0);
	is_told("lost overrun 20 (6-30: 1);healed 3;");
	/* told again about what is healed */
	assert_int_equal(plain(&t, 28, VASMON_CAUSE_OVERRUN, 3), 0);
	is_told("");
	assert_int_equal(grow(&t, 31, 4), 0);
	is_told("event 31;");
	assert_int_equal(t.missed, 20);
	tracker_free(&t);
}

static void test_resync_incomplete(void **state)
{
	struct tracker t = start(2, true, 5);
	struct event ev = { .seq = 7, .cause = VASMON_CAUSE_SYSCALL,
			    .flags = VASMON_EVENT_FLAG_INCOMPLETE };

	(void)state;
	is_told("map 2;");
	next.seq = 6;
	assert_int_equal(plain(&t, 6, VASMON_CAUSE_RESYNC, 0), 0);
	is_told("lost resync 0 (6-6: 0);healed 2;");
	next.seq = 7;
	next.regions = 9;
	assert_int_equal(tracker_event(&t, &ev), 0);
	is_told("lost incomplete 0 (7-7: 7);healed 9;");
	tracker_free(&t);
}

static void test_mismatch(void **state)
{
	struct tracker t = start(2, true, 5);

	(void)state;
	is_told("map 2;");
	next.seq = 6;
	next.regions = 4;
	assert_int_equal(grow(&t, 6, 4), 0);
	is_told("mismatch 6 the number of regions differs;"
		"lost mismatch 0 (6-6: 2);healed 4;");
	assert_int_equal(grow(&t, 7, 5), 0);
	is_told("event 7;");
	tracker_free(&t);
}

static void test_exec(void **state)
{
	struct region r = check_region(0x400000, 0x401000, "r-xp");
	struct event exec = { .seq = 6, .cause = VASMON_CAUSE_EXEC, .comm = "new",
			      .fresh = { .v = &r, .n = 1 }, .has_map_count = true,
			      .map_count = 1, .has_brk = true, .brk_from = 99, .brk_to = 0x500000,
			      .has_start_brk = true, .start_brk = 0x500000 };
	struct tracker t = start(2, true, 5);

	(void)state;
	is_told("map 2;");
	assert_int_equal(tracker_event(&t, &exec), 0);
	is_told("event 6;");
	assert_int_equal(t.v[0]->space.n, 1);
	assert_int_equal(t.v[0]->space.layout.brk, 0x500000);
	tracker_free(&t);

	/* The snapshot came in the middle of an exec: wait for its event. */
	t = start(2, false, 0);
	is_told("");
	assert_int_equal(t.v[0]->state, TRACKER_EXEC);
	assert_int_equal(grow(&t, 5, 3), 0);
	is_told("");
	assert_int_equal(tracker_event(&t, &exec), 0);
	is_told("event 6;map 1;");
	assert_int_equal(t.v[0]->state, TRACKER_LIVE);
	assert_int_equal(t.seq, 6);
	assert_string_equal(t.v[0]->mm.comm, "new");
	tracker_free(&t);

	/* ... and its new map was too large for an event. */
	t = start(2, false, 0);
	exec.flags = VASMON_EVENT_FLAG_INCOMPLETE;
	exec.fresh.n = 0;
	next.has_seq = true;
	next.seq = 6;
	next.regions = 40;
	assert_int_equal(tracker_event(&t, &exec), 0);
	is_told("lost incomplete 0 (1-6: 38);healed 40;");
	assert_int_equal(t.v[0]->state, TRACKER_LIVE);
	tracker_free(&t);

	/* ... or the module had no memory for the new map until later. */
	t = start(2, false, 0);
	assert_int_equal(plain(&t, 6, VASMON_CAUSE_RESYNC, 0), 0);
	is_told("lost resync 0 (1-0: 0);healed 2;");
	assert_int_equal(t.v[0]->state, TRACKER_EXEC);
	assert_int_equal(grow(&t, 7, 3), 0);
	is_told("");
	next.has_seq = true;
	next.seq = 8;
	next.regions = 5;
	assert_int_equal(plain(&t, 8, VASMON_CAUSE_RESYNC, 0), 0);
	is_told("lost resync 0 (8-8: 3);healed 5;");
	assert_int_equal(t.v[0]->state, TRACKER_LIVE);
	assert_int_equal(grow(&t, 9, 6), 0);
	is_told("event 9;");
	tracker_free(&t);
	/* ... but for a command that has not begun, there is nothing to be dumped yet. */
	t = start(2, false, 0);
	t.held = true;
	assert_int_equal(plain(&t, 6, VASMON_CAUSE_RESYNC, 0), 0);
	is_told("");
	tracker_free(&t);
}

static void test_ends_while_healing(void **state)
{
	struct tracker t = start(2, true, 5);

	(void)state;
	is_told("map 2;");
	next.err = -ESRCH;
	assert_int_equal(grow(&t, 9, 5), 0);
	is_told("lost gap 3;");
	assert_int_equal(t.v[0]->state, TRACKER_BLIND);
	assert_int_equal(grow(&t, 10, 6), 0);
	is_told("");
	/* 9 and 10 came, and had no map to go to; 11 did not come */
	assert_int_equal(plain(&t, 12, VASMON_CAUSE_EXIT, 0), 0);
	is_told("lost blind 3;event 12;");
	assert_int_equal(t.missed, 6);
	assert_int_equal(t.v[0]->state, TRACKER_ENDED);
	tracker_free(&t);

	/* what the snapshot has is not missed, though its events come later, or not at all */
	t = start(2, true, 5);
	is_told("map 2;");
	next.err = -ESRCH;
	assert_int_equal(tracker_heal(&t, "buffer"), 0);
	assert_int_equal(t.v[0]->state, TRACKER_BLIND);
	assert_int_equal(grow(&t, 4, 2), 0);
	is_told("");
	assert_int_equal(plain(&t, 8, VASMON_CAUSE_EXIT, 0), 0);
	is_told("lost blind 2;event 8;");
	assert_int_equal(t.missed, 2);
	tracker_free(&t);

	/* the last event tells that some before it are missing */
	t = start(2, true, 5);
	is_told("map 2;");
	assert_int_equal(plain(&t, 9, VASMON_CAUSE_EXIT, 0), 0);
	is_told("lost blind 3;event 9;");
	tracker_free(&t);

	/* another error is not kept back */
	t = start(2, true, 5);
	next.err = -EPERM;
	assert_int_equal(grow(&t, 9, 5), -EPERM);
	tracker_free(&t);

	/* nor is a module that counts backwards */
	t = start(2, true, 5);
	next.seq = 4;
	assert_int_equal(grow(&t, 9, 5), -EBADMSG);
	tracker_free(&t);
}

/* The socket's buffer was full: perhaps nothing was lost. */
static void test_heal(void **state)
{
	struct tracker t = start(2, true, 5);

	(void)state;
	is_told("map 2;");
	assert_int_equal(tracker_heal(&t, "buffer"), 0);
	is_told("");
	next.seq = 9;
	next.regions = 3;
	assert_int_equal(tracker_heal(&t, "buffer"), 0);
	is_told("lost buffer 4 (6-9: 1);healed 3;");
	assert_int_equal(t.missed, 4);
	tracker_free(&t);
}

/* A region from here to there: two events, told as one where they belong together. */
static void test_move(void **state)
{
	static const struct {
		int32_t call;
		bool up;		/* the old place is the lower one */
		bool torn;		/* what comes second is something else */
		const char *told;
	} table[] = {
		{ 25, true, false, "event 6 deferred unmap;event 7 moved 20000 to 90000 jit;" },
		{ 25, false, false, "event 6 deferred map;event 7 moved 20000 to 8000 jit;" },
		{ 9, true, false, "event 6 deferred unmap;event 7 after unmap;" },
		{ 25, true, true, "event 6 deferred unmap;held unmap;"
				  "lost gap 1 (7-9: 1);healed 2;" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct tracker t = start(2, true, 5);
		uint64_t to = table[i].up ? 0x90000 : 0x8000;
		char *name = strdup("jit");
		struct region was = check_region(0x20000, 0x21000, "rw-p"), is = was;
		struct event gone = { .cause = VASMON_CAUSE_SYSCALL, .has_syscall = true,
				      .syscall = table[i].call, .arch = 0xc000003e,
				      .has_window = true, .start = 0x20000, .end = 0x21000 };
		struct event come = gone, *first, *second;

		was.name_type = is.name_type = VASMON_NAME_TYPE_ANON;
		was.name = "jit";
		is.start = to;
		is.end = to + CHECK_PAGE;
		is.name = name;
		assert_int_equal(space_replace(&t.v[0]->space, 0x20000, 0x21000, &was, 1), 0);
		come.start = is.start;
		come.end = is.end;
		come.fresh = (struct regions){ .v = &is, .n = 1 };
		first = table[i].up ? &gone : &come;
		second = table[i].up ? &come : &gone;
		first->seq = 6;
		first->flags = VASMON_EVENT_FLAG_MORE;
		second->seq = 7 + table[i].torn;
		buf_reset(&told);
		assert_int_equal(tracker_event(&t, first), 0);
		/* A message does not stay until the next one. */
		if (!table[i].up)
			memset(name, 'x', 3);
		next.seq = 9;
		assert_int_equal(tracker_event(&t, second), 0);
		is_told(table[i].told);
		assert_int_equal(t.v[0]->space.n, 2);
		free(name);
		tracker_free(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_order),
		cmocka_unit_test(test_gap),
		cmocka_unit_test(test_overrun),
		cmocka_unit_test(test_resync_incomplete),
		cmocka_unit_test(test_mismatch),
		cmocka_unit_test(test_exec),
		cmocka_unit_test(test_ends_while_healing),
		cmocka_unit_test(test_heal),
		cmocka_unit_test(test_move),
	};

	return cmocka_run_group_tests_name("tracker", tests, NULL, fake_teardown);
}
