/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls without a library: it would add changes of its own, and it keeps
 * errno where threads that share one TLS would fight for it.
 */
#ifndef TORTURE_RAW_H
#define TORTURE_RAW_H

#include <sys/syscall.h>

static inline long raw(long nr, unsigned long a, unsigned long b, unsigned long c,
		       unsigned long d, unsigned long e, unsigned long f)
{
	register unsigned long r10 __asm__("r10") = d;
	register unsigned long r8 __asm__("r8") = e;
	register unsigned long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

/* As a 32-bit program would call; numbers are those of ia32. */
static inline long raw_ia32(long nr, unsigned int a, unsigned int b, unsigned int c,
			    unsigned int d, unsigned int e)
{
	int ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "a"((int)nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "r8", "r9", "r10", "r11", "memory");
	return ret;
}

/**
 * raw_clone - a thread or process on a stack of its own
 * @flags: CLONE_*
 * @top: end of its stack, aligned to 16
 * @fn: what it runs; does not return
 * @arg: for @fn
 * @tid: cleared when it ends, if @flags has CLONE_CHILD_CLEARTID
 */
static inline long raw_clone(unsigned long flags, void *top, void (*fn)(void *), void *arg,
			     int *tid)
{
	register int *r10 __asm__("r10") = tid;
	register unsigned long r8 __asm__("r8") = 0;
	void **sp = top;
	long ret;

	*--sp = arg;
	*--sp = (void *)fn;
	__asm__ volatile("syscall\n\t"
			 "testq %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "xorl %%ebp, %%ebp\n\t"
			 "popq %%rax\n\t"
			 "popq %%rdi\n\t"
			 "callq *%%rax\n\t"
			 "ud2\n"
			 "1:"
			 : "=a"(ret)
			 : "a"(SYS_clone), "D"(flags), "S"(sp), "d"(0), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return ret;
}

#endif /* TORTURE_RAW_H */
