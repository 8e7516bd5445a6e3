/* SPDX-License-Identifier: GPL-2.0-only */
/* Where results go, as text or as JSON Lines. */
#ifndef VASMON_OUT_H
#define VASMON_OUT_H

#include "buf.h"
#include "explain.h"
#include "scene.h"
#include "smaps.h"
#include "stop.h"

enum out_colour {
	OUT_COLOUR_AUTO,
	OUT_COLOUR_ALWAYS,
	OUT_COLOUR_NEVER,
};

/**
 * enum out_times - how text shows the time of an event
 * @OUT_SINCE: seconds since the beginning
 * @OUT_RELATIVE: seconds since the event before
 * @OUT_CLOCK: time of day
 * @OUT_CLOCK_US: the same with microseconds
 * @OUT_EPOCH: seconds since 1970
 */
enum out_times {
	OUT_SINCE,
	OUT_RELATIVE,
	OUT_CLOCK,
	OUT_CLOCK_US,
	OUT_EPOCH,
};

/**
 * struct out_event - an event with what is needed to show it
 * @ev: the event
 * @why: what it did
 * @before: the map before it
 * @after: the map after it
 * @pid: the watched process
 * @held: an effect of the event before it that belongs to this one; only text,
 *	where that one was not shown; or NULL
 * @deferred: the next event goes on with this change: text waits for it
 * @late: it was deferred, but no next event came: for text only
 */
struct out_event {
	const struct event *ev;
	const struct explanation *why;
	const struct scene *before;
	const struct scene *after;
	uint32_t pid;
	const struct effect *held;
	bool deferred;
	bool late;
};

/**
 * struct out_lost - events that were not seen one by one
 * @reason: a word for JSON: overrun, gap, buffer, resync, incomplete, mismatch,
 *	blind
 * @missed: how many were lost, as far as that is known now
 * @coalesced: how many no event tells of, only @why: those that were lost, or
 *	overtaken by the new dump; but those that were counted for another process
 * @seq_from: number of the first event that @why sums up
 * @seq_to: number of the last one
 * @time: when the new dump was taken, 0 if there is none
 * @ev: the event that made the dump necessary, or NULL
 * @held: as in struct out_event
 * @why: net difference, or NULL if the process ended before it could be dumped
 * @before: the map before
 * @after: the map after
 */
struct out_lost {
	const char *reason;
	uint64_t missed;
	uint64_t coalesced;
	uint64_t seq_from;
	uint64_t seq_to;
	uint64_t time;
	const struct event *ev;
	const struct effect *held;
	const struct explanation *why;
	const struct scene *before;
	const struct scene *after;
	uint32_t pid;
};

/**
 * struct out_map - what to show of a map
 * @max_map_count: how many regions the kernel allows, 0 if unknown
 * @pages: the pages of each region, or NULL
 * @gaps: show what is between the regions
 * @summary: show sums by kind rather than the regions
 * @has_address: show only where @address is, and what is beside it
 */
struct out_map {
	uint64_t max_map_count;
	const struct smaps *pages;
	bool gaps;
	bool summary;
	bool has_address;
	uint64_t address;
};

/**
 * struct out - an output
 * @fd: where it goes
 * @json: JSON Lines rather than text
 * @colour: use terminal colours
 * @times: how text shows times
 * @realtime: CLOCK_REALTIME less CLOCK_BOOTTIME, in ns
 * @last: CLOCK_BOOTTIME of the line before, in ns
 * @owned: @fd is to be closed
 * @label_pid: begin each line with the process
 * @epoch: CLOCK_BOOTTIME that text shows as 0, in ns
 * @verbose: show the regions that an event replaced, and by which
 * @width: columns of the terminal, 0 where lines can be as long as they are
 * @noted: files of which was said that they keep no frames
 * @chunk: most bytes to write at once without blocking for long
 * @error: what writing failed with, 0 as long as it did not
 * @stop: signals that end the wait for a reader that does not read, or NULL
 */
struct out {
	int fd;
	bool json;
	bool colour;
	bool label_pid;
	bool verbose;
	bool owned;
	enum out_times times;
	size_t width;
	uint64_t epoch;
	uint64_t last;
	uint64_t realtime;
	char **noted;
	size_t n_noted;
	size_t chunk;
	int error;
	struct stop *stop;
	struct buf buf;
};

/* Text that has gathered so far is written when it is longer than this. */
#define OUT_FULL	(64 * 1024)

void out_init(struct out *out, int fd, bool json, enum out_colour colour);
void out_free(struct out *out);
int out_flush(struct out *out);
void out_map(struct out *out, const struct mm *mm, const struct scene *scene,
	     const struct out_map *how);
void out_event(struct out *out, const struct out_event *e);
void out_lost(struct out *out, const struct out_lost *lost);
void out_watches(struct out *out, const struct watch_info *v, size_t n);

#endif
