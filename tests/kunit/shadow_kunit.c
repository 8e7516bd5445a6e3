// SPDX-License-Identifier: GPL-2.0-only
/* The shadow: an ordered set of regions whose nodes are allocated ahead of use. */
#include "map.h"

/*
 * Pages   1  2  3  4  5  6  7  8
 *         [--A--]        [B-][C-]
 */
static const struct map abc = {
	.n = 3,
	.r = { REGION(1, 3), REGION(5, 6), REGION(6, 7) },
};

static const struct map empty;

static void insert_in_any_order(struct kunit *test)
{
	struct vasmon_shadow *shadow = map_shadow_alloc(test, 3);
	struct vasmon_shadow_node *b, *c;

	KUNIT_ASSERT_TRUE(test, map_insert(shadow, NULL, &abc.r[2]));
	c = vasmon_shadow_first(shadow);
	KUNIT_ASSERT_TRUE(test, map_insert(shadow, c, &abc.r[1]));
	b = vasmon_shadow_first(shadow);
	KUNIT_ASSERT_TRUE(test, map_insert(shadow, b, &abc.r[0]));
	map_expect_shadow(test, shadow, &abc);
	KUNIT_EXPECT_EQ(test, shadow->spares, 0);
}

static void insert_without_spare_changes_nothing(struct kunit *test)
{
	struct vasmon_shadow *shadow = map_shadow_alloc(test, 3);
	const struct vasmon_region more = REGION(8, 9);

	map_to_shadow(test, shadow, &abc);
	KUNIT_EXPECT_FALSE(test, map_insert(shadow, NULL, &more));
	map_expect_shadow(test, shadow, &abc);
}

struct after_case {
	const char *name;
	unsigned long page;
	int index;	/* in abc, or -1 */
};

static const struct after_case after_cases[] = {
	{ "below all", 0, 0 },
	{ "first page of a region", 1, 0 },
	{ "last page of a region", 2, 0 },
	{ "page after a region, in a gap", 3, 1 },
	{ "last page of a gap", 4, 1 },
	{ "region with a neighbour above", 5, 1 },
	{ "region with a neighbour below", 6, 2 },
	{ "page after all", 7, -1 },
};

KUNIT_ARRAY_PARAM_DESC(after, after_cases, name);

static void after_expect(struct kunit *test, struct vasmon_shadow *shadow, unsigned long page,
			 int index)
{
	struct vasmon_shadow_node *node = vasmon_shadow_after(shadow, page << PAGE_SHIFT);

	if (index < 0) {
		KUNIT_EXPECT_NULL(test, node);
	} else {
		KUNIT_ASSERT_NOT_NULL(test, node);
		KUNIT_EXPECT_EQ(test, node->region.start, abc.r[index].start);
	}
}

/* The last look-up is remembered: no order of look-ups may change what is found. */
static void after_each_other_look_up(struct kunit *test)
{
	const struct after_case *param = test->param_value;
	struct vasmon_shadow *shadow = map_shadow_alloc(test, 3);

	map_to_shadow(test, shadow, &abc);
	after_expect(test, shadow, param->page, param->index);
	for (unsigned int i = 0; i < ARRAY_SIZE(after_cases); i++) {
		after_expect(test, shadow, after_cases[i].page, after_cases[i].index);
		after_expect(test, shadow, param->page, param->index);
	}
}

static void after_in_empty_shadow(struct kunit *test)
{
	struct vasmon_shadow *shadow = map_shadow_alloc(test, 0);

	KUNIT_EXPECT_NULL(test, vasmon_shadow_first(shadow));
	KUNIT_EXPECT_NULL(test, vasmon_shadow_after(shadow, 0));
}

static void after_erase_of_the_one_looked_up(struct kunit *test)
{
	struct vasmon_shadow *shadow = map_shadow_alloc(test, 3);

	map_to_shadow(test, shadow, &abc);
	vasmon_shadow_erase(shadow, vasmon_shadow_after(shadow, 5 << PAGE_SHIFT));
	after_expect(test, shadow, 5, 2);
	vasmon_shadow_erase(shadow, vasmon_shadow_after(shadow, 5 << PAGE_SHIFT));
	after_expect(test, shadow, 5, -1);
	after_expect(test, shadow, 0, 0);
}

/* Where a region grew down into the gap below it, the gap is smaller. */
static void set_moves_what_is_looked_up(struct kunit *test)
{
	struct vasmon_shadow *shadow = map_shadow_alloc(test, 3);
	const struct vasmon_region grown = REGION(4, 6);
	struct map *map = map_alloc(test);

	map_to_shadow(test, shadow, &abc);
	vasmon_shadow_set(shadow, vasmon_shadow_after(shadow, 5 << PAGE_SHIFT), &grown);
	*map = abc;
	map->r[1] = grown;
	map_expect_shadow(test, shadow, map);
	KUNIT_EXPECT_EQ(test, vasmon_shadow_after(shadow, 4 << PAGE_SHIFT)->region.start,
			grown.start);
	KUNIT_EXPECT_EQ(test, vasmon_shadow_after(shadow, 3 << PAGE_SHIFT)->region.start,
			grown.start);
	after_expect(test, shadow, 2, 0);
}

static void erase_gives_a_spare(struct kunit *test)
{
	struct vasmon_shadow *shadow = map_shadow_alloc(test, 3);

	map_to_shadow(test, shadow, &abc);
	for (unsigned int i = 1; i <= abc.n; i++) {
		vasmon_shadow_erase(shadow, vasmon_shadow_first(shadow));
		KUNIT_EXPECT_EQ(test, shadow->spares, i);
	}
	map_expect_shadow(test, shadow, &empty);
	map_to_shadow(test, shadow, &abc);
	map_expect_shadow(test, shadow, &abc);
}

static void reserve_tops_up(struct kunit *test)
{
	struct vasmon_shadow *shadow = map_shadow_alloc(test, 2);

	KUNIT_EXPECT_EQ(test, vasmon_shadow_reserve(shadow, 1, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, shadow->spares, 2);
	KUNIT_EXPECT_EQ(test, vasmon_shadow_reserve(shadow, 5, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, shadow->spares, 5);
}

struct give_case {
	const char *name;
	unsigned long from;
	unsigned long to;
};

static const struct give_case give_cases[] = {
	{ "none to none", 0, 0 },
	{ "none to some", 0, 2 },
	{ "some to none", 3, 0 },
	{ "some to some", 3, 2 },
};

KUNIT_ARRAY_PARAM_DESC(give, give_cases, name);

static void give_moves_all_spares(struct kunit *test)
{
	const struct give_case *param = test->param_value;
	struct vasmon_shadow *from = map_shadow_alloc(test, param->from);
	struct vasmon_shadow *to = map_shadow_alloc(test, param->to);
	unsigned long spares = 0;

	vasmon_shadow_give(to, from);
	KUNIT_EXPECT_EQ(test, from->spares, 0);
	KUNIT_EXPECT_NULL(test, from->spare);
	KUNIT_EXPECT_EQ(test, to->spares, param->from + param->to);
	for (struct vasmon_shadow_node *node = to->spare; node; node = node->next)
		spares++;
	KUNIT_EXPECT_EQ(test, spares, to->spares);
}

static void free_leaves_it_empty(struct kunit *test)
{
	struct vasmon_shadow *shadow = map_shadow_alloc(test, 5);

	map_to_shadow(test, shadow, &abc);
	vasmon_shadow_free(shadow);
	map_expect_shadow(test, shadow, &empty);
	KUNIT_EXPECT_EQ(test, shadow->spares, 0);
	KUNIT_EXPECT_NULL(test, shadow->near);
}

/* Whatever is inserted, erased and looked up: it is what the array has. */
static void random_changes_as_the_naive_map(struct kunit *test)
{
	struct vasmon_shadow *shadow = map_shadow_alloc(test, MAP_MAX);
	struct map *map = map_alloc(test);
	struct rnd_state rnd;

	map_seed(test, &rnd);
	for (unsigned int step = 0; step < 2000; step++) {
		unsigned long addr = prandom_u32_state(&rnd) % MAP_PAGES << PAGE_SHIFT;
		struct vasmon_shadow_node *node = vasmon_shadow_after(shadow, addr);
		unsigned int i = 0;

		while (i < map->n && map->r[i].end <= addr)
			i++;
		KUNIT_ASSERT_EQ_MSG(test, i < map->n, !!node, "step %u, address %lx", step, addr);
		if (node)
			KUNIT_ASSERT_EQ(test, node->region.start, map->r[i].start);
		if (node && node->region.start <= addr) {
			vasmon_shadow_erase(shadow, node);
			map->n--;
			memmove(&map->r[i], &map->r[i + 1], (map->n - i) * sizeof(map->r[0]));
		} else {
			struct vasmon_region r = REGION(0, 0, .flags = step);

			r.start = addr;
			r.end = addr + ((1 + prandom_u32_state(&rnd) % 4) << PAGE_SHIFT);
			if (node)
				r.end = min(r.end, node->region.start);
			KUNIT_ASSERT_TRUE(test, map_insert(shadow, node, &r));
			memmove(&map->r[i + 1], &map->r[i], (map->n - i) * sizeof(map->r[0]));
			map->r[i] = r;
			map->n++;
		}
		KUNIT_ASSERT_EQ(test, shadow->count + shadow->spares, MAP_MAX);
		if (step % 50 == 0)
			map_expect_shadow(test, shadow, map);
	}
	map_expect_shadow(test, shadow, map);
}

static struct kunit_case vasmon_shadow_cases[] = {
	KUNIT_CASE(insert_in_any_order),
	KUNIT_CASE(insert_without_spare_changes_nothing),
	KUNIT_CASE_PARAM(after_each_other_look_up, after_gen_params),
	KUNIT_CASE(after_in_empty_shadow),
	KUNIT_CASE(after_erase_of_the_one_looked_up),
	KUNIT_CASE(set_moves_what_is_looked_up),
	KUNIT_CASE(erase_gives_a_spare),
	KUNIT_CASE(reserve_tops_up),
	KUNIT_CASE_PARAM(give_moves_all_spares, give_gen_params),
	KUNIT_CASE(free_leaves_it_empty),
	KUNIT_CASE_PARAM(random_changes_as_the_naive_map, map_seed_gen_params),
	{}
};

static struct kunit_suite vasmon_shadow_suite = {
	.name = "vasmon_shadow",
	.test_cases = vasmon_shadow_cases,
};

kunit_test_suite(vasmon_shadow_suite);
