// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "chain.h"

/* The file that the frame's code is in, without folders; NULL if it is in none. */
const char *chain_file(const struct frame *frame)
{
	const char *base;

	if (!frame->region || !*frame->region->name)
		return NULL;
	base = strrchr(frame->region->name, '/');
	return base && base[1] ? base + 1 : frame->region->name;
}

const char *chain_asker_name(enum chain_asker asker)
{
	static const char *const names[] = {
		[CHAIN_UNKNOWN] = "unknown",
		[CHAIN_PROGRAM] = "program",
		[CHAIN_LIBC] = "libc",
		[CHAIN_LOADER] = "loader",
	};

	return names[asker];
}

static bool chain_is_libc(const struct frame *frame)
{
	const char *file = chain_file(frame);

	return file && frame->what.kind == WHAT_LIBRARY &&
	       (!strncmp(file, "libc.so", 7) || !strncmp(file, "libc-2", 6));
}

/* @returns: the address is that behind a call, which can be the end of the function. */
static void chain_add(struct chain *chain, const struct scene *scene, uint64_t addr, bool returns)
{
	struct frame *frame = &chain->v[chain->n++];
	const struct region *r = scene->space ? space_find(scene->space, addr) : NULL;
	const struct facts *facts = scene->facts;

	*frame = (struct frame){ .addr = addr, .region = r };
	if (!r)
		return;
	frame->what = what_of(scene, r);
	if (frame->what.elf && facts && facts->symbol)
		frame->known = facts->symbol(facts->arg, facts, r,
					     addr - returns - frame->what.bias, &frame->symbol);
	if (frame->known)
		frame->symbol.offset += returns;
}

/* Code that could have called what is innermost. */
static bool chain_is_code(const struct scene *scene, uint64_t addr)
{
	const struct region *r = scene->space ? space_find(scene->space, addr) : NULL;

	return r && (r->prot & VASMON_PROT_EXEC);
}

static void chain_ask(struct chain *chain)
{
	size_t i, libc = 0;
	bool loader = false;

	chain->gap = false;
	for (i = 0; i < chain->n; i++) {
		if (chain->v[i].what.kind == WHAT_LOADER)
			loader = true;
		else if (chain_is_libc(&chain->v[i]))
			libc++;
		else
			break;
		chain->gap |= chain->v[i].gap;
	}
	chain->on_behalf = i;
	if (loader)
		chain->asker = CHAIN_LOADER;
	/* One frame of libc is the system call's. */
	else if (libc > 1 || (libc && chain->gap && i < chain->n))
		chain->asker = CHAIN_LIBC;
	else
		chain->asker = i < chain->n ? CHAIN_PROGRAM : CHAIN_UNKNOWN;
}

/*
 * A function that only makes the system call has no frame: its caller is at the top
 * of the stack. Return: whether it is.
 */
static bool chain_top(const struct chain *chain, const struct scene *scene,
		      const struct event *ev, uint64_t *top)
{
	const struct frame *first = &chain->v[0];

	if (ev->stack_size < sizeof(*top) || (first->known && first->symbol.framed))
		return false;
	memcpy(top, ev->stack, sizeof(*top));
	return !(ev->n_chain > 1 && ev->chain[1] == *top) && chain_is_code(scene, *top);
}

/**
 * chain_of - resolve the call chain of an event
 * @chain: overwritten; it points into @scene, and into the files that it looked at
 * @scene: the map before the event
 * @ev: the event
 *
 * Code without frame pointers uses their register for something else: what the chain
 * leads to then is no code, or it is that of an outer caller.
 */
void chain_of(struct chain *chain, const struct scene *scene, const struct event *ev)
{
	struct frame *last;
	uint64_t top;
	size_t i;

	chain->n = 0;
	for (i = 0; i < ev->n_chain && i < VASMON_CALLCHAIN_MAX; i++) {
		if (i && !chain_is_code(scene, ev->chain[i]))
			break;
		chain_add(chain, scene, ev->chain[i], i);
		if (i)
			continue;
		if (chain_top(chain, scene, ev, &top))
			chain_add(chain, scene, top, true);
		last = &chain->v[chain->n - 1];
		last->gap = !(last->known && last->symbol.framed);
	}
	chain_ask(chain);
}
