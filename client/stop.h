/* SPDX-License-Identifier: GPL-2.0-only */
/* Ctrl-C and its like, as a file to poll. */
#ifndef VASMON_STOP_H
#define VASMON_STOP_H

#include <sys/types.h>

/**
 * struct stop - signals that end this program, or are passed on
 * @fd: -1 where signals are not caught
 * @count: how many came so far that are to end it
 * @pass_to: process that gets them instead, 0 if there is none
 */
struct stop {
	int fd;
	unsigned int count;
	pid_t pass_to;
};

#define STOP_INIT	{ .fd = -1 }

int stop_open(struct stop *stop);
void stop_read(struct stop *stop);
void stop_close(struct stop *stop);

#endif
