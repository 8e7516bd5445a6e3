/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_KUNIT_MAP_H
#define _VASMON_KUNIT_MAP_H

#include <kunit/test.h>
#include <linux/prandom.h>

#include "shadow.h"

/*
 * The naive model of an address space: an array. What the module's structures
 * do in O(log n), it does by looking at every region.
 */
#define MAP_MAX 128

/* Random maps have this many pages, and hence no more than MAP_MAX regions. */
#define MAP_PAGES 96

/**
 * struct map - regions in ascending order
 * @n: how many
 * @r: the regions
 */
struct map {
	unsigned int n;
	struct vasmon_region r[MAP_MAX];
};

/* A region from one page up to another. */
#define REGION(from, to, ...)							\
	{ .start = (unsigned long)(from) << PAGE_SHIFT,				\
	  .end = (unsigned long)(to) << PAGE_SHIFT, ##__VA_ARGS__ }

const void *map_seed_gen_params(const void *prev, char *desc);
void map_seed(struct kunit *test, struct rnd_state *rnd);
struct map *map_alloc(struct kunit *test);
void map_random(struct map *map, struct rnd_state *rnd);
void map_change(struct map *map, const struct map *old, struct rnd_state *rnd,
		unsigned long *from, unsigned long *to);
bool map_insert(struct vasmon_shadow *shadow, struct vasmon_shadow_node *above,
		const struct vasmon_region *r);
void map_to_shadow(struct kunit *test, struct vasmon_shadow *shadow, const struct map *map);
void map_expect_shadow(struct kunit *test, struct vasmon_shadow *shadow, const struct map *map);
struct vasmon_shadow *map_shadow_alloc(struct kunit *test, unsigned long spares);

#endif /* _VASMON_KUNIT_MAP_H */
