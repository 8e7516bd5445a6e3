// SPDX-License-Identifier: GPL-2.0-only
/* Why an address space changed: what the thread that changes it is about. */
#include <linux/uaccess.h>

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

/**
 * vasmon_why_is_vfork - does current wait for the child that it makes?
 *
 * By clone() or clone3() with CLONE_VFORK. What vfork() does is nothing here: it
 * copies no map.
 *
 * Context: in a task; does not sleep.
 *
 * Return: whether it does, or may do so.
 */
bool vasmon_why_is_vfork(void)
{
	struct vasmon_why why;
	u64 flags;

	vasmon_why_get(&why, current->mm);
	if (why.call == VASMON_CALL_CLONE)
		return why.args[0] & CLONE_VFORK;
	if (why.call != VASMON_CALL_CLONE3)
		return false;
	/* The first field of clone_args. */
	return copy_from_user_nofault(&flags, (const void __user *)why.args[0], sizeof(flags)) ||
	       flags & CLONE_VFORK;
}
