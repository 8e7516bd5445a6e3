/* SPDX-License-Identifier: GPL-2.0-only */
/* A model of an address space, kept up to date by snapshots and events. */
#ifndef VASMON_SPACE_H
#define VASMON_SPACE_H

#include "model.h"

/**
 * struct space - the regions by ascending address, and the break
 * @v: a gap buffer: the first @gap pointers, then @room - @n unused ones, then
 *	the rest. Changes of an address space are near each other, so the gap is
 *	mostly where it has to be and a replacement moves nothing; at worst one
 *	memmove of 8 bytes a region.
 * @chunks: memory of the regions that have no name
 * @spare: those that are not in use
 */
struct space {
	struct region **v;
	size_t n;
	size_t room;
	size_t gap;
	uint64_t bytes;
	struct layout layout;
	struct space_chunk *chunks;
	struct space_spare *spare;
};

static inline const struct region *space_at(const struct space *s, size_t i)
{
	return s->v[i < s->gap ? i : i + (s->room - s->n)];
}

void space_free(struct space *s);
int space_copy(struct space *to, const struct space *from);
int space_append(struct space *s, const struct region *r);
size_t space_lower(const struct space *s, uint64_t addr);
const struct region *space_find(const struct space *s, uint64_t addr);
int space_replace(struct space *s, uint64_t start, uint64_t end,
		  const struct region *fresh, size_t n_fresh);
bool space_is_whole(const struct event *ev);
bool space_is_whole_part(const struct event *ev);
const char *space_check(const struct space *s, const struct event *ev);
int space_apply(struct space *s, const struct event *ev);
struct layout space_layout_after(const struct space *s, const struct event *ev);

#endif
