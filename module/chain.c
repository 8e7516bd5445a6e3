// SPDX-License-Identifier: GPL-2.0-only
/*
 * By which calls a thread came to enter the kernel, as far as its frame
 * pointers tell. What they point to is the program's own: it may be wrong, or
 * made up, and is read like any memory of a user.
 */
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
 * @chain: room for VASMON_RECORD_CHAIN_MAX: the word at the stack pointer, or 0,
 *	then the addresses, innermost first
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

	if (!vasmon_chain_word(user_stack_pointer(regs), size, &chain[n]))
		chain[n] = 0;
	n++;
	chain[n++] = instruction_pointer(regs);
	while (n < VASMON_RECORD_CHAIN_MAX && frame && IS_ALIGNED(frame, size) &&
	       vasmon_chain_word(frame, size, &next) &&
	       vasmon_chain_word(frame + size, size, &from) && from) {
		chain[n++] = from;
		if (next <= frame)
			break;
		frame = next;
	}
	return n;
}
