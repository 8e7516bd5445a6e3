/* SPDX-License-Identifier: GPL-2.0-only */
/* How far a long reading has got: on a terminal, after a second. */
#ifndef VASMON_PROGRESS_H
#define VASMON_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct progress - one reading
 * @what: what is read
 * @tell: where to tell it; -1: nowhere
 * @total: bytes that there are
 * @next: bytes from which on to look at the clock again
 * @started: CLOCK_MONOTONIC in ns, 0 before the first look
 * @told: when it was told last
 */
struct progress {
	const char *what;
	int tell;
	uint64_t total;
	uint64_t next;
	uint64_t started;
	uint64_t told;
};

void progress_begin(struct progress *p, const char *what, int fd, int out, int tell);
void progress_look(struct progress *p, uint64_t at, uint64_t now);
void progress_end(struct progress *p);
uint64_t progress_now(void);

/* The clock is looked at now and then only. */
static inline void progress_step(struct progress *p, uint64_t at)
{
	if (at >= p->next)
		progress_look(p, at, progress_now());
}

#endif
