// SPDX-License-Identifier: GPL-2.0-only
/*
 * chain: prints where its functions and its words are. Then, for each line that
 * it reads, it maps a page: for an empty line in a function that was called by a
 * function that was called by main(). A line "FRAME WORD...", all hexadecimal,
 * fills the words, and has the frame pointer be FRAME.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>

/* In line, so that the caller's own frame is the one that makes the call. */
static inline long call6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall" : "=a"(ret) : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10),
			 "r"(r8), "r"(r9) : "rcx", "r11", "memory");
	return ret;
}

static unsigned long words[1024];

/* As call6(), with a frame pointer that was made up. */
static long call_with_frame(unsigned long frame)
{
	register long r10 __asm__("r10") = MAP_PRIVATE | MAP_ANONYMOUS;
	register long r8 __asm__("r8") = -1;
	register long r9 __asm__("r9") = 0;
	long ret;

	__asm__ volatile("xchg %%rbp, %1; syscall; xchg %%rbp, %1"
			 : "=a"(ret), "+b"(frame)
			 : "a"(SYS_mmap), "D"(0), "S"(4096), "d"(PROT_READ), "r"(r10),
			   "r"(r8), "r"(r9) : "rcx", "r11", "memory");
	return ret;
}

static __attribute__((noinline)) long inner(void)
{
	long ret = call6(SYS_mmap, 0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	/* One that calls none has no frame, whatever the compiler was told, unless it uses it. */
	__asm__ volatile("" : : "r"(__builtin_frame_address(0)));
	return ret;
}

static __attribute__((noinline)) long outer(void)
{
	long ret = inner();

	__asm__ volatile("");
	return ret;
}

int main(void)
{
	static char line[65536];

	printf("%p %p %p %p\n", (void *)inner, (void *)outer, (void *)main, (void *)words);
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		char *at = line, *next;
		unsigned long frame = strtoul(at, &next, 16), word;
		int i = 0, made_up = next != at;

		for (at = next; made_up; at = next) {
			word = strtoul(at, &next, 16);
			if (next == at || i == sizeof(words) / sizeof(words[0]))
				break;
			words[i++] = word;
		}
		printf("%lx\n", made_up ? call_with_frame(frame) : outer());
		fflush(stdout);
	}
	return 0;
}
