// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where to do something: mostly in an arena of few pages, so that regions are
 * split and merged all the time; sometimes in what the kernel gave, the heap, or
 * the unused part of the main stack.
 */
#include <sys/syscall.h>

#include "place.h"

static unsigned long place_length(struct worker *w)
{
	switch (pick(w, 64)) {
	case 0:
		return 1 + pick(w, 200);
	case 1 ... 4:
		return 1 + pick(w, 48);
	case 5 ... 20:
		return 1 + pick(w, 12);
	default:
		return 1 + pick(w, 3);
	}
}

static struct range place_within(struct worker *w, unsigned long start, unsigned long pages,
				 unsigned long n)
{
	unsigned long at = pick(w, pages);

	if (n > pages - at)
		n = pages - at;
	return (struct range){ start + at * PAGE, n * PAGE };
}

/* In the worker's arena, or in the one of all; often near the last place. */
struct range place_arena(struct worker *w)
{
	unsigned long start = w->arena.addr, pages = w->arena.len / PAGE, at;
	unsigned long n = place_length(w);
	struct range r;

	if (torture.mode == MODE_ALL && !pick(w, 3)) {
		start = ARENA_START;
		pages = ARENA_PAGES;
	}
	if (pick(w, 2) && w->near >= start && w->near < start + pages * PAGE) {
		at = (w->near - start) / PAGE + pick(w, 17);
		at = at < 8 ? 0 : at - 8;
		if (at >= pages)
			at = pages - 1;
		r.addr = start + at * PAGE;
		r.len = (n > pages - at ? pages - at : n) * PAGE;
	} else {
		r = place_within(w, start, pages, n);
	}
	w->near = r.addr;
	return r;
}

/* A fixed place of the worker, far from everything. */
struct range place_far(struct worker *w)
{
	return place_within(w, FAR_START + w->slot * FAR_STEP, FAR_PAGES, 1 + pick(w, 64));
}

/* The top of a region that grows down, with room enough below for the kernel to let it. */
struct range place_grow(struct worker *w)
{
	unsigned long at = FAR_START + w->slot * FAR_STEP + FAR_STEP / 4 * 3;
	unsigned long n = 1 + pick(w, 40);

	at += (1 + pick(w, 4)) * GROW_PAGES * PAGE;
	return (struct range){ at - n * PAGE, n * PAGE };
}

/* Where something probably is. */
struct range place_mapped(struct worker *w)
{
	struct range r;

	if (torture.mode == MODE_ACTOR)
		return pick(w, 8) ? place_arena(w) : place_grow(w);
	switch (pick(w, 24)) {
	case 0 ... 2:
		if (!w->n_entries)
			break;
		r = w->entries[pick(w, w->n_entries)];
		if (pick(w, 2))
			return r;
		return place_within(w, r.addr, r.len / PAGE, place_length(w));
	case 3:
		return place_within(w, torture.heap & -PAGE, 160, place_length(w));
	case 4:
		return place_within(w, torture.stack_low,
				    (torture.stack_high - torture.stack_low) / PAGE,
				    place_length(w));
	case 5:
	case 6:
		return place_grow(w);
	case 7:
		return place_within(w, LOW_START, LOW_PAGES, place_length(w));
	}
	return place_arena(w);
}

/* Where the kernel found room belongs to the worker; arenas and far places do anyway. */
void place_keep(struct worker *w, long addr, unsigned long len)
{
	unsigned long at = addr;

	if (failed(addr) || !len || at < CHOSEN_START)
		return;
	if (w->n_entries == ENTRIES_MAX)
		place_drop(w, pick(w, ENTRIES_MAX));
	place_forget(w, at, len);
	if (w->n_entries < ENTRIES_MAX)
		w->entries[w->n_entries++] = (struct range){ at, (len + PAGE - 1) & -PAGE };
}

/* It was unmapped, or is about to be: others may be given it. */
void place_forget(struct worker *w, unsigned long addr, unsigned long len)
{
	unsigned long end = addr + ((len + PAGE - 1) & -PAGE);
	unsigned int i;

	for (i = 0; i < w->n_entries; i++) {
		struct range *r = &w->entries[i];
		unsigned long r_end = r->addr + r->len;

		if (r_end <= addr || r->addr >= end)
			continue;
		if (r->addr < addr) {
			r->len = addr - r->addr;
			if (r_end > end && w->n_entries < ENTRIES_MAX)
				w->entries[w->n_entries++] = (struct range){ end, r_end - end };
		} else if (r_end > end) {
			r->addr = end;
			r->len = r_end - end;
		} else {
			*r = w->entries[--w->n_entries];
			i--;
		}
	}
}

void place_drop(struct worker *w, unsigned int i)
{
	struct range r = w->entries[i];

	w->entries[i] = w->entries[--w->n_entries];
	call(w, SYS_munmap, r.addr, r.len, 0, 0, 0, 0);
}
