/* SPDX-License-Identifier: GPL-2.0-only */
/* A request made of the grammar and of chance. Knows no socket. */
#ifndef FUZZ_MESSAGE_H
#define FUZZ_MESSAGE_H

#include <linux/netlink.h>
#include <sys/types.h>

#include "grammar.h"
#include "random.h"

#define MESSAGE_TARGETS	4

/**
 * struct message_world - what good requests name
 * @family: number of the family
 * @pids: processes
 * @watch: number of the newest watch
 */
struct message_world {
	uint16_t family;
	pid_t pids[MESSAGE_TARGETS];
	uint32_t watch;
};

/**
 * struct message - a request
 * @bytes: it
 * @len: bytes of it, which need not be what its header says
 * @command: index in grammar_commands, or grammar_n_commands for none of them
 */
struct message {
	unsigned char bytes[65536] __attribute__((aligned(NLMSG_ALIGNTO)));
	size_t len;
	unsigned int command;
};

void message_make(struct message *m, struct random *r, const struct message_world *world,
		  uint32_t seq);

#endif
