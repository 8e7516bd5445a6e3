/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A command that is started under watch: it waits before its exec until the watch is
 * in place, and afterwards its end is ours.
 */
#ifndef VASMON_CHILD_H
#define VASMON_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "stop.h"

/**
 * struct child - a command
 * @pid: its process, 0 where there is none
 * @go: closed or written to, it goes on
 * @failure: from here comes the errno of its exec; nothing if that succeeded
 * @reaped: it has ended, with @status as waitpid(2) has it
 */
struct child {
	pid_t pid;
	int go;
	int failure;
	bool reaped;
	int status;
};

#define CHILD_INIT	{ .go = -1, .failure = -1 }

/* As env(1) and the shell: found but not executable, and not found. */
#define CHILD_CANNOT_RUN	126
#define CHILD_NOT_FOUND		127

/* What SIGPIPE did when this program began: so it is for the command. */
extern void (*child_sigpipe)(int sig);

int child_fork(struct child *c, char **argv);
int child_exec(struct child *c);
int child_wait(struct child *c, struct stop *stop);
int child_exit_status(const struct child *c);
void child_abandon(struct child *c);

#endif
