/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_REPLACE_H
#define _VASMON_REPLACE_H

#include "fault.h"
#include "shadow.h"

/**
 * struct vasmon_replace_ops - how to walk the new regions
 * @after: move to the first region that ends after @addr, and return it. Or, if
 *	that starts at @to or later, return NULL; @next moves to it then
 * @next: move to the region above, and return it, or NULL if there is none
 * @start: first address of the region
 * @end: first address after it
 * @equal: is it the same as @r?
 *
 * A struct of constants at each use, so that the compiler calls them directly.
 */
struct vasmon_replace_ops {
	const void *(*after)(void *walk, unsigned long addr, unsigned long to);
	const void *(*next)(void *walk);
	unsigned long (*start)(const void *new);
	unsigned long (*end)(const void *new);
	bool (*equal)(const void *new, const struct vasmon_region *r);
};

/**
 * struct vasmon_replace - inside one window, old regions became new ones
 * @start: first address of the window
 * @end: first address after the window
 * @old: first old region, a node of the shadow; the next above the window if
 *	@nr_old is 0; NULL if there is none
 * @nr_old: number of old regions: all that overlap the window
 * @nr_new: number of new regions: all that overlap the window
 * @skip: number of new regions that were walked over before them, since @after
 *	was last called
 */
struct vasmon_replace {
	unsigned long start;
	unsigned long end;
	struct vasmon_shadow_node *old;
	unsigned long nr_old;
	unsigned long nr_new;
	unsigned long skip;
};

/**
 * vasmon_replace_find - what changed between a shadow and the new regions
 * @shadow: the old regions
 * @ops: walks the new regions
 * @walk: for @ops
 * @from: no page below this address changed
 * @to: no page from this address on changed
 * @rep: set to the smallest replacement that turns the old regions of that
 *	range into the new ones
 *
 * Where a region that differs reaches out of the range, because a neighbour was
 * merged or a region was split, the range grows: no region of the old or the new
 * map crosses an end of the resulting window.
 *
 * Example: old A B C D, new A X D: the neighbours A and D are common, so B C
 * became X, in a window from the lower start of B and X to the higher end of
 * C and X.
 *
 * Context: any; does not sleep. The shadow and the new regions do not change
 * meanwhile.
 * Return: false if nothing changed.
 */
static __always_inline bool vasmon_replace_find(struct vasmon_shadow *shadow,
						const struct vasmon_replace_ops *ops,
						void *walk, unsigned long from,
						unsigned long to, struct vasmon_replace *rep)
{
	struct vasmon_shadow_node *o = vasmon_shadow_after(shadow, from), *last_o = NULL;
	unsigned long start = ULONG_MAX, end = 0, nr_old = 0, nr_new = 0;
	unsigned long skip = 0;		/* before the first difference */
	unsigned long same = 0;		/* since the last difference */
	unsigned long none = to;	/* unless n: no new region starts below this */
	unsigned long none_o = ULONG_MAX; /* unless o: no old region starts below this */
	bool found = false;
	const void *n;

	if (o && o->region.start < from)
		from = o->region.start;
	n = ops->after(walk, from, to);
	while (n && ops->start(n) < from) {
		from = ops->start(n);
		o = vasmon_shadow_after(shadow, from);
		if (!o || o->region.start >= from)
			break;
		from = o->region.start;
		n = ops->after(walk, from, to);
	}

	/* Most often one region changed what it is, and not where it is. */
	if (o && n && o->region.start == ops->start(n) && o->region.end == ops->end(n) &&
	    o->region.end >= to) {
		rep->start = o->region.start;
		rep->end = o->region.end;
		rep->old = o;
		rep->nr_old = 1;
		rep->nr_new = 1;
		rep->skip = 0;
		return !ops->equal(n, &o->region);
	}
	for (;;) {
		bool in_o, in_n, take_o, take_n;

		if (!n && none < to) {
			n = ops->next(walk);
			none = ULONG_MAX;
		}
		if (!o && none_o < to) {
			o = vasmon_shadow_next(last_o);
			none_o = ULONG_MAX;
		}
		in_o = o && o->region.start < to;
		in_n = n && ops->start(n) < to;
		if (!in_o && !in_n)
			break;
		if (in_o && in_n && ops->equal(n, &o->region)) {
			if (found)
				same++;
			else
				skip++;
			take_o = true;
			take_n = true;
		} else {
			if (!found) {
				/* An insertion needs to know the next above. */
				if (!o && last_o)
					o = vasmon_shadow_next(last_o);
				rep->old = o;
				found = true;
			}
			take_o = in_o && (!in_n || o->region.start <= ops->start(n));
			take_n = in_n && (!in_o || ops->start(n) <= o->region.start);
			if (take_o) {
				start = min(start, o->region.start);
				end = max(end, o->region.end);
			}
			if (take_n) {
				start = min(start, ops->start(n));
				end = max(end, ops->end(n));
			}
			nr_old += same + take_o;
			nr_new += same + take_n;
			same = 0;
			if (end > to && !vasmon_fault_due(VASMON_FAULT_NEIGHBOUR))
				to = end;
		}
		if (take_o) {
			last_o = o;
			none_o = o->region.end;
			o = NULL;
		}
		if (take_n) {
			none = ops->end(n);
			n = NULL;
		}
	}
	rep->start = start;
	rep->end = end;
	rep->nr_old = nr_old;
	rep->nr_new = nr_new;
	rep->skip = skip;
	return found;
}

/**
 * vasmon_replace_fits - are there nodes enough to apply a replacement?
 * @shadow: the old regions
 * @rep: what vasmon_replace_find() found
 *
 * Return: true if vasmon_replace_slot() will succeed for all new regions.
 */
static inline bool vasmon_replace_fits(const struct vasmon_shadow *shadow,
				       const struct vasmon_replace *rep)
{
	return rep->nr_new <= rep->nr_old + shadow->spares;
}

/**
 * vasmon_replace_slot - where in the shadow the next new region goes
 * @shadow: the regions
 * @rep: the replacement, which fits; @rep->old moves on as old nodes are used
 *	again, and @rep->nr_old counts down
 * @last: is it the last new region?
 *
 * Between the first call and vasmon_replace_finish() the shadow is neither the
 * old nor the new map. The order in the tree holds all the same: what was
 * common stays below and above.
 *
 * Return: the node, for the next new region from below; the caller sets it at
 * once with vasmon_shadow_set().
 */
static __always_inline struct vasmon_shadow_node *
vasmon_replace_slot(struct vasmon_shadow *shadow, struct vasmon_replace *rep, bool last)
{
	struct vasmon_shadow_node *node = rep->old;

	if (!rep->nr_old)
		return vasmon_shadow_insert(shadow, node);
	/* The next one is needed to be used again, erased or inserted before. */
	if (--rep->nr_old || !last)
		rep->old = vasmon_shadow_next(node);
	return node;
}

/**
 * vasmon_replace_finish - remove the old regions that have no successor
 * @shadow: the regions
 * @rep: the replacement, after all new regions were put
 */
static inline void vasmon_replace_finish(struct vasmon_shadow *shadow, struct vasmon_replace *rep)
{
	while (rep->nr_old) {
		struct vasmon_shadow_node *node = rep->old;

		rep->nr_old--;
		rep->old = vasmon_shadow_next(node);
		vasmon_shadow_erase(shadow, node);
	}
}

#endif /* _VASMON_REPLACE_H */
