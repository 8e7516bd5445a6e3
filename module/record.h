/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_RECORD_H
#define _VASMON_RECORD_H

#include <linux/sched.h>
#include <linux/timekeeping.h>

#include "fault.h"
#include "watch.h"
#include "why.h"

/* Who, in each pid namespace that a subscriber is in. */
static __always_inline void vasmon_record_ids(struct vasmon_space *space,
					      struct vasmon_record *rec)
{
	struct vasmon_watch *watch = space->watch;
	unsigned int i = 0;

	rec->nr_ns = watch->nr_ns;
	/* Mostly there is one subscriber, in the first one. */
	if (likely(watch->ns[0] == &init_pid_ns)) {
		rec->ids[0].pid = pid_nr(space->tgid);
		rec->ids[0].tgid = current->tgid;
		rec->ids[0].tid = vasmon_fault_tid(current->pid);
		i++;
	}
	for (; unlikely(i < rec->nr_ns); i++) {
		struct pid_namespace *ns = watch->ns[i];

		rec->ids[i].pid = ns ? pid_nr_ns(space->tgid, ns) : 0;
		rec->ids[i].tgid = ns ? task_tgid_nr_ns(current, ns) : 0;
		rec->ids[i].tid = ns ? task_pid_nr_ns(current, ns) : 0;
	}
}

/* What every record has: which, when, who, why. */
static __always_inline void vasmon_record_head(struct vasmon_space *space,
					       struct vasmon_record *rec,
					       const struct vasmon_why *why)
{
	rec->cause = why->cause;
	rec->flags = 0;
	rec->has = 0;
	rec->holds = false;
	rec->nr_old = 0;
	rec->nr_new = 0;
	rec->nr_chain = 0;
	rec->stack_size = 0;
	rec->seq = ++space->watch->seq;
	rec->time = ktime_get_boottime_ns();
	if (why->syscall >= 0) {
		rec->has = VASMON_HAS_SYSCALL;
		rec->syscall = why->syscall;
		rec->arch = why->arch;
		memcpy(rec->args, why->args, sizeof(rec->args));
	}
	memcpy(rec->comm, current->comm, sizeof(rec->comm));
	rec->comm[sizeof(rec->comm) - 1] = '\0';
	vasmon_record_ids(space, rec);
}

/* The fields of the mm that moved; the space takes them over. */
static __always_inline void vasmon_record_take_fields(struct vasmon_space *space,
						      struct vasmon_record *rec)
{
	bool whole = rec->cause == VASMON_CAUSE_EXEC || rec->cause == VASMON_CAUSE_FORK;
	unsigned long brk, start_brk, start_stack;

	if (likely(!whole && !vasmon_space_fields_moved(space)))
		return;
	brk = READ_ONCE(space->mm->brk);
	start_brk = READ_ONCE(space->mm->start_brk);
	start_stack = READ_ONCE(space->mm->start_stack);
	if (brk != space->brk || whole) {
		rec->has |= VASMON_HAS_BRK;
		rec->brk_from = space->brk;
		rec->brk = brk;
		space->brk = brk;
	}
	if (start_brk != space->start_brk || whole) {
		rec->has |= VASMON_HAS_START_BRK;
		rec->start_brk = start_brk;
		space->start_brk = start_brk;
	}
	if (start_stack != space->start_stack || whole) {
		rec->has |= VASMON_HAS_START_STACK;
		rec->start_stack = start_stack;
		space->start_stack = start_stack;
	}
}

unsigned long vasmon_record_put_chain(struct vasmon_space *space, struct vasmon_record *rec,
				      unsigned long at, bool first);

/**
 * vasmon_record_begin - begin an event
 * @space: what changed
 * @why: why
 * @nr_old: entries for old regions, at most VASMON_RING_OLD_MAX
 * @nr_new: entries for new regions, at most VASMON_RING_NEW_MAX, each of which
 *	may have a text for a name
 *
 * The entries are then put, each of them, and vasmon_record_end() is called.
 *
 * Context: under the watch's lock; the mmap lock held if there are regions.
 * Return: the record. Its flags may be changed until the lock is let go.
 */
static __always_inline struct vasmon_record *
vasmon_record_begin(struct vasmon_space *space, const struct vasmon_why *why,
		    unsigned int nr_old, unsigned int nr_new)
{
	struct vasmon_watch *watch = space->watch;
	unsigned long size = sizeof(struct vasmon_record) +
			     nr_new * (sizeof(struct vasmon_ring_region) +
				       VASMON_REGION_TEXT_MAX) +
			     nr_old * sizeof(struct vasmon_ring_old);
	struct vasmon_record *rec;

	if (unlikely(watch->chains.causes))
		size += (VASMON_REGISTERS + VASMON_CALLCHAIN_MAX) * sizeof(u64) +
			watch->chains.stack_size;
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
 * @first: is it the first that tells of a change? It alone brings the stack along
 *
 * Context: as vasmon_record_begin().
 */
static __always_inline void vasmon_record_end(struct vasmon_space *space,
					      struct vasmon_record *rec, char *texts,
					      unsigned long map_count, bool first)
{
	unsigned long size = ALIGN(texts - (char *)rec, 8);

	rec->map_count = map_count;
	vasmon_record_take_fields(space, rec);
	if (unlikely(space->watch->chains.causes))
		size += vasmon_record_put_chain(space, rec, size, first);
	if (!vasmon_fault_drop(space->watch, rec))
		vasmon_ring_commit(&space->watch->ring, rec, size);
	vasmon_watch_kick(space->watch);
}

struct vasmon_record *vasmon_record_fields(struct vasmon_space *space,
					   const struct vasmon_why *why);
void vasmon_record_exit(struct vasmon_space *space, u32 exit_code, bool end);
void vasmon_record_mark(struct vasmon_space *space, const char *text, unsigned int len);

char *vasmon_record_put_text(struct vasmon_record *rec, struct vasmon_ring_region *new,
			     const struct vm_area_struct *vma, char *texts);

/**
 * vasmon_record_put_old - write an old region
 * @old: its entry
 * @r: the region
 */
static __always_inline void vasmon_record_put_old(struct vasmon_ring_old *old,
						  const struct vasmon_region *r)
{
	old->start = r->start;
	old->end = r->end;
	old->flags = r->flags;
	old->pgoff = r->pgoff;
}

/**
 * vasmon_record_put_new - write a new region
 * @rec: begun
 * @new: its entry
 * @vma: the region
 * @r: the same
 * @texts: where its name goes if that is a text
 *
 * Context: the mmap lock held, for write or for read; does not sleep.
 * Return: where the next text goes.
 */
static __always_inline char *vasmon_record_put_new(struct vasmon_record *rec,
						   struct vasmon_ring_region *new,
						   const struct vm_area_struct *vma,
						   const struct vasmon_region *r, char *texts)
{
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
		rec->holds = true;
	}
	if (unlikely(vasmon_region_may_have_text(vma)))
		texts = vasmon_record_put_text(rec, new, vma, texts);
	return texts;
}

#endif /* _VASMON_RECORD_H */
