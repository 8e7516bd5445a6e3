/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_THREAD_H
#define _VASMON_THREAD_H

#include <linux/vasmon.h>
#include "target.h"

/**
 * struct vasmon_thread - a thread at one moment
 * @tid: its id, in the asker's pid namespace
 * @comm: its name
 * @sp: its user stack pointer when it last entered the kernel
 * @tls: base of its thread-local storage, or 0
 */
struct vasmon_thread {
	u32 tid;
	char comm[VASMON_COMM_LEN];
	unsigned long sp;
	unsigned long tls;
};

/**
 * struct vasmon_threads - those of a process
 * @pid: the process, in the asker's pid namespace
 * @n: how many
 * @thread: the threads
 */
struct vasmon_threads {
	u32 pid;
	unsigned int n;
	struct vasmon_thread thread[];
};

struct vasmon_threads *vasmon_threads_get(const struct vasmon_target *target);

#endif /* _VASMON_THREAD_H */
