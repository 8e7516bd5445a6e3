// SPDX-License-Identifier: GPL-2.0-only
/* What is large for malloc is a mapping of its own. */
#include "step.h"

int main(void)
{
	void *volatile block = malloc(1);

	/* malloc has its heap by now. */
	look("begin");
	step("malloc(204800)");
	block = malloc(204800);
	step("free it");
	free(block);
	step("end");
	return 0;
}
