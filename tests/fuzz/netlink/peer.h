/* SPDX-License-Identifier: GPL-2.0-only */
/* Sockets that ask, that listen or do not, and that are closed at any moment. */
#ifndef FUZZ_PEER_H
#define FUZZ_PEER_H

#include "message.h"

/* Linux has no larger errno. */
#define PEER_ERRNOS	4096

/**
 * struct peer_answers - what was answered
 * @asked: index of the command of each of the last requests, by their number
 * @errors: how often a command, the last row for none of them, got an errno
 * @data: how often a command got what it had asked for
 * @events: messages that nobody had asked for
 * @overruns: how often a socket's buffer was full
 */
struct peer_answers {
	uint8_t asked[65536];
	uint64_t errors[256][PEER_ERRNOS];
	uint64_t data[256];
	uint64_t events;
	uint64_t overruns;
};

struct peer {
	int fd;
};

int peer_open(struct peer *p, struct random *r);
void peer_close(struct peer *p);
uint16_t peer_family(void);
int peer_send(struct peer *p, const void *bytes, size_t len);
int peer_read(struct peer *p, unsigned int datagrams, struct message_world *world,
	      struct peer_answers *answers);

#endif
