/* SPDX-License-Identifier: GPL-2.0-only */
/* From "these regions became those" to what happened. Pure. */
#ifndef VASMON_EXPLAIN_H
#define VASMON_EXPLAIN_H

#include "space.h"

enum effect_kind {
	EFFECT_MAP,		/* memory where there was none */
	EFFECT_UNMAP,		/* memory is gone */
	EFFECT_MOVE,		/* the same memory at another address (mremap) */
	EFFECT_REPLACE,		/* other memory at the same address */
	EFFECT_PROTECT,		/* rwx changed */
	EFFECT_FLAGS,		/* traits or vm_flags changed */
	EFFECT_NAME,		/* only the name changed */
	EFFECT_SPLIT,		/* nothing but borders between regions appeared */
	EFFECT_MERGE,		/* nothing but borders between regions vanished */
	EFFECT_BRK,
	EFFECT_START_BRK,
	EFFECT_START_STACK,
	EFFECT_EXEC,
	EFFECT_FORK,
	EFFECT_EXIT,
};

/**
 * struct effect - one thing that happened
 * @start: first address concerned
 * @end: first address after
 * @from_start: where it was before a move
 * @from_end: end of that; its size can differ from that of the new place
 * @before: the region that @start (or @from_start) was in, or NULL
 * @after: the region that @start is in now; after an unmap, the one that is left
 *	of @before (its lower part, if there are two); or NULL
 * @left_below: a part of @before is left below @start (or @from_start)
 * @left_above: a part of @before is left above @end (or @from_end)
 * @joined_below: @after begins below @start: it has other memory there
 * @joined_above: @after ends above @end
 * @grew: the memory belongs to the region it joined (brk, mremap, stack) and did
 *	not just happen to be merged with it
 * @from: value before (brk, start_brk, start_stack)
 * @to: value after (brk, start_brk, start_stack); bytes of all regions (exec, fork)
 * @old_count: regions before (split, merge, exec, fork)
 * @new_count: regions after (split, merge, exec, fork)
 */
struct effect {
	enum effect_kind kind;
	uint64_t start, end;
	uint64_t from_start, from_end;
	const struct region *before, *after;
	bool left_below, left_above;
	bool joined_below, joined_above;
	bool grew;
	uint64_t from, to;
	size_t old_count, new_count;
};

struct explain_list {
	const struct region **v;
	size_t n;
	size_t room;
};

/**
 * struct explanation - all that an event did
 * @v: the effects, by ascending address, the break last
 * @delta: bytes mapped less bytes unmapped
 * @old: the regions before, in the window; they belong to the space
 * @fresh: the regions after, in the window; they belong to the event or space
 */
struct explanation {
	struct effect *v;
	size_t n;
	size_t room;
	int64_t delta;
	struct explain_list old;
	struct explain_list fresh;
};

int explain_event(struct explanation *why, const struct event *ev, const struct space *before,
		  const char *call);
int explain_diff(struct explanation *why, const struct space *before, const struct space *after);
bool explain_join(struct explanation *why, const struct effect *half, const char *call);
void explain_free(struct explanation *why);
const char *explain_kind_name(enum effect_kind kind);

#endif
