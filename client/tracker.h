/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keeps the map of one watched process: puts snapshot and events together,
 * notices what is missing and heals by a new snapshot. Knows no socket.
 */
#ifndef VASMON_TRACKER_H
#define VASMON_TRACKER_H

#include "explain.h"
#include "out.h"
#include "space.h"

/**
 * enum tracker_state - what is known
 * @TRACKER_LIVE: the map as of @seq
 * @TRACKER_EXEC: nothing until the exec event that is to come
 * @TRACKER_BLIND: nothing, the process is about to end
 * @TRACKER_ENDED: it has ended
 */
enum tracker_state {
	TRACKER_LIVE,
	TRACKER_EXEC,
	TRACKER_BLIND,
	TRACKER_ENDED,
};

struct tracker;

/**
 * struct tracker_half - the first half of a change that is two events: a move
 * @set: there is one
 * @effect: what it did
 * @before: for the effect, a copy
 * @after: for the effect, a copy
 */
struct tracker_half {
	bool set;
	struct effect effect;
	struct region before;
	struct region after;
};

/**
 * struct tracker_ops - where snapshots come from and where findings go
 * @snapshot: take one in step with the watch; overwrites @mm and @space, which
 *	the tracker frees, also after an error
 * @on_map: a first map is there
 * @on_event: an event that is about to be applied
 * @on_lost: something was missed; the map is about to be healed
 * @on_healed: the map is whole again
 * @on_mismatch: an event did not fit the map, and why
 */
struct tracker_ops {
	int (*snapshot)(struct tracker *t, struct mm *mm, struct space *space);
	void (*on_map)(struct tracker *t);
	void (*on_event)(struct tracker *t, const struct out_event *e);
	void (*on_lost)(struct tracker *t, const struct out_lost *lost);
	void (*on_healed)(struct tracker *t);
	void (*on_mismatch)(struct tracker *t, const struct event *ev, const char *what);
};

/**
 * struct tracker - one watched process
 * @seq: number of the last event that is in the map
 * @events: events shown one by one
 * @missed: events that were lost
 * @coalesced: events that were only seen as a part of a net difference, the lost
 *	ones included
 * @shown: a first map was given to on_map()
 * @arg: for the owner
 */
struct tracker {
	const struct tracker_ops *ops;
	void *arg;
	uint32_t pid;
	uint32_t watch_id;
	enum tracker_state state;
	uint64_t seq;
	struct mm mm;
	struct space space;
	struct explanation why;
	struct tracker_half half;
	uint64_t events;
	uint64_t missed;
	uint64_t coalesced;
	bool shown;
};

int tracker_start(struct tracker *t);
int tracker_event(struct tracker *t, const struct event *ev);
int tracker_heal(struct tracker *t, const char *reason);
void tracker_free(struct tracker *t);

#endif
