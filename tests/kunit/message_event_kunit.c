// SPDX-License-Identifier: GPL-2.0-only
/* Events as messages: what is put can be read, and what has no room is not put. */
#include "attrs.h"
#include "message.h"

/*
 * A thread calls munmap() in the middle of a named mapping of a file, of which
 * two parts are left. Below them lies memory that has a text for a name.
 */
struct event_fixture {
	struct vasmon_name *name;
	struct vasmon_record *rec;
};

/* Subscribers in the first, the second and a third pid namespace. */
static const struct vasmon_subscriber reader_in[] = { { .ns = 0 }, { .ns = 1 }, { .ns = 2 } };

static int event_fixture_init(struct kunit *test)
{
	static const char path[] = "/usr/lib/libc.so.6", text[] = "arena 1";
	struct event_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	struct vasmon_record *rec;

	KUNIT_ASSERT_NOT_NULL(test, f);
	test->priv = f;
	f->name = kunit_kzalloc(test, sizeof(*f->name) + sizeof(path), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f->name);
	refcount_set(&f->name->refs, 2);
	f->name->dev = MKDEV(254, 3);
	f->name->inode = 0x123456789a;
	memcpy(f->name->path, path, sizeof(path));

	rec = kunit_kzalloc(test, VASMON_RECORD_MAX, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, rec);
	f->rec = rec;
	rec->cause = VASMON_CAUSE_SYSCALL;
	rec->flags = VASMON_EVENT_FLAG_MORE;
	rec->has = VASMON_HAS_WINDOW | VASMON_HAS_SYSCALL;
	rec->nr_ns = 2;
	rec->nr_old = 1;
	rec->nr_new = 3;
	rec->old_count = 1;
	rec->map_count = 42;
	rec->seq = 0x100000002;
	rec->time = 1234567890123;
	rec->start = 0x7f0000000000;
	rec->end = 0x7f0000005000;
	rec->syscall = 11;
	rec->arch = 0xc000003e;
	for (unsigned int i = 0; i < VASMON_ARGS; i++)
		rec->args[i] = 0x7f0000001000 + i;
	strscpy(rec->comm, "puppet", sizeof(rec->comm));
	rec->ids[0].pid = 100;
	rec->ids[0].tgid = 101;
	rec->ids[0].tid = 102;
	rec->ids[1].pid = 10;
	rec->ids[1].tgid = 11;
	rec->ids[1].tid = 12;
	rec->new[0] = (struct vasmon_ring_region){
		.start = 0x7f0000000000, .end = 0x7f0000001000,
		.flags = VM_READ | VM_WRITE | VM_DONTCOPY, .name_type = VASMON_NAME_TYPE_ANON,
	};
	rec->new[1] = (struct vasmon_ring_region){
		.start = 0x7f0000001000, .end = 0x7f0000002000, .flags = VM_READ | VM_MAYSHARE,
		.pgoff = 0x100000, .name = f->name, .named = true,
		.name_type = VASMON_NAME_TYPE_FILE,
	};
	rec->new[2] = rec->new[1];
	rec->new[2].start = 0x7f0000004000;
	rec->new[2].end = 0x7f0000005000;
	rec->new[2].pgoff = 0x100003;
	vasmon_record_old(rec)[0] = (struct vasmon_ring_old){
		.start = 0x7f0000001000, .end = 0x7f0000005000, .flags = VM_READ | VM_MAYSHARE,
		.pgoff = 0x100000,
	};
	rec->new[0].text = vasmon_record_texts(rec) - (char *)rec;
	memcpy(vasmon_record_texts(rec), text, sizeof(text));
	return 0;
}

static void event_of_a_system_call(struct kunit *test)
{
	struct nlattr *attrs[VASMON_A_EVENT_MAX + 1];
	struct event_fixture *f = test->priv;
	struct sk_buff *skb = attrs_alloc(test, 4096);
	const u64 *args;

	KUNIT_ASSERT_EQ(test, vasmon_message_put_event(skb, 7, f->rec, &reader_in[1]), 0);
	attrs_parse(test, attrs, VASMON_A_EVENT_MAX, skb);
	attrs_expect_u32(test, attrs, VASMON_A_EVENT_WATCH_ID, 7);
	attrs_expect_u64(test, attrs, VASMON_A_EVENT_SEQ, 0x100000002);
	attrs_expect_u64(test, attrs, VASMON_A_EVENT_TIME, 1234567890123);
	attrs_expect_u32(test, attrs, VASMON_A_EVENT_PID, 10);
	attrs_expect_u32(test, attrs, VASMON_A_EVENT_TGID, 11);
	attrs_expect_u32(test, attrs, VASMON_A_EVENT_TID, 12);
	attrs_expect_u32(test, attrs, VASMON_A_EVENT_CAUSE, VASMON_CAUSE_SYSCALL);
	attrs_expect_u32(test, attrs, VASMON_A_EVENT_FLAGS, VASMON_EVENT_FLAG_MORE);
	attrs_expect_string(test, attrs, VASMON_A_EVENT_COMM, "puppet");
	attrs_expect_u32(test, attrs, VASMON_A_EVENT_MAP_COUNT, 42);
	attrs_expect_u32(test, attrs, VASMON_A_EVENT_SYSCALL, 11);
	attrs_expect_u32(test, attrs, VASMON_A_EVENT_ARCH, 0xc000003e);
	KUNIT_ASSERT_NOT_NULL(test, attrs[VASMON_A_EVENT_ARGS]);
	KUNIT_ASSERT_EQ(test, nla_len(attrs[VASMON_A_EVENT_ARGS]), VASMON_ARGS * sizeof(u64));
	args = nla_data(attrs[VASMON_A_EVENT_ARGS]);
	for (unsigned int i = 0; i < VASMON_ARGS; i++)
		KUNIT_EXPECT_EQ(test, args[i], 0x7f0000001000 + i);
	attrs_expect_u64(test, attrs, VASMON_A_EVENT_START, 0x7f0000000000);
	attrs_expect_u64(test, attrs, VASMON_A_EVENT_END, 0x7f0000005000);
	attrs_expect_u32(test, attrs, VASMON_A_EVENT_OLD_COUNT, 1);
	attrs_expect_none(test, attrs, VASMON_A_EVENT_BRK_FROM);
	attrs_expect_none(test, attrs, VASMON_A_EVENT_BRK_TO);
	attrs_expect_none(test, attrs, VASMON_A_EVENT_START_BRK);
	attrs_expect_none(test, attrs, VASMON_A_EVENT_START_STACK);
	attrs_expect_none(test, attrs, VASMON_A_EVENT_EXIT_CODE);
	attrs_expect_none(test, attrs, VASMON_A_EVENT_LOST);
}

static void event_regions_in_order(struct kunit *test)
{
	struct nlattr *r[VASMON_A_REGION_MAX + 1];
	struct event_fixture *f = test->priv;
	struct sk_buff *skb = attrs_alloc(test, 4096);

	KUNIT_ASSERT_EQ(test, vasmon_message_put_event(skb, 7, f->rec, &reader_in[0]), 0);

	attrs_parse_nest(test, r, VASMON_A_REGION_MAX, attrs_nest(skb, VASMON_A_EVENT_OLD, 0));
	attrs_expect_u64(test, r, VASMON_A_REGION_START, 0x7f0000001000);
	attrs_expect_u64(test, r, VASMON_A_REGION_END, 0x7f0000005000);
	attrs_expect_u32(test, r, VASMON_A_REGION_PROT, VASMON_PROT_READ | VASMON_PROT_SHARED);
	attrs_expect_u64(test, r, VASMON_A_REGION_OFFSET, 0x100000000);
	/* The subscriber has its name. */
	attrs_expect_none(test, r, VASMON_A_REGION_NAME_TYPE);
	attrs_expect_none(test, r, VASMON_A_REGION_INODE);
	KUNIT_EXPECT_NULL(test, attrs_nest(skb, VASMON_A_EVENT_OLD, 1));

	attrs_parse_nest(test, r, VASMON_A_REGION_MAX, attrs_nest(skb, VASMON_A_EVENT_NEW, 0));
	attrs_expect_u64(test, r, VASMON_A_REGION_START, 0x7f0000000000);
	attrs_expect_u64(test, r, VASMON_A_REGION_TRAITS, VASMON_TRAIT_DONT_FORK);
	attrs_expect_u64(test, r, VASMON_A_REGION_VM_FLAGS, VM_READ | VM_WRITE | VM_DONTCOPY);
	attrs_expect_none(test, r, VASMON_A_REGION_OFFSET);
	attrs_expect_none(test, r, VASMON_A_REGION_INODE);
	attrs_expect_u32(test, r, VASMON_A_REGION_NAME_TYPE, VASMON_NAME_TYPE_ANON);
	attrs_expect_string(test, r, VASMON_A_REGION_NAME, "arena 1");

	attrs_parse_nest(test, r, VASMON_A_REGION_MAX, attrs_nest(skb, VASMON_A_EVENT_NEW, 1));
	attrs_expect_none(test, r, VASMON_A_REGION_TRAITS);
	attrs_expect_u32(test, r, VASMON_A_REGION_DEV_MAJOR, 254);
	attrs_expect_u32(test, r, VASMON_A_REGION_DEV_MINOR, 3);
	attrs_expect_u64(test, r, VASMON_A_REGION_INODE, 0x123456789a);
	attrs_expect_u32(test, r, VASMON_A_REGION_NAME_TYPE, VASMON_NAME_TYPE_FILE);
	attrs_expect_string(test, r, VASMON_A_REGION_NAME, "/usr/lib/libc.so.6");

	attrs_parse_nest(test, r, VASMON_A_REGION_MAX, attrs_nest(skb, VASMON_A_EVENT_NEW, 2));
	attrs_expect_u64(test, r, VASMON_A_REGION_START, 0x7f0000004000);
	attrs_expect_u64(test, r, VASMON_A_REGION_OFFSET, 0x100003000);
	KUNIT_EXPECT_NULL(test, attrs_nest(skb, VASMON_A_EVENT_NEW, 3));
}

/* Whoever asked from a namespace that the thread has no id in, or that came later. */
static void event_of_a_thread_unknown_to_the_namespace(struct kunit *test)
{
	struct nlattr *attrs[VASMON_A_EVENT_MAX + 1];
	struct event_fixture *f = test->priv;
	struct sk_buff *skb = attrs_alloc(test, 4096);

	KUNIT_ASSERT_EQ(test, vasmon_message_put_event(skb, 7, f->rec, &reader_in[2]), 0);
	attrs_parse(test, attrs, VASMON_A_EVENT_MAX, skb);
	attrs_expect_u32(test, attrs, VASMON_A_EVENT_PID, 0);
	attrs_expect_u32(test, attrs, VASMON_A_EVENT_TGID, 0);
	attrs_expect_u32(test, attrs, VASMON_A_EVENT_TID, 0);
}

/* A file whose name there was no memory for: the subscriber has to ask anew. */
static void event_without_a_name_is_incomplete(struct kunit *test)
{
	struct nlattr *attrs[VASMON_A_EVENT_MAX + 1], *r[VASMON_A_REGION_MAX + 1];
	struct event_fixture *f = test->priv;
	struct sk_buff *skb = attrs_alloc(test, 4096);

	f->rec->flags = 0;
	f->rec->new[1].name = NULL;
	KUNIT_ASSERT_EQ(test, vasmon_message_put_event(skb, 7, f->rec, &reader_in[0]), 0);
	attrs_parse(test, attrs, VASMON_A_EVENT_MAX, skb);
	attrs_expect_u32(test, attrs, VASMON_A_EVENT_FLAGS, VASMON_EVENT_FLAG_INCOMPLETE);
	attrs_parse_nest(test, r, VASMON_A_REGION_MAX, attrs_nest(skb, VASMON_A_EVENT_NEW, 1));
	attrs_expect_u32(test, r, VASMON_A_REGION_NAME_TYPE, VASMON_NAME_TYPE_FILE);
	attrs_expect_none(test, r, VASMON_A_REGION_NAME);
	attrs_expect_none(test, r, VASMON_A_REGION_INODE);
}

/* What an exec changes once the registers are cleared has no arguments. */
static void event_of_an_exec(struct kunit *test)
{
	struct nlattr *attrs[VASMON_A_EVENT_MAX + 1];
	struct event_fixture *f = test->priv;
	struct vasmon_record *rec = f->rec;

	rec->syscall = 59;
	for (unsigned int left = 0; left < 2; left++) {
		struct sk_buff *skb = attrs_alloc(test, 4096);

		memset(rec->args, 0, sizeof(rec->args));
		rec->args[1] = left;
		KUNIT_ASSERT_EQ(test, vasmon_message_put_event(skb, 7, rec, &reader_in[0]), 0);
		attrs_parse(test, attrs, VASMON_A_EVENT_MAX, skb);
		attrs_expect_u32(test, attrs, VASMON_A_EVENT_SYSCALL, 59);
		KUNIT_EXPECT_EQ(test, !!attrs[VASMON_A_EVENT_ARGS], left);
	}
}

static void event_of_fields_alone(struct kunit *test)
{
	struct nlattr *attrs[VASMON_A_EVENT_MAX + 1];
	struct event_fixture *f = test->priv;
	struct sk_buff *skb = attrs_alloc(test, 4096);
	struct vasmon_record *rec = f->rec;

	rec->has = VASMON_HAS_BRK | VASMON_HAS_START_BRK | VASMON_HAS_START_STACK |
		   VASMON_HAS_EXIT_CODE;
	rec->flags = 0;
	rec->nr_old = 0;
	rec->nr_new = 0;
	rec->brk_from = 0x1001;
	rec->brk = 0x2002;
	rec->start_brk = 0x1000;
	rec->start_stack = 0x7ffc00000008;
	rec->exit_code = 0x8b;
	KUNIT_ASSERT_EQ(test, vasmon_message_put_event(skb, 7, rec, &reader_in[0]), 0);
	attrs_parse(test, attrs, VASMON_A_EVENT_MAX, skb);
	attrs_expect_u64(test, attrs, VASMON_A_EVENT_BRK_FROM, 0x1001);
	attrs_expect_u64(test, attrs, VASMON_A_EVENT_BRK_TO, 0x2002);
	attrs_expect_u64(test, attrs, VASMON_A_EVENT_START_BRK, 0x1000);
	attrs_expect_u64(test, attrs, VASMON_A_EVENT_START_STACK, 0x7ffc00000008);
	attrs_expect_u32(test, attrs, VASMON_A_EVENT_EXIT_CODE, 0x8b);
	attrs_expect_none(test, attrs, VASMON_A_EVENT_FLAGS);
	attrs_expect_none(test, attrs, VASMON_A_EVENT_SYSCALL);
	attrs_expect_none(test, attrs, VASMON_A_EVENT_ARCH);
	attrs_expect_none(test, attrs, VASMON_A_EVENT_ARGS);
	attrs_expect_none(test, attrs, VASMON_A_EVENT_START);
	attrs_expect_none(test, attrs, VASMON_A_EVENT_END);
	attrs_expect_none(test, attrs, VASMON_A_EVENT_OLD_COUNT);
}

static void event_that_is_a_mark(struct kunit *test)
{
	struct nlattr *attrs[VASMON_A_EVENT_MAX + 1];
	struct event_fixture *f = test->priv;
	struct sk_buff *skb = attrs_alloc(test, 4096);
	struct vasmon_record *rec = f->rec;

	rec->has = VASMON_HAS_MARK;
	rec->nr_old = 0;
	rec->nr_new = 0;
	strscpy(vasmon_record_texts(rec), "the cache is filled", VASMON_MARK_MAX);
	KUNIT_ASSERT_EQ(test, vasmon_message_put_event(skb, 7, rec, &reader_in[0]), 0);
	attrs_parse(test, attrs, VASMON_A_EVENT_MAX, skb);
	attrs_expect_string(test, attrs, VASMON_A_EVENT_TEXT, "the cache is filled");
	attrs_expect_none(test, attrs, VASMON_A_EVENT_START);
	attrs_expect_none(test, attrs, VASMON_A_EVENT_NEW);
}

/* Call chains are secrets that cost: only who asked for them has them. */
static void event_with_a_call_chain(struct kunit *test)
{
	const struct vasmon_subscriber asked = { .wishes.callchain = true };
	const struct vasmon_subscriber deep = { .wishes = { .callchain = true, .stack_size = 16 } };
	struct nlattr *attrs[VASMON_A_EVENT_MAX + 1];
	struct event_fixture *f = test->priv;
	struct sk_buff *skb = attrs_alloc(test, 4096);
	struct vasmon_record *rec = f->rec;
	const u64 *chain;

	rec->size = ALIGN(VASMON_RECORD_MAX, 8) - 8;
	rec->nr_chain = 3;
	for (unsigned int i = 0; i < 3; i++)
		vasmon_record_chain(rec)[i] = 0x400001 + i;
	KUNIT_ASSERT_EQ(test, vasmon_message_put_event(skb, 7, rec, &asked), 0);
	attrs_parse(test, attrs, VASMON_A_EVENT_MAX, skb);
	attrs_expect_none(test, attrs, VASMON_A_EVENT_STACK);
	attrs_expect_none(test, attrs, VASMON_A_EVENT_REGISTERS);
	KUNIT_ASSERT_NOT_NULL(test, attrs[VASMON_A_EVENT_CALLCHAIN]);
	KUNIT_ASSERT_EQ(test, nla_len(attrs[VASMON_A_EVENT_CALLCHAIN]), 3 * sizeof(u64));
	chain = nla_data(attrs[VASMON_A_EVENT_CALLCHAIN]);
	for (unsigned int i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, chain[i], 0x400001 + i);

	skb_trim(skb, 0);
	KUNIT_ASSERT_EQ(test, vasmon_message_put_event(skb, 7, rec, &reader_in[0]), 0);
	attrs_parse(test, attrs, VASMON_A_EVENT_MAX, skb);
	attrs_expect_none(test, attrs, VASMON_A_EVENT_CALLCHAIN);

	/* Another one asked for more: the record has 24 bytes. */
	skb_trim(skb, 0);
	rec->stack_size = 24;
	memset(vasmon_record_stack(rec), 0x55, 24);
	for (unsigned int i = 0; i < VASMON_REGISTERS; i++)
		vasmon_record_registers(rec)[i] = i;
	KUNIT_ASSERT_EQ(test, vasmon_message_put_event(skb, 7, rec, &deep), 0);
	attrs_parse(test, attrs, VASMON_A_EVENT_MAX, skb);
	KUNIT_ASSERT_NOT_NULL(test, attrs[VASMON_A_EVENT_STACK]);
	KUNIT_ASSERT_NOT_NULL(test, attrs[VASMON_A_EVENT_REGISTERS]);
	KUNIT_ASSERT_EQ(test, nla_len(attrs[VASMON_A_EVENT_STACK]), 16);
	KUNIT_EXPECT_TRUE(test, !memchr_inv(nla_data(attrs[VASMON_A_EVENT_STACK]), 0x55, 16));
	KUNIT_ASSERT_EQ(test, nla_len(attrs[VASMON_A_EVENT_REGISTERS]),
			VASMON_REGISTERS * sizeof(u64));
	KUNIT_EXPECT_MEMEQ(test, nla_data(attrs[VASMON_A_EVENT_REGISTERS]),
			   vasmon_record_registers(rec), VASMON_REGISTERS * sizeof(u64));
	chain = nla_data(attrs[VASMON_A_EVENT_CALLCHAIN]);
	KUNIT_EXPECT_EQ(test, chain[0], 0x400001);
	rec->stack_size = 0;

	skb_trim(skb, 0);
	rec->nr_chain = 0;
	KUNIT_ASSERT_EQ(test, vasmon_message_put_event(skb, 7, rec, &asked), 0);
	attrs_parse(test, attrs, VASMON_A_EVENT_MAX, skb);
	attrs_expect_none(test, attrs, VASMON_A_EVENT_CALLCHAIN);
}

/*
 * Of every size that is too small, -EMSGSIZE is what comes of it. So may it of a little
 * more than is needed, for room is looked for once for all that an event may have.
 */
static void event_without_room(struct kunit *test)
{
	struct event_fixture *f = test->priv;
	struct sk_buff *skb = attrs_alloc(test, 4096);
	unsigned int needed, tail = 0, enough = 0;

	KUNIT_ASSERT_EQ(test, vasmon_message_put_event(skb, 7, f->rec, &reader_in[0]), 0);
	needed = skb->len;
	while (tail <= needed + 512) {
		int err;

		skb_trim(skb, 0);
		/* Data that is there already takes the room. */
		skb_put(skb, skb_tailroom(skb) - tail);
		err = vasmon_message_put_event(skb, 7, f->rec, &reader_in[0]);
		if (!err && !enough)
			enough = tail;
		KUNIT_ASSERT_EQ_MSG(test, err, enough ? 0 : -EMSGSIZE, "%u bytes of %u", tail,
				    needed);
		tail++;
	}
	KUNIT_EXPECT_GE(test, enough, needed);
}

static void event_of_the_largest_record_has_room(struct kunit *test)
{
	struct event_fixture *f = test->priv;
	struct sk_buff *skb = attrs_alloc(test, VASMON_MESSAGE_MAX);
	struct vasmon_record *rec = f->rec;
	char *text;

	rec->has = VASMON_HAS_WINDOW | VASMON_HAS_SYSCALL | VASMON_HAS_BRK |
		   VASMON_HAS_START_BRK | VASMON_HAS_START_STACK;
	rec->nr_old = VASMON_RING_OLD_MAX;
	rec->nr_new = VASMON_RING_NEW_MAX;
	text = vasmon_record_texts(rec);
	for (unsigned int i = 0; i < rec->nr_new; i++) {
		rec->new[i] = (struct vasmon_ring_region){
			.start = i << PAGE_SHIFT, .end = (i + 1) << PAGE_SHIFT, .flags = ~0UL,
			.pgoff = 1, .name_type = VASMON_NAME_TYPE_ANON,
			.text = text - (char *)rec,
		};
		memset(text, 'x', VASMON_REGION_TEXT_MAX - 1);
		text += VASMON_REGION_TEXT_MAX;
	}
	KUNIT_ASSERT_LE(test, text - (char *)rec, VASMON_RECORD_MAX);
	for (unsigned int i = 0; i < rec->nr_old; i++)
		vasmon_record_old(rec)[i] = (struct vasmon_ring_old){
			.start = i << PAGE_SHIFT, .end = (i + 1) << PAGE_SHIFT, .flags = ~0UL,
			.pgoff = 1,
		};
	KUNIT_EXPECT_EQ(test, vasmon_message_put_event(skb, 7, rec, &reader_in[0]), 0);
}

static void overrun_tells_what_was_lost(struct kunit *test)
{
	struct nlattr *attrs[VASMON_A_EVENT_MAX + 1];
	struct sk_buff *skb = attrs_alloc(test, 256);

	KUNIT_ASSERT_EQ(test, vasmon_message_put_overrun(skb, 7, 100, 0x100000005, 12), 0);
	attrs_parse(test, attrs, VASMON_A_EVENT_MAX, skb);
	attrs_expect_u32(test, attrs, VASMON_A_EVENT_WATCH_ID, 7);
	attrs_expect_u32(test, attrs, VASMON_A_EVENT_PID, 100);
	attrs_expect_u64(test, attrs, VASMON_A_EVENT_SEQ, 0x100000005);
	attrs_expect_u32(test, attrs, VASMON_A_EVENT_CAUSE, VASMON_CAUSE_OVERRUN);
	attrs_expect_u64(test, attrs, VASMON_A_EVENT_LOST, 12);
}

static struct kunit_case vasmon_message_event_cases[] = {
	KUNIT_CASE(event_of_a_system_call),
	KUNIT_CASE(event_regions_in_order),
	KUNIT_CASE(event_of_a_thread_unknown_to_the_namespace),
	KUNIT_CASE(event_without_a_name_is_incomplete),
	KUNIT_CASE(event_of_an_exec),
	KUNIT_CASE(event_of_fields_alone),
	KUNIT_CASE(event_that_is_a_mark),
	KUNIT_CASE(event_with_a_call_chain),
	KUNIT_CASE(event_without_room),
	KUNIT_CASE(event_of_the_largest_record_has_room),
	KUNIT_CASE(overrun_tells_what_was_lost),
	{}
};

static struct kunit_suite vasmon_message_event_suite = {
	.name = "vasmon_message_event",
	.init = event_fixture_init,
	.test_cases = vasmon_message_event_cases,
};

kunit_test_suite(vasmon_message_event_suite);
