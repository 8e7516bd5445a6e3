// SPDX-License-Identifier: GPL-2.0-only
/* One address space under watch: what was last reported of it. */
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "main.h"
#include "space.h"

static void vasmon_space_free_work(struct work_struct *work)
{
	vasmon_space_free(container_of(to_rcu_work(work), struct vasmon_space, free));
}

/**
 * vasmon_space_alloc - a space that is bound to nothing yet
 * @gfp: how to allocate
 *
 * It has VASMON_SPACE_SPARES spare nodes, so that the map of a program that
 * was just started fits without allocating.
 *
 * Context: as @gfp says.
 * Return: the space, or NULL.
 */
struct vasmon_space *vasmon_space_alloc(gfp_t gfp)
{
	struct vasmon_space *space = kzalloc(sizeof(*space), gfp);

	if (!space)
		return NULL;
	INIT_LIST_HEAD(&space->node);
	INIT_HLIST_NODE(&space->by_mm);
	INIT_HLIST_NODE(&space->by_tgid);
	INIT_RCU_WORK(&space->free, vasmon_space_free_work);
	space->stale = true;
	if (vasmon_shadow_reserve(&space->shadow, VASMON_SPACE_SPARES, gfp) &&
	    gfpflags_allow_blocking(gfp)) {
		vasmon_space_free(space);
		return NULL;
	}
	return space;
}

/**
 * vasmon_space_free - free a space that no probe can reach
 * @space: the space, or NULL
 *
 * Context: may sleep.
 */
void vasmon_space_free(struct vasmon_space *space)
{
	if (!space)
		return;
	vasmon_shadow_free(&space->shadow);
	if (space->mm)
		mmdrop(space->mm);
	put_pid(space->tgid);
	kfree(space);
}

/**
 * vasmon_space_bind - say whose address space it is
 * @space: bound to nothing yet
 * @watch: the watch
 * @mm: the address space; a reference is taken
 * @tgid: the process; a reference is taken
 *
 * Context: any; does not sleep.
 */
void vasmon_space_bind(struct vasmon_space *space, struct vasmon_watch *watch,
		       struct mm_struct *mm, struct pid *tgid)
{
	space->watch = watch;
	space->mm = mm;
	mmgrab(mm);
	space->tgid = get_pid(tgid);
}

/**
 * vasmon_space_set_fields - take over what is no region
 * @space: the space
 *
 * Context: under the watch's lock; the mmap lock held.
 */
void vasmon_space_set_fields(struct vasmon_space *space)
{
	space->brk = READ_ONCE(space->mm->brk);
	space->start_brk = READ_ONCE(space->mm->start_brk);
	space->start_stack = READ_ONCE(space->mm->start_stack);
}

/**
 * vasmon_space_retire - free a space once no probe can see it any more
 * @space: just unhashed
 *
 * Context: any but NMI; does not sleep.
 */
void vasmon_space_retire(struct vasmon_space *space)
{
	queue_rcu_work(vasmon_wq, &space->free);
}
