// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "parse.h"
#include "tracker.h"

static void tracker_half_drop(struct tracker *t)
{
	if (!t->half.set)
		return;
	free((char *)t->half.before.name);
	free((char *)t->half.after.name);
	t->half = (struct tracker_half){ 0 };
}

static int tracker_half_copy(struct region *to, const struct region **from)
{
	if (!*from)
		return 0;
	*to = **from;
	to->name = strdup((*from)->name);
	*from = to;
	return to->name ? 0 : -ENOMEM;
}

/* Keep what the event did, for the one that goes on with it. */
static int tracker_half_keep(struct tracker *t, const struct effect *e)
{
	struct tracker_half *half = &t->half;
	int err;

	half->set = true;
	half->effect = *e;
	err = tracker_half_copy(&half->before, &half->effect.before);
	if (!err)
		err = tracker_half_copy(&half->after, &half->effect.after);
	return err;
}

void tracker_free(struct tracker *t)
{
	tracker_half_drop(t);
	parse_mm_free(&t->mm);
	space_free(&t->space);
	explain_free(&t->why);
}

static void tracker_take(struct tracker *t, struct mm *mm, struct space *space)
{
	parse_mm_free(&t->mm);
	space_free(&t->space);
	t->mm = *mm;
	t->space = *space;
	t->seq = mm->seq;
	t->state = mm->has_seq ? TRACKER_LIVE : TRACKER_EXEC;
}

static void tracker_show(struct tracker *t)
{
	if (t->shown)
		return;
	t->shown = true;
	t->ops->on_map(t);
}

/**
 * tracker_start - take the first snapshot
 * @t: zeroed but for ops, arg, pid and watch_id. The watch is in place already:
 *	what happens after the snapshot will come as an event.
 *
 * Return: 0 or an error of the snapshot.
 */
int tracker_start(struct tracker *t)
{
	struct space space = { 0 };
	struct mm mm = { 0 };
	int err;

	err = t->ops->snapshot(t, &mm, &space);
	if (err) {
		parse_mm_free(&mm);
		space_free(&space);
		return err;
	}
	tracker_take(t, &mm, &space);
	if (t->state == TRACKER_LIVE)
		tracker_show(t);
	return 0;
}

/*
 * Replace the map by a new snapshot and tell the difference.
 * @lost says what is known about the reason.
 */
static int tracker_resnap(struct tracker *t, struct out_lost *lost, bool quiet)
{
	struct layout before = t->space.layout, after;
	struct space space = { 0 };
	struct mm mm = { 0 };
	int err;

	lost->pid = t->pid;
	lost->held = t->half.set ? &t->half.effect : NULL;
	lost->before = &before;
	lost->after = &before;
	err = t->ops->snapshot(t, &mm, &space);
	/* It has ended: its last event is on the way, and tells how. */
	if (err == -ESRCH || err == -ENOENT) {
		err = 0;
		t->state = TRACKER_BLIND;
		t->missed += lost->missed;
		if (!quiet || lost->missed)
			t->ops->on_lost(t, lost);
		tracker_half_drop(t);
		goto drop;
	}
	if (!err && mm.has_seq && mm.seq < t->seq)
		err = -EBADMSG;
	if (!err)
		err = explain_diff(&t->why, &t->space, &space);
	if (err)
		goto drop;

	/* Nothing was lost after all: a full buffer need not have cost an event. */
	if (quiet && mm.has_seq && mm.seq == t->seq && !t->why.n)
		goto drop;
	if (!lost->missed && quiet && mm.has_seq)
		lost->missed = mm.seq - t->seq;
	after = space.layout;
	lost->seq_from = t->seq + 1;
	lost->seq_to = mm.has_seq ? mm.seq : t->seq;
	lost->time = mm.time;
	lost->why = &t->why;
	lost->after = &after;
	t->missed += lost->missed;
	t->coalesced += lost->seq_to - t->seq;
	t->ops->on_lost(t, lost);
	tracker_half_drop(t);
	tracker_take(t, &mm, &space);
	t->ops->on_healed(t);
	return 0;

drop:
	parse_mm_free(&mm);
	space_free(&space);
	return err;
}

/**
 * tracker_heal - something may have been lost, find out
 * @t: the tracker; events that are there already have been given to it
 * @reason: as in struct out_lost
 *
 * Return: 0 or an error.
 */
int tracker_heal(struct tracker *t, const char *reason)
{
	struct out_lost lost = { .reason = reason };

	return t->state == TRACKER_LIVE ? tracker_resnap(t, &lost, true) : 0;
}

static int tracker_apply(struct tracker *t, const struct event *ev)
{
	struct layout before = t->space.layout, after = space_layout_after(&t->space, ev);
	struct out_event e = {
		.ev = ev, .why = &t->why, .before = &before, .after = &after, .pid = t->pid,
	};
	bool more = ev->flags & VASMON_EVENT_FLAG_MORE;
	int err;

	err = explain_event(&t->why, ev, &t->space, call_name(ev));
	if (err)
		return err;
	if (t->half.set && !explain_join(&t->why, &t->half.effect, call_name(ev)))
		e.held = &t->half.effect;
	e.deferred = more && !t->half.set && t->why.n == 1 &&
		     (t->why.v[0].kind == EFFECT_MAP || t->why.v[0].kind == EFFECT_UNMAP);
	t->events++;
	t->ops->on_event(t, &e);
	tracker_half_drop(t);
	if (e.deferred) {
		err = tracker_half_keep(t, &t->why.v[0]);
		if (err)
			return err;
	}
	err = space_apply(&t->space, ev);
	t->seq = ev->seq;
	return err;
}

static int tracker_end(struct tracker *t, const struct event *ev)
{
	struct out_lost lost = { .reason = "blind", .pid = t->pid };
	int err;

	if (t->state == TRACKER_LIVE && ev->seq > t->seq + 1) {
		lost.missed = ev->seq - t->seq - 1;
		t->missed += lost.missed;
		t->ops->on_lost(t, &lost);
	}
	/* Nothing is applied any more, so nothing has to fit. */
	err = tracker_apply(t, ev);
	t->state = TRACKER_ENDED;
	return err;
}

/**
 * tracker_event - take the next event
 * @t: the tracker
 * @ev: an event of its watch
 *
 * Return: 0 or an error.
 */
int tracker_event(struct tracker *t, const struct event *ev)
{
	struct out_lost lost = { .ev = ev };
	const char *what;
	int err;

	if (t->state == TRACKER_ENDED)
		return 0;
	if (ev->cause == VASMON_CAUSE_EXIT)
		return tracker_end(t, ev);

	if (t->state == TRACKER_LIVE) {
		/* The snapshot has it already. */
		if (ev->seq <= t->seq)
			return 0;
		if (ev->cause == VASMON_CAUSE_OVERRUN) {
			lost.reason = "overrun";
			lost.missed = ev->lost;
		} else if (ev->seq != t->seq + 1) {
			lost.reason = "gap";
			lost.missed = ev->seq - t->seq - 1;
			lost.ev = NULL;
		} else if (ev->cause == VASMON_CAUSE_RESYNC) {
			lost.reason = "resync";
		} else if (ev->flags & VASMON_EVENT_FLAG_INCOMPLETE) {
			lost.reason = "incomplete";
		} else if ((what = space_check(&t->space, ev))) {
			lost.reason = "mismatch";
			t->ops->on_mismatch(t, ev, what);
		} else {
			return tracker_apply(t, ev);
		}
		return tracker_resnap(t, &lost, false);
	}

	/* Until the exec event there is nothing that a change could be applied to. */
	if (ev->cause == VASMON_CAUSE_OVERRUN) {
		t->missed += ev->lost;
		lost.reason = "overrun";
		return tracker_resnap(t, &lost, false);
	}
	if (ev->cause != VASMON_CAUSE_EXEC)
		return 0;
	if ((ev->flags & VASMON_EVENT_FLAG_INCOMPLETE) || space_check(&t->space, ev)) {
		lost.reason = "incomplete";
		return tracker_resnap(t, &lost, false);
	}
	t->state = TRACKER_LIVE;
	err = tracker_apply(t, ev);
	if (!err) {
		t->mm.has_seq = true;
		t->mm.seq = ev->seq;
		t->mm.time = ev->time;
		memcpy(t->mm.comm, ev->comm, sizeof(t->mm.comm));
		tracker_show(t);
	}
	return err;
}
