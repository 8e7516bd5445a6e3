/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TORTURE_PROGRAM_H
#define TORTURE_PROGRAM_H

#include "worker.h"

/* Execute itself; what follows is determined by @seed. Returns if that failed. */
void program_again(struct worker *w, uint64_t seed);

#endif /* TORTURE_PROGRAM_H */
