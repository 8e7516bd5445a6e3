/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VASMON_TEXT_H
#define VASMON_TEXT_H

#include "out.h"

void text_effect(struct out *out, const struct effect *e, const struct event *ev,
		 const struct scene *before, const struct scene *after);
void text_event(struct out *out, const struct out_event *e);
void text_lost(struct out *out, const struct out_lost *lost);
void text_watches(struct out *out, const struct watch_info *v, size_t n);

#endif
