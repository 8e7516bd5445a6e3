/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory that was mapped under watch and never unmapped. Pure. */
#ifndef VASMON_LEAKS_H
#define VASMON_LEAKS_H

#include "out.h"

/**
 * struct leaks_group - what is still there from one caller: of one size, where nothing
 *	but the system call and the thread is known of that
 * @bytes: size that was mapped each time, 0 where sizes differ
 * @caller: the system call, the name of the thread, and whose idea it was; then a line
 *	for each function of its call chain
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
 * @chains: tell callers apart by their call chains, where there are any
 * @tree: of tsearch(3): ranges of addresses, by process
 * @callers: of tsearch(3): a string for each
 * @failed: memory ran out
 */
struct leaks {
	bool wanted;
	bool chains;
	void *tree;
	void *callers;
	bool failed;
};

void leaks_effect(struct leaks *l, const struct out_event *e, const struct effect *effect,
		  bool wanted);
struct leaks_group *leaks_groups(struct leaks *l, size_t *n);
void leaks_free(struct leaks *l);

#endif
