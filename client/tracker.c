// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "parse.h"
#include "tracker.h"
#include "what.h"

static void tracker_half_drop(struct tracker_process *p)
{
	if (!p->half.set)
		return;
	free((char *)p->half.before.name);
	free((char *)p->half.after.name);
	p->half = (struct tracker_half){ 0 };
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
static int tracker_half_keep(struct tracker_process *p, const struct effect *e,
			     const struct event *ev)
{
	struct tracker_half *half = &p->half;
	int err;

	half->set = true;
	half->ev = *ev;
	half->ev.old = (struct regions){ 0 };
	half->ev.fresh = (struct regions){ 0 };
	half->ev.text = NULL;
	half->ev.stack = NULL;
	half->ev.stack_size = 0;
	half->effect = *e;
	err = tracker_half_copy(&half->before, &half->effect.before);
	if (!err)
		err = tracker_half_copy(&half->after, &half->effect.after);
	return err;
}

/* Place of @pid among the processes, or where it would have to be. */
static size_t tracker_place(const struct tracker *t, uint32_t pid)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (t->v[mid]->pid < pid)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The process of that id, or NULL; without follow there is only one. */
struct tracker_process *tracker_find(struct tracker *t, uint32_t pid)
{
	if (!t->follow)
		return t->n ? t->v[0] : NULL;
	/* One process mostly does many changes before it is another one's turn. */
	if (t->last < t->n && t->v[t->last]->pid == pid)
		return t->v[t->last];
	t->last = tracker_place(t, pid);
	return t->last < t->n && t->v[t->last]->pid == pid ? t->v[t->last] : NULL;
}

static struct tracker_process *tracker_add(struct tracker *t, uint32_t pid, uint64_t seq)
{
	size_t at = tracker_place(t, pid);
	struct tracker_process *p;

	if (t->n == t->room) {
		size_t room = t->room ? t->room * 2 : 4;
		struct tracker_process **v = reallocarray(t->v, room, sizeof(*v));

		if (!v)
			return NULL;
		t->v = v;
		t->room = room;
	}
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->pid = pid;
	p->seq = seq;
	p->mm.pid = pid;
	p->mm.watch_id = t->watch_id;
	p->space.layout.heap_inclusive = t->heap_inclusive;
	memmove(t->v + at + 1, t->v + at, (t->n - at) * sizeof(*t->v));
	t->v[at] = p;
	t->n++;
	return p;
}

static void tracker_process_free(struct tracker_process *p)
{
	tracker_half_drop(p);
	parse_mm_free(&p->mm);
	space_free(&p->space);
	free(p);
}

static void tracker_forget(struct tracker *t, struct tracker_process *p)
{
	size_t at = tracker_place(t, p->pid);

	tracker_process_free(p);
	t->n--;
	memmove(t->v + at, t->v + at + 1, (t->n - at) * sizeof(*t->v));
}

void tracker_free(struct tracker *t)
{
	while (t->n)
		tracker_process_free(t->v[--t->n]);
	free(t->v);
	t->v = NULL;
	t->room = 0;
	explain_free(&t->why);
}

static void tracker_take(struct tracker *t, struct tracker_process *p, struct mm *mm,
			 struct space *space)
{
	parse_mm_free(&p->mm);
	space_free(&p->space);
	p->mm = *mm;
	p->space = *space;
	p->seq = mm->seq;
	p->state = mm->has_seq ? TRACKER_LIVE : TRACKER_EXEC;
	t->heap_inclusive = space->layout.heap_inclusive;
}

static const struct facts *tracker_facts(struct tracker *t, uint32_t pid, bool anew)
{
	return t->ops->facts && !t->plain ? t->ops->facts(t, pid, anew) : NULL;
}

/* The map of a process as it is, with what is known about it. */
struct scene tracker_scene(struct tracker *t, const struct tracker_process *p)
{
	return scene_before(&p->space, &p->space.layout, tracker_facts(t, p->pid, false),
			    p->mm.exe);
}

/* Number of the last event that was told, or counted, as far as it concerns @p. */
static uint64_t tracker_counted(const struct tracker *t, const struct tracker_process *p)
{
	uint64_t at = tracker_at(t, p);

	return t->told_to > at ? t->told_to : at;
}

static void tracker_show(struct tracker *t, struct tracker_process *p)
{
	if (!p->show)
		return;
	p->show = false;
	t->ops->on_map(t, p);
}

/* A process that is known by its snapshot alone. */
static int tracker_introduce(struct tracker *t, uint32_t pid)
{
	struct tracker_process *p;
	struct space space = { 0 };
	struct mm mm = { 0 };
	int err;

	err = t->ops->snapshot(t, pid, &mm, &space);
	p = err ? NULL : tracker_add(t, pid, 0);
	if (!p) {
		parse_mm_free(&mm);
		space_free(&space);
		return err ? err : -ENOMEM;
	}
	p->show = true;
	tracker_take(t, p, &mm, &space);
	if (t->held && pid == t->pid) {
		p->state = TRACKER_EXEC;
		space_free(&p->space);
		p->space.layout.heap_inclusive = t->heap_inclusive;
	}
	if (p->state == TRACKER_LIVE)
		tracker_show(t, p);
	return 0;
}

/**
 * tracker_start - take the first snapshot
 * @t: zeroed but for ops, arg, pid, watch_id, follow, held and plain. The watch is in
 *	place already: what happens after the snapshot will come as an event.
 *
 * Return: 0 or an error of the snapshot.
 */
int tracker_start(struct tracker *t)
{
	return tracker_introduce(t, t->pid);
}

/*
 * Replace the map by a new snapshot and tell the difference.
 * @lost says what is known about the reason.
 */
static int tracker_resnap(struct tracker *t, struct tracker_process *p, struct out_lost *lost,
			  bool quiet)
{
	struct scene before = tracker_scene(t, p), after = before;
	uint64_t at = tracker_at(t, p), since;
	struct space space = { 0 };
	struct mm mm = { 0 };
	int err;

	lost->pid = p->pid;
	lost->held = p->half.set ? &p->half.effect : NULL;
	/* cppcheck-suppress autoVariables - on_lost() below is the last who looks */
	lost->before = &before;
	lost->after = &before;
	err = t->ops->snapshot(t, p->pid, &mm, &space);
	/* It has ended: its last event is on the way, and tells how. */
	if (err == -ESRCH || err == -ENOENT) {
		err = 0;
		p->state = TRACKER_BLIND;
		t->missed += lost->missed;
		if (!quiet || lost->missed)
			t->ops->on_lost(t, lost);
		tracker_half_drop(p);
		goto drop;
	}
	if (!err && mm.has_seq && mm.seq < at)
		err = -EBADMSG;
	if (!err && !t->plain)
		err = explain_diff(&t->why, &p->space, &space);
	if (err)
		goto drop;

	/* Nothing was lost after all: a full buffer need not have cost an event. */
	if (quiet && mm.has_seq && mm.seq == at && !t->plain && !t->why.n)
		goto drop;
	/* What was told for one process of the watch counts only once. */
	since = tracker_counted(t, p);
	if (!lost->missed && quiet && mm.has_seq && mm.seq > since)
		lost->missed = mm.seq - since;
	after.space = &space;
	after.layout = &space.layout;
	lost->seq_from = at + 1;
	lost->seq_to = mm.has_seq ? mm.seq : at;
	lost->time = mm.time;
	lost->why = &t->why;
	/* cppcheck-suppress autoVariables - on_lost() below is the last who looks */
	lost->after = &after;
	t->missed += lost->missed;
	if (lost->seq_to > since) {
		lost->coalesced = lost->seq_to - since;
		t->coalesced += lost->coalesced;
		t->told_to = lost->seq_to;
	}
	t->ops->on_lost(t, lost);
	tracker_half_drop(p);
	tracker_take(t, p, &mm, &space);
	/* Who could not be shown yet is shown by the difference to nothing. */
	p->show = false;
	t->ops->on_healed(t, p);
	return 0;

drop:
	parse_mm_free(&mm);
	space_free(&space);
	/* NOLINTNEXTLINE(clang-analyzer-core.StackAddressEscape): as above, nobody looks again */
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
	size_t i;
	int err = 0;

	for (i = 0; !err && !t->ended && i < t->n; i++) {
		struct out_lost lost = { .reason = reason };

		if (t->v[i]->state == TRACKER_LIVE)
			err = tracker_resnap(t, t->v[i], &lost, true);
	}
	return err;
}

/**
 * tracker_refresh - there is a snapshot that nothing asked for
 * @t: the tracker
 * @pid: the process
 *
 * Return: 0 or an error.
 */
int tracker_refresh(struct tracker *t, uint32_t pid)
{
	struct tracker_process *p = tracker_find(t, pid);
	struct out_lost lost = { .reason = "snapshot" };
	int err;

	if (t->ended)
		return 0;
	if (p)
		return tracker_resnap(t, p, &lost, false);
	err = tracker_introduce(t, pid);
	return err == -ESRCH || err == -ENOENT ? 0 : err;
}

/* Tell what an event is about to do. */
static int tracker_tell(struct tracker *t, struct tracker_process *p, const struct event *ev)
{
	struct scene before = tracker_scene(t, p), after;
	struct layout layout = space_layout_after(&p->space, ev);
	struct out_event e = {
		.ev = ev, .why = &t->why, .before = &before, .after = &after, .pid = p->pid,
	};
	bool more = ev->flags & VASMON_EVENT_FLAG_MORE, part = space_is_whole_part(ev);
	struct what_last last_before = { 0 }, last_after = { 0 };
	int err;

	after = scene_after(&before, ev, &layout);
	before.last = &last_before;
	after.last = &last_after;
	if (ev->cause == VASMON_CAUSE_EXEC && space_is_whole(ev)) {
		after.exe = NULL;
		after.facts = tracker_facts(t, p->pid, true);
	}
	err = explain_event(&t->why, ev, &p->space, call_name(ev));
	if (err)
		return err;
	if (p->half.set && !part && !explain_join(&t->why, &p->half.effect, call_name(ev)))
		e.held = &p->half.effect;
	/* Of a whole map in parts the last one has the totals. */
	e.deferred = more && (part || (!p->half.set && t->why.n == 1 &&
				       (t->why.v[0].kind == EFFECT_MAP ||
					t->why.v[0].kind == EFFECT_UNMAP)));
	t->ops->on_event(t, p, &e);
	tracker_half_drop(p);
	return e.deferred ? tracker_half_keep(p, &t->why.v[0], ev) : 0;
}

static int tracker_apply(struct tracker *t, struct tracker_process *p, const struct event *ev)
{
	int err = 0;

	t->events++;
	if (t->plain)
		t->ops->on_event(t, p, &(struct out_event){ .ev = ev, .pid = p->pid });
	else
		err = tracker_tell(t, p, ev);
	if (err)
		return err;
	/* With the process its map goes; nothing has to fit any more. */
	return ev->cause == VASMON_CAUSE_EXIT ? 0 : space_apply(&p->space, ev);
}

/* What came while the map could not be read any more was missed as well. */
static void tracker_tell_unseen(struct tracker *t, struct tracker_process *p)
{
	struct out_lost lost = { .reason = "blind", .missed = p->unseen, .pid = p->pid };

	if (!p->unseen)
		return;
	p->unseen = 0;
	t->missed += lost.missed;
	t->ops->on_lost(t, &lost);
}

static int tracker_end(struct tracker *t, struct tracker_process *p, const struct event *ev)
{
	int err;

	tracker_tell_unseen(t, p);
	err = tracker_apply(t, p, ev);
	p->state = TRACKER_ENDED;
	if (t->follow)
		tracker_forget(t, p);
	else
		t->ended = true;
	return err;
}

/*
 * The file that a process has been started from, as far as its first map tells: the
 * break begins above the program; a static one lies alone.
 */
static const char *tracker_program(const struct event *ev)
{
	const struct region *lowest = NULL, *below = NULL, *r;
	size_t i;

	for (i = 0; i < ev->fresh.n; i++) {
		r = &ev->fresh.v[i];
		if (r->name_type != VASMON_NAME_TYPE_FILE)
			continue;
		lowest = lowest ? lowest : r;
		if (r->end <= ev->start_brk)
			below = r;
	}
	r = below ? below : lowest;
	return r ? r->name : NULL;
}

/* The new program's map: from here on the process is known again. */
static int tracker_begin(struct tracker *t, struct tracker_process *p, const struct event *ev)
{
	const char *program = tracker_program(ev);
	int err;

	if (p->pid == t->pid)
		t->held = false;
	free(p->mm.exe);
	p->mm.exe = program ? strdup(program) : NULL;
	p->state = TRACKER_LIVE;
	err = tracker_apply(t, p, ev);
	p->mm.has_seq = true;
	p->mm.seq = ev->seq;
	p->mm.time = ev->time;
	memcpy(p->mm.comm, ev->comm, sizeof(p->mm.comm));
	return err;
}

static int tracker_process_event(struct tracker *t, struct tracker_process *p,
				 const struct event *ev)
{
	struct out_lost lost = { .ev = ev };
	const char *what;
	int err;

	if (ev->cause == VASMON_CAUSE_EXIT)
		return tracker_end(t, p, ev);
	if (p->state == TRACKER_LIVE) {
		/* The snapshot has it already. */
		if (ev->seq <= p->seq)
			return 0;
		what = space_check(&p->space, ev);
		if (ev->cause == VASMON_CAUSE_RESYNC) {
			lost.reason = "resync";
		} else if (ev->flags & VASMON_EVENT_FLAG_INCOMPLETE) {
			lost.reason = "incomplete";
		} else if (what) {
			lost.reason = "mismatch";
			t->ops->on_mismatch(t, ev, what);
		} else {
			err = tracker_apply(t, p, ev);
			if (!err && !(ev->flags & VASMON_EVENT_FLAG_MORE))
				tracker_show(t, p);
			return err;
		}
		return tracker_resnap(t, p, &lost, false);
	}

	/*
	 * There was no memory for that event: this one comes instead, once there is. But
	 * not before a command has begun.
	 */
	if (ev->cause == VASMON_CAUSE_RESYNC && p->state == TRACKER_EXEC &&
	    !(t->held && p->pid == t->pid)) {
		lost.reason = "resync";
		return tracker_resnap(t, p, &lost, false);
	}
	/* Until the exec event there is nothing that a change could be applied to. */
	if (ev->cause != VASMON_CAUSE_EXEC) {
		p->unseen += p->state == TRACKER_BLIND && ev->seq > p->seq;
		return 0;
	}
	tracker_tell_unseen(t, p);
	if ((ev->flags & VASMON_EVENT_FLAG_INCOMPLETE) || !space_is_whole(ev) ||
	    space_check(&p->space, ev)) {
		lost.reason = "incomplete";
		return tracker_resnap(t, p, &lost, false);
	}
	err = tracker_begin(t, p, ev);
	if (!err && !(ev->flags & VASMON_EVENT_FLAG_MORE))
		tracker_show(t, p);
	return err;
}

/* An event of a process that the watch has got since the last event. */
static int tracker_new_process(struct tracker *t, const struct event *ev)
{
	struct out_lost lost = { .ev = ev, .reason = "incomplete" };
	struct tracker_process *p;
	int err;

	/* It has no id in this pid namespace: there is no asking for it. */
	if (!ev->pid)
		return 0;
	if (!space_is_whole_part(ev) && ev->cause != VASMON_CAUSE_EXIT) {
		/* How it came into the watch was lost. */
		err = tracker_introduce(t, ev->pid);
		return err == -ESRCH || err == -ENOENT ? 0 : err;
	}
	p = tracker_add(t, ev->pid, ev->seq - 1);
	if (!p)
		return -ENOMEM;
	if (ev->cause == VASMON_CAUSE_EXIT)
		return tracker_end(t, p, ev);
	if ((ev->flags & VASMON_EVENT_FLAG_INCOMPLETE) || !space_is_whole(ev) ||
	    space_check(&p->space, ev))
		return tracker_resnap(t, p, &lost, false);
	return tracker_begin(t, p, ev);
}

/*
 * The events up to number @to did not come: heal each process whose map does not
 * have them. The one that @ending tells the end of can not be dumped any more.
 */
static int tracker_lose(struct tracker *t, struct out_lost *lost, uint64_t to,
			const struct tracker_process *ending)
{
	struct tracker_process *blind = NULL;
	bool live = false, told = false;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < t->n; i++) {
		struct tracker_process *p = t->v[i];
		struct out_lost one = *lost;

		live |= p->state == TRACKER_LIVE;
		if (p->state == TRACKER_LIVE && tracker_at(t, p) >= to)
			continue;
		/* Before the first event nobody knows which number it has. */
		if (p->state == TRACKER_EXEC && !lost->ev && !t->seq)
			continue;
		if (p->state == TRACKER_BLIND)
			blind = p;
		if (p->state == TRACKER_BLIND || p->state == TRACKER_ENDED)
			continue;
		if (!lost->ev && !told)
			one.missed = to - tracker_at(t, p);
		told = true;
		if (p != ending) {
			err = tracker_resnap(t, p, &one, false);
		} else if (p->state == TRACKER_LIVE) {
			one.reason = "blind";
			one.ev = NULL;
			one.pid = p->pid;
			t->missed += one.missed;
			t->ops->on_lost(t, &one);
		}
		lost->missed = 0;
	}
	/* What its snapshot, or another process's net difference, has in it was told. */
	if (blind && !told && !lost->ev && to > tracker_counted(t, blind))
		blind->unseen += to - tracker_counted(t, blind);
	else if (blind && !live)
		blind->unseen += lost->missed;
	else if (!live)
		t->missed += lost->missed;
	return err;
}

/* Children whose fork was among what was lost. */
static int tracker_find_children(struct tracker *t)
{
	uint32_t *pids = NULL;
	size_t i, n = 0;
	int err;

	if (!t->follow || !t->ops->processes)
		return 0;
	err = t->ops->processes(t, &pids, &n);
	for (i = 0; !err && i < n; i++) {
		if (!pids[i] || tracker_find(t, pids[i]))
			continue;
		err = tracker_introduce(t, pids[i]);
		/* It has ended: its last event tells of it. */
		if (err == -ESRCH)
			err = 0;
	}
	free(pids);
	/* So has the watch. */
	return err == -ENOENT ? 0 : err;
}

static int tracker_overrun(struct tracker *t, const struct event *ev)
{
	struct out_lost lost = { .ev = ev, .reason = "overrun", .missed = ev->lost };
	int err;

	err = tracker_lose(t, &lost, ev->seq, NULL);
	if (ev->seq > t->seq)
		t->seq = ev->seq;
	return err ? err : tracker_find_children(t);
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
	struct tracker_process *p;
	int err = 0;

	if (t->ended)
		return 0;
	if (ev->cause == VASMON_CAUSE_OVERRUN)
		return tracker_overrun(t, ev);

	p = tracker_find(t, ev->pid);
	if (ev->seq > t->seq + 1) {
		struct out_lost lost = { .reason = "gap" };

		err = tracker_lose(t, &lost, ev->seq - 1,
				   ev->cause == VASMON_CAUSE_EXIT ? p : NULL);
	}
	/* Its id was used before, by one whose end was lost. */
	if (!err && p && t->follow && ev->cause == VASMON_CAUSE_FORK && ev->seq > p->seq &&
	    space_is_whole(ev)) {
		tracker_forget(t, p);
		p = NULL;
	}
	if (!err && p)
		err = tracker_process_event(t, p, ev);
	else if (!err && t->follow)
		err = tracker_new_process(t, ev);
	if (ev->seq > t->seq)
		t->seq = ev->seq;
	if (ev->flags & VASMON_EVENT_FLAG_END)
		t->ended = true;
	return err;
}

/* Is there nothing left but processes whose last event is still to come? */
bool tracker_waits_blind(const struct tracker *t)
{
	size_t i;

	if (t->ended)
		return false;
	for (i = 0; i < t->n; i++) {
		if (t->v[i]->state == TRACKER_BLIND)
			return true;
	}
	return !t->n;
}

/* They will not come: forget those processes. */
void tracker_give_up(struct tracker *t)
{
	size_t i;

	for (i = t->n; i--;) {
		if (t->v[i]->state != TRACKER_BLIND)
			continue;
		tracker_tell_unseen(t, t->v[i]);
		tracker_forget(t, t->v[i]);
	}
	if (!t->n)
		t->ended = true;
}

/* Nothing follows any more: tell what still waits for its other half. */
void tracker_finish(struct tracker *t)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		struct tracker_process *p = t->v[i];
		struct explanation why = { .v = &p->half.effect, .n = 1 };
		struct scene scene = tracker_scene(t, p);
		struct out_event e = {
			.ev = &p->half.ev, .why = &why, .before = &scene, .after = &scene,
			.pid = p->pid, .late = true,
		};

		if (p->half.set)
			t->ops->on_event(t, p, &e);
		tracker_half_drop(p);
		tracker_tell_unseen(t, p);
	}
}
