// SPDX-License-Identifier: GPL-2.0-only
/* Several processes of one watch: 12 is the first. */
#include "fake.h"

#define CHILD	15

static struct tracker start_follow(void)
{
	struct tracker t = { .ops = &ops, .pid = 12, .watch_id = 1, .follow = true };

	memset(&next, 0, sizeof(next));
	n_processes = 0;
	next.has_seq = true;
	next.seq = 5;
	next.regions = 2;
	next.tell = true;
	buf_reset(&told);
	assert_int_equal(tracker_start(&t), 0);
	is_told("dump 12;12 map 2;");
	return t;
}

static int grow_of(struct tracker *t, uint32_t pid, uint64_t seq, unsigned int to)
{
	struct region r = check_region(to * 0x10000ull, to * 0x10000ull + CHECK_PAGE, "rw-p");
	struct event ev = {
		.seq = seq, .pid = pid, .cause = VASMON_CAUSE_SYSCALL, .has_window = true,
		.start = r.start, .end = r.end, .fresh = { .v = &r, .n = 1 },
		.has_old_count = true, .has_map_count = true, .map_count = to,
	};

	return tracker_event(t, &ev);
}

static int plain_of(struct tracker *t, uint32_t pid, uint64_t seq, uint32_t cause, uint64_t lost,
		    uint32_t flags)
{
	struct event ev = {
		.seq = seq, .pid = pid, .cause = cause, .lost = lost, .flags = flags,
	};

	return tracker_event(t, &ev);
}

/* A part of a whole map: its @n-th region, with the window up to the next part. */
static int whole_of(struct tracker *t, uint32_t pid, uint64_t seq, uint32_t cause, unsigned int n,
		    bool more)
{
	struct region r = check_region(n * 0x10000ull, n * 0x10000ull + CHECK_PAGE, "rw-p");
	struct event ev = {
		.seq = seq, .pid = pid, .tgid = 12, .cause = cause, .has_window = true,
		.start = n > 1 ? r.start : 0, .end = more ? r.end : UINT64_MAX,
		.fresh = { .v = &r, .n = 1 }, .has_old_count = true,
		.has_map_count = true, .map_count = n,
		.flags = more ? VASMON_EVENT_FLAG_MORE : 0,
	};

	if (n == 1)
		ev.end = UINT64_MAX;
	return tracker_event(t, &ev);
}

static size_t regions_of(struct tracker *t, uint32_t pid)
{
	const struct tracker_process *p = tracker_find(t, pid);

	return p ? p->space.n : SIZE_MAX;
}

static void test_fork(void **state)
{
	struct tracker t = start_follow();

	(void)state;
	assert_int_equal(whole_of(&t, CHILD, 6, VASMON_CAUSE_FORK, 1, true), 0);
	assert_int_equal(whole_of(&t, CHILD, 7, VASMON_CAUSE_FORK, 2, true), 0);
	assert_int_equal(whole_of(&t, CHILD, 8, VASMON_CAUSE_FORK, 3, false), 0);
	is_told("15 event 6 deferred fork;15 event 7 deferred fork;15 event 8;");
	assert_int_equal(regions_of(&t, CHILD), 3);
	assert_int_equal(regions_of(&t, 12), 2);
	assert_int_equal(t.n, 2);
	assert_int_equal(grow_of(&t, 12, 9, 3), 0);
	assert_int_equal(grow_of(&t, CHILD, 10, 4), 0);
	is_told("12 event 9;15 event 10;");
	/* it starts a program */
	assert_int_equal(whole_of(&t, CHILD, 11, VASMON_CAUSE_EXEC, 1, true), 0);
	assert_int_equal(whole_of(&t, CHILD, 12, VASMON_CAUSE_EXEC, 2, false), 0);
	is_told("15 event 11 deferred exec;15 event 12;");
	assert_int_equal(regions_of(&t, CHILD), 2);
	/* the first one ends, the watch does not */
	assert_int_equal(plain_of(&t, 12, 13, VASMON_CAUSE_EXIT, 0, 0), 0);
	is_told("12 event 13;");
	assert_false(t.ended);
	assert_null(tracker_find(&t, 12));
	/* a child of vfork is there once it starts a program */
	assert_int_equal(whole_of(&t, 7, 14, VASMON_CAUSE_EXEC, 1, false), 0);
	is_told("7 event 14;");
	assert_int_equal(plain_of(&t, CHILD, 15, VASMON_CAUSE_EXIT, 0, 0), 0);
	assert_int_equal(plain_of(&t, 7, 16, VASMON_CAUSE_EXIT, 0, VASMON_EVENT_FLAG_END), 0);
	is_told("15 event 15;7 event 16 exit;");
	assert_true(t.ended);
	assert_int_equal(t.missed, 0);
	assert_int_equal(next.snapshots, 1);
	tracker_free(&t);
}

/* More children than there is room for at first, and all the ways to end. */
static void test_many(void **state)
{
	struct tracker t = start_follow();
	uint64_t seq = 5;
	uint32_t pid;

	(void)state;
	for (pid = 200; pid > 100; pid--)
		assert_int_equal(whole_of(&t, pid, ++seq, VASMON_CAUSE_FORK, 1, false), 0);
	assert_int_equal(t.n, 101);
	for (pid = 101; pid <= 200; pid++) {
		assert_int_equal(grow_of(&t, pid, ++seq, 2), 0);
		assert_int_equal(regions_of(&t, pid), 2);
	}
	for (pid = 101; pid <= 200; pid += 2)
		assert_int_equal(plain_of(&t, pid, ++seq, VASMON_CAUSE_EXIT, 0, 0), 0);
	assert_int_equal(t.n, 51);
	for (pid = 102; pid <= 200; pid += 2)
		assert_int_equal(regions_of(&t, pid), 2);
	/* an id is used again, and the end of the one before was not seen */
	assert_int_equal(whole_of(&t, 102, ++seq, VASMON_CAUSE_FORK, 1, false), 0);
	assert_int_equal(regions_of(&t, 102), 1);
	assert_int_equal(t.n, 51);
	tracker_free(&t);
}

/* All maps are dumped anew, and what is lost is counted once. */
static void test_follow_overrun(void **state)
{
	struct tracker t = start_follow();

	(void)state;
	assert_int_equal(whole_of(&t, CHILD, 6, VASMON_CAUSE_FORK, 1, false), 0);
	is_told("15 event 6;");
	next.seq = 20;
	next.regions = 3;
	assert_int_equal(plain_of(&t, 12, 16, VASMON_CAUSE_OVERRUN, 10, 0), 0);
	is_told("dump 12;12 lost overrun 10 (7-20: 1);12 healed 3;"
		"dump 15;15 lost overrun 0 (7-20: 2);15 healed 3;");
	assert_int_equal(t.missed, 10);
	assert_int_equal(t.coalesced, 14);
	/* on the way when the dumps were taken */
	assert_int_equal(grow_of(&t, CHILD, 17, 2), 0);
	assert_int_equal(plain_of(&t, 12, 19, VASMON_CAUSE_OVERRUN, 2, 0), 0);
	assert_int_equal(grow_of(&t, 12, 20, 3), 0);
	is_told("");
	assert_int_equal(grow_of(&t, CHILD, 21, 4), 0);
	is_told("15 event 21;");

	/* one vanishes meanwhile: the other one heals all the same */
	next.seq = 30;
	next.regions = 6;
	next.gone = 12;
	assert_int_equal(plain_of(&t, 12, 25, VASMON_CAUSE_OVERRUN, 4, 0), 0);
	is_told("dump 12;12 lost overrun 4;dump 15;15 lost overrun 0 (22-30: 2);15 healed 6;");
	assert_true(tracker_waits_blind(&t));
	assert_int_equal(grow_of(&t, 12, 31, 9), 0);
	is_told("");
	/* its last event comes after all */
	assert_int_equal(plain_of(&t, 12, 32, VASMON_CAUSE_EXIT, 0, 0), 0);
	is_told("12 lost blind 1;12 event 32;");
	assert_false(tracker_waits_blind(&t));
	assert_int_equal(grow_of(&t, CHILD, 33, 7), 0);
	is_told("15 event 33;");

	/* the last one vanishes, and its last event was lost as well */
	next.gone = CHILD;
	assert_int_equal(plain_of(&t, 12, 40, VASMON_CAUSE_OVERRUN, 7, 0), 0);
	is_told("dump 15;15 lost overrun 7;");
	assert_false(t.ended);
	tracker_give_up(&t);
	assert_true(t.ended);
	tracker_free(&t);
}

/* Children that came while nobody looked. */
static void test_follow_unknown(void **state)
{
	struct tracker t = start_follow();

	(void)state;
	next.seq = 20;
	assert_int_equal(plain_of(&t, 12, 16, VASMON_CAUSE_OVERRUN, 11, 0), 0);
	is_told("dump 12;12 lost overrun 11 (6-20: 0);12 healed 2;");
	/* forked while healing: its event came behind the dump of its parent */
	assert_int_equal(whole_of(&t, CHILD, 17, VASMON_CAUSE_FORK, 1, false), 0);
	assert_int_equal(grow_of(&t, CHILD, 18, 2), 0);
	is_told("15 event 17;15 event 18;");
	assert_int_equal(grow_of(&t, 12, 19, 2), 0);
	is_told("");
	/* the event that told of it was lost: the dump has this one as well */
	next.seq = 21;
	next.regions = 4;
	assert_int_equal(grow_of(&t, 16, 20, 9), 0);
	is_told("dump 16;16 map 4;");
	assert_int_equal(grow_of(&t, 16, 21, 4), 0);
	is_told("");
	assert_int_equal(grow_of(&t, 16, 22, 5), 0);
	is_told("16 event 22;");
	/* ... and it has ended already */
	next.gone = 17;
	assert_int_equal(grow_of(&t, 17, 23, 9), 0);
	is_told("dump 17;");
	assert_int_equal(plain_of(&t, 17, 24, VASMON_CAUSE_EXIT, 0, 0), 0);
	is_told("17 event 24;");
	/* the first part of its map was lost */
	next.seq = 26;
	next.regions = 3;
	assert_int_equal(whole_of(&t, 18, 25, VASMON_CAUSE_FORK, 2, true), 0);
	is_told("dump 18;18 lost incomplete 0 (25-26: 3);18 healed 3;");
	assert_int_equal(whole_of(&t, 18, 26, VASMON_CAUSE_FORK, 3, false), 0);
	is_told("");
	/* its map does not fit into events */
	next.seq = 27;
	assert_int_equal(plain_of(&t, 19, 27, VASMON_CAUSE_FORK, 0,
				  VASMON_EVENT_FLAG_INCOMPLETE), 0);
	is_told("dump 19;19 lost incomplete 0 (27-27: 3);19 healed 3;");
	/* one without an id here can not be asked for */
	assert_int_equal(grow_of(&t, 0, 28, 2), 0);
	is_told("");
	assert_int_equal(grow_of(&t, 19, 29, 4), 0);
	is_told("19 event 29;");
	tracker_free(&t);
}

/* Their forks were among what was lost, and they do nothing that would tell of them. */
static void test_follow_lost_fork(void **state)
{
	static const uint32_t now[] = { 17, 12, CHILD, 0 };
	struct tracker t = start_follow();

	(void)state;
	assert_int_equal(whole_of(&t, CHILD, 6, VASMON_CAUSE_FORK, 1, false), 0);
	is_told("15 event 6;");
	memcpy(processes, now, sizeof(now));
	n_processes = 4;
	next.seq = 20;
	next.regions = 3;
	assert_int_equal(plain_of(&t, 12, 16, VASMON_CAUSE_OVERRUN, 10, 0), 0);
	is_told("dump 12;12 lost overrun 10 (7-20: 1);12 healed 3;"
		"dump 15;15 lost overrun 0 (7-20: 2);15 healed 3;dump 17;17 map 3;");
	/* forked after what was lost: its event comes behind the dump, which has it */
	assert_int_equal(whole_of(&t, 17, 18, VASMON_CAUSE_FORK, 1, false), 0);
	is_told("");
	assert_int_equal(regions_of(&t, 17), 3);
	/* one that ends while it is asked for */
	processes[0] = 18;
	next.gone = 18;
	next.seq = 30;
	assert_int_equal(plain_of(&t, 12, 25, VASMON_CAUSE_OVERRUN, 5, 0), 0);
	is_told("dump 12;12 lost overrun 5 (21-30: 0);12 healed 3;dump 15;15 lost overrun 0 (21-30: 0);"
		"15 healed 3;dump 17;17 lost overrun 0 (21-30: 0);17 healed 3;dump 18;");
	assert_int_equal(t.n, 3);
	tracker_free(&t);
}

/* In the middle of a map in parts, and of a dump in the middle of an exec. */
static void test_follow_torn(void **state)
{
	struct tracker t = start_follow();

	(void)state;
	assert_int_equal(whole_of(&t, CHILD, 6, VASMON_CAUSE_FORK, 1, true), 0);
	is_told("15 event 6 deferred fork;");
	next.seq = 9;
	next.regions = 3;
	assert_int_equal(plain_of(&t, 12, 8, VASMON_CAUSE_OVERRUN, 2, 0), 0);
	is_told("dump 12;12 lost overrun 2 (7-9: 1);12 healed 3;"
		"dump 15;held fork;15 lost overrun 0 (7-9: 2);15 healed 3;");
	assert_int_equal(grow_of(&t, CHILD, 9, 3), 0);
	assert_int_equal(grow_of(&t, CHILD, 10, 4), 0);
	is_told("15 event 10;");

	/* a gap: those whose maps lack something are healed, who ends is not asked */
	next.seq = 13;
	next.regions = 5;
	assert_int_equal(plain_of(&t, 12, 13, VASMON_CAUSE_EXIT, 0, 0), 0);
	is_told("12 lost blind 2;dump 15;15 lost gap 0 (11-13: 1);15 healed 5;12 event 13;");

	/* the dump finds it in the middle of an exec: nothing until that event */
	next.has_seq = false;
	assert_int_equal(plain_of(&t, CHILD, 15, VASMON_CAUSE_OVERRUN, 2, 0), 0);
	is_told("dump 15;15 lost overrun 2 (14-13: 0);15 healed 5;");
	assert_int_equal(t.v[0]->state, TRACKER_EXEC);
	assert_int_equal(grow_of(&t, CHILD, 16, 6), 0);
	is_told("");
	assert_int_equal(whole_of(&t, CHILD, 17, VASMON_CAUSE_EXEC, 1, true), 0);
	assert_int_equal(whole_of(&t, CHILD, 18, VASMON_CAUSE_EXEC, 2, false), 0);
	is_told("15 event 17 deferred exec;15 event 18;");
	assert_int_equal(t.v[0]->state, TRACKER_LIVE);
	assert_int_equal(regions_of(&t, CHILD), 2);

	/* the recording, or the watch, ends in the middle of a map in parts */
	assert_int_equal(whole_of(&t, 16, 19, VASMON_CAUSE_FORK, 1, true), 0);
	is_told("16 event 19 deferred fork;");
	tracker_finish(&t);
	is_told("16 event 19 fork;");
	tracker_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fork),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_follow_overrun),
		cmocka_unit_test(test_follow_unknown),
		cmocka_unit_test(test_follow_lost_fork),
		cmocka_unit_test(test_follow_torn),
	};

	return cmocka_run_group_tests_name("follow", tests, NULL, fake_teardown);
}
