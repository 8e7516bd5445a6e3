// SPDX-License-Identifier: GPL-2.0-only
/* Processes come, start programs and go: the scheduler's tracepoints tell of it. */
#include <linux/sched/signal.h>

#include "capture.h"
#include "debugfs.h"
#include "lifecycle.h"
#include "probe.h"

static void vasmon_lifecycle_fork(void *data, struct task_struct *parent,
				  struct task_struct *child)
{
	if (!thread_group_leader(child) || !child->mm)
		return;
	vasmon_capture_fork(task_tgid(parent), task_tgid(child), child->mm);
	vasmon_debugfs_processes_changed();
}

static void vasmon_lifecycle_exec(void *data, struct task_struct *task, pid_t old_pid,
				  struct linux_binprm *bprm)
{
	/* The mm is final: load_binary() has set brk, without a lock. */
	vasmon_capture_exec(task_tgid(task), task->mm);
	vasmon_debugfs_processes_changed();
}

/*
 * Called for each thread, before or after it lets go of its mm. The group is
 * dead when no thread is live; two that exit at once may both find that.
 */
static void vasmon_lifecycle_exited(struct task_struct *task)
{
	struct signal_struct *signal = task->signal;

	if (atomic_read(&signal->live))
		return;
	vasmon_capture_exit(task_tgid(task), signal->flags & SIGNAL_GROUP_EXIT ?
			    signal->group_exit_code : task->group_leader->exit_code);
	vasmon_debugfs_processes_changed();
}

static void __maybe_unused vasmon_lifecycle_exit_plain(void *data, struct task_struct *task)
{
	vasmon_lifecycle_exited(task);
}

static void __maybe_unused vasmon_lifecycle_exit_group(void *data, struct task_struct *task,
						       bool group_dead)
{
	vasmon_lifecycle_exited(task);
}

static struct vasmon_probe vasmon_lifecycle_probes[] = {
	{
		.name = "sched_process_fork",
		.function = vasmon_lifecycle_fork,
	}, {
		.name = "sched_process_exec",
		.function = vasmon_lifecycle_exec,
	}, {
		.name = "sched_process_exit",
		.function = VASMON_COMPAT_PROBE_EXIT(vasmon_lifecycle_exit_group,
						     vasmon_lifecycle_exit_plain),
	},
};

/**
 * vasmon_lifecycle_init - begin to follow processes
 *
 * Context: may sleep.
 * Return: 0 or what vasmon_probe_register() failed with.
 */
int __init vasmon_lifecycle_init(void)
{
	return vasmon_probe_register(vasmon_lifecycle_probes, ARRAY_SIZE(vasmon_lifecycle_probes));
}

/**
 * vasmon_lifecycle_exit - follow processes no more
 *
 * Context: may sleep. Probes may still run until the caller has called
 * tracepoint_synchronize_unregister().
 */
void vasmon_lifecycle_exit(void)
{
	vasmon_probe_unregister(vasmon_lifecycle_probes, ARRAY_SIZE(vasmon_lifecycle_probes));
}
