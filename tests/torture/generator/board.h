/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the program tells of itself, in a file that others read: board.py has the
 * same layout.
 */
#ifndef TORTURE_BOARD_H
#define TORTURE_BOARD_H

#include <stdint.h>

#define BOARD_SLOTS	8
#define BOARD_RING	16384

/**
 * struct board_entry - a system call, or an access that may be a fault
 * @nr: number of the system call; -1: access to memory; with BOARD_IA32: of ia32
 * @tid: who
 * @args: of the call; or the address
 * @op: number of the worker's operation
 */
struct board_entry {
	int32_t nr;
	int32_t tid;
	uint64_t args[6];
	uint64_t op;
};

#define BOARD_IA32	0x10000

struct board_slot {
	uint64_t count;
	uint64_t ops;
	uint64_t spare[6];
	struct board_entry ring[BOARD_RING];
};

/**
 * struct board - the file
 * @stops: how often all stood still
 * @execs: how often the program executed itself
 * @slot: of each worker
 */
struct board {
	uint64_t stops;
	uint64_t execs;
	uint64_t spare[6];
	struct board_slot slot[BOARD_SLOTS];
};

extern struct board *board;

#endif /* TORTURE_BOARD_H */
