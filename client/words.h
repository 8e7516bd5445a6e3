/* SPDX-License-Identifier: GPL-2.0-only */
/* An explanation as words, and the small things that text is made of. */
#ifndef VASMON_WORDS_H
#define VASMON_WORDS_H

#include "buf.h"
#include "explain.h"
#include "chain.h"
#include "image.h"

char words_mark(const struct effect *e);
uint64_t words_asked(const struct effect *e, const struct event *ev);
void words_effect(struct buf *b, const struct effect *e, const struct event *ev,
		  const struct scene *before, const struct scene *after);
void words_exit(struct buf *b, uint32_t status);
void words_region(struct buf *b, const struct region *r, const struct scene *scene);
void words_frame(struct buf *b, const struct frame *frame);
void words_asker(struct buf *b, const struct chain *chain);
void words_image(struct buf *b, const struct image *image);
void words_range(struct buf *b, uint64_t start, uint64_t end);
void words_human(struct buf *b, uint64_t bytes);
void words_size(struct buf *b, uint64_t bytes);
void words_name(struct buf *b, const struct region *r, const struct layout *l);
void words_what(struct buf *b, const struct what *w, const struct region *r);
size_t words_named(struct buf *b, const struct region *r, const struct what *w,
		   const struct layout *l);
void words_right(struct buf *b, const char *s, size_t width);
void words_right_net(struct buf *b, int64_t net, size_t width);
void words_right_dec(struct buf *b, uint64_t v, size_t width);
void words_right_human(struct buf *b, uint64_t bytes, size_t width);
const char *words_trait(unsigned int bit);

#endif
