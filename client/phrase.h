/* SPDX-License-Identifier: GPL-2.0-only */
/* An effect as a phrase. */
#ifndef VASMON_PHRASE_H
#define VASMON_PHRASE_H

#include "buf.h"
#include "explain.h"
#include "scene.h"

char phrase_mark(const struct effect *e);
uint64_t phrase_asked(const struct effect *e, const struct event *ev);
void phrase_effect(struct buf *b, const struct effect *e, const struct event *ev,
		   const struct scene *before, const struct scene *after);
void phrase_exit(struct buf *b, uint32_t status);

#endif
