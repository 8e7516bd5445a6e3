// SPDX-License-Identifier: GPL-2.0-only
/* The same address in two processes is not the same memory. */
#include <sys/mman.h>

#include "step.h"

static volatile int value = 1;

int main(int argc, char **argv)
{
	(void)argc;
	look("begin");
	value = atoi(argv[1]);
	say_at("address", &value);
	must(mmap(NULL, 4096 * (size_t)value, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
	     MAP_FAILED);
	look("end");
	say("value", (uint64_t)value);
	return 0;
}
