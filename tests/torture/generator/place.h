/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TORTURE_PLACE_H
#define TORTURE_PLACE_H

#include "worker.h"

struct range place_arena(struct worker *w);
struct range place_grow(struct worker *w);
struct range place_mapped(struct worker *w);
struct range place_far(struct worker *w);
void place_keep(struct worker *w, long addr, unsigned long len);
void place_forget(struct worker *w, unsigned long addr, unsigned long len);
void place_drop(struct worker *w, unsigned int i);

#endif /* TORTURE_PLACE_H */
