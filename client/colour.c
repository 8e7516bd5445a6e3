// SPDX-License-Identifier: GPL-2.0-only
#include "colour.h"

static const struct {
	const char *sequence;
	const char *what;
} colour_table[] = {
	{ COLOUR_GREEN, "code" },
	{ COLOUR_BLUE, "files" },
	{ COLOUR_YELLOW, "heap" },
	{ COLOUR_MAGENTA, "stacks" },
	{ COLOUR_CYAN, "shared memory" },
	{ COLOUR_DIM, "reserved, the kernel's" },
	{ COLOUR_RED, "writable and executable" },
};

/* The colour that a region has in a map, "" for none. */
const char *colour_of(const struct what *w, const struct region *r)
{
	if (w->wx)
		return COLOUR_RED;
	if (r->prot & VASMON_PROT_EXEC)
		return w->kind == WHAT_VDSO || w->kind == WHAT_SPECIAL ? COLOUR_DIM : COLOUR_GREEN;
	switch (w->kind) {
	case WHAT_PROGRAM:
	case WHAT_LIBRARY:
	case WHAT_LOADER:
	case WHAT_FILE:
	case WHAT_DEVICE:
		return COLOUR_BLUE;
	case WHAT_HEAP:
	case WHAT_ARENA:
		return COLOUR_YELLOW;
	case WHAT_STACK:
	case WHAT_THREAD_STACK:
		return COLOUR_MAGENTA;
	case WHAT_SHM:
	case WHAT_SHARED:
	case WHAT_MEMFD:
		return COLOUR_CYAN;
	case WHAT_RESERVED:
	case WHAT_GUARD:
	case WHAT_ARENA_RESERVE:
	case WHAT_VDSO:
	case WHAT_VVAR:
	case WHAT_SPECIAL:
		return COLOUR_DIM;
	default:
		return "";
	}
}

/* A line that says what the colours mean, where there are any. */
void colour_legend(struct out *out)
{
	size_t i;

	if (!out->colour)
		return;
	for (i = 0; i < sizeof(colour_table) / sizeof(colour_table[0]); i++) {
		buf_puts(&out->buf, i ? ", " : "colours: ");
		colour_put(out, colour_table[i].sequence);
		buf_puts(&out->buf, colour_table[i].what);
		colour_put(out, COLOUR_RESET);
	}
	buf_putc(&out->buf, '\n');
}
