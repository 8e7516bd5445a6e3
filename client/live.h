/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Running processes under watch, from the request until they end, the user or a
 * limit ends it; also a command that is started for it.
 */
#ifndef VASMON_LIVE_H
#define VASMON_LIVE_H

#include "child.h"
#include "filter.h"
#include "nl.h"
#include "opt.h"
#include "stop.h"
#include "tracker.h"

struct live;

/**
 * struct live_ops - what is done with what comes
 * @tracker: findings and snapshots; in struct tracker, arg is the struct live
 * @begun: the first snapshots are there
 * @raw: an event as it came, before the tracker takes it; or NULL
 * @lossy: events may have been lost, before the trackers heal; or NULL
 * @work: much has gathered perhaps; called often
 * @idle: nothing more is there for now
 * @full: whether enough was seen
 * @tick: called every @interval of the struct live; NULL where that is 0
 */
struct live_ops {
	struct tracker_ops tracker;
	int (*begun)(struct live *l);
	int (*raw)(struct live *l, const struct nlattr *head, int len);
	int (*lossy)(struct live *l);
	int (*work)(struct live *l);
	int (*idle)(struct live *l);
	bool (*full)(const struct live *l);
	void (*tick)(struct live *l);
};

/**
 * struct live - some watches
 * @arg: for the owner
 * @pids: the processes
 * @n: how many
 * @child: the command that was started to be watched, if one was
 * @command: its name, as it was given
 * @no_exec: it could not be run
 * @how: how they are to be watched
 * @duration: ns to run at most, 0 for no limit
 * @interval: ns between two calls of tick(), 0 for none
 * @tick: when the next one is due
 * @out_fd: its reader may go away; -1 if nothing is written
 * @trackers: one for each process
 * @ev: the event that is looked at; kept for its arrays
 * @buffer_full: something may have been lost
 * @started: when it began, CLOCK_MONOTONIC in ns
 * @blind: since when only a last event is waited for, 0 if none is
 * @failed: what an op failed with: it tells that itself
 */
struct live {
	const struct verb *verb;
	const struct live_ops *ops;
	void *arg;
	uint32_t *pids;
	size_t n;
	struct child child;
	const char *command;
	bool no_exec;
	struct vnl_how how;
	uint64_t duration;
	uint64_t interval;
	uint64_t tick;
	int out_fd;
	struct vnl nl;
	struct stop stop;
	struct tracker *trackers;
	struct event ev;
	bool buffer_full;
	uint64_t started;
	uint64_t blind;
	int failed;
};

#define LIVE_INIT(verb_) \
	{ .verb = verb_, .stop = STOP_INIT, .child = CHILD_INIT, .out_fd = -1 }

enum opt_taken live_option(struct live *l, int key, const char *value);
void live_narrow(struct live *l, const struct filter *f);
int live_pids(struct live *l, int argc, char **argv);
int live_command(struct live *l, char **argv);
int live_begin(struct live *l);
int live_loop(struct live *l);
int live_finish(struct live *l);
int live_rest(struct live *l);
int live_end(struct live *l, int status);
int live_processes(struct tracker *t, uint32_t **pids, size_t *n);
uint64_t live_now(void);
void live_free(struct live *l);

/* "3.2 s, 0 missed", for a summary. */
void live_put_summary(struct buf *b, const struct live *l);

#endif
