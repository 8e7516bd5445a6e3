// SPDX-License-Identifier: GPL-2.0-only
/* The event model: inside one window of addresses, old regions became new ones. */
#include "replace.h"

/**
 * vasmon_replace_fits - are there nodes enough to apply a replacement?
 * @shadow: the old regions
 * @rep: what vasmon_replace_find() found
 *
 * Return: true if vasmon_replace_put() will succeed for all new regions.
 */
bool vasmon_replace_fits(const struct vasmon_shadow *shadow, const struct vasmon_replace *rep)
{
	return rep->nr_new <= rep->nr_old + shadow->spares;
}

/**
 * vasmon_replace_put - put the next new region into the shadow
 * @shadow: the regions
 * @rep: the replacement; @rep->old moves on as old nodes are used again
 * @r: the next new region, from below
 *
 * Between the first call and vasmon_replace_finish() the shadow is neither the
 * old nor the new map. The order in the tree holds all the same: what was
 * common stays below and above.
 */
void vasmon_replace_put(struct vasmon_shadow *shadow, struct vasmon_replace *rep,
			const struct vasmon_region *r)
{
	struct vasmon_shadow_node *node = rep->old;

	if (rep->nr_old) {
		rep->old = --rep->nr_old ? vasmon_shadow_next(node) : NULL;
		vasmon_shadow_set(shadow, node, r);
	} else if (!vasmon_shadow_insert(shadow, r)) {
		WARN_ONCE(1, "vasmon: no node for a region that was counted\n");
	}
}

/**
 * vasmon_replace_finish - remove the old regions that have no successor
 * @shadow: the regions
 * @rep: the replacement, after all new regions were put
 */
void vasmon_replace_finish(struct vasmon_shadow *shadow, struct vasmon_replace *rep)
{
	struct vasmon_shadow_node *node, *next;

	for (node = rep->old; rep->nr_old; rep->nr_old--, node = next) {
		next = vasmon_shadow_next(node);
		vasmon_shadow_erase(shadow, node);
	}
	rep->old = NULL;
}
