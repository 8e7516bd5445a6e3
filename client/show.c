// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "report.h"
#include "show.h"

static struct show *show_of(const struct tracker *t)
{
	return ((struct live *)t->arg)->arg;
}

static int show_snapshot(struct tracker *t, uint32_t pid, struct mm *mm, struct space *space)
{
	return vnl_map(&show_of(t)->live.nl, pid, t->watch_id, mm, space, NULL, NULL);
}

static const struct facts *show_facts(struct tracker *t, uint32_t pid, bool anew)
{
	return view_facts(&show_of(t)->view, pid, anew);
}

static int show_threads(void *arg, uint32_t pid, struct threads *to)
{
	return vnl_threads(&((struct show *)arg)->live.nl, pid, to);
}

static void show_on_map(struct tracker *t, const struct tracker_process *p)
{
	struct show *s = show_of(t);

	if (s->live.how.callchain)
		view_code(&s->view, p);
	view_map(&s->view, t, p);
}

static void show_on_event(struct tracker *t, const struct tracker_process *p,
			  const struct out_event *e)
{
	(void)p;
	view_event(&show_of(t)->view, e);
}

static void show_on_lost(struct tracker *t, const struct out_lost *lost)
{
	view_lost(&show_of(t)->view, lost);
}

static void show_on_healed(struct tracker *t, const struct tracker_process *p)
{
	view_healed(&show_of(t)->view, t, p);
}

static void show_on_mismatch(struct tracker *t, const struct event *ev, const char *what)
{
	report_mismatch(show_of(t)->view.verb, ev, what, "reading the map anew");
}

static int show_idle(struct live *l)
{
	struct show *s = l->arg;

	return out_flush(&s->view.out);
}

static int show_work(struct live *l)
{
	struct show *s = l->arg;

	return s->view.out.buf.len > OUT_FULL ? out_flush(&s->view.out) : 0;
}

static bool show_full(const struct live *l)
{
	const struct show *s = l->arg;

	return view_is_full(&s->view);
}

static const struct live_ops show_ops = {
	.tracker = {
		.snapshot = show_snapshot,
		.processes = live_processes,
		.facts = show_facts,
		.on_map = show_on_map,
		.on_event = show_on_event,
		.on_lost = show_on_lost,
		.on_healed = show_on_healed,
		.on_mismatch = show_on_mismatch,
	},
	.work = show_work,
	.idle = show_idle,
	.full = show_full,
};

static void show_summary(const struct show *s)
{
	struct buf b = { 0 };

	live_put_summary(&b, &s->live);
	report(s->live.verb, "%llu event%s in %s", (unsigned long long)s->view.shown,
	       s->view.shown == 1 ? "" : "s", buf_str(&b));
	buf_free(&b);
}

static int show_end(struct show *s, int err)
{
	struct live *l = &s->live;
	int finish;

	switch (err) {
	case 0:
		finish = live_finish(l);
		if (finish && finish != -EPIPE && finish != -EINTR)
			report(l->verb, "the last events are missing: %s", strerror(-finish));
		show_summary(s);
		return finish && finish != -EPIPE ? EXIT_ERROR : EXIT_DONE;
	case -ENODEV:
		/* What came before is still worth seeing. */
		live_rest(l);
		out_flush(&s->view.out);
		show_summary(s);
		return report_unloaded(l->verb);
	case -EPIPE:
		return EXIT_DONE;
	default:
		if (!s->view.out.error)
			out_flush(&s->view.out);
		show_summary(s);
		return report_ended(l->verb, &l->nl, &s->view.out, err);
	}
}

/**
 * show_go - watch, and show what happens
 * @s: with its options and processes
 *
 * Return: the exit status.
 */
int show_go(struct show *s)
{
	struct live *l = &s->live;
	int status;

	live_narrow(l, &s->view.filter);
	l->ops = &show_ops;
	l->arg = s;
	s->known.threads = show_threads;
	s->known.arg = s;
	s->known.raw_names = s->view.raw_names;
	s->view.known = &s->known;
	report_proc(l->verb);
	status = view_open(&s->view, l->child.pid ? STDERR_FILENO : STDOUT_FILENO);
	if (status != EXIT_DONE)
		return status;
	l->out_fd = s->view.out.fd;
	s->view.out.stop = &l->stop;
	s->view.out.label_pid = l->n > 1 || l->how.follow;
	status = live_begin(l);
	if (status == EXIT_DONE)
		status = show_end(s, live_loop(l));
	return live_end(l, status);
}

/* What show_option() takes. */
const struct opt show_opts[] = {
	OPT_PROCESS_DECL,
	OPT_FOLLOW_DECL,
	OPT_CALLCHAIN_DECL,
	OPT_NO_DEMANGLE_DECL,
	OPT_DURATION_DECL,
	OPT_LOSSLESS_DECL,
	OPT_RING_SIZE_DECL,
	OPT_OUTPUT_DECL,
	OPT_QUIET_DECL,
	OPT_VERBOSE_DECL,
	OPT_TIME_DECL,
	OPT_RELATIVE_DECL,
	OPT_JSON_DECL,
	OPT_COLOUR_DECL,
	OPT_COUNT_DECL,
	OPT_FILTERS_DECL,
	{ 0 },
};

/* An option of watch or run. */
enum opt_taken show_option(void *arg, int key, const char *value)
{
	struct show *s = arg;
	enum opt_taken taken = live_option(&s->live, key, value);

	return taken == OPT_FOREIGN ? view_option(&s->view, key, value) : taken;
}

void show_free(struct show *s)
{
	view_close(&s->view);
	known_free(&s->known);
	live_free(&s->live);
}
