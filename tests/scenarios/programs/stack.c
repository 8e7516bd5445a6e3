// SPDX-License-Identifier: GPL-2.0-only
/* A stack grows where it is touched: no call asks for it. */
#include <string.h>

#include "step.h"

static void __attribute__((noinline)) recurse(int depth)
{
	volatile char frame[65536];

	memset((char *)frame, depth, sizeof(frame));
	if (depth > 1)
		recurse(depth - 1);
	frame[0] = 0;
}

int main(void)
{
	look("begin");
	step("a recursion of 512 KiB");
	recurse(8);
	step("the same once more");
	recurse(8);
	step("end");
	return 0;
}
