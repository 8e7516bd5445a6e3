// SPDX-License-Identifier: GPL-2.0-only
/* Things that compilers and linkers put into different sections. */
#include "step.h"

static const char constant[] = "a constant string";
static volatile int initialised = 5;
static volatile char zeroed[40000];

int main(void)
{
	volatile int local = 1;
	void *volatile block = malloc(1000);

	say_at(".rodata", constant);
	say_at(".data", &initialised);
	say_at(".bss", &zeroed[30000]);
	say(".text", (uint64_t)(uintptr_t)main);
	say_at("stack", &local);
	say_at("heap", block);
	look("end");
	return 0;
}
