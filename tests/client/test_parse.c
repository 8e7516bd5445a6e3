// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <netlink/msg.h>

#include "check.h"
#include "parse.h"

static struct nl_msg *msg_new(void)
{
	struct nl_msg *msg = nlmsg_alloc_size(65536);

	assert_non_null(msg);
	assert_non_null(nlmsg_put(msg, 0, 0, 0x20, 0, 0));
	return msg;
}

static const struct nlattr *msg_head(struct nl_msg *msg)
{
	return nlmsg_attrdata(nlmsg_hdr(msg), 0);
}

static int msg_len(struct nl_msg *msg)
{
	return nlmsg_attrlen(nlmsg_hdr(msg), 0);
}

static void put_region(struct nl_msg *msg, int type, uint64_t start, uint64_t end,
		       const char *name)
{
	struct nlattr *nest = nla_nest_start(msg, type);

	nla_put_u64(msg, VASMON_A_REGION_START, start);
	nla_put_u64(msg, VASMON_A_REGION_END, end);
	nla_put_u32(msg, VASMON_A_REGION_PROT, VASMON_PROT_READ | VASMON_PROT_WRITE);
	nla_put_u64(msg, VASMON_A_REGION_TRAITS, VASMON_TRAIT_LOCKED);
	nla_put_u64(msg, VASMON_A_REGION_VM_FLAGS, 0x73);
	if (name) {
		nla_put_u64(msg, VASMON_A_REGION_OFFSET, 0x5000);
		nla_put_u32(msg, VASMON_A_REGION_DEV_MAJOR, 254);
		nla_put_u32(msg, VASMON_A_REGION_DEV_MINOR, 3);
		nla_put_u64(msg, VASMON_A_REGION_INODE, 1234567890123ull);
		nla_put_u32(msg, VASMON_A_REGION_NAME_TYPE, VASMON_NAME_TYPE_FILE);
		nla_put_string(msg, VASMON_A_REGION_NAME, name);
	}
	nla_nest_end(msg, nest);
}

static void put_event_head(struct nl_msg *msg)
{
	nla_put_u32(msg, VASMON_A_EVENT_WATCH_ID, 7);
	nla_put_u64(msg, VASMON_A_EVENT_SEQ, 42);
	nla_put_u32(msg, VASMON_A_EVENT_CAUSE, VASMON_CAUSE_SYSCALL);
}

static struct nl_msg *full_event(void)
{
	const uint64_t args[VASMON_ARGS] = { 1, 2, 3, 4, 5, UINT64_MAX };
	struct nl_msg *msg = msg_new();

	put_event_head(msg);
	nla_put_u64(msg, VASMON_A_EVENT_TIME, 123456789);
	nla_put_u32(msg, VASMON_A_EVENT_PID, 100);
	nla_put_u32(msg, VASMON_A_EVENT_FLAGS, VASMON_EVENT_FLAG_INCOMPLETE);
	nla_put_u32(msg, VASMON_A_EVENT_TID, 101);
	nla_put_u32(msg, VASMON_A_EVENT_TGID, 100);
	nla_put_string(msg, VASMON_A_EVENT_COMM, "worker");
	nla_put_u32(msg, VASMON_A_EVENT_SYSCALL, (uint32_t)-1);
	nla_put_u32(msg, VASMON_A_EVENT_ARCH, 0xc000003e);
	nla_put(msg, VASMON_A_EVENT_ARGS, sizeof(args), args);
	nla_put_u64(msg, VASMON_A_EVENT_START, 0x1000);
	nla_put_u64(msg, VASMON_A_EVENT_END, 0x9000);
	nla_put_u32(msg, VASMON_A_EVENT_OLD_COUNT, 1);
	put_region(msg, VASMON_A_EVENT_OLD, 0x1000, 0x9000, NULL);
	put_region(msg, VASMON_A_EVENT_NEW, 0x1000, 0x2000, NULL);
	put_region(msg, VASMON_A_EVENT_NEW, 0x2000, 0x9000, "/lib/x");
	nla_put_u64(msg, VASMON_A_EVENT_BRK_FROM, 0x8000);
	nla_put_u64(msg, VASMON_A_EVENT_BRK_TO, 0x8021);
	nla_put_u64(msg, VASMON_A_EVENT_START_BRK, 0x7000);
	nla_put_u64(msg, VASMON_A_EVENT_START_STACK, 0x6000);
	nla_put_u32(msg, VASMON_A_EVENT_MAP_COUNT, 12);
	nla_put_u32(msg, VASMON_A_EVENT_EXIT_CODE, 0x100);
	nla_put_u64(msg, VASMON_A_EVENT_LOST, 9);
	return msg;
}

static void test_event(void **state)
{
	struct nl_msg *msg = full_event();
	struct event ev = { 0 };

	(void)state;
	assert_int_equal(parse_event(msg_head(msg), msg_len(msg), &ev), 0);
	assert_int_equal(ev.watch_id, 7);
	assert_int_equal(ev.seq, 42);
	assert_int_equal(ev.time, 123456789);
	assert_int_equal(ev.pid, 100);
	assert_int_equal(ev.cause, VASMON_CAUSE_SYSCALL);
	assert_int_equal(ev.flags, VASMON_EVENT_FLAG_INCOMPLETE);
	assert_int_equal(ev.tid, 101);
	assert_int_equal(ev.tgid, 100);
	assert_string_equal(ev.comm, "worker");
	assert_true(ev.has_syscall);
	assert_int_equal(ev.syscall, -1);
	assert_int_equal(ev.arch, 0xc000003e);
	assert_true(ev.has_args);
	assert_int_equal(ev.args[1], 2);
	assert_true(ev.args[5] == UINT64_MAX);
	assert_true(ev.has_window);
	assert_int_equal(ev.start, 0x1000);
	assert_int_equal(ev.end, 0x9000);
	assert_int_equal(ev.old_count, 1);
	assert_int_equal(ev.old.n, 1);
	assert_int_equal(ev.old.v[0].end, 0x9000);
	assert_int_equal(ev.fresh.n, 2);
	assert_string_equal(ev.fresh.v[0].name, "");
	assert_int_equal(ev.fresh.v[0].name_type, VASMON_NAME_TYPE_NONE);
	assert_int_equal(ev.fresh.v[1].start, 0x2000);
	assert_int_equal(ev.fresh.v[1].prot, VASMON_PROT_READ | VASMON_PROT_WRITE);
	assert_int_equal(ev.fresh.v[1].traits, VASMON_TRAIT_LOCKED);
	assert_int_equal(ev.fresh.v[1].vm_flags, 0x73);
	assert_int_equal(ev.fresh.v[1].offset, 0x5000);
	assert_int_equal(ev.fresh.v[1].dev_major, 254);
	assert_int_equal(ev.fresh.v[1].dev_minor, 3);
	assert_int_equal(ev.fresh.v[1].inode, 1234567890123ull);
	assert_int_equal(ev.fresh.v[1].name_type, VASMON_NAME_TYPE_FILE);
	assert_string_equal(ev.fresh.v[1].name, "/lib/x");
	assert_true(ev.has_brk && ev.has_start_brk && ev.has_start_stack && ev.has_map_count);
	assert_int_equal(ev.brk_from, 0x8000);
	assert_int_equal(ev.brk_to, 0x8021);
	assert_int_equal(ev.start_brk, 0x7000);
	assert_int_equal(ev.start_stack, 0x6000);
	assert_int_equal(ev.map_count, 12);
	assert_true(ev.has_exit_code);
	assert_int_equal(ev.exit_code, 0x100);
	assert_int_equal(ev.lost, 9);
	nlmsg_free(msg);

	/* The next event has nothing of the one before. */
	msg = msg_new();
	put_event_head(msg);
	assert_int_equal(parse_event(msg_head(msg), msg_len(msg), &ev), 0);
	assert_false(ev.has_window || ev.has_brk || ev.has_syscall || ev.has_args);
	assert_false(ev.has_exit_code || ev.has_map_count || ev.has_old_count);
	assert_int_equal(ev.fresh.n + ev.old.n, 0);
	assert_string_equal(ev.comm, "");
	nlmsg_free(msg);
	parse_event_free(&ev);
}

/* What makes an event unusable. Each case begins with a good head but the first. */
static void test_event_bad(void **state)
{
	static const char no_end[40] = "no end";
	struct event ev = { 0 };
	struct nlattr *nest;
	int i;

	(void)state;
	for (i = 0; i < 14; i++) {
		struct nl_msg *msg = msg_new();

		if (i != 0)
			put_event_head(msg);
		switch (i) {
		case 0:
			nla_put_u32(msg, VASMON_A_EVENT_WATCH_ID, 1);
			nla_put_u64(msg, VASMON_A_EVENT_SEQ, 1);
			break;
		case 1:
			nla_put_u64(msg, VASMON_A_EVENT_START, 0x1000);
			break;
		case 2:
			nla_put_u64(msg, VASMON_A_EVENT_END, 0x1000);
			break;
		case 3:
			nla_put_u64(msg, VASMON_A_EVENT_START, 0x2000);
			nla_put_u64(msg, VASMON_A_EVENT_END, 0x2000);
			break;
		case 4:
			nla_put_u64(msg, VASMON_A_EVENT_BRK_FROM, 0x2000);
			break;
		case 5:
			nla_put_u64(msg, VASMON_A_EVENT_BRK_TO, 0x2000);
			break;
		case 6:
			nla_put(msg, VASMON_A_EVENT_ARGS, 40, no_end);
			break;
		case 7:
			nla_put_u32(msg, VASMON_A_EVENT_TIME, 1);
			break;
		case 8:
			nla_put_u64(msg, VASMON_A_EVENT_TID, 1);
			break;
		case 9:
			nla_put(msg, VASMON_A_EVENT_COMM, 6, no_end);
			break;
		case 10:
			/* regions without a window */
			put_region(msg, VASMON_A_EVENT_NEW, 0x1000, 0x2000, NULL);
			break;
		case 11:
			nla_put_u64(msg, VASMON_A_EVENT_START, 0x1000);
			nla_put_u64(msg, VASMON_A_EVENT_END, 0x9000);
			put_region(msg, VASMON_A_EVENT_NEW, 0x2000, 0x2000, NULL);
			break;
		case 12:
			nla_put_u64(msg, VASMON_A_EVENT_START, 0x1000);
			nla_put_u64(msg, VASMON_A_EVENT_END, 0x9000);
			nest = nla_nest_start(msg, VASMON_A_EVENT_OLD);
			nla_put_u64(msg, VASMON_A_REGION_START, 0x1000);
			nla_put_u64(msg, VASMON_A_REGION_END, 0x2000);
			nla_nest_end(msg, nest);
			break;
		case 13:
			nla_put_u64(msg, VASMON_A_EVENT_START, 0);
			nla_put_u64(msg, VASMON_A_EVENT_END, 0x9000);
			nest = nla_nest_start(msg, VASMON_A_EVENT_NEW);
			nla_put_u64(msg, VASMON_A_REGION_END, 0x2000);
			nla_put_u32(msg, VASMON_A_REGION_PROT, VASMON_PROT_READ);
			nla_nest_end(msg, nest);
			break;
		}
		if (parse_event(msg_head(msg), msg_len(msg), &ev) != -EBADMSG)
			fail_msg("case %d was taken", i);
		nlmsg_free(msg);
	}
	parse_event_free(&ev);
}

static struct nl_msg *full_mm(void)
{
	struct nl_msg *msg = msg_new();
	int type;

	nla_put_u32(msg, VASMON_A_MM_PID, 100);
	nla_put_u32(msg, VASMON_A_MM_WATCH_ID, 7);
	nla_put_u64(msg, VASMON_A_MM_SEQ, 5);
	nla_put_u64(msg, VASMON_A_MM_TIME, 6);
	nla_put_string(msg, VASMON_A_MM_COMM, "a name that is too long");
	nla_put_string(msg, VASMON_A_MM_EXE, "/bin/true");
	for (type = VASMON_A_MM_START_CODE; type <= VASMON_A_MM_STACK_VM; type++)
		nla_put_u64(msg, type, 1000 + (uint64_t)type);
	nla_put_u32(msg, VASMON_A_MM_MAP_COUNT, 2);
	nla_put_flag(msg, VASMON_A_MM_HEAP_INCLUSIVE);
	put_region(msg, VASMON_A_MM_REGION, 0x1000, 0x2000, NULL);
	put_region(msg, VASMON_A_MM_REGION, 0x2000, 0x3000, "/bin/true");
	return msg;
}

static void test_mm(void **state)
{
	struct nl_msg *msg = full_mm();
	struct regions regions = { 0 };
	struct mm mm = { 0 };

	(void)state;
	assert_int_equal(parse_mm(msg_head(msg), msg_len(msg), &mm, &regions), 0);
	assert_int_equal(mm.pid, 100);
	assert_int_equal(mm.watch_id, 7);
	assert_true(mm.has_seq);
	assert_int_equal(mm.seq, 5);
	assert_int_equal(mm.time, 6);
	assert_string_equal(mm.comm, "a name that is ");
	assert_string_equal(mm.exe, "/bin/true");
	assert_int_equal(mm.start_code, 1000 + VASMON_A_MM_START_CODE);
	assert_int_equal(mm.end_code, 1000 + VASMON_A_MM_END_CODE);
	assert_int_equal(mm.start_data, 1000 + VASMON_A_MM_START_DATA);
	assert_int_equal(mm.end_data, 1000 + VASMON_A_MM_END_DATA);
	assert_int_equal(mm.layout.start_brk, 1000 + VASMON_A_MM_START_BRK);
	assert_int_equal(mm.layout.brk, 1000 + VASMON_A_MM_BRK);
	assert_int_equal(mm.layout.start_stack, 1000 + VASMON_A_MM_START_STACK);
	assert_true(mm.layout.heap_inclusive);
	assert_int_equal(mm.arg_start, 1000 + VASMON_A_MM_ARG_START);
	assert_int_equal(mm.arg_end, 1000 + VASMON_A_MM_ARG_END);
	assert_int_equal(mm.env_start, 1000 + VASMON_A_MM_ENV_START);
	assert_int_equal(mm.env_end, 1000 + VASMON_A_MM_ENV_END);
	assert_int_equal(mm.total_vm, 1000 + VASMON_A_MM_TOTAL_VM);
	assert_int_equal(mm.locked_vm, 1000 + VASMON_A_MM_LOCKED_VM);
	assert_int_equal(mm.pinned_vm, 1000 + VASMON_A_MM_PINNED_VM);
	assert_int_equal(mm.data_vm, 1000 + VASMON_A_MM_DATA_VM);
	assert_int_equal(mm.exec_vm, 1000 + VASMON_A_MM_EXEC_VM);
	assert_int_equal(mm.stack_vm, 1000 + VASMON_A_MM_STACK_VM);
	assert_int_equal(mm.map_count, 2);
	assert_int_equal(regions.n, 2);
	assert_string_equal(regions.v[1].name, "/bin/true");
	nlmsg_free(msg);

	/* A further message of a dump has regions only: the head stays. */
	msg = msg_new();
	put_region(msg, VASMON_A_MM_REGION, 0x5000, 0x6000, NULL);
	assert_int_equal(parse_mm(msg_head(msg), msg_len(msg), &mm, &regions), 0);
	assert_int_equal(mm.pid, 100);
	assert_string_equal(mm.exe, "/bin/true");
	assert_int_equal(regions.n, 1);
	assert_int_equal(regions.v[0].start, 0x5000);
	nlmsg_free(msg);
	parse_regions_free(&regions);
	parse_mm_free(&mm);
}

static struct nl_msg *full_watch(void)
{
	struct nl_msg *msg = msg_new();
	struct nlattr *nest;
	int i;

	nla_put_u32(msg, VASMON_A_WATCH_ID, 3);
	nla_put_u32(msg, VASMON_A_WATCH_PID, 100);
	nla_put_u32(msg, VASMON_A_WATCH_RING_SIZE, 65536);
	nla_put_u64(msg, VASMON_A_WATCH_SEQ, 77);
	nla_put_string(msg, VASMON_A_WATCH_COMM, "demo");
	nla_put_u32(msg, VASMON_A_WATCH_REGIONS, 21);
	nla_put_flag(msg, VASMON_A_WATCH_FOLLOW);
	nla_put_u32(msg, VASMON_A_WATCH_PROCESSES, 4);
	nla_put_u32(msg, VASMON_A_WATCH_UNFOLLOWED, 1);
	nla_put_u64(msg, VASMON_A_WATCH_MEMORY, 99999);
	nest = nla_nest_start(msg, VASMON_A_WATCH_EFFORT);
	for (i = VASMON_A_EFFORT_WINDOW; i <= VASMON_A_EFFORT_FULL_TOTALS; i++)
		nla_put_u64(msg, i, 10 + (uint64_t)i);
	nla_nest_end(msg, nest);
	for (i = 0; i < 2; i++) {
		nest = nla_nest_start(msg, VASMON_A_WATCH_SUBSCRIBER);

		nla_put_u32(msg, VASMON_A_SUBSCRIBER_PORTID, 500 + (uint32_t)i);
		nla_put_u32(msg, VASMON_A_SUBSCRIBER_PID, 200 + (uint32_t)i);
		nla_put_string(msg, VASMON_A_SUBSCRIBER_COMM, "client");
		nla_put_u64(msg, VASMON_A_SUBSCRIBER_SENT, 10);
		nla_put_u64(msg, VASMON_A_SUBSCRIBER_LOST, 4);
		nla_put_u64(msg, VASMON_A_SUBSCRIBER_OVERRUNS, 2);
		if (i)
			nla_put_flag(msg, VASMON_A_SUBSCRIBER_LOSSLESS);
		nla_put_u64(msg, VASMON_A_SUBSCRIBER_WAITS, 6);
		nla_nest_end(msg, nest);
	}
	return msg;
}

static void test_watch(void **state)
{
	struct nl_msg *msg = full_watch();
	struct watch_info info;

	(void)state;
	assert_int_equal(parse_watch(msg_head(msg), msg_len(msg), &info), 0);
	assert_int_equal(info.id, 3);
	assert_int_equal(info.pid, 100);
	assert_int_equal(info.ring_size, 65536);
	assert_int_equal(info.seq, 77);
	assert_string_equal(info.comm, "demo");
	assert_int_equal(info.regions, 21);
	assert_int_equal(info.memory, 99999);
	assert_true(info.follow);
	assert_int_equal(info.processes, 4);
	assert_int_equal(info.unfollowed, 1);
	assert_false(info.subscribers[0].lossless);
	assert_true(info.subscribers[1].lossless);
	assert_int_equal(info.subscribers[1].waits, 6);
	assert_true(info.has_effort);
	assert_int_equal(info.effort.window, 10 + VASMON_A_EFFORT_WINDOW);
	assert_int_equal(info.effort.stack, 10 + VASMON_A_EFFORT_STACK);
	assert_int_equal(info.effort.full_call, 10 + VASMON_A_EFFORT_FULL_CALL);
	assert_int_equal(info.effort.full_remote, 10 + VASMON_A_EFFORT_FULL_REMOTE);
	assert_int_equal(info.effort.full_totals, 10 + VASMON_A_EFFORT_FULL_TOTALS);
	assert_int_equal(info.n_subscribers, 2);
	assert_int_equal(info.subscribers[1].portid, 501);
	assert_int_equal(info.subscribers[1].pid, 201);
	assert_string_equal(info.subscribers[1].comm, "client");
	assert_int_equal(info.subscribers[1].sent, 10);
	assert_int_equal(info.subscribers[1].lost, 4);
	assert_int_equal(info.subscribers[1].overruns, 2);
	parse_watch_free(&info);
	nlmsg_free(msg);

	msg = msg_new();
	nla_put_u32(msg, VASMON_A_WATCH_PID, 100);
	assert_int_equal(parse_watch(msg_head(msg), msg_len(msg), &info), -EBADMSG);
	parse_watch_free(&info);
	nlmsg_free(msg);
}

/* Any bytes at all: the answer is 0 or -EBADMSG, and nothing is read behind them. */
static int parse_all(const void *bytes, size_t len)
{
	/* Exactly as large as the message, so that a sanitizer sees a step too far. */
	void *copy = malloc(len ? len : 1);
	struct regions regions = { 0 };
	struct watch_info info;
	struct event ev = { 0 };
	struct mm mm = { 0 };
	int e, m, w;
	size_t i;

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	e = parse_event(copy, (int)len, &ev);
	m = parse_mm(copy, (int)len, &mm, &regions);
	w = parse_watch(copy, (int)len, &info);
	assert_true(e == 0 || e == -EBADMSG);
	assert_true(m == 0 || m == -EBADMSG);
	assert_true(w == 0 || w == -EBADMSG);
	for (i = 0; !e && i < ev.fresh.n; i++)
		assert_true(strlen(ev.fresh.v[i].name) < len);
	assert_true(strlen(ev.comm) < VASMON_COMM_LEN && strlen(mm.comm) < VASMON_COMM_LEN);
	parse_event_free(&ev);
	parse_mm_free(&mm);
	parse_regions_free(&regions);
	parse_watch_free(&info);
	free(copy);
	return e;
}

static void test_truncated(void **state)
{
	struct nl_msg *(*const make[])(void) = { full_event, full_mm, full_watch };
	struct event ev = { 0 };
	size_t i;
	int len;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct nl_msg *msg = make[i]();

		for (len = 0; len <= msg_len(msg); len++)
			parse_all(msg_head(msg), (size_t)len);
		nlmsg_free(msg);
	}
	/* An event that ends in the middle of a region is no event. */
	struct nl_msg *msg = msg_new();

	put_event_head(msg);
	nla_put_u64(msg, VASMON_A_EVENT_START, 0x1000);
	nla_put_u64(msg, VASMON_A_EVENT_END, 0x9000);
	put_region(msg, VASMON_A_EVENT_NEW, 0x1000, 0x2000, NULL);
	assert_int_equal(parse_event(msg_head(msg), msg_len(msg), &ev), 0);
	for (len = 1; len < 40; len++)
		assert_int_equal(parse_event(msg_head(msg), msg_len(msg) - len, &ev), -EBADMSG);
	assert_int_equal(parse_event(msg_head(msg), -1, &ev), -EBADMSG);
	parse_event_free(&ev);
	nlmsg_free(msg);
}

static void test_random(void **state)
{
	struct nl_msg *(*const make[])(void) = { full_event, full_mm, full_watch };
	uint64_t seed = 0x1234567, good = 0, bad = 0;
	unsigned char bytes[4096];
	int round, k;

	(void)state;
	for (round = 0; round < 30000; round++) {
		struct nl_msg *msg = make[round % 3]();
		size_t len = (size_t)msg_len(msg);

		assert_true(len <= sizeof(bytes));
		memcpy(bytes, msg_head(msg), len);
		for (k = (int)(check_random(&seed) % 8); k > 0; k--)
			bytes[check_random(&seed) % len] = (unsigned char)check_random(&seed);
		if (round % 100 == 0) {
			for (len = 0; len < 512; len++)
				bytes[len] = (unsigned char)check_random(&seed);
		}
		if (parse_all(bytes, len - check_random(&seed) % 3 * 4 % len))
			bad++;
		else
			good++;
		nlmsg_free(msg);
	}
	/* Both happen, or else this looks at nothing. */
	assert_true(good > 1000 && bad > 1000);
}

static void test_thread(void **state)
{
	struct nl_msg *msg = msg_new();
	struct thread thread;

	(void)state;
	assert_int_equal(parse_thread(msg_head(msg), msg_len(msg), &thread), -EBADMSG);
	nla_put_u32(msg, VASMON_A_THREAD_PID, 12);
	nla_put_u32(msg, VASMON_A_THREAD_TID, 13);
	nla_put_string(msg, VASMON_A_THREAD_COMM, "worker");
	nla_put_u64(msg, VASMON_A_THREAD_STACK_POINTER, 0x7f0000001000);
	assert_int_equal(parse_thread(msg_head(msg), msg_len(msg), &thread), 0);
	assert_int_equal(thread.tid, 13);
	assert_string_equal(thread.comm, "worker");
	assert_int_equal(thread.sp, 0x7f0000001000);
	assert_int_equal(thread.tls, 0);
	nla_put_u64(msg, VASMON_A_THREAD_TLS, 0x7f00000026c0);
	assert_int_equal(parse_thread(msg_head(msg), msg_len(msg), &thread), 0);
	assert_int_equal(thread.tls, 0x7f00000026c0);
	nla_put_u32(msg, VASMON_A_THREAD_TLS, 1);
	assert_int_equal(parse_thread(msg_head(msg), msg_len(msg), &thread), -EBADMSG);
	nlmsg_free(msg);
}

static void test_process(void **state)
{
	struct nl_msg *msg = msg_new();
	uint32_t pid;

	(void)state;
	assert_int_equal(parse_process(msg_head(msg), msg_len(msg), &pid), -EBADMSG);
	nla_put_u32(msg, VASMON_A_PROCESS_WATCH_ID, 3);
	nla_put_u32(msg, VASMON_A_PROCESS_PID, 12);
	assert_int_equal(parse_process(msg_head(msg), msg_len(msg), &pid), 0);
	assert_int_equal(pid, 12);
	nla_put(msg, VASMON_A_PROCESS_PID, 0, NULL);
	assert_int_equal(parse_process(msg_head(msg), msg_len(msg), &pid), -EBADMSG);
	nlmsg_free(msg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_event),
		cmocka_unit_test(test_event_bad),
		cmocka_unit_test(test_mm),
		cmocka_unit_test(test_watch),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_thread),
		cmocka_unit_test(test_process),
	};

	return cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}
