// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proc.h"

static bool proc_look(void)
{
	FILE *file = fopen("/proc/self/status", "re");
	unsigned int pid = 0, inner;
	char *line = NULL;
	size_t room = 0;
	int found = 0;

	while (file && !found && getline(&line, &room, file) > 0) {
		if (!strncmp(line, "NSpid:", 6))
			found = sscanf(line + 6, "%u %u", &pid, &inner);
	}
	free(line);
	if (file)
		fclose(file);
	return found == 1 && pid == (unsigned int)getpid();
}

/*
 * Whether /proc tells the ids that this program knows processes by, as the module does.
 * In a pid namespace of one's own it does not, until it is mounted anew: a number there
 * is another process. It has an id in each namespace from that of /proc on inwards.
 */
bool proc_is_ours(void)
{
	static int known = -1;

	if (known < 0)
		known = proc_look();
	return known;
}
