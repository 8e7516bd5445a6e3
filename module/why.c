// SPDX-License-Identifier: GPL-2.0-only
/* Why an address space changed: what the thread that changes it is about. */
#include "why.h"

/**
 * vasmon_why_is_prctl - is current in prctl()?
 *
 * Context: in a task; does not sleep.
 *
 * Return: whether it is; false for a worker.
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
 *
 * Return: its stack pointer, as it was when it entered the kernel.
 */
unsigned long vasmon_why_stack_pointer(void)
{
	return user_stack_pointer(task_pt_regs(current));
}
