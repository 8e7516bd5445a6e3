// SPDX-License-Identifier: GPL-2.0-only
/* From a pid to a process and its address space. */
#include <linux/netlink.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "target.h"

/**
 * vasmon_target_mm - the address space of a process
 * @tgid: the process
 *
 * The main thread may have exited before the others, so every thread is asked.
 *
 * Context: may sleep in the caller's mmput(); does not sleep itself.
 * Return: the address space with a reference to its users, or NULL.
 */
struct mm_struct *vasmon_target_mm(struct pid *tgid)
{
	struct mm_struct *mm = NULL;
	struct task_struct *task, *thread;

	rcu_read_lock();
	task = pid_task(tgid, PIDTYPE_TGID);
	if (task) {
		for_each_thread(task, thread) {
			mm = get_task_mm(thread);
			if (mm)
				break;
		}
	}
	rcu_read_unlock();
	return mm;
}

/**
 * vasmon_target_exited - has the last thread of a process begun to exit?
 * @tgid: the process
 *
 * Context: any; does not sleep.
 * Return: true if no thread is left that could change the address space.
 */
bool vasmon_target_exited(struct pid *tgid)
{
	struct task_struct *task;
	bool exited;

	rcu_read_lock();
	task = pid_task(tgid, PIDTYPE_TGID);
	exited = !task || !atomic_read(&task->signal->live);
	rcu_read_unlock();
	return exited;
}

/**
 * vasmon_target_comm - the name of a process's main thread
 * @tgid: the process
 * @comm: set; as it was if there is no such process any more
 *
 * Context: in a task, for it takes the process's task_lock(); does not sleep.
 */
void vasmon_target_comm(struct pid *tgid, char comm[VASMON_COMM_LEN])
{
	char now[VASMON_COMM_LEN];
	struct task_struct *task;

	rcu_read_lock();
	task = pid_task(tgid, PIDTYPE_TGID);
	if (task) {
		get_task_comm(now, task);
		strscpy(comm, now, VASMON_COMM_LEN);
	}
	rcu_read_unlock();
}

/**
 * vasmon_target_get - take hold of a process
 * @target: filled; to be dropped with vasmon_target_put()
 * @pid: the process, or one of its threads; or NULL
 * @extack: told why not; or NULL
 *
 * Context: does not sleep.
 * Return: 0; -ESRCH if there is no such process, or it has exited; -EINVAL if
 * it is a kernel thread.
 */
int vasmon_target_get(struct vasmon_target *target, struct pid *pid,
		      struct netlink_ext_ack *extack)
{
	struct task_struct *task;
	bool kernel = false;

	rcu_read_lock();
	task = pid_task(pid, PIDTYPE_PID);
	if (!task) {
		rcu_read_unlock();
		NL_SET_ERR_MSG(extack, "no such process");
		return -ESRCH;
	}
	target->tgid = get_pid(task_tgid(task));
	task = task->group_leader;
	get_task_comm(target->comm, task);
	kernel = READ_ONCE(task->flags) & PF_KTHREAD;
	rcu_read_unlock();

	target->mm = kernel ? NULL : vasmon_target_mm(target->tgid);
	if (target->mm)
		return 0;
	put_pid(target->tgid);
	if (kernel) {
		NL_SET_ERR_MSG(extack, "a kernel thread has no address space");
		return -EINVAL;
	}
	NL_SET_ERR_MSG(extack, "the process has exited");
	return -ESRCH;
}

/**
 * vasmon_target_put - let go of a process
 * @target: what vasmon_target_get() filled
 *
 * Context: may sleep: if the process exited meanwhile, this tears down its
 * address space.
 */
void vasmon_target_put(struct vasmon_target *target)
{
	if (target->mm)
		mmput(target->mm);
	put_pid(target->tgid);
}
