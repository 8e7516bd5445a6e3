// SPDX-License-Identifier: GPL-2.0-only
#include "colour.h"
#include "column.h"
#include "difference.h"
#include "json.h"
#include "json_put.h"
#include "size.h"
#include "sums.h"
#include "text.h"
#include "utf8.h"

static void difference_title(struct out *out, const char *mark, const char *colour,
			     const struct difference_side *side)
{
	struct buf *b = &out->buf;

	colour_put(out, colour);
	buf_puts(b, mark);
	buf_putc(b, ' ');
	utf8_put_safe(b, side->source);
	if (side->mm->pid) {
		buf_printf(b, ", process %u (", side->mm->pid);
		utf8_put_safe(b, side->mm->comm);
		buf_putc(b, ')');
	}
	buf_printf(b, ": %zu regions, ", side->space->n);
	size_put(b, side->space->bytes);
	colour_put(out, COLOUR_RESET);
	buf_putc(b, '\n');
}

static void difference_line(struct buf *b, const struct sum *from, const struct sum *to,
			    const char *name)
{
	column_dec(b, from->regions, 8);
	column_dec(b, to->regions, 8);
	column_dec(b, from->bytes, 17);
	column_dec(b, to->bytes, 17);
	column_net(b, (int64_t)(to->bytes - from->bytes), 17);
	buf_puts(b, "  ");
	buf_puts(b, name);
	buf_putc(b, '\n');
}

static bool difference_is(const struct sum *from, const struct sum *to)
{
	return from->regions != to->regions || from->bytes != to->bytes;
}

static void difference_text(struct out *out, const struct difference_side *from,
			    const struct difference_side *to, const struct explanation *why,
			    const struct sums *was, const struct sums *is)
{
	struct scene before = scene_before(from->space, &from->space->layout, NULL, NULL);
	struct scene after = scene_before(to->space, &to->space->layout, NULL, NULL);
	struct buf *b = &out->buf;
	unsigned int kind;
	size_t i;

	difference_title(out, "---", COLOUR_RED, from);
	difference_title(out, "+++", COLOUR_GREEN, to);
	for (i = 0; i < why->n; i++) {
		text_effect(out, &why->v[i], NULL, &before, &after);
		buf_putc(b, '\n');
	}
	if (!why->n) {
		buf_puts(b, "no difference\n");
		return;
	}
	buf_putc(b, '\n');
	colour_put(out, COLOUR_DIM);
	buf_puts(b, "     REGIONS                             BYTES                NET  KIND");
	colour_put(out, COLOUR_RESET);
	buf_putc(b, '\n');
	for (kind = 0; kind < WHAT_KINDS; kind++) {
		if (difference_is(&was->kind[kind], &is->kind[kind]))
			difference_line(b, &was->kind[kind], &is->kind[kind], what_name(kind));
	}
	difference_line(b, &was->all, &is->all, "all");
}

static void difference_json_side(struct buf *b, const struct difference_side *side)
{
	json_put_bytes(b, "source", side->source);
	if (side->mm->pid) {
		json_put_uint(b, "pid", side->mm->pid);
		json_put_bytes(b, "comm", side->mm->comm);
	}
	json_put_uint(b, "map_count", side->space->n);
	json_put_uint(b, "bytes", side->space->bytes);
	json_put_close(b, '}');
}

static void difference_json(struct buf *b, const struct difference_side *from,
			    const struct difference_side *to, const struct explanation *why,
			    const struct sums *was, const struct sums *is)
{
	struct scene before = scene_before(from->space, &from->space->layout, NULL, NULL);
	struct scene after = scene_before(to->space, &to->space->layout, NULL, NULL);
	unsigned int kind;

	json_put_record(b, "diff");
	json_put_object(b, "from");
	difference_json_side(b, from);
	json_put_object(b, "to");
	difference_json_side(b, to);
	json_effects(b, why, NULL, &before, &after);
	json_put_array(b, "kinds");
	for (kind = 0; kind < WHAT_KINDS; kind++) {
		const struct sum *x = &was->kind[kind], *y = &is->kind[kind];

		if (!difference_is(x, y))
			continue;
		buf_putc(b, '{');
		json_put_word(b, "is", what_name(kind));
		json_put_uint(b, "regions_from", x->regions);
		json_put_uint(b, "regions_to", y->regions);
		json_put_uint(b, "from", x->bytes);
		json_put_uint(b, "to", y->bytes);
		json_put_int(b, "net", (int64_t)(y->bytes - x->bytes));
		json_put_close(b, '}');
	}
	json_put_close(b, ']');
	json_put_record_end(b);
}

/**
 * difference_put - what differs between two maps
 * @out: where to
 * @from: one map
 * @to: the other
 *
 * Return: 0, -ENOMEM.
 */
int difference_put(struct out *out, const struct difference_side *from,
		   const struct difference_side *to)
{
	struct scene before = scene_before(from->space, &from->space->layout, NULL, NULL);
	struct scene after = scene_before(to->space, &to->space->layout, NULL, NULL);
	struct explanation why = { 0 };
	struct sums was, is;
	int err;

	err = explain_diff(&why, from->space, to->space);
	if (!err) {
		sums_of(&was, &before, NULL);
		sums_of(&is, &after, NULL);
		if (out->json)
			difference_json(&out->buf, from, to, &why, &was, &is);
		else
			difference_text(out, from, to, &why, &was, &is);
	}
	explain_free(&why);
	return err;
}
