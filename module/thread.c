// SPDX-License-Identifier: GPL-2.0-only
/* The threads of a process: what only the kernel knows of their stacks. */
#include <linux/ptrace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "compat/compat.h"
#include "thread.h"

/*
 * Return: false if it has exited.
 *
 * put_task_stack() is not exported: when the thread dies meanwhile, its stack may
 * be that of another one, or, out of the kernel's cache of stacks, be unmapped
 * with no grace period. Its pointer to the stack becomes NULL.
 */
static bool vasmon_thread_describe(struct vasmon_thread *thread, struct task_struct *task)
{
	/* Of a thread that exits it may be gone: then this is not read, or not believed. */
	const struct pt_regs *at = data_race(task_pt_regs(task));
	struct pt_regs regs;

	if ((unsigned long)at < THREAD_SIZE || copy_from_kernel_nofault(&regs, at, sizeof(regs)))
		return false;
	thread->sp = user_stack_pointer(&regs);
	/* Pairs with the exit, which says so before it lets go of the stack. */
	smp_rmb();
	if (READ_ONCE(task->flags) & PF_EXITING)
		return false;
	thread->tid = task_pid_vnr(task);
	thread->tls = 0;
#ifdef CONFIG_X86_64
	thread->tls = READ_ONCE(task->thread.fsbase);
#endif
	strscpy_pad(thread->comm, task->comm, sizeof(thread->comm));
	return true;
}

/**
 * vasmon_threads_get - look at the threads of a process
 * @target: the process
 *
 * Those that have registers of their own in user mode: workers that the kernel
 * runs in a process are none.
 *
 * Context: may sleep; in the asking task.
 * Return: the threads, for kvfree(); or -ENOMEM, or -ESRCH if it has exited.
 */
struct vasmon_threads *vasmon_threads_get(const struct vasmon_target *target)
{
	struct task_struct *task, *each;
	struct vasmon_threads *threads;
	struct vasmon_thread *thread;
	unsigned int room = 16, n;

	for (;;) {
		threads = kvmalloc(struct_size(threads, thread, room), GFP_KERNEL_ACCOUNT);
		if (!threads)
			return ERR_PTR(-ENOMEM);
		threads->n = 0;
		n = 0;
		rcu_read_lock();
		task = pid_task(target->tgid, PIDTYPE_TGID);
		if (task) {
			threads->pid = task_tgid_vnr(task);
			for_each_thread(task, each) {
				if (READ_ONCE(each->flags) & (PF_IO_WORKER | PF_USER_WORKER))
					continue;
				if (n++ >= room)
					continue;
				thread = &threads->thread[threads->n];
				threads->n += vasmon_thread_describe(thread, each);
			}
		}
		rcu_read_unlock();
		if (!task) {
			kvfree(threads);
			return ERR_PTR(-ESRCH);
		}
		if (n <= room)
			return threads;
		kvfree(threads);
		room = n + n / 4;
	}
}
