/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TORTURE_OP_H
#define TORTURE_OP_H

#include "worker.h"

/**
 * struct op - what can be done
 * @name: for people
 * @weight: how often, against the others
 * @actor: done in MODE_ACTOR as well
 * @parent: not done by a child process
 * @small: not done where there are very many regions, for it costs by their number
 * @run: does it
 */
struct op {
	const char *name;
	unsigned int weight;
	bool actor;
	bool parent;
	bool small;
	void (*run)(struct worker *w);
};

extern const struct op ops_map[], ops_move[], ops_flags[], ops_space[], ops_task[];

int some_prot(struct worker *w);

/* How many regions are many. */
#define MANY	5000

#endif /* TORTURE_OP_H */
