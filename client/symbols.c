// SPDX-License-Identifier: GPL-2.0-only
#include <elfutils/libdwfl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "demangle.h"
#include "symbols.h"

/* A file that is larger is not worth its memory. */
#define SYMBOLS_MAX	(256 << 20)

/* Where libdwfl believes a file to be that can be anywhere: not at 0, which says nothing. */
#define SYMBOLS_BASE	0x100000

/* More places than these are forgotten, and looked up again. */
#define SYMBOLS_PLACES	65536

/**
 * struct symbols_place - an address that was asked for: libdwfl looks long
 * @addr: as the file has it
 * @looked: @symbol was asked for
 * @unwound: @frame was asked for
 * @symbol: the function there; without a name if there is none
 * @frame: where the registers of its caller are, NULL if that is not known
 */
struct symbols_place {
	uint64_t addr;
	bool looked;
	bool unwound;
	struct symbol symbol;
	Dwarf_Frame *frame;
};

/**
 * struct symbols - the functions of one file
 * @module: the file, at an address of libdwfl's choice
 * @bias: what is to be added to an address in the file to get that
 * @cfi: its .eh_frame, NULL if there is none that is for us
 * @cfi_bias: what is to be added to an address there to get the module's
 * @raw: names are to be as the file has them
 * @places: a tree of tsearch(3)
 * @names: those that were demangled, another one
 */
struct symbols {
	Dwfl *dwfl;
	Dwfl_Module *module;
	GElf_Addr bias;
	Dwarf_CFI *cfi;
	GElf_Addr cfi_bias;
	bool raw;
	void *places;
	size_t n_places;
	void *names;
};

/* As the file has it, which is the key, and demangled, or NULL. */
struct symbols_name {
	const char *raw;
	char *demangled;
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

static void symbols_open_cfi(struct symbols *s, Elf *elf)
{
	GElf_Ehdr head;

	/* The registers are numbered as on that machine. */
	if (gelf_getehdr(elf, &head) && head.e_machine == EM_X86_64 &&
	    head.e_ident[EI_CLASS] == ELFCLASS64)
		s->cfi = dwfl_module_eh_cfi(s->module, &s->cfi_bias);
}

/**
 * symbols_open - get ready to look for functions
 * @fd: an ELF file; it can be closed afterwards
 * @raw: do not demangle names
 *
 * Return: the file, or NULL if it cannot be read.
 */
struct symbols *symbols_open(int fd, bool raw)
{
	struct symbols *s = calloc(1, sizeof(*s));
	Elf *elf;
	int copy;

	if (!s)
		return NULL;
	/* No waiting for a server somewhere while events come in. */
	unsetenv("DEBUGINFOD_URLS");
	s->raw = raw;
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
	elf = s->module ? dwfl_module_getelf(s->module, &s->bias) : NULL;
	if (!elf) {
		symbols_free(s);
		return NULL;
	}
	symbols_open_cfi(s, elf);
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

static int symbols_compare(const void *a, const void *b)
{
	const struct symbols_place *x = a, *y = b;

	return (x->addr > y->addr) - (x->addr < y->addr);
}

static void symbols_place_free(void *arg)
{
	struct symbols_place *place = arg;

	free(place->frame);
	free(place);
}

static void symbols_forget(struct symbols *s)
{
	tdestroy(s->places, symbols_place_free);
	s->places = NULL;
	s->n_places = 0;
}

/* What is known about an address, or will be. NULL if memory ran out. */
static struct symbols_place *symbols_place(struct symbols *s, uint64_t addr)
{
	struct symbols_place key = { .addr = addr }, **node, *place;

	node = tfind(&key, &s->places, symbols_compare);
	if (node)
		return *node;
	if (s->n_places == SYMBOLS_PLACES)
		symbols_forget(s);
	place = malloc(sizeof(*place));
	if (!place)
		return NULL;
	*place = key;
	if (!tsearch(place, &s->places, symbols_compare)) {
		free(place);
		return NULL;
	}
	s->n_places++;
	return place;
}

static int symbols_name_compare(const void *a, const void *b)
{
	const struct symbols_name *x = a, *y = b;

	return strcmp(x->raw, y->raw);
}

static void symbols_name_free(void *arg)
{
	struct symbols_name *name = arg;

	free(name->demangled);
	free(name);
}

/* Kept until the file is closed: there are not more of them than it has. */
static const char *symbols_demangled(struct symbols *s, const char *raw)
{
	struct symbols_name key = { .raw = raw }, **node, *name;

	node = tfind(&key, &s->names, symbols_name_compare);
	if (node)
		return (*node)->demangled ? (*node)->demangled : raw;
	name = malloc(sizeof(*name));
	if (!name)
		return raw;
	*name = (struct symbols_name){ .raw = raw, .demangled = demangle(raw) };
	if (!tsearch(name, &s->names, symbols_name_compare)) {
		symbols_name_free(name);
		return raw;
	}
	return name->demangled ? name->demangled : raw;
}

static void symbols_look(struct symbols *s, struct symbols_place *place)
{
	GElf_Addr at = place->addr + s->bias;
	GElf_Off offset;
	GElf_Sym sym;

	place->looked = true;
	place->symbol.name = dwfl_module_addrinfo(s->module, at, &offset, &sym, NULL, NULL, NULL);
	if (!place->symbol.name)
		return;
	if (!s->raw)
		place->symbol.name = symbols_demangled(s, place->symbol.name);
	place->symbol.offset = offset;
	place->symbol.framed = symbols_is_framed(s, at - offset);
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
	struct symbols_place *place = symbols_place(s, addr);

	if (!place)
		return false;
	if (!place->looked)
		symbols_look(s, place);
	*symbol = place->symbol;
	return symbol->name;
}

/**
 * symbols_unwind - go from a function to its caller
 * @s: the file that it is in
 * @addr: where in it, as the file has it
 * @u: the function's registers; its caller's afterwards, where there is one
 *
 * Return: what came of it.
 */
enum unwind_step symbols_unwind(struct symbols *s, uint64_t addr, struct unwind *u)
{
	struct symbols_place *place = s->cfi ? symbols_place(s, addr) : NULL;

	if (!place)
		return UNWIND_NO_RULE;
	if (!place->unwound &&
	    dwarf_cfi_addrframe(s->cfi, addr + s->bias - s->cfi_bias, &place->frame))
		place->frame = NULL;
	place->unwound = true;
	return place->frame ? unwind_step(u, place->frame) : UNWIND_NO_RULE;
}

void symbols_free(struct symbols *s)
{
	if (!s)
		return;
	symbols_forget(s);
	tdestroy(s->names, symbols_name_free);
	dwfl_end(s->dwfl);
	free(s);
}
