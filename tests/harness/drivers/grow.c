// SPDX-License-Identifier: GPL-2.0-only
/*
 * grow: its stack grows on the way out of munmap(), for the frame of a signal.
 * Once that has happened it prints where the stack began before, and waits for
 * its standard input to end.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#define BYTES (32UL << 20)

extern char after_call[];
static volatile sig_atomic_t hit;

static void handle(int number, siginfo_t *info, void *context)
{
	const ucontext_t *from = context;

	(void)number;
	(void)info;
	if ((char *)from->uc_mcontext.gregs[REG_RIP] == after_call)
		hit = 1;
}

static unsigned long stack_start(void)
{
	static char maps[65536];
	int fd = open("/proc/self/maps", O_RDONLY);
	size_t n = 0;
	ssize_t got;
	char *at;

	while ((got = read(fd, maps + n, sizeof(maps) - 1 - n)) > 0)
		n += (size_t)got;
	close(fd);
	maps[n] = '\0';
	at = strstr(maps, "[stack]");
	if (!at)
		errx(1, "no stack in /proc/self/maps");
	while (at > maps && at[-1] != '\n')
		at--;
	return strtoul(at, NULL, 16);
}

/* munmap() with the stack pointer at an address. */
static __attribute__((noinline)) void unmap_at(unsigned long sp, void *addr)
{
	long ret;

	__asm__ volatile("mov %%rsp, %%rbx; mov %[sp], %%rsp; syscall;"
			 ".globl after_call; after_call: mov %%rbx, %%rsp"
			 : "=a"(ret)
			 : "a"(SYS_munmap), "D"(addr), "S"(BYTES), [sp] "r"(sp)
			 : "rbx", "rcx", "r11", "memory");
}

int main(void)
{
	const struct sigaction action = { .sa_sigaction = handle, .sa_flags = SA_SIGINFO };
	const struct itimerval stop = { 0 };
	struct itimerval soon = { 0 };
	unsigned long before;
	char c;
	int i;

	sigaction(SIGALRM, &action, NULL);
	printf("ready\n");
	fflush(stdout);
	if (read(0, &c, 1) != 1)
		return 1;
	for (i = 0;; i++) {
		void *addr = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		/*
		 * Many small pages, so that it takes a while to unmap them. Where there are no
		 * large ones (PREEMPT_RT), nobody can be told not to use them.
		 */
		if (addr == MAP_FAILED ||
		    (madvise(addr, BYTES, MADV_NOHUGEPAGE) && errno != EINVAL) ||
		    madvise(addr, BYTES, MADV_POPULATE_WRITE))
			err(1, "%lu bytes, in turn %d", BYTES, i);
		before = stack_start();
		hit = 0;
		/* At various moments, one of which is within the call. */
		soon.it_value.tv_usec = 100 + i * 337 % 4000;
		setitimer(ITIMER_REAL, &soon, NULL);
		unmap_at(before + 64, addr);
		setitimer(ITIMER_REAL, &stop, NULL);
		if (hit)
			break;
	}
	dprintf(1, "%lx\n", before);
	while (read(0, &c, 1) == 1)
		;
	return 0;
}
