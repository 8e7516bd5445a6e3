// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "moment.h"
#include "progress.h"
#include "report.h"

static struct moment *moment_of(const struct tracker *t)
{
	return ((struct replay *)t->arg)->arg;
}

/* The process that is asked for, if it is there now. */
static struct tracker_process *moment_process(struct moment *m)
{
	struct tracker_process *p = tracker_find(&m->replay.tracker, m->pid);

	return p && p->pid == m->pid ? p : NULL;
}

static void moment_take(struct moment *m, const struct tracker_process *p)
{
	int err;

	space_free(&m->space);
	err = space_copy(&m->space, &p->space);
	if (err)
		m->failed = err;
	m->mm = p->mm;
	m->mm.exe = NULL;
}

static void moment_on_map(struct tracker *t, const struct tracker_process *p)
{
	(void)t;
	(void)p;
}

static void moment_on_event(struct tracker *t, const struct tracker_process *p,
			    const struct out_event *e)
{
	struct moment *m = moment_of(t);

	if (e->ev->cause != VASMON_CAUSE_EXIT || p->pid != m->pid)
		return;
	m->ended_at = e->ev->seq;
	/* Its last map is all that there will be. */
	if (p->state == TRACKER_LIVE)
		moment_take(m, p);
	else
		m->seen = false;
}

static void moment_on_lost(struct tracker *t, const struct out_lost *lost)
{
	(void)t;
	(void)lost;
}

static void moment_on_mismatch(struct tracker *t, const struct event *ev, const char *what)
{
	report_mismatch(moment_of(t)->verb, ev, what, NULL);
}

static const struct tracker_ops moment_ops = {
	.snapshot = replay_snapshot,
	.on_map = moment_on_map,
	.on_event = moment_on_event,
	.on_lost = moment_on_lost,
	.on_healed = moment_on_map,
	.on_mismatch = moment_on_mismatch,
};

static void moment_lost_stretch(struct moment *m, uint64_t from, uint64_t to)
{
	m->refused = true;
	report(m->verb, "the map of process %u after event %llu is not known: events %llu to %llu "
	       "were not recorded one by one\nIt is known after event %llu, and after %llu.",
	       m->pid, (unsigned long long)m->at, (unsigned long long)from,
	       (unsigned long long)(to - 1), (unsigned long long)(from - 1),
	       (unsigned long long)to);
}

/* After each step: is it the moment that was asked for? */
static void moment_look(struct moment *m)
{
	const struct tracker_process *p;
	uint64_t now;

	p = moment_process(m);
	if (!p || p->state != TRACKER_LIVE)
		return;
	/* An id can be used again. */
	if (m->ended_at && p->seq >= m->ended_at) {
		m->ended_at = 0;
		m->seen = false;
	}
	now = tracker_at(&m->replay.tracker, p);
	if (m->has_at && now == m->at) {
		moment_take(m, p);
		m->found = true;
	} else if (m->has_at && now > m->at && m->seen) {
		moment_lost_stretch(m, m->seen_at + 1, now);
	} else if (m->has_at && now > m->at) {
		m->refused = true;
		report(m->verb, "the recording of process %u begins with event %llu, after %llu",
		       m->pid, (unsigned long long)now, (unsigned long long)m->at);
	}
	m->seen = true;
	m->seen_at = now;
}

/* There is no such map. Return: the exit status. */
static int moment_none(struct moment *m)
{
	struct tracker_process *p = moment_process(m);
	unsigned long long last = m->replay.tracker.seq;

	if (p && tracker_at(&m->replay.tracker, p) > last)
		last = tracker_at(&m->replay.tracker, p);
	if (m->ended_at && m->has_at && m->seen && m->at < m->ended_at)
		moment_lost_stretch(m, m->seen_at + 1, m->ended_at);
	else if (m->ended_at && m->has_at)
		report(m->verb, "process %u ended with event %llu: it has no map after event %llu",
		       m->pid, (unsigned long long)m->ended_at, (unsigned long long)m->at);
	else if (!p && !m->ended_at && !m->seen)
		return report_not_recorded(m->verb, m->path, &m->replay, m->pid);
	else if (m->has_at && m->at > last)
		report(m->verb, "%s ends with event %llu: there is no event %llu", m->path, last,
		       (unsigned long long)m->at);
	else if (m->seen)
		report(m->verb, "the map of process %u is not known at the end, only until event "
		       "%llu: events were lost\nTry --maps-at %llu.", m->pid,
		       (unsigned long long)m->seen_at, (unsigned long long)m->seen_at);
	else
		report(m->verb, "the map of process %u is not known at the end", m->pid);
	return EXIT_ERROR;
}

/* The end of the recording: is that the moment? Return: the exit status. */
static int moment_at_end(struct moment *m)
{
	struct tracker_process *p = moment_process(m);

	if (!m->has_at && m->seen && m->ended_at) {
		m->found = true;
		report(m->verb, "process %u ended with event %llu: this is its map before that",
		       m->pid, (unsigned long long)m->ended_at);
	} else if (!m->has_at && m->seen && p && p->state == TRACKER_LIVE) {
		m->found = true;
		moment_take(m, p);
	}
	if (m->found)
		return EXIT_DONE;
	return m->refused ? EXIT_ERROR : moment_none(m);
}

static int moment_search(struct moment *m)
{
	int n = 0, status = EXIT_DONE, told;
	struct progress progress;

	if (!m->pid)
		m->pid = m->replay.tracker.pid;
	m->replay.tracker.plain = true;
	progress_begin(&progress, m->path, m->replay.reader.fd, -1, STDERR_FILENO);
	while (!m->found && !m->refused && !m->failed && (n = replay_step(&m->replay)) > 0) {
		moment_look(m);
		progress_step(&progress, m->replay.reader.offset);
	}
	progress_end(&progress);
	tracker_finish(&m->replay.tracker);
	n = m->failed ? m->failed : n;
	if (n < 0)
		status = report_recording_broken(m->verb, m->path, &m->replay, n);
	else if (!m->found && !m->refused)
		status = report_recording_end(m->verb, m->path, &m->replay);
	told = moment_at_end(m);
	return status == EXIT_DONE ? told : status;
}

/**
 * moment_find - find the map of a process at a moment of a recording
 * @m: with verb, path, has_at, at and pid; moment_free() it, also after an error
 *
 * What is wrong is told. Where the recording is damaged the map can be there all
 * the same.
 *
 * Return: the exit status; @m->found says whether the map is in @m->space.
 */
int moment_find(struct moment *m)
{
	int fd, err, status;

	fd = open(m->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		report(m->verb, "cannot open %s: %s", m->path, strerror(errno));
		return EXIT_ERROR;
	}
	err = replay_open(&m->replay, fd, &moment_ops);
	m->replay.arg = m;
	status = err ? report_recording(m->verb, m->path, &m->replay, err) : moment_search(m);
	replay_free(&m->replay);
	close(fd);
	return status;
}

void moment_free(struct moment *m)
{
	space_free(&m->space);
}
