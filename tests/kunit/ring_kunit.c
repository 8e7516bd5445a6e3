// SPDX-License-Identifier: GPL-2.0-only
/* The ring: the writer never waits, and a reader sees what it has missed. */
#include <kunit/test.h>
#include <linux/prandom.h>
#include <linux/slab.h>

#include "map.h"
#include "ring.h"

struct ring_fixture {
	struct vasmon_ring ring;
	struct llist_head names;
	u64 seq;
};

static void ring_fixture_exit(struct kunit *test)
{
	struct ring_fixture *f = test->priv;

	vasmon_ring_free(&f->ring, &f->names);
	vasmon_name_free_list(&f->names);
}

static int ring_fixture_init(struct kunit *test)
{
	struct ring_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	init_llist_head(&f->names);
	KUNIT_ASSERT_EQ(test, vasmon_ring_init(&f->ring, VASMON_RING_SIZE_MIN), 0);
	test->priv = f;
	return 0;
}

/* Write a record of a size, with no region; its bytes are its own number. */
static void ring_write(struct ring_fixture *f, unsigned long reserve, unsigned long size)
{
	struct vasmon_record *rec = vasmon_ring_reserve(&f->ring, reserve, &f->names);

	memset(rec, ++f->seq, reserve);
	rec->cause = VASMON_CAUSE_SYSCALL;
	rec->holds = false;
	rec->nr_old = 0;
	rec->nr_new = 0;
	rec->seq = f->seq;
	vasmon_ring_commit(&f->ring, rec, size);
}

static void ring_expect_record(struct kunit *test, const struct vasmon_record *rec, u64 seq)
{
	const u8 *byte = (const u8 *)(rec + 1), *end = (const u8 *)rec + rec->size;

	KUNIT_ASSERT_EQ(test, rec->seq, seq);
	while (byte < end)
		KUNIT_ASSERT_EQ_MSG(test, *byte++, (u8)seq, "record %llu", seq);
}

static void empty_ring_has_no_record(struct kunit *test)
{
	struct ring_fixture *f = test->priv;
	u64 pos = 0;

	KUNIT_EXPECT_NULL(test, vasmon_ring_read(&f->ring, &pos));
	KUNIT_EXPECT_EQ(test, pos, 0);
}

static void records_are_read_in_order(struct kunit *test)
{
	struct ring_fixture *f = test->priv;
	struct vasmon_record *rec;
	u64 pos = 0;

	ring_write(f, 256, 256);
	ring_write(f, 1024, 512);	/* less than was reserved */
	ring_write(f, 256, 256);
	for (u64 seq = 1; seq <= 3; seq++) {
		rec = vasmon_ring_read(&f->ring, &pos);
		KUNIT_ASSERT_NOT_NULL(test, rec);
		ring_expect_record(test, rec, seq);
		pos += rec->size;
	}
	KUNIT_EXPECT_NULL(test, vasmon_ring_read(&f->ring, &pos));
	KUNIT_EXPECT_EQ(test, pos, 1024);
}

/*
 * A record that does not fit in what is left up to the end begins at the start;
 * filler takes the rest, down to the smallest that there can be.
 */
static const unsigned long rests[] = { 8, 16, 248, 256 };

static void rest_desc(const unsigned long *rest, char *desc)
{
	scnprintf(desc, KUNIT_PARAM_DESC_SIZE, "%lu bytes are left", *rest);
}

KUNIT_ARRAY_PARAM(rest, rests, rest_desc);

static void record_lies_in_one_piece(struct kunit *test)
{
	unsigned long rest = *(const unsigned long *)test->param_value;
	struct ring_fixture *f = test->priv;
	struct vasmon_record *rec;
	u64 pos;

	f->ring.head = f->ring.size - rest;
	f->ring.tail = f->ring.head;
	pos = f->ring.head;
	ring_write(f, 256, 256);
	rec = vasmon_ring_read(&f->ring, &pos);
	KUNIT_ASSERT_NOT_NULL(test, rec);
	ring_expect_record(test, rec, 1);
	KUNIT_EXPECT_EQ(test, (unsigned long)((char *)rec - f->ring.data),
			rest < 256 ? 0 : f->ring.size - rest);
	KUNIT_EXPECT_EQ(test, pos + 256, f->ring.head);
}

/* Names are held by the records that name them, and by nobody else. */
static void overwritten_record_drops_its_name(struct kunit *test)
{
	struct ring_fixture *f = test->priv;
	struct vasmon_name *name = kzalloc(sizeof(*name) + 8, GFP_KERNEL);
	unsigned long size = sizeof(struct vasmon_record) + 2 * sizeof(struct vasmon_ring_region);
	struct vasmon_record *rec;

	KUNIT_ASSERT_NOT_NULL(test, name);
	refcount_set(&name->refs, 3);
	rec = vasmon_ring_reserve(&f->ring, size, &f->names);
	memset(rec, 0, size);
	rec->cause = VASMON_CAUSE_SYSCALL;
	rec->holds = true;
	rec->nr_new = 2;
	for (unsigned int i = 0; i < 2; i++) {
		rec->new[i].named = true;
		rec->new[i].name = name;
	}
	vasmon_ring_commit(&f->ring, rec, size);
	KUNIT_EXPECT_EQ(test, refcount_read(&name->refs), 3);
	while (f->ring.tail == 0)
		ring_write(f, 512, 512);
	KUNIT_EXPECT_EQ(test, refcount_read(&name->refs), 1);
	KUNIT_EXPECT_TRUE(test, llist_empty(&f->names));

	/* The last one puts it where somebody frees it who may. */
	vasmon_name_put(name, &f->names);
	KUNIT_EXPECT_FALSE(test, llist_empty(&f->names));
	vasmon_name_free_list(&f->names);
	KUNIT_EXPECT_TRUE(test, llist_empty(&f->names));
	vasmon_name_put(NULL, &f->names);
	KUNIT_EXPECT_TRUE(test, llist_empty(&f->names));
}

/*
 * Records of random sizes, for many times the size of the ring. What is between
 * tail and head are the last ones, without a gap; and they are as many as fit.
 */
static void random_records_are_the_last_ones(struct kunit *test)
{
	struct ring_fixture *f = test->priv;
	struct rnd_state rnd;

	map_seed(test, &rnd);
	for (unsigned int step = 0; step < 3000; step++) {
		unsigned long size = sizeof(struct vasmon_record) +
				     8 * (prandom_u32_state(&rnd) % 400);
		unsigned long reserve = min(size + 8 * (prandom_u32_state(&rnd) % 100),
					    ALIGN_DOWN(VASMON_RECORD_MAX, 8));
		struct vasmon_record *rec;
		u64 pos, seq;

		size = min(size, reserve);
		ring_write(f, reserve, size);
		KUNIT_ASSERT_LE(test, f->ring.head - f->ring.tail, f->ring.size);
		if (step % 16)
			continue;
		pos = f->ring.tail;
		rec = vasmon_ring_read(&f->ring, &pos);
		KUNIT_ASSERT_NOT_NULL(test, rec);
		for (seq = rec->seq; rec; rec = vasmon_ring_read(&f->ring, &pos)) {
			ring_expect_record(test, rec, seq++);
			KUNIT_ASSERT_LE(test, (char *)rec + rec->size - f->ring.data,
					f->ring.size);
			pos += rec->size;
		}
		KUNIT_ASSERT_EQ(test, seq, f->seq + 1);
		/* No more is overwritten than has to be. */
		if (f->ring.tail)
			KUNIT_ASSERT_GT(test, f->ring.head - f->ring.tail,
					f->ring.size - 3 * VASMON_RECORD_MAX);
	}
}

static struct kunit_case vasmon_ring_cases[] = {
	KUNIT_CASE(empty_ring_has_no_record),
	KUNIT_CASE(records_are_read_in_order),
	KUNIT_CASE_PARAM(record_lies_in_one_piece, rest_gen_params),
	KUNIT_CASE(overwritten_record_drops_its_name),
	KUNIT_CASE_PARAM(random_records_are_the_last_ones, map_seed_gen_params),
	{}
};

static struct kunit_suite vasmon_ring_suite = {
	.name = "vasmon_ring",
	.init = ring_fixture_init,
	.exit = ring_fixture_exit,
	.test_cases = vasmon_ring_cases,
};

kunit_test_suite(vasmon_ring_suite);
