// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../known.h"
#include "../live.h"
#include "../procmaps.h"
#include "../progress.h"
#include "../replay.h"
#include "../report.h"
#include "../summary.h"
#include "../view.h"
#include "cmd.h"

/**
 * struct cmd_stat - one run of the verb
 * @live: the watches
 * @known: what is known about their processes
 * @replay: the recording, if it is one
 * @path: of the recording
 * @chains: how many events of the recording have a call chain
 * @view: where to, and which events
 * @tally: what was counted
 * @interval: ns between lines, 0 for no such lines
 * @next: time of the next line, CLOCK_BOOTTIME in ns
 * @before: what was counted when the last line was printed
 */
struct cmd_stat {
	struct live live;
	struct known known;
	struct replay replay;
	const char *path;
	uint64_t chains;
	struct view view;
	struct tally tally;
	uint64_t interval;
	uint64_t next;
	struct tally_line before;
};

/* --- Lines at intervals. */

static void cmd_stat_line(struct cmd_stat *s, uint64_t time, uint64_t ns)
{
	const struct tally_line *all = &s->tally.all;
	struct summary_interval i = {
		.time = time, .ns = ns, .map_count = s->tally.map_count,
		.sum = {
			.events = all->events - s->before.events,
			.mapped = all->mapped - s->before.mapped,
			.unmapped = all->unmapped - s->before.unmapped,
		},
	};

	summary_put_interval(&s->view.out, &i);
	s->before = *all;
}

/* When the line after one at @time is due; UINT64_MAX: never. */
static uint64_t cmd_stat_after(const struct cmd_stat *s, uint64_t time)
{
	return time > UINT64_MAX - s->interval ? UINT64_MAX : time + s->interval;
}

/* It is @now: are there lines to be printed? A recording may have very many between two events. */
static void cmd_stat_lines(struct cmd_stat *s, uint64_t now)
{
	struct out *out = &s->view.out;

	if (!s->interval || !s->tally.first)
		return;
	if (!s->next) {
		out->epoch = s->tally.first;
		s->next = cmd_stat_after(s, s->tally.first);
	}
	for (; s->next <= now && s->next < UINT64_MAX && !out->error;
	     s->next = cmd_stat_after(s, s->next)) {
		cmd_stat_line(s, s->next, s->interval);
		if (out->buf.len > OUT_FULL)
			out_flush(out);
	}
}

static uint64_t cmd_stat_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* --- What the trackers find. */

static void cmd_stat_on_map(struct tracker *t, const struct tracker_process *p)
{
	struct cmd_stat *s = t->owner;

	/* The files of a process that is alive may be out of reach later. */
	if (s->live.how.callchain && !s->path)
		view_code(&s->view, p);
	tally_map(&s->tally, p);
}

static void cmd_stat_on_event(struct tracker *t, const struct tracker_process *p,
			      const struct out_event *e)
{
	struct cmd_stat *s = t->owner;

	(void)p;
	s->chains += e->ev->n_chain > 0;
	cmd_stat_lines(s, e->ev->time);
	if (s->view.known)
		known_thread(s->view.known, e->pid, e->ev->tid, e->ev->time);
	if (filter_wants(&s->view.filter, e))
		tally_event(&s->tally, e);
	else
		tally_other(&s->tally, e);
	if (s->view.known && e->ev->cause == VASMON_CAUSE_EXIT)
		known_forget(s->view.known, e->pid);
}

static void cmd_stat_on_lost(struct tracker *t, const struct out_lost *lost)
{
	struct cmd_stat *s = t->owner;

	tally_lost(&s->tally, lost);
}

static void cmd_stat_on_healed(struct tracker *t, const struct tracker_process *p)
{
	(void)t;
	(void)p;
}

static void cmd_stat_on_mismatch(struct tracker *t, const struct event *ev, const char *what)
{
	struct cmd_stat *s = t->owner;

	report_mismatch(s->live.verb, ev, what, s->path ? NULL : "reading the map anew");
}

/* --- Live. */

static int cmd_stat_snapshot(struct tracker *t, uint32_t pid, struct mm *mm, struct space *space)
{
	return vnl_map(&((struct live *)t->arg)->nl, pid, t->watch_id, mm, space, NULL, NULL);
}

static const struct facts *cmd_stat_facts(struct tracker *t, uint32_t pid, bool anew)
{
	struct cmd_stat *s = t->owner;

	return view_facts(&s->view, pid, anew);
}

static int cmd_stat_threads(void *arg, uint32_t pid, struct threads *to)
{
	struct cmd_stat *s = arg;

	return vnl_threads(&s->live.nl, pid, to);
}

static int cmd_stat_work(struct live *l)
{
	(void)l;
	return 0;
}

static int cmd_stat_idle(struct live *l)
{
	struct cmd_stat *s = l->arg;

	return out_flush(&s->view.out);
}

/* Lines are printed when they are due, whether events come or not. */
static void cmd_stat_tick(struct live *l)
{
	cmd_stat_lines(l->arg, cmd_stat_now());
}

static bool cmd_stat_has_enough(const struct cmd_stat *s)
{
	return s->view.limit && s->tally.all.events >= s->view.limit;
}

static bool cmd_stat_full(const struct live *l)
{
	return cmd_stat_has_enough(l->arg);
}

static const struct live_ops cmd_stat_live_ops = {
	.tracker = {
		.snapshot = cmd_stat_snapshot,
		.processes = live_processes,
		.facts = cmd_stat_facts,
		.on_map = cmd_stat_on_map,
		.on_event = cmd_stat_on_event,
		.on_lost = cmd_stat_on_lost,
		.on_healed = cmd_stat_on_healed,
		.on_mismatch = cmd_stat_on_mismatch,
	},
	.work = cmd_stat_work,
	.idle = cmd_stat_idle,
	.full = cmd_stat_full,
	.tick = cmd_stat_tick,
};

static int cmd_stat_print(struct cmd_stat *s)
{
	if (s->interval && !s->view.json)
		buf_putc(&s->view.out.buf, '\n');
	summary_put(&s->view.out, &s->tally, s->path ? 0 : procmaps_limit());
	return report_output(s->live.verb, out_flush(&s->view.out));
}

static int cmd_stat_end(struct cmd_stat *s, int err)
{
	struct live *l = &s->live;
	int status = EXIT_DONE, told;

	if (!err)
		err = live_finish(l);
	if (err == -EPIPE)
		return EXIT_DONE;
	if (err == -ENODEV) {
		live_rest(l);
		status = report_unloaded(l->verb);
	} else if (err) {
		status = report_ended(l->verb, &l->nl, &s->view.out, err);
	}
	/* It lasted until now, whenever the last event was. */
	if (s->tally.first && !l->trackers[0].ended)
		s->tally.last = cmd_stat_now();
	cmd_stat_lines(s, s->tally.last);
	/* What cannot be written was said already. */
	told = s->view.out.error ? EXIT_ERROR : cmd_stat_print(s);
	return status == EXIT_DONE ? told : status;
}

static int cmd_stat_live(struct cmd_stat *s)
{
	struct live *l = &s->live;
	int status;

	live_narrow(l, &s->view.filter);
	l->ops = &cmd_stat_live_ops;
	l->arg = s;
	l->interval = s->interval;
	s->known.threads = cmd_stat_threads;
	s->known.arg = s;
	s->known.raw_names = s->view.raw_names;
	s->view.known = &s->known;
	report_proc(l->verb);
	l->out_fd = s->view.out.fd;
	s->view.out.stop = &l->stop;
	status = live_begin(l);
	if (status == EXIT_DONE)
		status = cmd_stat_end(s, live_loop(l));
	return live_end(l, status);
}

/* --- Of a recording. */

static const struct tracker_ops cmd_stat_replay_ops = {
	.snapshot = replay_snapshot,
	.facts = cmd_stat_facts,
	.on_map = cmd_stat_on_map,
	.on_event = cmd_stat_on_event,
	.on_lost = cmd_stat_on_lost,
	.on_healed = cmd_stat_on_healed,
	.on_mismatch = cmd_stat_on_mismatch,
};

static int cmd_stat_replay(struct cmd_stat *s, int fd)
{
	struct replay *r = &s->replay;
	struct progress progress;
	int n, status, told;

	n = replay_open(r, fd, &cmd_stat_replay_ops);
	if (n)
		return report_recording(s->live.verb, s->path, r, n);
	r->tracker.owner = s;
	if (s->live.how.callchain)
		view_recording(&s->view, &s->known, &r->files);
	progress_begin(&progress, s->path, fd, s->interval ? s->view.out.fd : -1, STDERR_FILENO);
	while ((n = replay_step(r)) > 0 && !cmd_stat_has_enough(s) && !s->view.out.error)
		progress_step(&progress, r->reader.offset);
	progress_end(&progress);
	tracker_finish(&r->tracker);
	if (n < 0)
		return report_recording_broken(s->live.verb, s->path, r, n);
	status = n ? EXIT_DONE : report_recording_end(s->live.verb, s->path, r);
	if (s->live.how.callchain && !s->chains)
		report(s->live.verb, "%s has no call chains: record -k puts them there", s->path);
	told = s->view.out.error ? report_output(s->live.verb, s->view.out.error) :
		cmd_stat_print(s);
	return status == EXIT_DONE ? told : status;
}

static int cmd_stat_recording(struct cmd_stat *s)
{
	int fd = open(s->path, O_RDONLY | O_CLOEXEC), status;

	if (fd < 0) {
		report(s->live.verb, "cannot open %s: %s", s->path, strerror(errno));
		return EXIT_ERROR;
	}
	status = cmd_stat_replay(s, fd);
	replay_free(&s->replay);
	close(fd);
	return status;
}

/* --- The command line. */

static enum opt_taken cmd_stat_option(void *arg, int key, const char *value)
{
	struct cmd_stat *s = arg;
	enum opt_taken taken;

	switch (key) {
	case 'i':
		s->path = value;
		return OPT_TAKEN;
	case OPT_LEAKS:
		s->tally.leaks.wanted = true;
		return OPT_TAKEN;
	case OPT_INTERVAL:
		return opt_parse_seconds(s->live.verb, value, &s->interval) ? OPT_TAKEN :
									    OPT_WRONG;
	default:
		taken = live_option(&s->live, key, value);
		return taken == OPT_FOREIGN ? view_option(&s->view, key, value) : taken;
	}
}

/* What it is of. Return: the exit status. */
static int cmd_stat_subject(struct cmd_stat *s, int argc, char **argv, int first)
{
	struct live *l = &s->live;

	if (s->path && first < argc)
		return opt_usage(l->verb, "either a recording, or '%s'", argv[first]);
	if (s->path && (l->how.follow || l->how.lossless || l->how.ring_size || l->duration))
		return opt_usage(l->verb, "-f, --duration, --lossless and --ring-size are not "
				 "for a recording");
	if (l->how.callchain && !s->tally.leaks.wanted)
		return opt_usage(l->verb, "-k tells who leaks: it goes with --leaks");
	s->tally.leaks.chains = l->how.callchain;
	if (s->path)
		return EXIT_DONE;
	if (opt_is_command(argv, first))
		return live_command(l, argv + first);
	if (argc - first > 1)
		return opt_usage(l->verb, "one process at a time: '%s'\n"
				 "A command goes behind a --.", argv[first + 1]);
	return live_pids(l, argc - first, argv + first);
}

static int cmd_stat_go(struct cmd_stat *s, int argc, char **argv, int first)
{
	int status = cmd_stat_subject(s, argc, argv, first);

	if (status == EXIT_DONE)
		status = view_open(&s->view, s->live.child.pid ? STDERR_FILENO : STDOUT_FILENO);
	if (status == EXIT_DONE)
		status = s->path ? cmd_stat_recording(s) : cmd_stat_live(s);
	return status;
}

static int cmd_stat_run(const struct verb *verb, int argc, char **argv)
{
	struct cmd_stat s = { .live = LIVE_INIT(verb), .view = VIEW_INIT(verb) };
	int first, status;

	status = opt_read(verb, argc, argv, cmd_stat_option, &s, &first);
	if (status == OPT_GO)
		status = cmd_stat_go(&s, argc, argv, first);
	view_close(&s.view);
	tally_free(&s.tally);
	known_free(&s.known);
	live_free(&s.live);
	return status;
}

static const struct opt cmd_stat_opts[] = {
	OPT_PROCESS_DECL,
	{ 'i', "input", "FILE", "of a recording, rather than of a process" },
	{ OPT_INTERVAL, "interval", "SECONDS", "print a line each time these are over" },
	{ OPT_LEAKS, "leaks", NULL, "name what was mapped and never unmapped" },
	OPT_FOLLOW_DECL,
	OPT_CALLCHAIN_DECL,
	OPT_NO_DEMANGLE_DECL,
	OPT_DURATION_DECL,
	OPT_COUNT_DECL,
	OPT_LOSSLESS_DECL,
	OPT_RING_SIZE_DECL,
	OPT_OUTPUT_DECL,
	OPT_JSON_DECL,
	OPT_COLOUR_DECL,
	OPT_FILTERS_DECL,
	{ 0 },
};

const struct verb cmd_stat = {
	.name = "stat",
	.args = "PID | -i FILE | -- COMMAND [ARG]...",
	.summary = "Count the changes of an address space, by cause and by kind",
	.opts = cmd_stat_opts,
	.details =
	"When the process has ended, or with Ctrl-C: how many changes there were, by system\n"
	"call or other CAUSE, and by KIND of change, with the bytes that were mapped and\n"
	"unmapped by them, and the difference (NET). A change can be of several kinds: the\n"
	"sums by KIND are no parts of a whole. Then where memory grew most. MAPPED counts\n"
	"addresses, not pages that are in use.\n"
	"\n"
	"--leaks adds what was mapped under watch and is still there, by the size that was\n"
	"asked for and by the system call and thread; with -k by the calls that led to it,\n"
	"whatever the sizes (a recording has to be made with -k, too). What is there many\n"
	"times, and came one after the other, is likely a leak. What a heap, a stack or mremap\n"
	"adds to something is not in it.\n"
	"\n"
	"A COMMAND is run to its end, as by run (see there); the figures go to standard\n"
	"error.\n"
	"\n"
	OPT_FILTER_HELP
	"\n"
	OPT_HOW_HELP
	"\n"
	"exit status: 0 done; 1 error; 2 wrong usage; 42 no such process. With a COMMAND: as\n"
	"that of run\n",
	.examples =
	"  vasmon-client stat --duration 10 $(pidof redis-server)\n"
	"  vasmon-client stat -f -- make -j4\n"
	"  vasmon-client stat --leaks -k --interval 5 1234\n"
	"  vasmon-client stat -i server.vm --leaks -k\n"
	"  vasmon-client stat -i server.vm --json | jq .causes\n",
	.run = cmd_stat_run,
};
