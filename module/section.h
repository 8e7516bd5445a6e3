/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_SECTION_H
#define _VASMON_SECTION_H

#include <linux/maple_tree.h>
#include "record.h"
#include "replace.h"

/* A change of more new regions than so many records hold is incomplete. */
#define VASMON_SECTION_RECORDS 32UL

/**
 * struct vasmon_section_walk - a walk over the VMAs of an address space
 * @mas: where it is
 * @seen: how many were seen since it was last placed
 * @vma: the first of these
 */
struct vasmon_section_walk {
	struct ma_state mas;
	unsigned long seen;
	const struct vm_area_struct *vma[VASMON_RING_NEW_MAX];
};

/**
 * struct vasmon_section - a section that is being examined; of a watch, under its lock
 * @space: the address space
 * @why: who changed it
 * @last: the last record of this section, or NULL
 * @records: how many it has
 * @lost: there was no memory: the space is stale
 * @windows: where the call may have changed regions
 * @walk: over the VMAs
 * @rep: what was found, if it is of many regions
 */
struct vasmon_section {
	struct vasmon_space *space;
	struct vasmon_why why;
	struct vasmon_record *last;
	unsigned int records;
	bool lost;
	struct vasmon_windows windows;
	struct vasmon_section_walk walk;
	struct vasmon_replace rep;
};

void vasmon_section_init(struct vasmon_section *section);
void vasmon_section_begin(struct vasmon_space *space);
void vasmon_section_end(struct vasmon_space *space, bool downgrade);
void vasmon_section_fields(struct vasmon_space *space);
void vasmon_section_rebase(struct vasmon_space *space);
void vasmon_section_whole(struct vasmon_space *space, enum vasmon_cause cause,
			  unsigned long old_count);
void vasmon_section_lose(struct vasmon_space *space);

#endif /* _VASMON_SECTION_H */
