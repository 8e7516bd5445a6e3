/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an ELF file says of how it is mapped. The file belongs to a process that
 * may be hostile, and it can change while it is read: each number is looked at
 * where it was copied to, and nothing is larger than the limits below.
 */
#ifndef VASMON_ELFFILE_H
#define VASMON_ELFFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define ELFFILE_SEGMENTS	128
#define ELFFILE_SECTIONS	4096
#define ELFFILE_NAMES		(1 << 20)
#define ELFFILE_NOTES		4096
#define ELFFILE_ID		64

/**
 * struct elffile_segment - a part of the file that is to be mapped (PT_LOAD)
 * @offset: where in the file it begins
 * @filesz: bytes of it in the file
 * @addr: where in memory it begins, less the address that the file is mapped at
 * @memsz: bytes of it in memory; what is beyond @filesz is zero
 * @prot: enum vasmon_prot
 */
struct elffile_segment {
	uint64_t offset;
	uint64_t filesz;
	uint64_t addr;
	uint64_t memsz;
	uint32_t prot;
};

/**
 * struct elffile_section - a section that has memory
 * @name: belongs to the file
 * @zero: it is not in the file (SHT_NOBITS), as .bss
 */
struct elffile_section {
	const char *name;
	uint64_t addr;
	uint64_t size;
	bool zero;
};

/**
 * struct elffile - a file
 * @segments: in the order of the file, which is that of addresses
 * @sections: by ascending address; none where the file has been stripped of them
 * @id: its build id, which no other build has
 * @id_len: bytes of that, 0 if it has none
 */
struct elffile {
	struct elffile_segment *segments;
	size_t n_segments;
	struct elffile_section *sections;
	size_t n_sections;
	char *names;
	uint8_t id[ELFFILE_ID];
	size_t id_len;
};

/* Bytes at an offset into @to; Return: how many there were, or a negative errno. */
typedef ssize_t (*elffile_read_fn)(void *arg, void *to, size_t len, uint64_t at);

int elffile_parse(struct elffile *f, elffile_read_fn read, void *arg);
int elffile_read(struct elffile *f, int fd);
void elffile_free(struct elffile *f);

#endif
