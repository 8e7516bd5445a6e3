// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "label.h"
#include "procmaps.h"
#include "size.h"
#include "utf8.h"
#include "words.h"

/* By the bits of enum vasmon_trait; the names are those of the netlink spec. */
static const char *const words_traits[] = {
	"grows-down", "locked", "lock-on-fault", "io", "pfn", "mixed", "hugetlb", "huge",
	"no-huge", "mergeable", "dont-fork", "wipe-on-fork", "dont-expand", "dont-dump",
	"no-reserve", "sequential", "random", "sync", "uffd-missing", "uffd-wp", "uffd-minor",
	"sealed", "shadow-stack", "droppable",
};

/* Name of a bit of the traits, NULL if this program does not know it. */
const char *words_trait(unsigned int bit)
{
	return bit < sizeof(words_traits) / sizeof(words_traits[0]) ? words_traits[bit] : NULL;
}

void words_range(struct buf *b, uint64_t start, uint64_t end)
{
	buf_hex(b, start, 8);
	buf_putc(b, '-');
	buf_hex(b, end, 8);
}

/* The name as /proc/PID/maps has it, or nothing; safe on a terminal. */
void words_name(struct buf *b, const struct region *r, const struct layout *l)
{
	struct label label = label_of(r, l);

	if (label.kind == LABEL_NONE)
		return;
	buf_puts(b, label.before);
	utf8_put_safe(b, label.name);
	buf_puts(b, label.after);
}

/* " 123", " 123 and 4 others" */
static void words_threads(struct buf *b, const struct what *w)
{
	buf_printf(b, " %u", w->tid);
	if (w->more_threads)
		buf_printf(b, " and %zu other%s", w->more_threads,
			   w->more_threads == 1 ? "" : "s");
}

/* Sections that people know stand first where there are too many. */
static unsigned int words_section_rank(const char *name)
{
	static const char *const known[] = {
		".text", ".rodata", ".data", ".bss", ".data.rel.ro", ".tdata", ".got", ".plt",
		".init_array", ".dynamic", ".eh_frame", ".dynsym",
	};
	unsigned int i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!strcmp(known[i], name))
			break;
	}
	return i;
}

#define WORDS_SECTIONS	4

/* ": .text .plt and 3 more" */
static void words_sections(struct buf *b, const struct what *w, const struct region *r)
{
	const struct elffile_section *s = NULL, *shown[WORDS_SECTIONS];
	size_t n = 0, all = 0, i;

	while ((s = what_section(w, r, s))) {
		unsigned int rank = words_section_rank(s->name);

		all++;
		for (i = n; i && words_section_rank(shown[i - 1]->name) > rank; i--)
			if (i < WORDS_SECTIONS)
				shown[i] = shown[i - 1];
		if (i < WORDS_SECTIONS)
			shown[i] = s;
		n += n < WORDS_SECTIONS;
	}
	for (i = 0; i < n; i++) {
		buf_puts(b, i ? " " : ": ");
		utf8_put_safe(b, shown[i]->name);
	}
	if (all > n)
		buf_printf(b, " and %zu more", all - n);
}

static void words_of_file(struct buf *b, const char *kind, const struct what *w,
			  const struct region *r)
{
	const char *base;

	buf_puts(b, kind);
	if (w->file) {
		base = strrchr(w->file, '/');
		buf_putc(b, ' ');
		utf8_put_safe(b, base && base[1] ? base + 1 : w->file);
	}
	words_sections(b, w, r);
}

/**
 * words_what - what a region is, where its name does not tell
 * @b: appended to, perhaps nothing; safe on a terminal
 * @w: what it is
 * @r: the region
 */
void words_what(struct buf *b, const struct what *w, const struct region *r)
{
	size_t at;

	if (w->guess)
		buf_puts(b, "guess: ");
	at = b->len;
	switch (w->kind) {
	case WHAT_PROGRAM:
		words_of_file(b, "program", w, r);
		break;
	case WHAT_LIBRARY:
		words_of_file(b, "library", w, r);
		break;
	case WHAT_LOADER:
		words_of_file(b, "loader", w, r);
		break;
	case WHAT_HEAP:
		if (w->file)
			words_of_file(b, "and the end of", w, r);
		break;
	case WHAT_THREAD_STACK:
		buf_puts(b, w->tid ? "stack of thread" : "stack that grows down");
		if (w->tid)
			words_threads(b, w);
		break;
	case WHAT_GUARD:
		buf_puts(b, "guard below the stack of thread");
		words_threads(b, w);
		break;
	case WHAT_TLS:
		buf_puts(b, "TLS of thread");
		words_threads(b, w);
		break;
	case WHAT_ARENA:
		buf_puts(b, "malloc arena");
		break;
	case WHAT_ARENA_RESERVE:
		buf_puts(b, "reserved for the malloc arena below");
		break;
	case WHAT_JIT:
		buf_puts(b, "generated code");
		break;
	case WHAT_DEVICE:
		buf_puts(b, "device");
		break;
	case WHAT_SHM:
	case WHAT_SHARED:
		buf_puts(b, "shared memory");
		break;
	case WHAT_HUGETLB:
		buf_puts(b, "huge pages");
		break;
	case WHAT_MEMFD:
		buf_puts(b, "memory file");
		break;
	default:
		break;
	}
	/* A guess at what needs no words. */
	if (b->len == at && w->guess)
		b->len -= strlen("guess: ");
}

/**
 * words_named - the name of a region, and what it is in parentheses; or nothing
 * @b: appended to
 * @r: the region
 * @w: what it is
 * @l: the layout it belongs to
 *
 * Return: where the name ends.
 */
size_t words_named(struct buf *b, const struct region *r, const struct what *w,
		   const struct layout *l)
{
	size_t at = b->len, name, open;

	/* Most memory is of nobody in particular. */
	if (!*r->name && (w->kind == WHAT_ANON || w->kind == WHAT_RESERVED))
		return at;
	words_name(b, r, l);
	name = b->len;
	buf_puts(b, name > at ? " (" : "(");
	open = b->len;
	words_what(b, w, r);
	if (b->len == open)
		b->len = name;
	else
		buf_putc(b, ')');
	return name;
}

/* A blank before it. */
void words_label(struct buf *b, const struct region *r, const struct scene *scene)
{
	struct what w = what_of(scene, r);
	size_t at = b->len;

	buf_putc(b, ' ');
	words_named(b, r, &w, scene->layout);
	if (b->len == at + 1)
		b->len = at;
}

void words_perms(struct buf *b, const struct region *r)
{
	char perms[5];

	procmaps_perms(r, perms);
	buf_add(b, perms, 4);
}

/* Writable and executable at once is what exploits and JITs need: point it out. */
void words_wx(struct buf *b, const struct region *r)
{
	if ((r->prot & VASMON_PROT_WRITE) && (r->prot & VASMON_PROT_EXEC))
		buf_puts(b, " W+X");
}

/* "7f..-7f.. rw-p 4096 (4.0 KiB)", its name and what it is */
void words_region(struct buf *b, const struct region *r, const struct scene *scene)
{
	words_range(b, r->start, r->end);
	buf_putc(b, ' ');
	words_perms(b, r);
	buf_putc(b, ' ');
	size_put(b, region_size(r));
	words_label(b, r, scene);
	words_wx(b, r);
}

/* "main+0x2a (app)" */
void words_frame(struct buf *b, const struct frame *frame)
{
	const char *file = chain_file(frame);

	if (frame->known) {
		utf8_put_safe(b, frame->symbol.name);
		buf_puts(b, "+0x");
		buf_hex(b, frame->symbol.offset, 1);
	} else {
		buf_puts(b, "0x");
		buf_hex(b, frame->what.elf ? frame->addr - frame->what.bias : frame->addr, 1);
	}
	if (!file)
		return;
	buf_puts(b, " (");
	utf8_put_safe(b, file);
	buf_putc(b, ')');
}

/* "by the loader", "by libc, for main+0x2a (app)", "by main+0x2a (app)" */
void words_asker(struct buf *b, const struct chain *chain)
{
	static const char *const by[] = {
		[CHAIN_UNKNOWN] = "by an unknown caller",
		[CHAIN_PROGRAM] = "by ",
		[CHAIN_LIBC] = "by libc",
		[CHAIN_LOADER] = "by the loader",
	};

	buf_puts(b, by[chain->asker]);
	if (chain->on_behalf == chain->n)
		return;
	if (chain->asker != CHAIN_PROGRAM)
		buf_puts(b, chain->gap ? ", somewhere below " : ", for ");
	words_frame(b, &chain->v[chain->on_behalf]);
}

/* "mapping of libc.so.6 complete (4 segments, 5 regions)" */
void words_image(struct buf *b, const struct image *image)
{
	const char *base = strrchr(image->file, '/');

	buf_puts(b, "mapping of ");
	utf8_put_safe(b, base && base[1] ? base + 1 : image->file);
	buf_printf(b, " complete (%zu segment%s, %zu region%s)", image->segments,
		   image->segments == 1 ? "" : "s", image->regions,
		   image->regions == 1 ? "" : "s");
}
