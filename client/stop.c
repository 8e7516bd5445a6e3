// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "stop.h"

/* From here on SIGINT, SIGTERM and SIGHUP can be read from @stop->fd. */
int stop_open(struct stop *stop)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	stop->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return stop->fd < 0 ? -errno : 0;
}

/* Count the signals that have come. */
void stop_read(struct stop *stop)
{
	struct signalfd_siginfo info;

	if (stop->fd < 0)
		return;
	while (read(stop->fd, &info, sizeof(info)) == sizeof(info))
		stop->count++;
}

void stop_close(struct stop *stop)
{
	if (stop->fd >= 0)
		close(stop->fd);
	stop->fd = -1;
}
