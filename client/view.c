// SPDX-License-Identifier: GPL-2.0-only
#include "report.h"
#include "view.h"

static bool view_wants(const struct view *v, uint32_t pid)
{
	return !v->pid || v->pid == pid;
}

const struct facts *view_facts(struct view *v, uint32_t pid, bool anew)
{
	if (!v->known)
		return NULL;
	if (anew)
		known_renew(v->known, pid);
	return known_facts(v->known, pid);
}

void view_map(struct view *v, struct tracker *t, const struct tracker_process *p)
{
	struct scene scene;

	if (!v->out.epoch)
		v->out.epoch = p->mm.time;
	if (v->quiet || !view_wants(v, p->pid))
		return;
	scene = tracker_scene(t, p);
	out_map(&v->out, &p->mm, &scene, NULL);
	if (!v->out.json)
		buf_putc(&v->out.buf, '\n');
}

void view_event(struct view *v, const struct out_event *e)
{
	if (!v->out.epoch)
		v->out.epoch = e->ev->time;
	if (!view_wants(v, e->pid) || view_is_full(v))
		return;
	if (v->known)
		known_thread(v->known, e->pid, e->ev->tid, e->ev->time);
	out_event(&v->out, e);
	/* Text shows what is in two events, or more, in one line. */
	v->shown += v->out.json ? !e->late : !e->deferred;
	if (v->known && e->ev->cause == VASMON_CAUSE_EXIT)
		known_forget(v->known, e->pid);
}

void view_lost(struct view *v, const struct out_lost *lost)
{
	if (view_wants(v, lost->pid) && !view_is_full(v))
		out_lost(&v->out, lost);
}

/* Who follows the map by JSON needs it again; a reader of text has the difference. */
void view_healed(struct view *v, struct tracker *t, const struct tracker_process *p)
{
	struct scene scene;

	if (v->out.json && !v->quiet && view_wants(v, p->pid) && !view_is_full(v)) {
		scene = tracker_scene(t, p);
		out_map(&v->out, &p->mm, &scene, NULL);
	}
}

void view_mismatch(struct view *v, const struct event *ev, const char *what)
{
	report(v->verb, "event %llu of process %u does not fit the map: %s; reading the map anew",
	       (unsigned long long)ev->seq, ev->pid, what);
}
