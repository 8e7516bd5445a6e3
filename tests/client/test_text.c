// SPDX-License-Identifier: GPL-2.0-only
#include <linux/audit.h>

#include "check.h"
#include "json_put.h"
#include "text.h"
#include "utf8.h"

static void test_utf8(void **state)
{
	static const struct {
		const char *bytes;
		bool valid;
		const char *safe;
	} table[] = {
		{ "", true, "" },
		{ "plain /path (deleted)", true, "plain /path (deleted)" },
		{ "a\nb\033[31m\x7f", true, "a\\012b\\033[31m\\177" },
		{ "back\\slash", true, "back\\134slash" },
		{ "gr\xc3\xbc\xc3\x9f", true, "gr\xc3\xbc\xc3\x9f" },
		{ "\xe2\x82\xac \xf0\x9f\x98\x80", true, "\xe2\x82\xac \xf0\x9f\x98\x80" },
		{ "\xc2\x9b" "31m", true, "\\302\\23331m" },		/* C1: CSI */
		{ "\xe2\x80\xae" "abc", true, "\\342\\200\\256abc" },	/* right to left */
		{ "\xe2\x80\xa8", true, "\\342\\200\\250" },		/* line separator */
		{ "\xff\xfe", false, "\\377\\376" },
		{ "a\x80", false, "a\\200" },				/* no first byte */
		{ "\xc3", false, "\\303" },				/* cut off */
		{ "\xc0\xaf", false, "\\300\\257" },			/* overlong */
		{ "\xe0\x80\xaf", false, "\\340\\200\\257" },
		{ "\xed\xa0\x80", false, "\\355\\240\\200" },		/* surrogate */
		{ "\xf4\x90\x80\x80", false, "\\364\\220\\200\\200" },	/* above U+10FFFF */
	};
	struct buf b = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(json_put_value(&b, table[i].bytes), table[i].valid);
		buf_reset(&b);
		utf8_put_safe(&b, table[i].bytes);
		assert_string_equal(buf_str(&b), table[i].safe);
	}
	buf_free(&b);
}

static void test_map(void **state)
{
	struct region map[] = {
		check_file(0x55d0c4a6e000, 0x55d0c4a70000, "r-xp", 0x2000, "/bin/a\033[2Jb"),
		check_region(0x55d0c4f1c000, 0x55d0c4f3d000, "rw-p"),
		check_region(0x7f0000000000, 0x7f0000100000, "rwxp"),
	};
	struct mm mm = { .pid = 1234, .comm = "de\nmo", .exe = (char *)"/bin/a\033[2Jb" };
	struct out out = { .fd = -1 };
	struct space s = { 0 };
	struct scene scene = scene_before(&s, &s.layout, NULL, mm.exe);
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++)
		assert_int_equal(space_append(&s, &map[i]), 0);
	s.layout = (struct layout){ .start_brk = 0x55d0c4f1c010, .brk = 0x55d0c4f3d011 };
	out_map(&out, &mm, &scene, NULL);
	assert_string_equal(buf_str(&out.buf),
		"1234 de\\012mo /bin/a\\033[2Jb\n"
		"heap 0x55d0c4f1c010 (start_brk) to 0x55d0c4f3d011 (brk), 135169 (132.0 KiB)\n"
		"3 regions\n"
		"ADDRESS                   PERM           BYTES       SIZE     OFFSET WHAT\n"
		"55d0c4a6e000-55d0c4a70000 r-xp            8192    8.0 KiB   00002000 "
		"/bin/a\\033[2Jb (program)\n"
		"55d0c4f1c000-55d0c4f3d000 rw-p          135168  132.0 KiB          - [heap]\n"
		"7f0000000000-7f0000100000 rwxp         1048576    1.0 MiB          - "
		"(guess: generated code) W+X\n"
		"total                                  1191936    1.1 MiB\n"
		"warning: 1 region can be both written and executed (W+X)\n");

	/* colours only where they are wanted */
	check_lacks(buf_str(&out.buf), "\033");
	buf_reset(&out.buf);
	out.colour = true;
	out_map(&out, &mm, &scene, NULL);
	check_contains(buf_str(&out.buf), "\033[1m1234 de\\012mo\033[0m /bin");
	buf_free(&out.buf);
	space_free(&s);
}

/* What is between, where an address is, and lines that are too long. */
static void test_table(void **state)
{
	struct region map[] = {
		check_file(0x400000, 0x401000, "r--p", 0,
			   "/a/very/long/path/to/a/gr\xc3\xbc\xc3\xbc\xc3\xbcn"),
		check_region(0x401000, 0x402000, "rw-p"),
		check_region(0x500000, 0x502000, "rw-p"),
	};
	static const struct {
		uint64_t address;
		const char *text;
	} table[] = {
		{ 0x401008, "00400000-00401000|00401000-00402000 <--|00402000-00500000 gap|"
			    "00500000-00502000" },
		{ 0x402000, "00401000-00402000|00402000-00500000 gap <--|00500000-00502000" },
		{ 0x1000, "00000000-00400000 gap <--|00400000-00401000" },
		{ 0x400000, "00000000-00400000 gap|00400000-00401000 <--|00401000-00402000" },
		{ 0x501fff, "00401000-00402000|00402000-00500000 gap|00500000-00502000 <--" },
		{ 0x502000, "00500000-00502000" },
	};
	struct mm mm = { .pid = 1, .comm = "a" };
	struct out out = { .fd = -1 };
	struct space s = { 0 };
	struct scene scene = scene_before(&s, &s.layout, NULL, NULL);
	struct out_map how = { .has_address = true, .max_map_count = 3 };
	struct buf seen = { 0 };
	const char *line;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++)
		assert_int_equal(space_append(&s, &map[i]), 0);
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		how.address = table[i].address;
		buf_reset(&out.buf);
		buf_reset(&seen);
		out_map(&out, &mm, &scene, &how);
		check_contains(buf_str(&out.buf), "100% of vm.max_map_count (3): little is left\n");
		for (line = strstr(buf_str(&out.buf), "WHAT\n") + 5; strchr(line, '\n');
		     line = strchr(line, '\n') + 1) {
			size_t len = (size_t)(strchr(line, '\n') - line);

			if (line[8] != '-')
				continue;
			buf_printf(&seen, "%s%.17s%s%s", seen.len ? "|" : "", line,
				   memmem(line, len, "gap", 3) ? " gap" : "",
				   memmem(line, len, "<--", 3) ? " <--" : "");
		}
		assert_string_equal(buf_str(&seen), table[i].text);
	}

	how = (struct out_map){ .gaps = true };
	buf_reset(&out.buf);
	out_map(&out, &mm, &scene, &how);
	check_contains(buf_str(&out.buf), "00402000-00500000              1040384 1016.0 KiB");
	check_contains(buf_str(&out.buf), "\ngaps                           1040384 1016.0 KiB\n");

	/* two bytes, one column */
	how.gaps = false;
	out.width = 88;
	buf_reset(&out.buf);
	out_map(&out, &mm, &scene, &how);
	check_contains(buf_str(&out.buf), " 00000000 ...ry/long/path/to/a/gr\xc3\xbc\xc3\xbc\xc3\xbcn\n");
	/* narrower than that, a line goes on in the next one, at most to its end */
	out.width = 44;
	buf_reset(&out.buf);
	out_map(&out, &mm, &scene, &how);
	check_contains(buf_str(&out.buf), " 00000000 ...ry/long/path/to/a/gr\xc3\xbc\xc3\xbc\xc3\xbcn\n");
	how.summary = true;
	buf_reset(&out.buf);
	out_map(&out, &mm, &scene, &how);
	check_contains(buf_str(&out.buf), "anon                   2           12288   12.0 KiB\n");
	buf_free(&out.buf);
	buf_free(&seen);
	space_free(&s);
}

static struct event mmap_event(struct region *fresh)
{
	return (struct event){
		.watch_id = 1, .seq = 3, .time = 5000000000ull + 1234567, .pid = 100, .tid = 101,
		.tgid = 100, .comm = "wor\033ker", .cause = VASMON_CAUSE_SYSCALL,
		.has_syscall = true, .syscall = 9, .arch = AUDIT_ARCH_X86_64, .has_args = true,
		.args = { 0, 40960, 3, 0x22, UINT64_MAX, 0 },
		.has_window = true, .start = 0x200000, .end = 0x20a000,
		.fresh = { .v = fresh, .n = 1 },
	};
}

static void test_event(void **state)
{
	struct region fresh = check_region(0x200000, 0x20a000, "rw-p");
	struct event ev = mmap_event(&fresh);
	struct explanation why = { 0 };
	struct layout layout = { 0 };
	struct space s = { 0 };
	struct scene before = scene_before(&s, &s.layout, NULL, NULL);
	struct scene after = scene_after(&before, &ev, &layout);
	struct out_event e = { .ev = &ev, .why = &why, .before = &before,
			       .after = &after, .pid = 100 };
	struct out out = { .fd = -1, .epoch = 5000000000ull };

	(void)state;
	assert_int_equal(explain_event(&why, &ev, &s, "mmap"), 0);
	text_event(&out, &e);
	assert_string_equal(buf_str(&out.buf),
		"    0.001234 wor\\033ker/101 mmap(NULL, 40960, PROT_READ|PROT_WRITE, "
		"MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)  + 00200000-0020a000 rw-p +40960 (40.0 KiB)\n");

	buf_reset(&out.buf);
	out.label_pid = true;
	ev.cause = VASMON_CAUSE_REMOTE;
	ev.tgid = 55;
	text_event(&out, &e);
	check_contains(buf_str(&out.buf), "[pid 100]     0.001234 wor\\033ker/101 remote mmap(");
	check_contains(buf_str(&out.buf), " by process 55  + ");

	buf_reset(&out.buf);
	out.colour = true;
	text_event(&out, &e);
	check_contains(buf_str(&out.buf), "\033[32m+ 00200000");

	/* a line that is too wide goes on below; -v adds the regions */
	buf_reset(&out.buf);
	out.colour = false;
	out.label_pid = false;
	ev.cause = VASMON_CAUSE_SYSCALL;
	out.width = 120;
	out.verbose = true;
	text_event(&out, &e);
	assert_string_equal(buf_str(&out.buf),
		"    0.001234 wor\\033ker/101 mmap(NULL, 40960, PROT_READ|PROT_WRITE, "
		"MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)\n"
		"            + 00200000-0020a000 rw-p +40960 (40.0 KiB)\n"
		"            new 00200000-0020a000 rw-p 40960 (40.0 KiB)\n");
	out.width = 0;
	out.verbose = false;

	/* a move of the break inside its page */
	buf_reset(&out.buf);
	out.colour = false;
	out.label_pid = false;
	ev = (struct event){ .comm = "a", .tid = 1, .cause = VASMON_CAUSE_SYSCALL,
			     .has_brk = true, .brk_from = 16, .brk_to = 49 };
	s.layout.brk = 16;
	layout.brk = 49;
	assert_int_equal(explain_event(&why, &ev, &s, "brk"), 0);
	text_event(&out, &e);
	check_contains(buf_str(&out.buf),
		       "= brk 0x10 -> 0x31 +33 bytes inside the page: no region changed\n");
	buf_free(&out.buf);
	explain_free(&why);
}

static void test_lost(void **state)
{
	struct region fresh = check_region(0x200000, 0x20a000, "rw-p");
	struct explanation why = { 0 };
	struct space none = { 0 }, some = { 0 };
	struct scene before = scene_before(&none, &none.layout, NULL, NULL);
	struct scene after = scene_before(&some, &some.layout, NULL, NULL);
	struct out_lost lost = {
		.reason = "overrun", .missed = 12, .seq_from = 5, .seq_to = 20,
		.time = 1000000, .why = &why, .before = &before, .after = &after, .pid = 100,
	};
	struct out out = { .fd = -1 };

	(void)state;
	assert_int_equal(space_append(&some, &fresh), 0);
	assert_int_equal(explain_diff(&why, &none, &some), 0);
	text_lost(&out, &lost);
	assert_string_equal(buf_str(&out.buf),
		"    0.001000  ! 12 events missed (too slow); the net difference of 5 to 20:\n"
		"    0.001000 coalesced  + 00200000-0020a000 rw-p +40960 (40.0 KiB)\n");
	buf_reset(&out.buf);
	assert_int_equal(explain_diff(&why, &some, &some), 0);
	text_lost(&out, &lost);
	check_contains(buf_str(&out.buf), "coalesced  none, the map is as it was\n");
	buf_reset(&out.buf);
	lost.missed = 0;
	lost.reason = "incomplete";
	text_lost(&out, &lost);
	check_contains(buf_str(&out.buf), "! map read anew (too large for an event); the net");
	buf_reset(&out.buf);
	/* Of no dump there is no time: it was not before the line before. */
	lost.why = NULL;
	lost.missed = 1;
	lost.time = 0;
	text_lost(&out, &lost);
	check_contains(buf_str(&out.buf), "    0.001000  ! 1 event missed");
	check_contains(buf_str(&out.buf), "could not be dumped anew\n");
	buf_free(&out.buf);
	explain_free(&why);
	space_free(&some);
}

static void test_watches(void **state)
{
	struct subscriber s = { .portid = 4194, .pid = 77, .comm = "vasmon\tclient", .sent = 9,
				.lost = 3, .overruns = 1 };
	struct watch_info w = { .id = 2, .pid = 1234, .ring_size = 1048576, .seq = 12,
				.comm = "demo", .regions = 25, .memory = 1100000,
				.processes = 1, .has_effort = true, .effort = { 9, 2, 1, 1, 1 },
				.subscribers = &s, .n_subscribers = 1 };
	struct out out = { .fd = -1 };

	(void)state;
	text_watches(&out, &w, 1);
	assert_string_equal(buf_str(&out.buf),
		"    PID COMM             WATCH     EVENTS  REGIONS       RING     MEMORY\n"
		"   1234 demo                 2         12       25    1.0 MiB    1.0 MiB\n"
		"        compared: 9 windows, 2 stacks, whole map 3\n"
		"        by vasmon\\011client/77 (port 4194): 9 sent, 3 lost in 1 overrun\n");
	buf_reset(&out.buf);
	w.follow = true;
	w.processes = 3;
	w.unfollowed = 2;
	s.lossless = true;
	s.waits = 1;
	text_watches(&out, &w, 1);
	check_contains(buf_str(&out.buf), "        follows: 3 processes\n"
		       "        not followed for want of memory: 2\n");
	check_contains(buf_str(&out.buf), "3 lost in 1 overrun, lossless: 1 wait\n");
	buf_reset(&out.buf);
	text_watches(&out, NULL, 0);
	assert_string_equal(buf_str(&out.buf), "no process is watched\n");
	buf_reset(&out.buf);
	w.processes = 0;
	text_watches(&out, &w, 1);
	check_contains(buf_str(&out.buf), "\n        has ended: the last events are still to be read\n");
	buf_free(&out.buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_event),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_watches),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
