// SPDX-License-Identifier: GPL-2.0-only
/* mmap and munmap: what is asked for, and what becomes of it. */
#include <sys/mman.h>

#include "step.h"

#define SIZE	40960
#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS)

int main(void)
{
	const int rw = PROT_READ | PROT_WRITE;
	char *both, *first, *second;

	look("begin");
	step("mmap 40960 rwx");
	both = mmap(NULL, SIZE, rw | PROT_EXEC, ANON, -1, 0);
	look("W+X");
	step("mmap 40960 rw-");
	first = mmap(NULL, SIZE, rw, ANON, -1, 0);
	step("mmap 40960 rw- below it");
	second = mmap(first - SIZE, SIZE, rw, ANON | MAP_FIXED_NOREPLACE, -1, 0);
	must(both != MAP_FAILED && first != MAP_FAILED && second == first - SIZE);
	step("mprotect the middle");
	must(!mprotect(second + 8192, 8192, PROT_READ));
	step("munmap rwx");
	munmap(both, SIZE);
	step("munmap the first");
	munmap(first, SIZE);
	step("munmap the second");
	munmap(second, SIZE);
	step("end");
	return 0;
}
