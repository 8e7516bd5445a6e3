// SPDX-License-Identifier: GPL-2.0-only
#include "sums.h"

static void sums_add(struct sum *sum, const struct region *r, const struct smaps_region *pages)
{
	sum->regions++;
	sum->bytes += region_size(r);
	if (!pages)
		return;
	sum->resident += pages->resident;
	sum->dirty += pages->dirty;
	sum->swapped += pages->swapped;
}

/**
 * sums_of - add up a map by kind
 * @sums: overwritten
 * @scene: the map
 * @pages: its pages, or NULL
 */
void sums_of(struct sums *sums, const struct scene *scene, const struct smaps *pages)
{
	size_t n = scene_count(scene), i;

	*sums = (struct sums){ 0 };
	for (i = 0; i < n; i++) {
		const struct region *r = scene_at(scene, i);
		const struct smaps_region *p = pages ? smaps_find(pages, r->start, r->end) : NULL;
		struct what w = what_at(scene, i);

		sums_add(&sums->kind[w.kind], r, p);
		sums_add(&sums->all, r, p);
		if (w.wx)
			sums_add(&sums->wx, r, p);
	}
}
