// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "colour.h"
#include "column.h"
#include "json_put.h"
#include "size.h"
#include "summary.h"
#include "utf8.h"

/* A number with digits behind the point. */
static void summary_right_ratio(struct buf *b, uint64_t over, uint64_t under, int digits,
				size_t width)
{
	struct buf tmp = { 0 };

	buf_printf(&tmp, "%.*f", digits, under ? (double)over / (double)under : 0.0);
	column_text(b, buf_str(&tmp), width);
	b->failed |= tmp.failed;
	buf_free(&tmp);
}

static void summary_heading(struct out *out, const char *words)
{
	colour_put(out, COLOUR_DIM);
	buf_puts(&out->buf, words);
	colour_put(out, COLOUR_RESET);
	buf_putc(&out->buf, '\n');
}

static void summary_line(struct buf *b, const struct tally_line *line, const struct tally_line *all,
			 const char *name)
{
	summary_right_ratio(b, line->events * 100, all->events, 2, 6);
	column_dec(b, line->events, 10);
	column_dec(b, line->mapped, 17);
	column_dec(b, line->unmapped, 17);
	column_net(b, tally_net(line), 17);
	buf_puts(b, "  ");
	utf8_put_safe(b, name);
	buf_putc(b, '\n');
}

static void summary_lines(struct out *out, const struct tally_lines *lines,
			  const struct tally_line *all, const char *heading)
{
	size_t i;

	buf_putc(&out->buf, '\n');
	summary_heading(out, heading);
	for (i = 0; i < lines->n; i++)
		summary_line(&out->buf, &lines->v[i], all, lines->v[i].name);
}

static void summary_place(struct buf *b, const struct tally_line *line)
{
	column_net(b, tally_net(line), 17);
	column_human(b, (uint64_t)llabs(tally_net(line)), 12);
	column_dec(b, line->events, 10);
	buf_puts(b, "  ");
	utf8_put_safe(b, line->name);
	buf_putc(b, '\n');
}

/* They are sorted: those that grew come first. */
static void summary_places(struct out *out, const struct tally_lines *places)
{
	size_t i, grew = 0;

	while (grew < places->n && tally_net(&places->v[grew]) > 0)
		grew++;
	if (!grew)
		return;
	buf_putc(&out->buf, '\n');
	summary_heading(out, "          GREW BY        SIZE    EVENTS  WHERE");
	for (i = 0; i < grew && i < SUMMARY_PLACES; i++)
		summary_place(&out->buf, &places->v[i]);
	if (i < grew)
		buf_printf(&out->buf, "and %zu more, each by less\n", grew - i);
}

static void summary_leak(struct buf *b, const struct leaks_group *g, uint64_t now)
{
	const char *line = g->caller, *end;

	column_dec(b, g->count, 8);
	if (g->bytes)
		column_dec(b, g->bytes, 16);
	else
		column_text(b, "various", 16);
	column_dec(b, g->left, 16);
	column_human(b, g->left, 12);
	summary_right_ratio(b, now - g->oldest, 1000000000, 1, 10);
	/* The caller, which is harmless on a terminal, and its chain. */
	for (; line; line = *end ? end + 1 : NULL) {
		end = strchrnul(line, '\n');
		buf_puts(b, line == g->caller ? "  " : "            ");
		buf_add(b, line, (size_t)(end - line));
		buf_putc(b, '\n');
	}
}

static void summary_leaks(struct out *out, struct tally *t)
{
	uint64_t single = 0, singles = 0, more = 0;
	struct buf *b = &out->buf;
	size_t i, n, shown = 0;
	struct leaks_group *v = leaks_groups(&t->leaks, &n);

	buf_puts(b, "\nmapped under watch, and still there:\n");
	summary_heading(out,
			"   COUNT       SIZE EACH     BYTES LEFT        SIZE     AGE/s  CALLER");
	for (i = 0; i < n; i++) {
		if (v[i].count < 2) {
			singles++;
			single += v[i].left;
		} else if (shown++ < SUMMARY_LEAKS) {
			summary_leak(b, &v[i], t->last);
		} else {
			more++;
		}
	}
	if (more)
		buf_printf(b, "and %llu more groups\n", (unsigned long long)more);
	if (!shown)
		buf_puts(b, "        nothing that was mapped more than once\n");
	if (singles) {
		buf_printf(b, "and %llu that came once, together ", (unsigned long long)singles);
		size_put(b, single);
		buf_putc(b, '\n');
	}
	free(v);
}

static void summary_text(struct out *out, struct tally *t, uint64_t max_map_count)
{
	uint64_t ns = t->last - t->first;
	struct buf *b = &out->buf;

	buf_dec(b, t->all.events);
	buf_puts(b, t->all.events == 1 ? " event in " : " events in ");
	summary_right_ratio(b, ns, 1000000000, 3, 0);
	buf_puts(b, " s, ");
	summary_right_ratio(b, t->all.events * 1000000000, ns, 1, 0);
	buf_printf(b, " a second, %llu missed", (unsigned long long)t->missed);
	if (t->processes > 1)
		buf_printf(b, ", of %llu processes", (unsigned long long)t->processes);
	buf_puts(b, "\nregions: ");
	buf_dec(b, t->map_count);
	buf_puts(b, " at last, ");
	buf_dec(b, t->map_count_max);
	buf_puts(b, " at most");
	if (max_map_count)
		buf_printf(b, ", of %llu that vm.max_map_count allows",
			   (unsigned long long)max_map_count);
	buf_putc(b, '\n');
	summary_lines(out, &t->causes, &t->all,
		      "%EVENT    EVENTS           MAPPED         UNMAPPED              NET  CAUSE");
	summary_line(b, &t->all, &t->all, "total");
	summary_lines(out, &t->kinds, &t->all,
		      "%EVENT    EVENTS           MAPPED         UNMAPPED              NET  KIND");
	summary_places(out, &t->places);
	if (t->leaks.wanted)
		summary_leaks(out, t);
}

static void summary_json_sums(struct buf *b, const struct tally_line *line)
{
	json_put_uint(b, "events", line->events);
	json_put_uint(b, "mapped", line->mapped);
	json_put_uint(b, "unmapped", line->unmapped);
	json_put_int(b, "net", tally_net(line));
}

static void summary_json_lines(struct buf *b, const struct tally_lines *lines)
{
	size_t i;

	for (i = 0; i < lines->n; i++) {
		buf_putc(b, '{');
		json_put_bytes(b, "name", lines->v[i].name);
		summary_json_sums(b, &lines->v[i]);
		json_put_close(b, '}');
	}
	json_put_close(b, ']');
}

/* The caller, and its chain where that is known; as words, so that nothing is left to escape. */
static void summary_json_caller(struct buf *b, const char *caller)
{
	const char *end = strchrnul(caller, '\n');
	size_t at = json_put_text(b, "caller");

	buf_add(b, caller, (size_t)(end - caller));
	json_put_text_end(b, at);
	if (!*end)
		return;
	json_put_array(b, "callchain");
	while (*end) {
		caller = end + 1;
		end = strchrnul(caller, '\n');
		buf_putc(b, '"');
		at = b->len;
		buf_add(b, caller, (size_t)(end - caller));
		json_put_text_end(b, at);
	}
	json_put_close(b, ']');
}

static void summary_json_leaks(struct buf *b, struct tally *t)
{
	size_t i, n;
	struct leaks_group *v = leaks_groups(&t->leaks, &n);

	json_put_array(b, "leaks");
	for (i = 0; i < n; i++) {
		buf_putc(b, '{');
		summary_json_caller(b, v[i].caller);
		json_put_uint(b, "bytes", v[i].bytes);
		json_put_uint(b, "count", v[i].count);
		json_put_uint(b, "left", v[i].left);
		json_put_time(b, "oldest", v[i].oldest);
		json_put_time(b, "newest", v[i].newest);
		json_put_close(b, '}');
	}
	json_put_close(b, ']');
	free(v);
}

static void summary_json(struct buf *b, struct tally *t, uint64_t max_map_count)
{
	json_put_record(b, "stat");
	json_put_time(b, "ts_from", t->first);
	json_put_time(b, "ts", t->last);
	summary_json_sums(b, &t->all);
	json_put_uint(b, "missed", t->missed);
	json_put_uint(b, "processes", t->processes);
	json_put_uint(b, "map_count", t->map_count);
	json_put_uint(b, "map_count_max", t->map_count_max);
	if (max_map_count)
		json_put_uint(b, "max_map_count", max_map_count);
	json_put_array(b, "causes");
	summary_json_lines(b, &t->causes);
	json_put_array(b, "kinds");
	summary_json_lines(b, &t->kinds);
	json_put_array(b, "places");
	summary_json_lines(b, &t->places);
	if (t->leaks.wanted)
		summary_json_leaks(b, t);
	json_put_record_end(b);
}

/**
 * summary_put - all that was counted
 * @out: where to
 * @t: the tally; it gets sorted
 * @max_map_count: how many regions the kernel allows, 0 if unknown
 */
void summary_put(struct out *out, struct tally *t, uint64_t max_map_count)
{
	tally_sort(t);
	if (out->json)
		summary_json(&out->buf, t, max_map_count);
	else
		summary_text(out, t, max_map_count);
	out->buf.failed |= t->failed || t->leaks.failed;
}

/**
 * summary_put_interval - a line about some time
 * @out: where to; its epoch is the time that text shows as 0
 * @i: what came
 */
void summary_put_interval(struct out *out, const struct summary_interval *i)
{
	struct buf *b = &out->buf;

	if (out->json) {
		json_put_record(b, "interval");
		json_put_time(b, "ts", i->time);
		summary_json_sums(b, &i->sum);
		json_put_uint(b, "map_count", i->map_count);
		json_put_record_end(b);
		return;
	}
	if (!out->last)
		summary_heading(out, "      TIME    EVENTS  A SECOND           MAPPED"
				"         UNMAPPED              NET   REGIONS");
	out->last = i->time;
	summary_right_ratio(b, i->time - out->epoch, 1000000000, 3, 10);
	column_dec(b, i->sum.events, 10);
	summary_right_ratio(b, i->sum.events * 1000000000, i->ns, 1, 10);
	column_dec(b, i->sum.mapped, 17);
	column_dec(b, i->sum.unmapped, 17);
	column_net(b, tally_net(&i->sum), 17);
	column_dec(b, i->map_count, 10);
	buf_putc(b, '\n');
}
