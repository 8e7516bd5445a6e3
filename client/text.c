// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "call.h"
#include "colour.h"
#include "column.h"
#include "memo.h"
#include "phrase.h"
#include "text.h"
#include "utf8.h"
#include "words.h"

static const char *text_mark_colour(char mark)
{
	switch (mark) {
	case '+':
		return COLOUR_GREEN;
	case '-':
		return COLOUR_RED;
	case '=':
		return COLOUR_CYAN;
	default:
		return COLOUR_YELLOW;
	}
}

/* An effect with its mark and colour. */
void text_effect(struct out *out, const struct effect *e, const struct event *ev,
		 const struct scene *before, const struct scene *after)
{
	char mark = phrase_mark(e);

	colour_put(out, text_mark_colour(mark));
	buf_putc(&out->buf, mark);
	buf_putc(&out->buf, ' ');
	phrase_effect(&out->buf, e, ev, before, after);
	colour_put(out, COLOUR_RESET);
}

/* Seconds with microseconds. */
static void text_seconds(struct buf *b, uint64_t ns, size_t width)
{
	column_dec(b, ns / 1000000000, width);
	buf_putc(b, '.');
	buf_dec_padded(b, ns / 1000 % 1000000, 6);
}

/* Time of day, in the user's time zone. */
static void text_clock(struct buf *b, uint64_t ns)
{
	static time_t known = -1;
	static struct tm tm;
	time_t second = (time_t)(ns / 1000000000);

	if (second != known && localtime_r(&second, &tm))
		known = second;
	buf_dec_padded(b, (uint64_t)tm.tm_hour, 2);
	buf_putc(b, ':');
	buf_dec_padded(b, (uint64_t)tm.tm_min, 2);
	buf_putc(b, ':');
	buf_dec_padded(b, (uint64_t)tm.tm_sec, 2);
}

static void text_time(struct out *out, uint64_t time)
{
	struct buf *b = &out->buf;
	uint64_t last = out->last;

	/* What is known of no moment came after the line before. */
	if (!time)
		time = last ? last : out->epoch;
	out->last = time;
	switch (out->times) {
	case OUT_SINCE:
		text_seconds(b, time > out->epoch ? time - out->epoch : 0, 5);
		break;
	case OUT_RELATIVE:
		text_seconds(b, last && time > last ? time - last : 0, 5);
		break;
	case OUT_CLOCK:
		text_clock(b, time + out->realtime);
		break;
	case OUT_CLOCK_US:
		text_clock(b, time + out->realtime);
		buf_putc(b, '.');
		buf_dec_padded(b, (time + out->realtime) / 1000 % 1000000, 6);
		break;
	case OUT_EPOCH:
		text_seconds(b, time + out->realtime, 0);
		break;
	}
}

/* "[pid 123] " where there are several, then the time. */
static void text_head(struct out *out, uint32_t pid, uint64_t time)
{
	if (out->label_pid) {
		buf_puts(&out->buf, "[pid ");
		buf_dec(&out->buf, pid);
		buf_puts(&out->buf, "] ");
	}
	colour_put(out, COLOUR_DIM);
	text_time(out, time);
	colour_put(out, COLOUR_RESET);
}

static void text_who(struct out *out, const struct event *ev)
{
	static struct memo memo;
	struct {
		uint32_t tid;
		char comm[sizeof(ev->comm)];
	} key = { ev->tid, "" };
	struct buf *b = &out->buf;
	size_t at = b->len;

	memcpy(key.comm, ev->comm, sizeof(key.comm));
	if (!memo_put(&memo, &key, sizeof(key), b)) {
		buf_putc(b, ' ');
		utf8_put_safe(b, ev->comm);
		buf_putc(b, '/');
		buf_dec(b, ev->tid);
		buf_putc(b, ' ');
		memo_keep(&memo, &key, sizeof(key), b, at);
	}
	colour_put(out, COLOUR_BOLD);
	call_put_request(b, ev);
	colour_put(out, COLOUR_RESET);
	if (ev->cause == VASMON_CAUSE_REMOTE)
		buf_printf(b, " by process %u", ev->tgid);
}

/* How wide what was put together since @at is, without colours. */
static size_t text_columns(const struct buf *b, size_t at)
{
	size_t columns = 0;

	while (at < b->len) {
		const char *s = b->s + at, *end = memchr(s, '\033', b->len - at);
		size_t len = end ? (size_t)(end - s) : b->len - at;

		columns += utf8_columns(s, len);
		at += len;
		end = end ? memchr(end, 'm', b->len - at) : NULL;
		at = end ? (size_t)(end - b->s) + 1 : b->len;
	}
	return columns;
}

/*
 * One more phrase, which begins at @at with two characters that separate it, is on
 * the line that begins at @line. Where that became too long for the terminal, it
 * goes on the next line. Return: where the line begins that it is on.
 */
static size_t text_fit(struct out *out, size_t line, size_t at)
{
	static const char instead[] = "\n            ";
	const size_t more = sizeof(instead) - 1 - 2;
	struct buf *b = &out->buf;

	if (!out->width || at == line || text_columns(b, line) <= out->width)
		return line;
	buf_add(b, instead, more);
	if (b->failed)
		return line;
	memmove(b->s + at + 2 + more, b->s + at + 2, b->len - more - at - 2);
	memcpy(b->s + at, instead, sizeof(instead) - 1);
	return at + 1;
}

static void text_regions(struct out *out, const char *title, const struct explain_list *list,
			 const struct scene *scene)
{
	struct buf *b = &out->buf;
	size_t i;

	for (i = 0; i < list->n; i++) {
		colour_put(out, COLOUR_DIM);
		buf_puts(b, title);
		words_region(b, list->v[i], scene);
		colour_put(out, COLOUR_RESET);
		buf_putc(b, '\n');
	}
}

/* What somebody has put among the events. */
static void text_mark(struct out *out, const char *text)
{
	buf_puts(&out->buf, "  ");
	colour_put(out, COLOUR_BOLD);
	buf_puts(&out->buf, "# ");
	utf8_put_safe(&out->buf, text);
	colour_put(out, COLOUR_RESET);
}

/*
 * Whether it was said of the file already that nothing leads on from it, or ("") that
 * the stack goes on; from now on it was.
 */
static bool text_noted(struct out *out, const char *file)
{
	char **noted;
	size_t i;

	for (i = 0; i < out->n_noted; i++) {
		if (!strcmp(out->noted[i], file))
			return true;
	}
	noted = reallocarray(out->noted, out->n_noted + 1, sizeof(*noted));
	if (!noted)
		return true;
	out->noted = noted;
	noted[out->n_noted] = strdup(file);
	out->n_noted += noted[out->n_noted] != NULL;
	return false;
}

/* Callers are missing; why is said once. */
static void text_gap(struct out *out, const struct chain *chain, const struct frame *frame)
{
	const char *file = chain_file(frame);
	struct buf *b = &out->buf;

	buf_puts(b, " ...");
	if (chain->stack_ends && !text_noted(out, "")) {
		buf_puts(b, " [callers are missing at ...: an event brings the innermost part of "
			 "the stack only]");
	} else if (!chain->stack_ends && file && !text_noted(out, file)) {
		buf_puts(b, " [callers are missing at ...: neither .eh_frame nor frame pointers "
			 "lead on from ");
		utf8_put_safe(b, file);
		buf_putc(b, ']');
	}
}

static void text_chain(struct out *out, const struct out_event *e)
{
	struct buf *b = &out->buf;
	struct chain chain;
	size_t i;

	chain_of(&chain, e->before, e->ev);
	if (!chain.n)
		return;
	colour_put(out, COLOUR_BOLD);
	buf_puts(b, "            ");
	words_asker(b, &chain);
	colour_put(out, COLOUR_RESET);
	buf_putc(b, '\n');
	for (i = 0; i < chain.n; i++) {
		colour_put(out, COLOUR_DIM);
		buf_puts(b, "              ");
		words_frame(b, &chain.v[i]);
		if (chain.v[i].gap)
			text_gap(out, &chain, &chain.v[i]);
		colour_put(out, COLOUR_RESET);
		buf_putc(b, '\n');
	}
}

/**
 * text_event - an event in one line
 * @out: where to
 * @e: the event
 */
void text_event(struct out *out, const struct out_event *e)
{
	const struct explanation *why = e->why;
	struct buf *b = &out->buf;
	size_t i, line = b->len, at;
	bool more = e->held;
	struct image image;

	if (e->deferred)
		return;
	text_head(out, e->pid, e->ev->time);
	text_who(out, e->ev);
	at = b->len;
	if (e->held) {
		buf_puts(b, "  ");
		text_effect(out, e->held, e->ev, e->before, e->before);
		line = text_fit(out, line, at);
	}
	for (i = 0; i < why->n; i++, more = true) {
		at = b->len;
		buf_puts(b, more ? "; " : "  ");
		text_effect(out, &why->v[i], e->ev, e->before, e->after);
		line = text_fit(out, line, at);
	}
	if (e->ev->text)
		text_mark(out, e->ev->text);
	else if (!why->n && !e->held)
		buf_puts(b, "  ~ no change that is known here");
	if (e->ev->cause == VASMON_CAUSE_SYSCALL && image_completed(&image, e->before, e->after)) {
		at = b->len;
		buf_puts(b, "; ");
		words_image(b, &image);
		text_fit(out, line, at);
	}
	buf_putc(b, '\n');
	if (e->ev->n_chain)
		text_chain(out, e);
	if (out->verbose) {
		if (!space_is_whole_part(e->ev))
			text_regions(out, "            old ", &why->old, e->before);
		text_regions(out, "            new ", &why->fresh, e->after);
	}
}

static const char *text_lost_why(const char *reason)
{
	static const struct {
		const char *reason;
		const char *words;
	} table[] = {
		{ "overrun", "too slow" },
		{ "gap", "a gap in the numbers" },
		{ "buffer", "the socket's buffer was full" },
		{ "resync", "the module ran out of memory" },
		{ "incomplete", "too large for an event" },
		{ "mismatch", "the event did not fit the map" },
		{ "blind", "the process ended" },
		{ "snapshot", "there is a newer map" },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (!strcmp(table[i].reason, reason))
			return table[i].words;
	}
	return reason;
}

/**
 * text_lost - what was missed, and the net difference
 * @out: where to
 * @lost: what was missed
 *
 * Each line of the difference has the word "coalesced" where an event has its
 * thread and request.
 */
void text_lost(struct out *out, const struct out_lost *lost)
{
	struct buf *b = &out->buf;
	size_t i;

	if (lost->held) {
		text_head(out, lost->pid, lost->time);
		buf_puts(b, " coalesced  ");
		text_effect(out, lost->held, NULL, lost->before, lost->before);
		buf_putc(b, '\n');
	}
	text_head(out, lost->pid, lost->time);
	if (lost->ev && lost->ev->cause != VASMON_CAUSE_OVERRUN)
		text_who(out, lost->ev);
	colour_put(out, COLOUR_RED);
	if (lost->missed)
		buf_printf(b, "  ! %llu event%s missed", (unsigned long long)lost->missed,
			   lost->missed == 1 ? "" : "s");
	else
		buf_puts(b, "  ! map read anew");
	colour_put(out, COLOUR_RESET);
	buf_printf(b, " (%s)", text_lost_why(lost->reason));
	if (!lost->why) {
		buf_puts(b, ", and the map could not be dumped anew\n");
		return;
	}
	if (lost->seq_to >= lost->seq_from)
		buf_printf(b, "; the net difference of %llu to %llu:\n",
			   (unsigned long long)lost->seq_from, (unsigned long long)lost->seq_to);
	else
		buf_puts(b, "; the net difference:\n");
	for (i = 0; i < lost->why->n; i++) {
		text_head(out, lost->pid, lost->time);
		buf_puts(b, " coalesced  ");
		text_effect(out, &lost->why->v[i], NULL, lost->before, lost->after);
		buf_putc(b, '\n');
	}
	if (!lost->why->n) {
		text_head(out, lost->pid, lost->time);
		buf_puts(b, " coalesced  none, the map is as it was\n");
	}
}

/**
 * text_watches - who is watched, and by whom
 * @out: where to
 * @v: the watches
 * @n: how many
 */
void text_watches(struct out *out, const struct watch_info *v, size_t n)
{
	struct buf *b = &out->buf;
	size_t i, j, at;

	if (!n) {
		buf_puts(b, "no process is watched\n");
		return;
	}
	colour_put(out, COLOUR_DIM);
	buf_puts(b, "    PID COMM             WATCH     EVENTS  REGIONS       RING     MEMORY");
	colour_put(out, COLOUR_RESET);
	buf_putc(b, '\n');
	for (i = 0; i < n; i++) {
		column_dec(b, v[i].pid, 7);
		buf_putc(b, ' ');
		at = b->len;
		utf8_put_safe(b, v[i].comm);
		buf_pad(b, at, 15);
		column_dec(b, v[i].id, 7);
		column_dec(b, v[i].seq, 11);
		column_dec(b, v[i].regions, 9);
		column_human(b, v[i].ring_size, 11);
		column_human(b, v[i].memory, 11);
		buf_putc(b, '\n');
		if (!v[i].processes)
			buf_puts(b, "        has ended: the last events are still to be read\n");
		else if (v[i].follow)
			buf_printf(b, "        follows: %u process%s\n", v[i].processes,
				   v[i].processes == 1 ? "" : "es");
		if (v[i].unfollowed)
			buf_printf(b, "        not followed for want of memory: %u\n",
				   v[i].unfollowed);
		if (v[i].has_effort) {
			const struct effort *e = &v[i].effort;

			buf_printf(b, "        compared: %llu windows, %llu stacks, whole map ",
				   (unsigned long long)e->window, (unsigned long long)e->stack);
			buf_dec(b, e->full_call + e->full_remote + e->full_totals);
			buf_putc(b, '\n');
		}
		for (j = 0; j < v[i].n_subscribers; j++) {
			const struct subscriber *s = &v[i].subscribers[j];

			buf_puts(b, "        by ");
			utf8_put_safe(b, s->comm);
			buf_printf(b, "/%u (port %u): %llu sent, %llu lost in %llu overrun%s",
				   s->pid, s->portid, (unsigned long long)s->sent,
				   (unsigned long long)s->lost,
				   (unsigned long long)s->overruns, s->overruns == 1 ? "" : "s");
			if (s->lossless)
				buf_printf(b, ", lossless: %llu wait%s",
					   (unsigned long long)s->waits,
					   s->waits == 1 ? "" : "s");
			buf_putc(b, '\n');
		}
	}
}
