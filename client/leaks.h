/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory that was mapped under watch and never unmapped. Pure. */
#ifndef VASMON_LEAKS_H
#define VASMON_LEAKS_H

#include "out.h"

/**
 * struct leaks_group - what is still there of one size, from one caller
 * @bytes: size that was mapped each time
 * @caller: the system call, and the name of the thread
 * @count: how many of them are there, as a whole or in parts
 * @left: bytes of them that are still there
 * @oldest: when the first of them came, CLOCK_BOOTTIME in ns
 * @newest: when the last of them came
 */
struct leaks_group {
	uint64_t bytes;
	const char *caller;
	uint64_t count;
	uint64_t left;
	uint64_t oldest;
	uint64_t newest;
};

/**
 * struct leaks - what was mapped and is still there
 * @wanted: keep account of it
 * @tree: of tsearch(3): ranges of addresses, by process
 * @failed: memory ran out
 */
struct leaks {
	bool wanted;
	void *tree;
	bool failed;
};

void leaks_effect(struct leaks *l, uint32_t pid, const struct event *ev,
		  const struct effect *e, bool wanted);
struct leaks_group *leaks_groups(struct leaks *l, size_t *n);
void leaks_free(struct leaks *l);

#endif
