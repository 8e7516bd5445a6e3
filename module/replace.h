/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_REPLACE_H
#define _VASMON_REPLACE_H

#include "shadow.h"

/**
 * struct vasmon_replace_ops - how to walk the new regions
 * @after: set @r to the first region that ends after @addr
 * @next: set @r to the region above the last one given
 * @before: set @r to the last region that starts before @addr
 * @prev: set @r to the region below the last one given
 *
 * Each returns false where there is none. A struct of constants at each use,
 * so that the compiler calls them directly.
 */
struct vasmon_replace_ops {
	bool (*after)(void *walk, unsigned long addr, struct vasmon_region *r);
	bool (*next)(void *walk, struct vasmon_region *r);
	bool (*before)(void *walk, unsigned long addr, struct vasmon_region *r);
	bool (*prev)(void *walk, struct vasmon_region *r);
};

/**
 * struct vasmon_replace - inside one window, old regions became new ones
 * @start: first address of the window
 * @end: first address after the window
 * @old: first old region, a node of the shadow; NULL if @nr_old is 0
 * @nr_old: number of old regions
 * @nr_new: number of new regions, those that overlap the window
 */
struct vasmon_replace {
	unsigned long start;
	unsigned long end;
	struct vasmon_shadow_node *old;
	unsigned long nr_old;
	unsigned long nr_new;
};

/**
 * vasmon_replace_find - what changed between a shadow and the new regions
 * @shadow: the old regions
 * @ops: walks the new regions
 * @walk: for @ops
 * @from: nothing that ends at or before this address changed
 * @to: nothing that starts at or after this address changed
 * @rep: set to the smallest replacement that turns the old regions into the
 *	new ones
 *
 * Compares from below up to the first difference, and from above down to the
 * last one.
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
	struct vasmon_shadow_node *o = vasmon_shadow_after(shadow, from);
	struct vasmon_shadow_node *last_o;
	struct vasmon_region n, last_n;
	bool have_n = ops->after(walk, from, &n), have_last_n;
	unsigned long low_o, low_n;

	if (o && o->region.start >= to)
		o = NULL;
	if (have_n && n.start >= to)
		have_n = false;
	while (o && have_n && vasmon_region_equal(&o->region, &n)) {
		o = vasmon_shadow_next(o);
		if (o && o->region.start >= to)
			o = NULL;
		have_n = ops->next(walk, &n) && n.start < to;
	}
	if (!o && !have_n)
		return false;

	/* The first that differ; what is below is common. */
	low_o = o ? o->region.start : ULONG_MAX;
	low_n = have_n ? n.start : ULONG_MAX;

	last_o = o ? vasmon_shadow_before(shadow, to) : NULL;
	have_last_n = have_n && ops->before(walk, to, &last_n);
	while (last_o && have_last_n && vasmon_region_equal(&last_o->region, &last_n)) {
		last_o = vasmon_shadow_prev(last_o);
		if (last_o && last_o->region.start < low_o)
			last_o = NULL;
		have_last_n = ops->prev(walk, &last_n) && last_n.start >= low_n;
	}

	rep->old = last_o ? o : NULL;
	rep->start = min(last_o ? low_o : ULONG_MAX, have_last_n ? low_n : ULONG_MAX);
	rep->end = max(last_o ? last_o->region.end : 0, have_last_n ? last_n.end : 0);
	rep->nr_old = 0;
	for (; last_o; last_o = last_o == o ? NULL : vasmon_shadow_prev(last_o))
		rep->nr_old++;
	rep->nr_new = 0;
	for (; have_last_n; have_last_n = last_n.start > low_n && ops->prev(walk, &last_n))
		rep->nr_new++;
	return true;
}

bool vasmon_replace_fits(const struct vasmon_shadow *shadow, const struct vasmon_replace *rep);
void vasmon_replace_put(struct vasmon_shadow *shadow, struct vasmon_replace *rep,
			const struct vasmon_region *r);
void vasmon_replace_finish(struct vasmon_shadow *shadow, struct vasmon_replace *rep);

#endif /* _VASMON_REPLACE_H */
