// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <sys/wait.h>

#include "call.h"
#include "label.h"
#include "phrase.h"
#include "size.h"
#include "words.h"

#define PHRASE_PAGE	4096ull

static void phrase_change(struct buf *b, uint64_t from, uint64_t to)
{
	buf_putc(b, to >= from ? '+' : '-');
	size_put(b, to >= from ? to - from : from - to);
}

/* The mark that stands before an effect: new, gone, changed, a value that moved. */
char phrase_mark(const struct effect *e)
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

static uint64_t phrase_page_up(uint64_t v)
{
	return (v + PHRASE_PAGE - 1) & -PHRASE_PAGE;
}

/* What mmap asked for, if that is what became of it, in whole pages; or 0. */
uint64_t phrase_asked(const struct effect *e, const struct event *ev)
{
	if (!ev || !ev->has_syscall || !ev->has_args || ev->cause != VASMON_CAUSE_SYSCALL ||
	    strcmp(call_name(ev), "mmap"))
		return 0;
	return phrase_page_up(ev->args[1]) == e->end - e->start ? ev->args[1] : 0;
}

static void phrase_now(struct buf *b, const struct region *r, const struct scene *scene)
{
	buf_puts(b, ": now ");
	words_region(b, r, scene);
}

/* Memory that belongs to what it joined: "stack grew 4096 (4.0 KiB) by a page fault" */
static void phrase_grew(struct buf *b, const struct effect *e, const struct event *ev,
			const struct scene *after)
{
	enum what_kind kind = what_of(after, e->after).kind;

	if (kind == WHAT_STACK || kind == WHAT_THREAD_STACK)
		buf_puts(b, "stack ");
	else if (kind == WHAT_HEAP)
		buf_puts(b, "heap ");
	buf_puts(b, "grew ");
	size_put(b, e->end - e->start);
	if (ev && ev->cause == VASMON_CAUSE_FAULT)
		buf_puts(b, " by a page fault");
	if (e->joined_below && e->joined_above)
		buf_puts(b, ", up to the region above");
}

static void phrase_merged(struct buf *b, const struct effect *e, const struct event *ev)
{
	uint64_t asked = phrase_asked(e, ev);

	buf_puts(b, asked ? "asked " : "+");
	size_put(b, asked ? asked : e->end - e->start);
	if (asked && asked != e->end - e->start) {
		buf_puts(b, ", got ");
		size_put(b, e->end - e->start);
	}
	buf_puts(b, asked ? ", merged with the region" : " merged with the region");
	buf_puts(b, e->joined_below && e->joined_above ? "s below and above" :
		 e->joined_below ? " below" : " above");
}

static void phrase_map(struct buf *b, const struct effect *e, const struct event *ev,
		       const struct scene *after)
{
	uint64_t asked;

	if (e->joined_below || e->joined_above) {
		if (e->grew)
			phrase_grew(b, e, ev, after);
		else
			phrase_merged(b, e, ev);
		phrase_now(b, e->after, after);
		return;
	}
	words_range(b, e->start, e->end);
	buf_putc(b, ' ');
	words_perms(b, e->after);
	asked = phrase_asked(e, ev);
	/* The end of a file is hardly ever that of a page. */
	if (asked && asked != e->end - e->start && !region_has_file(e->after)) {
		buf_puts(b, " asked ");
		size_put(b, asked);
		buf_puts(b, ", got ");
	} else {
		buf_puts(b, " +");
	}
	size_put(b, e->end - e->start);
	words_label(b, e->after, after);
	words_wx(b, e->after);
}

/* Memory is given back; a file or what was only reserved is just there no more. */
static void phrase_gave_back(struct buf *b, const struct effect *e, const struct scene *before)
{
	struct what w = what_of(before, e->before);

	if (w.kind == WHAT_HEAP)
		buf_puts(b, "heap ");
	if (w.file || region_has_file(e->before) || !(e->before->prot & VASMON_PROT_WRITE))
		buf_puts(b, "unmapped ");
	else
		buf_puts(b, "gave back ");
	size_put(b, e->end - e->start);
}

static void phrase_unmap(struct buf *b, const struct effect *e, const struct scene *before,
			 const struct scene *after)
{
	/* @after is missing where what is left became another region at once. */
	if ((!e->left_below && !e->left_above) || !e->after) {
		words_range(b, e->start, e->end);
		buf_putc(b, ' ');
		words_perms(b, e->before);
		buf_putc(b, ' ');
		phrase_gave_back(b, e, before);
		words_label(b, e->before, before);
		return;
	}
	phrase_gave_back(b, e, before);
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
	phrase_now(b, e->after, after);
}

/* How a change of a part, or to the same as its neighbour, moved the borders. */
static void phrase_borders(struct buf *b, const struct effect *e)
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
	size_put(b, region_size(e->after));
}

static void phrase_flags(struct buf *b, const struct effect *e)
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

static void phrase_part(struct buf *b, const struct effect *e)
{
	words_range(b, e->start, e->end);
	buf_putc(b, ' ');
}

static void phrase_sized(struct buf *b, const struct effect *e, const struct scene *after)
{
	buf_putc(b, ' ');
	size_put(b, e->end - e->start);
	words_label(b, e->after, after);
	words_wx(b, e->after);
}

static void phrase_name_or_none(struct buf *b, const struct region *r, const struct scene *scene)
{
	if (label_of(r, scene->layout).kind == LABEL_NONE)
		buf_puts(b, "unnamed");
	else
		words_name(b, r, scene->layout);
}

static void phrase_value(struct buf *b, const struct effect *e, const char *name)
{
	buf_puts(b, name);
	buf_puts(b, " 0x");
	buf_hex(b, e->from, 1);
	buf_puts(b, " -> 0x");
	buf_hex(b, e->to, 1);
	buf_putc(b, ' ');
	phrase_change(b, e->from, e->to);
}

/* @status as waitpid(2) has it. */
void phrase_exit(struct buf *b, uint32_t status)
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
 * phrase_effect - one effect as a phrase, without its mark
 * @b: appended to
 * @e: the effect
 * @ev: the event it belongs to, NULL for a difference of two maps
 * @before: the map before it
 * @after: the map after it
 */
void phrase_effect(struct buf *b, const struct effect *e, const struct event *ev,
		   const struct scene *before, const struct scene *after)
{
	switch (e->kind) {
	case EFFECT_MAP:
		phrase_map(b, e, ev, after);
		break;
	case EFFECT_UNMAP:
		phrase_unmap(b, e, before, after);
		break;
	case EFFECT_MOVE:
		words_range(b, e->from_start, e->from_end);
		buf_puts(b, " moved to ");
		words_region(b, e->after, after);
		if (e->from_end - e->from_start != e->end - e->start) {
			buf_puts(b, ", ");
			phrase_change(b, e->from_end - e->from_start, e->end - e->start);
		}
		break;
	case EFFECT_REPLACE:
		phrase_part(b, e);
		words_perms(b, e->before);
		words_label(b, e->before, before);
		buf_puts(b, " replaced by ");
		words_perms(b, e->after);
		phrase_sized(b, e, after);
		phrase_borders(b, e);
		break;
	case EFFECT_PROTECT:
		phrase_part(b, e);
		words_perms(b, e->before);
		buf_puts(b, " -> ");
		words_perms(b, e->after);
		phrase_sized(b, e, after);
		phrase_borders(b, e);
		break;
	case EFFECT_FLAGS:
		phrase_part(b, e);
		words_perms(b, e->after);
		phrase_sized(b, e, after);
		phrase_flags(b, e);
		phrase_borders(b, e);
		break;
	case EFFECT_NAME:
		phrase_part(b, e);
		words_perms(b, e->after);
		buf_putc(b, ' ');
		size_put(b, e->end - e->start);
		buf_puts(b, " was ");
		phrase_name_or_none(b, e->before, before);
		buf_puts(b, ", is ");
		phrase_name_or_none(b, e->after, after);
		phrase_borders(b, e);
		break;
	case EFFECT_SPLIT:
	case EFFECT_MERGE:
		phrase_part(b, e);
		words_perms(b, e->after);
		phrase_sized(b, e, after);
		buf_printf(b, ", %zu region%s became %zu", e->old_count,
			   e->old_count == 1 ? "" : "s", e->new_count);
		break;
	case EFFECT_BRK:
		phrase_value(b, e, "brk");
		if (phrase_page_up(e->from) == phrase_page_up(e->to))
			buf_puts(b, " inside the page: no region changed");
		break;
	case EFFECT_START_BRK:
		phrase_value(b, e, "start_brk");
		break;
	case EFFECT_START_STACK:
		phrase_value(b, e, "start_stack");
		break;
	case EFFECT_EXEC:
		buf_printf(b, "whole map replaced: %zu regions, ", e->new_count);
		size_put(b, e->to);
		break;
	case EFFECT_FORK:
		if (ev)
			buf_printf(b, "process %u of process %u: ", ev->pid, ev->tgid);
		buf_printf(b, "%zu region%s, ", e->new_count, e->new_count == 1 ? "" : "s");
		size_put(b, e->to);
		break;
	case EFFECT_EXIT:
		if (ev && ev->has_exit_code)
			phrase_exit(b, ev->exit_code);
		else
			buf_puts(b, "exited");
		break;
	}
}
