/* SPDX-License-Identifier: GPL-2.0-only */
/* The map of a process at a moment of a recording. */
#ifndef VASMON_MOMENT_H
#define VASMON_MOMENT_H

#include "opt.h"
#include "replay.h"

/**
 * struct moment - which map, and the map
 * @path: the recording
 * @has_at: the moment is right after event @at; where it is not set, the end
 * @pid: the process; 0 for the one that was to be recorded, then it is set
 * @replay: the recording and its processes
 * @found: @space is what was asked for, @mm belongs to it, without the program
 * @refused: it cannot be had, which is told
 * @seen: the process's map was known
 * @seen_at: after which event it was known last
 * @ended_at: the event that the process ended with, 0 if it did not
 * @failed: an error
 */
struct moment {
	const struct verb *verb;
	const char *path;
	bool has_at;
	uint64_t at;
	uint32_t pid;
	struct replay replay;
	bool found;
	bool refused;
	bool seen;
	uint64_t seen_at;
	uint64_t ended_at;
	int failed;
	struct mm mm;
	struct space space;
};

int moment_find(struct moment *m);
void moment_free(struct moment *m);

#endif
