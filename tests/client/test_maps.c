// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "check.h"
#include "label.h"
#include "procmaps.h"

static const char *line(const struct region *r, const struct layout *l)
{
	static struct buf b;

	buf_reset(&b);
	procmaps_line(&b, r, l);
	return buf_str(&b);
}

static void test_golden(void **state)
{
	struct layout l = { .start_brk = 0x55d0c4f1c000, .brk = 0x55d0c4f3d000,
			    .start_stack = 0x7ffd1b2c3d40 };
	struct region r;

	(void)state;
	r = check_file(0x55d0c4a6e000, 0x55d0c4a70000, "r--p", 0, "/usr/bin/cat");
	r.dev_major = 0xfe;
	r.dev_minor = 0;
	r.inode = 1048602;
	assert_string_equal(line(&r, &l),
		"55d0c4a6e000-55d0c4a70000 r--p 00000000 fe:00 1048602"
		"                    /usr/bin/cat\n");
	r.name = "/tmp/a\nb\tc\\d \xff (deleted)";
	r.prot = VASMON_PROT_READ | VASMON_PROT_WRITE | VASMON_PROT_EXEC | VASMON_PROT_SHARED;
	r.offset = 0x123456000;
	assert_string_equal(line(&r, &l),
		"55d0c4a6e000-55d0c4a70000 rwxs 123456000 fe:00 1048602"
		"                   /tmp/a\\012b\tc\\d \xff (deleted)\n");
	/* a file whose name could not be told */
	r.name = "";
	r.offset = 0x1000;
	assert_string_equal(line(&r, &l),
		"55d0c4a6e000-55d0c4a70000 rwxs 00001000 fe:00 1048602"
		"                    \n");
	/* wider than the column: one blank more all the same */
	r.name = "/x";
	r.offset = 0x1234567890123000;
	r.dev_minor = 0xfffff;
	r.inode = UINT64_MAX;
	assert_string_equal(line(&r, &l),
		"55d0c4a6e000-55d0c4a70000 rwxs 1234567890123000 fe:fffff 18446744073709551615 "
		" /x\n");

	r = check_region(0x1000, 0x2000, "---p");
	assert_string_equal(line(&r, &l), "00001000-00002000 ---p 00000000 00:00 0 \n");
	r = check_region(0x55d0c4f1c000, 0x55d0c4f3d000, "rw-p");
	assert_string_equal(line(&r, &l),
		"55d0c4f1c000-55d0c4f3d000 rw-p 00000000 00:00 0"
		"                          [heap]\n");
	r = check_region(0x7ffd1b2a4000, 0x7ffd1b2c5000, "rw-p");
	assert_string_equal(line(&r, &l),
		"7ffd1b2a4000-7ffd1b2c5000 rw-p 00000000 00:00 0"
		"                          [stack]\n");
	r = check_region(0x7ffd1b3a4000, 0x7ffd1b3c5000, "r-xp");
	r.name_type = VASMON_NAME_TYPE_SPECIAL;
	r.name = "[vdso]";
	assert_string_equal(line(&r, &l),
		"7ffd1b3a4000-7ffd1b3c5000 r-xp 00000000 00:00 0"
		"                          [vdso]\n");
	r.name_type = VASMON_NAME_TYPE_ANON;
	r.name = "a b";
	assert_string_equal(line(&r, &l),
		"7ffd1b3a4000-7ffd1b3c5000 r-xp 00000000 00:00 0"
		"                          [anon:a b]\n");
	r.name_type = VASMON_NAME_TYPE_ANON_SHMEM;
	r.inode = 77;
	assert_string_equal(line(&r, &l),
		"7ffd1b3a4000-7ffd1b3c5000 r-xp 00000000 00:00 77"
		"                         [anon_shmem:a b]\n");
}

static void test_heap_rules(void **state)
{
	static const struct {
		uint64_t start, end;
		bool strict, inclusive;
	} table[] = {
		{ 0x10000, 0x14000, true, true },
		{ 0x0f000, 0x11000, true, true },
		{ 0x13000, 0x15000, true, true },
		{ 0x0f000, 0x20000, true, true },
		{ 0x0f000, 0x10000, false, true },	/* ends at start_brk */
		{ 0x14000, 0x15000, false, true },	/* begins at brk */
		{ 0x0e000, 0x0f000, false, false },
		{ 0x15000, 0x16000, false, false },
	};
	struct layout l = { .start_brk = 0x10000, .brk = 0x14000 };
	struct region r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		r = check_region(table[i].start, table[i].end, "rw-p");
		l.heap_inclusive = false;
		assert_int_equal(label_of(&r, &l).kind, table[i].strict ? LABEL_HEAP : LABEL_NONE);
		l.heap_inclusive = true;
		assert_int_equal(label_of(&r, &l).kind,
				 table[i].inclusive ? LABEL_HEAP : LABEL_NONE);
	}
	/* an empty heap is nobody's by the strict rule, its neighbours' by the other */
	l.brk = l.start_brk;
	r = check_region(0x0f000, 0x10000, "rw-p");
	l.heap_inclusive = false;
	assert_int_equal(label_of(&r, &l).kind, LABEL_NONE);
	l.heap_inclusive = true;
	assert_int_equal(label_of(&r, &l).kind, LABEL_HEAP);
}

static void test_order(void **state)
{
	struct layout l = { .start_brk = 0x10000, .brk = 0x14000, .start_stack = 0x11000 };
	struct region r = check_region(0x10000, 0x14000, "rw-p");

	(void)state;
	/* heap goes before stack, and both before a name that was given */
	assert_int_equal(label_of(&r, &l).kind, LABEL_HEAP);
	r.name_type = VASMON_NAME_TYPE_ANON;
	r.name = "x";
	assert_int_equal(label_of(&r, &l).kind, LABEL_HEAP);
	l.start_brk = 0x900000;
	l.brk = 0x900000;
	assert_int_equal(label_of(&r, &l).kind, LABEL_STACK);
	/* inclusive on both sides */
	l.start_stack = 0x14000;
	assert_int_equal(label_of(&r, &l).kind, LABEL_STACK);
	l.start_stack = 0x10000;
	assert_int_equal(label_of(&r, &l).kind, LABEL_STACK);
	l.start_stack = 0x14001;
	assert_int_equal(label_of(&r, &l).kind, LABEL_ANON);
	/* what has a file or the kernel's own name is neither */
	l.start_stack = 0x11000;
	l.start_brk = 0x10000;
	r.name_type = VASMON_NAME_TYPE_FILE;
	assert_int_equal(label_of(&r, &l).kind, LABEL_FILE);
	r.name_type = VASMON_NAME_TYPE_SPECIAL;
	assert_int_equal(label_of(&r, &l).kind, LABEL_SPECIAL);
	r.name_type = VASMON_NAME_TYPE_ANON_SHMEM;
	assert_int_equal(label_of(&r, &l).kind, LABEL_ANON_SHMEM);
}

/* This process's own file, taken apart and put together again. */
static void test_own_maps(void **state)
{
	static char text[65536], copy[65536];
	struct layout l = { 0 };
	unsigned int lines = 0, major, minor;
	unsigned long start, end, offset, inode;
	size_t len = 0;
	ssize_t n;
	char *at, *next, perms[5];
	int fd, skip;

	(void)state;
	fd = open("/proc/self/maps", O_RDONLY);
	assert_true(fd >= 0);
	while ((n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	close(fd);
	memcpy(copy, text, len);
	for (at = text; (next = strchr(at, '\n')); at = next + 1) {
		struct region r;

		*next = '\0';
		skip = 0;
		assert_int_equal(sscanf(at, "%lx-%lx %4s %lx %x:%x %lu %n", &start, &end, perms,
					&offset, &major, &minor, &inode, &skip), 7);
		r = check_region(start, end, perms);
		r.offset = offset;
		r.dev_major = major;
		r.dev_minor = minor;
		r.inode = inode;
		r.name = at + skip;
		l = (struct layout){ .start_brk = UINT64_MAX };
		if (!strcmp(r.name, "[heap]"))
			l = (struct layout){ .start_brk = start, .brk = end };
		else if (!strcmp(r.name, "[stack]"))
			l = (struct layout){ .start_brk = UINT64_MAX, .start_stack = start };
		else if (*r.name)
			r.name_type = *r.name == '[' ? VASMON_NAME_TYPE_SPECIAL :
				      VASMON_NAME_TYPE_FILE;
		assert_int_equal(strlen(line(&r, &l)), (size_t)(next - at) + 1);
		assert_memory_equal(line(&r, &l), copy + (at - text), (size_t)(next - at) + 1);
		lines++;
	}
	assert_true(lines > 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_heap_rules),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_own_maps),
	};

	return cmocka_run_group_tests_name("maps", tests, NULL, NULL);
}
