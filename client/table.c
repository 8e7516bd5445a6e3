// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "colour.h"
#include "column.h"
#include "memo.h"
#include "procmaps.h"
#include "size.h"
#include "sums.h"
#include "table.h"
#include "utf8.h"
#include "words.h"

/* Narrower than this the last column would say nothing: rather let a line wrap. */
#define TABLE_LAST_MIN	24

/**
 * struct table - a table that is being put together
 * @address: width of the first column
 */
struct table {
	struct out *out;
	const struct scene *scene;
	const struct out_map *how;
	size_t address;
};

static void table_head(struct out *out, const struct mm *mm, const struct scene *scene,
		       const struct out_map *how)
{
	const struct layout *l = scene->layout;
	size_t n = scene_count(scene);
	struct buf *b = &out->buf;

	colour_put(out, COLOUR_BOLD);
	buf_printf(b, "%u ", mm->pid);
	utf8_put_safe(b, mm->comm);
	colour_put(out, COLOUR_RESET);
	buf_putc(b, ' ');
	utf8_put_safe(b, mm->exe ? mm->exe : "(no program file)");
	buf_puts(b, "\nheap 0x");
	buf_hex(b, l->start_brk, 1);
	buf_puts(b, " (start_brk) to 0x");
	buf_hex(b, l->brk, 1);
	buf_puts(b, " (brk), ");
	size_put(b, l->brk > l->start_brk ? l->brk - l->start_brk : 0);
	buf_printf(b, "\n%zu region%s", n, n == 1 ? "" : "s");
	if (how->max_map_count) {
		buf_printf(b, ", %llu%% of vm.max_map_count (%llu)",
			   (unsigned long long)(n * 100 / how->max_map_count),
			   (unsigned long long)how->max_map_count);
		/* mmap() fails once it is reached, whatever memory is free. */
		if (n >= how->max_map_count - how->max_map_count / 5) {
			colour_put(out, COLOUR_RED);
			buf_puts(b, ": little is left");
			colour_put(out, COLOUR_RESET);
		}
	}
	buf_putc(b, '\n');
}

/* "BYTES SIZE", and "RESIDENT DIRTY SWAPPED" where pages were counted. */
static void table_sizes_head(struct buf *b, bool pages)
{
	buf_puts(b, "           BYTES       SIZE");
	if (pages)
		buf_puts(b, "   RESIDENT      DIRTY    SWAPPED");
}

static void table_bytes(struct buf *b, uint64_t bytes)
{
	static struct memo memo;
	size_t at = b->len;

	if (memo_put(&memo, &bytes, sizeof(bytes), b))
		return;
	column_dec(b, bytes, 16);
	column_human(b, bytes, 11);
	memo_keep(&memo, &bytes, sizeof(bytes), b, at);
}

static void table_sizes(struct buf *b, const struct sum *sum, bool pages, bool counted)
{
	table_bytes(b, sum->bytes);
	if (pages && counted) {
		column_human(b, sum->resident, 11);
		column_human(b, sum->dirty, 11);
		column_human(b, sum->swapped, 11);
	} else if (pages) {
		buf_puts(b, "          -          -          -");
	}
}

/*
 * The last column, which is a name from @name on and what else is to be said from
 * @rest on, is made to fit the line that began at @line. The beginning of the name
 * is what is missed least.
 */
static void table_fit(struct table *t, size_t line, size_t name, size_t rest)
{
	size_t used = name - line, room, columns, more, keep, cut;
	struct buf *b = &t->out->buf;

	if (!t->out->width || b->failed)
		return;
	/* In a narrow terminal it goes on in the next line, but not in many. */
	for (room = t->out->width; room <= used + TABLE_LAST_MIN; room += t->out->width)
		;
	room -= used;
	columns = utf8_columns(b->s + name, rest - name);
	more = utf8_columns(b->s + rest, b->len - rest);
	if (columns + more <= room)
		return;
	keep = room > more + TABLE_LAST_MIN / 2 ? room - more : TABLE_LAST_MIN / 2;
	if (columns > keep) {
		/* These are three bytes at least. */
		cut = utf8_fitting(b->s + name, rest - name, columns - keep + 3) - 3;
		memcpy(b->s + name + cut, "...", 3);
		memmove(b->s + name, b->s + name + cut, b->len - name - cut);
		b->len -= cut;
		rest -= cut;
		columns = utf8_columns(b->s + name, rest - name);
	}
	b->len = rest + utf8_fitting(b->s + rest, b->len - rest,
				     room > columns ? room - columns : 0);
}

static void table_last(struct table *t, size_t line, const struct region *r, const struct what *w,
		       bool marked)
{
	struct buf *b = &t->out->buf;
	size_t name, rest;

	buf_putc(b, ' ');
	name = b->len;
	rest = words_named(b, r, w, t->scene->layout);
	if (w->wx)
		buf_puts(b, b->len > name ? " W+X" : "W+X");
	if (marked)
		buf_puts(b, b->len > name ? " <--" : "<--");
	if (b->len == name)
		b->len--;
	else
		table_fit(t, line, name, rest);
}

static void table_region(struct table *t, size_t i, bool marked)
{
	const struct region *r = scene_at(t->scene, i);
	const struct smaps_region *pages = NULL;
	struct what w = what_at(t->scene, i);
	struct buf *b = &t->out->buf;
	struct sum sum = { .bytes = region_size(r) };
	const char *colour = t->out->colour ? colour_of(&w, r) : "";
	size_t line;
	char perms[5];

	if (t->how->pages)
		pages = smaps_find(t->how->pages, r->start, r->end);
	if (pages) {
		sum.resident = pages->resident;
		sum.dirty = pages->dirty;
		sum.swapped = pages->swapped;
	}
	if (*colour)
		buf_puts(b, colour);
	line = b->len;
	words_range(b, r->start, r->end);
	buf_pad(b, line, t->address);
	buf_putc(b, ' ');
	procmaps_perms(r, perms);
	buf_add(b, perms, 4);
	table_sizes(b, &sum, t->how->pages, pages);
	if (region_has_file(r)) {
		buf_puts(b, "   ");
		buf_hex(b, r->offset, 8);
	} else {
		buf_puts(b, "          -");
	}
	table_last(t, line, r, &w, marked);
	if (*colour)
		buf_puts(b, COLOUR_RESET);
	buf_putc(b, '\n');
}

static void table_gap(struct table *t, uint64_t start, uint64_t end, bool marked)
{
	struct sum sum = { .bytes = end - start };
	struct buf *b = &t->out->buf;
	size_t line;

	colour_put(t->out, COLOUR_DIM);
	line = b->len;
	words_range(b, start, end);
	buf_pad(b, line, t->address);
	buf_puts(b, "     ");
	table_sizes(b, &sum, t->how->pages, false);
	buf_puts(b, marked ? "          - gap <--" : "          - gap");
	colour_put(t->out, COLOUR_RESET);
	buf_putc(b, '\n');
}

static void table_columns(struct table *t)
{
	struct buf *b = &t->out->buf;
	size_t at;

	colour_put(t->out, COLOUR_DIM);
	at = b->len;
	buf_puts(b, "ADDRESS");
	buf_pad(b, at, t->address);
	buf_puts(b, " PERM");
	table_sizes_head(b, t->how->pages);
	buf_puts(b, "     OFFSET WHAT");
	colour_put(t->out, COLOUR_RESET);
	buf_putc(b, '\n');
}

static void table_total(struct table *t, const char *what, const struct sum *sum)
{
	struct buf *b = &t->out->buf;
	size_t at = b->len;

	buf_puts(b, what);
	buf_pad(b, at, t->address + 5);
	table_sizes(b, sum, t->how->pages, true);
	buf_putc(b, '\n');
}

static void table_regions(struct table *t)
{
	size_t n = scene_count(t->scene), i;
	struct sum all = { 0 }, gaps = { 0 };
	uint64_t last = 0;

	table_columns(t);
	for (i = 0; i < n; i++) {
		const struct region *r = scene_at(t->scene, i);
		const struct smaps_region *pages;

		if (i && r->start > last) {
			gaps.bytes += r->start - last;
			if (t->how->gaps)
				table_gap(t, last, r->start, false);
		}
		last = r->end;
		table_region(t, i, false);
		all.bytes += region_size(r);
		pages = t->how->pages ? smaps_find(t->how->pages, r->start, r->end) : NULL;
		if (pages) {
			all.resident += pages->resident;
			all.dirty += pages->dirty;
			all.swapped += pages->swapped;
		}
	}
	table_total(t, "total", &all);
	if (t->how->gaps)
		table_total(t, "gaps", &gaps);
	colour_legend(t->out);
}

/* Where an address is, and the regions beside it. */
static void table_around(struct table *t)
{
	uint64_t address = t->how->address, from, to;
	size_t n = scene_count(t->scene), at = space_lower(t->scene->space, address), i;
	bool in = at < n && scene_at(t->scene, at)->start <= address;

	table_columns(t);
	for (i = at ? at - 1 : 0; i < n && i <= at + in; i++) {
		/* What is below the lower neighbour is of no interest. */
		from = i < at ? scene_at(t->scene, i)->start :
		       i ? scene_at(t->scene, i - 1)->end : 0;
		to = scene_at(t->scene, i)->start;
		if (from < to)
			table_gap(t, from, to, !in && i == at);
		table_region(t, i, in && i == at);
	}
	if (at == n) {
		buf_puts(&t->out->buf, "0x");
		buf_hex(&t->out->buf, address, 1);
		buf_puts(&t->out->buf, " is above all regions\n");
	}
}

static void table_summary(struct table *t)
{
	struct buf *b = &t->out->buf;
	struct sums sums;
	size_t i, at;

	sums_of(&sums, t->scene, t->how->pages);
	colour_put(t->out, COLOUR_DIM);
	buf_puts(b, "KIND             REGIONS");
	table_sizes_head(b, t->how->pages);
	colour_put(t->out, COLOUR_RESET);
	buf_putc(b, '\n');
	for (i = 0; i <= WHAT_KINDS; i++) {
		const struct sum *sum = i < WHAT_KINDS ? &sums.kind[i] : &sums.all;

		if (!sum->regions)
			continue;
		at = b->len;
		buf_puts(b, i < WHAT_KINDS ? what_name((enum what_kind)i) : "total");
		buf_pad(b, at, 16);
		column_dec(b, sum->regions, 8);
		table_sizes(b, sum, t->how->pages, true);
		buf_putc(b, '\n');
	}
}

static void table_warn(struct out *out, const struct scene *scene)
{
	size_t n = scene_count(scene), wx = 0, i;

	for (i = 0; i < n; i++) {
		const uint32_t both = VASMON_PROT_WRITE | VASMON_PROT_EXEC;

		wx += (scene_at(scene, i)->prot & both) == both;
	}
	if (!wx)
		return;
	colour_put(out, COLOUR_RED);
	buf_printf(&out->buf, "warning: %zu region%s can be both written and executed (W+X)", wx,
		   wx == 1 ? "" : "s");
	colour_put(out, COLOUR_RESET);
	buf_putc(&out->buf, '\n');
}

/**
 * table_map - a map as a table
 * @out: where to
 * @mm: the head of the dump
 * @scene: its regions
 * @how: what to show of it
 */
void table_map(struct out *out, const struct mm *mm, const struct scene *scene,
	       const struct out_map *how)
{
	struct table t = { .out = out, .scene = scene, .how = how, .address = 25 };
	size_t n = scene_count(scene);

	/* Addresses of 64-bit processes have 12 digits, those of 32-bit ones 8. */
	if (!n || scene_at(scene, n - 1)->end <= UINT32_MAX)
		t.address = 17;
	table_head(out, mm, scene, how);
	if (how->has_address)
		table_around(&t);
	else if (how->summary)
		table_summary(&t);
	else
		table_regions(&t);
	if (!how->has_address)
		table_warn(out, scene);
}
