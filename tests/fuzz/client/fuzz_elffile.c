// SPDX-License-Identifier: GPL-2.0-only
/* An ELF file. An odd first byte makes it change while it is read, as a hostile one can. */
#include "elffile.h"
#include "fuzz.h"

struct file {
	uint8_t *bytes;
	size_t size;
	bool changes;
};

static ssize_t file_read(void *arg, void *to, size_t len, uint64_t at)
{
	struct file *file = arg;

	if (at >= file->size)
		return 0;
	if (len > file->size - at)
		len = file->size - at;
	memcpy(to, file->bytes + at, len);
	if (file->changes)
		memset(file->bytes + at, 0xff, len);
	return (ssize_t)len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct file file = { 0 };
	struct elffile f;
	uint64_t last = 0;
	size_t i;

	if (!size)
		return 0;
	file.size = size - 1;
	file.bytes = fuzz_copy(data + 1, file.size);
	file.changes = data[0] & 1;
	if (!elffile_parse(&f, file_read, &file)) {
		FUZZ_HOLDS(f.n_segments && f.n_segments <= ELFFILE_SEGMENTS);
		FUZZ_HOLDS(f.n_sections <= ELFFILE_SECTIONS);
		for (i = 0; i < f.n_segments; i++) {
			FUZZ_HOLDS(f.segments[i].filesz <= f.segments[i].memsz);
			FUZZ_HOLDS(f.segments[i].addr + f.segments[i].memsz >= f.segments[i].addr);
		}
		for (i = 0; i < f.n_sections; i++) {
			FUZZ_HOLDS(f.sections[i].addr >= last);
			FUZZ_HOLDS(strlen(f.sections[i].name) < ELFFILE_NAMES);
			last = f.sections[i].addr;
		}
		elffile_free(&f);
	}
	free(file.bytes);
	return 0;
}
