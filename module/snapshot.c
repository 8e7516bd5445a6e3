// SPDX-License-Identifier: GPL-2.0-only
/*
 * An address space at one moment: copied out under one hold of its mmap lock,
 * shown afterwards.
 */
#include <linux/file.h>
#include <linux/netlink.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "snapshot.h"
#include "watch.h"

static void vasmon_snapshot_drop_regions(struct vasmon_snapshot *snap)
{
	unsigned long i;

	for (i = 0; i < snap->nr; i++) {
		struct vasmon_snapshot_region *r = &snap->regions[i];

		if (r->name_type == VASMON_NAME_TYPE_FILE ||
		    r->name_type == VASMON_NAME_TYPE_ANON_SHMEM)
			fput((struct file *)r->region.backing);
		kfree(r->text);
		cond_resched();
	}
	kvfree(snap->regions);
	snap->regions = NULL;
	snap->nr = 0;
}

/* Under the mmap lock. -ENOSPC: there are more regions than room. */
static int vasmon_snapshot_copy_regions(struct vasmon_snapshot *snap, unsigned long room)
{
	struct mm_struct *mm = snap->target.mm;
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, mm, 0);

	for_each_vma(vmi, vma) {
		struct vasmon_snapshot_region *r = &snap->regions[snap->nr];
		const char *text = NULL;

		if (snap->nr == room)
			return -ENOSPC;
		vasmon_region_from_vma(&r->region, vma);
		r->text = NULL;
		r->name_type = vasmon_region_name_type(vma, &text);
		if (text) {
			r->text = kstrdup(text, GFP_KERNEL_ACCOUNT);
			if (!r->text)
				return -ENOMEM;
		}
		if (vma->vm_file)
			get_file(vma->vm_file);
		snap->nr++;
	}
	return 0;
}

static void vasmon_snapshot_copy_fields(struct vasmon_snapshot *snap)
{
	struct mm_struct *mm = snap->target.mm;

	snap->time = ktime_get_boottime_ns();
	/* Some are set under the mmap lock, some under this one. */
	spin_lock(&mm->arg_lock);
	snap->start_code = mm->start_code;
	snap->end_code = mm->end_code;
	snap->start_data = mm->start_data;
	snap->end_data = mm->end_data;
	snap->start_brk = mm->start_brk;
	snap->brk = mm->brk;
	snap->start_stack = mm->start_stack;
	snap->arg_start = mm->arg_start;
	snap->arg_end = mm->arg_end;
	snap->env_start = mm->env_start;
	snap->env_end = mm->env_end;
	spin_unlock(&mm->arg_lock);
	snap->total_vm = (u64)READ_ONCE(mm->total_vm) << PAGE_SHIFT;
	snap->locked_vm = (u64)READ_ONCE(mm->locked_vm) << PAGE_SHIFT;
	snap->pinned_vm = (u64)atomic64_read(&mm->pinned_vm) << PAGE_SHIFT;
	snap->data_vm = (u64)READ_ONCE(mm->data_vm) << PAGE_SHIFT;
	snap->exec_vm = (u64)READ_ONCE(mm->exec_vm) << PAGE_SHIFT;
	snap->stack_vm = (u64)READ_ONCE(mm->stack_vm) << PAGE_SHIFT;
	snap->map_count = mm->map_count;
}

/* The space of a watch that reports the changes of an address space; under its lock. */
static struct vasmon_space *vasmon_snapshot_space(const struct vasmon_snapshot *snap,
						  struct vasmon_watch *watch)
{
	struct vasmon_space *space;

	list_for_each_entry(space, &watch->spaces, node)
		if (space->mm == snap->target.mm && !space->guest && !space->lost)
			return space;
	return NULL;
}

/* Would the snapshot's regions serve the watch as its last reported map? */
static bool vasmon_snapshot_wanted(const struct vasmon_snapshot *snap,
				   struct vasmon_watch *watch)
{
	struct vasmon_space *space;
	bool wanted;

	raw_spin_lock(&watch->lock);
	space = vasmon_snapshot_space(snap, watch);
	wanted = space && space->stale;
	raw_spin_unlock(&watch->lock);
	return wanted;
}

/* A shadow of the snapshot's regions. Return: 0 or -ENOMEM. */
static int vasmon_snapshot_shadow(struct vasmon_snapshot *snap, struct vasmon_shadow *shadow)
{
	unsigned long i;

	if (vasmon_shadow_reserve(shadow, snap->nr + VASMON_SPACE_SPARES, GFP_KERNEL_ACCOUNT))
		return -ENOMEM;
	for (i = 0; i < snap->nr; i++)
		vasmon_shadow_set(shadow, vasmon_shadow_insert(shadow, NULL),
				  &snap->regions[i].region);
	return 0;
}

/*
 * The number of the last event that the snapshot includes. No write section is
 * under way while the mmap lock is held, and those before it have reported. If
 * the watch has no map yet, or lost it, it takes this one; without memory for
 * that there is no such number, and who asks would not know what follows.
 */
static int vasmon_snapshot_sync(struct vasmon_snapshot *snap, struct vasmon_watch *watch)
{
	struct vasmon_shadow shadow = { };
	struct vasmon_space *space;
	int err = 0;

	if (vasmon_snapshot_wanted(snap, watch))
		err = vasmon_snapshot_shadow(snap, &shadow);
	if (err)
		goto out;
	raw_spin_lock(&watch->lock);
	space = vasmon_snapshot_space(snap, watch);
	if (space) {
		if (space->stale && shadow.count == snap->nr && snap->nr) {
			swap(space->shadow, shadow);
			/* As they were copied: who sets them now reports it. */
			space->brk = snap->brk;
			space->start_brk = snap->start_brk;
			space->start_stack = snap->start_stack;
			space->stale = false;
		}
		snap->has_seq = !space->stale;
		snap->seq = watch->seq;
	}
	raw_spin_unlock(&watch->lock);
out:
	vasmon_shadow_free(&shadow);
	return err;
}

static int vasmon_snapshot_copy(struct vasmon_snapshot *snap, bool regions,
				struct vasmon_watch *watch)
{
	struct mm_struct *mm = snap->target.mm;
	unsigned long room = 0;
	int err;

	for (;;) {
		if (regions) {
			/* It may map more before the lock is taken; then once more. */
			room = READ_ONCE(mm->map_count) + room / 8 + 16;
			snap->regions = kvmalloc_array(room, sizeof(*snap->regions),
						       GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
			if (!snap->regions)
				return -ENOMEM;
		}
		if (mmap_read_lock_killable(mm))
			return -EINTR;
		err = regions ? vasmon_snapshot_copy_regions(snap, room) : 0;
		if (!err) {
			vasmon_snapshot_copy_fields(snap);
			if (watch)
				err = vasmon_snapshot_sync(snap, watch);
		}
		mmap_read_unlock(mm);
		if (err != -ENOSPC)
			return err;
		vasmon_snapshot_drop_regions(snap);
	}
}

/**
 * vasmon_snapshot_take - copy an address space out
 * @snapshot: set to the copy, for vasmon_snapshot_free()
 * @pid: the process, or one of its threads; or NULL
 * @regions: copy the regions as well
 * @watch: keep step with it: a watch of that process, or NULL. It is kept alive
 *	by the caller
 * @extack: told why not; or NULL
 *
 * Context: may sleep, and is interrupted by a fatal signal. Takes the mmap lock
 * of the process for read, and under it watch->lock.
 * Return: 0, -ESRCH, -EINVAL, -ENOMEM or -EINTR.
 */
int vasmon_snapshot_take(struct vasmon_snapshot **snapshot, struct pid *pid, bool regions,
			 struct vasmon_watch *watch, struct netlink_ext_ack *extack)
{
	struct vasmon_snapshot *snap = kzalloc(sizeof(*snap), GFP_KERNEL_ACCOUNT);
	int err;

	if (!snap)
		return -ENOMEM;
	err = vasmon_target_get(&snap->target, pid, extack);
	if (err) {
		kfree(snap);
		return err;
	}
	snap->watch_id = watch ? watch->id : 0;
	snap->exe = vasmon_compat_mm_exe_file(snap->target.mm);
	err = vasmon_snapshot_copy(snap, regions, watch);
	/* Whoever reads slowly does not keep the memory of a process that exits. */
	mmput(snap->target.mm);
	snap->target.mm = NULL;
	if (err) {
		if (err == -ENOMEM)
			NL_SET_ERR_MSG(extack, "no memory for the regions");
		vasmon_snapshot_free(snap);
		return err;
	}
	*snapshot = snap;
	return 0;
}

/**
 * vasmon_snapshot_free - free a snapshot
 * @snap: the snapshot
 *
 * Context: may sleep.
 */
void vasmon_snapshot_free(struct vasmon_snapshot *snap)
{
	if (snap->regions)
		vasmon_snapshot_drop_regions(snap);
	if (snap->exe)
		fput(snap->exe);
	vasmon_target_put(&snap->target);
	kfree(snap);
}

/**
 * vasmon_snapshot_path - the path of a file as users see it
 * @file: the file
 * @buf: VASMON_PATH_MAX bytes
 *
 * Context: may sleep. The path is relative to the root of the calling task.
 * Return: the path within @buf, or NULL if it is too long.
 */
const char *vasmon_snapshot_path(const struct file *file, char *buf)
{
	const char *path = d_path(file_user_path(file), buf, VASMON_PATH_MAX);

	return IS_ERR(path) ? NULL : path;
}
