/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_SPACE_H
#define _VASMON_SPACE_H

#include <linux/pid.h>
#include <linux/workqueue.h>
#include "shadow.h"
#include "window.h"

struct vasmon_watch;

/* Spare nodes that a space begins with and that the worker keeps it at. */
#define VASMON_SPACE_SPARES 64

/**
 * struct vasmon_space - a process under watch, and its address space
 * @node: place among the watch's spaces
 * @by_mm: place in capture's table by @mm, unless @guest; RCU
 * @by_tgid: place in capture's table by @tgid; RCU
 * @watch: whose; outlives the space by a grace period
 * @mm: the address space, kept by its mm_count. Never changes: a process that
 *	starts a new program gets a new space
 * @tgid: the process
 * @guest: the address space is that of another process of the watch (vfork,
 *	CLONE_VM), whose space reports its changes
 * @writer: thread that holds the mmap lock for write, as far as it was seen to
 *	take it; changed only under that lock held for write
 * @hint: where the kernel found room for a new region in this section; guarded
 *	as @writer
 * @stale: @shadow and the members below do not hold
 * @lost: the process has started a new program, and there was no memory to
 *	watch it: the worker makes a space for it
 * @retired: unhashed for good
 * @shadow: the regions as last reported
 * @brk: as last reported
 * @start_brk: as last reported
 * @start_stack: as last reported
 * @free: frees it after a grace period
 *
 * What is not said otherwise is guarded by the watch's lock.
 */
struct vasmon_space {
	struct list_head node;
	struct hlist_node by_mm;
	struct hlist_node by_tgid;
	struct vasmon_watch *watch;
	struct mm_struct *mm;
	struct pid *tgid;
	bool guest;
	struct task_struct *writer;
	struct vasmon_window hint;
	bool stale;
	bool lost;
	bool retired;
	struct vasmon_shadow shadow;
	unsigned long brk;
	unsigned long start_brk;
	unsigned long start_stack;
	struct rcu_work free;
};

/**
 * vasmon_space_fields_moved - did brk or the like change since they were reported?
 * @space: the space
 *
 * Context: any; without the watch's lock, a first look.
 *
 * Return: whether one of them did.
 */
static inline bool vasmon_space_fields_moved(const struct vasmon_space *space)
{
	return READ_ONCE(space->mm->brk) != READ_ONCE(space->brk) ||
	       READ_ONCE(space->mm->start_brk) != READ_ONCE(space->start_brk) ||
	       READ_ONCE(space->mm->start_stack) != READ_ONCE(space->start_stack);
}

struct vasmon_space *vasmon_space_alloc(gfp_t gfp);
void vasmon_space_free(struct vasmon_space *space);
void vasmon_space_bind(struct vasmon_space *space, struct vasmon_watch *watch,
		       struct mm_struct *mm, struct pid *tgid);
void vasmon_space_set_fields(struct vasmon_space *space);
void vasmon_space_retire(struct vasmon_space *space);

#endif /* _VASMON_SPACE_H */
