// SPDX-License-Identifier: GPL-2.0-only
#include "scene.h"

/* A map as it is. */
struct scene scene_before(const struct space *space, const struct layout *layout,
			  const struct facts *facts, const char *exe)
{
	return (struct scene){ .layout = layout, .facts = facts, .exe = exe, .space = space };
}

/**
 * scene_after - the map once an event is applied
 * @before: the map that the event fits on
 * @ev: the event
 * @layout: break and stack after it
 */
struct scene scene_after(const struct scene *before, const struct event *ev,
			 const struct layout *layout)
{
	struct scene s = *before;
	bool whole = space_is_whole(ev);

	s.layout = layout;
	if (!s.space || (!whole && !ev->has_window))
		return s;
	s.first = whole ? 0 : space_lower(s.space, ev->start);
	while (s.first + s.gone < s.space->n &&
	       (whole || space_at(s.space, s.first + s.gone)->start < ev->end))
		s.gone++;
	s.fresh = ev->fresh.v;
	s.n_fresh = ev->fresh.n;
	return s;
}

/* Number of the first of the new regions that does not begin below @start. */
static size_t scene_fresh(const struct scene *s, uint64_t start)
{
	size_t low = 0, high = s->n_fresh;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->fresh[mid].start < start)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Number of the region that begins where @r does; the count if there is none. */
size_t scene_find(const struct scene *s, const struct region *r)
{
	size_t n = scene_count(s), i;

	if (!n)
		return n;
	i = scene_fresh(s, r->start);
	if (i < s->n_fresh && s->fresh[i].start == r->start)
		return s->first + i;
	i = space_lower(s->space, r->start);
	if (i >= s->first + s->gone)
		i += s->n_fresh - s->gone;
	else if (i >= s->first)
		return n;
	return i < n && scene_at(s, i)->start == r->start ? i : n;
}
