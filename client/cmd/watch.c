// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../nl.h"
#include "../parse.h"
#include "../report.h"
#include "../tracker.h"
#include "cmd.h"

/* Datagrams to read before looking at signals and at the clock again. */
#define CMD_WATCH_BATCH	64

/* How long to wait for the last event of a process that is no more. */
#define CMD_WATCH_BLIND_NS	2000000000ull

/**
 * struct cmd_watch - one run of the verb
 * @pids: the processes
 * @n: how many
 * @limit: events to show at most, 0 for no limit
 * @duration: ns to run at most, 0 for no limit
 * @quiet: do not show maps, only events
 * @trackers: one for each process
 * @ev: the event that is looked at; kept for its arrays
 * @lossy: the socket's buffer was full, something may have been lost
 * @started: when it began, CLOCK_MONOTONIC in ns
 * @blind: since when a process is known to be gone, 0 if none is
 * @stop: signals
 */
struct cmd_watch {
	const struct verb *verb;
	uint32_t *pids;
	size_t n;
	uint64_t limit;
	uint64_t duration;
	bool quiet;
	struct vnl nl;
	struct out out;
	struct stop stop;
	struct tracker *trackers;
	struct event ev;
	bool lossy;
	uint64_t started;
	uint64_t blind;
	uint64_t shown;
};

static uint64_t cmd_watch_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static int cmd_watch_snapshot(struct tracker *t, struct mm *mm, struct space *space)
{
	struct cmd_watch *w = t->arg;

	return vnl_map(&w->nl, t->pid, t->watch_id, mm, space);
}

static void cmd_watch_on_map(struct tracker *t)
{
	struct cmd_watch *w = t->arg;

	if (!w->out.epoch)
		w->out.epoch = t->mm.time;
	if (w->quiet)
		return;
	out_map(&w->out, &t->mm, &t->space);
	if (!w->out.json)
		buf_putc(&w->out.buf, '\n');
}

static void cmd_watch_on_event(struct tracker *t, const struct out_event *e)
{
	struct cmd_watch *w = t->arg;

	if (!w->out.epoch)
		w->out.epoch = e->ev->time;
	out_event(&w->out, e);
	/* Text shows both halves of a move in one line. */
	w->shown += w->out.json || !e->deferred;
}

static void cmd_watch_on_lost(struct tracker *t, const struct out_lost *lost)
{
	struct cmd_watch *w = t->arg;

	out_lost(&w->out, lost);
}

/* Who follows the map by JSON needs it again; a reader of text has the difference. */
static void cmd_watch_on_healed(struct tracker *t)
{
	struct cmd_watch *w = t->arg;

	if (w->out.json && !w->quiet)
		out_map(&w->out, &t->mm, &t->space);
}

static void cmd_watch_on_mismatch(struct tracker *t, const struct event *ev, const char *what)
{
	struct cmd_watch *w = t->arg;

	report(w->verb, "event %llu of process %u does not fit the map: %s; reading the map anew",
	       (unsigned long long)ev->seq, t->pid, what);
}

static const struct tracker_ops cmd_watch_ops = {
	.snapshot = cmd_watch_snapshot,
	.on_map = cmd_watch_on_map,
	.on_event = cmd_watch_on_event,
	.on_lost = cmd_watch_on_lost,
	.on_healed = cmd_watch_on_healed,
	.on_mismatch = cmd_watch_on_mismatch,
};

static bool cmd_watch_full(const struct cmd_watch *w)
{
	return w->limit && w->shown >= w->limit;
}

static int cmd_watch_take(void *arg, const struct nlattr *head, int len)
{
	struct cmd_watch *w = arg;
	size_t i;
	int err;

	if (cmd_watch_full(w))
		return 0;
	err = parse_event(head, len, &w->ev);
	for (i = 0; !err && i < w->n; i++) {
		if (w->trackers[i].watch_id == w->ev.watch_id)
			return tracker_event(&w->trackers[i], &w->ev);
	}
	return err;
}

/* Take what is there, up to @batch datagrams. Return: whether there can be more. */
static int cmd_watch_drain(struct cmd_watch *w, unsigned int batch)
{
	size_t i;
	int n = 1, err = 0;

	while (batch-- && n) {
		n = vnl_read_events(&w->nl, cmd_watch_take, w);
		if (n == -ENOBUFS)
			w->lossy = true;
		else if (n < 0)
			return n;
		if (w->out.buf.len > OUT_FULL) {
			err = out_flush(&w->out);
			if (err)
				return err;
		}
	}
	/* Only once all is read that came through, it shows what did not. */
	if (n || !w->lossy)
		return n != 0;
	w->lossy = false;
	for (i = 0; !err && i < w->n; i++)
		err = tracker_heal(&w->trackers[i], "buffer");
	return err;
}

/* Whether anything is left to wait for. */
static bool cmd_watch_alive(struct cmd_watch *w)
{
	bool alive = false, blind = false;
	size_t i;

	for (i = 0; i < w->n; i++) {
		alive |= w->trackers[i].state != TRACKER_ENDED;
		blind |= w->trackers[i].state == TRACKER_BLIND;
	}
	if (!blind)
		w->blind = 0;
	else if (!w->blind)
		w->blind = cmd_watch_now();
	else if (cmd_watch_now() - w->blind > CMD_WATCH_BLIND_NS) {
		for (i = 0; i < w->n; i++) {
			if (w->trackers[i].state != TRACKER_BLIND)
				continue;
			report(w->verb, "process %u has ended, but its last event did not come",
			       w->trackers[i].pid);
			w->trackers[i].state = TRACKER_ENDED;
		}
	}
	return alive;
}

/* Milliseconds until something has to be done without a message, or -1. */
static int cmd_watch_timeout(const struct cmd_watch *w)
{
	uint64_t now = cmd_watch_now(), end = UINT64_MAX;

	if (w->duration)
		end = w->started + w->duration;
	if (w->blind && w->blind + CMD_WATCH_BLIND_NS < end)
		end = w->blind + CMD_WATCH_BLIND_NS;
	if (end == UINT64_MAX)
		return -1;
	if (end <= now)
		return 0;
	/* Rounded up: not to wake a moment too early, again and again. */
	end = (end - now) / 1000000 + 1;
	return end > 3600000 ? 3600000 : (int)end;
}

static void cmd_watch_summary(const struct cmd_watch *w)
{
	uint64_t ms = (cmd_watch_now() - w->started) / 1000000, missed = 0, coalesced = 0;
	char more[64] = "";
	size_t i;

	for (i = 0; i < w->n; i++) {
		missed += w->trackers[i].missed;
		coalesced += w->trackers[i].coalesced;
	}
	if (coalesced)
		snprintf(more, sizeof(more), ", %llu coalesced", (unsigned long long)coalesced);
	report(w->verb, "%llu event%s in %llu.%03llu s, %llu missed%s",
	       (unsigned long long)w->shown, w->shown == 1 ? "" : "s",
	       (unsigned long long)(ms / 1000), (unsigned long long)(ms % 1000),
	       (unsigned long long)missed, more);
}

/* End the watches, and show what came until then. */
static int cmd_watch_finish(struct cmd_watch *w)
{
	size_t i;
	int err;

	for (i = 0; i < w->n; i++) {
		if (w->trackers[i].state != TRACKER_ENDED && w->trackers[i].watch_id &&
		    vnl_unwatch(&w->nl, w->trackers[i].watch_id) == -ENOBUFS)
			w->lossy = true;
	}
	/* No dump is in step with a watch that has ended: say so at least. */
	if (w->lossy)
		report(w->verb, "the last events may be missing, the socket's buffer was full");
	w->lossy = false;
	do
		err = cmd_watch_drain(w, CMD_WATCH_BATCH);
	while (err > 0);
	return err ? err : out_flush(&w->out);
}

/*
 * Return: 0 when done as asked or when the processes have ended, an error of the
 * module or of the output, or -ENODEV if the module was unloaded.
 */
static int cmd_watch_loop(struct cmd_watch *w)
{
	enum { EVENTS, NEWS, STOP, OUTPUT, COUNT };
	struct pollfd p[COUNT] = {
		[EVENTS] = { .fd = nl_socket_get_fd(w->nl.events), .events = POLLIN },
		[NEWS] = { .fd = nl_socket_get_fd(w->nl.news), .events = POLLIN },
		[STOP] = { .fd = w->stop.fd, .events = POLLIN },
		[OUTPUT] = { .fd = w->out.fd },
	};
	int n, err, more = 1;

	for (;;) {
		/* What is shown goes out as soon as there is nothing more to add. */
		if (!more) {
			err = out_flush(&w->out);
			if (err)
				return err;
		}
		n = poll(p, COUNT, more ? 0 : cmd_watch_timeout(w));
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0 && p[NEWS].revents) {
			err = vnl_family_gone(&w->nl);
			if (err)
				return err < 0 ? err : -ENODEV;
		}
		if (n > 0 && p[STOP].revents)
			stop_read(&w->stop);
		if (w->stop.count)
			return 0;
		if (n > 0 && (p[OUTPUT].revents & (POLLERR | POLLHUP)))
			return -EPIPE;
		if (n > 0 && (p[OUTPUT].revents & POLLNVAL))
			return -EBADF;
		if (w->duration && cmd_watch_now() - w->started >= w->duration)
			return 0;
		more = cmd_watch_drain(w, CMD_WATCH_BATCH);
		if (more < 0)
			return more;
		if (cmd_watch_full(w) || !cmd_watch_alive(w))
			return 0;
	}
}

static int cmd_watch_begin(struct cmd_watch *w)
{
	struct watch_info info;
	size_t i;
	int err;

	err = vnl_open(&w->nl);
	if (err)
		return report_open(w->verb, &w->nl, err);
	err = vnl_open_events(&w->nl);
	if (!err)
		err = stop_open(&w->stop);
	if (err)
		return report_open(w->verb, &w->nl, err);
	w->out.stop = &w->stop;

	/* First the watch, then the snapshot: between them nothing is lost. */
	for (i = 0; i < w->n; i++) {
		err = vnl_watch(&w->nl, w->pids[i], &info);
		w->trackers[i].ops = &cmd_watch_ops;
		w->trackers[i].arg = w;
		w->trackers[i].pid = w->pids[i];
		w->trackers[i].watch_id = info.id;
		parse_watch_free(&info);
		if (err)
			return report_pid(w->verb, &w->nl, "cannot watch", w->pids[i], err);
	}
	w->started = cmd_watch_now();
	for (i = 0; i < w->n; i++) {
		err = tracker_start(&w->trackers[i]);
		if (err)
			return report_pid(w->verb, &w->nl, "cannot read the map of", w->pids[i],
					  err);
	}
	return EXIT_DONE;
}

static int cmd_watch_end(struct cmd_watch *w, int err)
{
	int finish;

	switch (err) {
	case 0:
		finish = cmd_watch_finish(w);
		if (finish && finish != -EPIPE && finish != -EINTR)
			report(w->verb, "the last events are missing: %s", strerror(-finish));
		cmd_watch_summary(w);
		return finish && finish != -EPIPE ? EXIT_ERROR : EXIT_DONE;
	case -ENODEV:
		/* What came before is still worth seeing. */
		do
			err = cmd_watch_drain(w, CMD_WATCH_BATCH);
		while (err > 0);
		out_flush(&w->out);
		fputs("vasmon: module was unloaded\n", stderr);
		cmd_watch_summary(w);
		return EXIT_ERROR;
	case -EPIPE:
		return EXIT_DONE;
	case -EINTR:
		cmd_watch_summary(w);
		return report_output(w->verb, err);
	default:
		out_flush(&w->out);
		report(w->verb, "the watch ended: %s%s%s", strerror(-err),
		       *w->nl.words ? ": " : "", w->nl.words);
		cmd_watch_summary(w);
		return EXIT_ERROR;
	}
}

static int cmd_watch_go(struct cmd_watch *w)
{
	size_t i;
	int status;

	w->trackers = calloc(w->n, sizeof(*w->trackers));
	if (!w->trackers) {
		report(w->verb, "out of memory");
		return EXIT_ERROR;
	}
	status = cmd_watch_begin(w);
	if (status == EXIT_DONE)
		status = cmd_watch_end(w, cmd_watch_loop(w));

	for (i = 0; i < w->n; i++)
		tracker_free(&w->trackers[i]);
	free(w->trackers);
	parse_event_free(&w->ev);
	stop_close(&w->stop);
	vnl_close(&w->nl);
	return status;
}

static int cmd_watch_pids(struct cmd_watch *w, int argc, char **argv)
{
	size_t i;

	if (!argc)
		return opt_usage(w->verb, "which process? Its PID is missing");
	w->pids = calloc((size_t)argc, sizeof(*w->pids));
	if (!w->pids) {
		report(w->verb, "out of memory");
		return EXIT_ERROR;
	}
	for (; w->n < (size_t)argc; w->n++) {
		if (!opt_parse_pid(w->verb, argv[w->n], &w->pids[w->n]))
			return EXIT_USAGE;
		for (i = 0; i < w->n; i++) {
			if (w->pids[i] == w->pids[w->n])
				return opt_usage(w->verb, "process %u is given twice",
						 w->pids[i]);
		}
	}
	w->out.label_pid = w->n > 1;
	return EXIT_DONE;
}

static int cmd_watch_run(const struct verb *verb, int argc, char **argv)
{
	struct cmd_watch w = { .verb = verb, .stop = STOP_INIT };
	enum out_colour colour = OUT_COLOUR_AUTO;
	bool json = false, ok = true;
	struct opt_parser p;
	int key, first, status;

	if (opt_begin(&p, verb, argc, argv))
		return EXIT_ERROR;
	while (ok && (key = opt_next(&p)) != OPT_END) {
		switch (key) {
		case 'q':
			w.quiet = true;
			break;
		case OPT_JSON:
			json = true;
			break;
		case OPT_COLOUR:
			ok = opt_parse_colour(verb, optarg, &colour);
			break;
		case OPT_DURATION:
			ok = opt_parse_seconds(verb, optarg, &w.duration);
			break;
		case OPT_COUNT:
			ok = opt_parse_count(verb, optarg, &w.limit);
			break;
		case OPT_HELP:
			opt_help(stdout, verb);
			opt_end(&p);
			return EXIT_DONE;
		default:
			ok = false;
		}
	}
	first = opt_end(&p);
	if (!ok)
		return EXIT_USAGE;
	out_init(&w.out, json, colour);
	status = cmd_watch_pids(&w, argc - first, argv + first);
	if (status == EXIT_DONE)
		status = cmd_watch_go(&w);
	out_free(&w.out);
	free(w.pids);
	return status;
}

static const struct opt cmd_watch_opts[] = {
	{ 'q', "quiet", NULL, "do not print the map first" },
	OPT_JSON_DECL,
	OPT_COLOUR_DECL,
	{ OPT_DURATION, "duration", "SECONDS", "end after that time, 0.5 for example" },
	{ OPT_COUNT, "count", "N", "end after N events" },
	{ 0 },
};

const struct verb cmd_watch = {
	.name = "watch",
	.args = "PID...",
	.summary = "Print each change of a process's address space as it happens",
	.opts = cmd_watch_opts,
	.details =
	"First comes the map as it is (see maps), then a line for each change: seconds\n"
	"since then, thread, request, and what became of it:\n"
	"\n"
	"  + new memory      - memory is gone      ~ changed      = the break moved\n"
	"\n"
	"with the region that results, its size in bytes and in units of 1024, and the\n"
	"bytes that came (+) or went (-). The request is a system call as strace shows\n"
	"it, a page fault (a stack grew), exec, and so on. Where events were lost, a line\n"
	"with ! says how many, and lines with 'coalesced' give the net difference.\n"
	"It ends when the processes have ended, or with Ctrl-C.\n"
	"\n"
	"exit status: 0 done; 1 error, also if the module is unloaded; 2 wrong usage;\n"
	"42 no such process\n",
	.examples =
	"  vasmon-client watch 1234\n"
	"  vasmon-client watch -q --duration 10 1234 1235\n"
	"  vasmon-client watch -q --json $(pidof node) | jq -c .effects[].text\n",
	.run = cmd_watch_run,
};
