/* SPDX-License-Identifier: GPL-2.0-only */
/* Processes that change their map, fork, start a program and exit while they are asked about. */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include <stdint.h>
#include <sys/types.h>

pid_t target_start(uint64_t seed);
void target_run(uint64_t seed);

#endif
