// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps so many processes alive that change their map, fork, start a program
 * and exit: those of the fuzzer.
 *
 * crowd SEED PROCESSES PAUSE_MS   each waits so long between two changes
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "target.h"

int main(int argc, char **argv)
{
	unsigned long processes, seed;
	unsigned int pause;

	if (argc == 3 && !strcmp(argv[1], "--target"))
		target_run(argv[2]);
	if (argc != 4)
		return 2;
	seed = strtoul(argv[1], NULL, 0) << 32;
	pause = (unsigned int)strtoul(argv[3], NULL, 0);
	for (processes = strtoul(argv[2], NULL, 0); processes; processes--)
		if (target_start(seed++, pause) < 0)
			goto failed;
	/* Who ends is followed by another one. */
	while (wait(NULL) > 0)
		if (target_start(seed++, pause) < 0)
			goto failed;
failed:
	fprintf(stderr, "crowd: cannot start a process: %s\n", strerror(errno));
	return 1;
}
