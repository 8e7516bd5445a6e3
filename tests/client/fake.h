/* SPDX-License-Identifier: GPL-2.0-only */
/* A tracker whose snapshots are made up, and that tells what it finds in a string. */
#ifndef VASMON_FAKE_H
#define VASMON_FAKE_H

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

static inline int fake_snapshot(struct tracker *t, uint32_t pid, struct mm *mm, struct space *space)
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

static inline int fake_processes(struct tracker *t, uint32_t **pids, size_t *n)
{
	(void)t;
	*pids = malloc(sizeof(processes));
	assert_non_null(*pids);
	memcpy(*pids, processes, sizeof(processes));
	*n = n_processes;
	return 0;
}

static inline void tell_pid(uint32_t pid)
{
	if (next.tell)
		buf_printf(&told, "%u ", pid);
}

static inline void fake_map(struct tracker *t, const struct tracker_process *p)
{
	(void)t;
	tell_pid(p->pid);
	buf_printf(&told, "map %zu;", p->space.n);
}

static inline void fake_event(struct tracker *t, const struct tracker_process *p,
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

static inline void fake_lost(struct tracker *t, const struct out_lost *lost)
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

static inline void fake_healed(struct tracker *t, const struct tracker_process *p)
{
	(void)t;
	tell_pid(p->pid);
	buf_printf(&told, "healed %zu;", p->space.n);
}

static inline void fake_mismatch(struct tracker *t, const struct event *ev, const char *what)
{
	(void)t;
	buf_printf(&told, "mismatch %llu %s;", (unsigned long long)ev->seq, what);
}

static const struct tracker_ops ops = {
	fake_snapshot, fake_processes, fake_map, fake_event, fake_lost, fake_healed,
	fake_mismatch, NULL,
};

/* A tracker whose first snapshot has @regions regions and the number @seq. */
static inline struct tracker start(unsigned int regions, bool has_seq, uint64_t seq)
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

static inline void is_told(const char *what)
{
	assert_string_equal(buf_str(&told), what);
	buf_reset(&told);
}

static inline int fake_teardown(void **state)
{
	(void)state;
	buf_free(&told);
	return 0;
}

#endif
