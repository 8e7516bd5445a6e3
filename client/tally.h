/* SPDX-License-Identifier: GPL-2.0-only */
/* Sums over events: what changed how often, by what, where memory grows. Pure. */
#ifndef VASMON_TALLY_H
#define VASMON_TALLY_H

#include "leaks.h"
#include "tracker.h"

/**
 * struct tally_line - a sum
 * @name: of what; it belongs to the tally
 * @events: how often
 * @mapped: bytes that came
 * @unmapped: bytes that went
 */
struct tally_line {
	char *name;
	uint64_t events;
	uint64_t mapped;
	uint64_t unmapped;
};

struct tally_lines {
	struct tally_line *v;
	size_t n;
	size_t room;
};

/**
 * struct tally - sums of the events that it was given
 * @all: over all of them; without name
 * @causes: by system call, or other cause
 * @kinds: by kind of change, one line for each kind that an effect has
 * @places: by what grew or shrank: a file, [heap], ...
 * @first: time of the first event, or of the first map if that was there before
 * @last: time of the last event
 * @map_count: regions of the process that had the last event
 * @map_count_max: regions at most, of one process
 * @processes: processes that there were
 * @missed: events that were not seen one by one
 * @leaks: what was mapped and is still there; @leaks.wanted is for the caller to set
 * @failed: memory ran out
 */
struct tally {
	struct tally_line all;
	struct tally_lines causes;
	struct tally_lines kinds;
	struct tally_lines places;
	uint64_t first;
	uint64_t last;
	uint64_t map_count;
	uint64_t map_count_max;
	uint64_t processes;
	uint64_t missed;
	struct leaks leaks;
	bool failed;
};

static inline int64_t tally_net(const struct tally_line *line)
{
	return (int64_t)(line->mapped - line->unmapped);
}

void tally_map(struct tally *t, const struct tracker_process *p);
void tally_event(struct tally *t, const struct out_event *e);
void tally_other(struct tally *t, const struct out_event *e);
void tally_lost(struct tally *t, const struct out_lost *lost);
void tally_sort(struct tally *t);
void tally_free(struct tally *t);

#endif
