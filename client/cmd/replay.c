// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../moment.h"
#include "../procmaps.h"
#include "../progress.h"
#include "../report.h"
#include "../view.h"
#include "cmd.h"

/**
 * struct cmd_replay - one run of the verb
 * @modes: how often a map is asked for, rather than the events
 * @moment: which map, and of which recording
 * @replay: the recording and its processes
 * @view: what is shown
 * @known: the files of the processes, where they are still the same
 * @seen: whether the process that is asked for is in the recording
 */
struct cmd_replay {
	const struct verb *verb;
	unsigned int modes;
	struct moment moment;
	struct replay replay;
	struct view view;
	struct known known;
	bool seen;
};

/* --- The events, as watch would have shown them. */

static struct cmd_replay *cmd_replay_of(const struct tracker *t)
{
	return ((struct replay *)t->arg)->arg;
}

static struct view *cmd_replay_view(const struct tracker *t)
{
	return &cmd_replay_of(t)->view;
}

static const struct facts *cmd_replay_facts(struct tracker *t, uint32_t pid, bool anew)
{
	return view_facts(cmd_replay_view(t), pid, anew);
}

static void cmd_replay_on_map(struct tracker *t, const struct tracker_process *p)
{
	struct cmd_replay *r = cmd_replay_of(t);

	r->seen |= p->pid == r->view.pid;
	view_map(&r->view, t, p);
}

static void cmd_replay_on_event(struct tracker *t, const struct tracker_process *p,
				const struct out_event *e)
{
	struct cmd_replay *r = cmd_replay_of(t);

	(void)p;
	r->seen |= e->pid == r->view.pid;
	view_event(&r->view, e);
}

static void cmd_replay_on_lost(struct tracker *t, const struct out_lost *lost)
{
	view_lost(cmd_replay_view(t), lost);
}

static void cmd_replay_on_healed(struct tracker *t, const struct tracker_process *p)
{
	view_healed(cmd_replay_view(t), t, p);
}

static void cmd_replay_on_mismatch(struct tracker *t, const struct event *ev, const char *what)
{
	report_mismatch(cmd_replay_view(t)->verb, ev, what, NULL);
}

static const struct tracker_ops cmd_replay_ops = {
	.snapshot = replay_snapshot,
	.facts = cmd_replay_facts,
	.on_map = cmd_replay_on_map,
	.on_event = cmd_replay_on_event,
	.on_lost = cmd_replay_on_lost,
	.on_healed = cmd_replay_on_healed,
	.on_mismatch = cmd_replay_on_mismatch,
};

/* Return: 0 or an error; -EPIPE: nobody reads any more. */
static int cmd_replay_loop(struct cmd_replay *r)
{
	struct progress progress;
	int n;

	progress_begin(&progress, r->moment.path, r->replay.reader.fd, r->view.out.fd,
		       STDERR_FILENO);
	while ((n = replay_step(&r->replay)) > 0 && !view_is_full(&r->view)) {
		if (r->view.out.buf.len > OUT_FULL)
			n = out_flush(&r->view.out);
		if (n < 0)
			break;
		progress_step(&progress, r->replay.reader.offset);
	}
	progress_end(&progress);
	return n < 0 ? n : 0;
}

static void cmd_replay_summary(const struct cmd_replay *r)
{
	const struct tracker *t = &r->replay.tracker;
	char more[64] = "";

	if (t->coalesced)
		snprintf(more, sizeof(more), ", %llu coalesced", (unsigned long long)t->coalesced);
	report(r->verb, "%llu event%s, %llu missed%s", (unsigned long long)r->view.shown,
	       r->view.shown == 1 ? "" : "s", (unsigned long long)t->missed, more);
}

static int cmd_replay_events(struct cmd_replay *r)
{
	const struct rec_header *h = &r->replay.reader.header;
	const char *path = r->moment.path;
	int err, status = EXIT_DONE, told;

	r->view.out.label_pid = r->replay.tracker.follow;
	r->view.out.realtime = h->realtime - h->boottime;
	r->view.pid = r->moment.pid;
	err = cmd_replay_loop(r);
	tracker_finish(&r->replay.tracker);
	if (err == -EPIPE)
		return EXIT_DONE;
	if (err)
		status = report_recording_broken(r->verb, path, &r->replay, err);
	else if (!view_is_full(&r->view))
		status = report_recording_end(r->verb, path, &r->replay);
	if (r->view.pid && !r->seen)
		status = report_not_recorded(r->verb, path, &r->replay, r->view.pid);
	told = report_output(r->verb, out_flush(&r->view.out));
	cmd_replay_summary(r);
	return status == EXIT_DONE ? told : status;
}

static int cmd_replay_show(struct cmd_replay *r)
{
	const char *path = r->moment.path;
	int fd, err, status;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		report(r->verb, "cannot open %s: %s", path, strerror(errno));
		return EXIT_ERROR;
	}
	err = replay_open(&r->replay, fd, &cmd_replay_ops);
	r->replay.arg = r;
	view_recording(&r->view, &r->known, &r->replay.files);
	status = err ? report_recording(r->verb, path, &r->replay, err) : cmd_replay_events(r);
	known_free(&r->known);
	replay_free(&r->replay);
	close(fd);
	return status;
}

/* --- A map, as /proc/PID/maps had it. */

static int cmd_replay_maps(struct cmd_replay *r)
{
	const struct space *space = &r->moment.space;
	int status = moment_find(&r->moment), told;
	size_t i;

	for (i = 0; r->moment.found && i < space->n; i++)
		procmaps_line(&r->view.out.buf, space_at(space, i), &space->layout);
	told = report_output(r->verb, out_flush(&r->view.out));
	moment_free(&r->moment);
	return status == EXIT_DONE ? told : status;
}

static enum opt_taken cmd_replay_option(void *arg, int key, const char *value)
{
	struct cmd_replay *r = arg;
	bool ok = true;

	switch (key) {
	case OPT_MAPS:
		r->modes++;
		break;
	case OPT_MAPS_AT:
		r->modes++;
		r->moment.has_at = true;
		ok = opt_parse_seq(r->verb, value, &r->moment.at);
		break;
	case OPT_PID:
		ok = opt_parse_pid(r->verb, value, &r->moment.pid);
		break;
	default:
		return view_option(&r->view, key, value);
	}
	return ok ? OPT_TAKEN : OPT_WRONG;
}

static int cmd_replay_go(struct cmd_replay *r, int argc, char **argv)
{
	int status;

	if (r->modes + r->view.json > 1)
		return opt_usage(r->verb, "--maps, --maps-at and --json exclude each other");
	if (!argc)
		return opt_usage(r->verb, "which recording? Its FILE is missing");
	if (argc > 1)
		return opt_usage(r->verb, "one recording at a time: '%s'", argv[1]);
	r->moment.path = argv[0];
	status = view_open(&r->view, STDOUT_FILENO);
	if (status == EXIT_DONE)
		status = r->modes ? cmd_replay_maps(r) : cmd_replay_show(r);
	return status;
}

static int cmd_replay_run(const struct verb *verb, int argc, char **argv)
{
	struct cmd_replay r = {
		.verb = verb, .moment = { .verb = verb }, .view = VIEW_INIT(verb),
	};
	int first, status;

	status = opt_read(verb, argc, argv, cmd_replay_option, &r, &first);
	if (status == OPT_GO)
		status = cmd_replay_go(&r, argc - first, argv + first);
	view_close(&r.view);
	return status;
}

static const struct opt cmd_replay_opts[] = {
	{ OPT_MAPS, "maps", NULL, "print the map at the end instead" },
	{ OPT_MAPS_AT, "maps-at", "SEQ", "print the map right after event SEQ instead" },
	{ OPT_PID, "pid", "PID", "only that process; with --maps its map" },
	OPT_OUTPUT_DECL,
	OPT_QUIET_DECL,
	OPT_VERBOSE_DECL,
	OPT_NO_DEMANGLE_DECL,
	OPT_TIME_DECL,
	OPT_RELATIVE_DECL,
	OPT_JSON_DECL,
	OPT_COLOUR_DECL,
	OPT_COUNT_DECL,
	OPT_FILTERS_DECL,
	{ 0 },
};

const struct verb cmd_replay = {
	.name = "replay",
	.args = "FILE",
	.summary = "Print a recording, or the map at a moment of it",
	.opts = cmd_replay_opts,
	.details =
	"Prints what watch would have printed (see there), but for what only the process and\n"
	"its files tell of a region: sections, and whose thread's it is, are left out, and\n"
	"more is a guess. Of a recording that was made with -k, sections and functions are\n"
	"named where their files are still there, and the same by their build id.\n"
	"\n"
	"--maps prints a map exactly as /proc/PID/maps had it, without [vsyscall], after the\n"
	"last event that was recorded, --maps-at after event SEQ (--json shows the numbers).\n"
	"Of a process that has ended, --maps prints the last map. Without --pid it is that of\n"
	"the process that record was given. The module is not needed.\n"
	"\n"
	OPT_FILTER_HELP
	"\n"
	"A recording whose end is missing is replayed as far as it goes, with a warning.\n"
	"\n"
	"exit status: 0 done; 1 error, also if FILE is damaged or the map is not known;\n"
	"2 wrong usage\n",
	.examples =
	"  vasmon-client replay server.vm\n"
	"  vasmon-client replay -q -ttt -e unmap --path 'libssl*' server.vm\n"
	"  vasmon-client replay --maps server.vm | diff - /proc/1234/maps\n"
	"  vasmon-client replay --maps-at 4711 --pid 1235 server.vm\n",
	.run = cmd_replay_run,
};
