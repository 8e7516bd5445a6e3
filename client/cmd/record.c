// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "../live.h"
#include "../proc.h"
#include "../recfile.h"
#include "../recwriter.h"
#include "../report.h"
#include "cmd.h"

/**
 * struct cmd_record - one run of the verb
 * @live: the watch
 * @path: where to
 * @created: the file was not there before
 * @fd: the file
 * @begun: its header is written
 * @quiet: say nothing but errors
 * @limit: events to record at most, 0 for no limit
 * @w: the recording
 * @parts: messages of the snapshot that is being taken
 * @n_parts: how many
 * @files: those that were written down
 * @frame: kept for its memory
 */
struct cmd_record {
	struct live live;
	const char *path;
	bool created;
	int fd;
	bool begun;
	bool quiet;
	uint64_t limit;
	struct recwriter w;
	struct recwriter parts;
	uint32_t n_parts;
	struct recfiles files;
	struct buf frame;
};

static struct cmd_record *cmd_record_of(const struct tracker *t)
{
	return ((struct live *)t->arg)->arg;
}

static uint64_t cmd_record_clock(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* The header, once the first snapshot has told what is in it. */
static void cmd_record_header(struct cmd_record *r, const struct tracker *t,
			      const struct space *space)
{
	struct rec_header h = {
		.page_size = (uint32_t)sysconf(_SC_PAGESIZE), .pid = t->pid,
		.watch_id = t->watch_id, .boottime = cmd_record_clock(CLOCK_BOOTTIME),
		.realtime = cmd_record_clock(CLOCK_REALTIME),
	};
	struct utsname name;

	h.flags = (space->layout.heap_inclusive ? REC_HEAP_INCLUSIVE : 0) |
		  (r->live.how.follow ? REC_FOLLOW : 0) |
		  (r->live.how.lossless ? REC_LOSSLESS : 0) |
		  (t->held ? REC_FROM_EXEC : 0);
	if (!uname(&name)) {
		snprintf(h.machine, sizeof(h.machine), "%.15s", name.machine);
		snprintf(h.release, sizeof(h.release), "%.64s", name.release);
	}
	recwriter_header(&r->w, &h);
	r->begun = true;
}

static int cmd_record_part(void *arg, const struct nlattr *head, int len)
{
	struct cmd_record *r = arg;

	if (head) {
		recwriter_frame(&r->parts, REC_PART, head, (size_t)len);
		r->n_parts++;
	} else {
		buf_reset(&r->parts.out.buf);
		r->n_parts = 0;
	}
	return 0;
}

/* Only a snapshot that is complete is written; where there is none, that is. */
static int cmd_record_snapshot(struct tracker *t, uint32_t pid, struct mm *mm,
			       struct space *space)
{
	struct cmd_record *r = cmd_record_of(t);
	struct rec_snapshot begin = { .pid = pid };
	struct rec_snapshot_end end = { 0 };
	int err;

	err = vnl_map(&r->live.nl, pid, t->watch_id, mm, space, cmd_record_part, r);
	if (!err && !r->begun)
		cmd_record_header(r, t, space);
	if (!r->begun)
		return err;
	begin.error = -err;
	recwriter_frame(&r->w, REC_SNAPSHOT, &begin, sizeof(begin));
	if (err)
		return err;
	end.parts = r->n_parts;
	recwriter_append(&r->w, &r->parts);
	recwriter_frame(&r->w, REC_SNAPSHOT_END, &end, sizeof(end));
	return 0;
}

/* With call chains: which file a region's code is of, once each. */
static void cmd_record_file(struct cmd_record *r, uint32_t pid, const struct region *region)
{
	struct recfile file;

	if (!r->live.how.callchain || !(region->prot & VASMON_PROT_EXEC) ||
	    !region_has_file(region) || !proc_is_ours() || recfiles_find(&r->files, region))
		return;
	recfile_look(&file, pid, region);
	/* Told twice it does no harm. */
	recfiles_add(&r->files, &file);
	buf_reset(&r->frame);
	recfile_put(&r->frame, &file);
	if (!r->frame.failed && r->frame.len <= REC_FRAME_MAX)
		recwriter_frame(&r->w, REC_FILE, r->frame.s, r->frame.len);
}

static void cmd_record_on_map(struct tracker *t, const struct tracker_process *p)
{
	size_t i;

	for (i = 0; i < p->space.n; i++)
		cmd_record_file(cmd_record_of(t), p->pid, space_at(&p->space, i));
}

static void cmd_record_on_event(struct tracker *t, const struct tracker_process *p,
				const struct out_event *e)
{
	size_t i;

	(void)p;
	for (i = 0; i < e->ev->fresh.n; i++)
		cmd_record_file(cmd_record_of(t), e->pid, &e->ev->fresh.v[i]);
}

static void cmd_record_on_lost(struct tracker *t, const struct out_lost *lost)
{
	(void)t;
	(void)lost;
}

static void cmd_record_on_mismatch(struct tracker *t, const struct event *ev, const char *what)
{
	report_mismatch(cmd_record_of(t)->live.verb, ev, what, "recording the map anew");
}

static int cmd_record_failed(struct cmd_record *r, int err)
{
	if (err)
		r->live.failed = err;
	return err;
}

static int cmd_record_begun(struct live *l)
{
	struct cmd_record *r = l->arg;
	int err = 0;

	/* What was there is given up only now that there is something better. */
	if (ftruncate(r->fd, 0) && errno != EINVAL)
		err = -errno;
	r->w.out.stop = &l->stop;
	if (!err)
		err = out_flush(&r->w.out);
	if (!err && !r->quiet)
		report(l->verb, "recording process %u into %s%s", l->pids[0], r->path,
		       l->child.pid ? "" : ", Ctrl-C ends it");
	return cmd_record_failed(r, err);
}

static int cmd_record_raw(struct live *l, const struct nlattr *head, int len)
{
	struct cmd_record *r = l->arg;

	recwriter_frame(&r->w, REC_EVENT, head, (size_t)len);
	return 0;
}

static int cmd_record_lossy(struct live *l)
{
	struct cmd_record *r = l->arg;

	recwriter_frame(&r->w, REC_LOSSY, NULL, 0);
	return 0;
}

static int cmd_record_work(struct live *l)
{
	struct cmd_record *r = l->arg;

	if (r->w.out.buf.len < RECWRITER_FULL)
		return 0;
	return cmd_record_failed(r, out_flush(&r->w.out));
}

static int cmd_record_idle(struct live *l)
{
	struct cmd_record *r = l->arg;

	return r->w.out.buf.len ? cmd_record_failed(r, out_flush(&r->w.out)) : 0;
}

static bool cmd_record_full(const struct live *l)
{
	const struct cmd_record *r = l->arg;

	return r->limit && l->trackers[0].events >= r->limit;
}

static const struct live_ops cmd_record_ops = {
	.tracker = {
		.snapshot = cmd_record_snapshot,
		.processes = live_processes,
		.on_map = cmd_record_on_map,
		.on_event = cmd_record_on_event,
		.on_lost = cmd_record_on_lost,
		.on_healed = cmd_record_on_map,
		.on_mismatch = cmd_record_on_mismatch,
	},
	.begun = cmd_record_begun,
	.raw = cmd_record_raw,
	.lossy = cmd_record_lossy,
	.work = cmd_record_work,
	.idle = cmd_record_idle,
	.full = cmd_record_full,
};

static void cmd_record_summary(const struct cmd_record *r)
{
	const struct tracker *t = &r->live.trackers[0];
	struct buf b = { 0 };

	if (r->quiet)
		return;
	live_put_summary(&b, &r->live);
	report(r->live.verb, "%llu event%s in %s; %s has %llu bytes",
	       (unsigned long long)t->events, t->events == 1 ? "" : "s", buf_str(&b), r->path,
	       (unsigned long long)r->w.bytes);
	buf_free(&b);
}

static int cmd_record_write_error(const struct cmd_record *r)
{
	int err = r->live.failed;

	if (err == -EINTR)
		report(r->live.verb, "what nobody read from %s was thrown away", r->path);
	else
		report(r->live.verb, "cannot write %s: %s\n%s", r->path, strerror(-err),
		       r->begun ? "The recording ends here; what was written until then can be "
		       "replayed." : "Choose another file with -o.");
	return EXIT_ERROR;
}

/* The last frame tells that nothing is missing behind it. */
static int cmd_record_close(struct cmd_record *r, enum rec_reason reason)
{
	const struct tracker *t = &r->live.trackers[0];
	struct rec_end end = {
		.reason = reason, .events = r->w.events, .missed = t->missed,
		.boottime = cmd_record_clock(CLOCK_BOOTTIME),
	};

	recwriter_frame(&r->w, REC_END, &end, sizeof(end));
	return cmd_record_failed(r, out_flush(&r->w.out));
}

static int cmd_record_end(struct cmd_record *r, int err)
{
	struct live *l = &r->live;
	enum rec_reason reason = REC_REASON_FAILED;
	int status = EXIT_ERROR;

	if (!l->failed && !err) {
		reason = l->trackers[0].ended ? REC_REASON_ENDED : REC_REASON_STOPPED;
		status = EXIT_DONE;
		err = live_finish(l);
	} else if (!l->failed && err == -ENODEV) {
		reason = REC_REASON_UNLOADED;
		live_rest(l);
		report_unloaded(l->verb);
		err = 0;
	}
	if (err && !l->failed) {
		report(l->verb, "the recording ended: %s%s%s", strerror(-err),
		       *l->nl.words ? ": " : "", l->nl.words);
		reason = REC_REASON_FAILED;
		status = EXIT_ERROR;
	}
	if (!l->failed)
		cmd_record_close(r, reason);
	if (l->failed)
		status = cmd_record_write_error(r);
	cmd_record_summary(r);
	return status;
}

/* An older recording stays until there is a new one; it is for its owner alone. */
static int cmd_record_open(struct cmd_record *r)
{
	r->fd = open(r->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	r->created = r->fd >= 0;
	if (r->fd < 0 && errno == EEXIST)
		r->fd = open(r->path, O_WRONLY | O_CLOEXEC);
	if (r->fd < 0)
		return -errno;
	recwriter_init(&r->w, r->fd);
	recwriter_init(&r->parts, -1);
	return 0;
}

static int cmd_record_go(struct cmd_record *r)
{
	struct live *l = &r->live;
	int status, err;

	/* A file size limit is an error of write(2), as a full disk is. */
	signal(SIGXFSZ, SIG_IGN);
	err = cmd_record_open(r);
	if (err) {
		l->failed = err;
		return cmd_record_write_error(r);
	}
	l->trackers[0].plain = true;
	status = live_begin(l);
	if (status == EXIT_DONE)
		status = cmd_record_end(r, live_loop(l));
	else if (l->failed)
		cmd_record_write_error(r);
	if (close(r->fd) && status == EXIT_DONE) {
		l->failed = -errno;
		status = cmd_record_write_error(r);
	}
	/* Of a command that could not be run there is nothing to keep. */
	if (r->created && (!r->begun || l->no_exec))
		unlink(r->path);
	recwriter_free(&r->w);
	recwriter_free(&r->parts);
	recfiles_free(&r->files);
	buf_free(&r->frame);
	return live_end(l, status);
}

static enum opt_taken cmd_record_option(void *arg, int key, const char *value)
{
	struct cmd_record *r = arg;

	switch (key) {
	case 'o':
		r->path = value;
		return OPT_TAKEN;
	case 'q':
		r->quiet = true;
		return OPT_TAKEN;
	case OPT_COUNT:
		return opt_parse_count(r->live.verb, value, &r->limit) ? OPT_TAKEN : OPT_WRONG;
	default:
		return live_option(&r->live, key, value);
	}
}

static int cmd_record_run(const struct verb *verb, int argc, char **argv)
{
	struct cmd_record r = { .live = LIVE_INIT(verb), .fd = -1 };
	int first, status;

	r.live.ops = &cmd_record_ops;
	r.live.arg = &r;
	status = opt_read(verb, argc, argv, cmd_record_option, &r, &first);
	if (status != OPT_GO)
		return status;
	if (!r.path || !*r.path)
		return opt_usage(verb, "where to? -o FILE is missing");
	if (opt_is_command(argv, first))
		status = live_command(&r.live, argv + first);
	else if (argc - first > 1)
		return opt_usage(verb, "one process at a time: '%s'\nA command goes behind a --.",
				 argv[first + 1]);
	else
		status = live_pids(&r.live, argc - first, argv + first);
	if (status == EXIT_DONE)
		status = cmd_record_go(&r);
	live_free(&r.live);
	return status;
}

static const struct opt cmd_record_opts[] = {
	{ 'o', "output", "FILE", "where to; needed" },
	OPT_PROCESS_DECL,
	OPT_FOLLOW_DECL,
	OPT_CALLCHAIN_DECL,
	{ 'q', "quiet", NULL, "say nothing but errors" },
	OPT_DURATION_DECL,
	OPT_COUNT_DECL,
	OPT_LOSSLESS_DECL,
	OPT_RING_SIZE_DECL,
	{ 0 },
};

const struct verb cmd_record = {
	.name = "record",
	.args = "-o FILE PID | -o FILE -- COMMAND [ARG]...",
	.summary = "Write each change of a process's address space into a file",
	.opts = cmd_record_opts,
	.details =
	"FILE gets the map as it is, then each change, until the process has ended, or\n"
	"Ctrl-C. replay shows it, and the map at each moment. What is written is there\n"
	"whatever ends this program. A new FILE can be read by its owner alone: addresses are\n"
	"secrets. One that is there is overwritten, and keeps its mode. Where events were\n"
	"lost, the map is recorded anew.\n"
	"\n"
	"With -k (see watch) replay tells by which functions each change came about.\n"
	"\n"
	"A COMMAND is recorded from its exec on, and run to its end, as by run (see there).\n"
	"\n"
	OPT_HOW_HELP
	"\n"
	"exit status: 0 done; 1 error, also if FILE cannot be written or the module is\n"
	"unloaded; 2 wrong usage; 42 no such process. With a COMMAND: as that of run\n",
	.examples =
	"  vasmon-client record -o server.vm 1234\n"
	"  vasmon-client record -o ls.vm -- ls -l\n"
	"  vasmon-client record -o server.vm -f --lossless --duration 60 1234\n"
	"  vasmon-client replay server.vm\n",
	.run = cmd_record_run,
};
