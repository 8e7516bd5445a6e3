/* SPDX-License-Identifier: GPL-2.0-only */
/* Ctrl-C and its like, as a file to poll. */
#ifndef VASMON_STOP_H
#define VASMON_STOP_H

struct stop {
	int fd;			/* -1 where signals are not caught */
	unsigned int count;	/* how many came so far */
};

#define STOP_INIT	{ .fd = -1 }

int stop_open(struct stop *stop);
void stop_read(struct stop *stop);
void stop_close(struct stop *stop);

#endif
