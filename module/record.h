/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_RECORD_H
#define _VASMON_RECORD_H

#include "watch.h"
#include "why.h"

/**
 * struct vasmon_change - a replacement while it is written down
 * @start: the window
 * @end: the window
 * @old_count: old regions in the window
 * @new_count: new regions in the window
 * @nr_old: entries of @old: all, or none where they are too many
 * @nr_new: entries of @new: all, or none where they are too many
 * @new: new regions
 * @old: old regions
 */
struct vasmon_change {
	unsigned long start;
	unsigned long end;
	unsigned long old_count;
	unsigned long new_count;
	unsigned int nr_old;
	unsigned int nr_new;
	struct vm_area_struct **new;
	struct vasmon_ring_old old[VASMON_RING_OLD_MAX];
};

struct vasmon_record *vasmon_record_write(struct vasmon_space *space,
					  const struct vasmon_why *why,
					  const struct vasmon_change *change, u8 flags);
void vasmon_record_write_exit(struct vasmon_watch *watch, u32 exit_code);

#endif /* _VASMON_RECORD_H */
