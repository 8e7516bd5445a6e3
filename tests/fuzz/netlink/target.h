/* SPDX-License-Identifier: GPL-2.0-only */
/* Processes that change their map, fork, start a program and exit while they are asked about. */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include <stdint.h>
#include <sys/types.h>

/* Between two changes. */
#define TARGET_PAUSE_MS	10

pid_t target_start(uint64_t seed, unsigned int pause);
void target_run(const char *life);

#endif
