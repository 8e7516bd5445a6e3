// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "explain.h"

static const char *const explain_kind_names[] = {
	[EFFECT_MAP] = "map",
	[EFFECT_UNMAP] = "unmap",
	[EFFECT_MOVE] = "move",
	[EFFECT_REPLACE] = "replace",
	[EFFECT_PROTECT] = "protect",
	[EFFECT_FLAGS] = "flags",
	[EFFECT_NAME] = "name",
	[EFFECT_SPLIT] = "split",
	[EFFECT_MERGE] = "merge",
	[EFFECT_BRK] = "brk",
	[EFFECT_START_BRK] = "start-brk",
	[EFFECT_START_STACK] = "start-stack",
	[EFFECT_EXEC] = "exec",
	[EFFECT_FORK] = "fork",
	[EFFECT_EXIT] = "exit",
};

const char *explain_kind_name(enum effect_kind kind)
{
	return explain_kind_names[kind];
}

void explain_free(struct explanation *why)
{
	free(why->v);
	free(why->old.v);
	free(why->fresh.v);
	*why = (struct explanation){ 0 };
}

static struct effect *explain_add(struct explanation *why, enum effect_kind kind)
{
	struct effect *e;

	if (why->n == why->room) {
		size_t room = why->room ? why->room * 2 : 8;
		struct effect *v = reallocarray(why->v, room, sizeof(*v));

		if (!v)
			return NULL;
		why->v = v;
		why->room = room;
	}
	e = &why->v[why->n++];
	*e = (struct effect){ .kind = kind };
	return e;
}

static int explain_list_add(struct explain_list *list, const struct region *r)
{
	if (list->n == list->room) {
		size_t room = list->room ? list->room * 2 : 8;
		const struct region **v = reallocarray(list->v, room, sizeof(*v));

		if (!v)
			return -ENOMEM;
		list->v = v;
		list->room = room;
	}
	list->v[list->n++] = r;
	return 0;
}

static bool explain_same_name(const struct region *a, const struct region *b)
{
	return a->name_type == b->name_type && !strcmp(a->name, b->name);
}

/*
 * Whether two regions can be the same memory at an address of @a and an address
 * of @b. A file's name can change (it was renamed, or unlinked), its inode can
 * not; anonymous memory has nothing to tell it by.
 */
static bool explain_same_memory(const struct region *a, uint64_t at_a,
				const struct region *b, uint64_t at_b)
{
	if ((a->prot ^ b->prot) & VASMON_PROT_SHARED)
		return false;
	if (region_has_file(a) != region_has_file(b))
		return false;
	if (!region_has_file(a))
		return (a->name_type == VASMON_NAME_TYPE_SPECIAL ||
			b->name_type == VASMON_NAME_TYPE_SPECIAL) ?
			explain_same_name(a, b) : true;
	return a->dev_major == b->dev_major && a->dev_minor == b->dev_minor &&
	       a->inode == b->inode &&
	       a->offset + (at_a - a->start) == b->offset + (at_b - b->start);
}

/*
 * Whether the segment goes on with the effect before it. One that became part of
 * something larger above does not: it has its own region to tell of.
 */
static bool explain_can_join(const struct effect *e, enum effect_kind kind, uint64_t start,
			     uint64_t end, const struct region *o, const struct region *n)
{
	if (e->kind != kind || e->end != start || n->end > end)
		return false;
	switch (kind) {
	case EFFECT_PROTECT:
		return e->before->prot == o->prot && e->after->prot == n->prot;
	case EFFECT_FLAGS:
		return (e->before->traits ^ e->after->traits) == (o->traits ^ n->traits) &&
		       e->before->prot == o->prot && e->before->traits == o->traits;
	default:
		return false;
	}
}

/* Addresses from @start to @end were in @o (or in none) and are in @n (or in none). */
static int explain_segment(struct explanation *why, uint64_t start, uint64_t end,
			   const struct region *o, const struct region *n)
{
	enum effect_kind kind;
	struct effect *e;

	if (!o)
		kind = EFFECT_MAP;
	else if (!n)
		kind = EFFECT_UNMAP;
	else if (!explain_same_memory(o, start, n, start))
		kind = EFFECT_REPLACE;
	else if (o->prot != n->prot)
		kind = EFFECT_PROTECT;
	else if (o->traits != n->traits || o->vm_flags != n->vm_flags)
		kind = EFFECT_FLAGS;
	else if (!explain_same_name(o, n))
		kind = EFFECT_NAME;
	else
		return 0;

	if (kind == EFFECT_MAP)
		why->delta += (int64_t)(end - start);
	if (kind == EFFECT_UNMAP)
		why->delta -= (int64_t)(end - start);

	e = why->n ? &why->v[why->n - 1] : NULL;
	if (e && o && n && explain_can_join(e, kind, start, end, o, n)) {
		e->end = end;
		e->left_above = o->end > end;
		e->joined_above = false;
		return 0;
	}
	e = explain_add(why, kind);
	if (!e)
		return -ENOMEM;
	e->start = start;
	e->end = end;
	e->before = o;
	e->after = n;
	if (o) {
		e->left_below = o->start < start;
		e->left_above = o->end > end;
	}
	if (n) {
		e->joined_below = n->start < start;
		e->joined_above = n->end > end;
	}
	return 0;
}

/* Go up through the addresses of both lists at once. */
static int explain_sweep(struct explanation *why)
{
	const struct explain_list *old = &why->old, *fresh = &why->fresh;
	uint64_t pos = 0, start, end, o_start, n_start;
	const struct region *o, *n, *last = NULL;
	size_t i = 0, j = 0, gone = SIZE_MAX;
	int err;

	while (i < old->n || j < fresh->n) {
		o = i < old->n ? old->v[i] : NULL;
		n = j < fresh->n ? fresh->v[j] : NULL;
		o_start = !o ? UINT64_MAX : o->start > pos ? o->start : pos;
		n_start = !n ? UINT64_MAX : n->start > pos ? n->start : pos;
		start = o_start < n_start ? o_start : n_start;
		end = UINT64_MAX;
		if (o)
			end = o_start == start ? o->end : o_start;
		if (n) {
			uint64_t n_end = n_start == start ? n->end : n_start;

			end = n_end < end ? n_end : end;
		}
		if (o_start != start)
			o = NULL;
		if (n_start != start)
			n = NULL;

		/* What is left of an unmapped region is below it, or else above. */
		if (gone != SIZE_MAX) {
			struct effect *e = &why->v[gone];

			if (!e->after && e->left_above && e->end == start)
				e->after = n;
			gone = SIZE_MAX;
		}
		err = explain_segment(why, start, end, o, n);
		if (err)
			return err;
		if (o && !n) {
			gone = why->n - 1;
			if (why->v[gone].left_below)
				why->v[gone].after = last;
		}
		last = n;

		pos = end;
		if (o && o->end == end)
			i++;
		if (n && n->end == end)
			j++;
	}
	return 0;
}

/* No address changed what it is: then only borders between regions did. */
static int explain_borders(struct explanation *why)
{
	const struct region **o = why->old.v, **n = why->fresh.v;
	size_t i = why->old.n, j = why->fresh.n;
	struct effect *e;

	while (i && j && o[0]->start == n[0]->start && o[0]->end == n[0]->end)
		o++, n++, i--, j--;
	while (i && j && o[i - 1]->start == n[j - 1]->start && o[i - 1]->end == n[j - 1]->end)
		i--, j--;
	if (!i || !j)
		return 0;
	e = explain_add(why, j > i ? EFFECT_SPLIT : EFFECT_MERGE);
	if (!e)
		return -ENOMEM;
	e->start = o[0]->start;
	e->end = o[i - 1]->end;
	e->before = o[0];
	e->after = n[0];
	e->old_count = i;
	e->new_count = j;
	return 0;
}

/* mremap: something vanished here and the same appeared there. */
static bool explain_move(const struct effect *a, const struct effect *b, struct effect *move)
{
	const struct effect *gone = a->kind == EFFECT_UNMAP ? a : b;
	const struct effect *come = a->kind == EFFECT_UNMAP ? b : a;

	if (gone->kind != EFFECT_UNMAP || come->kind != EFFECT_MAP)
		return false;
	if (gone->before->prot != come->after->prot ||
	    !explain_same_memory(gone->before, gone->start, come->after, come->start))
		return false;
	*move = *come;
	move->kind = EFFECT_MOVE;
	move->from_start = gone->start;
	move->from_end = gone->end;
	move->before = gone->before;
	move->left_below = gone->left_below;
	move->left_above = gone->left_above;
	return true;
}

/**
 * explain_join - take an event and the one before it for a move, if they are one
 * @why: what the event did; if it is a move, that is its only effect then, and
 *	points to the regions of @half as well
 * @half: what the event before it did, which said that more would follow
 * @call: name of their system call, or NULL
 *
 * Return: whether they are.
 */
bool explain_join(struct explanation *why, const struct effect *half, const char *call)
{
	struct effect move;

	if (why->n != 1 || !call || strcmp(call, "mremap") ||
	    !explain_move(half, &why->v[0], &move))
		return false;
	why->v[0] = move;
	return true;
}

static int explain_value(struct explanation *why, enum effect_kind kind, uint64_t from,
			 uint64_t to)
{
	struct effect *e;

	if (from == to)
		return 0;
	e = explain_add(why, kind);
	if (!e)
		return -ENOMEM;
	e->from = from;
	e->to = to;
	return 0;
}

static int explain_layout(struct explanation *why, const struct layout *from,
			  const struct layout *to)
{
	int err;

	err = explain_value(why, EFFECT_START_BRK, from->start_brk, to->start_brk);
	if (!err)
		err = explain_value(why, EFFECT_BRK, from->brk, to->brk);
	if (!err)
		err = explain_value(why, EFFECT_START_STACK, from->start_stack, to->start_stack);
	return err;
}

static int explain_regions(struct explanation *why)
{
	int err = explain_sweep(why);

	if (!err && !why->n)
		err = explain_borders(why);
	return err;
}

static void explain_reset(struct explanation *why)
{
	why->n = 0;
	why->delta = 0;
	why->old.n = 0;
	why->fresh.n = 0;
}

/* A whole map, or a part of one: what it is together with the parts before. */
static int explain_whole(struct explanation *why, const struct event *ev,
			 const struct space *before)
{
	struct effect *e = explain_add(why, ev->cause == VASMON_CAUSE_FORK ? EFFECT_FORK :
				       EFFECT_EXEC);
	size_t i;

	if (!e)
		return -ENOMEM;
	e->old_count = before->n;
	e->new_count = before->n - why->old.n + why->fresh.n;
	e->from = before->bytes;
	e->to = before->bytes;
	for (i = 0; i < why->old.n; i++)
		e->to -= region_size(why->old.v[i]);
	for (i = 0; i < why->fresh.n; i++)
		e->to += region_size(why->fresh.v[i]);
	why->delta = (int64_t)(e->to - e->from);
	return 0;
}

/**
 * explain_event - what an event does
 * @why: overwritten; its arrays are used again. It points to regions of @ev and
 *	of @before, so it is good until one of them changes.
 * @ev: an event that fits @before, see space_check()
 * @before: the map that the event was not yet applied to
 * @call: name of the event's system call, or NULL
 *
 * Return: 0, -ENOMEM.
 */
int explain_event(struct explanation *why, const struct event *ev, const struct space *before,
		  const char *call)
{
	struct layout after = space_layout_after(before, ev);
	bool whole = space_is_whole(ev);
	size_t i, k;
	int err = 0;

	explain_reset(why);
	/* With the process its whole map goes: that is not worth a list. */
	if (ev->cause == VASMON_CAUSE_EXIT)
		return explain_add(why, EFFECT_EXIT) ? 0 : -ENOMEM;
	if (whole || ev->has_window) {
		i = whole ? 0 : space_lower(before, ev->start);
		for (; !err && i < before->n; i++) {
			const struct region *r = space_at(before, i);

			if (!whole && r->start >= ev->end)
				break;
			err = explain_list_add(&why->old, r);
		}
		for (k = 0; !err && k < ev->fresh.n; k++)
			err = explain_list_add(&why->fresh, &ev->fresh.v[k]);
	}
	if (err)
		return err;
	if (space_is_whole_part(ev))
		return explain_whole(why, ev, before);

	err = explain_regions(why);
	if (err)
		return err;
	if (call && !strcmp(call, "mremap") && why->n == 2) {
		struct effect move;

		if (explain_move(&why->v[0], &why->v[1], &move)) {
			why->v[0] = move;
			why->n = 1;
		}
	}
	for (k = 0; k < why->n; k++) {
		struct effect *e = &why->v[k];

		e->grew = e->kind == EFFECT_MAP && (e->joined_below || e->joined_above) &&
			  (ev->cause == VASMON_CAUSE_FAULT ||
			   (call && (!strcmp(call, "brk") || !strcmp(call, "mremap"))));
	}
	return explain_layout(why, &before->layout, &after);
}

/**
 * explain_diff - what differs between two maps
 * @why: overwritten, as in explain_event()
 * @before: one map
 * @after: the other
 *
 * Return: 0, -ENOMEM.
 */
int explain_diff(struct explanation *why, const struct space *before, const struct space *after)
{
	size_t i;
	int err = 0;

	explain_reset(why);
	for (i = 0; !err && i < before->n; i++)
		err = explain_list_add(&why->old, space_at(before, i));
	for (i = 0; !err && i < after->n; i++)
		err = explain_list_add(&why->fresh, space_at(after, i));
	if (!err)
		err = explain_regions(why);
	if (!err)
		err = explain_layout(why, &before->layout, &after->layout);
	return err;
}
