// SPDX-License-Identifier: GPL-2.0-only
/* Access memory that may not be there. */
#define _GNU_SOURCE
#include <signal.h>
#include <stddef.h>
#include <ucontext.h>

#include "raw.h"
#include "touch.h"
#include "worker.h"

#define TOUCH_STACK	65536

static char touch_altstack[2][WORKERS_MAX][TOUCH_STACK] __attribute__((aligned(16)));

__asm__(".text\n"
	".globl touch_write, touch_read, touch_push\n"
	"touch_write:\n"
	"	movb $1, (%rdi)\n"
	"	movl $1, %eax\n"
	"	ret\n"
	"touch_read:\n"
	"	movb (%rdi), %al\n"
	"	movl $1, %eax\n"
	"	ret\n"
	"touch_failed:\n"
	"	xorl %eax, %eax\n"
	"	ret\n"
	"touch_push:\n"
	"	movq %rsp, %rdx\n"
	"	leaq 8(%rdi), %rsp\n"
	"	pushq $1\n"
	"	movq %rdx, %rsp\n"
	"	movl $1, %eax\n"
	"	ret\n"
	"touch_push_failed:\n"
	"	movq %rdx, %rsp\n"
	"	xorl %eax, %eax\n"
	"	ret\n");

void touch_failed(void);
void touch_push_failed(void);

static void touch_signal(int sig, siginfo_t *info, void *context)
{
	greg_t *rip = &((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];

	(void)sig;
	(void)info;
	if (*rip >= (greg_t)touch_write && *rip < (greg_t)touch_failed)
		*rip = (greg_t)touch_failed;
	else if (*rip >= (greg_t)touch_push && *rip < (greg_t)touch_push_failed)
		*rip = (greg_t)touch_push_failed;
	else
		die("a signal where none is expected");
}

void touch_init(void)
{
	struct sigaction act = {
		.sa_sigaction = touch_signal,
		.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER,
	};

	sigaction(SIGSEGV, &act, NULL);
	sigaction(SIGBUS, &act, NULL);
}

/* The stack pointer may be anywhere when a signal comes. */
void touch_thread(unsigned int slot, bool child)
{
	stack_t stack = { .ss_sp = touch_altstack[child][slot], .ss_size = TOUCH_STACK };

	raw(SYS_sigaltstack, (unsigned long)&stack, 0, 0, 0, 0, 0);
}
