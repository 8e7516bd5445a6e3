// SPDX-License-Identifier: GPL-2.0-only
/* The break moves by bytes, regions by pages. */
#include <sys/syscall.h>

#include "step.h"

int main(void)
{
	char *start;

	look("begin");
	start = sbrk(0);
	say_at("start", start);
	step("sbrk(+1024)");
	sbrk(1024);
	step("sbrk(+2048)");
	sbrk(2048);
	step("sbrk(+4096)");
	sbrk(4096);
	step("sbrk(-4096)");
	sbrk(-4096);
	step("sbrk(-2048)");
	sbrk(-2048);
	step("sbrk(-1024)");
	sbrk(-1024);
	step("brk() below where the heap begins");
	must((char *)syscall(SYS_brk, start - 4096) == start);
	step("end");
	return 0;
}
