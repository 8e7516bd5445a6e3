/* SPDX-License-Identifier: GPL-2.0-only */
/* Colours of a terminal. */
#ifndef VASMON_COLOUR_H
#define VASMON_COLOUR_H

#include "out.h"
#include "what.h"

#define COLOUR_RESET	"\033[0m"
#define COLOUR_DIM	"\033[2m"
#define COLOUR_BOLD	"\033[1m"
#define COLOUR_RED	"\033[31m"
#define COLOUR_GREEN	"\033[32m"
#define COLOUR_YELLOW	"\033[33m"
#define COLOUR_BLUE	"\033[34m"
#define COLOUR_MAGENTA	"\033[35m"
#define COLOUR_CYAN	"\033[36m"

static inline void colour_put(struct out *out, const char *sequence)
{
	if (out->colour)
		buf_puts(&out->buf, sequence);
}

const char *colour_of(const struct what *w, const struct region *r);
void colour_legend(struct out *out);

#endif
