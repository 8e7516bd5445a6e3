// SPDX-License-Identifier: GPL-2.0-only
#include <dwarf.h>
#include <string.h>

#include "unwind.h"

/* Those of real code are a few operations long, and need three values at once. */
#define UNWIND_OPS	64
#define UNWIND_VALUES	16

/**
 * struct unwind_value - what an expression comes to
 * @v: an address, or a value
 * @is_value: the register's value itself, and not where it is kept
 */
struct unwind_value {
	uint64_t v;
	bool is_value;
};

/**
 * unwind_begin - the innermost function
 * @registers: VASMON_REGISTERS of them
 * @stack: what is at its stack pointer; it is not copied
 * @size: bytes of that
 */
struct unwind unwind_begin(const uint64_t *registers, const void *stack, size_t size)
{
	struct unwind u = {
		.known = (1u << VASMON_REGISTERS) - 1, .exact = true, .stack = stack,
		.stack_at = registers[UNWIND_RSP], .stack_size = size,
	};

	memcpy(u.reg, registers, sizeof(u.reg));
	return u;
}

static enum unwind_step unwind_read(const struct unwind *u, uint64_t at, uint64_t *v)
{
	uint64_t offset = at - u->stack_at;

	if (u->stack_size < sizeof(*v) || offset > u->stack_size - sizeof(*v))
		return UNWIND_STACK_ENDS;
	memcpy(v, u->stack + offset, sizeof(*v));
	return UNWIND_CALLER;
}

static bool unwind_register(const struct unwind *u, uint64_t number, uint64_t *v)
{
	if (number >= VASMON_REGISTERS || !(u->known >> number & 1))
		return false;
	*v = u->reg[number];
	return true;
}

/* An operation on the two uppermost values. Return: whether it is one of these. */
static bool unwind_binary(unsigned int atom, uint64_t a, uint64_t b, uint64_t *v)
{
	switch (atom) {
	case DW_OP_plus:
		*v = a + b;
		return true;
	case DW_OP_minus:
		*v = a - b;
		return true;
	case DW_OP_and:
		*v = a & b;
		return true;
	case DW_OP_or:
		*v = a | b;
		return true;
	case DW_OP_shl:
		*v = b < 64 ? a << b : 0;
		return true;
	case DW_OP_shr:
		*v = b < 64 ? a >> b : 0;
		return true;
	case DW_OP_eq:
		*v = a == b;
		return true;
	case DW_OP_ne:
		*v = a != b;
		return true;
	case DW_OP_ge:
		*v = (int64_t)a >= (int64_t)b;
		return true;
	case DW_OP_gt:
		*v = (int64_t)a > (int64_t)b;
		return true;
	case DW_OP_le:
		*v = (int64_t)a <= (int64_t)b;
		return true;
	case DW_OP_lt:
		*v = (int64_t)a < (int64_t)b;
		return true;
	default:
		return false;
	}
}

/* An operation that adds a value. Return: whether it is one of these, and can be done. */
static bool unwind_push(const struct unwind *u, const Dwarf_Op *op, const uint64_t *cfa,
			uint64_t *v)
{
	switch (op->atom) {
	case DW_OP_call_frame_cfa:
		if (cfa)
			*v = *cfa;
		return cfa;
	case DW_OP_lit0 ... DW_OP_lit31:
		*v = op->atom - DW_OP_lit0;
		return true;
	case DW_OP_const1u ... DW_OP_consts:
		*v = op->number;
		return true;
	case DW_OP_breg0 ... DW_OP_breg31:
		if (!unwind_register(u, op->atom - DW_OP_breg0, v))
			return false;
		*v += op->number;
		return true;
	case DW_OP_bregx:
		if (!unwind_register(u, op->number, v))
			return false;
		*v += op->number2;
		return true;
	default:
		return false;
	}
}

/* What a register or the frame's address is. Operations that no unwinding needs are left out. */
static enum unwind_step unwind_evaluate(const struct unwind *u, const Dwarf_Op *op, size_t n,
					const uint64_t *cfa, struct unwind_value *to)
{
	uint64_t values[UNWIND_VALUES];
	enum unwind_step step;
	size_t have = 0, i;

	to->is_value = false;
	if (n > UNWIND_OPS)
		return UNWIND_NO_RULE;
	for (i = 0; i < n; i++, op++) {
		uint64_t *top = have ? &values[have - 1] : NULL;

		if (op->atom == DW_OP_stack_value && i + 1 == n) {
			to->is_value = true;
		} else if (op->atom >= DW_OP_reg0 && op->atom <= DW_OP_reg31 && n == 1) {
			to->is_value = true;
			if (!unwind_register(u, op->atom - DW_OP_reg0, &values[have++]))
				return UNWIND_NO_RULE;
		} else if (have < UNWIND_VALUES && unwind_push(u, op, cfa, &values[have])) {
			have++;
		} else if (top && op->atom == DW_OP_plus_uconst) {
			*top += op->number;
		} else if (top && op->atom == DW_OP_deref) {
			step = unwind_read(u, *top, top);
			if (step != UNWIND_CALLER)
				return step;
		} else if (have > 1 && unwind_binary(op->atom, top[-1], *top, &top[-1])) {
			have--;
		} else {
			return UNWIND_NO_RULE;
		}
	}
	if (!have)
		return UNWIND_NO_RULE;
	to->v = values[have - 1];
	return UNWIND_CALLER;
}

/* The frame's address: where its caller's stack pointer was when it called. */
static enum unwind_step unwind_cfa(const struct unwind *u, Dwarf_Frame *frame, uint64_t *cfa)
{
	struct unwind_value value;
	enum unwind_step step;
	Dwarf_Op *ops;
	size_t n;

	if (dwarf_frame_cfa(frame, &ops, &n) || !n)
		return UNWIND_NO_RULE;
	step = unwind_evaluate(u, ops, n, NULL, &value);
	if (step == UNWIND_CALLER)
		*cfa = value.v;
	return step;
}

/* Register @i of the caller; UNWIND_OUTERMOST: it has none. */
static enum unwind_step unwind_one(const struct unwind *u, Dwarf_Frame *frame, int i,
				   uint64_t cfa, uint64_t *v)
{
	struct unwind_value value;
	Dwarf_Op own[3], *ops;
	enum unwind_step step;
	size_t n;

	if (dwarf_frame_register(frame, i, own, &ops, &n))
		return UNWIND_NO_RULE;
	if (!n && ops == own)
		return UNWIND_OUTERMOST;
	if (!n)
		return unwind_register(u, (uint64_t)i, v) ? UNWIND_CALLER : UNWIND_NO_RULE;
	step = unwind_evaluate(u, ops, n, &cfa, &value);
	if (step != UNWIND_CALLER)
		return step;
	if (!value.is_value)
		return unwind_read(u, value.v, v);
	*v = value.v;
	return UNWIND_CALLER;
}

/**
 * unwind_step - go to the caller
 * @u: a function; its caller afterwards, where there is one
 * @frame: what .eh_frame says about its instruction pointer
 *
 * Return: what came of it.
 */
enum unwind_step unwind_step(struct unwind *u, Dwarf_Frame *frame)
{
	struct unwind caller = *u;
	enum unwind_step step;
	uint64_t cfa;
	int i;

	step = unwind_cfa(u, frame, &cfa);
	if (step != UNWIND_CALLER)
		return step;
	step = unwind_one(u, frame, UNWIND_RIP, cfa, &caller.reg[UNWIND_RIP]);
	if (step != UNWIND_CALLER)
		return step;
	for (i = 0; i < UNWIND_RIP; i++) {
		if (unwind_one(u, frame, i, cfa, &caller.reg[i]) == UNWIND_CALLER)
			caller.known |= 1u << i;
		else
			caller.known &= ~(1u << i);
	}
	caller.known |= 1u << UNWIND_RIP;
	dwarf_frame_info(frame, NULL, NULL, &caller.exact);
	*u = caller;
	return UNWIND_CALLER;
}
