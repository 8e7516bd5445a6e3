// SPDX-License-Identifier: GPL-2.0-only
/* An event as it is written into the ring. */
#include <linux/sched.h>
#include <linux/timekeeping.h>

#include "record.h"

/* What every record has: which, when, who, why. */
static void vasmon_record_head(struct vasmon_space *space, struct vasmon_record *rec,
			       const struct vasmon_why *why)
{
	struct vasmon_watch *watch = space->watch;
	unsigned int i;

	rec->cause = why->cause;
	rec->flags = 0;
	rec->has = 0;
	rec->nr_ns = watch->nr_ns;
	rec->nr_old = 0;
	rec->nr_new = 0;
	rec->seq = ++watch->seq;
	rec->time = ktime_get_boottime_ns();
	if (why->syscall >= 0) {
		rec->has = VASMON_HAS_SYSCALL;
		rec->syscall = why->syscall;
		rec->arch = why->arch;
		memcpy(rec->args, why->args, sizeof(rec->args));
	}
	memcpy(rec->comm, current->comm, sizeof(rec->comm));
	rec->comm[sizeof(rec->comm) - 1] = '\0';
	for (i = 0; i < watch->nr_ns; i++) {
		struct pid_namespace *ns = watch->ns[i];

		if (ns == &init_pid_ns) {
			rec->ids[i].pid = pid_nr(space->tgid);
			rec->ids[i].tgid = current->tgid;
			rec->ids[i].tid = current->pid;
		} else {
			rec->ids[i].pid = ns ? pid_nr_ns(space->tgid, ns) : 0;
			rec->ids[i].tgid = ns ? pid_nr_ns(task_tgid(current), ns) : 0;
			rec->ids[i].tid = ns ? pid_nr_ns(task_pid(current), ns) : 0;
		}
	}
}

/* The fields of the mm that moved; the space takes them over. */
static void vasmon_record_take_fields(struct vasmon_space *space, struct vasmon_record *rec)
{
	unsigned long brk = READ_ONCE(space->mm->brk);
	unsigned long start_brk = READ_ONCE(space->mm->start_brk);
	unsigned long start_stack = READ_ONCE(space->mm->start_stack);
	bool whole = rec->cause == VASMON_CAUSE_EXEC || rec->cause == VASMON_CAUSE_FORK;

	if (brk != space->brk || whole) {
		rec->has |= VASMON_HAS_BRK;
		rec->brk_from = space->brk;
		rec->brk = brk;
		space->brk = brk;
	}
	if (unlikely(start_brk != space->start_brk || whole)) {
		rec->has |= VASMON_HAS_START_BRK;
		rec->start_brk = start_brk;
		space->start_brk = start_brk;
	}
	if (unlikely(start_stack != space->start_stack || whole)) {
		rec->has |= VASMON_HAS_START_STACK;
		rec->start_stack = start_stack;
		space->start_stack = start_stack;
	}
}

/**
 * vasmon_record_begin - begin an event
 * @space: what changed
 * @why: why
 * @nr_old: entries for old regions, at most VASMON_RING_OLD_MAX
 * @nr_new: entries for new regions, at most VASMON_RING_NEW_MAX
 * @nr_texts: how many of these may have a text for a name
 *
 * The entries are then put, each of them, and vasmon_record_end() is called.
 *
 * Context: under the watch's lock; the mmap lock held if there are regions.
 * Return: the record. Its flags may be changed until the lock is let go.
 */
struct vasmon_record *vasmon_record_begin(struct vasmon_space *space,
					  const struct vasmon_why *why, unsigned int nr_old,
					  unsigned int nr_new, unsigned int nr_texts)
{
	struct vasmon_watch *watch = space->watch;
	unsigned long size = sizeof(struct vasmon_record) +
			     nr_new * sizeof(struct vasmon_ring_region) +
			     nr_old * sizeof(struct vasmon_ring_old) +
			     ALIGN(nr_texts * VASMON_REGION_TEXT_MAX, 8);
	struct vasmon_record *rec;

	rec = vasmon_ring_reserve(&watch->ring, size, &watch->names);
	vasmon_record_head(space, rec, why);
	rec->nr_old = nr_old;
	rec->nr_new = nr_new;
	return rec;
}

/**
 * vasmon_record_end - let an event be seen
 * @space: what changed
 * @rec: begun, its entries put
 * @texts: the end of its texts
 * @map_count: number of regions after it
 *
 * Context: as vasmon_record_begin().
 */
void vasmon_record_end(struct vasmon_space *space, struct vasmon_record *rec, char *texts,
		       unsigned long map_count)
{
	rec->map_count = map_count;
	vasmon_record_take_fields(space, rec);
	vasmon_ring_commit(&space->watch->ring, rec, ALIGN(texts - (char *)rec, 8));
	vasmon_watch_kick(space->watch);
}

/**
 * vasmon_record_fields - write an event in which no region changed
 * @space: of which brk or the like did
 * @why: why
 *
 * Context: under the watch's lock; does not sleep.
 * Return: as vasmon_record_begin().
 */
struct vasmon_record *vasmon_record_fields(struct vasmon_space *space,
					   const struct vasmon_why *why)
{
	struct vasmon_record *rec = vasmon_record_begin(space, why, 0, 0, 0);

	vasmon_record_end(space, rec, vasmon_record_texts(rec), space->shadow.count);
	return rec;
}

/**
 * vasmon_record_exit - write the last event of a process
 * @space: it has exited
 * @exit_code: as waitpid() has it
 * @end: is it the last event of the watch?
 *
 * Context: under the watch's lock; does not sleep.
 */
void vasmon_record_exit(struct vasmon_space *space, u32 exit_code, bool end)
{
	static const struct vasmon_why why = { .cause = VASMON_CAUSE_EXIT, .syscall = -1 };
	struct vasmon_watch *watch = space->watch;
	struct vasmon_record *rec;

	rec = vasmon_ring_reserve(&watch->ring, sizeof(*rec), &watch->names);
	vasmon_record_head(space, rec, &why);
	rec->has = VASMON_HAS_WINDOW | VASMON_HAS_EXIT_CODE;
	rec->flags = end ? VASMON_EVENT_FLAG_END : 0;
	rec->start = 0;
	rec->end = ULONG_MAX;
	rec->old_count = space->shadow.count;
	rec->map_count = 0;
	rec->exit_code = exit_code;
	vasmon_ring_commit(&watch->ring, rec, sizeof(*rec));
	vasmon_watch_kick(watch);
}
