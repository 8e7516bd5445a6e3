// SPDX-License-Identifier: GPL-2.0-only
/* Maps that were saved are read as they were written. */
#include <errno.h>

#include "check.h"
#include "difference.h"
#include "json.h"
#include "mapfile.h"
#include "parse.h"
#include "procmaps.h"

static struct space sample(struct mm *mm)
{
	struct region map[] = {
		check_file(0x400000, 0x401000, "r-xp", 0x2000, "/bin/a\nb \\012 (deleted)"),
		check_file(0x500000, 0x501000, "rw-s", 0, "/bad \xff\xfe name"),
		check_region(0x10000000, 0x10021000, "rw-p"),
		check_region(0x7f0000000000, 0x7f0000100000, "---p"),
		check_region(0x7f0000200000, 0x7f0000300000, "rwxp"),
		check_region(0x7ffc00000000, 0x7ffc00021000, "rw-p"),
		check_region(0x7ffc00030000, 0x7ffc00031000, "r-xp"),
	};
	struct space s = { 0 };
	size_t i;

	map[3].name_type = VASMON_NAME_TYPE_ANON;
	map[3].name = "a name";
	map[4].name_type = VASMON_NAME_TYPE_ANON_SHMEM;
	map[4].name = "shared";
	map[4].inode = 7;
	map[5].traits = VASMON_TRAIT_GROWS_DOWN | VASMON_TRAIT_LOCKED;
	map[5].vm_flags = 0x100173;
	map[6].name_type = VASMON_NAME_TYPE_SPECIAL;
	map[6].name = "[vdso]";
	for (i = 0; i < sizeof(map) / sizeof(map[0]); i++)
		assert_int_equal(space_append(&s, &map[i]), 0);
	s.layout = (struct layout){
		.start_brk = 0x10000000, .brk = 0x10020123, .start_stack = 0x7ffc00020000,
	};
	*mm = (struct mm){ .pid = 12, .comm = "proc", .layout = s.layout };
	return s;
}

static void same(const struct space *a, const struct space *b)
{
	size_t i;

	assert_int_equal(a->n, b->n);
	for (i = 0; i < a->n; i++) {
		const struct region *x = space_at(a, i), *y = space_at(b, i);

		assert_int_equal(x->start, y->start);
		assert_int_equal(x->end, y->end);
		assert_int_equal(x->prot, y->prot);
		assert_int_equal(x->offset, y->offset);
		assert_int_equal(x->inode, y->inode);
		assert_int_equal(x->dev_major, y->dev_major);
		assert_int_equal(x->dev_minor, y->dev_minor);
		assert_int_equal(x->traits, y->traits);
		assert_int_equal(x->vm_flags, y->vm_flags);
		assert_int_equal(x->name_type, y->name_type);
		assert_string_equal(x->name, y->name);
	}
}

static void test_json(void **state)
{
	struct mm mm, back = { 0 };
	struct space s = sample(&mm), read = { 0 };
	struct scene scene = scene_before(&s, &s.layout, NULL, NULL);
	struct out_map how = { 0 };
	struct buf b = { 0 };
	bool plain;

	(void)state;
	json_map(&b, &mm, &scene, &how);
	buf_puts(&b, "{\"type\":\"event\"}\n");
	assert_int_equal(mapfile_read(b.s, b.len, &back, &read, &plain), 0);
	assert_false(plain);
	same(&s, &read);
	assert_int_equal(back.pid, 12);
	assert_string_equal(back.comm, "proc");
	assert_int_equal(read.layout.brk, 0x10020123);
	assert_int_equal(read.layout.start_stack, s.layout.start_stack);
	space_free(&s);
	space_free(&read);
	parse_mm_free(&back);
	buf_free(&b);
}

static void test_text(void **state)
{
	struct mm mm, back = { 0 };
	struct space s = sample(&mm), read = { 0 };
	struct buf b = { 0 };
	bool plain;
	size_t i;

	(void)state;
	for (i = 0; i < s.n; i++)
		procmaps_line(&b, space_at(&s, i), &s.layout);
	buf_puts(&b, "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0"
		 "                  [vsyscall]\n");
	assert_int_equal(mapfile_read(b.s, b.len, &back, &read, &plain), 0);
	assert_true(plain);
	mapfile_make_plain(&s);
	/* A backslash and 012 cannot be told from a newline there. */
	((struct region *)space_at(&s, 0))->name = "/bin/a\nb \n (deleted)";
	((struct region *)space_at(&read, 0))->dev_major = 8;
	same(&s, &read);
	space_free(&s);
	space_free(&read);
	buf_free(&b);
}

static void test_bad(void **state)
{
	static const char *const table[] = {
		"", "\n", "nonsense", "{", "{}", "[]", "{\"type\":\"event\"}",
		"{\"type\":\"map\"}", "{\"type\":\"map\",\"regions\":[]}",
		"{\"type\":\"map\",\"start_brk\":\"0x0\",\"brk\":\"0x0\",\"start_stack\":\"0x0\","
		"\"regions\":[{}]}",
		"{\"type\":\"map\",\"start_brk\":\"0x0\",\"brk\":\"0x0\",\"start_stack\":\"0x0\","
		"\"regions\":[7]}",
		"{\"type\":\"map\",\"start_brk\":\"0x0\",\"brk\":\"x\",\"start_stack\":\"0x0\","
		"\"regions\":[]}",
		"1000-2000", "1000-2000 rw-p", "1000-2000 rw-p 0 0:0", "1000-2000 rw-p 0 00:00 x",
		"2000-1000 rw-p 0 00:00 0", "1000-2000 rwzp 0 00:00 0", "1000 2000 rw-p 0 00:00 0",
		"1000-2000 rw-p 0 00:00 0\n1000-2000 rw-p 0 00:00 0",
		"1000-2000 rw-p 0 00:00 0\nnonsense",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct space s = { 0 };
		struct mm mm = { 0 };
		bool plain;

		if (mapfile_read(table[i], strlen(table[i]), &mm, &s, &plain) != -EBADMSG)
			fail_msg("taken for a map: '%s'", table[i]);
		space_free(&s);
		parse_mm_free(&mm);
	}
}

static void test_difference(void **state)
{
	struct mm mm;
	struct space a = sample(&mm), b = sample(&mm);
	struct region more = check_region(0x7f0000100000, 0x7f0000180000, "rw-p");
	struct region grown = check_region(0x10000000, 0x10031000, "rw-p");
	struct difference_side from = { "before@1", &mm, &a }, to = { "12", &mm, &b };
	struct out out = { .fd = -1 };

	(void)state;
	assert_int_equal(difference_put(&out, &from, &to), 0);
	assert_string_equal(buf_str(&out.buf),
			    "--- before@1, process 12 (proc): 7 regions, 2379776 (2.3 MiB)\n"
			    "+++ 12, process 12 (proc): 7 regions, 2379776 (2.3 MiB)\n"
			    "no difference\n");
	buf_reset(&out.buf);
	assert_int_equal(space_replace(&b, 0x10000000, 0x10031000, &grown, 1), 0);
	assert_int_equal(difference_put(&out, &from, &to), 0);
	check_contains(buf_str(&out.buf),
		       "       1       1           135168           200704           +65536  heap\n");
	buf_reset(&out.buf);
	assert_int_equal(space_replace(&b, 0x10000000, 0x10031000, NULL, 0), 0);
	assert_int_equal(space_replace(&b, more.start, more.end, &more, 1), 0);
	b.layout.brk = b.layout.start_brk;
	assert_int_equal(difference_put(&out, &from, &to), 0);
	check_contains(buf_str(&out.buf), "\n- 10000000-10021000 rw-p ");
	check_contains(buf_str(&out.buf), "\n+ 7f0000100000-7f0000180000 rw-p +524288 (512.0 KiB)");
	check_contains(buf_str(&out.buf), "\n= brk 0x10020123 -> 0x10000000 -131363 ");
	check_contains(buf_str(&out.buf),
		       "       1       0           135168                0          -135168  heap\n");
	check_contains(buf_str(&out.buf),
		       "       7       7          2379776          2768896          +389120  all\n");
	buf_reset(&out.buf);
	out.json = true;
	assert_int_equal(difference_put(&out, &from, &to), 0);
	check_contains(buf_str(&out.buf),
		       "{\"v\":1,\"type\":\"diff\",\"from\":{\"source\":\"before@1\"");
	check_contains(buf_str(&out.buf), "\"delta\":389120,\"effects\":[{\"kind\":\"unmap\",");
	check_contains(buf_str(&out.buf), "{\"is\":\"heap\",\"regions_from\":1,\"regions_to\":0,"
		       "\"from\":135168,\"to\":0,\"net\":-135168}");
	buf_free(&out.buf);
	space_free(&a);
	space_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_difference),
	};

	return cmocka_run_group_tests_name("mapfile", tests, NULL, NULL);
}
