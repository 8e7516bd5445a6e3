// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <sys/wait.h>

#include "call.h"
#include "label.h"
#include "memo.h"
#include "procmaps.h"
#include "utf8.h"
#include "words.h"

#define WORDS_PAGE	4096ull

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

/* 512 B, 4.0 KiB, 132.0 KiB, 1.5 GiB */
void words_human(struct buf *b, uint64_t bytes)
{
	static const char units[] = "KMGTPE";
	char tail[] = ".0 KiB";
	unsigned int unit, shift;
	uint64_t tenths;

	if (bytes < 1024) {
		buf_dec(b, bytes);
		buf_puts(b, " B");
		return;
	}
	/* Rounded to the nearest; what would be shown as 1024.0 is 1.0 of the next unit. */
	for (unit = (63 - (unsigned int)__builtin_clzll(bytes)) / 10 - 1;; unit++) {
		shift = 10 * (unit + 1);
		tenths = (bytes >> shift) * 10 +
			 ((bytes >> (shift - 10) & 1023) * 10 + 512) / 1024;
		if (tenths < 10240 || unit == 5)
			break;
	}
	tail[1] = (char)('0' + tenths % 10);
	tail[3] = units[unit];
	buf_dec(b, tenths / 10);
	buf_add(b, tail, sizeof(tail) - 1);
}

/* 33 bytes, 40960 (40.0 KiB) */
void words_size(struct buf *b, uint64_t bytes)
{
	static struct memo memo;
	size_t at = b->len;

	if (memo_put(&memo, &bytes, sizeof(bytes), b))
		return;
	buf_dec(b, bytes);
	if (bytes < 1024) {
		buf_puts(b, bytes == 1 ? " byte" : " bytes");
		return;
	}
	buf_puts(b, " (");
	words_human(b, bytes);
	buf_putc(b, ')');
	memo_keep(&memo, &bytes, sizeof(bytes), b, at);
}

static void words_change(struct buf *b, uint64_t from, uint64_t to)
{
	buf_putc(b, to >= from ? '+' : '-');
	words_size(b, to >= from ? to - from : from - to);
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
static void words_label(struct buf *b, const struct region *r, const struct scene *scene)
{
	struct what w = what_of(scene, r);
	size_t at = b->len;

	buf_putc(b, ' ');
	words_named(b, r, &w, scene->layout);
	if (b->len == at + 1)
		b->len = at;
}

static void words_perms(struct buf *b, const struct region *r)
{
	char perms[5];

	procmaps_perms(r, perms);
	buf_add(b, perms, 4);
}

/* Writable and executable at once is what exploits and JITs need: point it out. */
static void words_wx(struct buf *b, const struct region *r)
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
	words_size(b, region_size(r));
	words_label(b, r, scene);
	words_wx(b, r);
}

/* The mark that stands before an effect: new, gone, changed, a value that moved. */
char words_mark(const struct effect *e)
{
	switch (e->kind) {
	case EFFECT_MAP:
		return e->joined_below || e->joined_above ? '~' : '+';
	case EFFECT_UNMAP:
		return e->left_below || e->left_above ? '~' : '-';
	case EFFECT_BRK:
	case EFFECT_START_BRK:
	case EFFECT_START_STACK:
		return '=';
	case EFFECT_FORK:
		return '+';
	case EFFECT_EXIT:
		return '-';
	default:
		return '~';
	}
}

static uint64_t words_page_up(uint64_t v)
{
	return (v + WORDS_PAGE - 1) & -WORDS_PAGE;
}

/* What mmap asked for, if that is what became of it, in whole pages; or 0. */
uint64_t words_asked(const struct effect *e, const struct event *ev)
{
	if (!ev || !ev->has_syscall || !ev->has_args || ev->cause != VASMON_CAUSE_SYSCALL ||
	    strcmp(call_name(ev), "mmap"))
		return 0;
	return words_page_up(ev->args[1]) == e->end - e->start ? ev->args[1] : 0;
}

static void words_now(struct buf *b, const struct region *r, const struct scene *scene)
{
	buf_puts(b, ": now ");
	words_region(b, r, scene);
}

/* Memory that belongs to what it joined: "stack grew 4096 (4.0 KiB) by a page fault" */
static void words_grew(struct buf *b, const struct effect *e, const struct event *ev,
		       const struct scene *after)
{
	enum what_kind kind = what_of(after, e->after).kind;

	if (kind == WHAT_STACK || kind == WHAT_THREAD_STACK)
		buf_puts(b, "stack ");
	else if (kind == WHAT_HEAP)
		buf_puts(b, "heap ");
	buf_puts(b, "grew ");
	words_size(b, e->end - e->start);
	if (ev && ev->cause == VASMON_CAUSE_FAULT)
		buf_puts(b, " by a page fault");
	if (e->joined_below && e->joined_above)
		buf_puts(b, ", up to the region above");
}

static void words_merged(struct buf *b, const struct effect *e, const struct event *ev)
{
	uint64_t asked = words_asked(e, ev);

	buf_puts(b, asked ? "asked " : "+");
	words_size(b, asked ? asked : e->end - e->start);
	if (asked && asked != e->end - e->start) {
		buf_puts(b, ", got ");
		words_size(b, e->end - e->start);
	}
	buf_puts(b, asked ? ", merged with the region" : " merged with the region");
	buf_puts(b, e->joined_below && e->joined_above ? "s below and above" :
		 e->joined_below ? " below" : " above");
}

static void words_map(struct buf *b, const struct effect *e, const struct event *ev,
		      const struct scene *after)
{
	uint64_t asked;

	if (e->joined_below || e->joined_above) {
		if (e->grew)
			words_grew(b, e, ev, after);
		else
			words_merged(b, e, ev);
		words_now(b, e->after, after);
		return;
	}
	words_range(b, e->start, e->end);
	buf_putc(b, ' ');
	words_perms(b, e->after);
	asked = words_asked(e, ev);
	/* The end of a file is hardly ever that of a page. */
	if (asked && asked != e->end - e->start && !region_has_file(e->after)) {
		buf_puts(b, " asked ");
		words_size(b, asked);
		buf_puts(b, ", got ");
	} else {
		buf_puts(b, " +");
	}
	words_size(b, e->end - e->start);
	words_label(b, e->after, after);
	words_wx(b, e->after);
}

/* Memory is given back; a file or what was only reserved is just there no more. */
static void words_gave_back(struct buf *b, const struct effect *e, const struct scene *before)
{
	struct what w = what_of(before, e->before);

	if (w.kind == WHAT_HEAP)
		buf_puts(b, "heap ");
	if (w.file || region_has_file(e->before) || !(e->before->prot & VASMON_PROT_WRITE))
		buf_puts(b, "unmapped ");
	else
		buf_puts(b, "gave back ");
	words_size(b, e->end - e->start);
}

static void words_unmap(struct buf *b, const struct effect *e, const struct scene *before,
			const struct scene *after)
{
	/* @after is missing where what is left became another region at once. */
	if ((!e->left_below && !e->left_above) || !e->after) {
		words_range(b, e->start, e->end);
		buf_putc(b, ' ');
		words_perms(b, e->before);
		buf_putc(b, ' ');
		words_gave_back(b, e, before);
		words_label(b, e->before, before);
		return;
	}
	words_gave_back(b, e, before);
	if (e->left_below && e->left_above) {
		buf_puts(b, " at ");
		words_range(b, e->start, e->end);
		buf_puts(b, ", split ");
		words_range(b, e->before->start, e->before->end);
		buf_putc(b, ' ');
		words_perms(b, e->before);
		words_label(b, e->before, before);
		buf_puts(b, " in two");
		return;
	}
	buf_puts(b, e->left_below ? " of its end" : " of its start");
	words_now(b, e->after, after);
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

/* How a change of a part, or to the same as its neighbour, moved the borders. */
static void words_borders(struct buf *b, const struct effect *e)
{
	if (e->left_below && e->left_above)
		buf_puts(b, ", split in three");
	else if (e->left_below || e->left_above)
		buf_puts(b, ", split in two");
	if (!e->joined_below && !e->joined_above)
		return;
	buf_puts(b, ", merged: now ");
	words_range(b, e->after->start, e->after->end);
	buf_putc(b, ' ');
	words_size(b, region_size(e->after));
}

static void words_flags(struct buf *b, const struct effect *e)
{
	uint64_t was = e->before->traits, is = e->after->traits;
	unsigned int bit;

	for (bit = 0; bit < 64; bit++) {
		uint64_t mask = (uint64_t)1 << bit;

		if (!((was ^ is) & mask))
			continue;
		buf_puts(b, is & mask ? " +" : " -");
		if (words_trait(bit))
			buf_puts(b, words_trait(bit));
		else
			buf_printf(b, "trait-%u", bit);
	}
	if (was == is)
		buf_printf(b, " vm_flags 0x%llx -> 0x%llx",
			   (unsigned long long)e->before->vm_flags,
			   (unsigned long long)e->after->vm_flags);
}

static void words_part(struct buf *b, const struct effect *e)
{
	words_range(b, e->start, e->end);
	buf_putc(b, ' ');
}

static void words_sized(struct buf *b, const struct effect *e, const struct scene *after)
{
	buf_putc(b, ' ');
	words_size(b, e->end - e->start);
	words_label(b, e->after, after);
	words_wx(b, e->after);
}

static void words_name_or_none(struct buf *b, const struct region *r, const struct scene *scene)
{
	if (label_of(r, scene->layout).kind == LABEL_NONE)
		buf_puts(b, "unnamed");
	else
		words_name(b, r, scene->layout);
}

static void words_value(struct buf *b, const struct effect *e, const char *name)
{
	buf_puts(b, name);
	buf_puts(b, " 0x");
	buf_hex(b, e->from, 1);
	buf_puts(b, " -> 0x");
	buf_hex(b, e->to, 1);
	buf_putc(b, ' ');
	words_change(b, e->from, e->to);
}

/* @status as waitpid(2) has it. */
void words_exit(struct buf *b, uint32_t status)
{
	int s = (int)status;

	if (WIFEXITED(s)) {
		buf_printf(b, "exited with status %d", WEXITSTATUS(s));
	} else if (WIFSIGNALED(s)) {
		const char *name = sigabbrev_np(WTERMSIG(s));

		if (name)
			buf_printf(b, "killed by SIG%s", name);
		else
			buf_printf(b, "killed by signal %d", WTERMSIG(s));
		if (WCOREDUMP(s))
			buf_puts(b, " (core dumped)");
	} else {
		buf_printf(b, "ended with status 0x%x", status);
	}
}

/**
 * words_effect - one effect as a phrase, without its mark
 * @b: appended to
 * @e: the effect
 * @ev: the event it belongs to, NULL for a difference of two maps
 * @before: the map before it
 * @after: the map after it
 */
void words_effect(struct buf *b, const struct effect *e, const struct event *ev,
		  const struct scene *before, const struct scene *after)
{
	switch (e->kind) {
	case EFFECT_MAP:
		words_map(b, e, ev, after);
		break;
	case EFFECT_UNMAP:
		words_unmap(b, e, before, after);
		break;
	case EFFECT_MOVE:
		words_range(b, e->from_start, e->from_end);
		buf_puts(b, " moved to ");
		words_region(b, e->after, after);
		if (e->from_end - e->from_start != e->end - e->start) {
			buf_puts(b, ", ");
			words_change(b, e->from_end - e->from_start, e->end - e->start);
		}
		break;
	case EFFECT_REPLACE:
		words_part(b, e);
		words_perms(b, e->before);
		words_label(b, e->before, before);
		buf_puts(b, " replaced by ");
		words_perms(b, e->after);
		words_sized(b, e, after);
		words_borders(b, e);
		break;
	case EFFECT_PROTECT:
		words_part(b, e);
		words_perms(b, e->before);
		buf_puts(b, " -> ");
		words_perms(b, e->after);
		words_sized(b, e, after);
		words_borders(b, e);
		break;
	case EFFECT_FLAGS:
		words_part(b, e);
		words_perms(b, e->after);
		words_sized(b, e, after);
		words_flags(b, e);
		words_borders(b, e);
		break;
	case EFFECT_NAME:
		words_part(b, e);
		words_perms(b, e->after);
		buf_putc(b, ' ');
		words_size(b, e->end - e->start);
		buf_puts(b, " was ");
		words_name_or_none(b, e->before, before);
		buf_puts(b, ", is ");
		words_name_or_none(b, e->after, after);
		words_borders(b, e);
		break;
	case EFFECT_SPLIT:
	case EFFECT_MERGE:
		words_part(b, e);
		words_perms(b, e->after);
		words_sized(b, e, after);
		buf_printf(b, ", %zu region%s became %zu", e->old_count,
			   e->old_count == 1 ? "" : "s", e->new_count);
		break;
	case EFFECT_BRK:
		words_value(b, e, "brk");
		if (words_page_up(e->from) == words_page_up(e->to))
			buf_puts(b, " inside the page: no region changed");
		break;
	case EFFECT_START_BRK:
		words_value(b, e, "start_brk");
		break;
	case EFFECT_START_STACK:
		words_value(b, e, "start_stack");
		break;
	case EFFECT_EXEC:
		buf_printf(b, "whole map replaced: %zu regions, ", e->new_count);
		words_size(b, e->to);
		break;
	case EFFECT_FORK:
		if (ev)
			buf_printf(b, "process %u of process %u: ", ev->pid, ev->tgid);
		buf_printf(b, "%zu region%s, ", e->new_count, e->new_count == 1 ? "" : "s");
		words_size(b, e->to);
		break;
	case EFFECT_EXIT:
		if (ev && ev->has_exit_code)
			words_exit(b, ev->exit_code);
		else
			buf_puts(b, "exited");
		break;
	}
}

/* In a column that is @width wide. */
void words_right(struct buf *b, const char *s, size_t width)
{
	size_t len = strlen(s);

	buf_pad(b, b->len, width > len ? width - len : 0);
	buf_add(b, s, len);
}

/* +8192, -4096 or 0, in a column. */
void words_right_net(struct buf *b, int64_t net, size_t width)
{
	struct buf tmp = { 0 };

	if (net)
		buf_putc(&tmp, net < 0 ? '-' : '+');
	buf_dec(&tmp, net < 0 ? 0 - (uint64_t)net : (uint64_t)net);
	words_right(b, buf_str(&tmp), width);
	b->failed |= tmp.failed;
	buf_free(&tmp);
}

void words_right_dec(struct buf *b, uint64_t v, size_t width)
{
	size_t digits = buf_dec_digits(v);

	buf_pad(b, b->len, width > digits ? width - digits : 0);
	buf_dec(b, v);
}

void words_right_human(struct buf *b, uint64_t bytes, size_t width)
{
	char s[16];
	struct buf tmp = { .s = s, .room = sizeof(s) };

	/* At most "1023.9 KiB", so that it never grows. */
	words_human(&tmp, bytes);
	buf_pad(b, b->len, width > tmp.len ? width - tmp.len : 0);
	buf_add(b, s, tmp.len);
}
