// SPDX-License-Identifier: GPL-2.0-only
/*
 * A call chain: registers, the innermost bytes of a stack, and the file that all of the
 * code is of, its symbols and its .eh_frame. What leads from one function to the next is
 * all of it somebody else's.
 */
#include "fuzz.h"
#include "symbols.h"

/* Behind one byte that says how long the stack is, in units of 8. */
#define REGISTERS	(VASMON_REGISTERS * sizeof(uint64_t))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t registers[VASMON_REGISTERS];
	struct symbols *symbols;
	struct symbol symbol;
	size_t stack_size, steps;
	struct unwind u;
	uint8_t *stack;

	if (size < 1 + REGISTERS)
		return 0;
	stack_size = data[0] * 8u;
	memcpy(registers, data + 1, REGISTERS);
	data += 1 + REGISTERS;
	size -= 1 + REGISTERS;
	if (size < stack_size)
		return 0;
	stack = fuzz_copy(data, stack_size);
	symbols = symbols_open(fuzz_file(data + stack_size, size - stack_size), false);
	u = unwind_begin(registers, stack, stack_size);
	for (steps = 0; symbols && steps < VASMON_CALLCHAIN_MAX; steps++) {
		bool returns = !u.exact;

		if (symbols_find(symbols, u.reg[UNWIND_RIP] - returns, &symbol))
			FUZZ_HOLDS(strlen(symbol.name) < size + 4096);
		if (symbols_unwind(symbols, u.reg[UNWIND_RIP] - returns, &u) != UNWIND_CALLER)
			break;
		FUZZ_HOLDS(u.known >> UNWIND_RIP & 1);
	}
	symbols_free(symbols);
	free(stack);
	return 0;
}
