/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A map in which regions are looked at, with all that is known about the process:
 * as it is, or as it will be once an event is applied.
 */
#ifndef VASMON_SCENE_H
#define VASMON_SCENE_H

#include "facts.h"
#include "space.h"

/**
 * struct scene - a map, and what belongs to it
 * @layout: its break and stack
 * @facts: about its process, NULL where nothing is known
 * @exe: path of its program, NULL if unknown
 * @space: the map, NULL where only single regions are known
 * @first: number of the first region of @space that is to be replaced
 * @gone: how many are to be replaced
 * @fresh: by what
 * @n_fresh: how many those are
 * @last: what was found out last, see what_of(); NULL where it is not to be kept
 */
struct scene {
	const struct layout *layout;
	const struct facts *facts;
	const char *exe;
	const struct space *space;
	size_t first;
	size_t gone;
	const struct region *fresh;
	size_t n_fresh;
	struct what_last *last;
};

static inline size_t scene_count(const struct scene *s)
{
	return s->space ? s->space->n - s->gone + s->n_fresh : 0;
}

static inline const struct region *scene_at(const struct scene *s, size_t i)
{
	if (i < s->first)
		return space_at(s->space, i);
	if (i - s->first < s->n_fresh)
		return &s->fresh[i - s->first];
	return space_at(s->space, i - s->n_fresh + s->gone);
}

size_t scene_find(const struct scene *s, const struct region *r);
struct scene scene_before(const struct space *space, const struct layout *layout,
			  const struct facts *facts, const char *exe);
struct scene scene_after(const struct scene *before, const struct event *ev,
			 const struct layout *layout);

#endif
