/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_WHY_H
#define _VASMON_WHY_H

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

void vasmon_why_get(struct vasmon_why *why, const struct mm_struct *mm);
bool vasmon_why_is_prctl(void);
unsigned long vasmon_why_stack_pointer(void);

#endif /* _VASMON_WHY_H */
