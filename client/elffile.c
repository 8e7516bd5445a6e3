// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/vasmon.h>

#include "elffile.h"

/*
 * Not libelf: it believes the counts in a file, also where they have changed since
 * they were checked.
 */
struct elffile_source {
	elffile_read_fn read;
	void *arg;
};

/* What differs between 32 and 64 bits, brought to 64. */
struct elffile_head {
	bool wide;
	uint64_t phoff, shoff;
	size_t phnum, shnum, shstrndx;
};

static int elffile_get(const struct elffile_source *src, void *to, size_t len, uint64_t at)
{
	ssize_t n = at > INT64_MAX - len ? -EBADMSG : src->read(src->arg, to, len, at);

	if (n < 0)
		return (int)n;
	return (size_t)n == len ? 0 : -EBADMSG;
}

/* A table of @n entries of @size bytes; the caller frees it. */
static void *elffile_table(const struct elffile_source *src, size_t n, size_t size, uint64_t at,
			   int *err)
{
	void *table = malloc(n * size);

	*err = table ? elffile_get(src, table, n * size, at) : -ENOMEM;
	if (*err) {
		free(table);
		return NULL;
	}
	return table;
}

static int elffile_head(const struct elffile_source *src, struct elffile_head *head)
{
	union {
		unsigned char ident[EI_NIDENT];
		Elf32_Ehdr narrow;
		Elf64_Ehdr wide;
	} u = { 0 };
	int err;

	err = elffile_get(src, &u, sizeof(u.narrow), 0);
	if (err)
		return err;
	if (memcmp(u.ident, ELFMAG, SELFMAG) || u.ident[EI_DATA] != ELFDATA2LSB)
		return -EBADMSG;
	head->wide = u.ident[EI_CLASS] == ELFCLASS64;
	if (head->wide) {
		err = elffile_get(src, &u, sizeof(u.wide), 0);
		if (err || u.wide.e_phentsize != sizeof(Elf64_Phdr))
			return err ? err : -EBADMSG;
		*head = (struct elffile_head){
			true, u.wide.e_phoff, u.wide.e_shoff, u.wide.e_phnum, u.wide.e_shnum,
			u.wide.e_shstrndx
		};
		if (u.wide.e_shentsize != sizeof(Elf64_Shdr))
			head->shnum = 0;
	} else if (u.ident[EI_CLASS] == ELFCLASS32) {
		if (u.narrow.e_phentsize != sizeof(Elf32_Phdr))
			return -EBADMSG;
		*head = (struct elffile_head){
			false, u.narrow.e_phoff, u.narrow.e_shoff, u.narrow.e_phnum,
			u.narrow.e_shnum, u.narrow.e_shstrndx
		};
		if (u.narrow.e_shentsize != sizeof(Elf32_Shdr))
			head->shnum = 0;
	} else {
		return -EBADMSG;
	}
	return head->phnum && head->phnum <= ELFFILE_SEGMENTS ? 0 : -EBADMSG;
}

static uint32_t elffile_prot(uint32_t flags)
{
	return (flags & PF_R ? VASMON_PROT_READ : 0) | (flags & PF_W ? VASMON_PROT_WRITE : 0) |
	       (flags & PF_X ? VASMON_PROT_EXEC : 0);
}

/* Whether neither end is beyond what a user's address, or a file's offset, can be. */
static bool elffile_sane(uint64_t start, uint64_t size)
{
	return start < (uint64_t)1 << 62 && size < (uint64_t)1 << 62;
}

/* Is the build id among some notes? Like sections, they are a courtesy. */
static void elffile_notes(const struct elffile_source *src, uint64_t offset, uint64_t size,
			  struct elffile *f)
{
	uint8_t notes[ELFFILE_NOTES];
	size_t at = 0, name;
	Elf64_Nhdr note;

	if (f->id_len || size > sizeof(notes) || elffile_get(src, notes, size, offset))
		return;
	while (size - at > sizeof(note)) {
		memcpy(&note, notes + at, sizeof(note));
		at += sizeof(note);
		if (note.n_namesz > size - at || note.n_descsz > size - at)
			return;
		name = at;
		at += (note.n_namesz + 3) & ~3u;
		if (at > size || note.n_descsz > size - at)
			return;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof(ELF_NOTE_GNU) &&
		    !memcmp(notes + name, ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)) &&
		    note.n_descsz <= sizeof(f->id)) {
			memcpy(f->id, notes + at, note.n_descsz);
			f->id_len = note.n_descsz;
			return;
		}
		at += (note.n_descsz + 3) & ~3u;
		if (at > size)
			return;
	}
}

static int elffile_segments(const struct elffile_source *src, const struct elffile_head *head,
			    struct elffile *f)
{
	Elf64_Phdr *wide;
	Elf32_Phdr *narrow;
	void *table;
	size_t i;
	int err;

	table = elffile_table(src, head->phnum, head->wide ? sizeof(*wide) : sizeof(*narrow),
			      head->phoff, &err);
	if (!table)
		return err;
	f->segments = calloc(head->phnum, sizeof(*f->segments));
	for (i = 0; f->segments && i < head->phnum; i++) {
		struct elffile_segment *s = &f->segments[f->n_segments];
		uint32_t type;

		if (head->wide) {
			wide = (Elf64_Phdr *)table + i;
			type = wide->p_type;
			*s = (struct elffile_segment){
				wide->p_offset, wide->p_filesz, wide->p_vaddr, wide->p_memsz,
				elffile_prot(wide->p_flags)
			};
		} else {
			narrow = (Elf32_Phdr *)table + i;
			type = narrow->p_type;
			*s = (struct elffile_segment){
				narrow->p_offset, narrow->p_filesz, narrow->p_vaddr,
				narrow->p_memsz, elffile_prot(narrow->p_flags)
			};
		}
		if (type == PT_NOTE)
			elffile_notes(src, s->offset, s->filesz, f);
		if (type == PT_LOAD && s->memsz >= s->filesz && elffile_sane(s->addr, s->memsz) &&
		    elffile_sane(s->offset, s->filesz))
			f->n_segments++;
	}
	free(table);
	if (!f->segments)
		return -ENOMEM;
	return f->n_segments ? 0 : -EBADMSG;
}

static void elffile_shdr(const void *table, bool wide, size_t i, Elf64_Shdr *to)
{
	const Elf32_Shdr *narrow;

	if (wide) {
		*to = ((const Elf64_Shdr *)table)[i];
		return;
	}
	narrow = (const Elf32_Shdr *)table + i;
	*to = (Elf64_Shdr){
		.sh_name = narrow->sh_name, .sh_type = narrow->sh_type,
		.sh_flags = narrow->sh_flags, .sh_addr = narrow->sh_addr,
		.sh_offset = narrow->sh_offset, .sh_size = narrow->sh_size,
	};
}

static int elffile_names(const struct elffile_source *src, const Elf64_Shdr *names,
			 struct elffile *f)
{
	int err;

	if (!names->sh_size || names->sh_size > ELFFILE_NAMES)
		return -EBADMSG;
	f->names = elffile_table(src, 1, names->sh_size, names->sh_offset, &err);
	if (f->names)
		f->names[names->sh_size - 1] = '\0';
	return err;
}

static int elffile_by_addr(const void *a, const void *b)
{
	const struct elffile_section *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

/* Sections are a courtesy: a file without them, or with odd ones, is mapped all the same. */
static int elffile_sections(const struct elffile_source *src, const struct elffile_head *head,
			    struct elffile *f)
{
	Elf64_Shdr names, s;
	void *table;
	size_t i;
	int err;

	if (!head->shnum || head->shnum > ELFFILE_SECTIONS || head->shstrndx >= head->shnum)
		return 0;
	table = elffile_table(src, head->shnum,
			      head->wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr),
			      head->shoff, &err);
	if (!table)
		return err == -ENOMEM ? err : 0;
	elffile_shdr(table, head->wide, head->shstrndx, &names);
	err = elffile_names(src, &names, f);
	if (!err) {
		f->sections = calloc(head->shnum, sizeof(*f->sections));
		err = f->sections ? 0 : -ENOMEM;
	}
	for (i = 0; !err && i < head->shnum; i++) {
		elffile_shdr(table, head->wide, i, &s);
		/* Zeroed thread-local memory is each thread's: it has no place in the file's. */
		if (!(s.sh_flags & SHF_ALLOC) || !s.sh_size || s.sh_name >= names.sh_size ||
		    !f->names[s.sh_name] || !elffile_sane(s.sh_addr, s.sh_size) ||
		    (s.sh_type == SHT_NOBITS && (s.sh_flags & SHF_TLS)))
			continue;
		f->sections[f->n_sections++] = (struct elffile_section){
			.name = f->names + s.sh_name, .addr = s.sh_addr, .size = s.sh_size,
			.zero = s.sh_type == SHT_NOBITS,
		};
	}
	free(table);
	if (f->n_sections)
		qsort(f->sections, f->n_sections, sizeof(*f->sections), elffile_by_addr);
	return err == -ENOMEM ? err : 0;
}

/**
 * elffile_parse - read what of a file is mapped where
 * @f: overwritten; elffile_free() it, unless this fails
 * @read: reads a part of the file
 * @arg: for @read
 *
 * Return: 0; -EBADMSG if it is no ELF file that could be mapped; -ENOMEM; what
 * @read failed with.
 */
int elffile_parse(struct elffile *f, elffile_read_fn read, void *arg)
{
	struct elffile_source src = { .read = read, .arg = arg };
	struct elffile_head head = { 0 };
	int err;

	*f = (struct elffile){ 0 };
	err = elffile_head(&src, &head);
	if (!err)
		err = elffile_segments(&src, &head, f);
	if (!err)
		err = elffile_sections(&src, &head, f);
	if (err)
		elffile_free(f);
	return err;
}

static ssize_t elffile_pread(void *arg, void *to, size_t len, uint64_t at)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pread(*(int *)arg, (char *)to + done, len - done,
				  (off_t)(at + done));

		if (n < 0 && errno != EINTR)
			return -errno;
		if (!n)
			break;
		done += n > 0 ? (size_t)n : 0;
	}
	return (ssize_t)done;
}

/* The same for an open file. */
int elffile_read(struct elffile *f, int fd)
{
	return elffile_parse(f, elffile_pread, &fd);
}

void elffile_free(struct elffile *f)
{
	free(f->segments);
	free(f->sections);
	free(f->names);
	*f = (struct elffile){ 0 };
}
