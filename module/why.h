/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_WHY_H
#define _VASMON_WHY_H

#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <asm/syscall.h>

#include "call.h"
#include "ring.h"

/**
 * struct vasmon_why - why an address space changed
 * @cause: &enum vasmon_cause
 * @call: what current's system call can do; OTHER if current is not a thread
 *	of the process
 * @syscall: number of current's system call, or -1
 * @arch: its AUDIT_ARCH_*
 * @args: its arguments
 */
struct vasmon_why {
	u8 cause;
	u8 call;
	int syscall;
	u32 arch;
	unsigned long args[VASMON_ARGS];
};

/* Kernel threads and workers have no system call, and registers that say nothing. */
static inline bool vasmon_why_is_worker(void)
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
static __always_inline void vasmon_why_get(struct vasmon_why *why,
					   const struct mm_struct *mm)
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
#ifdef CONFIG_X86_64
		/* By int 0x80 a 64-bit program passes the lower halves only. */
		if (unlikely(why->arch == AUDIT_ARCH_I386))
			for (unsigned int i = 0; i < VASMON_ARGS; i++)
				why->args[i] = (u32)why->args[i];
#endif
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

bool vasmon_why_is_prctl(void);
bool vasmon_why_is_vfork(void);
unsigned long vasmon_why_stack_pointer(void);

#endif /* _VASMON_WHY_H */
