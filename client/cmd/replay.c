// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../procmaps.h"
#include "../replay.h"
#include "../report.h"
#include "../view.h"
#include "cmd.h"

/**
 * enum cmd_replay_mode - what is asked for
 * @CMD_REPLAY_SHOW: all, as watch shows it
 * @CMD_REPLAY_MAPS: the map at the end
 * @CMD_REPLAY_MAPS_AT: the map after an event
 */
enum cmd_replay_mode {
	CMD_REPLAY_SHOW,
	CMD_REPLAY_MAPS,
	CMD_REPLAY_MAPS_AT,
};

/**
 * struct cmd_replay - one run of the verb
 * @path: the recording
 * @mode: what is asked for
 * @modes: how often
 * @at: for CMD_REPLAY_MAPS_AT: number of the event
 * @pid: the process whose map it is
 * @replay: the recording and its processes
 * @view: what is shown
 * @found: @map is what was asked for
 * @refused: it cannot be had, which is told
 * @seen: the process's map was known
 * @seen_at: after which event it was known last
 * @ended_at: the event that the process ended with, 0 if it did not
 * @map: a map, as /proc/PID/maps has it
 */
struct cmd_replay {
	const struct verb *verb;
	const char *path;
	enum cmd_replay_mode mode;
	unsigned int modes;
	uint64_t at;
	uint32_t pid;
	struct replay replay;
	struct view view;
	bool found;
	bool refused;
	bool seen;
	uint64_t seen_at;
	uint64_t ended_at;
	struct buf map;
};

static struct cmd_replay *cmd_replay_of(const struct tracker *t)
{
	return ((struct replay *)t->arg)->arg;
}

/* The process that is asked for, if it is there now. */
static struct tracker_process *cmd_replay_process(struct cmd_replay *r)
{
	struct tracker_process *p = tracker_find(&r->replay.tracker, r->pid);

	return p && p->pid == r->pid ? p : NULL;
}

static void cmd_replay_put_map(struct cmd_replay *r, const struct space *space)
{
	size_t i;

	buf_reset(&r->map);
	for (i = 0; i < space->n; i++)
		procmaps_line(&r->map, space_at(space, i), &space->layout);
}

static void cmd_replay_on_map(struct tracker *t, const struct tracker_process *p)
{
	struct cmd_replay *r = cmd_replay_of(t);

	if (r->mode == CMD_REPLAY_SHOW)
		view_map(&r->view, t, p);
}

static void cmd_replay_on_event(struct tracker *t, const struct tracker_process *p,
				const struct out_event *e)
{
	struct cmd_replay *r = cmd_replay_of(t);

	if (r->mode == CMD_REPLAY_SHOW) {
		view_event(&r->view, e);
	} else if (e->ev->cause == VASMON_CAUSE_EXIT && p->pid == r->pid) {
		r->ended_at = e->ev->seq;
		if (p->state == TRACKER_LIVE)
			cmd_replay_put_map(r, &p->space);
		else
			r->seen = false;
	}
}

static void cmd_replay_on_lost(struct tracker *t, const struct out_lost *lost)
{
	struct cmd_replay *r = cmd_replay_of(t);

	if (r->mode == CMD_REPLAY_SHOW)
		view_lost(&r->view, lost);
}

static void cmd_replay_on_healed(struct tracker *t, const struct tracker_process *p)
{
	struct cmd_replay *r = cmd_replay_of(t);

	if (r->mode == CMD_REPLAY_SHOW)
		view_healed(&r->view, t, p);
}

static void cmd_replay_on_mismatch(struct tracker *t, const struct event *ev, const char *what)
{
	struct cmd_replay *r = cmd_replay_of(t);

	report(r->verb, "event %llu of process %u does not fit the map: %s",
	       (unsigned long long)ev->seq, ev->pid, what);
}

static const struct tracker_ops cmd_replay_ops = {
	.snapshot = replay_snapshot,
	.on_map = cmd_replay_on_map,
	.on_event = cmd_replay_on_event,
	.on_lost = cmd_replay_on_lost,
	.on_healed = cmd_replay_on_healed,
	.on_mismatch = cmd_replay_on_mismatch,
};

static void cmd_replay_lost_stretch(struct cmd_replay *r, uint64_t from, uint64_t to)
{
	r->refused = true;
	report(r->verb, "the map of process %u after event %llu is not known: events %llu to %llu "
	       "were not recorded one by one\nIt is known after event %llu, and after %llu.",
	       r->pid, (unsigned long long)r->at, (unsigned long long)from,
	       (unsigned long long)(to - 1), (unsigned long long)(from - 1),
	       (unsigned long long)to);
}

/* After each step: is it the moment that was asked for? */
static void cmd_replay_look(struct cmd_replay *r)
{
	const struct tracker_process *p;
	uint64_t now;

	if (r->mode == CMD_REPLAY_SHOW)
		return;
	p = cmd_replay_process(r);
	if (!p || p->state != TRACKER_LIVE)
		return;
	/* An id can be used again. */
	if (r->ended_at && p->seq >= r->ended_at) {
		r->ended_at = 0;
		r->seen = false;
	}
	now = tracker_at(&r->replay.tracker, p);
	if (r->mode == CMD_REPLAY_MAPS_AT && now == r->at) {
		cmd_replay_put_map(r, &p->space);
		r->found = true;
	} else if (r->mode == CMD_REPLAY_MAPS_AT && now > r->at && r->seen) {
		cmd_replay_lost_stretch(r, r->seen_at + 1, now);
	} else if (r->mode == CMD_REPLAY_MAPS_AT && now > r->at) {
		r->refused = true;
		report(r->verb, "the recording of process %u begins with event %llu, after %llu",
		       r->pid, (unsigned long long)now, (unsigned long long)r->at);
	}
	r->seen = true;
	r->seen_at = now;
}

/* Return: 0 or an error; -EPIPE: nobody reads any more. */
static int cmd_replay_loop(struct cmd_replay *r)
{
	int n, err;

	for (;;) {
		n = replay_step(&r->replay);
		if (n <= 0)
			return n;
		cmd_replay_look(r);
		if (r->found || r->refused || view_is_full(&r->view))
			return 0;
		if (r->view.out.buf.len > OUT_FULL) {
			err = out_flush(&r->view.out);
			if (err)
				return err;
		}
	}
}

/* There is no map to print. Return: the exit status. */
static int cmd_replay_no_map(struct cmd_replay *r)
{
	struct tracker_process *p = cmd_replay_process(r);
	unsigned long long last = r->replay.tracker.seq;

	if (p && tracker_at(&r->replay.tracker, p) > last)
		last = tracker_at(&r->replay.tracker, p);
	if (r->ended_at && r->mode == CMD_REPLAY_MAPS_AT && r->seen && r->at < r->ended_at)
		cmd_replay_lost_stretch(r, r->seen_at + 1, r->ended_at);
	else if (r->ended_at && r->mode == CMD_REPLAY_MAPS_AT)
		report(r->verb, "process %u ended with event %llu: it has no map after event %llu",
		       r->pid, (unsigned long long)r->ended_at, (unsigned long long)r->at);
	else if (!p && !r->ended_at && !r->seen)
		report(r->verb, "process %u is not in %s%s", r->pid, r->path,
		       r->replay.reader.header.flags & REC_FOLLOW ? "" : ", which was recorded "
		       "without -f");
	else if (r->mode == CMD_REPLAY_MAPS_AT && r->at > last)
		report(r->verb, "%s ends with event %llu: there is no event %llu", r->path, last,
		       (unsigned long long)r->at);
	else if (r->seen)
		report(r->verb, "the map of process %u is not known at the end, only until event "
		       "%llu: events were lost\nTry --maps-at %llu.", r->pid,
		       (unsigned long long)r->seen_at, (unsigned long long)r->seen_at);
	else
		report(r->verb, "the map of process %u is not known at the end", r->pid);
	return EXIT_ERROR;
}

static int cmd_replay_print_map(struct cmd_replay *r)
{
	struct tracker_process *p = cmd_replay_process(r);

	if (r->mode == CMD_REPLAY_MAPS && r->seen) {
		if (r->ended_at) {
			r->found = true;
			report(r->verb, "process %u ended with event %llu: this is its map before "
			       "that", r->pid, (unsigned long long)r->ended_at);
		} else if (p && p->state == TRACKER_LIVE) {
			r->found = true;
			cmd_replay_put_map(r, &p->space);
		}
	}
	if (!r->found)
		return r->refused ? EXIT_ERROR : cmd_replay_no_map(r);
	buf_add(&r->view.out.buf, r->map.s, r->map.len);
	r->view.out.buf.failed |= r->map.failed;
	return report_output(r->verb, out_flush(&r->view.out));
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

static int cmd_replay_go(struct cmd_replay *r)
{
	struct tracker *t = &r->replay.tracker;
	int err, status = EXIT_DONE, told;

	t->plain = r->mode != CMD_REPLAY_SHOW;
	r->view.out.label_pid = t->follow;
	r->view.out.realtime = r->replay.reader.header.realtime -
			       r->replay.reader.header.boottime;
	if (r->mode == CMD_REPLAY_SHOW)
		r->view.pid = r->pid;
	else if (!r->pid)
		r->pid = t->pid;

	err = cmd_replay_loop(r);
	tracker_finish(t);
	if (err == -EPIPE)
		return EXIT_DONE;
	if (err == -EBADMSG) {
		report(r->verb, "%s is damaged before byte %llu: a message in it does not fit the "
		       "protocol", r->path, (unsigned long long)r->replay.reader.offset);
		status = EXIT_ERROR;
	} else if (err) {
		report(r->verb, "cannot replay %s: %s", r->path, strerror(-err));
		status = EXIT_ERROR;
	} else if (!r->found && !r->refused && !view_is_full(&r->view)) {
		status = report_recording_end(r->verb, r->path, &r->replay);
	}
	if (r->mode != CMD_REPLAY_SHOW) {
		told = cmd_replay_print_map(r);
	} else {
		told = report_output(r->verb, out_flush(&r->view.out));
		cmd_replay_summary(r);
	}
	return status == EXIT_DONE ? told : status;
}

static int cmd_replay_open(struct cmd_replay *r)
{
	int fd, err, status;

	fd = open(r->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		report(r->verb, "cannot open %s: %s", r->path, strerror(errno));
		return EXIT_ERROR;
	}
	err = replay_open(&r->replay, fd, &cmd_replay_ops);
	r->replay.arg = r;
	status = err ? report_recording(r->verb, r->path, &r->replay, err) : cmd_replay_go(r);

	replay_free(&r->replay);
	buf_free(&r->map);
	close(fd);
	return status;
}

static enum opt_taken cmd_replay_option(void *arg, int key, const char *value)
{
	struct cmd_replay *r = arg;
	bool ok = true;

	switch (key) {
	case OPT_MAPS:
		r->modes++;
		r->mode = CMD_REPLAY_MAPS;
		break;
	case OPT_MAPS_AT:
		r->modes++;
		r->mode = CMD_REPLAY_MAPS_AT;
		ok = opt_parse_seq(r->verb, value, &r->at);
		break;
	case OPT_PID:
		ok = opt_parse_pid(r->verb, value, &r->pid);
		break;
	default:
		return view_option(&r->view, key, value);
	}
	return ok ? OPT_TAKEN : OPT_WRONG;
}

static int cmd_replay_run(const struct verb *verb, int argc, char **argv)
{
	struct cmd_replay r = { .verb = verb, .view = VIEW_INIT(verb) };
	int first, status;

	status = opt_read(verb, argc, argv, cmd_replay_option, &r, &first);
	if (status != OPT_GO)
		return status;
	if (r.modes + r.view.json > 1)
		return opt_usage(verb, "--maps, --maps-at and --json exclude each other");
	if (first == argc)
		return opt_usage(verb, "which recording? Its FILE is missing");
	if (argc - first > 1)
		return opt_usage(verb, "one recording at a time: '%s'", argv[first + 1]);
	r.path = argv[first];
	status = view_open(&r.view, STDOUT_FILENO);
	if (status == EXIT_DONE)
		status = cmd_replay_open(&r);
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
	OPT_TIME_DECL,
	OPT_RELATIVE_DECL,
	OPT_JSON_DECL,
	OPT_COLOUR_DECL,
	OPT_COUNT_DECL,
	OPT_FILTER_DECL,
	OPT_MIN_SIZE_DECL,
	OPT_RANGE_DECL,
	OPT_TID_DECL,
	OPT_PATH_DECL,
	{ 0 },
};

const struct verb cmd_replay = {
	.name = "replay",
	.args = "FILE",
	.summary = "Print a recording, or the map at a moment of it",
	.opts = cmd_replay_opts,
	.details =
	"Prints what watch would have printed (see there). A map is printed exactly as\n"
	"/proc/PID/maps had it, without [vsyscall], after the last event that was recorded\n"
	"or after event SEQ (--json shows the numbers). Of a process that has ended, --maps\n"
	"prints the last map. Without --pid it is that of the process that record was\n"
	"given. The module is not needed.\n"
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
