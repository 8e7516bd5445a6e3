// SPDX-License-Identifier: GPL-2.0-only
/* The event model: inside one window, these old regions became these new ones. */
#include "map.h"
#include "replace.h"

/* Walks the new regions, as the module walks the VMAs of an mm. */
struct walk {
	const struct map *map;
	unsigned int at;
	unsigned int first;	/* that was seen since walk_after() */
};

static const void *walk_at(const struct walk *walk)
{
	return walk->at < walk->map->n ? &walk->map->r[walk->at] : NULL;
}

static const void *walk_next(void *data)
{
	struct walk *walk = data;

	walk->at++;
	return walk_at(walk);
}

static const void *walk_after(void *data, unsigned long addr, unsigned long to)
{
	const struct vasmon_region *r;
	struct walk *walk = data;

	for (walk->at = 0; walk->at < walk->map->n; walk->at++)
		if (walk->map->r[walk->at].end > addr)
			break;
	walk->first = walk->at;
	r = walk_at(walk);
	if (r && r->start < to)
		return r;
	/* walk_next() goes to the region above the gap. */
	walk->at--;
	return NULL;
}

static unsigned long walk_start(const void *new)
{
	return ((const struct vasmon_region *)new)->start;
}

static unsigned long walk_end(const void *new)
{
	return ((const struct vasmon_region *)new)->end;
}

static bool walk_equal(const void *new, const struct vasmon_region *r)
{
	return vasmon_region_equal(new, r);
}

static const struct vasmon_replace_ops walk_ops = {
	.after = walk_after,
	.next = walk_next,
	.start = walk_start,
	.end = walk_end,
	.equal = walk_equal,
};

/* What vasmon_replace_find() is to find, by looking at everything. */
struct naive {
	bool found;
	unsigned int first;	/* regions in common before the difference */
	unsigned int nr_old;
	unsigned int nr_new;
	unsigned long start;
	unsigned long end;
};

static struct naive naive_find(const struct map *old, const struct map *new)
{
	struct naive naive = { .start = ULONG_MAX };
	unsigned int above = 0, least = min(old->n, new->n);

	while (naive.first < least &&
	       vasmon_region_equal(&old->r[naive.first], &new->r[naive.first]))
		naive.first++;
	while (above < least - naive.first &&
	       vasmon_region_equal(&old->r[old->n - 1 - above], &new->r[new->n - 1 - above]))
		above++;
	naive.nr_old = old->n - naive.first - above;
	naive.nr_new = new->n - naive.first - above;
	naive.found = naive.nr_old || naive.nr_new;
	if (naive.nr_old) {
		naive.start = old->r[naive.first].start;
		naive.end = old->r[naive.first + naive.nr_old - 1].end;
	}
	if (naive.nr_new) {
		naive.start = min(naive.start, new->r[naive.first].start);
		naive.end = max(naive.end, new->r[naive.first + naive.nr_new - 1].end);
	}
	return naive;
}

/* What was found has to be what there is to be found: no more, no less. */
static void expect_found(struct kunit *test, struct vasmon_shadow *shadow, const struct map *old,
			 const struct map *new, unsigned long from, unsigned long to,
			 struct vasmon_replace *rep, struct walk *walk)
{
	struct naive naive = naive_find(old, new);
	bool found = vasmon_replace_find(shadow, &walk_ops, walk, from, to, rep);

	KUNIT_ASSERT_EQ(test, found, naive.found);
	if (!found)
		return;
	KUNIT_EXPECT_EQ(test, rep->start, naive.start);
	KUNIT_EXPECT_EQ(test, rep->end, naive.end);
	KUNIT_ASSERT_EQ(test, rep->nr_old, naive.nr_old);
	KUNIT_ASSERT_EQ(test, rep->nr_new, naive.nr_new);
	/* The first old one, or the next above the window. */
	if (naive.first < old->n) {
		KUNIT_ASSERT_NOT_NULL(test, rep->old);
		KUNIT_EXPECT_TRUE(test, vasmon_region_equal(&rep->old->region,
							    &old->r[naive.first]));
	} else {
		KUNIT_EXPECT_NULL(test, rep->old);
	}
	/* The caller has kept those that it walked over, and takes the new ones out of them. */
	if (rep->nr_new)
		KUNIT_EXPECT_EQ(test, walk->first + rep->skip, naive.first);
}

/* Turn the shadow into the new map, as the replacement says. */
static void expect_applied(struct kunit *test, struct vasmon_shadow *shadow,
			   struct vasmon_replace *rep, const struct map *new, unsigned int first)
{
	unsigned long nr_new = rep->nr_new;

	KUNIT_ASSERT_TRUE(test, vasmon_replace_fits(shadow, rep));
	for (unsigned long i = 0; i < nr_new; i++)
		vasmon_shadow_set(shadow, vasmon_replace_slot(shadow, rep, i + 1 == nr_new),
				  &new->r[first + i]);
	vasmon_replace_finish(shadow, rep);
	map_expect_shadow(test, shadow, new);
}

/*
 * Pages are 0 to 9; a region is told from another of the same pages by its
 * flags. From and to are what the system call was asked for: a page outside
 * did not change, a region that reaches out of it may have.
 */
struct find_case {
	const char *name;
	unsigned int from;
	unsigned int to;
	struct map old;
	struct map new;
	/* expected */
	bool found;
	unsigned int start;
	unsigned int end;
	unsigned int nr_old;
	unsigned int nr_new;
};

#define MAP(...) { .n = sizeof((struct vasmon_region[]){ __VA_ARGS__ }) /		\
		   sizeof(struct vasmon_region), .r = { __VA_ARGS__ } }
#define R(from, to) REGION(from, to)
#define W(from, to) REGION(from, to, .flags = VM_WRITE)

static const struct find_case find_cases[] = {
	{
		.name = "nothing in empty maps",
		.from = 0, .to = 10,
	}, {
		.name = "nothing where both are alike",
		.from = 0, .to = 10,
		.old = MAP(R(1, 3), R(5, 6)), .new = MAP(R(1, 3), R(5, 6)),
	}, {
		.name = "mmap, the first",
		.from = 2, .to = 4,
		.new = MAP(R(2, 4)),
		.found = true, .start = 2, .end = 4, .nr_new = 1,
	}, {
		.name = "mmap in a gap",
		.from = 3, .to = 4,
		.old = MAP(R(1, 2), R(6, 7)), .new = MAP(R(1, 2), R(3, 4), R(6, 7)),
		.found = true, .start = 3, .end = 4, .nr_new = 1,
	}, {
		.name = "mmap above all",
		.from = 7, .to = 9,
		.old = MAP(R(1, 2), R(6, 7)), .new = MAP(R(1, 2), R(6, 7), W(7, 9)),
		.found = true, .start = 7, .end = 9, .nr_new = 1,
	}, {
		/* Asked for page 2, which is now a part of 1-3: the region below grew. */
		.name = "mmap that is merged with the region below",
		.from = 2, .to = 3,
		.old = MAP(R(1, 2), R(6, 7)), .new = MAP(R(1, 3), R(6, 7)),
		.found = true, .start = 1, .end = 3, .nr_old = 1, .nr_new = 1,
	}, {
		.name = "mmap that is merged with the region above",
		.from = 5, .to = 6,
		.old = MAP(R(1, 2), R(6, 7)), .new = MAP(R(1, 2), R(5, 7)),
		.found = true, .start = 5, .end = 7, .nr_old = 1, .nr_new = 1,
	}, {
		.name = "mmap that closes a gap: two regions become one",
		.from = 2, .to = 6,
		.old = MAP(R(1, 2), R(6, 7)), .new = MAP(R(1, 7)),
		.found = true, .start = 1, .end = 7, .nr_old = 2, .nr_new = 1,
	}, {
		.name = "mmap over other regions",
		.from = 2, .to = 6,
		.old = MAP(R(1, 3), R(4, 5), R(5, 8)), .new = MAP(R(1, 2), W(2, 6), R(6, 8)),
		.found = true, .start = 1, .end = 8, .nr_old = 3, .nr_new = 3,
	}, {
		.name = "munmap of a region",
		.from = 1, .to = 3,
		.old = MAP(R(1, 3), R(5, 6)), .new = MAP(R(5, 6)),
		.found = true, .start = 1, .end = 3, .nr_old = 1,
	}, {
		.name = "munmap of the last region",
		.from = 5, .to = 6,
		.old = MAP(R(1, 3), R(5, 6)), .new = MAP(R(1, 3)),
		.found = true, .start = 5, .end = 6, .nr_old = 1,
	}, {
		.name = "munmap of all",
		.from = 0, .to = 10,
		.old = MAP(R(1, 3), R(5, 6)),
		.found = true, .start = 1, .end = 6, .nr_old = 2,
	}, {
		.name = "munmap of a region's middle: a hole",
		.from = 4, .to = 5,
		.old = MAP(R(3, 6)), .new = MAP(R(3, 4), R(5, 6)),
		.found = true, .start = 3, .end = 6, .nr_old = 1, .nr_new = 2,
	}, {
		.name = "munmap of the end of one and the start of another",
		.from = 2, .to = 6,
		.old = MAP(R(1, 3), W(5, 7)), .new = MAP(R(1, 2), W(6, 7)),
		.found = true, .start = 1, .end = 7, .nr_old = 2, .nr_new = 2,
	}, {
		.name = "munmap of a gap",
		.from = 3, .to = 5,
		.old = MAP(R(1, 3), R(5, 6)), .new = MAP(R(1, 3), R(5, 6)),
	}, {
		.name = "mprotect of a region",
		.from = 1, .to = 3,
		.old = MAP(R(1, 3), R(5, 6)), .new = MAP(W(1, 3), R(5, 6)),
		.found = true, .start = 1, .end = 3, .nr_old = 1, .nr_new = 1,
	}, {
		.name = "mprotect of a region's middle: split in three",
		.from = 3, .to = 4,
		.old = MAP(R(2, 5)), .new = MAP(R(2, 3), W(3, 4), R(4, 5)),
		.found = true, .start = 2, .end = 5, .nr_old = 1, .nr_new = 3,
	}, {
		.name = "mprotect that undoes a split",
		.from = 3, .to = 4,
		.old = MAP(R(2, 3), W(3, 4), R(4, 5)), .new = MAP(R(2, 5)),
		.found = true, .start = 2, .end = 5, .nr_old = 3, .nr_new = 1,
	}, {
		.name = "mprotect that moves a border",
		.from = 3, .to = 4,
		.old = MAP(R(2, 3), W(3, 6)), .new = MAP(R(2, 4), W(4, 6)),
		.found = true, .start = 2, .end = 6, .nr_old = 2, .nr_new = 2,
	}, {
		/* The regions in common between two differences are part of it. */
		.name = "differences with a region in common between them",
		.from = 1, .to = 7,
		.old = MAP(R(1, 2), R(3, 4), R(5, 7)), .new = MAP(W(1, 2), R(3, 4), W(5, 7)),
		.found = true, .start = 1, .end = 7, .nr_old = 3, .nr_new = 3,
	}, {
		.name = "regions in common around the difference are not part of it",
		.from = 0, .to = 10,
		.old = MAP(R(0, 1), W(1, 2), R(3, 4), R(5, 7), W(7, 8), R(9, 10)),
		.new = MAP(R(0, 1), W(1, 2), W(3, 4), R(5, 7), W(7, 8), R(9, 10)),
		.found = true, .start = 3, .end = 4, .nr_old = 1, .nr_new = 1,
	}, {
		.name = "a stack that grew down, looked for at its old place",
		.from = 4, .to = 5,
		.old = MAP(R(1, 2), W(5, 7)), .new = MAP(R(1, 2), W(4, 7)),
		.found = true, .start = 4, .end = 7, .nr_old = 1, .nr_new = 1,
	}, {
		.name = "mremap in place, shrunk",
		.from = 3, .to = 7,
		.old = MAP(R(3, 7)), .new = MAP(R(3, 5)),
		.found = true, .start = 3, .end = 7, .nr_old = 1, .nr_new = 1,
	}, {
		.name = "exec: nothing is left",
		.from = 0, .to = 10,
		.old = MAP(R(1, 2), R(3, 4)), .new = MAP(W(0, 1), W(2, 3), W(8, 9)),
		.found = true, .start = 0, .end = 9, .nr_old = 2, .nr_new = 3,
	},
};

KUNIT_ARRAY_PARAM_DESC(find, find_cases, name);

static void find_and_apply(struct kunit *test)
{
	const struct find_case *param = test->param_value;
	struct vasmon_shadow *shadow = map_shadow_alloc(test, 16);
	struct walk walk = { .map = &param->new };
	struct vasmon_replace rep;
	bool found;

	map_to_shadow(test, shadow, &param->old);
	found = vasmon_replace_find(shadow, &walk_ops, &walk,
				    (unsigned long)param->from << PAGE_SHIFT,
				    (unsigned long)param->to << PAGE_SHIFT, &rep);
	KUNIT_ASSERT_EQ(test, found, param->found);
	if (!found)
		return;
	KUNIT_EXPECT_EQ(test, rep.start, (unsigned long)param->start << PAGE_SHIFT);
	KUNIT_EXPECT_EQ(test, rep.end, (unsigned long)param->end << PAGE_SHIFT);
	KUNIT_EXPECT_EQ(test, rep.nr_old, param->nr_old);
	KUNIT_EXPECT_EQ(test, rep.nr_new, param->nr_new);
	expect_applied(test, shadow, &rep, &param->new, naive_find(&param->old, &param->new).first);
}

/* Of any range that holds the change, the same is found. */
static void find_in_a_wider_range(struct kunit *test)
{
	const struct find_case *param = test->param_value;
	struct vasmon_shadow *shadow = map_shadow_alloc(test, 16);

	map_to_shadow(test, shadow, &param->old);
	for (unsigned long from = 0; from <= param->from; from++) {
		for (unsigned long to = param->to; to <= 12; to++) {
			struct walk walk = { .map = &param->new };
			struct vasmon_replace rep;

			expect_found(test, shadow, &param->old, &param->new, from << PAGE_SHIFT,
				     to << PAGE_SHIFT, &rep, &walk);
		}
	}
}

static void fits_counts_what_is_used_again(struct kunit *test)
{
	struct vasmon_shadow *shadow = map_shadow_alloc(test, 2);
	struct vasmon_replace rep = { .nr_old = 3, .nr_new = 5 };

	KUNIT_EXPECT_TRUE(test, vasmon_replace_fits(shadow, &rep));
	rep.nr_new++;
	KUNIT_EXPECT_FALSE(test, vasmon_replace_fits(shadow, &rep));
}

/*
 * Change a map at random again and again. In the range that was asked for, and
 * in the whole address space, the difference has to be that of the arrays; and
 * the shadow, to which it is applied, has to stay the map.
 */
static void random_changes_as_the_naive_map(struct kunit *test)
{
	struct vasmon_shadow *shadow = map_shadow_alloc(test, MAP_MAX);
	struct map *old = map_alloc(test), *new = map_alloc(test);
	struct vasmon_replace rep, whole;
	struct walk walk = { };
	struct rnd_state rnd;

	map_seed(test, &rnd);
	map_random(old, &rnd);
	map_to_shadow(test, shadow, old);
	for (unsigned int step = 0; step < 2000; step++) {
		struct naive naive;
		unsigned long from, to;

		map_change(new, old, &rnd, &from, &to);
		naive = naive_find(old, new);
		walk.map = new;
		expect_found(test, shadow, old, new, 0, ULONG_MAX, &whole, &walk);
		expect_found(test, shadow, old, new, from, to, &rep, &walk);
		if (naive.found)
			expect_applied(test, shadow, &rep, new, naive.first);
		KUNIT_ASSERT_EQ_MSG(test, shadow->count + shadow->spares, MAP_MAX,
				    "step %u, %lx-%lx", step, from, to);
		swap(old, new);
	}
}

/* Two maps that have nothing to do with each other, as after an exec. */
static void random_maps_as_the_naive_map(struct kunit *test)
{
	struct vasmon_shadow *shadow = map_shadow_alloc(test, MAP_MAX);
	struct map *old = map_alloc(test), *new = map_alloc(test);
	struct vasmon_replace rep;
	struct walk walk = { };
	struct rnd_state rnd;

	map_seed(test, &rnd);
	map_random(old, &rnd);
	map_to_shadow(test, shadow, old);
	for (unsigned int step = 0; step < 200; step++) {
		struct naive naive;

		map_random(new, &rnd);
		naive = naive_find(old, new);
		walk.map = new;
		expect_found(test, shadow, old, new, 0, ULONG_MAX, &rep, &walk);
		if (naive.found)
			expect_applied(test, shadow, &rep, new, naive.first);
		swap(old, new);
	}
}

static struct kunit_case vasmon_replace_cases[] = {
	KUNIT_CASE_PARAM(find_and_apply, find_gen_params),
	KUNIT_CASE_PARAM(find_in_a_wider_range, find_gen_params),
	KUNIT_CASE(fits_counts_what_is_used_again),
	KUNIT_CASE_PARAM(random_changes_as_the_naive_map, map_seed_gen_params),
	KUNIT_CASE_PARAM(random_maps_as_the_naive_map, map_seed_gen_params),
	{}
};

static struct kunit_suite vasmon_replace_suite = {
	.name = "vasmon_replace",
	.test_cases = vasmon_replace_cases,
};

kunit_test_suite(vasmon_replace_suite);
