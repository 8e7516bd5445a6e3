// SPDX-License-Identifier: GPL-2.0-only
/* All messages but events: what is put can be read, and what has no room is not put. */
#include "attrs.h"
#include "message.h"

static void watch_and_its_effort(struct kunit *test)
{
	const struct vasmon_watch_info info = {
		.id = 3, .pid = 100, .comm = "alloc", .ring_size = 65536, .follow = true,
		.seq = 9, .processes = 2, .regions = 31, .memory = 70000,
		.effort = { 1, 2, 3, 4, 5 }, .unfollowed = 6,
	};
	struct nlattr *attrs[VASMON_A_WATCH_MAX + 1], *effort[VASMON_A_EFFORT_MAX + 1];
	struct sk_buff *skb = attrs_alloc(test, 1024);

	KUNIT_ASSERT_EQ(test, vasmon_message_put_watch(skb, &info), 0);
	attrs_parse(test, attrs, VASMON_A_WATCH_MAX, skb);
	attrs_expect_u32(test, attrs, VASMON_A_WATCH_ID, 3);
	attrs_expect_u32(test, attrs, VASMON_A_WATCH_PID, 100);
	attrs_expect_u32(test, attrs, VASMON_A_WATCH_RING_SIZE, 65536);
	KUNIT_EXPECT_NOT_NULL(test, attrs[VASMON_A_WATCH_FOLLOW]);
	attrs_expect_u64(test, attrs, VASMON_A_WATCH_SEQ, 9);
	attrs_expect_string(test, attrs, VASMON_A_WATCH_COMM, "alloc");
	attrs_expect_u32(test, attrs, VASMON_A_WATCH_PROCESSES, 2);
	attrs_expect_u32(test, attrs, VASMON_A_WATCH_REGIONS, 31);
	attrs_expect_u32(test, attrs, VASMON_A_WATCH_UNFOLLOWED, 6);
	attrs_expect_u64(test, attrs, VASMON_A_WATCH_MEMORY, 70000);
	attrs_parse_nest(test, effort, VASMON_A_EFFORT_MAX, attrs[VASMON_A_WATCH_EFFORT]);
	attrs_expect_u64(test, effort, VASMON_A_EFFORT_WINDOW, 1);
	attrs_expect_u64(test, effort, VASMON_A_EFFORT_STACK, 2);
	attrs_expect_u64(test, effort, VASMON_A_EFFORT_FULL_CALL, 3);
	attrs_expect_u64(test, effort, VASMON_A_EFFORT_FULL_REMOTE, 4);
	attrs_expect_u64(test, effort, VASMON_A_EFFORT_FULL_TOTALS, 5);
}

static void process_of_a_watch(struct kunit *test)
{
	struct vasmon_watch_process process = { .tgid = task_tgid(current), .regions = 31 };
	struct nlattr *attrs[VASMON_A_PROCESS_MAX + 1];
	struct sk_buff *skb = attrs_alloc(test, 256);

	KUNIT_ASSERT_EQ(test, vasmon_message_put_process(skb, 3, &process), 0);
	attrs_parse(test, attrs, VASMON_A_PROCESS_MAX, skb);
	attrs_expect_u32(test, attrs, VASMON_A_PROCESS_WATCH_ID, 3);
	attrs_expect_u32(test, attrs, VASMON_A_PROCESS_PID, pid_vnr(task_tgid(current)));
	attrs_expect_u32(test, attrs, VASMON_A_PROCESS_REGIONS, 31);

	/* It is just starting a program: how many regions there are is not known. */
	process.stale = true;
	skb_trim(skb, 0);
	KUNIT_ASSERT_EQ(test, vasmon_message_put_process(skb, 3, &process), 0);
	attrs_parse(test, attrs, VASMON_A_PROCESS_MAX, skb);
	attrs_expect_none(test, attrs, VASMON_A_PROCESS_REGIONS);
}

static void thread_with_and_without_local_storage(struct kunit *test)
{
	const struct vasmon_threads threads = { .pid = 100, .n = 1 };
	struct vasmon_thread thread = {
		.tid = 101, .comm = "worker", .sp = 0x7f0000001ff8, .tls = 0x7f0000002000,
	};
	struct nlattr *attrs[VASMON_A_THREAD_MAX + 1];
	struct sk_buff *skb = attrs_alloc(test, 256);

	KUNIT_ASSERT_EQ(test, vasmon_message_put_thread(skb, &threads, &thread), 0);
	attrs_parse(test, attrs, VASMON_A_THREAD_MAX, skb);
	attrs_expect_u32(test, attrs, VASMON_A_THREAD_PID, 100);
	attrs_expect_u32(test, attrs, VASMON_A_THREAD_TID, 101);
	attrs_expect_string(test, attrs, VASMON_A_THREAD_COMM, "worker");
	attrs_expect_u64(test, attrs, VASMON_A_THREAD_STACK_POINTER, 0x7f0000001ff8);
	attrs_expect_u64(test, attrs, VASMON_A_THREAD_TLS, 0x7f0000002000);

	thread.tls = 0;
	skb_trim(skb, 0);
	KUNIT_ASSERT_EQ(test, vasmon_message_put_thread(skb, &threads, &thread), 0);
	attrs_parse(test, attrs, VASMON_A_THREAD_MAX, skb);
	attrs_expect_none(test, attrs, VASMON_A_THREAD_TLS);
}

static void subscriber_waited_for(struct kunit *test)
{
	struct vasmon_watch *watch = kunit_kzalloc(test, sizeof(*watch), GFP_KERNEL);
	struct vasmon_subscriber sub = {
		.portid = 77, .pid = task_tgid(current), .comm = "reader", .wishes.lossless = true,
		.sent = 1000, .lost = 20, .overruns = 3,
	};
	struct nlattr *attrs[VASMON_A_SUBSCRIBER_MAX + 1];
	struct sk_buff *skb = attrs_alloc(test, 1024);

	KUNIT_ASSERT_NOT_NULL(test, watch);
	atomic64_set(&watch->waits, 4);
	KUNIT_ASSERT_EQ(test, vasmon_message_put_subscriber(skb, watch, &sub), 0);
	sub.wishes.lossless = false;
	KUNIT_ASSERT_EQ(test, vasmon_message_put_subscriber(skb, watch, &sub), 0);

	attrs_parse_nest(test, attrs, VASMON_A_SUBSCRIBER_MAX,
			 attrs_nest(skb, VASMON_A_WATCH_SUBSCRIBER, 0));
	attrs_expect_u32(test, attrs, VASMON_A_SUBSCRIBER_PORTID, 77);
	attrs_expect_u32(test, attrs, VASMON_A_SUBSCRIBER_PID, pid_vnr(task_tgid(current)));
	attrs_expect_string(test, attrs, VASMON_A_SUBSCRIBER_COMM, "reader");
	attrs_expect_u64(test, attrs, VASMON_A_SUBSCRIBER_SENT, 1000);
	attrs_expect_u64(test, attrs, VASMON_A_SUBSCRIBER_LOST, 20);
	attrs_expect_u64(test, attrs, VASMON_A_SUBSCRIBER_OVERRUNS, 3);
	KUNIT_EXPECT_NOT_NULL(test, attrs[VASMON_A_SUBSCRIBER_LOSSLESS]);
	attrs_expect_u64(test, attrs, VASMON_A_SUBSCRIBER_WAITS, 4);

	/* What threads wait for others is nothing to do with this one. */
	attrs_parse_nest(test, attrs, VASMON_A_SUBSCRIBER_MAX,
			 attrs_nest(skb, VASMON_A_WATCH_SUBSCRIBER, 1));
	attrs_expect_none(test, attrs, VASMON_A_SUBSCRIBER_LOSSLESS);
	attrs_expect_none(test, attrs, VASMON_A_SUBSCRIBER_WAITS);
}

/* Nothing of a nest that has no room is left behind: the next message takes it. */
static void subscriber_without_room(struct kunit *test)
{
	struct vasmon_subscriber sub = {
		.portid = 77, .pid = task_tgid(current), .comm = "reader",
	};
	struct sk_buff *skb = attrs_alloc(test, 1024);
	unsigned int needed;

	KUNIT_ASSERT_EQ(test, vasmon_message_put_subscriber(skb, NULL, &sub), 0);
	needed = skb->len;
	for (unsigned int tail = 0; tail < needed; tail++) {
		unsigned int before;

		skb_trim(skb, 0);
		skb_put(skb, skb_tailroom(skb) - tail);
		before = skb->len;
		KUNIT_ASSERT_EQ(test, vasmon_message_put_subscriber(skb, NULL, &sub), -EMSGSIZE);
		KUNIT_ASSERT_EQ(test, skb->len, before);
	}
}

static void region_without_room(struct kunit *test)
{
	struct vasmon_snapshot_region r = {
		.region = { .start = 0x1000, .end = 0x2000, .flags = VM_READ | VM_LOCKED },
		.name_type = VASMON_NAME_TYPE_SPECIAL, .text = "[vdso]",
	};
	struct nlattr *attrs[VASMON_A_REGION_MAX + 1];
	struct sk_buff *skb = attrs_alloc(test, 1024);
	unsigned int needed;

	KUNIT_ASSERT_EQ(test, vasmon_message_put_region(skb, &r, NULL), 0);
	attrs_parse_nest(test, attrs, VASMON_A_REGION_MAX,
			 attrs_nest(skb, VASMON_A_MM_REGION, 0));
	attrs_expect_u64(test, attrs, VASMON_A_REGION_START, 0x1000);
	attrs_expect_u64(test, attrs, VASMON_A_REGION_TRAITS, VASMON_TRAIT_LOCKED);
	attrs_expect_string(test, attrs, VASMON_A_REGION_NAME, "[vdso]");
	needed = skb->len;
	for (unsigned int tail = 0; tail < needed; tail++) {
		unsigned int before;

		skb_trim(skb, 0);
		skb_put(skb, skb_tailroom(skb) - tail);
		before = skb->len;
		KUNIT_ASSERT_EQ(test, vasmon_message_put_region(skb, &r, NULL), -EMSGSIZE);
		KUNIT_ASSERT_EQ(test, skb->len, before);
	}
}

static void mm_with_and_without_a_watch(struct kunit *test)
{
	struct vasmon_snapshot *snap = kunit_kzalloc(test, sizeof(*snap), GFP_KERNEL);
	struct nlattr *attrs[VASMON_A_MM_MAX + 1];
	struct sk_buff *skb = attrs_alloc(test, 2048);

	KUNIT_ASSERT_NOT_NULL(test, snap);
	snap->target.tgid = task_tgid(current);
	strscpy(snap->target.comm, "alloc", sizeof(snap->target.comm));
	snap->time = 5;
	snap->brk = 0x1001;
	snap->start_brk = 0x1000;
	snap->start_stack = 0x7ffc00000008;
	snap->total_vm = 8192;
	snap->map_count = 23;
	KUNIT_ASSERT_EQ(test, vasmon_message_put_mm(skb, snap, NULL), 0);
	attrs_parse(test, attrs, VASMON_A_MM_MAX, skb);
	attrs_expect_u32(test, attrs, VASMON_A_MM_PID, pid_vnr(task_tgid(current)));
	attrs_expect_string(test, attrs, VASMON_A_MM_COMM, "alloc");
	attrs_expect_u64(test, attrs, VASMON_A_MM_TIME, 5);
	attrs_expect_u64(test, attrs, VASMON_A_MM_BRK, 0x1001);
	attrs_expect_u64(test, attrs, VASMON_A_MM_START_BRK, 0x1000);
	attrs_expect_u64(test, attrs, VASMON_A_MM_START_STACK, 0x7ffc00000008);
	attrs_expect_u64(test, attrs, VASMON_A_MM_TOTAL_VM, 8192);
	attrs_expect_u32(test, attrs, VASMON_A_MM_MAP_COUNT, 23);
	attrs_expect_none(test, attrs, VASMON_A_MM_WATCH_ID);
	attrs_expect_none(test, attrs, VASMON_A_MM_SEQ);
	attrs_expect_none(test, attrs, VASMON_A_MM_EXE);
	attrs_expect_none(test, attrs, VASMON_A_MM_REGION);

	/* 0 is a number of an event, too: none has come yet. */
	snap->watch_id = 3;
	snap->has_seq = true;
	skb_trim(skb, 0);
	KUNIT_ASSERT_EQ(test, vasmon_message_put_mm(skb, snap, NULL), 0);
	attrs_parse(test, attrs, VASMON_A_MM_MAX, skb);
	attrs_expect_u32(test, attrs, VASMON_A_MM_WATCH_ID, 3);
	attrs_expect_u64(test, attrs, VASMON_A_MM_SEQ, 0);
}

static struct kunit_case vasmon_message_cases[] = {
	KUNIT_CASE(watch_and_its_effort),
	KUNIT_CASE(process_of_a_watch),
	KUNIT_CASE(thread_with_and_without_local_storage),
	KUNIT_CASE(subscriber_waited_for),
	KUNIT_CASE(subscriber_without_room),
	KUNIT_CASE(region_without_room),
	KUNIT_CASE(mm_with_and_without_a_watch),
	{}
};

static struct kunit_suite vasmon_message_suite = {
	.name = "vasmon_message",
	.test_cases = vasmon_message_cases,
};

kunit_test_suite(vasmon_message_suite);
