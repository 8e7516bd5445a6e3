/* SPDX-License-Identifier: GPL-2.0-only */
/* What a tracker finds, as output: for watch and replay alike. */
#ifndef VASMON_VIEW_H
#define VASMON_VIEW_H

#include "known.h"
#include "opt.h"
#include "tracker.h"

/**
 * struct view - an output and what was shown there
 * @known: about the processes, for they are alive; NULL if they are not
 * @quiet: do not show maps, only events
 * @pid: show this process alone, 0 for all
 * @limit: events to show at most, 0 for no limit
 * @shown: events shown
 */
struct view {
	const struct verb *verb;
	struct out out;
	struct known *known;
	bool quiet;
	uint32_t pid;
	uint64_t limit;
	uint64_t shown;
};

static inline bool view_is_full(const struct view *v)
{
	return v->limit && v->shown >= v->limit;
}

const struct facts *view_facts(struct view *v, uint32_t pid, bool anew);
void view_map(struct view *v, struct tracker *t, const struct tracker_process *p);
void view_event(struct view *v, const struct out_event *e);
void view_lost(struct view *v, const struct out_lost *lost);
void view_healed(struct view *v, struct tracker *t, const struct tracker_process *p);
void view_mismatch(struct view *v, const struct event *ev, const char *what);

#endif
