/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keeps the maps of the processes of one watch: puts snapshots and events
 * together, notices what is missing and heals by new snapshots. Knows no socket.
 */
#ifndef VASMON_TRACKER_H
#define VASMON_TRACKER_H

#include "explain.h"
#include "out.h"
#include "space.h"

/**
 * enum tracker_state - what is known of a process
 * @TRACKER_LIVE: its map
 * @TRACKER_EXEC: nothing until the exec event that is to come
 * @TRACKER_BLIND: nothing, it is about to end or could not be dumped
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
 * struct tracker_half - what a change did whose other half is still to come: a move,
 *	a whole map in parts
 * @set: there is one
 * @ev: the event, without regions
 * @effect: what it did
 * @before: for the effect, a copy
 * @after: for the effect, a copy
 */
struct tracker_half {
	bool set;
	struct event ev;
	struct effect effect;
	struct region before;
	struct region after;
};

/**
 * struct tracker_process - one process of a watch
 * @seq: number of the last event that its first or newest snapshot includes; see
 *	tracker_at()
 * @show: give the map to on_map() once it is complete
 * @unseen: events that came, or that are known to be lost, while there was no map that
 *	they could be applied to; not told yet
 */
struct tracker_process {
	uint32_t pid;
	enum tracker_state state;
	uint64_t seq;
	struct mm mm;
	struct space space;
	struct tracker_half half;
	bool show;
	uint64_t unseen;
};

/**
 * struct tracker_ops - where snapshots come from and where findings go
 * @snapshot: take one in step with the watch; overwrites @mm and @space, which
 *	the tracker frees, also after an error
 * @processes: the processes of the watch, in an array that the tracker frees, also
 *	after an error; NULL where snapshots tell of them
 * @on_map: there is a process whose map is not told by an event
 * @on_event: an event that is about to be applied
 * @on_lost: something was missed; the map is about to be healed
 * @on_healed: the map is whole again
 * @on_mismatch: an event did not fit the map, and why
 * @facts: what is known about a process, NULL if nothing; @anew: it is another program
 *	now. Can be NULL itself.
 */
struct tracker_ops {
	int (*snapshot)(struct tracker *t, uint32_t pid, struct mm *mm, struct space *space);
	int (*processes)(struct tracker *t, uint32_t **pids, size_t *n);
	void (*on_map)(struct tracker *t, const struct tracker_process *p);
	void (*on_event)(struct tracker *t, const struct tracker_process *p,
			 const struct out_event *e);
	void (*on_lost)(struct tracker *t, const struct out_lost *lost);
	void (*on_healed)(struct tracker *t, const struct tracker_process *p);
	void (*on_mismatch)(struct tracker *t, const struct event *ev, const char *what);
	const struct facts *(*facts)(struct tracker *t, uint32_t pid, bool anew);
};

/**
 * struct tracker - one watch
 * @arg: where snapshots come from: a struct live, or a struct replay
 * @owner: for who takes the findings
 * @pid: the process that the watch began with
 * @follow: the watch follows children
 * @held: the process that the watch began with has still to become what is to be
 *	watched: nothing before its next exec is told
 * @plain: on_event() gets the event alone, on_lost() no explanation: nobody reads more
 * @heap_inclusive: as in struct layout, for processes that no snapshot told of
 * @ended: the watch has ended
 * @seq: number of the last event that came, or that is known to be lost
 * @told_to: number of the last event that was told as a part of a net difference
 * @v: the processes by ascending pid; those of a watch that follows are forgotten
 *	when they have ended
 * @events: events shown one by one
 * @missed: events that were lost
 * @coalesced: events that were only seen as a part of a net difference, the lost
 *	ones included
 */
struct tracker {
	const struct tracker_ops *ops;
	void *arg;
	void *owner;
	uint32_t pid;
	uint32_t watch_id;
	bool follow;
	bool held;
	bool plain;
	bool heap_inclusive;
	bool ended;
	uint64_t seq;
	uint64_t told_to;
	struct tracker_process **v;
	size_t n;
	size_t room;
	size_t last;
	struct explanation why;
	uint64_t events;
	uint64_t missed;
	uint64_t coalesced;
};

/* Number of the event after which the map of @p is as it is now. */
static inline uint64_t tracker_at(const struct tracker *t, const struct tracker_process *p)
{
	return p->seq > t->seq ? p->seq : t->seq;
}

struct scene tracker_scene(struct tracker *t, const struct tracker_process *p);
int tracker_start(struct tracker *t);
int tracker_event(struct tracker *t, const struct event *ev);
int tracker_heal(struct tracker *t, const char *reason);
int tracker_refresh(struct tracker *t, uint32_t pid);
struct tracker_process *tracker_find(struct tracker *t, uint32_t pid);
bool tracker_waits_blind(const struct tracker *t);
void tracker_give_up(struct tracker *t);
void tracker_finish(struct tracker *t);
void tracker_free(struct tracker *t);

#endif
