/* SPDX-License-Identifier: GPL-2.0-only */
/* What running processes do, shown as it happens: for watch and run. */
#ifndef VASMON_SHOW_H
#define VASMON_SHOW_H

#include "live.h"
#include "view.h"

/**
 * struct show - one run of the verb
 * @live: the watches
 * @known: what is known about the processes
 * @view: what is shown of them
 */
struct show {
	struct live live;
	struct known known;
	struct view view;
};

#define SHOW_INIT(verb_)	{ .live = LIVE_INIT(verb_), .view = VIEW_INIT(verb_) }

extern const struct opt show_opts[];

enum opt_taken show_option(void *arg, int key, const char *value);
int show_go(struct show *s);
void show_free(struct show *s);

#endif
