// SPDX-License-Identifier: GPL-2.0-only
/*
 * By which calls a thread came to enter the kernel: as far as its frame pointers
 * tell, and what a subscriber needs to go on by .eh_frame. What they point to is
 * the program's own: it may be wrong, or made up, and is read like any memory of
 * a user.
 */
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/uaccess.h>

#include "chain.h"
#include "ring.h"

/* Read a word. Return: false if it is not there now. */
static bool vasmon_chain_word(unsigned long addr, unsigned int size, u64 *word)
{
	u32 half;

	if (size == sizeof(*word))
		return !copy_from_user_nofault(word, (const void __user *)addr, sizeof(*word));
	if (copy_from_user_nofault(&half, (const void __user *)addr, sizeof(half)))
		return false;
	*word = half;
	return true;
}

static unsigned int vasmon_chain_word_size(struct pt_regs *regs)
{
#ifdef CONFIG_X86_64
	return user_64bit_mode(regs) ? sizeof(u64) : sizeof(u32);
#else
	return sizeof(long);
#endif
}

/**
 * vasmon_chain_get - the call chain of current
 * @chain: room for VASMON_CALLCHAIN_MAX addresses, innermost first
 *
 * A frame has to lie above the one that it was called from, so a chain has an
 * end. Memory that is not present is not brought in: that would take the mmap
 * lock, which current holds.
 *
 * Context: in a task that has entered the kernel from user mode, its mmap lock
 * held; does not sleep.
 * Return: how many entries were filled.
 */
unsigned int vasmon_chain_get(u64 *chain)
{
	struct pt_regs *regs = task_pt_regs(current);
	unsigned int size = vasmon_chain_word_size(regs), n = 0;
	unsigned long frame = frame_pointer(regs);
	u64 next, from;

	chain[n++] = instruction_pointer(regs);
	while (n < VASMON_CALLCHAIN_MAX && frame && IS_ALIGNED(frame, size) &&
	       vasmon_chain_word(frame, size, &next) &&
	       vasmon_chain_word(frame + size, size, &from) && from) {
		chain[n++] = from;
		if (next <= frame)
			break;
		frame = next;
	}
	return n;
}

/**
 * vasmon_chain_registers - the registers of current in user mode
 * @registers: room for VASMON_REGISTERS, by their DWARF numbers
 *
 * Context: in a task that has entered the kernel from user mode.
 * Return: false if they are not known on this machine.
 */
bool vasmon_chain_registers(u64 *registers)
{
#ifdef CONFIG_X86_64
	const struct pt_regs *regs = task_pt_regs(current);
	const u64 by_number[VASMON_REGISTERS] = {
		regs->ax, regs->dx, regs->cx, regs->bx, regs->si, regs->di, regs->bp, regs->sp,
		regs->r8, regs->r9, regs->r10, regs->r11, regs->r12, regs->r13, regs->r14,
		regs->r15, regs->ip,
	};

	memcpy(registers, by_number, sizeof(by_number));
	return true;
#else
	return false;
#endif
}

/**
 * vasmon_chain_stack - the innermost bytes of the stack of current
 * @stack: room for them
 * @size: how many, a multiple of 8
 *
 * Context: as vasmon_chain_get(), for the same reason.
 * Return: how many were there, a multiple of 8.
 */
unsigned int vasmon_chain_stack(char *stack, unsigned int size)
{
	unsigned long sp = user_stack_pointer(task_pt_regs(current));
	unsigned int n = 0, len;

	while (n < size) {
		len = min_t(unsigned long, size - n, PAGE_SIZE - offset_in_page(sp + n));
		if (copy_from_user_nofault(stack + n, (const void __user *)(sp + n), len))
			break;
		n += len;
	}
	return round_down(n, sizeof(u64));
}
