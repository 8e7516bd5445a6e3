// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "live.h"
#include "parse.h"
#include "report.h"

/* Datagrams to read before looking at signals and at the clock again. */
#define LIVE_BATCH	64

/* How long to wait for the last event of a process that is no more. */
#define LIVE_BLIND_NS	2000000000ull

uint64_t live_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* For struct tracker_ops. */
int live_processes(struct tracker *t, uint32_t **pids, size_t *n)
{
	struct live *l = t->arg;

	return vnl_processes(&l->nl, t->watch_id, pids, n);
}

/* An option that says how to watch. */
enum opt_taken live_option(struct live *l, int key, const char *value)
{
	bool ok = true;

	switch (key) {
	case 'f':
		l->how.follow = true;
		break;
	case 'k':
		l->how.callchain = true;
		break;
	case OPT_DURATION:
		ok = opt_parse_seconds(l->verb, value, &l->duration);
		break;
	case OPT_LOSSLESS:
		l->how.lossless = true;
		break;
	case OPT_RING_SIZE:
		ok = opt_parse_ring_size(l->verb, value, &l->how.ring_size);
		break;
	default:
		return OPT_FOREIGN;
	}
	return ok ? OPT_TAKEN : OPT_WRONG;
}

/* Call chains cost the process: only of events that @f can let through. */
void live_narrow(struct live *l, const struct filter *f)
{
	if (!l->how.callchain)
		return;
	l->how.chain_causes = filter_chain_causes(f);
	l->how.chain_tid = filter_chain_tid(f);
	l->how.callchain = l->how.chain_causes;
}

static int live_alloc(struct live *l, size_t n)
{
	l->pids = calloc(n, sizeof(*l->pids));
	l->trackers = calloc(n, sizeof(*l->trackers));
	if (l->pids && l->trackers)
		return EXIT_DONE;
	report(l->verb, "out of memory");
	return EXIT_ERROR;
}

/* Rather a command than a number that is wrong. */
static bool live_is_command(const char *word)
{
	return isalpha((unsigned char)*word) || *word == '/' || *word == '.';
}

/**
 * live_pids - take the processes from the command line
 * @l: with its verb
 * @argc: how many words are left
 * @argv: those words
 *
 * Return: the exit status.
 */
int live_pids(struct live *l, int argc, char **argv)
{
	size_t i;

	if (!argc)
		return opt_usage(l->verb, "which process? Its PID is missing");
	if (live_alloc(l, (size_t)argc))
		return EXIT_ERROR;
	for (; l->n < (size_t)argc; l->n++) {
		if (live_is_command(argv[l->n]))
			return opt_usage(l->verb, "not a process id: '%s'\n"
					 "A command is watched from its beginning by: vasmon-client %s -- %s",
					 argv[l->n], strcmp(l->verb->name, "watch") ?
					 l->verb->name : "run", argv[l->n]);
		if (!opt_parse_pid(l->verb, argv[l->n], &l->pids[l->n]))
			return EXIT_USAGE;
		for (i = 0; i < l->n; i++) {
			if (l->pids[i] == l->pids[l->n])
				return opt_usage(l->verb, "process %u is given twice",
						 l->pids[i]);
		}
	}
	return EXIT_DONE;
}

/**
 * live_command - make a process for a command, which is to be watched from its exec on
 * @l: with its verb
 * @argv: the command, ended by NULL
 *
 * Return: the exit status.
 */
int live_command(struct live *l, char **argv)
{
	int err;

	if (live_alloc(l, 1))
		return EXIT_ERROR;
	err = child_fork(&l->child, argv);
	if (err) {
		report(l->verb, "cannot start '%s': %s", argv[0], strerror(-err));
		return EXIT_ERROR;
	}
	l->pids[l->n++] = (uint32_t)l->child.pid;
	l->trackers[0].held = true;
	l->stop.pass_to = l->child.pid;
	l->command = argv[0];
	return EXIT_DONE;
}

/* The watch is in place: let the command begin. Return: the exit status. */
static int live_exec(struct live *l)
{
	const char *hint = "";
	int err;

	if (!l->child.pid)
		return EXIT_DONE;
	err = child_exec(&l->child);
	if (!err)
		return EXIT_DONE;
	l->no_exec = true;
	if (!l->command[strspn(l->command, "0123456789")])
		hint = "\nTo watch a process that runs already, leave out the --.";
	report(l->verb, "cannot run '%s': %s%s", l->command, strerror(-err), hint);
	child_wait(&l->child, NULL);
	return err == -ENOENT ? CHILD_NOT_FOUND : CHILD_CANNOT_RUN;
}

/**
 * live_end - end the watches, and see the command to its end, if there is one
 * @l: the watches
 * @status: the exit status so far
 *
 * Return: the exit status: that of the command where nothing else went wrong.
 */
int live_end(struct live *l, int status)
{
	/* Nothing is to wait for us any more. */
	vnl_close(&l->nl);
	if (!l->child.pid || l->child.go >= 0 || l->child.reaped)
		return status;
	if (child_wait(&l->child, &l->stop))
		return EXIT_ERROR;
	return status == EXIT_DONE ? child_exit_status(&l->child) : status;
}

static int live_take(void *arg, const struct nlattr *head, int len)
{
	struct live *l = arg;
	size_t i;
	int err;

	if (l->ops->full(l))
		return 0;
	err = parse_event(head, len, &l->ev);
	for (i = 0; !err && i < l->n; i++) {
		if (l->trackers[i].watch_id != l->ev.watch_id)
			continue;
		if (l->ops->raw)
			err = l->ops->raw(l, head, len);
		return err ? err : tracker_event(&l->trackers[i], &l->ev);
	}
	return err;
}

/* Take what is there, up to @batch datagrams. Return: whether there can be more. */
static int live_drain(struct live *l, unsigned int batch)
{
	size_t i;
	int n = 1, err;

	while (batch-- && n) {
		n = vnl_read_events(&l->nl, live_take, l);
		if (n == -ENOBUFS)
			l->buffer_full = true;
		else if (n < 0)
			return n;
		err = l->ops->work(l);
		if (err)
			return err;
	}
	/* Only once all is read that came through, it shows what did not. */
	if (n || !l->buffer_full)
		return n != 0;
	l->buffer_full = false;
	err = l->ops->lossy ? l->ops->lossy(l) : 0;
	for (i = 0; !err && i < l->n; i++)
		err = tracker_heal(&l->trackers[i], "buffer");
	return err;
}

/* Whether anything is left to wait for. */
static bool live_alive(struct live *l)
{
	bool alive = false, blind = false, late;
	size_t i, j;

	for (i = 0; i < l->n; i++) {
		alive |= !l->trackers[i].ended;
		blind |= tracker_waits_blind(&l->trackers[i]);
	}
	late = blind && l->blind && live_now() - l->blind > LIVE_BLIND_NS;
	if (!blind || late)
		l->blind = 0;
	else if (!l->blind)
		l->blind = live_now();
	for (i = 0; late && i < l->n; i++) {
		struct tracker *t = &l->trackers[i];

		if (!tracker_waits_blind(t))
			continue;
		for (j = 0; j < t->n; j++) {
			if (t->v[j]->state == TRACKER_BLIND)
				report(l->verb, "process %u has ended, but its last event did "
				       "not come", t->v[j]->pid);
		}
		tracker_give_up(t);
	}
	return alive;
}

/* Milliseconds until something has to be done without a message, or -1. */
static int live_timeout(const struct live *l)
{
	uint64_t now = live_now(), end = UINT64_MAX;

	if (l->duration)
		end = l->started + l->duration;
	if (l->blind && l->blind + LIVE_BLIND_NS < end)
		end = l->blind + LIVE_BLIND_NS;
	if (l->interval && l->tick < end)
		end = l->tick;
	if (end == UINT64_MAX)
		return -1;
	if (end <= now)
		return 0;
	/* Rounded up: not to wake a moment too early, again and again. */
	end = (end - now) / 1000000 + 1;
	return end > 3600000 ? 3600000 : (int)end;
}

/**
 * live_finish - end the watches, and take what came until then
 * @l: the watches
 *
 * Return: 0 or an error.
 */
int live_finish(struct live *l)
{
	bool full;
	size_t i;
	int err;

	for (i = 0; i < l->n; i++) {
		if (!l->trackers[i].ended && l->trackers[i].watch_id &&
		    vnl_unwatch(&l->nl, l->trackers[i].watch_id) == -ENOBUFS)
			l->buffer_full = true;
	}
	/* No dump is in step with a watch that has ended: say so at least. */
	full = l->buffer_full;
	if (full)
		report(l->verb, "the last events may be missing, the socket's buffer was full");
	l->buffer_full = false;
	err = live_rest(l);
	for (i = 0; i < l->n; i++)
		tracker_finish(&l->trackers[i]);
	if (!err && full && l->ops->lossy)
		err = l->ops->lossy(l);
	return err ? err : l->ops->idle(l);
}

/* Take what is still there. Return: 0 or an error. */
int live_rest(struct live *l)
{
	int more;

	do
		more = live_drain(l, LIVE_BATCH);
	while (more > 0);
	return more;
}

/**
 * live_loop - take events
 * @l: the watches, begun
 *
 * Return: 0 when done as asked or when the processes have ended, an error of the
 * module or of an op, or -ENODEV if the module was unloaded.
 */
int live_loop(struct live *l)
{
	enum { EVENTS, NEWS, STOP, OUTPUT, COUNT };
	struct pollfd p[COUNT] = {
		[EVENTS] = { .fd = nl_socket_get_fd(l->nl.events), .events = POLLIN },
		[NEWS] = { .fd = nl_socket_get_fd(l->nl.news), .events = POLLIN },
		[STOP] = { .fd = l->stop.fd, .events = POLLIN },
		[OUTPUT] = { .fd = l->out_fd },
	};
	int n, err, more = 1;

	for (;;) {
		/* What is shown goes out as soon as there is nothing more to add. */
		if (!more) {
			err = l->ops->idle(l);
			if (err)
				return err;
			/* Writing takes notice of signals as well: none will come again. */
			if (l->stop.count)
				return 0;
		}
		n = poll(p, COUNT, more ? 0 : live_timeout(l));
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0 && p[NEWS].revents) {
			err = vnl_family_gone(&l->nl);
			if (err)
				return err < 0 ? err : -ENODEV;
		}
		if (n > 0 && p[STOP].revents)
			stop_read(&l->stop);
		if (l->stop.count)
			return 0;
		if (n > 0 && (p[OUTPUT].revents & (POLLERR | POLLHUP)))
			return -EPIPE;
		if (n > 0 && (p[OUTPUT].revents & POLLNVAL))
			return -EBADF;
		if (l->duration && live_now() - l->started >= l->duration)
			return 0;
		more = live_drain(l, LIVE_BATCH);
		if (more < 0)
			return more;
		if (l->interval && live_now() >= l->tick) {
			l->ops->tick(l);
			l->tick += l->interval;
		}
		if (l->ops->full(l) || !live_alive(l))
			return 0;
	}
}

/* The first subscriber chooses the ring; who comes later should know. */
static void live_tell_ring(const struct live *l, const struct watch_info *info)
{
	if (l->how.ring_size && (info->ring_size < l->how.ring_size ||
				 info->ring_size / 2 >= l->how.ring_size))
		report(l->verb, "process %u is watched already: its ring has %u bytes, not %u",
		       info->pid, info->ring_size, l->how.ring_size);
}

/**
 * live_begin - connect, watch, take the first snapshots
 * @l: the watches
 *
 * Return: the exit status.
 */
int live_begin(struct live *l)
{
	struct watch_info info;
	size_t i;
	int err;

	err = vnl_open(&l->nl);
	if (err)
		return report_open(l->verb, &l->nl, err);
	err = vnl_open_events(&l->nl);
	if (!err)
		err = stop_open(&l->stop);
	if (err)
		return report_open(l->verb, &l->nl, err);

	/* First the watch, then the snapshot: between them nothing is lost. */
	for (i = 0; i < l->n; i++) {
		struct tracker *t = &l->trackers[i];

		err = vnl_watch(&l->nl, l->pids[i], &l->how, &info);
		t->ops = &l->ops->tracker;
		t->arg = l;
		t->owner = l->arg;
		t->pid = l->pids[i];
		t->watch_id = info.id;
		t->follow = l->how.follow;
		if (!err)
			live_tell_ring(l, &info);
		parse_watch_free(&info);
		if (err)
			return report_pid(l->verb, &l->nl, "cannot watch", l->pids[i], err);
	}
	l->started = live_now();
	for (i = 0; i < l->n; i++) {
		err = tracker_start(&l->trackers[i]);
		if (l->failed)
			return EXIT_ERROR;
		if (err == -ENOENT) {
			/* No such watch: it has gone, with its process. */
			report(l->verb, "cannot read the map of process %u: it has exited",
			       l->pids[i]);
			return EXIT_NO_PROCESS;
		}
		if (err)
			return report_pid(l->verb, &l->nl, "cannot read the map of", l->pids[i],
					  err);
	}
	/* Never before what is counted from the snapshot on is due. */
	l->tick = live_now() + l->interval;
	if (l->ops->begun && l->ops->begun(l))
		return EXIT_ERROR;
	return live_exec(l);
}

void live_put_summary(struct buf *b, const struct live *l)
{
	uint64_t ms = (live_now() - l->started) / 1000000, missed = 0, coalesced = 0;
	size_t i;

	for (i = 0; i < l->n; i++) {
		missed += l->trackers[i].missed;
		coalesced += l->trackers[i].coalesced;
	}
	buf_printf(b, "%llu.%03llu s, %llu missed", (unsigned long long)(ms / 1000),
		   (unsigned long long)(ms % 1000), (unsigned long long)missed);
	if (coalesced)
		buf_printf(b, ", %llu coalesced", (unsigned long long)coalesced);
}

void live_free(struct live *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		tracker_free(&l->trackers[i]);
	free(l->trackers);
	free(l->pids);
	parse_event_free(&l->ev);
	stop_close(&l->stop);
	vnl_close(&l->nl);
	child_abandon(&l->child);
}
