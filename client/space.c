// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "space.h"

/* Regions that are made at once. */
#define SPACE_CHUNK	128

struct space_chunk {
	struct space_chunk *next;
	struct region v[SPACE_CHUNK];
};

/* A region that is not in use. */
struct space_spare {
	struct space_spare *next;
};

static void space_spare_add(struct space *s, void *region)
{
	struct space_spare *spare = region;

	spare->next = s->spare;
	s->spare = spare;
}

static struct region *space_spare_take(struct space *s)
{
	struct space_spare *spare = s->spare;
	struct space_chunk *chunk;
	size_t i;

	if (!spare) {
		chunk = malloc(sizeof(*chunk));
		if (!chunk)
			return NULL;
		chunk->next = s->chunks;
		s->chunks = chunk;
		for (i = SPACE_CHUNK; i--;)
			space_spare_add(s, &chunk->v[i]);
		spare = s->spare;
	}
	s->spare = spare->next;
	return (struct region *)spare;
}

/* Most regions have no name: those come and go without malloc(). */
static struct region *space_region_new(struct space *s, const struct region *from)
{
	size_t len = *from->name ? strlen(from->name) + 1 : 0;
	struct region *r = len ? malloc(sizeof(*r) + len) : space_spare_take(s);

	if (!r)
		return NULL;
	*r = *from;
	r->name = len ? memcpy(r + 1, from->name, len) : "";
	return r;
}

static void space_region_free(struct space *s, struct region *r)
{
	if (*r->name)
		free(r);
	else
		space_spare_add(s, r);
}

void space_free(struct space *s)
{
	struct space_chunk *chunk, *next;
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (*space_at(s, i)->name)
			free((struct region *)space_at(s, i));
	}
	for (chunk = s->chunks; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	free(s->v);
	*s = (struct space){ 0 };
}

/* Have room for @more regions, and the gap before region @at. */
static int space_make_gap(struct space *s, size_t at, size_t more)
{
	size_t tail, width;

	if (s->room - s->n < more) {
		size_t room = s->room + s->room / 2 + more + 16;
		struct region **v = reallocarray(s->v, room, sizeof(*v));

		if (!v)
			return -ENOMEM;
		tail = s->n - s->gap;
		memmove(v + room - tail, v + s->room - tail, tail * sizeof(*v));
		s->v = v;
		s->room = room;
	}
	width = s->room - s->n;
	if (at < s->gap)
		memmove(s->v + at + width, s->v + at, (s->gap - at) * sizeof(*s->v));
	else if (at > s->gap)
		memmove(s->v + s->gap, s->v + s->gap + width, (at - s->gap) * sizeof(*s->v));
	s->gap = at;
	return 0;
}

/* Does region @i end at or below @addr? */
static inline bool space_is_below(const struct space *s, size_t i, uint64_t addr)
{
	return i < s->n && space_at(s, i)->end <= addr;
}

/**
 * space_lower - find by address
 * @s: the space
 * @addr: an address
 *
 * Return: number of the first region that ends above @addr; the count of
 * regions if there is none.
 */
size_t space_lower(const struct space *s, uint64_t addr)
{
	size_t low = 0, high = s->n;

	/* The last change was at the gap, and the next one is mostly there again. */
	if (!s->gap || space_is_below(s, s->gap - 1, addr)) {
		if (!space_is_below(s, s->gap, addr))
			return s->gap;
		low = s->gap + 1;
	} else {
		if (s->gap == 1 || space_is_below(s, s->gap - 2, addr))
			return s->gap - 1;
		high = s->gap - 2;
	}
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (space_at(s, mid)->end > addr)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

/* The region that @addr is in, or NULL. */
const struct region *space_find(const struct space *s, uint64_t addr)
{
	size_t i = space_lower(s, addr);

	if (i == s->n || space_at(s, i)->start > addr)
		return NULL;
	return space_at(s, i);
}

/**
 * space_append - add the next region of a snapshot
 * @s: the space
 * @r: copied; must not begin below the end of the last one
 *
 * Return: 0, -EBADMSG if it is out of order, -ENOMEM.
 */
int space_append(struct space *s, const struct region *r)
{
	struct region *copy;
	int err;

	if (r->start >= r->end || (s->n && space_at(s, s->n - 1)->end > r->start))
		return -EBADMSG;
	copy = space_region_new(s, r);
	if (!copy)
		return -ENOMEM;
	err = space_make_gap(s, s->n, 1);
	if (err) {
		space_region_free(s, copy);
		return err;
	}
	s->v[s->gap++] = copy;
	s->n++;
	s->bytes += region_size(r);
	return 0;
}

/* Return: 0, -ENOMEM; @to was empty, and is to be freed also after an error. */
int space_copy(struct space *to, const struct space *from)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < from->n; i++)
		err = space_append(to, space_at(from, i));
	to->layout = from->layout;
	return err;
}

/* Whether the regions are in order and inside the window. */
static bool space_fits(uint64_t start, uint64_t end, const struct region *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (v[i].start < start || v[i].start >= v[i].end || v[i].end > end)
			return false;
		start = v[i].end;
	}
	return true;
}

/* The regions that overlap the window, if they are inside it as a whole. */
static bool space_window(const struct space *s, uint64_t start, uint64_t end,
			 size_t *first, size_t *count)
{
	size_t low = space_lower(s, start), high = low;

	if (low < s->n) {
		high = space_lower(s, end - 1);
		if (high < s->n && space_at(s, high)->start < end)
			high++;
	}
	*first = low;
	*count = high - low;
	return low == high ||
	       (space_at(s, low)->start >= start && space_at(s, high - 1)->end <= end);
}

/**
 * space_replace - put other regions into a window
 * @s: the space
 * @start: first address of the window
 * @end: first address after it
 * @fresh: the new regions, by ascending address and inside the window; copied
 * @n_fresh: how many
 *
 * Return: 0; -EBADMSG if an old or new region reaches out of the window; -ENOMEM.
 * After an error nothing has changed.
 */
int space_replace(struct space *s, uint64_t start, uint64_t end,
		  const struct region *fresh, size_t n_fresh)
{
	size_t first, count, i, width, made = 0;
	struct region **copies = NULL, *one;
	int err = -ENOMEM;

	if (start >= end || !space_fits(start, end, fresh, n_fresh) ||
	    !space_window(s, start, end, &first, &count))
		return -EBADMSG;

	if (n_fresh == 1) {
		copies = &one;
	} else if (n_fresh) {
		copies = malloc(n_fresh * sizeof(*copies));
		if (!copies)
			return -ENOMEM;
	}
	for (; made < n_fresh; made++) {
		copies[made] = space_region_new(s, &fresh[made]);
		if (!copies[made])
			goto fail;
	}
	err = space_make_gap(s, first, n_fresh > count ? n_fresh - count : 0);
	if (err)
		goto fail;

	/* The old ones are right behind the gap: widen it over them. */
	width = s->room - s->n;
	for (i = 0; i < count; i++) {
		struct region *r = s->v[s->gap + width + i];

		s->bytes -= region_size(r);
		space_region_free(s, r);
	}
	s->n -= count;
	for (i = 0; i < n_fresh; i++) {
		s->v[s->gap++] = copies[i];
		s->bytes += region_size(copies[i]);
	}
	s->n += n_fresh;
	if (copies != &one)
		free(copies);
	return 0;

fail:
	while (made)
		space_region_free(s, copies[--made]);
	if (copies != &one)
		free(copies);
	return err;
}

static bool space_same_region(const struct region *a, const struct region *b)
{
	return a->start == b->start && a->end == b->end && a->prot == b->prot;
}

/* Does the event, or the one that it goes on with, give a whole map? */
bool space_is_whole_part(const struct event *ev)
{
	return ev->cause == VASMON_CAUSE_EXEC || ev->cause == VASMON_CAUSE_FORK;
}

/* Does the event replace everything? Others that give the rest may follow. */
bool space_is_whole(const struct event *ev)
{
	return space_is_whole_part(ev) && (!ev->has_window || !ev->start);
}

/**
 * space_check - does an event fit on the map that it is about to change?
 * @s: the space before the event
 * @ev: the next event; one that replaces everything fits on every map
 *
 * Anything that does not means that a change was missed, or that this program or
 * the module is wrong. Then the map has to be dumped anew.
 *
 * Return: NULL, or what does not fit.
 */
const char *space_check(const struct space *s, const struct event *ev)
{
	uint64_t start = ev->start, end = ev->end;
	size_t first = 0, count = 0, i;

	if (space_is_whole(ev)) {
		if (!space_fits(0, UINT64_MAX, ev->fresh.v, ev->fresh.n))
			return "the new regions are out of order";
		if (ev->has_map_count && ev->map_count != ev->fresh.n)
			return "the number of regions differs";
		return NULL;
	}
	if (ev->has_window) {
		if (!space_fits(start, end, ev->fresh.v, ev->fresh.n))
			return "a new region reaches out of the window";
		if (!space_window(s, start, end, &first, &count))
			return "an old region reaches out of the window";
		if (ev->has_old_count && ev->old_count != count)
			return "the number of old regions differs";
		if (ev->old.n && ev->old.n != count)
			return "the old regions differ";
		for (i = 0; i < ev->old.n; i++) {
			if (!space_same_region(&ev->old.v[i], space_at(s, first + i)))
				return "the old regions differ";
		}
	}
	if (ev->has_brk && ev->brk_from != s->layout.brk)
		return "the old break differs";
	/* The last event leaves no map, whatever was counted. */
	if (ev->cause != VASMON_CAUSE_EXIT && ev->has_map_count &&
	    ev->map_count != s->n - count + ev->fresh.n)
		return "the number of regions differs";
	return NULL;
}

/* brk, start_brk and start_stack as they are once @ev is applied. */
struct layout space_layout_after(const struct space *s, const struct event *ev)
{
	struct layout l = s->layout;

	if (ev->has_brk)
		l.brk = ev->brk_to;
	if (ev->has_start_brk)
		l.start_brk = ev->start_brk;
	if (ev->has_start_stack)
		l.start_stack = ev->start_stack;
	return l;
}

/**
 * space_apply - bring the map up to the next event
 * @s: the space
 * @ev: an event that space_check() found to fit
 *
 * Return: 0, -EBADMSG, -ENOMEM; after an error nothing has changed.
 */
int space_apply(struct space *s, const struct event *ev)
{
	struct layout after = space_layout_after(s, ev);
	int err = 0;

	if (space_is_whole(ev))
		err = space_replace(s, 0, UINT64_MAX, ev->fresh.v, ev->fresh.n);
	else if (ev->has_window)
		err = space_replace(s, ev->start, ev->end, ev->fresh.v, ev->fresh.n);
	if (!err)
		s->layout = after;
	return err;
}
