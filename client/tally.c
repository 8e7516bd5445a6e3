// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "filter.h"
#include "label.h"
#include "tally.h"

static struct tally_line *tally_line(struct tally *t, struct tally_lines *lines, const char *name)
{
	size_t i;

	/* What came last mostly comes again: the newest lines are at the end. */
	for (i = lines->n; i--;) {
		if (!strcmp(lines->v[i].name, name))
			return &lines->v[i];
	}
	if (lines->n == lines->room) {
		size_t room = lines->room ? lines->room * 2 : 16;
		struct tally_line *v = reallocarray(lines->v, room, sizeof(*v));

		if (!v)
			goto fail;
		lines->v = v;
		lines->room = room;
	}
	lines->v[lines->n] = (struct tally_line){ .name = strdup(name) };
	if (!lines->v[lines->n].name)
		goto fail;
	return &lines->v[lines->n++];
fail:
	t->failed = true;
	return NULL;
}

static void tally_add(struct tally_line *line, uint64_t events, uint64_t mapped, uint64_t unmapped)
{
	if (!line)
		return;
	line->events += events;
	line->mapped += mapped;
	line->unmapped += unmapped;
}

/* What memory is called here: by its name, or by what it is. */
static void tally_put_place(struct buf *b, const struct region *r, const struct scene *scene)
{
	struct label label = label_of(r, scene->layout);
	enum what_kind kind;

	if (label.kind == LABEL_NONE) {
		kind = what_of(scene, r).kind;
		buf_putc(b, '(');
		/* What was mapped beside a little thread-local memory, and merged, is none. */
		buf_puts(b, what_name(kind == WHAT_TLS ? WHAT_ANON : kind));
		buf_putc(b, ')');
	} else {
		buf_puts(b, label.before);
		buf_puts(b, label.name);
		buf_puts(b, label.after);
	}
}

static void tally_place(struct tally *t, const struct region *r, const struct scene *scene,
			uint64_t mapped, uint64_t unmapped)
{
	struct buf b = { 0 };

	if (!r)
		return;
	tally_put_place(&b, r, scene);
	tally_add(tally_line(t, &t->places, buf_str(&b)), 1, mapped, unmapped);
	t->failed |= b.failed;
	buf_free(&b);
}

/* A whole map: a part of one adds to the parts before it. */
static void tally_whole(struct tally *t, const struct out_event *e, const struct effect *effect)
{
	const struct explain_list *fresh = &e->why->fresh, *old = &e->why->old;
	size_t i;

	for (i = 0; i < old->n; i++)
		tally_place(t, old->v[i], e->before, 0, region_size(old->v[i]));
	for (i = 0; i < fresh->n; i++)
		tally_place(t, fresh->v[i], e->after, region_size(fresh->v[i]), 0);
	if (t->leaks.wanted && effect->kind == EFFECT_EXEC && space_is_whole(e->ev))
		leaks_effect(&t->leaks, e, effect, true);
}

/* Bytes that came and that went. */
static void tally_bytes(const struct out_event *e, const struct effect *effect, uint64_t *mapped,
			uint64_t *unmapped)
{
	uint64_t size = effect->end - effect->start;
	uint64_t before = effect->from_end - effect->from_start;
	size_t i;

	*mapped = 0;
	*unmapped = 0;
	switch (effect->kind) {
	case EFFECT_MAP:
		*mapped = size;
		break;
	case EFFECT_UNMAP:
		*unmapped = size;
		break;
	case EFFECT_MOVE:
		*mapped = size > before ? size - before : 0;
		*unmapped = before > size ? before - size : 0;
		break;
	case EFFECT_EXEC:
	case EFFECT_FORK:
		for (i = 0; i < e->why->fresh.n; i++)
			*mapped += region_size(e->why->fresh.v[i]);
		for (i = 0; i < e->why->old.n; i++)
			*unmapped += region_size(e->why->old.v[i]);
		break;
	default:
		break;
	}
}

static void tally_effect(struct tally *t, const struct out_event *e, const struct effect *effect,
			 struct tally_line *cause)
{
	uint32_t kinds = filter_kinds_of(effect, e->ev), kind;
	uint64_t mapped, unmapped;
	bool again;

	tally_bytes(e, effect, &mapped, &unmapped);
	tally_add(&t->all, 0, mapped, unmapped);
	tally_add(cause, 0, mapped, unmapped);
	/* The parts of a whole map are one exec, or one fork. */
	again = (effect->kind == EFFECT_EXEC || effect->kind == EFFECT_FORK) &&
		!space_is_whole(e->ev);
	for (kind = 0; kind < FILTER_KINDS; kind++) {
		if (kinds & 1u << kind)
			tally_add(tally_line(t, &t->kinds, filter_kind_name(kind)), !again, mapped,
				  unmapped);
	}
	if (effect->kind == EFFECT_EXEC || effect->kind == EFFECT_FORK) {
		tally_whole(t, e, effect);
		return;
	}
	if (mapped)
		tally_place(t, effect->after, e->after, mapped, 0);
	if (unmapped)
		tally_place(t, effect->before, e->before, 0, unmapped);
	if (t->leaks.wanted)
		leaks_effect(&t->leaks, e, effect, true);
}

/**
 * tally_map - there is a process
 * @t: the tally
 * @p: with its map
 */
void tally_map(struct tally *t, const struct tracker_process *p)
{
	t->processes++;
	t->map_count = p->space.n;
	if (p->space.n > t->map_count_max)
		t->map_count_max = p->space.n;
	if (!t->first) {
		t->first = p->mm.time;
		t->last = p->mm.time;
	}
}

/**
 * tally_event - take account of an event
 * @t: the tally
 * @e: the event
 */
void tally_event(struct tally *t, const struct out_event *e)
{
	const struct event *ev = e->ev;
	bool part = space_is_whole_part(ev) && !space_is_whole(ev);
	struct tally_line *cause;
	size_t i;

	if (!t->first)
		t->first = ev->time;
	if (ev->time > t->last)
		t->last = ev->time;
	/* One half of a move comes with the other. */
	if (e->deferred && !space_is_whole_part(ev))
		return;
	cause = tally_line(t, &t->causes, ev->cause == VASMON_CAUSE_SYSCALL && call_name(ev) ?
			   call_name(ev) : call_cause_name(ev->cause));
	if (!part) {
		tally_add(&t->all, 1, 0, 0);
		tally_add(cause, 1, 0, 0);
	}
	t->processes += ev->cause == VASMON_CAUSE_FORK && !part;
	if (e->held && !space_is_whole_part(ev))
		tally_effect(t, e, e->held, cause);
	for (i = 0; i < e->why->n; i++)
		tally_effect(t, e, &e->why->v[i], cause);
	if (ev->has_map_count && ev->cause != VASMON_CAUSE_EXIT) {
		t->map_count = ev->map_count;
		if (t->map_count > t->map_count_max)
			t->map_count_max = t->map_count;
	}
	t->failed |= t->leaks.failed;
}

/* An event that does not count: but what it unmaps is there no more. */
void tally_other(struct tally *t, const struct out_event *e)
{
	size_t i;

	if (!t->leaks.wanted || (e->deferred && !space_is_whole_part(e->ev)))
		return;
	if (e->held)
		leaks_effect(&t->leaks, e, e->held, false);
	for (i = 0; i < e->why->n; i++)
		leaks_effect(&t->leaks, e, &e->why->v[i], false);
}

/* What was lost counts as its net difference, without a cause. */
void tally_lost(struct tally *t, const struct out_lost *lost)
{
	struct event ev = { .pid = lost->pid, .time = lost->time, .cause = VASMON_CAUSE_NONE };
	struct out_event e = {
		.ev = &ev, .why = lost->why, .before = lost->before, .after = lost->after,
		.pid = lost->pid, .held = lost->held,
	};
	/* A new dump has more in it than what was lost when it was asked for. */
	uint64_t missed = lost->coalesced > lost->missed ? lost->coalesced : lost->missed;
	struct tally_line *cause;
	size_t i;

	/* A map that was read anew for nothing. */
	if (!missed && !lost->why)
		return;
	t->missed += missed;
	cause = tally_line(t, &t->causes, "(missed)");
	tally_add(&t->all, missed, 0, 0);
	tally_add(cause, missed, 0, 0);
	if (!lost->why)
		return;
	if (lost->held)
		tally_effect(t, &e, lost->held, cause);
	for (i = 0; i < lost->why->n; i++)
		tally_effect(t, &e, &lost->why->v[i], cause);
}

static int tally_by_events(const void *a, const void *b)
{
	const struct tally_line *x = a, *y = b;

	if (x->events != y->events)
		return x->events < y->events ? 1 : -1;
	return strcmp(x->name, y->name);
}

/* The largest growers first, what shrank last. */
static int tally_by_net(const void *a, const void *b)
{
	const struct tally_line *x = a, *y = b;

	if (tally_net(x) != tally_net(y))
		return tally_net(x) < tally_net(y) ? 1 : -1;
	return strcmp(x->name, y->name);
}

static void tally_sort_lines(struct tally_lines *lines, int (*order)(const void *, const void *))
{
	if (lines->n)
		qsort(lines->v, lines->n, sizeof(*lines->v), order);
}

/* Bring the lines into the order in which they are shown. */
void tally_sort(struct tally *t)
{
	tally_sort_lines(&t->causes, tally_by_events);
	tally_sort_lines(&t->kinds, tally_by_events);
	tally_sort_lines(&t->places, tally_by_net);
}

static void tally_lines_free(struct tally_lines *lines)
{
	while (lines->n)
		free(lines->v[--lines->n].name);
	free(lines->v);
	lines->v = NULL;
}

void tally_free(struct tally *t)
{
	tally_lines_free(&t->causes);
	tally_lines_free(&t->kinds);
	tally_lines_free(&t->places);
	leaks_free(&t->leaks);
}
