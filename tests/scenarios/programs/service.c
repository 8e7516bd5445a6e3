// SPDX-License-Identifier: GPL-2.0-only
/* A process with thousands of regions, of which some leak: "service REGIONS". */
#include <sys/mman.h>

#include "step.h"

#define PAGE	4096
#define LEAK	(2 << 20)

static __attribute__((noinline)) void serve(void)
{
	void *freed = mmap(NULL, LEAK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must(freed != MAP_FAILED);
	munmap(freed, LEAK);
	must(mmap(NULL, PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
}

static __attribute__((noinline)) void keep(void)
{
	void *kept = mmap(NULL, LEAK, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	must(kept != MAP_FAILED);
}

int main(int argc, char **argv)
{
	size_t regions = strtoul(argv[argc - 1], NULL, 10), i;
	char *all;

	/* Every other page may be read: neighbours that cannot merge. */
	all = mmap(NULL, regions * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(all != MAP_FAILED);
	for (i = 0; i < regions; i += 2)
		must(!mprotect(all + i * PAGE, PAGE, PROT_READ));
	look("begin");
	for (i = 0; i < 50; i++) {
		step("a request");
		serve();
		if (i % 10)
			continue;
		step("a leak");
		keep();
	}
	step("end");
	return 0;
}
