/* SPDX-License-Identifier: GPL-2.0-only */
/* Sums over the regions of a map. Pure. */
#ifndef VASMON_SUMS_H
#define VASMON_SUMS_H

#include "smaps.h"
#include "what.h"

/* Regions, their bytes, and those of their pages where these are known. */
struct sum {
	uint64_t regions;
	uint64_t bytes;
	uint64_t resident;
	uint64_t dirty;
	uint64_t swapped;
};

/**
 * struct sums - a map
 * @kind: by enum what_kind
 * @wx: what of it can be both written and executed
 * @all: all of it
 */
struct sums {
	struct sum kind[WHAT_KINDS];
	struct sum wx;
	struct sum all;
};

void sums_of(struct sums *sums, const struct scene *scene, const struct smaps *pages);

#endif
