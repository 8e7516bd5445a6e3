// SPDX-License-Identifier: GPL-2.0-only
#include <elfutils/libdwfl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbols.h"

/* A file that is larger is not worth its memory. */
#define SYMBOLS_MAX	(256 << 20)

/* Where libdwfl believes a file to be that can be anywhere: not at 0, which says nothing. */
#define SYMBOLS_BASE	0x100000

/**
 * struct symbols - the functions of one file
 * @module: the file, at an address of libdwfl's choice
 * @bias: what is to be added to an address in the file to get that
 */
struct symbols {
	Dwfl *dwfl;
	Dwfl_Module *module;
	GElf_Addr bias;
};

/* What the machine has, and nothing that others tell where to find. */
static char *symbols_path = (char *)"/usr/lib/debug";

static const Dwfl_Callbacks symbols_callbacks = {
	.find_elf = dwfl_build_id_find_elf,
	.find_debuginfo = dwfl_standard_find_debuginfo,
	.debuginfo_path = &symbols_path,
};

/*
 * libdwfl maps its files: one that somebody else cuts off meanwhile would be the end
 * of this program. Give it a copy. Return: its descriptor, or -1.
 */
static int symbols_copy(int fd)
{
	int copy = memfd_create("vasmon-symbols", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	off_t at = 0;
	struct stat st;

	if (copy < 0)
		return -1;
	if (fstat(fd, &st) || st.st_size > SYMBOLS_MAX)
		goto fail;
	while (at < st.st_size) {
		ssize_t n = sendfile(copy, fd, &at, (size_t)(st.st_size - at));

		if (n <= 0)
			goto fail;
	}
	return copy;
fail:
	close(copy);
	return -1;
}

/**
 * symbols_open - get ready to look for functions
 * @fd: an ELF file; it can be closed afterwards
 *
 * Return: the file, or NULL if it cannot be read.
 */
struct symbols *symbols_open(int fd)
{
	struct symbols *s = calloc(1, sizeof(*s));
	int copy;

	if (!s)
		return NULL;
	/* No waiting for a server somewhere while events come in. */
	unsetenv("DEBUGINFOD_URLS");
	copy = symbols_copy(fd);
	s->dwfl = copy < 0 ? NULL : dwfl_begin(&symbols_callbacks);
	if (!s->dwfl) {
		if (copy >= 0)
			close(copy);
		free(s);
		return NULL;
	}
	/* The descriptor is the module's, if there is one. */
	s->module = dwfl_report_elf(s->dwfl, "mapped", "mapped", copy, SYMBOLS_BASE, false);
	if (!s->module)
		close(copy);
	dwfl_report_end(s->dwfl, NULL, NULL);
	if (!s->module || !dwfl_module_getelf(s->module, &s->bias)) {
		symbols_free(s);
		return NULL;
	}
	return s;
}

/* push %rbp; mov %rsp,%rbp, perhaps behind endbr64, perhaps with something between. */
static bool symbols_is_framed(const struct symbols *s, GElf_Addr start)
{
	static const unsigned char endbr[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	static const unsigned char mov[] = { 0x48, 0x89, 0xe5 }, mov_too[] = { 0x48, 0x8b, 0xec };
	GElf_Addr bias, addr = start;
	const unsigned char *code;
	Elf_Data *data;
	Elf_Scn *scn;
	GElf_Shdr head;
	size_t at, i;

	scn = dwfl_module_address_section(s->module, &addr, &bias);
	data = scn && gelf_getshdr(scn, &head) && head.sh_type == SHT_PROGBITS ?
	       elf_rawdata(scn, NULL) : NULL;
	if (!data || !data->d_buf || addr > data->d_size || data->d_size - addr < 16)
		return false;
	code = (const unsigned char *)data->d_buf + addr;
	at = memcmp(code, endbr, sizeof(endbr)) ? 0 : sizeof(endbr);
	if (code[at++] != 0x55)
		return false;
	for (i = at; i + sizeof(mov) <= 16; i++) {
		if (!memcmp(code + i, mov, sizeof(mov)) ||
		    !memcmp(code + i, mov_too, sizeof(mov_too)))
			return true;
	}
	return false;
}

/**
 * symbols_find - the function at an address
 * @s: the file
 * @addr: an address, as the file has it
 * @symbol: the function
 *
 * Return: whether there is one.
 */
bool symbols_find(struct symbols *s, uint64_t addr, struct symbol *symbol)
{
	GElf_Addr at = addr + s->bias;
	GElf_Off offset;
	GElf_Sym sym;

	symbol->name = dwfl_module_addrinfo(s->module, at, &offset, &sym, NULL, NULL, NULL);
	if (!symbol->name)
		return false;
	symbol->offset = offset;
	symbol->framed = symbols_is_framed(s, at - offset);
	return true;
}

void symbols_free(struct symbols *s)
{
	if (!s)
		return;
	dwfl_end(s->dwfl);
	free(s);
}
