/* SPDX-License-Identifier: GPL-2.0-only */
/* A number of bytes as people read it. */
#ifndef VASMON_SIZE_H
#define VASMON_SIZE_H

#include "buf.h"

void size_human(struct buf *b, uint64_t bytes);
void size_put(struct buf *b, uint64_t bytes);

#endif
