// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "check.h"
#include "space.h"

/* The same thing without any cleverness. */
struct naive {
	struct region v[4096];
	size_t n;
};

static bool naive_replace(struct naive *m, uint64_t start, uint64_t end,
			  const struct region *fresh, size_t n_fresh)
{
	static struct naive next;
	size_t i, k = 0;

	for (i = 0; i < m->n; i++) {
		if (m->v[i].end > start && m->v[i].start < end &&
		    (m->v[i].start < start || m->v[i].end > end))
			return false;
	}
	next.n = 0;
	for (i = 0; i < m->n; i++) {
		if (m->v[i].end <= start)
			next.v[next.n++] = m->v[i];
	}
	for (k = 0; k < n_fresh; k++)
		next.v[next.n++] = fresh[k];
	for (i = 0; i < m->n; i++) {
		if (m->v[i].start >= end)
			next.v[next.n++] = m->v[i];
	}
	*m = next;
	return true;
}

static void compare(const struct naive *m, const struct space *s)
{
	uint64_t bytes = 0;
	size_t i;

	assert_int_equal(m->n, s->n);
	for (i = 0; i < m->n; i++) {
		const struct region *r = space_at(s, i);

		assert_int_equal(r->start, m->v[i].start);
		assert_int_equal(r->end, m->v[i].end);
		assert_int_equal(r->inode, m->v[i].inode);
		assert_string_equal(r->name, m->v[i].name);
		bytes += r->end - r->start;
	}
	assert_int_equal(bytes, s->bytes);
}

static void compare_lookup(const struct naive *m, const struct space *s, uint64_t addr)
{
	const struct region *found = NULL;
	size_t i, lower = m->n;

	for (i = m->n; i--;) {
		if (m->v[i].end > addr)
			lower = i;
		if (m->v[i].start <= addr && addr < m->v[i].end)
			found = &m->v[i];
	}
	assert_int_equal(space_lower(s, addr), lower);
	if (!found)
		assert_null(space_find(s, addr));
	else
		assert_int_equal(space_find(s, addr)->start, found->start);
}

static void test_property(void **state)
{
	static struct naive m;
	static char names[16][8];
	struct region fresh[8];
	struct space s = { 0 };
	uint64_t seed = 99, pages = 2000;
	unsigned int refused = 0, taken = 0;
	size_t i, n;
	int round;

	(void)state;
	for (i = 0; i < 16; i++)
		snprintf(names[i], sizeof(names[i]), "n%zu", i);
	for (round = 0; round < 40000; round++) {
		uint64_t a = check_random(&seed) % pages, b = a + 1 + check_random(&seed) % 12;
		uint64_t pos;
		bool ok;

		/* Mostly a window that fits, as the kernel gives them. */
		if (check_random(&seed) % 8) {
			for (i = 0; i < m.n; i++) {
				if (m.v[i].end <= a * CHECK_PAGE || m.v[i].start >= b * CHECK_PAGE)
					continue;
				if (m.v[i].start < a * CHECK_PAGE)
					a = m.v[i].start / CHECK_PAGE;
				if (m.v[i].end > b * CHECK_PAGE)
					b = m.v[i].end / CHECK_PAGE;
			}
		}
		pos = a;
		for (n = 0; n < check_random(&seed) % 6 && pos < b; n++) {
			uint64_t start = pos + check_random(&seed) % 2;
			uint64_t end = start + 1 + check_random(&seed) % 3;

			if (end > b)
				break;
			fresh[n] = check_region(start * CHECK_PAGE, end * CHECK_PAGE, "rw-p");
			fresh[n].inode = check_random(&seed);
			fresh[n].name = names[check_random(&seed) % 16];
			pos = end;
		}
		ok = naive_replace(&m, a * CHECK_PAGE, b * CHECK_PAGE, fresh, n);
		assert_int_equal(space_replace(&s, a * CHECK_PAGE, b * CHECK_PAGE, fresh, n),
				 ok ? 0 : -EBADMSG);
		ok ? taken++ : refused++;
		if (round % 16 == 0)
			compare(&m, &s);
		for (i = 0; i < 3; i++)
			compare_lookup(&m, &s, check_random(&seed) % (pages * CHECK_PAGE));
	}
	compare(&m, &s);
	assert_true(taken > 10000 && refused > 100);
	space_free(&s);
}

static void test_replace_refuses(void **state)
{
	struct region r[2] = {
		check_region(0x2000, 0x4000, "rw-p"), check_region(0x3000, 0x5000, "rw-p"),
	};
	struct space s = { 0 };

	(void)state;
	assert_int_equal(space_append(&s, &r[0]), 0);
	/* out of order, empty, or out of the window */
	assert_int_equal(space_append(&s, &r[1]), -EBADMSG);
	assert_int_equal(space_replace(&s, 0x1000, 0x9000, r, 2), -EBADMSG);
	assert_int_equal(space_replace(&s, 0x1000, 0x1000, NULL, 0), -EBADMSG);
	assert_int_equal(space_replace(&s, 0x5000, 0x6000, r, 1), -EBADMSG);
	/* an old one straddles the edge */
	assert_int_equal(space_replace(&s, 0x3000, 0x9000, NULL, 0), -EBADMSG);
	assert_int_equal(space_replace(&s, 0x1000, 0x3000, NULL, 0), -EBADMSG);
	assert_int_equal(s.n, 1);
	assert_int_equal(space_at(&s, 0)->end, 0x4000);
	/* touching is not overlapping */
	assert_int_equal(space_replace(&s, 0x4000, 0x5000, NULL, 0), 0);
	assert_int_equal(space_replace(&s, 0x1000, 0x2000, NULL, 0), 0);
	assert_int_equal(s.n, 1);
	assert_int_equal(space_replace(&s, 0x2000, 0x4000, NULL, 0), 0);
	assert_int_equal(s.n, 0);
	assert_int_equal(s.bytes, 0);
	space_free(&s);
}

/* The names are the space's own: a message does not stay. */
static void test_copies(void **state)
{
	char name[] = "/tmp/a";
	struct region r = check_file(0x1000, 0x2000, "r--p", 0, name);
	struct space s = { 0 };

	(void)state;
	assert_int_equal(space_append(&s, &r), 0);
	name[5] = 'b';
	assert_string_equal(space_at(&s, 0)->name, "/tmp/a");
	space_free(&s);
}

static void test_apply(void **state)
{
	struct region map[2] = {
		check_region(0x1000, 0x3000, "rw-p"), check_region(0x8000, 0x9000, "r--p"),
	};
	struct region grown = check_region(0x1000, 0x5000, "rw-p");
	struct event ev = {
		.cause = VASMON_CAUSE_SYSCALL,
		.has_window = true, .start = 0x1000, .end = 0x5000,
		.has_old_count = true, .old_count = 1,
		.fresh = { .v = &grown, .n = 1 },
		.has_brk = true, .brk_from = 0x3000, .brk_to = 0x4abc,
		.has_map_count = true, .map_count = 2,
	};
	struct space s = { 0 };
	struct event bad;

	(void)state;
	assert_int_equal(space_append(&s, &map[0]), 0);
	assert_int_equal(space_append(&s, &map[1]), 0);
	s.layout = (struct layout){ .start_brk = 0x1000, .brk = 0x3000, .start_stack = 0x8800 };

	assert_null(space_check(&s, &ev));
	bad = ev;
	bad.old_count = 2;
	assert_string_equal(space_check(&s, &bad), "the number of old regions differs");
	bad = ev;
	bad.map_count = 3;
	assert_string_equal(space_check(&s, &bad), "the number of regions differs");
	bad.cause = VASMON_CAUSE_EXIT;
	assert_null(space_check(&s, &bad));
	bad = ev;
	bad.brk_from = 0x3001;
	assert_string_equal(space_check(&s, &bad), "the old break differs");
	bad = ev;
	bad.start = 0x2000;
	assert_string_equal(space_check(&s, &bad), "a new region reaches out of the window");
	bad.fresh.n = 0;
	assert_string_equal(space_check(&s, &bad), "an old region reaches out of the window");
	bad = ev;
	bad.old = (struct regions){ .v = &map[1], .n = 1 };
	assert_string_equal(space_check(&s, &bad), "the old regions differ");
	bad.old.v = &map[0];
	assert_null(space_check(&s, &bad));

	assert_int_equal(space_apply(&s, &ev), 0);
	assert_int_equal(s.n, 2);
	assert_int_equal(space_at(&s, 0)->end, 0x5000);
	assert_int_equal(s.layout.brk, 0x4abc);
	assert_int_equal(s.layout.start_brk, 0x1000);
	assert_int_equal(s.layout.start_stack, 0x8800);

	/* brk alone: no region changes */
	ev = (struct event){ .cause = VASMON_CAUSE_SYSCALL, .has_brk = true,
			     .brk_from = 0x4abc, .brk_to = 0x4abd,
			     .has_start_brk = true, .start_brk = 0x1010,
			     .has_start_stack = true, .start_stack = 0x8700,
			     .has_map_count = true, .map_count = 2 };
	assert_null(space_check(&s, &ev));
	assert_int_equal(space_apply(&s, &ev), 0);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.layout.brk, 0x4abd);
	assert_int_equal(s.layout.start_brk, 0x1010);
	assert_int_equal(s.layout.start_stack, 0x8700);

	/* exec replaces all, whatever window it names */
	ev = (struct event){ .cause = VASMON_CAUSE_EXEC, .fresh = { .v = &map[1], .n = 1 },
			     .has_map_count = true, .map_count = 1 };
	assert_null(space_check(&s, &ev));
	assert_int_equal(space_apply(&s, &ev), 0);
	assert_int_equal(s.n, 1);
	assert_int_equal(space_at(&s, 0)->start, 0x8000);
	ev.map_count = 2;
	assert_non_null(space_check(&s, &ev));
	space_free(&s);
}

/* 60 000 regions, and changes all over: quick enough not to be noticed. */
static void test_scale(void **state)
{
	struct space s = { 0 };
	uint64_t seed = 5, i;
	struct region r;

	(void)state;
	for (i = 0; i < 60000; i++) {
		r = check_region(2 * i * CHECK_PAGE, (2 * i + 1) * CHECK_PAGE, "rw-p");
		assert_int_equal(space_append(&s, &r), 0);
	}
	for (i = 0; i < 20000; i++) {
		uint64_t at = check_random(&seed) % 60000 * 2 * CHECK_PAGE;

		r = check_region(at, at + CHECK_PAGE, "r--p");
		assert_int_equal(space_replace(&s, at, at + CHECK_PAGE, &r, i % 2), 0);
		assert_int_equal(!!space_find(&s, at), i % 2);
		if (!(i % 2))
			assert_int_equal(space_replace(&s, at, at + CHECK_PAGE, &r, 1), 0);
	}
	assert_int_equal(s.n, 60000);
	assert_int_equal(s.bytes, 60000 * CHECK_PAGE);
	space_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_property),
		cmocka_unit_test(test_replace_refuses),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_apply),
		cmocka_unit_test(test_scale),
	};

	return cmocka_run_group_tests_name("space", tests, NULL, NULL);
}
