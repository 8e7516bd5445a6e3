// SPDX-License-Identifier: GPL-2.0-only
/*
 * loop KIND REGIONS ITERATIONS: what one turn of a loop costs.
 *
 * Makes REGIONS regions besides its own, writes a line to standard output when
 * it is ready, waits for a line on standard input, then times ITERATIONS turns
 * seven times, and prints the nanoseconds of thread time a turn: the smallest,
 * the median, the largest. Under QEMU's -icount a nanosecond is an instruction.
 * Thread time leaves out what other processes do on the same CPU.
 */
#define _GNU_SOURCE
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096UL
#define RUNS 7

static char *area;	/* four pages, apart from everything else */
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

static void turn_fault(void)
{
	*(volatile char *)area = 1;
	if (madvise(area, PAGE, MADV_DONTNEED))
		err(1, "madvise");
}

static const struct {
	const char *name;
	void (*turn)(void);
} kinds[] = {
	{ "mmap", turn_mmap },
	{ "brk", turn_brk },
	{ "mprotect", turn_mprotect },
	{ "fault", turn_fault },
};

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	double d = *(const double *)a - *(const double *)b;

	return d < 0 ? -1 : d > 0;
}

/* Regions that do not merge: every second page has another protection. */
static void make_regions(long regions)
{
	char *p;
	long i;

	if (!regions)
		return;
	p = mmap(NULL, regions * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		 -1, 0);
	if (p == MAP_FAILED)
		err(1, "mmap of %ld pages", regions);
	for (i = 0; i < regions; i += 2)
		if (mprotect(p + i * PAGE, PAGE, PROT_NONE))
			err(1, "region %ld: is vm.max_map_count too low?", i);
}

int main(int argc, char **argv)
{
	double ns[RUNS], start;
	char line[16];
	unsigned int k;
	long turns, i;
	int run;

	if (argc != 4)
		errx(2, "usage: loop KIND REGIONS ITERATIONS");
	for (k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		if (!strcmp(kinds[k].name, argv[1]))
			break;
	if (k == sizeof(kinds) / sizeof(kinds[0]))
		errx(2, "no such kind: %s", argv[1]);
	turns = atol(argv[3]);
	make_regions(atol(argv[2]));
	area = mmap(NULL, 4 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED || mprotect(area + PAGE, PAGE, PROT_READ | PROT_WRITE))
		err(1, "mmap");
	area += PAGE;
	brk_start = (char *)(((unsigned long)sbrk(0) + PAGE - 1) & -PAGE);
	syscall(SYS_brk, brk_start);

	dprintf(1, "ready\n");
	if (read(0, line, sizeof(line)) <= 0)
		errx(1, "nobody says go");
	for (run = -1; run < RUNS; run++) {	/* one to warm up */
		start = now();
		for (i = 0; i < turns; i++)
			kinds[k].turn();
		if (run >= 0)
			ns[run] = (now() - start) / turns;
	}
	qsort(ns, RUNS, sizeof(ns[0]), by_value);
	dprintf(1, "%.1f %.1f %.1f\n", ns[0], ns[RUNS / 2], ns[RUNS - 1]);
	return 0;
}
