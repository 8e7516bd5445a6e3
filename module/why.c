// SPDX-License-Identifier: GPL-2.0-only
/* Why an address space changed: what the thread that changes it is about. */
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <asm/syscall.h>

#include "why.h"

/* Kernel threads and workers have no system call, and registers that say nothing. */
static bool vasmon_why_is_worker(void)
{
	return current->flags & (PF_KTHREAD | PF_IO_WORKER | PF_USER_WORKER);
}

/**
 * vasmon_why_get - what current is about
 * @why: filled
 * @mm: the address space that changes
 *
 * A thread that enters the kernel by an exception has -1 where the number of
 * a system call would be.
 *
 * Context: in a task; does not sleep.
 */
void vasmon_why_get(struct vasmon_why *why, const struct mm_struct *mm)
{
	struct pt_regs *regs;

	why->syscall = -1;
	why->call = VASMON_CALL_OTHER;
	why->cause = VASMON_CAUSE_KERNEL;
	if (vasmon_why_is_worker())
		return;
	regs = task_pt_regs(current);
	why->syscall = syscall_get_nr(current, regs);
	if (why->syscall >= 0) {
		why->arch = syscall_get_arch(current);
		syscall_get_arguments(current, regs, why->args);
	}
	if (current->mm != mm) {
		why->cause = VASMON_CAUSE_REMOTE;
	} else if (why->syscall < 0) {
		why->cause = VASMON_CAUSE_FAULT;
	} else {
		why->cause = VASMON_CAUSE_SYSCALL;
		why->call = vasmon_call_of(why->syscall, why->arch);
	}
}

/**
 * vasmon_why_is_prctl - is current in prctl()?
 *
 * Context: in a task; does not sleep.
 */
bool vasmon_why_is_prctl(void)
{
	int syscall;

	if (vasmon_why_is_worker())
		return false;
	syscall = syscall_get_nr(current, task_pt_regs(current));
	return syscall >= 0 &&
	       vasmon_call_of(syscall, syscall_get_arch(current)) == VASMON_CALL_PRCTL;
}

/**
 * vasmon_why_stack_pointer - where current's stack is in user mode
 *
 * Context: in a task that is no worker; does not sleep.
 */
unsigned long vasmon_why_stack_pointer(void)
{
	return user_stack_pointer(task_pt_regs(current));
}
