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

/* Number of the region that begins where @r does; the count if there is none. */
size_t scene_find(const struct scene *s, const struct region *r)
{
	size_t low = 0, n = scene_count(s), high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (scene_at(s, mid)->start < r->start)
			low = mid + 1;
		else
			high = mid;
	}
	return low < n && scene_at(s, low)->start == r->start ? low : n;
}
