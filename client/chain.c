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

/* By the frame pointers that the kernel followed, and no more. */
static void chain_by_frames(struct chain *chain, const struct scene *scene,
			    const struct event *ev)
{
	struct frame *last;
	uint64_t top;
	size_t i;

	for (i = 0; i < ev->n_chain; i++) {
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
}

/*
 * How far what .eh_frame says leads on: as far as there is such a thing, and as the
 * bytes of the stack go.
 */
static enum unwind_step chain_unwind(struct chain *chain, const struct scene *scene,
				     struct unwind *u)
{
	const struct facts *facts = scene->facts;
	enum unwind_step step;

	do {
		const struct frame *last;
		bool returns = !u->exact;

		chain_add(chain, scene, u->reg[UNWIND_RIP], returns);
		last = &chain->v[chain->n - 1];
		step = UNWIND_NO_RULE;
		if (last->what.elf)
			step = facts->unwind(facts->arg, facts, last->region,
					     last->addr - returns - last->what.bias, u);
	} while (step == UNWIND_CALLER && chain->n < VASMON_CALLCHAIN_MAX &&
		 chain_is_code(scene, u->reg[UNWIND_RIP]));
	/* What they lead to is no code. */
	if (step == UNWIND_CALLER && chain->n < VASMON_CALLCHAIN_MAX)
		step = UNWIND_NO_RULE;
	return step;
}

/*
 * Go on by the frame pointers: behind the outermost function that both ways have found.
 * If that is not the last one that was found, callers may be missing between.
 */
static void chain_go_on(struct chain *chain, const struct scene *scene, const struct event *ev,
			const struct unwind *u)
{
	struct frame *last = &chain->v[chain->n - 1];
	size_t i, k, from = 1;

	/* A frame that it has made, and that nobody has touched since, is the first one. */
	last->gap = !(last->known && last->symbol.framed && (u->known >> UNWIND_RBP & 1) &&
		      u->reg[UNWIND_RBP] == ev->registers[UNWIND_RBP]);
	for (i = 1; i < ev->n_chain; i++) {
		for (k = 1; k < chain->n; k++) {
			if (chain->v[k].addr != ev->chain[i])
				continue;
			from = i + 1;
			last->gap = k + 1 < chain->n;
		}
	}
	for (i = from; i < ev->n_chain && chain->n < CHAIN_FRAMES; i++) {
		if (!chain_is_code(scene, ev->chain[i]))
			break;
		chain_add(chain, scene, ev->chain[i], true);
	}
}

/* Is it the loader's first code? That has no rule, and by the ABI the frame pointer is zero. */
static bool chain_begins(const struct chain *chain, const struct unwind *u)
{
	return chain->v[chain->n - 1].what.kind == WHAT_LOADER &&
	       (u->known >> UNWIND_RBP & 1) && !u->reg[UNWIND_RBP];
}

/**
 * chain_of - resolve the call chain of an event
 * @chain: overwritten; it points into @scene, and into the files that it looked at
 * @scene: the map before the event
 * @ev: the event
 *
 * Code without frame pointers uses their register for something else: what the chain
 * of them leads to then is no code, or it is that of an outer caller. .eh_frame leads
 * through such code, as far as there are bytes of its stack.
 */
void chain_of(struct chain *chain, const struct scene *scene, const struct event *ev)
{
	enum unwind_step end;
	struct unwind u;

	chain->n = 0;
	chain->stack_ends = false;
	if (ev->has_registers && ev->stack_size && scene->facts && scene->facts->unwind &&
	    ev->registers[UNWIND_RIP] == ev->chain[0]) {
		u = unwind_begin(ev->registers, ev->stack, ev->stack_size);
		end = chain_unwind(chain, scene, &u);
		chain->stack_ends = end == UNWIND_STACK_ENDS;
		if (end == UNWIND_STACK_ENDS ||
		    (end == UNWIND_NO_RULE && !chain_begins(chain, &u)))
			chain_go_on(chain, scene, ev, &u);
	} else {
		chain_by_frames(chain, scene, ev);
	}
	chain_ask(chain);
}
