// SPDX-License-Identifier: GPL-2.0-only
/* mremap() in all its modes. */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "op.h"
#include "place.h"
#include "raw.h"

static void move(struct worker *w, struct range from, unsigned long len, int flags,
		 unsigned long to)
{
	long ret = call(w, SYS_mremap, from.addr, from.len, len, flags, to, 0);

	if (failed(ret))
		return;
	if ((unsigned long)ret != from.addr && !(flags & MREMAP_DONTUNMAP))
		place_forget(w, from.addr, from.len);
	else if (len < from.len)
		place_forget(w, from.addr + len, from.len - len);
	place_keep(w, ret, len);
}

static void move_grow(struct worker *w)
{
	struct range from = place_mapped(w);

	move(w, from, from.len + (1 + pick(w, 12)) * PAGE, 0, 0);
}

static void move_shrink(struct worker *w)
{
	struct range from = place_mapped(w);

	move(w, from, (1 + pick(w, from.len / PAGE)) * PAGE, pick(w, 2) ? MREMAP_MAYMOVE : 0, 0);
}

static void move_may(struct worker *w)
{
	struct range from = place_mapped(w);

	move(w, from, from.len + pick(w, 12) * PAGE, MREMAP_MAYMOVE, 0);
}

static void move_fixed(struct worker *w)
{
	struct range from = place_mapped(w), to = pick(w, 8) ? place_arena(w) : place_far(w);

	if (torture.mode == MODE_ACTOR)
		to = place_arena(w);
	/* Of the same length, several regions may move at once. */
	move(w, from, pick(w, 2) ? from.len : to.len, MREMAP_MAYMOVE | MREMAP_FIXED, to.addr);
}

static void move_leave(struct worker *w)
{
	struct range from = place_mapped(w);

	if (pick(w, 2))
		move(w, from, from.len, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0);
	else
		move(w, from, from.len, MREMAP_MAYMOVE | MREMAP_DONTUNMAP | MREMAP_FIXED,
		     place_arena(w).addr);
}

/* Another view of shared memory. */
static void move_none(struct worker *w)
{
	struct range from = place_mapped(w);

	from.len = 0;
	if (pick(w, 2))
		move(w, from, (1 + pick(w, 8)) * PAGE, MREMAP_MAYMOVE, 0);
	else
		move(w, from, (1 + pick(w, 8)) * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		     place_arena(w).addr);
}

const struct op ops_move[] = {
	{ .name = "grow", .weight = 6, .actor = true, .run = move_grow },
	{ .name = "shrink", .weight = 5, .actor = true, .run = move_shrink },
	{ .name = "move", .weight = 5, .run = move_may },
	{ .name = "move fixed", .weight = 8, .actor = true, .run = move_fixed },
	{ .name = "move and leave", .weight = 4, .run = move_leave },
	{ .name = "move nothing", .weight = 3, .run = move_none },
	{ 0 },
};
