/* SPDX-License-Identifier: GPL-2.0-only */
/* From the addresses of a call chain to who asked for a change. Pure. */
#ifndef VASMON_CHAIN_H
#define VASMON_CHAIN_H

#include "what.h"

/* Those of the event, and the one at the top of the stack. */
#define CHAIN_FRAMES	(VASMON_CALLCHAIN_MAX + 1)

/**
 * struct frame - one function that waits for the next
 * @addr: where it goes on
 * @region: the region that it is in, or NULL
 * @what: what that is
 * @known: whether its function is known
 * @symbol: that
 * @gap: it keeps no frame: who called it is not known, and perhaps not who called that
 */
struct frame {
	uint64_t addr;
	const struct region *region;
	struct what what;
	bool known;
	struct symbol symbol;
	bool gap;
};

/* Whose idea it was. */
enum chain_asker {
	CHAIN_UNKNOWN,		/* callers are missing */
	CHAIN_PROGRAM,		/* the program, or a library that is neither of these: */
	CHAIN_LIBC,		/* the C library, as for malloc */
	CHAIN_LOADER,		/* the dynamic loader */
};

/**
 * struct chain - a call chain
 * @v: innermost first
 * @asker: whose idea it was
 * @gap: whether callers are missing before @on_behalf
 * @stack_ends: where they are, the bytes of the stack that came with the event end
 * @on_behalf: the first frame that is neither libc's nor the loader's; @n if none
 */
struct chain {
	struct frame v[CHAIN_FRAMES];
	size_t n;
	enum chain_asker asker;
	bool gap;
	bool stack_ends;
	size_t on_behalf;
};

void chain_of(struct chain *chain, const struct scene *scene, const struct event *ev);
const char *chain_asker_name(enum chain_asker asker);
const char *chain_file(const struct frame *frame);

#endif
