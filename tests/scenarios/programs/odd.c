// SPDX-License-Identifier: GPL-2.0-only
/* Breaks that are no multiple of anything. */
#include <sys/syscall.h>

#include "step.h"

int main(void)
{
	static const int steps[] = { 1, 16, 4095, 3, 4096, 8191, -5, -4096, -12000, 7 };
	uint64_t now;
	size_t i;

	look("begin");
	now = (uint64_t)syscall(SYS_brk, 0);
	say("brk", now);
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		char name[32];

		snprintf(name, sizeof(name), "brk(%+d)", steps[i]);
		step(name);
		now += (uint64_t)(int64_t)steps[i];
		must((uint64_t)syscall(SYS_brk, now) == now);
		say("brk", now);
	}
	step("end");
	return 0;
}
