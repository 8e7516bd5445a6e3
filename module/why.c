// SPDX-License-Identifier: GPL-2.0-only
/* Why an address space changed: what the thread that changes it is about. */
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <asm/syscall.h>
#include <asm/unistd.h>
#include <uapi/linux/audit.h>

#include "why.h"

/* The calls that are told apart here; ia32's numbers are fixed by its ABI. */
enum vasmon_why_call {
	VASMON_WHY_OTHER,
	VASMON_WHY_MMAP,	/* or mremap: they can extend a stack downwards */
	VASMON_WHY_PRCTL,
};

static enum vasmon_why_call vasmon_why_call(int syscall, u32 arch)
{
#ifdef CONFIG_X86_64
	if (arch == AUDIT_ARCH_I386) {
		switch (syscall) {
		case 90:	/* mmap */
		case 163:	/* mremap */
		case 192:	/* mmap2 */
			return VASMON_WHY_MMAP;
		case 172:
			return VASMON_WHY_PRCTL;
		}
		return VASMON_WHY_OTHER;
	}
	syscall &= ~__X32_SYSCALL_BIT;
#endif
	switch (syscall) {
	case __NR_mmap:
	case __NR_mremap:
		return VASMON_WHY_MMAP;
	case __NR_prctl:
		return VASMON_WHY_PRCTL;
	}
	return VASMON_WHY_OTHER;
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
	if (current->flags & (PF_KTHREAD | PF_IO_WORKER | PF_USER_WORKER)) {
		why->cause = VASMON_CAUSE_KERNEL;
		return;
	}
	regs = task_pt_regs(current);
	why->syscall = syscall_get_nr(current, regs);
	if (why->syscall >= 0) {
		why->arch = syscall_get_arch(current);
		syscall_get_arguments(current, regs, why->args);
	}
	if (current->mm != mm)
		why->cause = VASMON_CAUSE_REMOTE;
	else
		why->cause = why->syscall < 0 ? VASMON_CAUSE_FAULT : VASMON_CAUSE_SYSCALL;
}

/**
 * vasmon_why_check_fault - was it a fault within a system call?
 * @why: what vasmon_why_get() said; corrected
 * @old: the only old region
 * @new: the only new region
 *
 * A stack also grows while the kernel copies from or to it. Such a growth has
 * nothing to do with the arguments of the call that it happens in.
 *
 * Context: the mmap lock held; does not sleep.
 */
void vasmon_why_check_fault(struct vasmon_why *why, const struct vasmon_ring_old *old,
			    const struct vm_area_struct *new)
{
	if (why->cause == VASMON_CAUSE_SYSCALL && (new->vm_flags & VM_GROWSDOWN) &&
	    (old->flags & VM_GROWSDOWN) && old->end == new->vm_end &&
	    new->vm_start < old->start &&
	    vasmon_why_call(why->syscall, why->arch) != VASMON_WHY_MMAP)
		why->cause = VASMON_CAUSE_FAULT;
}

/**
 * vasmon_why_is_prctl - is current in prctl()?
 *
 * Context: in a task; does not sleep.
 */
bool vasmon_why_is_prctl(void)
{
	int syscall;

	if (current->flags & (PF_KTHREAD | PF_IO_WORKER | PF_USER_WORKER))
		return false;
	syscall = syscall_get_nr(current, task_pt_regs(current));
	return syscall >= 0 &&
	       vasmon_why_call(syscall, syscall_get_arch(current)) == VASMON_WHY_PRCTL;
}
