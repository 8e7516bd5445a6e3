// SPDX-License-Identifier: GPL-2.0-only
/*
 * arrive: for each event of 'vasmon-client watch --json' on standard input, the
 * nanoseconds from the change (CLOCK_BOOTTIME, by the event) to its arrival
 * here; all of them at the end.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MOST 100000

int main(void)
{
	static char bytes[1 << 20];
	static long long late[MOST];
	size_t n = 0, count = 0, i;
	ssize_t part;

	while ((part = read(STDIN_FILENO, bytes + n, sizeof(bytes) - 1 - n)) > 0) {
		char *line = bytes, *end;
		struct timespec now;

		clock_gettime(CLOCK_BOOTTIME, &now);
		n += part;
		bytes[n] = '\0';
		while ((end = strchr(line, '\n'))) {
			long long s, ns;
			char *ts;

			*end = '\0';
			ts = strstr(line, "\"ts\":\"");
			if (strstr(line, "\"type\":\"event\"") && ts && count < MOST &&
			    sscanf(ts + 6, "%lld.%lld", &s, &ns) == 2)
				late[count++] = (now.tv_sec - s) * 1000000000 + now.tv_nsec - ns;
			line = end + 1;
		}
		n -= line - bytes;
		memmove(bytes, line, n);
	}
	if (part < 0)
		err(1, "standard input");
	for (i = 0; i < count; i++)
		printf("%lld\n", late[i]);
	return 0;
}
