// SPDX-License-Identifier: GPL-2.0-only
/* An event as it is written into the ring. */
#include <linux/sched.h>
#include <linux/timekeeping.h>

#include "record.h"

/* What every record has: which, when, who, why. */
static void vasmon_record_head(struct vasmon_watch *watch, struct vasmon_record *rec,
			       const struct vasmon_why *why)
{
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

		rec->ids[i].pid = ns ? pid_nr_ns(watch->tgid, ns) : 0;
		rec->ids[i].tgid = ns ? pid_nr_ns(task_tgid(current), ns) : 0;
		rec->ids[i].tid = ns ? pid_nr_ns(task_pid(current), ns) : 0;
	}
}

/* The fields of the mm that moved; the space takes them over. */
static void vasmon_record_fields(struct vasmon_space *space, struct vasmon_record *rec)
{
	unsigned long brk = READ_ONCE(space->mm->brk);
	unsigned long start_brk = READ_ONCE(space->mm->start_brk);
	unsigned long start_stack = READ_ONCE(space->mm->start_stack);

	rec->brk_from = space->brk;
	rec->brk = brk;
	rec->start_brk = start_brk;
	rec->start_stack = start_stack;
	if (rec->cause == VASMON_CAUSE_EXEC)
		rec->has |= VASMON_HAS_BRK | VASMON_HAS_START_BRK | VASMON_HAS_START_STACK;
	else
		rec->has |= (brk != space->brk ? VASMON_HAS_BRK : 0) |
			    (start_brk != space->start_brk ? VASMON_HAS_START_BRK : 0) |
			    (start_stack != space->start_stack ? VASMON_HAS_START_STACK : 0);
	space->brk = brk;
	space->start_brk = start_brk;
	space->start_stack = start_stack;
}

/* An entry for each new region, and the texts after all entries. Return: bytes. */
static unsigned long vasmon_record_regions(struct vasmon_record *rec,
					   const struct vasmon_change *change)
{
	char *text = vasmon_record_texts(rec);
	unsigned int i;

	memcpy(vasmon_record_old(rec), change->old, change->nr_old * sizeof(change->old[0]));
	for (i = 0; i < change->nr_new; i++) {
		struct vm_area_struct *vma = change->new[i];
		struct vasmon_ring_region *r = &rec->new[i];
		const char *name;

		r->start = vma->vm_start;
		r->end = vma->vm_end;
		r->flags = vma->vm_flags & ~VASMON_REGION_VM_IGNORED;
		r->pgoff = vma->vm_file ? vma->vm_pgoff : 0;
		r->file = vma->vm_file ? get_file(vma->vm_file) : NULL;
		r->text = 0;
		r->named = false;
		r->name_type = vasmon_region_name_type(vma, &name);
		if (r->name_type > VASMON_NAME_TYPE_FILE) {
			r->text = text - (char *)rec;
			text += strnlen(name, VASMON_REGION_TEXT_MAX - 1) + 1;
			strscpy((char *)rec + r->text, name, VASMON_REGION_TEXT_MAX);
		}
	}
	return ALIGN(text - (char *)rec, 8);
}

/* At most so many bytes; VASMON_RECORD_MAX at most. */
static unsigned long vasmon_record_size(const struct vasmon_change *change)
{
	unsigned long size = sizeof(struct vasmon_record) +
			     change->nr_new * sizeof(struct vasmon_ring_region) +
			     change->nr_old * sizeof(struct vasmon_ring_old);
	unsigned int i;

	for (i = 0; i < change->nr_new; i++) {
		const char *name;

		if (vasmon_region_name_type(change->new[i], &name) > VASMON_NAME_TYPE_FILE)
			size += VASMON_REGION_TEXT_MAX;
	}
	return ALIGN(size, 8);
}

/**
 * vasmon_record_write - write an event
 * @space: what changed; its shadow is the new map already
 * @why: why
 * @change: the regions, or NULL if only brk and the like did
 * @flags: mask of &enum vasmon_event_flag
 *
 * Context: under the watch's lock; the mmap lock held if there are regions.
 * Return: the record, whose flags may be changed before the lock is let go.
 */
struct vasmon_record *vasmon_record_write(struct vasmon_space *space,
					  const struct vasmon_why *why,
					  const struct vasmon_change *change, u8 flags)
{
	struct vasmon_watch *watch = space->watch;
	unsigned long size = sizeof(struct vasmon_record);
	struct vasmon_record *rec;

	if (change)
		size = vasmon_record_size(change);
	rec = vasmon_ring_reserve(&watch->ring, size, &watch->names);
	vasmon_record_head(watch, rec, why);
	vasmon_record_fields(space, rec);
	rec->flags = flags;
	rec->map_count = space->shadow.count;
	if (change) {
		rec->has |= VASMON_HAS_WINDOW;
		rec->start = change->start;
		rec->end = change->end;
		rec->old_count = change->old_count;
		rec->nr_old = change->nr_old;
		rec->nr_new = change->nr_new;
		if (change->new_count > change->nr_new)
			rec->flags |= VASMON_EVENT_FLAG_INCOMPLETE;
		size = vasmon_record_regions(rec, change);
	}
	vasmon_ring_commit(&watch->ring, rec, size);
	vasmon_watch_kick(watch);
	return rec;
}

/**
 * vasmon_record_write_exit - write the last event of a watch
 * @watch: its process has exited
 * @exit_code: as waitpid() has it
 *
 * Context: under the watch's lock.
 */
void vasmon_record_write_exit(struct vasmon_watch *watch, u32 exit_code)
{
	static const struct vasmon_why why = { .cause = VASMON_CAUSE_EXIT, .syscall = -1 };
	struct vasmon_record *rec;

	rec = vasmon_ring_reserve(&watch->ring, sizeof(*rec), &watch->names);
	vasmon_record_head(watch, rec, &why);
	rec->has = VASMON_HAS_WINDOW | VASMON_HAS_EXIT_CODE;
	rec->start = 0;
	rec->end = ULONG_MAX;
	rec->old_count = watch->space ? watch->space->shadow.count : 0;
	rec->map_count = 0;
	rec->exit_code = exit_code;
	vasmon_ring_commit(&watch->ring, rec, sizeof(*rec));
	vasmon_watch_kick(watch);
}
