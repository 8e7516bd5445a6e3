/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_WINDOW_H
#define _VASMON_WINDOW_H

#include "why.h"

#define VASMON_WINDOW_MAX 2

/**
 * struct vasmon_window - addresses from @from up to @to
 * @from: first address
 * @to: first address after it
 */
struct vasmon_window {
	unsigned long from;
	unsigned long to;
};

/**
 * struct vasmon_windows - where a call may have changed regions
 * @n: how many windows
 * @late: are the totals of what it unmapped lowered only after the mmap lock
 *	was downgraded?
 * @at: they do not overlap, and are in ascending order
 */
struct vasmon_windows {
	unsigned int n;
	bool late;
	struct vasmon_window at[VASMON_WINDOW_MAX];
};

bool vasmon_window_get(const struct vasmon_why *why, unsigned long old_brk, unsigned long brk,
		       const struct vasmon_window *hint, struct vasmon_windows *windows);

#endif /* _VASMON_WINDOW_H */
