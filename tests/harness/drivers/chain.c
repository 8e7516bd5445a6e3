// SPDX-License-Identifier: GPL-2.0-only
/*
 * chain: prints where its functions and its words are, and where memory ends
 * in which each 8 bytes are their own address. Then, for each line that it
 * reads, it maps a page: for an empty line in a function that was called by a
 * function that was called by main(). A line "FRAME WORD...", all hexadecimal,
 * fills the words, and has the frame pointer be FRAME. A line "s STACK" has the
 * stack pointer be STACK, and the registers that calls preserve 1, 2 and so on.
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

/* In the order of their DWARF numbers: rbx, rbp, r12 to r15. */
long call_with_stack(unsigned long stack);
__asm__(".pushsection .text\n"
	"call_with_stack:\n"
	"push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
	"mov %rsp, saved_stack(%rip)\n"
	"mov %rdi, %rsp\n"
	"mov $1, %ebx; mov $2, %ebp; mov $3, %r12d; mov $4, %r13d; mov $5, %r14d; mov $6, %r15d\n"
	"mov $9, %eax; xor %edi, %edi; mov $4096, %esi; mov $1, %edx; mov $0x22, %r10d\n"
	"mov $-1, %r8; xor %r9d, %r9d\n"
	"syscall\n"
	"mov saved_stack(%rip), %rsp\n"
	"pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
	"ret\n"
	".popsection\n"
	".local saved_stack; .comm saved_stack, 8, 8\n");

/* The end of three pages, behind which there is nothing. */
static unsigned long *filled_end(void)
{
	unsigned long *at = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *end = at + 1536;

	if (at == MAP_FAILED || mprotect(end, 4096, PROT_NONE))
		exit(1);
	for (; at < end; at++)
		*at = (unsigned long)at;
	return end;
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

	printf("%p %p %p %p %p\n", (void *)inner, (void *)outer, (void *)main, (void *)words,
	       (void *)filled_end());
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		char *at = line, *next;
		unsigned long frame = strtoul(at, &next, 16), word;
		int i = 0, made_up = next != at;

		if (*line == 's') {
			printf("%lx\n", call_with_stack(strtoul(line + 1, NULL, 16)));
			fflush(stdout);
			continue;
		}

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
