/* SPDX-License-Identifier: GPL-2.0-only */
/* An explanation as words, and the small things that text is made of. */
#ifndef VASMON_WORDS_H
#define VASMON_WORDS_H

#include "buf.h"
#include "explain.h"

char words_mark(const struct effect *e);
void words_effect(struct buf *b, const struct effect *e, const struct event *ev,
		  const struct layout *before, const struct layout *after);
void words_exit(struct buf *b, uint32_t status);
void words_range(struct buf *b, uint64_t start, uint64_t end);
void words_human(struct buf *b, uint64_t bytes);
void words_size(struct buf *b, uint64_t bytes);
void words_label(struct buf *b, const struct region *r, const struct layout *l);
const char *words_trait(unsigned int bit);

#endif
