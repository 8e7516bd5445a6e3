/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds out the facts about live processes, when they are first asked for, and keeps them. */
#ifndef VASMON_KNOWN_H
#define VASMON_KNOWN_H

#include "facts.h"
#include "space.h"

/**
 * struct known - what was found out
 * @threads: asks for the threads of a process, adding them; NULL if nobody can be
 *	asked
 * @open: opens the file of a region of a process that is gone, as mapped_open() does;
 *	NULL where the processes are those of /proc
 * @raw_names: names of functions are to be as files have them
 * @arg: for @threads and @open
 * @v: the processes
 * @files: the files, a tree of tsearch(3)
 */
struct known {
	int (*threads)(void *arg, uint32_t pid, struct threads *to);
	int (*open)(void *arg, uint32_t pid, const struct region *r);
	bool raw_names;
	void *arg;
	struct known_process **v;
	size_t n;
	size_t room;
	void *files;
	size_t n_files;
};

const struct facts *known_facts(struct known *k, uint32_t pid);
void known_thread(struct known *k, uint32_t pid, uint32_t tid, uint64_t now);
void known_renew(struct known *k, uint32_t pid);
void known_code(struct known *k, uint32_t pid, const struct space *space);
void known_forget(struct known *k, uint32_t pid);
void known_free(struct known *k);

#endif
