// SPDX-License-Identifier: GPL-2.0-only
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "chain.h"
#include "leaks.h"
#include "utf8.h"
#include "words.h"

/* A mapping, shared by the ranges that are left of it. */
struct leaks_origin {
	unsigned int refs;
	uint64_t bytes;
	uint64_t time;
	const char *caller;
	bool has_chain;
};

struct leaks_range {
	struct leaks_range *next;
	uint32_t pid;
	uint64_t start, end;
	struct leaks_origin *origin;
};

/* Ranges in the tree do not overlap; one that does is found by any of its addresses. */
static int leaks_compare(const void *a, const void *b)
{
	const struct leaks_range *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->end <= y->start ? -1 : x->start >= y->end;
}

static void leaks_free_origin(struct leaks_origin *o)
{
	if (!--o->refs)
		free(o);
}

static void leaks_free_range(void *range)
{
	leaks_free_origin(((struct leaks_range *)range)->origin);
	free(range);
}

static void leaks_insert(struct leaks *l, uint32_t pid, uint64_t start, uint64_t end,
			 struct leaks_origin *origin)
{
	struct leaks_range *r = malloc(sizeof(*r));

	if (r)
		*r = (struct leaks_range){ NULL, pid, start, end, origin };
	if (!r || !tsearch(r, &l->tree, leaks_compare)) {
		free(r);
		l->failed = true;
		return;
	}
	origin->refs++;
}

/* Take what is in @start to @end out of the tree; what is on both sides of it stays. */
static struct leaks_range *leaks_take(struct leaks *l, uint32_t pid, uint64_t start, uint64_t end)
{
	struct leaks_range key = { .pid = pid, .start = start, .end = end };
	struct leaks_range *r, *taken = NULL, **found;

	while ((found = tfind(&key, &l->tree, leaks_compare))) {
		r = *found;
		tdelete(r, &l->tree, leaks_compare);
		if (r->start < start) {
			leaks_insert(l, pid, r->start, start, r->origin);
			r->start = start;
		}
		if (r->end > end) {
			leaks_insert(l, pid, end, r->end, r->origin);
			r->end = end;
		}
		r->next = taken;
		taken = r;
	}
	return taken;
}

static void leaks_unmap(struct leaks *l, uint32_t pid, uint64_t start, uint64_t end)
{
	struct leaks_range *r = leaks_take(l, pid, start, end), *next;

	for (; r; r = next) {
		next = r->next;
		leaks_free_range(r);
	}
}

static void leaks_move(struct leaks *l, uint32_t pid, const struct effect *e)
{
	struct leaks_range *r = leaks_take(l, pid, e->from_start, e->from_end), *next;
	uint64_t start, end;

	for (; r; r = next) {
		next = r->next;
		start = r->start - e->from_start + e->start;
		end = r->end - e->from_start + e->start;
		/* It may have shrunk while it moved. */
		if (start < e->end)
			leaks_insert(l, pid, start, end < e->end ? end : e->end, r->origin);
		leaks_free_range(r);
	}
}

static void leaks_put_chain(struct buf *b, const struct out_event *e)
{
	struct chain chain;
	size_t i;

	chain_of(&chain, e->before, e->ev);
	buf_puts(b, ", ");
	words_asker(b, &chain);
	for (i = 0; i < chain.n; i++) {
		buf_putc(b, '\n');
		words_frame(b, &chain.v[i]);
		if (chain.v[i].gap)
			buf_puts(b, " ...");
	}
}

static int leaks_compare_callers(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* The same string for the same caller; NULL if memory ran out. */
static const char *leaks_caller(struct leaks *l, const struct out_event *e)
{
	const char *call = call_name(e->ev);
	struct buf b = { 0 };
	char **node;

	buf_puts(&b, call ? call : call_cause_name(e->ev->cause));
	buf_puts(&b, " by ");
	utf8_put_safe(&b, e->ev->comm);
	if (l->chains && e->ev->n_chain)
		leaks_put_chain(&b, e);
	buf_str(&b);
	node = b.failed ? NULL : tsearch(b.s, &l->callers, leaks_compare_callers);
	if (!node || *node != b.s)
		buf_free(&b);
	return node ? *node : NULL;
}

static void leaks_map(struct leaks *l, const struct out_event *e, uint64_t start, uint64_t end)
{
	struct leaks_origin *origin = calloc(1, sizeof(*origin));

	if (origin)
		origin->caller = leaks_caller(l, e);
	if (!origin || !origin->caller) {
		free(origin);
		l->failed = true;
		return;
	}
	/* What was there before has gone, even if nobody has told. */
	leaks_unmap(l, e->pid, start, end);
	origin->refs = 1;
	origin->bytes = end - start;
	origin->time = e->ev->time;
	origin->has_chain = l->chains && e->ev->n_chain;
	leaks_insert(l, e->pid, start, end, origin);
	leaks_free_origin(origin);
}

/**
 * leaks_effect - take account of an effect
 * @l: the account
 * @e: the event
 * @effect: what it did
 * @wanted: what it maps is to be in the account
 *
 * What a heap, a stack or mremap adds to something is not a mapping of its own.
 */
void leaks_effect(struct leaks *l, const struct out_event *e, const struct effect *effect,
		  bool wanted)
{
	const char *call = call_name(e->ev);

	switch (effect->kind) {
	case EFFECT_MAP:
		if (wanted && !effect->grew && e->ev->cause == VASMON_CAUSE_SYSCALL &&
		    (!call || strcmp(call, "brk")))
			leaks_map(l, e, effect->start, effect->end);
		break;
	case EFFECT_UNMAP:
		leaks_unmap(l, e->pid, effect->start, effect->end);
		break;
	case EFFECT_REPLACE:
		if (wanted)
			leaks_map(l, e, effect->start, effect->end);
		else
			leaks_unmap(l, e->pid, effect->start, effect->end);
		break;
	case EFFECT_MOVE:
		leaks_move(l, e->pid, effect);
		break;
	case EFFECT_EXEC:
		leaks_unmap(l, e->pid, 0, UINT64_MAX);
		break;
	default:
		break;
	}
}

/* --- What is left, by caller and size. */

struct leaks_list {
	const struct leaks_range **v;
	size_t n;
	size_t room;
	bool failed;
};

static void leaks_visit(const void *node, VISIT which, void *arg)
{
	struct leaks_list *list = arg;

	if (which != postorder && which != leaf)
		return;
	if (list->n == list->room) {
		size_t room = list->room ? list->room * 2 : 64;
		const struct leaks_range **v = reallocarray(list->v, room, sizeof(*v));

		if (!v) {
			list->failed = true;
			return;
		}
		list->v = v;
		list->room = room;
	}
	list->v[list->n++] = *(const struct leaks_range *const *)node;
}

static bool leaks_same_group(const struct leaks_origin *x, const struct leaks_origin *y)
{
	return x->caller == y->caller && (x->has_chain || x->bytes == y->bytes);
}

/* Groups one after the other, and in them the parts of one mapping. */
static int leaks_by_group(const void *a, const void *b)
{
	const struct leaks_origin *x = (*(const struct leaks_range *const *)a)->origin;
	const struct leaks_origin *y = (*(const struct leaks_range *const *)b)->origin;

	if (x->caller != y->caller)
		return strcmp(x->caller, y->caller);
	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? -1 : 1;
	return (x > y) - (x < y);
}

static int leaks_by_size(const void *a, const void *b)
{
	const struct leaks_group *x = a, *y = b;

	if (x->left != y->left)
		return x->left < y->left ? 1 : -1;
	return (x->count < y->count) - (x->count > y->count);
}

static size_t leaks_gather(struct leaks_group *v, const struct leaks_list *list)
{
	const struct leaks_origin *last = NULL;
	size_t i, n = 0;

	for (i = 0; i < list->n; i++) {
		const struct leaks_range *r = list->v[i];
		const struct leaks_origin *o = r->origin;
		struct leaks_group *g;

		if (!last || !leaks_same_group(o, last))
			v[n++] = (struct leaks_group){
				.bytes = o->bytes, .caller = o->caller, .oldest = o->time,
			};
		g = &v[n - 1];
		g->bytes = g->bytes == o->bytes ? g->bytes : 0;
		g->count += o != last;
		g->left += r->end - r->start;
		g->oldest = o->time < g->oldest ? o->time : g->oldest;
		g->newest = o->time > g->newest ? o->time : g->newest;
		last = o;
	}
	return n;
}

/**
 * leaks_groups - what is still there, the largest first
 * @l: the account; callers of the groups belong to it
 * @n: how many groups
 *
 * Return: the groups, to be freed; NULL if there are none, or if memory ran out: then
 * @l->failed is set.
 */
struct leaks_group *leaks_groups(struct leaks *l, size_t *n)
{
	struct leaks_list list = { 0 };
	struct leaks_group *v = NULL;

	*n = 0;
	twalk_r(l->tree, leaks_visit, &list);
	if (list.n && !list.failed)
		v = calloc(list.n, sizeof(*v));
	l->failed |= list.failed || (list.n && !v);
	if (v) {
		qsort(list.v, list.n, sizeof(*list.v), leaks_by_group);
		*n = leaks_gather(v, &list);
		qsort(v, *n, sizeof(*v), leaks_by_size);
	}
	free(list.v);
	return v;
}

void leaks_free(struct leaks *l)
{
	tdestroy(l->tree, leaks_free_range);
	tdestroy(l->callers, free);
	l->tree = NULL;
	l->callers = NULL;
}
