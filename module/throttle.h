/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_THROTTLE_H
#define _VASMON_THROTTLE_H

#include "watch.h"

/**
 * vasmon_throttle_needed - is a lossless subscriber too far behind?
 * @watch: the watch
 *
 * Half of the ring is left for what threads write before they wait.
 *
 * Context: any; without the watch's lock, a look that may be old.
 * Return: true if threads shall wait.
 */
static inline bool vasmon_throttle_needed(const struct vasmon_watch *watch)
{
	return READ_ONCE(watch->lossless) &&
	       READ_ONCE(watch->ring.head) - READ_ONCE(watch->lossless_pos) >
		       watch->ring.size / 2 &&
	       !test_bit(VASMON_WATCH_CLOSED, &watch->bits);
}

void vasmon_throttle_queue(struct vasmon_watch *watch);

/**
 * vasmon_throttle - let current wait if it has to
 * @watch: of which current has just written an event
 *
 * Context: in a probe, without the watch's lock; does not sleep.
 */
static inline void vasmon_throttle(struct vasmon_watch *watch)
{
	if (unlikely(READ_ONCE(watch->lossless)) && vasmon_throttle_needed(watch))
		vasmon_throttle_queue(watch);
}

void vasmon_throttle_update(struct vasmon_watch *watch);
void vasmon_throttle_exit(void);

#endif /* _VASMON_THROTTLE_H */
