/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VASMON_MAPPED_H
#define VASMON_MAPPED_H

#include "model.h"

/**
 * struct mapped - which file a region maps
 * @name: its path, as the region has it: an inode's number can be used again
 * @inode: as the region has it
 * @dev_major: as the region has it
 * @dev_minor: as the region has it
 */
struct mapped {
	const char *name;
	uint64_t inode;
	uint32_t dev_major;
	uint32_t dev_minor;
};

struct mapped mapped_of(const struct region *r);
int mapped_compare(const void *a, const void *b);
int mapped_open(uint32_t pid, const struct region *r);
int mapped_open_path(const char *path);

#endif
