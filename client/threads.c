// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "facts.h"

int threads_add(struct threads *t, const struct thread *thread)
{
	if (t->n == t->room) {
		size_t room = t->room ? t->room * 2 : 8;
		struct thread *v = reallocarray(t->v, room, sizeof(*v));

		if (!v)
			return -ENOMEM;
		t->v = v;
		t->room = room;
	}
	t->v[t->n++] = *thread;
	return 0;
}

static int threads_by_sp(const void *a, const void *b)
{
	const struct thread *x = a, *y = b;

	if (x->sp != y->sp)
		return x->sp < y->sp ? -1 : 1;
	return x->tid < y->tid ? -1 : x->tid > y->tid;
}

static int threads_by_tls(const void *a, const void *b)
{
	const struct thread *x = *(const struct thread *const *)a;
	const struct thread *y = *(const struct thread *const *)b;

	if (x->tls != y->tls)
		return x->tls < y->tls ? -1 : 1;
	return x->tid < y->tid ? -1 : x->tid > y->tid;
}

/* Make what was added ready to be searched. Return: 0, -ENOMEM. */
int threads_sort(struct threads *t)
{
	const struct thread **by_tls;
	size_t i;

	if (!t->n)
		return 0;
	by_tls = reallocarray(t->by_tls, t->n, sizeof(*by_tls));
	if (!by_tls)
		return -ENOMEM;
	t->by_tls = by_tls;
	qsort(t->v, t->n, sizeof(*t->v), threads_by_sp);
	for (i = 0; i < t->n; i++)
		by_tls[i] = &t->v[i];
	qsort(by_tls, t->n, sizeof(*by_tls), threads_by_tls);
	return 0;
}

void threads_free(struct threads *t)
{
	free(t->v);
	free(t->by_tls);
	*t = (struct threads){ 0 };
}

/**
 * threads_with_sp - whose stack is it?
 * @t: the threads, sorted
 * @start: first address
 * @end: first address after
 * @first: the one whose stack pointer is lowest, if there is any
 *
 * Return: how many threads have their stack pointer there.
 */
size_t threads_with_sp(const struct threads *t, uint64_t start, uint64_t end,
		       const struct thread **first)
{
	size_t low = 0, high = t->n, n = 0;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (t->v[mid].sp < start)
			low = mid + 1;
		else
			high = mid;
	}
	while (low + n < t->n && t->v[low + n].sp < end)
		n++;
	if (n)
		*first = &t->v[low];
	return n;
}

/* The same for thread pointers. */
size_t threads_with_tls(const struct threads *t, uint64_t start, uint64_t end,
			const struct thread **first)
{
	size_t low = 0, high = t->n, n = 0;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (t->by_tls[mid]->tls < start)
			low = mid + 1;
		else
			high = mid;
	}
	while (low + n < t->n && t->by_tls[low + n]->tls < end)
		n++;
	if (n)
		*first = t->by_tls[low];
	return n;
}

bool threads_know(const struct threads *t, uint32_t tid)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		if (t->v[i].tid == tid)
			return true;
	}
	return false;
}
