// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program without a library: once it is there it changes nothing of its map
 * until it is told to, by a byte each time, for ten pages.
 */
#include <sys/mman.h>
#include <sys/syscall.h>

static long call(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;

	__asm__ volatile("syscall" : "+a"(nr) : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return nr;
}

void _start(void);

void _start(void)
{
	char byte;

	while (call(SYS_read, 0, (long)&byte, 1, 0, 0, 0) == 1)
		call(SYS_mmap, 0, 40960, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	call(SYS_exit_group, 0, 0, 0, 0, 0, 0);
}
