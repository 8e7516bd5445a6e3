// SPDX-License-Identifier: GPL-2.0-only
/* When does malloc ask the kernel for memory, and when does it give any back? */
#include "step.h"

#define BLOCKS	8

int main(void)
{
	void *volatile small[3], *volatile large[BLOCKS];
	int i;

	look("begin");
	for (i = 0; i < 3; i++) {
		step("malloc(1000)");
		small[i] = malloc(1000);
	}
	for (i = 0; i < 3; i++) {
		step("free it");
		free(small[i]);
	}
	step("malloc(100000), 8 times");
	for (i = 0; i < BLOCKS; i++)
		large[i] = malloc(100000);
	step("free them, the last one first");
	for (i = BLOCKS; i--;)
		free(large[i]);
	step("end");
	return 0;
}
