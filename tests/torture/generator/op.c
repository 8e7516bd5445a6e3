// SPDX-License-Identifier: GPL-2.0-only
/* Chooses what to do next. */
#include <stddef.h>
#include <sys/mman.h>

#include "op.h"
#include "raw.h"

static const struct op *const op_tables[] = {
	ops_map, ops_move, ops_flags, ops_space, ops_task,
};

int some_prot(struct worker *w)
{
	static const int prots[] = {
		PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE,
		PROT_READ, PROT_READ, PROT_NONE, PROT_READ | PROT_EXEC, PROT_WRITE,
		PROT_READ | PROT_WRITE | PROT_EXEC,
	};

	return prots[pick(w, sizeof(prots) / sizeof(*prots))];
}

static void note(struct worker *w, long nr, const unsigned long *args)
{
	struct board_slot *slot = &board->slot[w->slot];
	struct board_entry *e = &slot->ring[slot->count % BOARD_RING];
	unsigned int i;

	/* A forked child would write beside its parent's threads. */
	if (w->child)
		return;
	e->nr = nr;
	e->tid = w->tid;
	for (i = 0; i < 6; i++)
		e->args[i] = args[i];
	e->op = slot->ops;
	__atomic_store_n(&slot->count, slot->count + 1, __ATOMIC_RELEASE);
}

long call(struct worker *w, long nr, unsigned long a, unsigned long b, unsigned long c,
	  unsigned long d, unsigned long e, unsigned long f)
{
	note(w, nr, (unsigned long []){ a, b, c, d, e, f });
	return raw(nr, a, b, c, d, e, f);
}

long call_ia32(struct worker *w, long nr, unsigned long a, unsigned long b, unsigned long c,
	       unsigned long d, unsigned long e)
{
	note(w, nr | BOARD_IA32, (unsigned long []){ a, b, c, d, e, 0 });
	return raw_ia32(nr, a, b, c, d, e);
}

void note_access(struct worker *w, unsigned long addr)
{
	note(w, -1, (unsigned long []){ addr, 0, 0, 0, 0, 0 });
}

static unsigned int op_weight(const struct worker *w, const struct op *op)
{
	if ((torture.mode == MODE_ACTOR && !op->actor) || (w->child && op->parent) ||
	    (torture.regions > MANY && op->small))
		return 0;
	return op->weight;
}

void op_any(struct worker *w)
{
	const size_t n = sizeof(op_tables) / sizeof(*op_tables);
	const struct op *op;
	unsigned long sum = 0, at;
	size_t i;

	for (i = 0; i < n; i++)
		for (op = op_tables[i]; op->name; op++)
			sum += op_weight(w, op);
	at = pick(w, sum);
	for (i = 0; i < n; i++) {
		for (op = op_tables[i]; op->name; op++) {
			if (at < op_weight(w, op)) {
				op->run(w);
				return;
			}
			at -= op_weight(w, op);
		}
	}
}
