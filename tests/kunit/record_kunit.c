// SPDX-License-Identifier: GPL-2.0-only
/* Events as they are written into the ring: what they tell, and how long they are. */
#include <kunit/test.h>
#include <linux/pid_namespace.h>
#include <linux/slab.h>

#include "map.h"
#include "record.h"

/* A watch that nobody delivers, of a process whose mm has nothing but a break and a stack. */
struct record_fixture {
	struct vasmon_watch watch;
	struct vasmon_space space;
	struct mm_struct mm;
	u64 pos;
};

static const struct vasmon_why of_a_call = {
	.cause = VASMON_CAUSE_SYSCALL, .syscall = 12, .arch = AUDIT_ARCH_X86_64,
	.args = { 1, 2, 3, 4, 5, 6 },
};

static int record_fixture_init(struct kunit *test)
{
	struct record_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	test->priv = f;
	init_llist_head(&f->watch.names);
	KUNIT_ASSERT_EQ(test, vasmon_ring_init(&f->watch.ring, VASMON_RING_SIZE_MIN), 0);
	/* As if the worker were about to look. */
	set_bit(VASMON_WATCH_KICKED, &f->watch.bits);
	f->watch.ns[0] = &init_pid_ns;
	f->watch.ns_users[0] = 1;
	f->watch.nr_ns = 1;
	f->watch.seq = 41;
	f->mm.brk = 0x6000;
	f->mm.start_brk = 0x5000;
	f->mm.start_stack = 0x9000;
	f->mm.map_count = 7;
	f->space.watch = &f->watch;
	f->space.mm = &f->mm;
	f->space.tgid = task_tgid(current);
	f->space.brk = 0x6000;
	f->space.start_brk = 0x5000;
	f->space.start_stack = 0x9000;
	f->space.shadow.count = 3;
	return 0;
}

static void record_fixture_exit(struct kunit *test)
{
	struct record_fixture *f = test->priv;

	vasmon_ring_free(&f->watch.ring, &f->watch.names);
}

/* The next event in the ring; it has to be of the next number. */
static const struct vasmon_record *record_next(struct kunit *test, u64 seq)
{
	struct record_fixture *f = test->priv;
	const struct vasmon_record *rec = vasmon_ring_read(&f->watch.ring, &f->pos);

	KUNIT_ASSERT_NOT_NULL(test, rec);
	KUNIT_EXPECT_EQ(test, rec->seq, seq);
	KUNIT_EXPECT_EQ(test, rec->size % 8, 0);
	f->pos += rec->size;
	return rec;
}

static void head_tells_which_when_who_and_why(struct kunit *test)
{
	struct record_fixture *f = test->priv;
	u64 before = ktime_get_boottime_ns();
	const struct vasmon_record *rec;

	vasmon_record_fields(&f->space, &of_a_call);
	rec = record_next(test, 42);
	KUNIT_EXPECT_EQ(test, rec->cause, VASMON_CAUSE_SYSCALL);
	KUNIT_EXPECT_EQ(test, rec->has, VASMON_HAS_SYSCALL);
	KUNIT_EXPECT_EQ(test, rec->syscall, 12);
	KUNIT_EXPECT_EQ(test, rec->arch, AUDIT_ARCH_X86_64);
	KUNIT_EXPECT_MEMEQ(test, rec->args, of_a_call.args, sizeof(rec->args));
	KUNIT_EXPECT_STREQ(test, rec->comm, current->comm);
	KUNIT_EXPECT_EQ(test, rec->map_count, 3);
	KUNIT_EXPECT_GE(test, rec->time, before);
	KUNIT_EXPECT_LE(test, rec->time, ktime_get_boottime_ns());
	KUNIT_ASSERT_EQ(test, rec->nr_ns, 1);
	KUNIT_EXPECT_EQ(test, rec->ids[0].pid, current->tgid);
	KUNIT_EXPECT_EQ(test, rec->ids[0].tgid, current->tgid);
	KUNIT_EXPECT_EQ(test, rec->ids[0].tid, current->pid);
	KUNIT_EXPECT_EQ(test, rec->size, sizeof(*rec));
}

static void no_call_is_told_where_there_is_none(struct kunit *test)
{
	static const struct vasmon_why fault = { .cause = VASMON_CAUSE_FAULT, .syscall = -1 };
	struct record_fixture *f = test->priv;

	vasmon_record_fields(&f->space, &fault);
	KUNIT_EXPECT_EQ(test, record_next(test, 42)->has, 0);
}

/* Between two subscribers that are there one has gone, and left a hole. */
static void ids_are_those_of_each_namespace(struct kunit *test)
{
	struct pid_namespace *other = kunit_kzalloc(test, sizeof(*other), GFP_KERNEL);
	struct record_fixture *f = test->priv;
	const struct vasmon_record *rec;

	KUNIT_ASSERT_NOT_NULL(test, other);
	/* One that is deeper than where the thread is: there it has no id. */
	other->level = 1;
	f->watch.ns[0] = other;
	f->watch.ns[1] = NULL;
	f->watch.ns[2] = &init_pid_ns;
	f->watch.nr_ns = 3;
	vasmon_record_fields(&f->space, &of_a_call);
	rec = record_next(test, 42);
	KUNIT_ASSERT_EQ(test, rec->nr_ns, 3);
	for (unsigned int i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, rec->ids[i].pid, i == 2 ? current->tgid : 0);
		KUNIT_EXPECT_EQ(test, rec->ids[i].tgid, i == 2 ? current->tgid : 0);
		KUNIT_EXPECT_EQ(test, rec->ids[i].tid, i == 2 ? current->pid : 0);
	}
}

static void fields_that_moved_are_told_once(struct kunit *test)
{
	struct record_fixture *f = test->priv;
	const struct vasmon_record *rec;

	f->mm.brk = 0x6123;
	f->mm.start_stack = 0x8000;
	vasmon_record_fields(&f->space, &of_a_call);
	rec = record_next(test, 42);
	KUNIT_EXPECT_EQ(test, rec->has,
			VASMON_HAS_SYSCALL | VASMON_HAS_BRK | VASMON_HAS_START_STACK);
	KUNIT_EXPECT_EQ(test, rec->brk_from, 0x6000);
	KUNIT_EXPECT_EQ(test, rec->brk, 0x6123);
	KUNIT_EXPECT_EQ(test, rec->start_stack, 0x8000);

	f->mm.start_brk = 0x4000;
	vasmon_record_fields(&f->space, &of_a_call);
	rec = record_next(test, 43);
	KUNIT_EXPECT_EQ(test, rec->has, VASMON_HAS_SYSCALL | VASMON_HAS_START_BRK);
	KUNIT_EXPECT_EQ(test, rec->start_brk, 0x4000);
}

/* A program, or a child, has all of them anew, even where they are what they were. */
static void whole_map_tells_all_fields(struct kunit *test)
{
	static const struct vasmon_why whole[] = {
		{ .cause = VASMON_CAUSE_EXEC, .syscall = -1 },
		{ .cause = VASMON_CAUSE_FORK, .syscall = -1 },
	};
	struct record_fixture *f = test->priv;
	const struct vasmon_record *rec;

	for (unsigned int i = 0; i < ARRAY_SIZE(whole); i++) {
		vasmon_record_fields(&f->space, &whole[i]);
		rec = record_next(test, 42 + i);
		KUNIT_EXPECT_EQ(test, rec->has, VASMON_HAS_BRK | VASMON_HAS_START_BRK |
				VASMON_HAS_START_STACK);
		KUNIT_EXPECT_EQ(test, rec->brk_from, 0x6000);
		KUNIT_EXPECT_EQ(test, rec->brk, 0x6000);
	}
}

/*
 * Two old regions become three: their entries follow one another, and what is
 * reserved for names that no region has is given back.
 */
static void entries_of_regions_follow_the_record(struct kunit *test)
{
	const struct vasmon_region regions[] = {
		REGION(16, 17, .flags = VM_READ), REGION(17, 19, .flags = VM_WRITE, .pgoff = 5),
		REGION(19, 20),
	};
	struct vm_area_struct *vma = kunit_kzalloc(test, sizeof(*vma), GFP_KERNEL);
	struct record_fixture *f = test->priv;
	const struct vasmon_ring_old *old_read;
	struct vasmon_ring_old *old;
	const struct vasmon_record *read;
	struct vasmon_record *rec;
	char *texts;

	KUNIT_ASSERT_NOT_NULL(test, vma);
	rec = vasmon_record_begin(&f->space, &of_a_call, 2, 3);
	old = (struct vasmon_ring_old *)&rec->new[3];
	texts = (char *)&old[2];
	for (unsigned int i = 0; i < 2; i++)
		vasmon_record_put_old(&old[i], &regions[i + 1]);
	for (unsigned int i = 0; i < 3; i++)
		texts = vasmon_record_put_new(rec, &rec->new[i], vma, &regions[i], texts);
	vasmon_record_end(&f->space, rec, texts, 99, true);

	read = record_next(test, 42);
	KUNIT_EXPECT_EQ(test, read->nr_old, 2);
	KUNIT_EXPECT_EQ(test, read->nr_new, 3);
	KUNIT_EXPECT_EQ(test, read->map_count, 99);
	KUNIT_EXPECT_FALSE(test, read->holds);
	old_read = (const struct vasmon_ring_old *)&read->new[3];
	for (unsigned int i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, read->new[i].start, regions[i].start);
		KUNIT_EXPECT_EQ(test, read->new[i].end, regions[i].end);
		KUNIT_EXPECT_EQ(test, read->new[i].flags, regions[i].flags);
		KUNIT_EXPECT_EQ(test, read->new[i].pgoff, regions[i].pgoff);
		KUNIT_EXPECT_EQ(test, read->new[i].name_type, VASMON_NAME_TYPE_NONE);
	}
	for (unsigned int i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, old_read[i].start, regions[i + 1].start);
		KUNIT_EXPECT_EQ(test, old_read[i].end, regions[i + 1].end);
	}
	KUNIT_EXPECT_EQ(test, read->size, sizeof(*read) + 3 * sizeof(*read->new) +
			2 * sizeof(*old_read));
}

static void exit_ends_a_process_and_perhaps_the_watch(struct kunit *test)
{
	struct record_fixture *f = test->priv;
	const struct vasmon_record *rec;

	vasmon_record_exit(&f->space, 0x0900, false);
	vasmon_record_exit(&f->space, 9, true);
	for (unsigned int i = 0; i < 2; i++) {
		rec = record_next(test, 42 + i);
		KUNIT_EXPECT_EQ(test, rec->cause, VASMON_CAUSE_EXIT);
		KUNIT_EXPECT_EQ(test, rec->has, VASMON_HAS_WINDOW | VASMON_HAS_EXIT_CODE);
		KUNIT_EXPECT_EQ(test, rec->flags, i ? VASMON_EVENT_FLAG_END : 0);
		KUNIT_EXPECT_EQ(test, rec->start, 0);
		KUNIT_EXPECT_EQ(test, rec->end, ULONG_MAX);
		KUNIT_EXPECT_EQ(test, rec->old_count, 3);
		KUNIT_EXPECT_EQ(test, rec->map_count, 0);
		KUNIT_EXPECT_EQ(test, rec->exit_code, i ? 9 : 0x0900);
	}
}

/* Of any length up to the longest, its zero included in what is rounded up. */
static void mark_has_its_text(struct kunit *test)
{
	static const unsigned int lengths[] = { 0, 1, 6, 7, 8, 9, VASMON_MARK_MAX };
	char *text = kunit_kzalloc(test, VASMON_MARK_MAX + 1, GFP_KERNEL);
	struct record_fixture *f = test->priv;
	const struct vasmon_record *rec;

	KUNIT_ASSERT_NOT_NULL(test, text);
	for (unsigned int i = 0; i < ARRAY_SIZE(lengths); i++) {
		memset(text, 'x', VASMON_MARK_MAX);
		vasmon_record_mark(&f->space, text, lengths[i]);
		rec = record_next(test, 42 + i);
		text[lengths[i]] = '\0';
		KUNIT_EXPECT_EQ(test, rec->cause, VASMON_CAUSE_MARK);
		KUNIT_EXPECT_EQ(test, rec->has, VASMON_HAS_MARK);
		KUNIT_EXPECT_EQ(test, rec->size, ALIGN(sizeof(*rec) + lengths[i] + 1, 8));
		KUNIT_EXPECT_STREQ(test, (const char *)(rec + 1), text);
		KUNIT_EXPECT_EQ(test, rec->map_count, 3);
	}
	/* Where the map is not known, how many regions it has is. */
	f->space.stale = true;
	vasmon_record_mark(&f->space, "text", 4);
	KUNIT_EXPECT_EQ(test, record_next(test, 42 + ARRAY_SIZE(lengths))->map_count, 7);
}

static struct kunit_case vasmon_record_cases[] = {
	KUNIT_CASE(head_tells_which_when_who_and_why),
	KUNIT_CASE(no_call_is_told_where_there_is_none),
	KUNIT_CASE(ids_are_those_of_each_namespace),
	KUNIT_CASE(fields_that_moved_are_told_once),
	KUNIT_CASE(whole_map_tells_all_fields),
	KUNIT_CASE(entries_of_regions_follow_the_record),
	KUNIT_CASE(exit_ends_a_process_and_perhaps_the_watch),
	KUNIT_CASE(mark_has_its_text),
	{}
};

static struct kunit_suite vasmon_record_suite = {
	.name = "vasmon_record",
	.init = record_fixture_init,
	.exit = record_fixture_exit,
	.test_cases = vasmon_record_cases,
};

kunit_test_suite(vasmon_record_suite);
