// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a system call may have changed regions: from its arguments, and from
 * where the kernel found room. A window has to hold every page that changed. It
 * need not hold the neighbours that were merged, see vasmon_replace_find().
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <uapi/asm/mman.h>
#include <uapi/linux/mman.h>
#include <uapi/linux/prctl.h>

#include "window.h"

/* The pages of a range. Return: false if it is none that the kernel would take. */
static bool vasmon_window_pages(struct vasmon_window *window, unsigned long start,
				unsigned long bytes)
{
	unsigned long end = start + bytes;

	/* Tags and the like: let the caller compare everything. */
	if (end < start || end > TASK_SIZE_MAX)
		return false;
	window->from = start & PAGE_MASK;
	window->to = PAGE_ALIGN(end);
	return true;
}

static bool vasmon_window_one(struct vasmon_windows *windows, unsigned long start,
			      unsigned long bytes)
{
	windows->n = 1;
	return vasmon_window_pages(&windows->at[0], start, bytes);
}

/* Where the kernel found room, if it was asked to look for any. */
static bool vasmon_window_hint(const struct vasmon_window *hint, struct vasmon_windows *windows)
{
	windows->n = 1;
	windows->at[0] = *hint;
	return hint->to;
}

static bool vasmon_window_mmap(const unsigned long *args, const struct vasmon_window *hint,
			       struct vasmon_windows *windows)
{
	if (args[3] & (MAP_FIXED | MAP_FIXED_NOREPLACE))
		return vasmon_window_one(windows, args[0], args[1]);
	if (vasmon_window_hint(hint, windows))
		return true;
	/* No room was looked for: there was some at the address that was wished for. */
	return args[0] && vasmon_window_one(windows, args[0] & PAGE_MASK, args[1]);
}

static bool vasmon_window_mremap(const unsigned long *args, const struct vasmon_window *hint,
				 struct vasmon_windows *windows)
{
	struct vasmon_window *at = windows->at;

	windows->late = true;
	/* In place it may grow or shrink; otherwise the old range is left. */
	if (!vasmon_window_pages(&at[0], args[0], max(args[1], args[2])))
		return false;
	windows->n = 2;
	if (args[3] & MREMAP_FIXED) {
		/* Several regions may move at once: the new range is as long as the old. */
		if (!vasmon_window_pages(&at[1], args[4], max(args[1], args[2])))
			return false;
	} else if (hint->to) {
		at[1] = *hint;
	} else {
		windows->n = 1;
		return true;
	}
	if (at[1].from < at[0].from)
		swap(at[0], at[1]);
	if (at[0].to >= at[1].from) {
		at[0].to = max(at[0].to, at[1].to);
		windows->n = 1;
	}
	return true;
}

/**
 * vasmon_window_get - where a change may be
 * @why: whose call, and its arguments
 * @old_brk: the program break before
 * @brk: the program break after
 * @hint: where the kernel found room during the call; empty if it did not look
 * @windows: filled
 *
 * Context: any; does not sleep.
 * Return: false if it is not known: everything has to be compared.
 */
bool vasmon_window_get(const struct vasmon_why *why, unsigned long old_brk, unsigned long brk,
		       const struct vasmon_window *hint, struct vasmon_windows *windows)
{
	const unsigned long *args = why->args;

	windows->n = 0;
	windows->late = false;
	switch (why->call) {
	case VASMON_CALL_NOTHING:
	case VASMON_CALL_CLONE:
	case VASMON_CALL_CLONE3:
		return true;
	case VASMON_CALL_UNMAP:
		windows->late = true;
		return vasmon_window_one(windows, args[0], args[1]);
	case VASMON_CALL_RANGE:
		return vasmon_window_one(windows, args[0], args[1]);
	case VASMON_CALL_PROTECT:
		if (args[2] & (PROT_GROWSDOWN | PROT_GROWSUP))
			return false;
		return vasmon_window_one(windows, args[0], args[1]);
	case VASMON_CALL_BRK:
		windows->late = true;
		return vasmon_window_one(windows, min(old_brk, brk),
					 max(old_brk, brk) - min(old_brk, brk));
	case VASMON_CALL_MMAP:
		return vasmon_window_mmap(args, hint, windows);
	case VASMON_CALL_MREMAP:
		return vasmon_window_mremap(args, hint, windows);
	case VASMON_CALL_ATTACH:
		return vasmon_window_hint(hint, windows);
	case VASMON_CALL_PRCTL:
		if (args[0] != PR_SET_VMA)
			return false;
		return vasmon_window_one(windows, args[2], args[3]);
	}
	return false;
}
