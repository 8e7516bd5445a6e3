// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "call.h"
#include "procmaps.h"
#include "text.h"
#include "utf8.h"
#include "words.h"

#define TEXT_RESET	"\033[0m"
#define TEXT_DIM	"\033[2m"
#define TEXT_BOLD	"\033[1m"
#define TEXT_RED	"\033[31m"
#define TEXT_GREEN	"\033[32m"
#define TEXT_YELLOW	"\033[33m"
#define TEXT_CYAN	"\033[36m"

static void text_colour(struct out *out, const char *sequence)
{
	if (out->colour)
		buf_puts(&out->buf, sequence);
}

static void text_right(struct buf *b, const char *s, size_t width)
{
	size_t len = strlen(s);

	buf_pad(b, b->len, width > len ? width - len : 0);
	buf_puts(b, s);
}

static void text_right_dec(struct buf *b, uint64_t v, size_t width)
{
	char s[21];
	size_t n = sizeof(s) - 1;

	s[n] = '\0';
	do {
		s[--n] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	text_right(b, s + n, width);
}

static void text_right_human(struct buf *b, uint64_t bytes, size_t width)
{
	struct buf tmp = { 0 };

	words_human(&tmp, bytes);
	text_right(b, buf_str(&tmp), width);
	b->failed |= tmp.failed;
	buf_free(&tmp);
}

static void text_map_header(struct out *out, const struct mm *mm, const struct space *space)
{
	struct buf *b = &out->buf;
	const struct layout *l = &space->layout;

	text_colour(out, TEXT_BOLD);
	buf_printf(b, "%u ", mm->pid);
	utf8_put_safe(b, mm->comm);
	text_colour(out, TEXT_RESET);
	buf_putc(b, ' ');
	utf8_put_safe(b, mm->exe ? mm->exe : "(no program file)");
	buf_puts(b, "\nheap 0x");
	buf_hex(b, l->start_brk, 1);
	buf_puts(b, " (start_brk) to 0x");
	buf_hex(b, l->brk, 1);
	buf_puts(b, " (brk), ");
	words_size(b, l->brk > l->start_brk ? l->brk - l->start_brk : 0);
	buf_printf(b, "\n%zu regions\n", space->n);
}

/**
 * text_map - a whole map as a table
 * @out: where to
 * @mm: the head of the dump
 * @space: its regions
 */
void text_map(struct out *out, const struct mm *mm, const struct space *space)
{
	struct buf *b = &out->buf;
	size_t width = 25, i, at;

	text_map_header(out, mm, space);
	/* Addresses of 64-bit processes have 12 digits, those of 32-bit ones 8. */
	if (!space->n || space_at(space, space->n - 1)->end <= UINT32_MAX)
		width = 17;
	at = b->len;
	text_colour(out, TEXT_DIM);
	at += out->colour ? strlen(TEXT_DIM) : 0;
	buf_puts(b, "ADDRESS");
	buf_pad(b, at, width);
	buf_puts(b, " PERM           BYTES       SIZE     OFFSET WHAT");
	text_colour(out, TEXT_RESET);
	buf_putc(b, '\n');

	for (i = 0; i < space->n; i++) {
		const struct region *r = space_at(space, i);
		char perms[5];

		at = b->len;
		words_range(b, r->start, r->end);
		buf_pad(b, at, width);
		buf_putc(b, ' ');
		procmaps_perms(r, perms);
		buf_puts(b, perms);
		text_right_dec(b, region_size(r), 16);
		text_right_human(b, region_size(r), 11);
		at = b->len;
		if (region_has_file(r)) {
			buf_pad(b, at, 3);
			buf_hex(b, r->offset, 8);
		} else {
			buf_puts(b, "          -");
		}
		words_label(b, r, &space->layout);
		if ((r->prot & VASMON_PROT_WRITE) && (r->prot & VASMON_PROT_EXEC))
			buf_puts(b, " W+X");
		buf_putc(b, '\n');
	}

	at = b->len;
	buf_puts(b, "total");
	buf_pad(b, at, width + 5);
	text_right_dec(b, space->bytes, 16);
	text_right_human(b, space->bytes, 11);
	buf_putc(b, '\n');
}

static const char *text_mark_colour(char mark)
{
	switch (mark) {
	case '+':
		return TEXT_GREEN;
	case '-':
		return TEXT_RED;
	case '=':
		return TEXT_CYAN;
	default:
		return TEXT_YELLOW;
	}
}

static void text_effect(struct out *out, const struct effect *e, const struct event *ev,
			const struct layout *before, const struct layout *after)
{
	char mark = words_mark(e);

	text_colour(out, text_mark_colour(mark));
	buf_putc(&out->buf, mark);
	buf_putc(&out->buf, ' ');
	words_effect(&out->buf, e, ev, before, after);
	text_colour(out, TEXT_RESET);
}

/* "[pid 123] " where there are several, then the seconds since the start. */
static void text_head(struct out *out, uint32_t pid, uint64_t time)
{
	uint64_t since = time > out->epoch ? time - out->epoch : 0;

	if (out->label_pid) {
		buf_puts(&out->buf, "[pid ");
		buf_dec(&out->buf, pid);
		buf_puts(&out->buf, "] ");
	}
	text_colour(out, TEXT_DIM);
	text_right_dec(&out->buf, since / 1000000000, 5);
	buf_putc(&out->buf, '.');
	buf_dec_padded(&out->buf, since / 1000 % 1000000, 6);
	text_colour(out, TEXT_RESET);
}

static void text_who(struct out *out, const struct event *ev)
{
	struct buf *b = &out->buf;

	buf_putc(b, ' ');
	utf8_put_safe(b, ev->comm);
	buf_putc(b, '/');
	buf_dec(b, ev->tid);
	buf_putc(b, ' ');
	text_colour(out, TEXT_BOLD);
	call_put_request(b, ev);
	text_colour(out, TEXT_RESET);
	if (ev->cause == VASMON_CAUSE_REMOTE)
		buf_printf(b, " by process %u", ev->tgid);
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
	bool more = e->held;
	size_t i;

	if (e->deferred)
		return;
	text_head(out, e->pid, e->ev->time);
	text_who(out, e->ev);
	if (e->held) {
		buf_puts(b, "  ");
		text_effect(out, e->held, e->ev, e->before, e->before);
	}
	for (i = 0; i < why->n; i++, more = true) {
		buf_puts(b, more ? "; " : "  ");
		text_effect(out, &why->v[i], e->ev, e->before, e->after);
	}
	if (!why->n && !e->held)
		buf_puts(b, "  ~ no change that is known here");
	else if (why->n == 1 && why->v[0].kind == EFFECT_BRK)
		buf_puts(b, ", no region changed");
	buf_putc(b, '\n');
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
	text_colour(out, TEXT_RED);
	if (lost->missed)
		buf_printf(b, "  ! %llu event%s missed", (unsigned long long)lost->missed,
			   lost->missed == 1 ? "" : "s");
	else
		buf_puts(b, "  ! map read anew");
	text_colour(out, TEXT_RESET);
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
	text_colour(out, TEXT_DIM);
	buf_puts(b, "    PID COMM             WATCH     EVENTS  REGIONS       RING     MEMORY");
	text_colour(out, TEXT_RESET);
	buf_putc(b, '\n');
	for (i = 0; i < n; i++) {
		text_right_dec(b, v[i].pid, 7);
		buf_putc(b, ' ');
		at = b->len;
		utf8_put_safe(b, v[i].comm);
		buf_pad(b, at, 15);
		text_right_dec(b, v[i].id, 7);
		text_right_dec(b, v[i].seq, 11);
		text_right_dec(b, v[i].regions, 9);
		text_right_human(b, v[i].ring_size, 11);
		text_right_human(b, v[i].memory, 11);
		buf_putc(b, '\n');
		if (v[i].follow)
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
