// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "check.h"
#include "tracker.h"

/* What the next snapshot answers, and what was reported. */
static struct {
	int err;
	bool has_seq;
	uint64_t seq;
	unsigned int regions;
	unsigned int snapshots;
	uint32_t gone;		/* a process that can not be dumped */
	bool tell;		/* report dumps, and pids */
} next;

static struct buf told;

static int fake_snapshot(struct tracker *t, uint32_t pid, struct mm *mm, struct space *space)
{
	uint64_t i;

	(void)t;
	next.snapshots++;
	if (next.tell)
		buf_printf(&told, "dump %u;", pid);
	*mm = (struct mm){ .pid = pid, .has_seq = next.has_seq, .seq = next.seq };
	*space = (struct space){ 0 };
	if (next.err || pid == next.gone)
		return next.err ? next.err : -ESRCH;
	for (i = 1; i <= next.regions; i++) {
		struct region r = check_region(i * 0x10000, i * 0x10000 + CHECK_PAGE, "rw-p");

		assert_int_equal(space_append(space, &r), 0);
	}
	return 0;
}

/* The processes that the kernel has in the watch. */
static uint32_t processes[4];
static size_t n_processes;

static int fake_processes(struct tracker *t, uint32_t **pids, size_t *n)
{
	(void)t;
	*pids = malloc(sizeof(processes));
	assert_non_null(*pids);
	memcpy(*pids, processes, sizeof(processes));
	*n = n_processes;
	return 0;
}

static void tell_pid(uint32_t pid)
{
	if (next.tell)
		buf_printf(&told, "%u ", pid);
}

static void fake_map(struct tracker *t, const struct tracker_process *p)
{
	(void)t;
	tell_pid(p->pid);
	buf_printf(&told, "map %zu;", p->space.n);
}

static void fake_event(struct tracker *t, const struct tracker_process *p,
		       const struct out_event *e)
{
	size_t i;

	(void)t;
	(void)p;
	tell_pid(e->pid);
	buf_printf(&told, "event %llu", (unsigned long long)e->ev->seq);
	if (e->deferred)
		buf_puts(&told, " deferred");
	if (e->held)
		buf_printf(&told, " after %s", explain_kind_name(e->held->kind));
	for (i = 0; e->ev->flags && i < e->why->n; i++)
		buf_printf(&told, " %s", explain_kind_name(e->why->v[i].kind));
	for (i = 0; i < e->why->n; i++) {
		if (e->why->v[i].kind == EFFECT_MOVE)
			buf_printf(&told, " moved %llx to %llx %s",
				   (unsigned long long)e->why->v[i].from_start,
				   (unsigned long long)e->why->v[i].start,
				   e->why->v[i].before->name);
	}
	buf_putc(&told, ';');
}

static void fake_lost(struct tracker *t, const struct out_lost *lost)
{
	(void)t;
	if (lost->held)
		buf_printf(&told, "held %s;", explain_kind_name(lost->held->kind));
	tell_pid(lost->pid);
	buf_printf(&told, "lost %s %llu", lost->reason, (unsigned long long)lost->missed);
	if (lost->why)
		buf_printf(&told, " (%llu-%llu: %zu)", (unsigned long long)lost->seq_from,
			   (unsigned long long)lost->seq_to, lost->why->n);
	buf_putc(&told, ';');
}

static void fake_healed(struct tracker *t, const struct tracker_process *p)
{
	(void)t;
	tell_pid(p->pid);
	buf_printf(&told, "healed %zu;", p->space.n);
}

static void fake_mismatch(struct tracker *t, const struct event *ev, const char *what)
{
	(void)t;
	buf_printf(&told, "mismatch %llu %s;", (unsigned long long)ev->seq, what);
}

static const struct tracker_ops ops = {
	fake_snapshot, fake_processes, fake_map, fake_event, fake_lost, fake_healed,
	fake_mismatch, NULL,
};

/* A tracker whose first snapshot has @regions regions and the number @seq. */
static struct tracker start(unsigned int regions, bool has_seq, uint64_t seq)
{
	struct tracker t = { .ops = &ops, .pid = 12, .watch_id = 1 };

	memset(&next, 0, sizeof(next));
	n_processes = 0;
	next.has_seq = has_seq;
	next.seq = seq;
	next.regions = regions;
	buf_reset(&told);
	assert_int_equal(tracker_start(&t), 0);
	return t;
}

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

static void is_told(const char *what)
{
	assert_string_equal(buf_str(&told), what);
	buf_reset(&told);
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
	assert_int_equal(plain(&t, 12, VASMON_CAUSE_EXIT, 0), 0);
	is_told("event 12;");
	assert_int_equal(t.v[0]->state, TRACKER_ENDED);
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

/* --- Several processes of one watch: 12 is the first. */

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
	is_told("12 event 32;");
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

static int teardown(void **state)
{
	(void)state;
	buf_free(&told);
	return 0;
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
		cmocka_unit_test(test_fork),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_follow_overrun),
		cmocka_unit_test(test_follow_unknown),
		cmocka_unit_test(test_follow_lost_fork),
		cmocka_unit_test(test_follow_torn),
	};

	return cmocka_run_group_tests_name("tracker", tests, NULL, teardown);
}
