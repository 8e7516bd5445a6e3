// SPDX-License-Identifier: GPL-2.0-only
/* Chooses what to do next. */
#include <stddef.h>
#include <sys/mman.h>

#include "op.h"
#include "raw.h"

#define OP_CHOICES_MAX 512

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

/* Each operation as often as it weighs, so that choosing is a look-up; [1]: for a child process. */
static const struct op *op_choices[2][OP_CHOICES_MAX];
static unsigned int op_choices_n[2];

static unsigned int op_weight(const struct op *op, bool child)
{
	if ((torture.mode == MODE_ACTOR && !op->actor) || (child && op->parent) ||
	    (torture.regions > MANY && op->small))
		return 0;
	return op->weight;
}

static void op_add(const struct op *op, bool child)
{
	unsigned int weight;

	for (weight = op_weight(op, child); weight; weight--) {
		if (op_choices_n[child] == OP_CHOICES_MAX)
			die("too many choices");
		op_choices[child][op_choices_n[child]++] = op;
	}
}

/* To be called once it is known what is to be done. */
void op_init(void)
{
	const struct op *op;
	size_t i;

	for (i = 0; i < sizeof(op_tables) / sizeof(*op_tables); i++) {
		for (op = op_tables[i]; op->name; op++) {
			op_add(op, false);
			op_add(op, true);
		}
	}
}

void op_any(struct worker *w)
{
	op_choices[w->child][pick(w, op_choices_n[w->child])]->run(w);
}
