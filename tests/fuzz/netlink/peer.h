/* SPDX-License-Identifier: GPL-2.0-only */
/* Sockets that ask, that listen or do not, and that are closed at any moment. */
#ifndef FUZZ_PEER_H
#define FUZZ_PEER_H

#include "message.h"

/* Linux has no larger errno. */
#define PEER_ERRNOS	4096

/**
 * struct peer_request - what was asked
 * @nl: its header, by which an answer is known to be to it
 * @command: index of its command
 */
struct peer_request {
	struct nlmsghdr nl;
	uint8_t command;
};

/* How many of the last requests are known: more than wait for an answer in all sockets. */
#define PEER_REQUESTS	65536

/**
 * struct peer_answers - what was answered
 * @asked: the last requests, by the last digits of their number
 * @errors: how often a command, the last row for none of them, got an errno
 * @data: how often a command got what it had asked for
 * @events: messages that nobody had asked for
 * @overruns: how often a socket's buffer was full
 */
struct peer_answers {
	struct peer_request asked[PEER_REQUESTS];
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
void peer_ask(struct peer_answers *answers, const struct message *m);
int peer_send(struct peer *p, const void *bytes, size_t len);
int peer_read(struct peer *p, unsigned int datagrams, struct message_world *world,
	      struct peer_answers *answers);

#endif
