/* SPDX-License-Identifier: GPL-2.0-only */
/* What stands at the right of a column that is @width wide; wider than that, it is not cut. */
#ifndef VASMON_COLUMN_H
#define VASMON_COLUMN_H

#include "buf.h"

void column_text(struct buf *b, const char *s, size_t width);
void column_dec(struct buf *b, uint64_t v, size_t width);
void column_net(struct buf *b, int64_t net, size_t width);
void column_human(struct buf *b, uint64_t bytes, size_t width);

#endif
