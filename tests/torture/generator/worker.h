/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TORTURE_WORKER_H
#define TORTURE_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "board.h"

#define PAGE		4096ul
#define WORKERS_MAX	8
#define ENTRIES_MAX	48

/* Where things are. Nothing else of the program, and none of the kernel's choices, is there. */
#define LOW_START	0x20000000ul		/* within reach of 32-bit calls */
#define LOW_PAGES	64ul
#define ARENA_START	0x1000000000ul
#define ARENA_PAGES	128ul			/* of each worker, and of all together */
#define FAR_START	0x2000000000ul
#define FAR_STEP	0x0100000000ul
#define FAR_PAGES	256ul
#define GROW_PAGES	1024ul			/* more than the gap that guards a stack */
#define CHOSEN_START	0x280000000000ul	/* the kernel finds room above */
#define BOARD_START	0x600000000000ul

/**
 * enum mode - what is done
 * @MODE_ALL: everything
 * @MODE_ACTOR: each worker keeps to an arena of its own, far from the others
 */
enum mode {
	MODE_ALL,
	MODE_ACTOR,
};

/**
 * struct range - some memory
 * @addr: where
 * @len: how long, in bytes
 */
struct range {
	unsigned long addr;
	unsigned long len;
};

/**
 * struct worker - a thread, or those that follow each other in its place
 * @slot: its number
 * @tid: its thread id
 * @child: it is a child process, and does only what cannot harm its parent
 * @dice: state of its random numbers
 * @arena: its own
 * @near: where it was last
 * @done: operations since the last stop
 * @entries: memory elsewhere that belongs to it
 * @n_entries: how many
 * @stack: which of its two stacks it runs on
 */
struct worker {
	unsigned int slot;
	int tid;
	bool child;
	uint64_t dice;
	struct range arena;
	unsigned long near;
	unsigned long done;
	struct range entries[ENTRIES_MAX];
	unsigned int n_entries;
	unsigned int stack;
};

/**
 * struct torture - what all share
 * @seed: where the random numbers of this incarnation began
 * @threads: how many workers
 * @mean: operations between two stops, on average
 * @regions: how many regions to begin with
 * @mode: what is done
 * @path: a file to map
 * @file: the same, open
 * @board_fd: open, also for the next incarnation
 * @shm: ids of segments
 * @uffd: a userfaultfd
 * @pkey: a protection key
 * @heap: where the heap began
 * @stack_low: the main stack, from far below what is used
 * @stack_high: to a little below it
 */
struct torture {
	uint64_t seed;
	unsigned int threads;
	unsigned long mean;
	unsigned long regions;
	enum mode mode;
	const char *path;
	int file;
	int board_fd;
	long shm[3];
	int uffd;
	long pkey;
	unsigned long heap;
	unsigned long stack_low;
	unsigned long stack_high;
};

extern struct torture torture;

static inline uint64_t mix(uint64_t a, uint64_t b)
{
	uint64_t z = a + (b + 1) * 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/* splitmix64: the same everywhere for the same seed */
static inline uint64_t draw(struct worker *w)
{
	w->dice += 0x9e3779b97f4a7c15ull;
	return mix(w->dice, 0);
}

static inline unsigned long pick(struct worker *w, unsigned long below)
{
	return (draw(w) >> 16) % below;
}

static inline bool failed(long ret)
{
	return (unsigned long)ret > -4096ul;
}

/* A system call, noted on the board first. */
long call(struct worker *w, long nr, unsigned long a, unsigned long b, unsigned long c,
	  unsigned long d, unsigned long e, unsigned long f);
long call_ia32(struct worker *w, long nr, unsigned long a, unsigned long b, unsigned long c,
	       unsigned long d, unsigned long e);

/* An access to memory, noted the same way. */
void note_access(struct worker *w, unsigned long addr);

/* Put a worker to work, or start another one in its place; see thread.c. */
void threads_start(void);
void thread_replace(struct worker *w);
_Noreturn void die(const char *why);

/* One random operation; see op.c. */
void op_init(void);
void op_any(struct worker *w);

#endif /* TORTURE_WORKER_H */
