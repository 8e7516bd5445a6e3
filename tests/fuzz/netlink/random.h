/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers that follow from a seed: the same everywhere. */
#ifndef FUZZ_RANDOM_H
#define FUZZ_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
	uint64_t state;
};

/* splitmix64: any state will do, also those of neighbours */
static inline uint64_t random_next(struct random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static inline uint32_t random_below(struct random *r, uint32_t n)
{
	return (uint32_t)((random_next(r) >> 32) * n >> 32);
}

/* True once in @n times. */
static inline bool random_once(struct random *r, uint32_t n)
{
	return !random_below(r, n);
}

/* What follows from @seed for its @number-th thing, whatever came before. */
static inline struct random random_of(uint64_t seed, uint64_t number)
{
	struct random r = { .state = seed };

	r.state = random_next(&r) ^ number * 0xd1342543de82ef95ULL;
	return r;
}

#endif
