// SPDX-License-Identifier: GPL-2.0-only
/*
 * metronome NS: wakes up every NS nanoseconds, for ever.
 *
 * Where one thread emulates all CPUs in turn, each may run until a timer is due: until
 * the next one is far, a CPU that often sets timers gets less than its share. With this
 * on a CPU of its own a turn is short, and all get the same.
 */
#include <err.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

int main(int argc, char **argv)
{
	struct timespec ts = { 0 };

	if (argc != 2)
		errx(2, "usage: metronome NS");
	ts.tv_nsec = atol(argv[1]);
	if (prctl(PR_SET_TIMERSLACK, 1))
		err(1, "prctl");
	for (;;)
		clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
}
