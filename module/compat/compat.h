/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Differences between kernels, and nothing else: what the newest kernel calls
 * a thing, on those that call it otherwise or lack it. No other file asks for
 * a kernel's version; and this one asks the compiler first, for distributions
 * carry changes back.
 */
#ifndef _VASMON_COMPAT_H
#define _VASMON_COMPAT_H

#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/tracepoint.h>
#include <linux/version.h>
#include <net/genetlink.h>
#include <trace/events/mmap_lock.h>
#include <trace/events/sched.h>

#if !IS_ENABLED(CONFIG_TRACEPOINTS) || !IS_ENABLED(CONFIG_TRACING)
#error "vasmon needs a kernel with CONFIG_TRACEPOINTS and CONFIG_TRACING"
#endif
#if !IS_ENABLED(CONFIG_MMU) || !IS_ENABLED(CONFIG_DEBUG_FS) || !IS_ENABLED(CONFIG_NET)
#error "vasmon needs a kernel with CONFIG_MMU, CONFIG_DEBUG_FS and CONFIG_NET"
#endif
#if !IS_ENABLED(CONFIG_64BIT)
#error "vasmon needs a 64-bit kernel"
#endif
/*
 * Before 6.1.37 a stack grew under the mmap lock held for read, where no
 * tracepoint tells of it; before 6.1 there was no maple tree to walk.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 37)
#error "vasmon needs Linux 6.1.37 or newer"
#endif

/* Flags of a region that came later; 0, as the kernel has it where it lacks them. */
#ifndef VM_SEALED
#define VM_SEALED 0
#endif
#ifndef VM_DROPPABLE
#define VM_DROPPABLE 0
#endif
#ifndef VM_SHADOW_STACK
#define VM_SHADOW_STACK 0
#endif
#ifndef VM_MAYBE_GUARD
#define VM_MAYBE_GUARD 0
#endif

#ifndef PF_USER_WORKER
#define PF_USER_WORKER 0
#endif

/*
 * [heap] in /proc/PID/maps: 6.6 began to ask for an overlap with the range
 * from start_brk to brk where a touch was enough (vma_is_initial_heap()).
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#define VASMON_COMPAT_HEAP_INCLUSIVE true
#else
#define VASMON_COMPAT_HEAP_INCLUSIVE false
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*function)(struct hrtimer *),
				 clockid_t clock_id, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock_id, mode);
	timer->function = function;
}
#endif

/* 6.8 told the file that a user opened from the one that backs it. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
static inline const struct path *vasmon_compat_file_user_path(const struct file *f)
{
	return &f->f_path;
}

static inline const struct inode *vasmon_compat_file_user_inode(const struct file *f)
{
	return file_inode(f);
}

#define file_user_path vasmon_compat_file_user_path
#define file_user_inode vasmon_compat_file_user_inode
#endif

/**
 * vasmon_compat_anon_vma_name - anon_vma_name(), which is not exported
 * @vma: a region, its mmap lock held
 *
 * Return: its name, or NULL.
 */
static inline const struct anon_vma_name *
vasmon_compat_anon_vma_name(const struct vm_area_struct *vma)
{
#ifdef CONFIG_ANON_VMA_NAME
	/* Before 6.2 a file mapping has other things in that field. */
	if (LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0) && vma->vm_file)
		return NULL;
	return vma->anon_name;
#else
	return NULL;
#endif
}

/**
 * vasmon_compat_mm_exe_file - get_mm_exe_file(), which is not exported
 * @mm: the address space
 *
 * Context: any but NMI.
 *
 * Return: a file to fput(), or NULL.
 */
static inline struct file *vasmon_compat_mm_exe_file(struct mm_struct *mm)
{
	struct file *file;

	rcu_read_lock();
#ifdef get_file_rcu
	file = rcu_dereference(mm->exe_file);
	if (file && !get_file_rcu(file))
		file = NULL;
#else
	file = get_file_rcu(&mm->exe_file);
#endif
	rcu_read_unlock();
	return file;
}

/**
 * vasmon_compat_dump_attrs - the attributes of a request to dump
 * @cb: the dump
 *
 * Return: the attributes by number.
 */
static inline struct nlattr **vasmon_compat_dump_attrs(struct netlink_callback *cb)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
	return genl_dumpit_info(cb)->attrs;
#else
	return genl_info_dump(cb)->attrs;
#endif
}

/*
 * The mmap_lock events passed the path of the memory cgroup until 6.13 or so;
 * the two arms of _Generic are probes with and without that argument.
 */
#define VASMON_COMPAT_PROBE_RELEASED(with_memcg, without)			\
	_Generic(&trace_mmap_lock_released,					\
		 void (*)(struct mm_struct *, bool): (void *)(without),		\
		 void (*)(struct mm_struct *, const char *, bool): (void *)(with_memcg))

#define VASMON_COMPAT_PROBE_ACQUIRE_RETURNED(with_memcg, without)		\
	_Generic(&trace_mmap_lock_acquire_returned,				\
		 void (*)(struct mm_struct *, bool, bool): (void *)(without),	\
		 void (*)(struct mm_struct *, const char *, bool, bool): (void *)(with_memcg))

/**
 * vasmon_compat_memcg_path - have the path of the memory cgroup left out, or not
 * @tracepoint: an mmap_lock event that is registered
 * @wanted: false after registering, true before unregistering
 *
 * Up to 6.12, while one of these events is registered, each operation on any
 * mmap lock of the machine renders the path of its memory cgroup, under a
 * global spinlock on 6.1: a page fault of a process that has nothing to do with
 * it cost 12 % more there, 6 % on 6.12. The kernel counts who is interested in
 * the path; giving the count back leaves it empty. So it is then for others who
 * use the same event while something is watched, and nothing else changes for
 * them.
 *
 * Context: may sleep.
 */
static inline void vasmon_compat_memcg_path(struct tracepoint *tracepoint, bool wanted)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
	if (wanted && tracepoint->regfunc && tracepoint->regfunc())
		pr_warn("vasmon: the event %s may be without the path of the memory cgroup from now on\n",
			tracepoint->name);
	if (!wanted && tracepoint->unregfunc)
		tracepoint->unregfunc();
#endif
}

/* sched_process_exit tells about the group as well from 6.16 or so on. */
#define VASMON_COMPAT_PROBE_EXIT(with_group_dead, without)			\
	_Generic(&trace_sched_process_exit,					\
		 void (*)(struct task_struct *): (void *)(without),		\
		 void (*)(struct task_struct *, bool): (void *)(with_group_dead))

#endif /* _VASMON_COMPAT_H */
