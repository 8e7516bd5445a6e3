// SPDX-License-Identifier: GPL-2.0-only
/* Recordings made by hand, replayed by the library and by the program. */
#include <errno.h>
#include <libdeflate.h>
#include <sys/mman.h>

#include "message.h"
#include "program.h"
#include "recwriter.h"
#include "replay.h"

#define ROOT	12
#define CHILD	15

static char path[64];
static int file = -1;

/* --- Recordings. */

static struct recwriter begin(uint32_t flags)
{
	/* Events are from one second after boot on. */
	struct rec_header h = {
		.pid = ROOT, .watch_id = 1, .page_size = 4096, .flags = flags,
		.boottime = 1000000000, .realtime = 1700000000000000000,
	};
	struct recwriter w;

	recwriter_init(&w, file);
	recwriter_header(&w, &h);
	return w;
}

static void put_event(struct recwriter *w, const struct event *ev)
{
	struct nl_msg *msg = message_event(ev);

	recwriter_frame(w, REC_EVENT, message_head(msg), (size_t)message_len(msg));
	nlmsg_free(msg);
}

static void put_gone(struct recwriter *w, uint32_t pid)
{
	struct rec_snapshot s = { .pid = pid, .error = ESRCH };

	recwriter_frame(w, REC_SNAPSHOT, &s, sizeof(s));
}

/* A snapshot of @n regions in two parts; the second and the end only where @whole. */
static void put_snapshot(struct recwriter *w, uint32_t pid, uint64_t seq, unsigned int n,
			 bool whole)
{
	struct rec_snapshot_end end = { .parts = 2 };
	struct rec_snapshot s = { .pid = pid };
	unsigned int i = 1, part;

	recwriter_frame(w, REC_SNAPSHOT, &s, sizeof(s));
	for (part = 0; part < 1u + whole; part++) {
		struct nl_msg *msg = message_new();

		if (!part) {
			nla_put_u32(msg, VASMON_A_MM_PID, pid);
			nla_put_u32(msg, VASMON_A_MM_WATCH_ID, 1);
			nla_put_u64(msg, VASMON_A_MM_SEQ, seq);
			nla_put_u64(msg, VASMON_A_MM_TIME, 1000000000);
			nla_put_string(msg, VASMON_A_MM_COMM, "proc");
			nla_put_u32(msg, VASMON_A_MM_MAP_COUNT, n);
		}
		for (; i <= (part ? n : n / 2); i++) {
			struct region r = check_region(i * 0x10000ull,
						       i * 0x10000ull + CHECK_PAGE, "rw-p");

			message_put_region(msg, VASMON_A_MM_REGION, &r);
		}
		recwriter_frame(w, REC_PART, message_head(msg), (size_t)message_len(msg));
		nlmsg_free(msg);
	}
	if (whole)
		recwriter_frame(w, REC_SNAPSHOT_END, &end, sizeof(end));
}

/* The process gets a region more, as the @n-th, at a @time. */
static void put_grow_at(struct recwriter *w, uint32_t pid, uint64_t seq, unsigned int n,
			uint64_t time)
{
	struct region r = check_region(n * 0x10000ull, n * 0x10000ull + CHECK_PAGE, "r--p");
	struct event ev = {
		.watch_id = 1, .seq = seq, .pid = pid, .tid = pid, .tgid = pid, .comm = "proc",
		.time = time, .cause = VASMON_CAUSE_KERNEL, .has_window = true,
		.start = r.start, .end = r.end, .fresh = { .v = &r, .n = 1 },
		.has_map_count = true, .map_count = n,
	};

	put_event(w, &ev);
}

static void put_grow(struct recwriter *w, uint32_t pid, uint64_t seq, unsigned int n)
{
	put_grow_at(w, pid, seq, n, 1000000000 + seq * 1000);
}

static void put_plain(struct recwriter *w, uint32_t pid, uint64_t seq, uint32_t cause,
		      uint64_t lost)
{
	struct event ev = {
		.watch_id = 1, .seq = seq, .pid = pid, .cause = cause, .lost = lost,
		.has_exit_code = cause == VASMON_CAUSE_EXIT,
	};

	put_event(w, &ev);
}

/* The child's map, as the event of a fork has it: in two parts of one region each. */
static void put_fork(struct recwriter *w, uint64_t seq)
{
	struct region r = check_region(0x10000, 0x11000, "rw-p");
	struct event ev = {
		.watch_id = 1, .seq = seq, .pid = CHILD, .tid = ROOT, .tgid = ROOT, .comm = "proc",
		.time = 1000000000 + seq * 1000, .cause = VASMON_CAUSE_FORK,
		.flags = VASMON_EVENT_FLAG_MORE, .has_window = true, .start = 0, .end = 0x20000,
		.fresh = { .v = &r, .n = 1 }, .has_map_count = true, .map_count = 1,
	};

	put_event(w, &ev);
	r.start = 0x20000;
	r.end = 0x23000;
	ev.seq++;
	ev.flags = 0;
	ev.start = 0x20000;
	ev.end = UINT64_MAX;
	ev.map_count = 2;
	put_event(w, &ev);
}

static void put_end(struct recwriter *w)
{
	struct rec_end end = { .reason = REC_REASON_ENDED, .events = w->events };

	recwriter_frame(w, REC_END, &end, sizeof(end));
}

/* From here on the recording can be read at @path. */
static void finish(struct recwriter *w)
{
	assert_int_equal(ftruncate(file, 0), 0);
	assert_int_equal(lseek(file, 0, SEEK_SET), 0);
	assert_int_equal(out_flush(&w->out), 0);
	recwriter_free(w);
}

static void replay(const char *options, int status, const char *out, const char *err)
{
	char args[200];

	snprintf(args, sizeof(args), "replay %s %s", options, path);
	program_check(args, status, out, err);
}

#define LINE(n, perms)	"000" #n "0000-000" #n "1000 " perms " 00000000 00:00 0 \n"

/* --- Tests. */

/* Events 6 and 7; 8 to 11 are lost, the map after 12 is known; 13; the end at 14. */
static void test_one_process(void **state)
{
	struct recwriter w = begin(0);

	(void)state;
	put_snapshot(&w, ROOT, 5, 2, true);
	put_grow(&w, ROOT, 4, 1);	/* the snapshot has it */
	put_grow(&w, ROOT, 6, 3);
	put_grow(&w, ROOT, 7, 4);
	put_plain(&w, ROOT, 10, VASMON_CAUSE_OVERRUN, 3);
	put_snapshot(&w, ROOT, 12, 6, true);
	put_grow(&w, ROOT, 12, 6);	/* the snapshot has it */
	put_grow(&w, ROOT, 13, 7);
	put_plain(&w, ROOT, 14, VASMON_CAUSE_EXIT, 0);
	put_end(&w);
	finish(&w);

	replay("--color=never", 0, "2 regions\n", "4 events, 3 missed, 5 coalesced");
	replay("--color=never", 0, "  ! 3 events missed (too slow); the net difference of 8 to 12:",
	       "events");
	replay("-q", 0, "exited with status 0", "4 events");
	replay("-q --count 1", 0, "kernel  + 00030000-00031000 r--p", "1 event, ");
	replay("--json", 0, "\"type\":\"lost\",\"pid\":12,\"reason\":\"overrun\",\"missed\":3",
	       "4 events");
	replay("-q -r", 0, "    0.000001 proc/12", "4 events");
	replay("-q -ttt --count 1", 0, "1700000000.000006 proc/12", "1 event,");
	setenv("TZ", "XYZ-1", 1);
	replay("-q -tt --count 1", 0, "23:13:20.000006 proc/12", "1 event,");
	replay("-q -t --count 1", 0, "23:13:20 proc/12", "1 event,");
	replay("--maps", 0, LINE(1, "rw-p") LINE(2, "rw-p") LINE(3, "rw-p") LINE(4, "rw-p")
	       LINE(5, "rw-p") LINE(6, "rw-p") LINE(7, "r--p"),
	       "process 12 ended with event 14: this is its map before that");
	replay("--maps-at 5", 0, LINE(1, "rw-p") LINE(2, "rw-p"), NULL);
	replay("--maps-at 6", 0, LINE(2, "rw-p") LINE(3, "r--p"), NULL);
	replay("--maps-at 7", 0, LINE(3, "r--p") LINE(4, "r--p"), NULL);
	replay("--maps-at 12", 0, LINE(4, "rw-p") LINE(5, "rw-p") LINE(6, "rw-p"), NULL);
	replay("--maps-at 13 --pid 12", 0, LINE(7, "r--p"), NULL);
	replay("--maps-at 0", 1, NULL, "recording of process 12 begins with event 5, after 0");
	replay("--maps-at 4", 1, NULL, "recording of process 12 begins with event 5, after 4");
	replay("--maps-at 8", 1, NULL, "events 8 to 11 were not recorded one by one\n"
	       "It is known after event 7, and after 12.");
	replay("--maps-at 11", 1, NULL, "events 8 to 11 were not recorded");
	replay("--maps-at 14", 1, NULL, "process 12 ended with event 14: it has no map after event "
	       "14");
	replay("--maps-at 99", 1, NULL, "process 12 ended with event 14");
	replay("--maps --pid 13", 1, NULL, "process 13 is not in ");
	replay("--maps --pid 13", 1, NULL, "which was recorded without -f");
	replay("--pid 13", 1, NULL, "process 13 is not in ");
	replay("--pid 12 --count 1", 0, "proc/12", "1 event,");
}

/* The recorder was killed: between frames, in the middle of a frame, of a snapshot. */
static void test_killed(void **state)
{
	struct recwriter w = begin(0);
	off_t len;

	(void)state;
	put_snapshot(&w, ROOT, 5, 2, true);
	put_grow(&w, ROOT, 6, 3);
	put_grow(&w, ROOT, 7, 4);
	finish(&w);
	replay("--maps", 0, LINE(3, "r--p") LINE(4, "r--p"), "has no end, its last event is 7");
	replay("--maps-at 8", 1, NULL, "ends with event 7: there is no event 8");
	len = lseek(file, 0, SEEK_END);
	assert_int_equal(ftruncate(file, len - 9), 0);
	replay("--maps", 0, LINE(2, "rw-p") LINE(3, "r--p"), "is cut off at byte ");
	replay("-q", 0, "00030000-00031000", "after event 6: its recorder was killed");

	w = begin(0);
	put_snapshot(&w, ROOT, 5, 2, true);
	put_plain(&w, ROOT, 10, VASMON_CAUSE_OVERRUN, 5);
	put_snapshot(&w, ROOT, 12, 6, false);
	finish(&w);
	replay("--maps", 1, NULL, "the map of process 12 is not known at the end, only until event "
	       "5: events were lost\nTry --maps-at 5.");
	replay("--maps-at 5", 0, LINE(1, "rw-p") LINE(2, "rw-p"), NULL);
	replay("--maps-at 7", 1, NULL, "is not known at the end");
	replay("", 0, "! 5 events missed (too slow), and the map could not be dumped anew",
	       "5 missed");

	w = begin(0);
	put_snapshot(&w, ROOT, 5, 2, false);
	finish(&w);
	replay("--maps", 1, NULL, "process 12 is not in ");
	replay("", 0, NULL, "has no end");
}

static void test_damaged(void **state)
{
	struct recwriter w = begin(0);
	off_t len;

	(void)state;
	put_snapshot(&w, ROOT, 5, 2, true);
	put_grow(&w, ROOT, 6, 3);
	put_grow(&w, ROOT, 7, 4);
	finish(&w);
	len = lseek(file, 0, SEEK_END);
	assert_int_equal(pwrite(file, "x", 1, len - 20), 1);
	replay("-q", 1, "00030000-00031000", "is damaged at byte");
	replay("--maps", 1, LINE(3, "r--p"), "is damaged at byte");
	replay("--maps-at 6", 0, LINE(3, "r--p"), NULL);

	/* a frame that is whole, with a message that is not */
	w = begin(0);
	put_snapshot(&w, ROOT, 5, 2, true);
	recwriter_frame(&w, REC_EVENT, "nonsense", 8);
	put_grow(&w, ROOT, 6, 3);
	finish(&w);
	replay("-q", 1, NULL, "does not fit the protocol");

	/* an event that does not fit, and the snapshot that the recorder took then */
	w = begin(0);
	put_snapshot(&w, ROOT, 5, 2, true);
	put_grow(&w, ROOT, 6, 9);
	put_snapshot(&w, ROOT, 6, 3, true);
	put_grow(&w, ROOT, 7, 4);
	put_end(&w);
	finish(&w);
	replay("--maps", 0, LINE(3, "rw-p") LINE(4, "r--p"),
	       "event 6 of process 12 does not fit the map: the number of regions differs");

	/* frames of another time, and a snapshot that nothing asks for */
	w = begin(0);
	put_snapshot(&w, ROOT, 5, 2, true);
	recwriter_frame(&w, (enum rec_type)77, "later", 5);
	recwriter_frame(&w, REC_PART, "stray", 5);
	put_snapshot(&w, ROOT, 9, 3, true);
	put_grow(&w, ROOT, 10, 4);
	recwriter_frame(&w, REC_LOSSY, NULL, 0);
	put_snapshot(&w, ROOT, 12, 5, true);
	put_end(&w);
	finish(&w);
	replay("-q", 0, "(there is a newer map)", "1 event, 2 missed, 6 coalesced");
	replay("--maps", 0, LINE(5, "rw-p"), NULL);
	replay("--maps-at 10", 0, LINE(4, "r--p"), NULL);
	replay("--maps-at 11", 1, NULL, "events 11 to 11 were not recorded");
}

static void test_follow(void **state)
{
	struct recwriter w = begin(REC_FOLLOW);

	(void)state;
	put_snapshot(&w, ROOT, 5, 2, true);
	put_fork(&w, 6);
	put_grow(&w, CHILD, 8, 3);
	put_grow(&w, ROOT, 9, 3);
	put_plain(&w, ROOT, 12, VASMON_CAUSE_OVERRUN, 3);
	put_snapshot(&w, ROOT, 14, 4, true);
	put_snapshot(&w, CHILD, 15, 5, true);
	put_grow(&w, CHILD, 15, 5);	/* its snapshot has it */
	put_grow(&w, ROOT, 16, 5);
	put_plain(&w, ROOT, 17, VASMON_CAUSE_EXIT, 0);
	put_grow(&w, CHILD, 18, 6);
	put_end(&w);
	finish(&w);

	replay("--color=never", 0, "[pid 15]     0.000006 proc/12 fork  + process 15 of process "
	       "12: 2 regions, 16384 (16.0 KiB)\n", "6 events, 3 missed");
	replay("--pid 15 -q --count 2", 0, "[pid 15]     0.000008 proc/15", "2 events");
	replay("--maps-at 6 --pid 15", 0, LINE(1, "rw-p"), NULL);
	replay("--maps-at 7 --pid 15", 0, LINE(1, "rw-p") "00020000-00023000 rw-p", NULL);
	replay("--maps-at 7", 0, LINE(1, "rw-p") LINE(2, "rw-p"), NULL);
	replay("--maps-at 9 --pid 15", 0, LINE(3, "r--p"), NULL);
	replay("--maps-at 5 --pid 15", 1, NULL, "recording of process 15 begins with event 6");
	replay("--maps-at 14", 0, LINE(3, "rw-p") LINE(4, "rw-p"), NULL);
	replay("--maps-at 14 --pid 15", 1, NULL, "events 10 to 14 were not recorded");
	replay("--maps-at 16 --pid 15", 0, LINE(4, "rw-p") LINE(5, "rw-p"), NULL);
	replay("--maps --pid 15", 0, LINE(5, "rw-p") LINE(6, "r--p"), NULL);
	replay("--maps", 0, LINE(4, "rw-p") LINE(5, "r--p"), "process 12 ended with event 17");
	replay("--maps --pid 99", 1, NULL, "process 99 is not in ");

	/* one of them is gone when the maps are dumped anew */
	w = begin(REC_FOLLOW);
	put_snapshot(&w, ROOT, 5, 2, true);
	put_fork(&w, 6);
	put_plain(&w, ROOT, 12, VASMON_CAUSE_OVERRUN, 5);
	put_snapshot(&w, ROOT, 14, 4, true);
	put_gone(&w, CHILD);
	put_grow(&w, ROOT, 15, 5);
	finish(&w);
	replay("--maps", 0, LINE(5, "r--p"), "has no end");
	replay("--maps --pid 15", 1, NULL, "only until event 7");

	/* the recording ends in the middle of a fork */
	w = begin(REC_FOLLOW);
	put_snapshot(&w, ROOT, 5, 2, true);
	put_fork(&w, 6);
	finish(&w);
	assert_int_equal(ftruncate(file, lseek(file, 0, SEEK_END) - 8), 0);
	replay("-q", 0, "fork  + process 15 of process 12: 1 region,", "1 event,");
}

/* From the first second to the last that a time can name: a line for each year, and no more. */
static void test_end_of_time(void **state)
{
	struct recwriter w = begin(0);
	char args[200];

	(void)state;
	put_snapshot(&w, ROOT, 5, 2, true);
	put_grow_at(&w, ROOT, 6, 3, 2000000000);
	put_grow_at(&w, ROOT, 7, 4, UINT64_MAX);
	put_end(&w);
	finish(&w);
	snprintf(args, sizeof(args), "stat --interval 31536000 -i %s", path);
	program_check(args, 0, "\n18417024000.", NULL);
	/* A thousand a second: until nobody reads any more. */
	snprintf(args, sizeof(args), "stat --interval 0.001 -i %s", path);
	program_check(args, 0, "0.001", NULL);
}

/* The exec of a program with two regions, as the event @seq. */
static void put_exec(struct recwriter *w, uint64_t seq)
{
	struct region v[2] = {
		check_file(0x400000, 0x401000, "r-xp", 0, "/bin/program"),
		check_file(0x10000000, 0x10001000, "r-xp", 0, "/lib/ld.so"),
	};
	struct event ev = {
		.watch_id = 1, .seq = seq, .pid = ROOT, .tid = ROOT, .tgid = ROOT,
		.comm = "program", .time = 5000000000, .cause = VASMON_CAUSE_EXEC,
		.has_window = true,
		.start = 0, .end = UINT64_MAX, .fresh = { .v = v, .n = 2 },
		.has_map_count = true, .map_count = 2,
	};

	put_event(w, &ev);
}

static void put_mark(struct recwriter *w, uint64_t seq, const char *text)
{
	struct event ev = {
		.watch_id = 1, .seq = seq, .pid = ROOT, .tid = 77, .tgid = 77, .comm = "user",
		.time = 5000000000, .cause = VASMON_CAUSE_MARK, .text = text,
	};

	put_event(w, &ev);
}

/* What the recorder did between fork and exec is not the command's. */
static void test_from_exec(void **state)
{
	struct recwriter w = begin(REC_FROM_EXEC);

	(void)state;
	put_snapshot(&w, ROOT, 0, 2, true);
	put_grow(&w, ROOT, 1, 3);
	put_exec(&w, 2);
	put_grow(&w, ROOT, 3, 3);
	put_mark(&w, 4, "now \033[31m\n\xff\"");
	put_plain(&w, ROOT, 5, VASMON_CAUSE_EXIT, 0);
	put_end(&w);
	finish(&w);

	replay("-q", 0, "    0.000000 program/12 exec  ~ whole map replaced: 2 regions",
	       "4 events,");
	replay("-q", 0, " user/77 mark  # now \\033[31m\\012\\377\"\n", "4 events,");
	replay("--json", 0, "\"cause\":\"mark\",\"tid\":77,\"tgid\":77,\"comm\":\"user\",\"text\":"
	       "\"now \\u001b[31m\\n\xef\xbf\xbd\\\"\",\"text_hex\":\"6e6f77201b5b33316d0aff22\"",
	       "4 events,");
	replay("-q -e !mark", 0, "exec", "3 events,");
	replay("--color=never", 0, "12 program /bin/program\n", "4 events,");
	replay("--json", 0, "\"old\":[],\"new\":[{\"start\":\"0x400000\"", "4 events,");
	replay("--maps-at 2", 0, "/bin/program\n", NULL);
	replay("--maps-at 0", 1, NULL, "recording of process 12 begins with event 2, after 0");
	replay("--maps-at 1", 1, NULL, "begins with event 2");
}

/* --- Any bytes. */

static int eat_snapshot(struct tracker *t, uint32_t pid, struct mm *mm, struct space *space)
{
	return replay_snapshot(t, pid, mm, space);
}

static void eat_process(struct tracker *t, const struct tracker_process *p)
{
	struct out *out = ((struct replay *)t->arg)->arg;
	struct scene scene = tracker_scene(t, p);

	out_map(out, &p->mm, &scene, NULL);
	buf_reset(&out->buf);
}

static void eat_event(struct tracker *t, const struct tracker_process *p,
		      const struct out_event *e)
{
	struct out *out = ((struct replay *)t->arg)->arg;

	(void)p;
	out_event(out, e);
	buf_reset(&out->buf);
}

static void eat_lost(struct tracker *t, const struct out_lost *lost)
{
	struct out *out = ((struct replay *)t->arg)->arg;

	out_lost(out, lost);
	buf_reset(&out->buf);
}

static void eat_mismatch(struct tracker *t, const struct event *ev, const char *what)
{
	(void)t;
	(void)ev;
	(void)what;
}

static const struct tracker_ops eat_ops = {
	eat_snapshot, NULL, eat_process, eat_event, eat_lost, eat_process, eat_mismatch, NULL,
};

static void eat(const void *bytes, size_t len, bool json)
{
	int fd = memfd_create("any", MFD_CLOEXEC), n;
	struct out out = { .fd = -1, .json = json };
	struct replay r;

	assert_int_equal(pwrite(fd, bytes, len, 0), len);
	n = replay_open(&r, fd, &eat_ops);
	r.arg = &out;
	while (!n && (n = replay_step(&r)) > 0)
		n = 0;
	tracker_finish(&r.tracker);
	replay_free(&r);
	buf_free(&out.buf);
	close(fd);
}

/* Frames whose checksum is right, for the reader to go on to what is in them. */
static void mend(unsigned char *v, size_t len)
{
	size_t at = sizeof(struct rec_header);
	struct rec_header h;
	struct rec_frame f;

	memcpy(&h, v, sizeof(h));
	h.crc = libdeflate_crc32(0, &h, offsetof(struct rec_header, crc));
	memcpy(v, &h, sizeof(h));
	while (at + sizeof(f) <= len) {
		memcpy(&f, v + at, sizeof(f));
		if (f.len > len - at - sizeof(f))
			break;
		f.crc = libdeflate_crc32(0, &f, offsetof(struct rec_frame, crc));
		if (f.len)
			f.crc = libdeflate_crc32(f.crc, v + at + sizeof(f), f.len);
		memcpy(v + at, &f, sizeof(f));
		at += sizeof(f) + REC_ALIGN(f.len);
	}
}

static void test_any_bytes(void **state)
{
	struct recwriter w = begin(REC_FOLLOW);
	uint64_t dice = 20240601;
	unsigned char *copy;
	size_t len, i;
	int round;

	(void)state;
	put_snapshot(&w, ROOT, 5, 8, true);
	put_fork(&w, 6);
	put_grow(&w, CHILD, 8, 3);
	put_plain(&w, ROOT, 12, VASMON_CAUSE_OVERRUN, 3);
	put_snapshot(&w, ROOT, 14, 4, true);
	put_gone(&w, CHILD);
	put_grow(&w, ROOT, 16, 5);
	put_plain(&w, ROOT, 17, VASMON_CAUSE_RESYNC, 0);
	put_snapshot(&w, ROOT, 17, 6, true);
	put_fork(&w, 18);
	recwriter_frame(&w, REC_LOSSY, NULL, 0);
	put_plain(&w, CHILD, 20, VASMON_CAUSE_EXIT, 0);
	put_end(&w);
	len = w.out.buf.len;
	copy = malloc(len);
	assert_non_null(copy);
	for (round = 0; round < 4000; round++) {
		memcpy(copy, w.out.buf.s, len);
		for (i = check_random(&dice) % 6; i--;) {
			unsigned char *to = &copy[check_random(&dice) % len];

			*to = check_random(&dice) % 3 ? (unsigned char)check_random(&dice) :
			      (unsigned char)(*to ^ 1u << check_random(&dice) % 8);
		}
		if (round & 1)
			mend(copy, len);
		eat(copy, round % 8 ? len : check_random(&dice) % len, round & 2);
	}
	/* frames in any order */
	for (round = 0; round < 500; round++) {
		size_t at = sizeof(struct rec_header), to = at;
		struct rec_frame f;

		memcpy(copy, w.out.buf.s, at);
		while (to < len && at < len) {
			size_t size;

			memcpy(&f, w.out.buf.s + at, sizeof(f));
			size = sizeof(f) + REC_ALIGN(f.len);
			if (check_random(&dice) % 4 && to + size <= len) {
				memcpy(copy + to, w.out.buf.s + at, size);
				to += size;
			}
			at += size;
			if (at >= len && check_random(&dice) % 3)
				at = sizeof(struct rec_header);
		}
		eat(copy, to, round & 1);
	}
	free(copy);
	recwriter_free(&w);
}

static int setup(void **state)
{
	(void)state;
	file = memfd_create("recording", 0);
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)getpid(), file);
	return file < 0;
}

static int teardown(void **state)
{
	(void)state;
	return close(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_process),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_follow),
		cmocka_unit_test(test_end_of_time),
		cmocka_unit_test(test_from_exec),
		cmocka_unit_test(test_any_bytes),
	};

	return cmocka_run_group_tests_name("replay", tests, setup, teardown);
}
