/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_REPLACE_H
#define _VASMON_REPLACE_H

#include "shadow.h"

/**
 * struct vasmon_replace_ops - how to walk the new regions
 * @after: set @r to the first region that ends after @addr
 * @next: set @r to the region above the last one given
 *
 * Each returns false where there is none. A struct of constants at each use,
 * so that the compiler calls them directly.
 */
struct vasmon_replace_ops {
	bool (*after)(void *walk, unsigned long addr, struct vasmon_region *r);
	bool (*next)(void *walk, struct vasmon_region *r);
};

/**
 * struct vasmon_replace - inside one window, old regions became new ones
 * @start: first address of the window
 * @end: first address after the window
 * @old: first old region, a node of the shadow; nothing if @nr_old is 0
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
 * @from: what ends below this address is as it was
 * @to: what starts above this address is as it was
 * @rep: set to the smallest replacement that turns the old regions of that
 *	range into the new ones
 *
 * Regions that touch the range are compared as well, since a change merges
 * with its neighbours. Where a region that differs reaches out of the range,
 * the range grows: no region of the old or the new map crosses an end of the
 * resulting window.
 *
 * Example: old A B C D, new A X D: the neighbours A and D are common, so B C
 * became X, in a window from the lower start of B and X to the higher end of
 * C and X.
 *
 * Context: any; does not sleep. The shadow and the new regions do not change
 * meanwhile.
 * Return: false if nothing changed.
 */
static __always_inline bool vasmon_replace_find(const struct vasmon_shadow *shadow,
						const struct vasmon_replace_ops *ops,
						void *walk, unsigned long from,
						unsigned long to, struct vasmon_replace *rep)
{
	struct vasmon_shadow_node *o;
	struct vasmon_region n;
	unsigned long same = 0;	/* since the last difference */
	bool have_n, found = false;

	from -= from > 0;
	to += to < ULONG_MAX;
	o = vasmon_shadow_after(shadow, from);
	have_n = ops->after(walk, from, &n);
	for (;;) {
		if (have_n && n.start < from && (!o || o->region.start > n.start)) {
			from = n.start;
			o = vasmon_shadow_after(shadow, from);
		} else if (o && o->region.start < from &&
			   (!have_n || n.start > o->region.start)) {
			from = o->region.start;
			have_n = ops->after(walk, from, &n);
		} else {
			break;
		}
	}

	rep->start = ULONG_MAX;
	rep->end = 0;
	rep->nr_old = 0;
	rep->nr_new = 0;
	rep->skip = 0;
	for (;;) {
		bool in_o = o && o->region.start < to, in_n = have_n && n.start < to;
		bool take_o, take_n;

		if (!in_o && !in_n)
			return found;
		if (in_o && in_n && vasmon_region_equal(&o->region, &n)) {
			if (found)
				same++;
			else
				rep->skip++;
			take_o = true;
			take_n = true;
		} else {
			if (!found)
				rep->old = o;
			found = true;
			rep->nr_old += same;
			rep->nr_new += same;
			same = 0;
			take_o = in_o && (!in_n || o->region.start <= n.start);
			take_n = in_n && (!in_o || n.start <= o->region.start);
			if (take_o) {
				rep->nr_old++;
				rep->start = min(rep->start, o->region.start);
				rep->end = max(rep->end, o->region.end);
			}
			if (take_n) {
				rep->nr_new++;
				rep->start = min(rep->start, n.start);
				rep->end = max(rep->end, n.end);
			}
			to = max(to, rep->end);
		}
		if (take_o)
			o = vasmon_shadow_next(o);
		if (take_n)
			have_n = ops->next(walk, &n);
	}
}

bool vasmon_replace_fits(const struct vasmon_shadow *shadow, const struct vasmon_replace *rep);
void vasmon_replace_put(struct vasmon_shadow *shadow, struct vasmon_replace *rep,
			const struct vasmon_region *r);
void vasmon_replace_finish(struct vasmon_shadow *shadow, struct vasmon_replace *rep);

#endif /* _VASMON_REPLACE_H */
