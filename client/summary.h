/* SPDX-License-Identifier: GPL-2.0-only */
/* A tally as text, like that of strace -c, and as JSON. */
#ifndef VASMON_SUMMARY_H
#define VASMON_SUMMARY_H

#include "tally.h"

/* Places and leaks that text shows; JSON has all of them. */
#define SUMMARY_PLACES	10
#define SUMMARY_LEAKS	20

/**
 * struct summary_interval - what came between two moments
 * @time: the second moment, CLOCK_BOOTTIME in ns
 * @ns: between them
 */
struct summary_interval {
	uint64_t time;
	uint64_t ns;
	struct tally_line sum;
	uint64_t map_count;
};

void summary_put(struct out *out, struct tally *t, uint64_t max_map_count);
void summary_put_interval(struct out *out, const struct summary_interval *i);

#endif
