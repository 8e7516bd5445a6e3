/* SPDX-License-Identifier: GPL-2.0-only */
/* How many pages of a region there really are: what /proc/PID/smaps says. */
#ifndef VASMON_SMAPS_H
#define VASMON_SMAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of one region. */
struct smaps_region {
	uint64_t start, end;
	uint64_t resident;
	uint64_t dirty;
	uint64_t swapped;
};

/* Of a process, by ascending address. */
struct smaps {
	struct smaps_region *v;
	size_t n;
	size_t room;
};

int smaps_line(struct smaps *s, const char *line);
int smaps_read(struct smaps *s, uint32_t pid);
const struct smaps_region *smaps_find(const struct smaps *s, uint64_t start, uint64_t end);
void smaps_free(struct smaps *s);

#endif
