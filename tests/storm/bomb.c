// SPDX-License-Identifier: GPL-2.0-only
/*
 * bomb FORKS   forks so many times, as fast as it can, and so does each child,
 *              three generations on; all of them change their map. A fork of
 *              its own that is refused, as pids.max has it, is tried again
 *
 * Begins when it can read a byte. Prints how many of its forks were refused.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE	4096UL

static void change(void)
{
	char *at = mmap(NULL, 3 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(at + PAGE, PAGE);
}

/* Refused forks are not tried again: those who wait would be in the way of each other for ever. */
static void generation(unsigned int more)
{
	unsigned int i;

	change();
	for (i = 0; more && i < 2; i++) {
		if (!fork()) {
			generation(more - 1);
			_exit(0);
		}
	}
	while (wait(NULL) > 0)
		;
}

/* Return: how many forks were refused. */
static unsigned long bomb(unsigned long forks)
{
	unsigned long refused = 0;
	pid_t pid;

	while (forks) {
		pid = fork();
		if (!pid) {
			generation(3);
			_exit(0);
		}
		if (pid > 0) {
			forks--;
		} else if (errno == EAGAIN) {
			refused++;
			/* Some of ours may have ended. */
			while (waitpid(-1, NULL, WNOHANG) > 0)
				;
			sched_yield();
		} else {
			perror("cannot fork");
			_exit(1);
		}
	}
	while (wait(NULL) > 0)
		;
	return refused;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	if (getchar() == EOF)
		return 1;
	printf("%lu\n", bomb(strtoul(argv[1], NULL, 0)));
	return 0;
}
