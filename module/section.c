// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a section under the mmap lock held for write has changed.
 *
 * The arguments of the system call, or where the kernel found room, tell which
 * window to compare: the cost does not depend on how many regions there are.
 * Then the totals are compared. Where the window is not known, or the totals
 * differ, everything is compared.
 */
#include <linux/module.h>
#include <linux/sched/mm.h>

#include "section.h"
#include "throttle.h"
#include "window.h"

static bool vasmon_section_verify;
module_param_named(verify, vasmon_section_verify, bool, 0644);
MODULE_PARM_DESC(verify, "Compare the whole map after each change, and warn where the window that was compared did not hold all (default 0; costs time by the number of regions)");

static __always_inline struct vm_area_struct *vasmon_section_see(struct vasmon_section_walk *walk,
								 struct vm_area_struct *vma)
{
	if (likely(vma)) {
		if (walk->seen < ARRAY_SIZE(walk->vma))
			walk->vma[walk->seen] = vma;
		walk->seen++;
	}
	return vma;
}

static __always_inline const void *vasmon_section_next(void *data)
{
	struct vasmon_section_walk *walk = data;

	return vasmon_section_see(walk, mas_next(&walk->mas, ULONG_MAX));
}

static __always_inline const void *vasmon_section_after(void *data, unsigned long addr,
							unsigned long to)
{
	struct vasmon_section_walk *walk = data;
	struct vm_area_struct *vma;

	mas_set(&walk->mas, addr);
	walk->seen = 0;
	vma = mas_walk(&walk->mas);
	/* A gap, of which the tree has told the end. */
	if (!vma && walk->mas.last < to - 1)
		vma = mas_next(&walk->mas, ULONG_MAX);
	return vasmon_section_see(walk, vma);
}

static __always_inline unsigned long vasmon_section_start(const void *new)
{
	return ((const struct vm_area_struct *)new)->vm_start;
}

static __always_inline unsigned long vasmon_section_stop(const void *new)
{
	return ((const struct vm_area_struct *)new)->vm_end;
}

static __always_inline bool vasmon_section_equal(const void *new, const struct vasmon_region *r)
{
	struct vasmon_region n;

	vasmon_region_from_vma(&n, new);
	return vasmon_region_equal(&n, r);
}

static const struct vasmon_replace_ops vasmon_section_walk_ops = {
	.after = vasmon_section_after,
	.next = vasmon_section_next,
	.start = vasmon_section_start,
	.end = vasmon_section_stop,
	.equal = vasmon_section_equal,
};

/**
 * vasmon_section_init - before the first section
 * @section: of a new watch
 */
void vasmon_section_init(struct vasmon_section *section)
{
	MA_STATE(mas, NULL, 0, 0);

	section->walk.mas = mas;
}

/*
 * Get nodes where the spare ones do not suffice. Nothing is allocated under a
 * raw spinlock, so the watch's lock is given up meanwhile: the caller holds the
 * mmap lock, which keeps the map, and looks anew whether the space is retired.
 * On PREEMPT_RT a probe can not allocate at all; the worker will.
 */
static void vasmon_section_refill(struct vasmon_space *space, unsigned long nodes)
{
	struct vasmon_shadow fresh = { };

	lockdep_assert_held(&space->watch->lock);
	if (IS_ENABLED(CONFIG_PREEMPT_RT) || space->shadow.spares >= nodes)
		return;
	raw_spin_unlock(&space->watch->lock);
	vasmon_shadow_reserve(&fresh, nodes, GFP_NOWAIT | __GFP_NOWARN);
	raw_spin_lock(&space->watch->lock);
	vasmon_shadow_give(&space->shadow, &fresh);
}

/* Let a node of the shadow hold a VMA. */
static __always_inline void vasmon_section_take(struct vasmon_space *space,
						struct vasmon_shadow_node *node,
						const struct vm_area_struct *vma)
{
	struct vasmon_region r;

	vasmon_region_from_vma(&r, vma);
	vasmon_shadow_set(&space->shadow, node, &r);
}

/**
 * vasmon_section_rebase - take the map as it is for the last reported one
 * @space: stale; stays so if there is no memory
 *
 * Context: under the watch's lock, which is given up meanwhile, so that the watch
 * may have ended afterwards; under the mmap lock; does not sleep.
 */
void vasmon_section_rebase(struct vasmon_space *space)
{
	struct vasmon_shadow_node *node;
	struct vm_area_struct *vma;
	MA_STATE(mas, &space->mm->mm_mt, 0, 0);

	while ((node = vasmon_shadow_first(&space->shadow)))
		vasmon_shadow_erase(&space->shadow, node);
	vasmon_section_refill(space, space->mm->map_count);
	if (space->retired || !space->stale)
		return;
	mas_for_each(&mas, vma, ULONG_MAX) {
		node = vasmon_shadow_insert(&space->shadow, NULL);
		if (!node) {
			vasmon_watch_kick(space->watch);
			return;
		}
		vasmon_section_take(space, node, vma);
	}
	vasmon_space_set_fields(space);
	WRITE_ONCE(space->stale, false);
}

/* Begin to examine. */
static __always_inline void vasmon_section_prepare(struct vasmon_section *section,
						   struct vasmon_space *space)
{
	section->space = space;
	section->last = NULL;
	section->records = 0;
	section->lost = false;
	section->walk.mas.tree = &space->mm->mm_mt;
	vasmon_why_get(&section->why, space->mm);
}

/* The section's next record; if it has one already, that says that more follows. */
static void vasmon_section_note(struct vasmon_section *section, struct vasmon_record *rec)
{
	if (section->last)
		section->last->flags |= VASMON_EVENT_FLAG_MORE;
	section->last = rec;
	section->records++;
}

/**
 * vasmon_section_lose - the shadow no longer holds
 * @space: becomes stale; subscribers are told to dump the map anew
 *
 * Context: under the watch's lock; does not sleep.
 */
void vasmon_section_lose(struct vasmon_space *space)
{
	struct vasmon_why why;

	vasmon_why_get(&why, space->mm);
	why.cause = VASMON_CAUSE_RESYNC;
	space->stale = true;
	vasmon_record_fields(space, &why);
}

/**
 * struct vasmon_section_part - one of the records that tell a change
 * @vmas: its new regions
 * @n: how many
 * @old: entries of old regions, if it is the first part
 * @first: is it the first part? Then it has the window
 * @put: shall the shadow take its new regions?
 * @last: is it known to be the last part?
 * @one: are @n and @old known to be 1 at most?
 * @count: number of regions after it
 */
struct vasmon_section_part {
	const struct vm_area_struct **vmas;
	unsigned int n;
	unsigned int old;
	bool first;
	bool put;
	bool last;
	bool one;
	unsigned long count;
};

static __always_inline void vasmon_section_write_part(struct vasmon_section *section,
						      struct vasmon_replace *rep,
						      const struct vasmon_section_part part)
{
	struct vasmon_space *space = section->space;
	struct vasmon_shadow_node *node = rep->old;
	struct vasmon_ring_old *old;
	struct vasmon_record *rec;
	struct vasmon_region r;
	unsigned int i;
	char *text;

	rec = vasmon_record_begin(space, &section->why, part.old, part.n);
	vasmon_section_note(section, rec);
	rec->has |= VASMON_HAS_WINDOW;
	if (part.first) {
		rec->start = rep->start;
		rec->end = rep->end;
		rec->old_count = rep->nr_old;
	} else {
		rec->start = part.vmas[0]->vm_start;
		rec->end = part.vmas[part.n - 1]->vm_end;
		rec->old_count = 0;
	}
	old = (struct vasmon_ring_old *)&rec->new[part.n];
	text = (char *)&old[part.old];
	for (i = 0; i < part.old; i++) {
		vasmon_record_put_old(&old[i], &node->region);
		if (part.one)
			break;
		if (i + 1 < part.old)
			node = vasmon_shadow_next(node);
	}
	for (i = 0; i < part.n; i++) {
		vasmon_region_from_vma(&r, part.vmas[i]);
		text = vasmon_record_put_new(rec, &rec->new[i], part.vmas[i], &r, text);
		if (part.put) {
			node = vasmon_replace_slot(&space->shadow, rep,
						   part.one || (part.last && i + 1 == part.n));
			vasmon_shadow_set(&space->shadow, node, &r);
		}
		if (part.one)
			break;
	}
	vasmon_record_end(space, rec, text, part.count, part.first);
}

/*
 * The most new regions that one change may tell. Half of the ring is what threads
 * can write before they wait for a lossless subscriber; one change shall not
 * take more than half of that.
 */
static unsigned long vasmon_section_most(const struct vasmon_watch *watch)
{
	unsigned long most = VASMON_RING_NEW_MAX * VASMON_SECTION_RECORDS;

	if (watch->lossless)
		most = min(most, watch->ring.size / 4 /
				 (VASMON_RECORD_MAX - VASMON_STACK_MAX + watch->chains.stack_size) *
				 VASMON_RING_NEW_MAX);
	return most;
}

/*
 * A change that does not fit into one record goes on in more: the first one has
 * the window, the old regions, and as many new ones as fit; each of the others
 * adds regions in a window of their own. If there are too many even for that,
 * one record says that the change is incomplete.
 */
static void vasmon_section_write_parts(struct vasmon_section *section,
				       struct vasmon_section_part part)
{
	struct vasmon_section_walk *walk = &section->walk;
	struct vasmon_replace *rep = &section->rep;
	unsigned long left = rep->nr_new;
	bool fits = left <= vasmon_section_most(section->space->watch);
	const struct vm_area_struct *vma = NULL;

	part.first = true;
	if (!fits || !left) {
		part.n = 0;
		part.count += left;
		vasmon_section_write_part(section, rep, part);
		if (!fits)
			section->last->flags |= VASMON_EVENT_FLAG_INCOMPLETE;
	}
	/* From the first one again: they were not all noted. */
	if (left)
		vma = vasmon_section_after(walk, rep->start, rep->end);
	while (left) {
		part.n = min_t(unsigned long, left, VASMON_RING_NEW_MAX);
		part.vmas = walk->vma;
		for (unsigned int i = 0; i < part.n; i++) {
			walk->vma[i] = vma;
			if (i + 1 < left)
				vma = vasmon_section_next(walk);
		}
		left -= part.n;
		if (fits) {
			part.count += part.n;
			vasmon_section_write_part(section, rep, part);
			part.first = false;
			part.old = 0;
		} else if (part.put) {
			struct vasmon_shadow *shadow = &section->space->shadow;

			for (unsigned int i = 0; i < part.n; i++)
				vasmon_section_take(section->space,
						    vasmon_replace_slot(shadow, rep, false),
						    part.vmas[i]);
		}
	}
}

/* Write section->rep, and turn the shadow into the new map. */
static noinline void vasmon_section_write_many(struct vasmon_section *section)
{
	struct vasmon_section_walk *walk = &section->walk;
	struct vasmon_replace *rep = &section->rep;
	struct vasmon_shadow *shadow = &section->space->shadow;
	struct vasmon_section_part part = {
		.old = rep->nr_old <= VASMON_RING_OLD_MAX ? rep->nr_old : 0,
		.put = true,
		.count = shadow->count - rep->nr_old,
	};

	if (rep->skip + rep->nr_new <= ARRAY_SIZE(walk->vma)) {
		part.vmas = &walk->vma[rep->skip];
		part.n = rep->nr_new;
		part.first = true;
		part.last = true;
		part.count += part.n;
		vasmon_section_write_part(section, rep, part);
	} else {
		vasmon_section_write_parts(section, part);
	}
	vasmon_replace_finish(shadow, rep);
}

/*
 * The same for @rep, of one old and one new region at most: what most changes
 * are, so it is worth its own copy.
 */
static __always_inline void vasmon_section_write_one(struct vasmon_section *section,
						     struct vasmon_replace *rep)
{
	struct vasmon_section_walk *walk = &section->walk;
	struct vasmon_shadow *shadow = &section->space->shadow;

	vasmon_section_write_part(section, rep, (struct vasmon_section_part){
		.vmas = &walk->vma[rep->skip],
		.n = rep->nr_new,
		.old = rep->nr_old,
		.first = true,
		.put = true,
		.last = true,
		.one = true,
		.count = shadow->count - rep->nr_old + rep->nr_new,
	});
	if (rep->nr_old)
		vasmon_shadow_erase(shadow, rep->old);
}

/*
 * As vasmon_section_refill(), for what was found. The watch has one section for
 * all its processes: another one's may use it while the lock is given up. So may
 * the ring, and the last record be overwritten.
 */
static noinline void vasmon_section_refill_found(struct vasmon_section *section,
						 unsigned long nodes)
{
	struct vasmon_section saved = *section;

	vasmon_section_refill(saved.space, nodes);
	*section = saved;
	section->last = NULL;
}

/*
 * Is what was found the growth of a stack, in a call that can not have asked for
 * it? Then it came from a page fault, while the kernel copied from or to there.
 */
static __always_inline bool vasmon_section_grew(const struct vasmon_section *section,
						const struct vasmon_replace *rep)
{
	return rep->nr_old == 1 && rep->nr_new == 1 &&
	       rep->old->region.flags & VM_GROWSDOWN && rep->start < rep->old->region.start &&
	       rep->end == rep->old->region.end && section->why.call != VASMON_CALL_MMAP &&
	       section->why.call != VASMON_CALL_MMAP_OLD &&
	       section->why.call != VASMON_CALL_MREMAP;
}

/* Compare a window, and report what differs. */
static void vasmon_section_examine(struct vasmon_section *section, unsigned long from,
				   unsigned long to)
{
	struct vasmon_space *space = section->space;
	struct vasmon_replace rep;
	bool refilled = false;

	if (section->lost)
		return;
	for (;;) {
		if (!vasmon_replace_find(&space->shadow, &vasmon_section_walk_ops,
					 &section->walk, from, to, &rep))
			return;
		if (likely(vasmon_replace_fits(&space->shadow, &rep)))
			break;
		if (!refilled)
			vasmon_section_refill_found(section, rep.nr_new - rep.nr_old);
		/* The lock was given up: an exec or exit may have come between. */
		if (space->retired || space->stale || refilled) {
			if (!space->retired && !space->stale)
				vasmon_section_lose(space);
			section->lost = true;
			return;
		}
		refilled = true;
	}
	if (unlikely(section->why.cause == VASMON_CAUSE_SYSCALL &&
		     vasmon_section_grew(section, &rep)))
		section->why.cause = VASMON_CAUSE_FAULT;
	if (likely(rep.nr_new <= 1 && rep.nr_old <= 1 && rep.skip < VASMON_RING_NEW_MAX)) {
		vasmon_section_write_one(section, &rep);
	} else {
		section->rep = rep;
		vasmon_section_write_many(section);
	}
}

/*
 * Do the totals agree? What a downgraded section has unmapped is still in
 * total_vm (@late); the number of regions is right already.
 */
static bool vasmon_section_totals(const struct vasmon_space *space, bool late)
{
	return space->shadow.count == space->mm->map_count &&
	       (late || space->shadow.bytes >> PAGE_SHIFT == READ_ONCE(space->mm->total_vm));
}

/*
 * A stack that grows: by a page fault in user mode, or while the kernel copies
 * from or to it during whatever call. Nothing else changes in such a section.
 * The stack is where the stack pointer is, or else everything is compared.
 * Return: true if that was it.
 */
static bool vasmon_section_stack(struct vasmon_section *section)
{
	struct vasmon_space *space = section->space;
	const struct vasmon_shadow_node *old;
	struct vm_area_struct *vma;

	if (section->why.cause != VASMON_CAUSE_FAULT && section->why.cause != VASMON_CAUSE_SYSCALL)
		return false;
	/* It can have mapped what joined the stack, and nobody knows where. */
	if (section->why.call == VASMON_CALL_MMAP_OLD)
		return false;
	mas_set(&section->walk.mas, vasmon_why_stack_pointer());
	vma = mas_find(&section->walk.mas, ULONG_MAX);
	if (!vma || !(vma->vm_flags & VM_GROWSDOWN))
		return false;
	/* It grew into what was free; the parts of a stack can become one again as well. */
	old = vasmon_shadow_after(&space->shadow, vma->vm_start);
	if (!old || old->region.end != vma->vm_end || old->region.start <= vma->vm_start)
		return false;
	section->why.cause = VASMON_CAUSE_FAULT;
	space->watch->effort[VASMON_EFFORT_STACK]++;
	vasmon_section_examine(section, vma->vm_start, vma->vm_end);
	return vasmon_section_totals(space, false);
}

/* Compare everything. */
static void vasmon_section_full(struct vasmon_section *section, enum vasmon_effort effort)
{
	section->space->watch->effort[effort]++;
	vasmon_section_examine(section, 0, ULONG_MAX);
}

/* Compare where it is known to be enough, and everything where it is not. */
static void vasmon_section_regions(struct vasmon_section *section, bool downgrade)
{
	struct vasmon_space *space = section->space;
	struct vasmon_watch *watch = space->watch;
	struct vasmon_windows *windows = &section->windows;
	unsigned int i;

	if (vasmon_window_get(&section->why, space->brk, READ_ONCE(space->mm->brk), &space->hint,
			      windows)) {
		watch->effort[VASMON_EFFORT_WINDOW]++;
		for (i = 0; i < windows->n; i++)
			vasmon_section_examine(section, windows->at[i].from, windows->at[i].to);
		/*
		 * A stack that grows downgrades as well, on the way out of such a call too:
		 * only what was unmapped is still in the total.
		 */
		if (vasmon_section_totals(space, downgrade && windows->late && section->records))
			return;
		if (vasmon_section_stack(section))
			return;
		vasmon_section_full(section, VASMON_EFFORT_FULL_TOTALS);
		return;
	}
	if (vasmon_section_stack(section))
		return;
	if (section->why.cause == VASMON_CAUSE_REMOTE || section->why.cause == VASMON_CAUSE_KERNEL)
		vasmon_section_full(section, VASMON_EFFORT_FULL_REMOTE);
	else
		vasmon_section_full(section, VASMON_EFFORT_FULL_CALL);
}

/* Parameter verify: was that all? */
static void vasmon_section_check(struct vasmon_section *section)
{
	unsigned int records = section->records;

	vasmon_section_examine(section, 0, ULONG_MAX);
	WARN(section->records != records,
	     "vasmon: a change was outside of its window: cause %d, syscall %d, arch %x\n",
	     section->why.cause, section->why.syscall,
	     section->why.syscall < 0 ? 0 : section->why.arch);
}

/**
 * vasmon_section_begin - nothing has changed yet
 * @space: its mmap lock was just taken for write
 *
 * A watch that has no map yet, or lost it, takes it now.
 *
 * Context: in a probe, the mmap lock held for write; does not sleep.
 */
void vasmon_section_begin(struct vasmon_space *space)
{
	WRITE_ONCE(space->writer, current);
	space->hint = (struct vasmon_window){ };
	/* In exit_mmap() there is nobody any more who could look at it. */
	if (likely(!READ_ONCE(space->stale)) || !atomic_read(&space->mm->mm_users))
		return;
	raw_spin_lock(&space->watch->lock);
	if (space->stale && !space->retired)
		vasmon_section_rebase(space);
	raw_spin_unlock(&space->watch->lock);
}

/**
 * vasmon_section_end - nothing will change any more
 * @space: its mmap lock is about to be given up, or downgraded
 * @downgrade: which
 *
 * Context: in a probe, the mmap lock held for write; does not sleep.
 */
void vasmon_section_end(struct vasmon_space *space, bool downgrade)
{
	struct vasmon_watch *watch = space->watch;
	struct vasmon_section *section = watch->section;

	WRITE_ONCE(space->writer, NULL);
	/* exit_mmap(): the tree is gone, and nobody can look at it. */
	if (!atomic_read(&space->mm->mm_users))
		return;
	raw_spin_lock(&watch->lock);
	if (space->retired)
		goto out;
	if (space->stale) {
		vasmon_section_rebase(space);
		goto out;
	}
	vasmon_section_prepare(section, space);
	vasmon_section_regions(section, downgrade);
	if (unlikely(READ_ONCE(vasmon_section_verify)))
		vasmon_section_check(section);
	/* A record of regions tells of brk as well. */
	if (!section->records && !section->lost && vasmon_space_fields_moved(space))
		vasmon_section_note(section, vasmon_record_fields(space, &section->why));
out:
	raw_spin_unlock(&watch->lock);
	/* Who changes another process may be who reads its events. */
	if (unlikely(READ_ONCE(watch->lossless)) && current->mm == space->mm)
		vasmon_throttle(watch);
}

/**
 * vasmon_section_fields - brk and the like may have changed
 * @space: its mmap lock is held for read, or for write
 *
 * prctl(PR_SET_MM) sets them under the mmap lock held for read. Other readers
 * may come by before its caller lets go of it; only the caller reports.
 *
 * Context: in a probe, that of a lock for read; does not sleep.
 */
void vasmon_section_fields(struct vasmon_space *space)
{
	struct vasmon_why why;

	if (current->mm != space->mm || !in_task() || !vasmon_why_is_prctl())
		return;
	raw_spin_lock(&space->watch->lock);
	if (!space->retired && !space->stale && vasmon_space_fields_moved(space)) {
		vasmon_why_get(&why, space->mm);
		vasmon_record_fields(space, &why);
	}
	raw_spin_unlock(&space->watch->lock);
}

/**
 * vasmon_section_whole - report a whole map
 * @space: of a program that was just started, or a child that was just forked;
 *	its mmap lock held unless it is stale
 * @cause: exec or fork
 * @old_count: regions before
 *
 * Context: under the watch's lock; current started or forked. Does not sleep.
 */
void vasmon_section_whole(struct vasmon_space *space, enum vasmon_cause cause,
			  unsigned long old_count)
{
	struct vasmon_section *section = space->watch->section;

	vasmon_section_prepare(section, space);
	section->rep = (struct vasmon_replace){
		.end = ULONG_MAX,
		.nr_old = old_count,
		.nr_new = space->stale ? 0 : space->shadow.count,
	};
	section->why.cause = cause;
	vasmon_section_write_parts(section, (struct vasmon_section_part){ });
	if (space->stale)
		section->last->flags |= VASMON_EVENT_FLAG_INCOMPLETE;
}
