/* SPDX-License-Identifier: GPL-2.0-only */
/* What a tracker finds, as output: for watch and replay alike. */
#ifndef VASMON_VIEW_H
#define VASMON_VIEW_H

#include "filter.h"
#include "known.h"
#include "opt.h"
#include "recfile.h"
#include "tracker.h"

/**
 * struct view - an output and what was shown there
 * @path: the file that it goes to, NULL for none
 * @json: JSON Lines rather than text
 * @colour: when to use colours
 * @times: how text shows times
 * @verbose: show the regions as they were and as they are
 * @filter: which events are shown
 * @known: about the processes; NULL if nothing is, or is to be
 * @files: of a recording: those that @known can open; NULL where processes are alive
 * @raw_names: names of functions are shown as files have them
 * @quiet: do not show maps, only events
 * @pid: show this process alone, 0 for all
 * @limit: events to show at most, 0 for no limit
 * @shown: events shown
 */
struct view {
	const struct verb *verb;
	struct out out;
	const char *path;
	bool json;
	enum out_colour colour;
	enum out_times times;
	bool verbose;
	struct filter filter;
	struct known *known;
	const struct recfiles *files;
	bool raw_names;
	bool quiet;
	uint32_t pid;
	uint64_t limit;
	uint64_t shown;
};

#define VIEW_INIT(verb_)	{ .verb = verb_, .out = { .fd = -1 } }

static inline bool view_is_full(const struct view *v)
{
	return v->limit && v->shown >= v->limit;
}

enum opt_taken view_option(struct view *v, int key, const char *value);
int view_open(struct view *v, int fd);
void view_close(struct view *v);
void view_recording(struct view *v, struct known *known, const struct recfiles *files);
const struct facts *view_facts(struct view *v, uint32_t pid, bool anew);
void view_code(struct view *v, const struct tracker_process *p);
void view_map(struct view *v, struct tracker *t, const struct tracker_process *p);
void view_event(struct view *v, const struct out_event *e);
void view_lost(struct view *v, const struct out_lost *lost);
void view_healed(struct view *v, struct tracker *t, const struct tracker_process *p);

#endif
