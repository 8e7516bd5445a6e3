// SPDX-License-Identifier: GPL-2.0-only
#include "check.h"
#include "image.h"
#include "sums.h"
#include "what.h"
#include "words.h"

#define ARENA	0x7f0000000000ull
#define MIB	(1024ull * 1024)

/*
 * A library as ld makes them, with two pages of RELRO, and .bss of five pages:
 * half a page of it is behind .data, in the file's last page.
 */
static struct elffile_segment segments[] = {
	{ 0x0, 0x800, 0x0, 0x800, VASMON_PROT_READ },
	{ 0x1000, 0x2345, 0x1000, 0x2345, VASMON_PROT_READ | VASMON_PROT_EXEC },
	{ 0x4000, 0x900, 0x4000, 0x900, VASMON_PROT_READ },
	{ 0x4d00, 0x2b00, 0x5d00, 0x7000, VASMON_PROT_READ | VASMON_PROT_WRITE },
};

static struct elffile_section sections[] = {
	{ ".dynsym", 0x300, 0x200, false },
	{ ".init", 0x1000, 0x20, false },
	{ ".text", 0x1020, 0x2300, false },
	{ ".rodata", 0x4000, 0x900, false },
	{ ".dynamic", 0x5d00, 0x100, false },
	{ ".got", 0x5e00, 0x2200, false },
	{ ".data", 0x8000, 0x800, false },
	{ ".bss", 0x8800, 0x4500, true },
};

static struct elffile library = {
	.segments = segments, .n_segments = 4, .sections = sections, .n_sections = 8,
};

static struct elffile no_elf;

static const struct elffile *test_elf(void *arg, const struct facts *facts, const struct region *r)
{
	(void)arg;
	(void)facts;
	if (strstr(r->name, "hidden"))
		return NULL;
	return strstr(r->name, "lib") || strstr(r->name, "prog") ? &library : &no_elf;
}

/* A region of the map, and what comes out. */
struct what_case {
	struct region r;
	enum what_kind kind;
	bool guess;
	const char *words;
};

static struct region file(uint64_t start, uint64_t pages, const char *perms, uint64_t offset,
			  const char *name)
{
	return check_file(start, start + pages * CHECK_PAGE, perms, offset, name);
}

static struct region anon(uint64_t start, uint64_t size, const char *perms)
{
	return check_region(start, start + size, perms);
}

static struct region named(struct region r, uint32_t type, const char *name)
{
	r.name_type = type;
	r.name = name;
	return r;
}

static struct region kernel_file(struct region r)
{
	r.dev_major = 0;
	return r;
}

static struct region with(struct region r, uint64_t traits)
{
	r.traits |= traits;
	return r;
}

static void what_check(const struct what_case *v, size_t n, const struct layout *layout,
		       const struct facts *facts, const char *exe)
{
	struct space space = { .layout = *layout };
	struct scene scene = scene_before(&space, &space.layout, facts, exe);
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < n; i++)
		assert_int_equal(space_append(&space, &v[i].r), 0);
	for (i = 0; i < n; i++) {
		struct what w = what_at(&scene, i), same = what_of(&scene, &v[i].r);

		assert_int_equal(w.kind, same.kind);
		buf_reset(&b);
		words_what(&b, &w, &v[i].r);
		if (w.kind != v[i].kind || w.guess != v[i].guess || strcmp(buf_str(&b), v[i].words))
			fail_msg("region %zu (%s): %s, %s: '%s'", i, v[i].r.name,
				 what_name(w.kind), w.guess ? "guessed" : "certain", buf_str(&b));
	}
	buf_free(&b);
	space_free(&space);
}

static void test_image(void **state)
{
	struct facts facts = { .phdr = 0x400040, .loader = 0x900000, .elf = test_elf };
	struct layout l = { .start_brk = 0x40d000, .brk = 0x420000 };
	const struct what_case map[] = {
		{ file(0x400000, 1, "r--p", 0x0, "/prog"), WHAT_PROGRAM, false,
		  "program: .dynsym" },
		{ file(0x401000, 3, "r-xp", 0x1000, "/prog"), WHAT_PROGRAM, false,
		  "program: .text .init" },
		{ file(0x404000, 1, "r--p", 0x4000, "/prog"), WHAT_PROGRAM, false,
		  "program: .rodata" },
		/* made read-only after the loader's work (RELRO) */
		{ file(0x405000, 3, "r--p", 0x4000, "/prog"), WHAT_PROGRAM, false,
		  "program: .got .dynamic" },
		{ file(0x408000, 1, "rw-p", 0x7000, "/prog"), WHAT_PROGRAM, false,
		  "program: .data .bss" },
		/* without ASLR the heap begins behind .bss, and is one region with it */
		{ anon(0x409000, 0x17000, "rw-p"), WHAT_HEAP, false, "and the end of prog: .bss" },
		{ file(0x900000, 1, "r--p", 0x0, "/x/libld.so"), WHAT_LOADER, false,
		  "loader: .dynsym" },
		{ file(0x901000, 3, "r-xp", 0x1000, "/x/libld.so"), WHAT_LOADER, false,
		  "loader: .text .init" },
		{ file(0xa00000, 1, "r--p", 0x0, "/x/libc.so"), WHAT_LIBRARY, false,
		  "library: .dynsym" },
		{ file(0xa01000, 3, "r-xp", 0x1000, "/x/libc.so"), WHAT_LIBRARY, false,
		  "library: .text .init" },
		{ file(0xa08000, 1, "rw-p", 0x7000, "/x/libc.so"), WHAT_LIBRARY, false,
		  "library: .data .bss" },
		{ anon(0xa09000, 0x4000, "rw-p"), WHAT_LIBRARY, false, "library libc.so: .bss" },
		/* right behind it, but not of it */
		{ anon(0xa0d000, 0x1000, "r--p"), WHAT_ANON, false, "" },
		/* read, not loaded */
		{ file(0xb00000, 8, "r--p", 0x0, "/y/libz.so"), WHAT_FILE, false, "" },
		{ file(0xb10000, 8, "r--p", 0x0, "/y/locale-archive"), WHAT_FILE, false, "" },
		/* code that is no ELF file: a JVM's shared classes */
		{ file(0xb20000, 8, "r-xp", 0x0, "/y/classes.jsa"), WHAT_FILE, false, "" },
		/* out of reach: only its name and place tell */
		{ file(0xb30000, 8, "r-xp", 0x0, "/y/hidden.so"), WHAT_LIBRARY, true,
		  "guess: library" },
		/* one that was built in memory */
		{ file(0xb40000, 1, "r--p", 0x0, "/dev/shm/libx.so"), WHAT_LIBRARY, false,
		  "library: .dynsym" },
		{ file(0xb41000, 3, "r-xp", 0x1000, "/dev/shm/libx.so"), WHAT_LIBRARY, false,
		  "library: .text .init" },
	};

	(void)state;
	what_check(map, sizeof(map) / sizeof(map[0]), &l, &facts, "/prog");
}

/* As in a recording: there are names, and nothing else. */
static void test_names_only(void **state)
{
	struct layout l = { .start_brk = 0x10000, .brk = 0x12000, .start_stack = 0xfff800 };
	const struct what_case map[] = {
		{ anon(0x10000, 0x2000, "rw-p"), WHAT_HEAP, false, "" },
		{ file(0x400000, 1, "r-xp", 0x0, "/prog"), WHAT_PROGRAM, false, "program" },
		{ file(0x500000, 1, "r-xp", 0x0, "/lib/ld-linux-x86-64.so.2"), WHAT_LOADER, true,
		  "guess: loader" },
		{ file(0x600000, 1, "r-xp", 0x0, "/lib/libc.so.6"), WHAT_LIBRARY, true,
		  "guess: library" },
		{ anon(0xff0000, 0x10000, "rw-p"), WHAT_STACK, false, "" },
	};

	(void)state;
	what_check(map, sizeof(map) / sizeof(map[0]), &l, NULL, "/prog");
}

static void test_kinds(void **state)
{
	struct layout l = { .start_brk = 0x1000, .brk = 0x1000, .start_stack = 0x0 };
	const uint32_t special = VASMON_NAME_TYPE_SPECIAL;
	const struct what_case map[] = {
		{ anon(0x10000, 0x1000, "rw-p"), WHAT_ANON, false, "" },
		{ anon(0x20000, 0x1000, "---p"), WHAT_RESERVED, false, "" },
		{ anon(0x30000, 0x1000, "rwxp"), WHAT_JIT, true, "guess: generated code" },
		{ anon(0x40000, 0x1000, "r-xp"), WHAT_JIT, true, "guess: generated code" },
		{ named(anon(0x50000, 0x1000, "rw-p"), VASMON_NAME_TYPE_ANON, "gc heap"),
		  WHAT_NAMED, false, "" },
		{ named(anon(0x60000, 0x1000, "rw-s"), VASMON_NAME_TYPE_ANON_SHMEM, "x"),
		  WHAT_SHARED, false, "shared memory" },
		{ named(anon(0x70000, 0x1000, "r-xp"), special, "[vdso]"), WHAT_VDSO, false, "" },
		{ named(anon(0x80000, 0x4000, "r--p"), special, "[vvar]"), WHAT_VVAR, false, "" },
		{ named(anon(0x90000, 0x1000, "r--p"), special, "[vvar_vclock]"), WHAT_VVAR,
		  false, "" },
		{ named(anon(0xa0000, 0x1000, "--xp"), special, "[uprobes]"), WHAT_SPECIAL, false,
		  "" },
		{ kernel_file(file(0xb0000, 1, "rw-s", 0, "/SYSV00000000 (deleted)")), WHAT_SHM,
		  false, "shared memory" },
		{ kernel_file(file(0xc0000, 1, "rw-s", 0, "/dev/zero (deleted)")), WHAT_SHARED,
		  false, "shared memory" },
		{ kernel_file(file(0xd0000, 1, "rw-s", 0, "/memfd:x (deleted)")), WHAT_MEMFD, false,
		  "memory file" },
		/* a file on a disk that somebody gave such a name */
		{ file(0xe0000, 1, "rw-s", 0, "/memfd:x (deleted)"), WHAT_FILE, false, "" },
		{ kernel_file(file(0xf0000, 1, "rw-s", 0, "/anon_hugepage (deleted)")),
		  WHAT_HUGETLB, false, "huge pages" },
		{ with(anon(0x200000, 0x200000, "rw-p"), VASMON_TRAIT_HUGETLB), WHAT_HUGETLB,
		  false, "huge pages" },
		{ file(0x400000, 1, "rw-s", 0, "/dev/shm/x"), WHAT_SHM, true,
		  "guess: shared memory" },
		{ with(file(0x410000, 1, "rw-s", 0, "/dev/dri/card0"), VASMON_TRAIT_PFN),
		  WHAT_DEVICE, false, "device" },
		{ file(0x420000, 1, "rw-s", 0, "anon_inode:[io_uring]"), WHAT_SPECIAL, false, "" },
		{ with(anon(0x430000, 0x2000, "rw-p"), VASMON_TRAIT_GROWS_DOWN), WHAT_THREAD_STACK,
		  true, "guess: stack that grows down" },
	};

	(void)state;
	what_check(map, sizeof(map) / sizeof(map[0]), &l, NULL, NULL);
}

static void test_threads(void **state)
{
	static const struct thread threads[] = {
		{ .tid = 10, .sp = 0x7ffff000, .tls = 0x50740 },	/* the main thread */
		{ .tid = 11, .sp = 0x110ff0, .tls = 0x1116c0 },		/* pthread_create() */
		{ .tid = 12, .sp = 0x300800, .tls = 0x50a40 },		/* coroutines */
		{ .tid = 13, .sp = 0x301800, .tls = 0 },
		{ .tid = 14, .sp = 0x302800, .tls = 0 },
	};
	struct facts facts = { 0 };
	struct layout l = { .start_brk = 0x1000, .brk = 0x1000, .start_stack = 0x7fffe000 };
	const struct what_case map[] = {
		{ anon(0x50000, 0x1000, "rw-p"), WHAT_TLS, false, "TLS of thread 10 and 1 other" },
		{ anon(0xf0000, 0x1000, "---p"), WHAT_RESERVED, false, "" },
		{ anon(0x100000, 0x1000, "---p"), WHAT_GUARD, false,
		  "guard below the stack of thread 11" },
		{ anon(0x101000, 0x11000, "rw-p"), WHAT_THREAD_STACK, false, "stack of thread 11" },
		{ anon(0x2ff000, 0x1000, "---p"), WHAT_GUARD, true,
		  "guess: guard below the stack of thread 12 and 2 others" },
		{ anon(0x300000, 0x4000, "rw-p"), WHAT_THREAD_STACK, true,
		  "guess: stack of thread 12 and 2 others" },
		/* too large for a guard */
		{ anon(0x7fe00000, 0x1f0000, "---p"), WHAT_RESERVED, false, "" },
		{ anon(0x7fff0000, 0x10000, "rw-p"), WHAT_STACK, false, "" },
	};
	size_t i;

	(void)state;
	for (i = sizeof(threads) / sizeof(threads[0]); i--;)
		assert_int_equal(threads_add(&facts.threads, &threads[i]), 0);
	assert_int_equal(threads_sort(&facts.threads), 0);
	assert_true(threads_know(&facts.threads, 14));
	assert_false(threads_know(&facts.threads, 15));
	what_check(map, sizeof(map) / sizeof(map[0]), &l, &facts, NULL);
	threads_free(&facts.threads);
}

static void test_arenas(void **state)
{
	struct layout l = { .start_brk = 0x1000, .brk = 0x1000 };
	const struct what_case map[] = {
		{ anon(ARENA, 132 * 1024, "rw-p"), WHAT_ARENA, true, "guess: malloc arena" },
		{ anon(ARENA + 132 * 1024, 64 * MIB - 132 * 1024, "---p"), WHAT_ARENA_RESERVE,
		  true, "guess: reserved for the malloc arena below" },
		/* not to the end of 64 MiB */
		{ anon(ARENA + 64 * MIB, MIB, "rw-p"), WHAT_ANON, false, "" },
		{ anon(ARENA + 65 * MIB, 62 * MIB, "---p"), WHAT_RESERVED, false, "" },
		/* not from a multiple of 64 MiB */
		{ anon(ARENA + 129 * MIB, MIB, "rw-p"), WHAT_ANON, false, "" },
		{ anon(ARENA + 130 * MIB, 62 * MIB, "---p"), WHAT_RESERVED, false, "" },
		/* shared: not malloc's */
		{ anon(ARENA + 192 * MIB, MIB, "rw-s"), WHAT_ANON, false, "" },
		{ anon(ARENA + 193 * MIB, 63 * MIB, "---p"), WHAT_RESERVED, false, "" },
	};

	(void)state;
	what_check(map, sizeof(map) / sizeof(map[0]), &l, NULL, NULL);
}

/* What an event brings is looked at among what will be beside it. */
static void test_after(void **state)
{
	struct facts facts = { .phdr = 0x1, .elf = test_elf };
	struct region old[] = {
		file(0xa00000, 1, "r--p", 0x0, "/x/libc.so"),
		file(0xa01000, 3, "r-xp", 0x1000, "/x/libc.so"),
		file(0xa08000, 5, "r--p", 0x7000, "/x/libc.so"),
		anon(0xa0d000, 0x1000, "rw-p"),
	};
	struct region fresh[] = {
		file(0xa08000, 1, "rw-p", 0x7000, "/x/libc.so"),
		anon(0xa09000, 0x4000, "rw-p"),
	};
	struct event ev = { .cause = VASMON_CAUSE_SYSCALL, .has_window = true, .start = 0xa08000,
			    .end = 0xa0d000, .fresh = { .v = fresh, .n = 2 } };
	struct layout layout = { .start_brk = 0x1000, .brk = 0x1000 };
	struct space s = { .layout = layout };
	struct scene before = scene_before(&s, &s.layout, &facts, NULL), after;
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++)
		assert_int_equal(space_append(&s, &old[i]), 0);
	after = scene_after(&before, &ev, &layout);
	assert_int_equal(scene_count(&before), 4);
	assert_int_equal(scene_count(&after), 5);
	assert_int_equal(scene_at(&after, 4)->start, 0xa0d000);
	assert_int_equal(what_of(&before, &old[2]).kind, WHAT_LIBRARY);
	assert_int_equal(what_of(&after, &fresh[1]).kind, WHAT_LIBRARY);
	assert_string_equal(what_of(&after, &fresh[1]).file, "/x/libc.so");
	assert_int_equal(what_of(&after, &old[3]).kind, WHAT_ANON);
	/* alone it says nothing */
	assert_int_equal(what_of(&before, &fresh[1]).kind, WHAT_ANON);
	space_free(&s);
}

/* As ld.so does it: all of it first, then the segments over it, then .bss. */
static void test_image_completed(void **state)
{
	struct facts facts = { .phdr = 0x1, .elf = test_elf };
	struct {
		uint64_t start, end;
		struct region fresh[4];
		size_t n;
	} steps[] = {
		{ 0xa00000, 0xa0d000, { file(0xa00000, 13, "r--p", 0x0, "/x/libc.so") }, 1 },
		{ 0xa00000, 0xa0d000, {
			file(0xa00000, 1, "r--p", 0x0, "/x/libc.so"),
			file(0xa01000, 3, "r-xp", 0x1000, "/x/libc.so"),
			file(0xa04000, 9, "r--p", 0x4000, "/x/libc.so") }, 3 },
		{ 0xa04000, 0xa0d000, {
			file(0xa04000, 1, "r--p", 0x4000, "/x/libc.so"),
			file(0xa05000, 4, "rw-p", 0x4000, "/x/libc.so"),
			file(0xa09000, 4, "r--p", 0x8000, "/x/libc.so") }, 3 },
		{ 0xa09000, 0xa0d000, { anon(0xa09000, 0x4000, "rw-p") }, 1 },
		/* a change of a part that was there: whole before and after */
		{ 0xa04000, 0xa05000, {
			with(file(0xa04000, 1, "r--p", 0x4000, "/x/libc.so"),
			     VASMON_TRAIT_LOCKED) }, 1 },
		/* RELRO: it stays what it is */
		{ 0xa05000, 0xa09000, {
			file(0xa05000, 3, "r--p", 0x4000, "/x/libc.so"),
			file(0xa08000, 1, "rw-p", 0x7000, "/x/libc.so") }, 2 },
	};
	struct space s = { 0 };
	size_t i, n = sizeof(steps) / sizeof(steps[0]);

	(void)state;
	for (i = 0; i < n; i++) {
		struct event ev = { .cause = VASMON_CAUSE_SYSCALL, .has_window = true,
				    .start = steps[i].start, .end = steps[i].end,
				    .fresh = { .v = steps[i].fresh, .n = steps[i].n } };
		struct scene before = scene_before(&s, &s.layout, &facts, NULL);
		struct scene after = scene_after(&before, &ev, &s.layout);
		struct image image;

		assert_int_equal(image_completed(&image, &before, &after), i == 3);
		if (i == 3) {
			assert_string_equal(image.file, "/x/libc.so");
			assert_int_equal(image.segments, 4);
			assert_int_equal(image.regions, 5);
		}
		assert_int_equal(space_apply(&s, &ev), 0);
	}
	space_free(&s);
}

static void test_names(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < WHAT_KINDS; i++) {
		assert_non_null(what_name((enum what_kind)i));
		for (k = 0; k < i; k++)
			assert_string_not_equal(what_name((enum what_kind)i),
						what_name((enum what_kind)k));
	}
}

static void test_sums(void **state)
{
	struct smaps_region page = { .start = 0x10000, .end = 0x12000, .resident = 4096,
				     .dirty = 4096, .swapped = 8192 };
	struct smaps pages = { .v = &page, .n = 1 };
	struct region a = anon(0x10000, 0x2000, "rw-p"), b = anon(0x20000, 0x1000, "rwxp");
	struct region c = anon(0x30000, 0x1000, "rw-p");
	struct space s = { 0 };
	struct scene scene = scene_before(&s, &s.layout, NULL, NULL);
	struct sums sums;

	(void)state;
	assert_int_equal(space_append(&s, &a) | space_append(&s, &b) | space_append(&s, &c), 0);
	sums_of(&sums, &scene, &pages);
	assert_int_equal(sums.kind[WHAT_ANON].regions, 2);
	assert_int_equal(sums.kind[WHAT_ANON].bytes, 0x3000);
	assert_int_equal(sums.kind[WHAT_JIT].bytes, 0x1000);
	assert_int_equal(sums.wx.regions, 1);
	assert_int_equal(sums.all.regions, 3);
	assert_int_equal(sums.all.resident, 4096);
	assert_int_equal(sums.all.swapped, 8192);
	space_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_image),
		cmocka_unit_test(test_names_only),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_arenas),
		cmocka_unit_test(test_after),
		cmocka_unit_test(test_image_completed),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_sums),
	};

	return cmocka_run_group_tests_name("what", tests, NULL, NULL);
}
