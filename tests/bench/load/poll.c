// SPDX-License-Identifier: GPL-2.0-only
/*
 * poll HZ FILE COMMAND...: starts COMMAND, and reads its /proc/PID/maps so many
 * times a second until it ends. What differs from the time before is appended
 * to FILE, each time as a whole, after a line with a dash.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROOM (16 << 20)	/* far more than 60 000 regions need */

/* The bytes of the file, as a reader of all of it gets them. */
static size_t read_all(int fd, char *to)
{
	size_t n = 0;
	ssize_t part;

	while ((part = pread(fd, to + n, ROOM - n, n)) > 0)
		n += part;
	return n;
}

int main(int argc, char **argv)
{
	char *now = malloc(ROOM), *before = malloc(ROOM), *swap, path[64];
	size_t n, n_before = 0;
	struct timespec next;
	pid_t pid, ended;
	int maps, status;
	long step;
	FILE *out;

	if (argc < 4)
		errx(2, "usage: poll HZ FILE COMMAND...");
	step = 1000000000 / atol(argv[1]);
	out = fopen(argv[2], "w");
	if (!out || !now || !before)
		err(1, "%s", argv[2]);
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		execvp(argv[3], argv + 3);
		err(127, "%s", argv[3]);
	}
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	clock_gettime(CLOCK_MONOTONIC, &next);
	while (!(ended = waitpid(pid, &status, WNOHANG))) {
		/* Anew each time, for it may have started another program. */
		maps = open(path, O_RDONLY);
		n = maps < 0 ? 0 : read_all(maps, now);
		if (maps >= 0)
			close(maps);
		if (n && (n != n_before || memcmp(now, before, n))) {
			fputs("-\n", out);
			fwrite(now, 1, n, out);
			swap = before;
			before = now;
			now = swap;
			n_before = n;
		}
		next.tv_nsec += step;
		if (next.tv_nsec >= 1000000000) {
			next.tv_nsec -= 1000000000;
			next.tv_sec++;
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
	}
	if (ended < 0 || fclose(out))
		err(1, "%s", argv[2]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
