// SPDX-License-Identifier: GPL-2.0-only
/*
 * loop KIND REGIONS: rounds of one kind of work, on demand.
 *
 * Makes REGIONS regions besides its own and writes "ready PID". For each line
 * on standard input, a number of turns and, if there is one, the nanoseconds
 * between two turns' beginnings, it does a round and writes what that cost: the
 * nanoseconds of CPU time of this process and of the children that it waited
 * for. Under QEMU's -icount a nanosecond is an instruction.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096UL
#define THREADS 4
#define SLEEP 1000000	/* nanoseconds */
#define BLOCKS 64	/* that each thread of malloc keeps */

static char *area;	/* four pages, apart from everything else */
static char *moving;	/* likewise */
static char *brk_start;

static void turn_mmap(void)
{
	void *p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || munmap(p, 2 * PAGE))
		err(1, "mmap and munmap");
}

static void turn_brk(void)
{
	if (syscall(SYS_brk, brk_start + 2 * PAGE) != (long)(brk_start + 2 * PAGE) ||
	    syscall(SYS_brk, brk_start) != (long)brk_start)
		errx(1, "brk does not move");
}

static void turn_mprotect(void)
{
	if (mprotect(area, PAGE, PROT_READ) || mprotect(area, PAGE, PROT_READ | PROT_WRITE))
		err(1, "mprotect");
}

static void turn_mremap(void)
{
	if (mremap(moving, PAGE, 2 * PAGE, 0) == MAP_FAILED ||
	    mremap(moving, 2 * PAGE, PAGE, 0) == MAP_FAILED)
		err(1, "mremap");
}

/* A region that grows because it is touched below its start. */
static void turn_stack(void)
{
	char *p = mmap((void *)(1UL << 28), PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED_NOREPLACE, -1, 0);

	if (p == MAP_FAILED)
		err(1, "mmap of a region that grows");
	*(volatile char *)(p - 1) = 1;
	if (munmap(p - PAGE, 2 * PAGE))
		err(1, "munmap");
}

static void turn_fault(void)
{
	*(volatile char *)area = 1;
	if (madvise(area, PAGE, MADV_DONTNEED))
		err(1, "madvise");
}

static void turn_fork(void)
{
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (!pid)
		_exit(0);
	if (waitpid(pid, NULL, 0) != pid)
		err(1, "waitpid");
}

static long malloc_turns;

/* From 16 bytes to 512 KiB, so that arenas grow and shrink and regions come and go. */
static void *allocate(void *seed)
{
	uint32_t random = (uintptr_t)seed;
	void *block[BLOCKS] = {};
	long i;

	for (i = 0; i < malloc_turns; i++) {
		void **b;

		random = random * 1664525 + 1013904223;
		b = &block[random >> 26];
		free(*b);
		*b = malloc(16UL << (random >> 8 & 15));
		if (!*b)
			errx(1, "out of memory");
		*(volatile char *)*b = 1;
	}
	for (i = 0; i < BLOCKS; i++)
		free(block[i]);
	return NULL;
}

/* All turns of each of the threads. */
static void round_malloc(long turns)
{
	pthread_t thread[THREADS];
	uintptr_t i;

	malloc_turns = turns;
	for (i = 0; i < THREADS; i++) {
		errno = pthread_create(&thread[i], NULL, allocate, (void *)i);
		if (errno)
			err(1, "thread");
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
}

/* A script that starts as many commands. */
static void round_shell(long turns)
{
	char script[] = "i=0; while [ $i -lt $1 ]; do /bin/true; i=$((i + 1)); done";
	char number[24];
	char *const argv[] = { "sh", "-c", script, "sh", number, NULL };
	int status;
	pid_t pid;

	snprintf(number, sizeof(number), "%ld", turns);
	errno = posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ);
	if (errno)
		err(1, "/bin/sh");
	if (waitpid(pid, &status, 0) != pid || status)
		errx(1, "the script failed");
}

static const struct kind {
	const char *name;
	void (*turn)(void);
	void (*round)(long turns);	/* instead of one turn after the other */
} kinds[] = {
	{ .name = "mmap", .turn = turn_mmap },
	{ .name = "brk", .turn = turn_brk },
	{ .name = "mprotect", .turn = turn_mprotect },
	{ .name = "mremap", .turn = turn_mremap },
	{ .name = "stack", .turn = turn_stack },
	{ .name = "fault", .turn = turn_fault },
	{ .name = "fork", .turn = turn_fork },
	{ .name = "malloc", .round = round_malloc },
	{ .name = "shell", .round = round_shell },
};

static const struct kind *kind_called(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	errx(2, "no such kind: %s", name);
}

static int64_t cpu_time(void)
{
	struct timespec ts;
	struct rusage u;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	getrusage(RUSAGE_CHILDREN, &u);
	return (ts.tv_sec + u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000000LL + ts.tv_nsec +
	       (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000LL;
}

static int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/*
 * As soon as the last turn is done, or one each so many nanoseconds; asleep
 * between them if that is long.
 */
static void round_of(const struct kind *kind, long turns, long pace)
{
	int64_t next = now();
	long i;

	if (kind->round)
		return kind->round(turns);
	for (i = 0; i < turns; i++) {
		if (pace >= SLEEP)
			nanosleep(&(struct timespec){ .tv_nsec = pace }, NULL);
		while (pace && now() < next)
			;
		next = pace >= SLEEP ? 0 : next + pace;
		kind->turn();
	}
}

/* Regions that do not merge: every second page has another protection. */
static void make_regions(long regions)
{
	char *p;
	long i;

	if (!regions)
		return;
	p = mmap(NULL, regions * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		err(1, "mmap of %ld pages", regions);
	for (i = 0; i < regions; i += 2)
		if (mprotect(p + i * PAGE, PAGE, PROT_NONE))
			err(1, "region %ld: is vm.max_map_count too low?", i);
}

/* Four pages of which the second can be used, and the others keep their neighbours away. */
static char *apart(void)
{
	char *p = mmap(NULL, 4 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p + PAGE, PAGE, PROT_READ | PROT_WRITE))
		err(1, "mmap");
	return p + PAGE;
}

int main(int argc, char **argv)
{
	const struct kind *kind;
	static char in[BUFSIZ], out[BUFSIZ];	/* the heap is the loop's */
	char line[64];

	setvbuf(stdin, in, _IOFBF, sizeof(in));
	setvbuf(stdout, out, _IOLBF, sizeof(out));
	if (argc != 3)
		errx(2, "usage: loop KIND REGIONS");
	kind = kind_called(argv[1]);
	make_regions(atol(argv[2]));
	area = apart();
	moving = apart();
	if (munmap(moving + PAGE, PAGE))
		err(1, "munmap");
	brk_start = (char *)(((unsigned long)sbrk(0) + PAGE - 1) & -PAGE);
	syscall(SYS_brk, brk_start);

	printf("ready %d\n", getpid());
	while (fgets(line, sizeof(line), stdin)) {
		char *end;
		long turns = strtol(line, &end, 10);
		long pace = strtol(end, NULL, 10);
		int64_t before = cpu_time();

		round_of(kind, turns, pace);
		printf("%lld\n", (long long)(cpu_time() - before));
	}
	return 0;
}
