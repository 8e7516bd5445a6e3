// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "../live.h"
#include "../report.h"
#include "../view.h"
#include "cmd.h"

/**
 * struct cmd_watch - one run of the verb
 * @live: the watches
 * @known: what is known about the processes
 * @view: what is shown of them
 */
struct cmd_watch {
	struct live live;
	struct known known;
	struct view view;
};

static struct cmd_watch *cmd_watch_of(const struct tracker *t)
{
	return ((struct live *)t->arg)->arg;
}

static int cmd_watch_snapshot(struct tracker *t, uint32_t pid, struct mm *mm,
			      struct space *space)
{
	return vnl_map(&cmd_watch_of(t)->live.nl, pid, t->watch_id, mm, space, NULL, NULL);
}

static const struct facts *cmd_watch_facts(struct tracker *t, uint32_t pid, bool anew)
{
	return view_facts(&cmd_watch_of(t)->view, pid, anew);
}

static void cmd_watch_on_map(struct tracker *t, const struct tracker_process *p)
{
	view_map(&cmd_watch_of(t)->view, t, p);
}

static void cmd_watch_on_event(struct tracker *t, const struct tracker_process *p,
			       const struct out_event *e)
{
	(void)p;
	view_event(&cmd_watch_of(t)->view, e);
}

static void cmd_watch_on_lost(struct tracker *t, const struct out_lost *lost)
{
	view_lost(&cmd_watch_of(t)->view, lost);
}

static void cmd_watch_on_healed(struct tracker *t, const struct tracker_process *p)
{
	view_healed(&cmd_watch_of(t)->view, t, p);
}

static void cmd_watch_on_mismatch(struct tracker *t, const struct event *ev, const char *what)
{
	view_mismatch(&cmd_watch_of(t)->view, ev, what);
}

static int cmd_watch_idle(struct live *l)
{
	struct cmd_watch *w = l->arg;

	return out_flush(&w->view.out);
}

static int cmd_watch_work(struct live *l)
{
	struct cmd_watch *w = l->arg;

	return w->view.out.buf.len > OUT_FULL ? out_flush(&w->view.out) : 0;
}

static bool cmd_watch_full(const struct live *l)
{
	const struct cmd_watch *w = l->arg;

	return view_is_full(&w->view);
}

static const struct live_ops cmd_watch_ops = {
	.tracker = {
		.snapshot = cmd_watch_snapshot,
		.facts = cmd_watch_facts,
		.on_map = cmd_watch_on_map,
		.on_event = cmd_watch_on_event,
		.on_lost = cmd_watch_on_lost,
		.on_healed = cmd_watch_on_healed,
		.on_mismatch = cmd_watch_on_mismatch,
	},
	.work = cmd_watch_work,
	.idle = cmd_watch_idle,
	.full = cmd_watch_full,
};

static void cmd_watch_summary(const struct cmd_watch *w)
{
	struct buf b = { 0 };

	live_put_summary(&b, &w->live);
	report(w->live.verb, "%llu event%s in %s", (unsigned long long)w->view.shown,
	       w->view.shown == 1 ? "" : "s", buf_str(&b));
	buf_free(&b);
}

static int cmd_watch_end(struct cmd_watch *w, int err)
{
	struct live *l = &w->live;
	int finish;

	switch (err) {
	case 0:
		finish = live_finish(l);
		if (finish && finish != -EPIPE && finish != -EINTR)
			report(l->verb, "the last events are missing: %s", strerror(-finish));
		cmd_watch_summary(w);
		return finish && finish != -EPIPE ? EXIT_ERROR : EXIT_DONE;
	case -ENODEV:
		/* What came before is still worth seeing. */
		live_rest(l);
		out_flush(&w->view.out);
		fputs("vasmon: module was unloaded\n", stderr);
		cmd_watch_summary(w);
		return EXIT_ERROR;
	case -EPIPE:
		return EXIT_DONE;
	case -EINTR:
		cmd_watch_summary(w);
		return report_output(l->verb, err);
	default:
		out_flush(&w->view.out);
		report(l->verb, "the watch ended: %s%s%s", strerror(-err),
		       *l->nl.words ? ": " : "", l->nl.words);
		cmd_watch_summary(w);
		return EXIT_ERROR;
	}
}

static int cmd_watch_go(struct cmd_watch *w)
{
	int status;

	w->live.out_fd = w->view.out.fd;
	w->view.out.stop = &w->live.stop;
	w->view.out.label_pid = w->live.n > 1 || w->live.how.follow;
	status = live_begin(&w->live);
	return status == EXIT_DONE ? cmd_watch_end(w, live_loop(&w->live)) : status;
}

static int cmd_watch_run(const struct verb *verb, int argc, char **argv)
{
	struct cmd_watch w = { .live = LIVE_INIT };
	enum out_colour colour = OUT_COLOUR_AUTO;
	bool json = false, verbose = false, ok = true;
	struct opt_parser p;
	int key, first, status;

	w.live.verb = verb;
	w.live.ops = &cmd_watch_ops;
	w.live.arg = &w;
	if (opt_begin(&p, verb, argc, argv))
		return EXIT_ERROR;
	while (ok && (key = opt_next(&p)) != OPT_END) {
		switch (key) {
		case 'v':
			verbose = true;
			break;
		case 'q':
			w.view.quiet = true;
			break;
		case OPT_JSON:
			json = true;
			break;
		case OPT_COLOUR:
			ok = opt_parse_colour(verb, optarg, &colour);
			break;
		case OPT_DURATION:
			ok = opt_parse_seconds(verb, optarg, &w.live.duration);
			break;
		case OPT_COUNT:
			ok = opt_parse_count(verb, optarg, &w.view.limit);
			break;
		case 'f':
			w.live.how.follow = true;
			break;
		case OPT_LOSSLESS:
			w.live.how.lossless = true;
			break;
		case OPT_RING_SIZE:
			ok = opt_parse_ring_size(verb, optarg, &w.live.how.ring_size);
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
	w.view.verb = verb;
	w.view.known = &w.known;
	out_init(&w.view.out, json, colour);
	w.view.out.verbose = verbose;
	status = live_pids(&w.live, argc - first, argv + first);
	if (status == EXIT_DONE)
		status = cmd_watch_go(&w);
	out_free(&w.view.out);
	known_free(&w.known);
	live_free(&w.live);
	return status;
}

static const struct opt cmd_watch_opts[] = {
	OPT_FOLLOW_DECL,
	{ 'q', "quiet", NULL, "do not print the map first" },
	OPT_VERBOSE_DECL,
	OPT_JSON_DECL,
	OPT_COLOUR_DECL,
	OPT_DURATION_DECL,
	OPT_COUNT_DECL,
	OPT_LOSSLESS_DECL,
	OPT_RING_SIZE_DECL,
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
	"with what became of the region, and sizes in bytes and in units of 1024. In\n"
	"parentheses is what a region is, as maps has it. The request is a system call\n"
	"as strace shows it, a page fault (a stack grew), exec, and so on. -v adds the\n"
	"regions before and after. Where events were lost, a line with ! says how many,\n"
	"and lines with 'coalesced' give the net difference.\n"
	"It ends when the processes have ended, or with Ctrl-C.\n"
	"\n"
	OPT_HOW_HELP
	"\n"
	"exit status: 0 done; 1 error, also if the module is unloaded; 2 wrong usage;\n"
	"42 no such process\n",
	.examples =
	"  vasmon-client watch 1234\n"
	"  vasmon-client watch -q --duration 10 1234 1235\n"
	"  vasmon-client watch -f -q --lossless $(pidof sshd)\n"
	"  vasmon-client watch -q --json $(pidof node) | jq -c .effects[].text\n",
	.run = cmd_watch_run,
};
