/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_WHY_H
#define _VASMON_WHY_H

#include "ring.h"

/**
 * struct vasmon_why - why an address space changed
 * @cause: why
 * @syscall: number of current's system call, or -1
 * @arch: its AUDIT_ARCH_*
 * @args: its arguments
 */
struct vasmon_why {
	u8 cause;
	int syscall;
	u32 arch;
	unsigned long args[VASMON_ARGS];
};

void vasmon_why_get(struct vasmon_why *why, const struct mm_struct *mm);
void vasmon_why_check_fault(struct vasmon_why *why, const struct vasmon_ring_old *old,
			      const struct vm_area_struct *new);
bool vasmon_why_is_prctl(void);

#endif /* _VASMON_WHY_H */
