/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the registers of a function to those of its caller, as its .eh_frame says: for
 * x86-64. Knows nothing but the registers, and the bytes of the stack that came with
 * them. Pure.
 */
#ifndef VASMON_UNWIND_H
#define VASMON_UNWIND_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/vasmon.h>

/* By their DWARF numbers. */
#define UNWIND_RBP	6
#define UNWIND_RSP	7
#define UNWIND_RIP	16

/**
 * struct unwind - a function that waits for the one that it called
 * @reg: its registers
 * @known: a bit for each of them that is known
 * @exact: it was interrupted at its instruction pointer, which otherwise is what a call
 *	returns to and can be the end of the function
 * @stack: the innermost bytes of the stack
 * @stack_at: where they are
 * @stack_size: how many
 */
struct unwind {
	uint64_t reg[VASMON_REGISTERS];
	uint32_t known;
	bool exact;
	const uint8_t *stack;
	uint64_t stack_at;
	size_t stack_size;
};

enum unwind_step {
	UNWIND_CALLER,		/* these are the caller's registers */
	UNWIND_OUTERMOST,	/* there is no caller */
	UNWIND_STACK_ENDS,	/* the bytes of the stack do not go so far */
	UNWIND_NO_RULE,		/* nothing tells where they are */
};

struct unwind unwind_begin(const uint64_t *registers, const void *stack, size_t size);
enum unwind_step unwind_step(struct unwind *u, Dwarf_Frame *frame);

#endif
