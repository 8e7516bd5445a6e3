// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "stop.h"

static const int stop_signals[] = { SIGINT, SIGTERM, SIGHUP };

/* A program that runs another one has these for that one as well. */
static const int stop_more_signals[] = { SIGQUIT, SIGUSR1, SIGUSR2 };

/* From here on they can be read from @stop->fd. Return: 0 or an error. */
int stop_open(struct stop *stop)
{
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < sizeof(stop_signals) / sizeof(stop_signals[0]); i++)
		sigaddset(&set, stop_signals[i]);
	for (i = 0; stop->pass_to &&
	     i < sizeof(stop_more_signals) / sizeof(stop_more_signals[0]); i++)
		sigaddset(&set, stop_more_signals[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	stop->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return stop->fd < 0 ? -errno : 0;
}

/* Count the signals that have come, or pass them on. */
void stop_read(struct stop *stop)
{
	struct signalfd_siginfo info;

	if (stop->fd < 0)
		return;
	while (read(stop->fd, &info, sizeof(info)) == sizeof(info)) {
		if (!stop->pass_to)
			stop->count++;
		/* What was typed at the terminal, that one got as well. */
		else if (info.ssi_code != SI_KERNEL)
			kill(stop->pass_to, (int)info.ssi_signo);
	}
}

void stop_close(struct stop *stop)
{
	if (stop->fd >= 0)
		close(stop->fd);
	stop->fd = -1;
}
