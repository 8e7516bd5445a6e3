// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes its address space at random, in every way that a program can, as fast
 * as it can.
 *
 * churn SEED CHANGES THREADS FILE   writes a byte to its standard output when it
 *                                   is ready, begins when it can read one, and
 *                                   writes another one when it is done
 *
 * Each thread has an arena of its own, and one more belongs to all, so that they
 * run into each other. Raw system calls: a library would add changes of its own.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE		4096UL
#define ARENA_PAGES	400UL
#define THREADS_MAX	16

struct churner {
	pthread_t thread;
	uint64_t random;
	char *arena;
	unsigned long changes;
	unsigned int number;
};

static char *common;
static char *stack_low;
static int file = -1;
static int shm = -1;

/* xorshift64*: the same everywhere for the same seed */
static unsigned long pick(struct churner *c, unsigned long below)
{
	c->random ^= c->random >> 12;
	c->random ^= c->random << 25;
	c->random ^= c->random >> 27;
	return (c->random * 0x2545f4914f6cdd1dULL >> 33) % below;
}

static char *somewhere(struct churner *c, size_t *len)
{
	unsigned long page = pick(c, ARENA_PAGES);

	*len = (1 + pick(c, 12)) * PAGE;
	if (page + *len / PAGE > ARENA_PAGES)
		*len = (ARENA_PAGES - page) * PAGE;
	return (pick(c, 4) ? c->arena : common) + page * PAGE;
}

static int some_prot(struct churner *c)
{
	static const int prots[] = {
		PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC,
	};

	return prots[pick(c, 4)];
}

static long change_mmap(struct churner *c)
{
	unsigned long kind = pick(c, 8);
	size_t len;
	char *at = somewhere(c, &len);
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;

	if (!kind)
		flags = MAP_SHARED | MAP_ANONYMOUS;
	if (kind == 1 || kind == 2)
		return syscall(SYS_mmap, at, len, some_prot(c),
			       (kind == 1 ? MAP_PRIVATE : MAP_SHARED) | MAP_FIXED, file,
			       pick(c, 16) * PAGE);
	/* The kernel chooses; given back at once, or there would be ever more. */
	if (kind == 3) {
		at = (char *)syscall(SYS_mmap, NULL, len, some_prot(c), flags, -1, 0);
		return syscall(SYS_munmap, at, len);
	}
	return syscall(SYS_mmap, at, len, some_prot(c), flags | MAP_FIXED, -1, 0);
}

static long change_mremap(struct churner *c)
{
	size_t len, to_len;
	char *at = somewhere(c, &len), *to = somewhere(c, &to_len);

	switch (pick(c, 3)) {
	case 0:
		return syscall(SYS_mremap, at, len, (1 + pick(c, 12)) * PAGE, 0);
	case 1:
		return syscall(SYS_mremap, at, len, to_len, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	default:
		return syscall(SYS_mremap, at, len, len,
			       MREMAP_MAYMOVE | MREMAP_FIXED | 4 /* DONTUNMAP */, to);
	}
}

static long change_madvise(struct churner *c)
{
	static const int advice[] = {
		MADV_DONTFORK, MADV_DOFORK, MADV_DONTDUMP, MADV_DODUMP, MADV_SEQUENTIAL,
		MADV_RANDOM, MADV_NORMAL, MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_DONTNEED,
	};
	size_t len;
	char *at = somewhere(c, &len);

	return syscall(SYS_madvise, at, len, advice[pick(c, sizeof(advice) / sizeof(*advice))]);
}

/* Whatever thread is at it: the break is theirs together. */
static long change_brk(struct churner *c)
{
	unsigned long brk = (unsigned long)syscall(SYS_brk, 0);
	unsigned long to = brk + 50000 - pick(c, 100000);

	return (unsigned long)syscall(SYS_brk, to) == to ? 0 : -1;
}

static long change_shm(struct churner *c)
{
	size_t len;
	char *at = somewhere(c, &len);

	if (pick(c, 2))
		return syscall(SYS_shmdt, at);
	return syscall(SYS_shmat, shm, at, SHM_REMAP);
}

/* Grow the stack of the main thread, by a fault or by a call that writes to it. */
static long change_stack(struct churner *c)
{
	if (c->number || stack_low < (char *)&c - (4UL << 20))
		return -1;
	stack_low -= (1 + pick(c, 4)) * PAGE;
	if (pick(c, 2))
		*(volatile char *)stack_low = 1;
	else
		syscall(SYS_getcwd, stack_low, 1024);
	return 0;
}

static long change(struct churner *c)
{
	size_t len;
	char *at = somewhere(c, &len);

	switch (pick(c, 16)) {
	case 0 ... 4:
		return change_mmap(c);
	case 5 ... 6:
		return syscall(SYS_munmap, at, len);
	case 7 ... 9:
		return syscall(SYS_mprotect, at, len, some_prot(c));
	case 10:
		return change_mremap(c);
	case 11:
		return change_madvise(c);
	case 12:
		return change_brk(c);
	case 13:
		return syscall(pick(c, 2) ? SYS_mlock : SYS_munlock, at, len);
	case 14:
		return change_shm(c);
	default:
		return change_stack(c);
	}
}

static void *churn(void *arg)
{
	struct churner *c = arg;

	while (c->changes)
		if (change(c) != -1)
			c->changes--;
	return NULL;
}

/* Addresses that nobody else uses, a free page on either side. */
static char *reserve(void)
{
	char *at = mmap(NULL, (ARENA_PAGES + 32) * PAGE, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	/* Not given back: the kernel could choose them for somebody else. */
	return at == MAP_FAILED ? NULL : at + PAGE;
}

int main(int argc, char **argv)
{
	static struct churner churners[THREADS_MAX];
	unsigned long changes;
	unsigned int threads, i;
	char go = '.';

	if (argc != 5)
		return 104;
	changes = strtoul(argv[2], NULL, 10);
	threads = (unsigned int)strtoul(argv[3], NULL, 10);
	file = open(argv[4], O_RDWR);
	shm = shmget(IPC_PRIVATE, 4 * PAGE, 0600);
	common = reserve();
	stack_low = (char *)((uintptr_t)&go & ~(PAGE - 1));
	if (file < 0 || shm < 0 || !common || !threads || threads > THREADS_MAX)
		return 105;
	/* It lives as long as it is attached somewhere, and here it always is. */
	if (shmat(shm, NULL, 0) == (void *)-1 || shmctl(shm, IPC_RMID, NULL))
		return 106;
	for (i = 0; i < threads; i++) {
		churners[i].random = strtoul(argv[1], NULL, 10) * 1000003 + i + 1;
		churners[i].number = i;
		churners[i].changes = changes / threads;
		churners[i].arena = reserve();
		if (!churners[i].arena)
			return 107;
	}
	if (write(1, &go, 1) != 1 || read(0, &go, 1) != 1)
		return 108;
	for (i = 1; i < threads; i++)
		if (pthread_create(&churners[i].thread, NULL, churn, &churners[i]))
			return 109;
	churn(&churners[0]);
	for (i = 1; i < threads; i++)
		pthread_join(churners[i].thread, NULL);
	if (write(1, &go, 1) != 1 || read(0, &go, 1) < 0)
		return 110;
	return 0;
}
