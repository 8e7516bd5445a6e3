/* SPDX-License-Identifier: GPL-2.0-only */
/* A region, a frame and what else stands in an explanation, as words. */
#ifndef VASMON_WORDS_H
#define VASMON_WORDS_H

#include "buf.h"
#include "chain.h"
#include "image.h"
#include "what.h"

void words_region(struct buf *b, const struct region *r, const struct scene *scene);
void words_frame(struct buf *b, const struct frame *frame);
void words_asker(struct buf *b, const struct chain *chain);
void words_image(struct buf *b, const struct image *image);
void words_range(struct buf *b, uint64_t start, uint64_t end);
void words_perms(struct buf *b, const struct region *r);
void words_wx(struct buf *b, const struct region *r);
void words_label(struct buf *b, const struct region *r, const struct scene *scene);
void words_name(struct buf *b, const struct region *r, const struct layout *l);
void words_what(struct buf *b, const struct what *w, const struct region *r);
size_t words_named(struct buf *b, const struct region *r, const struct what *w,
		   const struct layout *l);
const char *words_trait(unsigned int bit);

#endif
