// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes come, start programs and go. The scheduler's tracepoints tell of
 * it; they are not exported, but can be found by name.
 */
#include <linux/sched/signal.h>
#include <linux/tracepoint.h>

#include "capture.h"
#include "debugfs.h"
#include "lifecycle.h"

static void vasmon_lifecycle_fork(void *data, struct task_struct *parent,
				  struct task_struct *child)
{
	if (thread_group_leader(child))
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

static struct {
	const char *name;
	void *probe;
	struct tracepoint *tracepoint;
	bool registered;
} vasmon_lifecycle_probes[] = {
	{ "sched_process_fork", vasmon_lifecycle_fork },
	{ "sched_process_exec", vasmon_lifecycle_exec },
	{ "sched_process_exit", NULL },
};

static void vasmon_lifecycle_find(struct tracepoint *tracepoint, void *data)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vasmon_lifecycle_probes); i++)
		if (!strcmp(tracepoint->name, vasmon_lifecycle_probes[i].name))
			vasmon_lifecycle_probes[i].tracepoint = tracepoint;
}

/**
 * vasmon_lifecycle_init - begin to follow processes
 *
 * Context: may sleep.
 * Return: 0, -ENOENT if the kernel lacks a tracepoint, or what registering
 * failed with; nothing is registered then.
 */
int __init vasmon_lifecycle_init(void)
{
	unsigned int i;
	int err = 0;

	vasmon_lifecycle_probes[2].probe =
		VASMON_COMPAT_PROBE_EXIT(vasmon_lifecycle_exit_group, vasmon_lifecycle_exit_plain);
	for_each_kernel_tracepoint(vasmon_lifecycle_find, NULL);
	for (i = 0; i < ARRAY_SIZE(vasmon_lifecycle_probes) && !err; i++) {
		typeof(vasmon_lifecycle_probes[0]) *p = &vasmon_lifecycle_probes[i];

		err = p->tracepoint ? tracepoint_probe_register(p->tracepoint, p->probe, NULL) :
				      -ENOENT;
		p->registered = !err;
		if (err)
			pr_err("vasmon: the kernel's tracepoint %s can not be used: %d\n",
			       p->name, err);
	}
	if (err)
		vasmon_lifecycle_exit();
	return err;
}

/**
 * vasmon_lifecycle_exit - follow processes no more
 *
 * Context: may sleep. Probes may still run until the caller has called
 * tracepoint_synchronize_unregister().
 */
void vasmon_lifecycle_exit(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vasmon_lifecycle_probes); i++) {
		typeof(vasmon_lifecycle_probes[0]) *p = &vasmon_lifecycle_probes[i];

		if (p->registered)
			tracepoint_probe_unregister(p->tracepoint, p->probe, NULL);
		p->registered = false;
	}
}
