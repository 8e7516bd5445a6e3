// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <unistd.h>

#include "check.h"
#include "elffile.h"

struct image {
	const char *bytes;
	size_t len;
	uint64_t *change;	/* bytes are another at each look, where not NULL */
};

static ssize_t image_read(void *arg, void *to, size_t len, uint64_t at)
{
	const struct image *image = arg;
	size_t i, n = at < image->len ? image->len - at : 0;

	n = n < len ? n : len;
	memcpy(to, image->bytes + (n ? at : 0), n);
	for (i = 0; image->change && n && i < 2; i++)
		((unsigned char *)to)[check_random(image->change) % n] ^=
			1 << check_random(image->change) % 8;
	return (ssize_t)n;
}

static char *own_bytes(size_t *len)
{
	int fd = open("/proc/self/exe", O_RDONLY);
	off_t end = lseek(fd, 0, SEEK_END);
	char *bytes = malloc((size_t)end);

	assert_true(fd >= 0 && end > 0 && bytes);
	assert_int_equal(pread(fd, bytes, (size_t)end, 0), end);
	close(fd);
	*len = (size_t)end;
	return bytes;
}

static int own_bias(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	*(uint64_t *)arg = info->dlpi_addr;
	return 1;	/* the program is the first */
}

static const struct elffile_section *section(const struct elffile *f, const void *place,
					     uint64_t bias)
{
	uint64_t addr = (uintptr_t)place - bias;
	size_t i;

	for (i = 0; i < f->n_sections; i++) {
		if (addr >= f->sections[i].addr && addr - f->sections[i].addr < f->sections[i].size)
			return &f->sections[i];
	}
	return NULL;
}

/* The kernel's and the loader's view of the same notes. */
static int own_build_id(struct dl_phdr_info *info, size_t size, void *arg)
{
	const char *at, *end;
	Elf64_Nhdr note;
	int i;

	(void)size;
	for (i = 0; i < info->dlpi_phnum; i++) {
		at = (const char *)info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
		end = at + info->dlpi_phdr[i].p_memsz;
		while (info->dlpi_phdr[i].p_type == PT_NOTE && at < end) {
			memcpy(&note, at, sizeof(note));
			if (note.n_type == NT_GNU_BUILD_ID)
				*(const char **)arg = at + sizeof(note) + sizeof(ELF_NOTE_GNU);
			at += sizeof(note) + ((note.n_namesz + 3) & -4u) +
			      ((note.n_descsz + 3) & -4u);
		}
	}
	return 1;
}

static int initialised = 5;
static char zeroed[100000];

/* This program: its own variables are where the file says. */
static void test_own(void **state)
{
	static const char constant[] = "constant";
	const struct elffile_section *s;
	const char *build_id = NULL;
	uint64_t bias = 0;
	struct elffile f;
	size_t i, code = 0;
	int fd = open("/proc/self/exe", O_RDONLY);

	(void)state;
	dl_iterate_phdr(own_bias, &bias);
	assert_int_equal(elffile_read(&f, fd), 0);
	close(fd);
	for (i = 0; i < f.n_segments; i++)
		code += f.segments[i].prot == (VASMON_PROT_READ | VASMON_PROT_EXEC);
	assert_int_equal(code, 1);
	s = section(&f, (const void *)(uintptr_t)test_own, bias);
	assert_non_null(s);
	assert_string_equal(s->name, ".text");
	assert_string_equal(section(&f, &initialised, bias)->name, ".data");
	assert_string_equal(section(&f, constant, bias)->name, ".rodata");
	s = section(&f, zeroed + initialised, bias);
	assert_string_equal(s->name, ".bss");
	assert_true(s->zero && s->size >= sizeof(zeroed));
	for (i = 1; i < f.n_sections; i++)
		assert_true(f.sections[i - 1].addr <= f.sections[i].addr);
	dl_iterate_phdr(own_build_id, &build_id);
	assert_non_null(build_id);
	assert_int_equal(f.id_len, 20);
	assert_memory_equal(f.id, build_id, f.id_len);
	elffile_free(&f);
}

static void test_no_elf(void **state)
{
	struct image image = { "#!/bin/sh\n", 10, NULL };
	struct elffile f;
	int fd;

	(void)state;
	assert_int_equal(elffile_parse(&f, image_read, &image), -EBADMSG);
	image.len = 0;
	assert_int_equal(elffile_parse(&f, image_read, &image), -EBADMSG);
	fd = open("/", O_RDONLY | O_DIRECTORY);
	assert_int_equal(elffile_read(&f, fd), -EISDIR);
	close(fd);
}

/* Its head says things that are not so. */
static void test_lies(void **state)
{
	static const struct {
		size_t offset;	/* in the head */
		uint64_t value;
		size_t size;
		bool fails;
	} table[] = {
		{ offsetof(Elf64_Ehdr, e_phnum), 0, 2, true },
		{ offsetof(Elf64_Ehdr, e_phnum), PN_XNUM, 2, true },
		{ offsetof(Elf64_Ehdr, e_phoff), UINT64_MAX, 8, true },
		{ offsetof(Elf64_Ehdr, e_phoff), INT64_MAX, 8, true },
		{ offsetof(Elf64_Ehdr, e_phentsize), 1, 2, true },
		{ offsetof(Elf64_Ehdr, e_shoff), UINT64_MAX - 8, 8, false },
		{ offsetof(Elf64_Ehdr, e_shnum), 0, 2, false },
		{ offsetof(Elf64_Ehdr, e_shnum), 0xffff, 2, false },
		{ offsetof(Elf64_Ehdr, e_shstrndx), 0xffff, 2, false },
		{ offsetof(Elf64_Ehdr, e_shentsize), 8, 2, false },
		{ EI_CLASS, ELFCLASSNONE, 1, true },
		{ EI_DATA, ELFDATA2MSB, 1, true },
	};
	struct image image = { 0 };
	struct elffile f;
	size_t len, i;
	char *bytes = own_bytes(&len);

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char head[sizeof(Elf64_Ehdr)];
		int err;

		memcpy(head, bytes, sizeof(head));
		memcpy(bytes + table[i].offset, &table[i].value, table[i].size);
		image = (struct image){ bytes, len, NULL };
		err = elffile_parse(&f, image_read, &image);
		if (err != (table[i].fails ? -EBADMSG : 0))
			fail_msg("lie %zu: %d", i, err);
		if (!err) {
			assert_true(f.n_segments && !f.n_sections);
			elffile_free(&f);
		}
		memcpy(bytes, head, sizeof(head));
	}
	free(bytes);
}

/* Whatever comes: no crash, nothing out of bounds (see the names), nothing large. */
static void test_any_bytes(void **state)
{
	struct image image = { 0 };
	uint64_t seed = 4711;
	struct elffile f;
	size_t len, i, k, parsed = 0;
	char *bytes = own_bytes(&len);

	(void)state;
	for (i = 0; i < 20000; i++) {
		image = (struct image){ bytes, i % 3 ? len : check_random(&seed) % len, &seed };
		if (elffile_parse(&f, image_read, &image))
			continue;
		parsed++;
		assert_true(f.n_segments <= ELFFILE_SEGMENTS && f.n_sections <= ELFFILE_SECTIONS);
		for (k = 0; k < f.n_sections; k++)
			assert_true(strlen(f.sections[k].name) < ELFFILE_NAMES);
		elffile_free(&f);
	}
	/* mostly the change is somewhere harmless */
	assert_true(parsed > 1000);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_no_elf),
		cmocka_unit_test(test_lies),
		cmocka_unit_test(test_any_bytes),
	};

	return cmocka_run_group_tests_name("elffile", tests, NULL, NULL);
}
