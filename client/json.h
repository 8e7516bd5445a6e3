/* SPDX-License-Identifier: GPL-2.0-only */
/* JSON Lines, as JSON.md describes them. */
#ifndef VASMON_JSON_H
#define VASMON_JSON_H

#include "out.h"

void json_map(struct buf *b, const struct mm *mm, const struct scene *scene,
	      const struct out_map *how);
void json_effects(struct buf *b, const struct explanation *why, const struct event *ev,
		  const struct scene *before, const struct scene *after);
void json_event(struct buf *b, const struct out_event *e);
void json_lost(struct buf *b, const struct out_lost *lost);
void json_watches(struct buf *b, const struct watch_info *v, size_t n);

#endif
