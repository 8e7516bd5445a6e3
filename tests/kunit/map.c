// SPDX-License-Identifier: GPL-2.0-only
/* The naive model that shadows and replacements are compared with. */
#include "map.h"

static const u64 seeds[] = { 1, 2, 3, 4, 5, 6, 7, 8 };

static void seed_desc(const u64 *seed, char *desc)
{
	scnprintf(desc, KUNIT_PARAM_DESC_SIZE, "seed %llu", *seed);
}

KUNIT_ARRAY_PARAM(seed, seeds, seed_desc);

/* Parameters of cases that use randomness, which repeats. */
const void *map_seed_gen_params(const void *prev, char *desc)
{
	return seed_gen_params(prev, desc);
}

/**
 * map_seed - begin with the case's seed
 * @test: one of map_seed_gen_params()
 * @rnd: set up
 */
void map_seed(struct kunit *test, struct rnd_state *rnd)
{
	prandom_seed_state(rnd, *(const u64 *)test->param_value);
}

/**
 * map_alloc - an empty map
 * @test: it is freed with
 *
 * Return: the map.
 */
struct map *map_alloc(struct kunit *test)
{
	struct map *map = kunit_kzalloc(test, sizeof(*map), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, map);
	return map;
}

static unsigned int map_below(struct rnd_state *rnd, unsigned int n)
{
	return prandom_u32_state(rnd) % n;
}

/* Few, so that neighbours are often alike. */
static unsigned long map_random_flags(struct rnd_state *rnd)
{
	return map_below(rnd, 3);
}

/* As the kernel does: neighbours that are alike are one region. */
static void map_append(struct map *map, const struct vasmon_region *r)
{
	struct vasmon_region *last = map->n ? &map->r[map->n - 1] : NULL;

	if (r->start >= r->end)
		return;
	if (last && last->end == r->start && last->flags == r->flags)
		last->end = r->end;
	else
		map->r[map->n++] = *r;
}

/**
 * map_random - a map at random
 * @map: filled
 * @rnd: where randomness comes from
 */
void map_random(struct map *map, struct rnd_state *rnd)
{
	unsigned int page = map_below(rnd, 4);

	map->n = 0;
	while (page < MAP_PAGES) {
		unsigned int end = min(page + 1 + map_below(rnd, 6), (unsigned int)MAP_PAGES);
		struct vasmon_region r = REGION(page, end, .flags = map_random_flags(rnd));

		map_append(map, &r);
		page = end + (map_below(rnd, 3) ? 0 : map_below(rnd, 5));
	}
}

static void map_append_part(struct map *map, const struct vasmon_region *r,
			    unsigned long from, unsigned long to)
{
	struct vasmon_region part = *r;

	part.start = max(r->start, from);
	part.end = min(r->end, to);
	map_append(map, &part);
}

/**
 * map_change - what a system call might do
 * @map: set to @old, with some of its pages mapped, unmapped, or given other flags
 * @old: the map before
 * @rnd: where randomness comes from
 * @from: set to the first address of what was asked for
 * @to: set to the first address after that
 *
 * Regions are split at the ends of the range, and merged with neighbours that
 * are alike: what changes reaches out of the range, as in the kernel.
 */
void map_change(struct map *map, const struct map *old, struct rnd_state *rnd,
		unsigned long *from, unsigned long *to)
{
	enum { MAPPED, UNMAPPED, PROTECTED } kind = map_below(rnd, 3);
	unsigned int page = map_below(rnd, MAP_PAGES);
	unsigned int end = min(page + 1 + map_below(rnd, 16), (unsigned int)MAP_PAGES);
	struct vasmon_region put = REGION(page, end, .flags = map_random_flags(rnd));
	unsigned int i;

	*from = put.start;
	*to = put.end;
	map->n = 0;
	for (i = 0; i < old->n; i++)
		map_append_part(map, &old->r[i], 0, put.start);
	if (kind == MAPPED)
		map_append(map, &put);
	for (i = 0; i < old->n && kind == PROTECTED; i++) {
		struct vasmon_region r = old->r[i];

		r.flags = put.flags;
		map_append_part(map, &r, put.start, put.end);
	}
	for (i = 0; i < old->n; i++)
		map_append_part(map, &old->r[i], put.end, ULONG_MAX);
}

static void map_shadow_free(void *shadow)
{
	vasmon_shadow_free(shadow);
}

/**
 * map_shadow_alloc - an empty shadow
 * @test: it is freed with
 * @spares: how many spare nodes it has
 *
 * Return: the shadow.
 */
struct vasmon_shadow *map_shadow_alloc(struct kunit *test, unsigned long spares)
{
	struct vasmon_shadow *shadow = kunit_kzalloc(test, sizeof(*shadow), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, shadow);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, map_shadow_free, shadow), 0);
	KUNIT_ASSERT_EQ(test, vasmon_shadow_reserve(shadow, spares, GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, shadow->spares, spares);
	return shadow;
}

/**
 * map_insert - add a region to a shadow
 * @shadow: the regions
 * @above: the next one above, or NULL
 * @r: the region
 *
 * Return: false if there is no spare node.
 */
bool map_insert(struct vasmon_shadow *shadow, struct vasmon_shadow_node *above,
		const struct vasmon_region *r)
{
	struct vasmon_shadow_node *node = vasmon_shadow_insert(shadow, above);

	if (node)
		vasmon_shadow_set(shadow, node, r);
	return node;
}

/**
 * map_to_shadow - let a shadow hold a map
 * @test: fails if there are not enough spare nodes
 * @shadow: empty
 * @map: the regions
 */
void map_to_shadow(struct kunit *test, struct vasmon_shadow *shadow, const struct map *map)
{
	for (unsigned int i = 0; i < map->n; i++)
		KUNIT_ASSERT_TRUE(test, map_insert(shadow, NULL, &map->r[i]));
}

/**
 * map_expect_shadow - a shadow has to hold a map, and its sums
 * @test: fails otherwise
 * @shadow: what is
 * @map: what shall be
 */
void map_expect_shadow(struct kunit *test, struct vasmon_shadow *shadow, const struct map *map)
{
	struct vasmon_shadow_node *node = vasmon_shadow_first(shadow);
	unsigned long bytes = 0;

	for (unsigned int i = 0; i < map->n; i++, node = vasmon_shadow_next(node)) {
		KUNIT_ASSERT_NOT_NULL_MSG(test, node, "it ends before region %u", i);
		KUNIT_ASSERT_TRUE_MSG(test, vasmon_region_equal(&node->region, &map->r[i]),
				      "region %u is %lx-%lx %lx instead of %lx-%lx %lx", i,
				      node->region.start, node->region.end, node->region.flags,
				      map->r[i].start, map->r[i].end, map->r[i].flags);
		bytes += map->r[i].end - map->r[i].start;
	}
	KUNIT_EXPECT_NULL_MSG(test, node, "it has more than %u regions", map->n);
	KUNIT_EXPECT_EQ(test, shadow->count, map->n);
	KUNIT_EXPECT_EQ(test, shadow->bytes, bytes);
}
