/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_RECORD_H
#define _VASMON_RECORD_H

#include <linux/sched.h>
#include <linux/timekeeping.h>

#include "fault.h"
#include "watch.h"
#include "why.h"

/* What every record has: which, when, who, why. */
static __always_inline void vasmon_record_head(struct vasmon_space *space,
					       struct vasmon_record *rec,
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
			rec->ids[i].tid = vasmon_fault_tid(current->pid);
		} else {
			rec->ids[i].pid = ns ? pid_nr_ns(space->tgid, ns) : 0;
			rec->ids[i].tgid = ns ? pid_nr_ns(task_tgid(current), ns) : 0;
			rec->ids[i].tid = ns ? pid_nr_ns(task_pid(current), ns) : 0;
		}
	}
}

/* The fields of the mm that moved; the space takes them over. */
static __always_inline void vasmon_record_take_fields(struct vasmon_space *space,
						      struct vasmon_record *rec)
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
static __always_inline struct vasmon_record *
vasmon_record_begin(struct vasmon_space *space, const struct vasmon_why *why,
		    unsigned int nr_old, unsigned int nr_new, unsigned int nr_texts)
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
static __always_inline void vasmon_record_end(struct vasmon_space *space,
					      struct vasmon_record *rec, char *texts,
					      unsigned long map_count)
{
	rec->map_count = map_count;
	vasmon_record_take_fields(space, rec);
	if (!vasmon_fault_drop(space->watch, rec))
		vasmon_ring_commit(&space->watch->ring, rec, ALIGN(texts - (char *)rec, 8));
	vasmon_watch_kick(space->watch);
}

struct vasmon_record *vasmon_record_fields(struct vasmon_space *space,
					   const struct vasmon_why *why);
void vasmon_record_exit(struct vasmon_space *space, u32 exit_code, bool end);

/**
 * vasmon_record_put_old - write an old region
 * @rec: begun
 * @i: its number
 * @r: the region
 */
static __always_inline void vasmon_record_put_old(struct vasmon_record *rec, unsigned int i,
						  const struct vasmon_region *r)
{
	struct vasmon_ring_old *old = &vasmon_record_old(rec)[i];

	old->start = r->start;
	old->end = r->end;
	old->flags = r->flags;
	old->pgoff = r->pgoff;
}

/**
 * vasmon_record_put_new - write a new region
 * @rec: begun
 * @i: its number
 * @vma: the region
 * @r: the same
 * @texts: where its name goes if that is a text
 *
 * Context: the mmap lock held, for write or for read; does not sleep.
 * Return: where the next text goes.
 */
static __always_inline char *vasmon_record_put_new(struct vasmon_record *rec, unsigned int i,
						   const struct vm_area_struct *vma,
						   const struct vasmon_region *r, char *texts)
{
	struct vasmon_ring_region *new = &rec->new[i];
	const char *name;

	new->start = r->start;
	new->end = r->end;
	new->flags = r->flags;
	new->pgoff = r->pgoff;
	new->file = NULL;
	new->text = 0;
	new->named = false;
	new->name_type = VASMON_NAME_TYPE_NONE;
	if (vma->vm_file) {
		new->file = get_file(vma->vm_file);
		new->name_type = VASMON_NAME_TYPE_FILE;
	}
	if (unlikely(vasmon_region_may_have_text(vma))) {
		new->name_type = vasmon_region_name_type(vma, &name);
		if (new->name_type > VASMON_NAME_TYPE_FILE) {
			new->text = texts - (char *)rec;
			strscpy(texts, name, VASMON_REGION_TEXT_MAX);
			texts += strlen(texts) + 1;
		}
	}
	return texts;
}

#endif /* _VASMON_RECORD_H */
