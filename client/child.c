// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"

void (*child_sigpipe)(int sig) = SIG_DFL;

/* In the child: wait for leave, then become the command. */
static void child_run(char **argv, int go, int failure)
{
	char leave;
	ssize_t n;
	int err;

	do
		n = read(go, &leave, 1);
	while (n < 0 && errno == EINTR);
	/* Whoever was to watch it has ended: nothing is to be run. */
	if (n != 1)
		_exit(CHILD_NOT_FOUND);
	signal(SIGPIPE, child_sigpipe);
	execvp(argv[0], argv);
	err = errno;
	do
		n = write(failure, &err, sizeof(err));
	while (n < 0 && errno == EINTR);
	_exit(CHILD_NOT_FOUND);
}

static void child_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/**
 * child_fork - make the process of a command
 * @c: CHILD_INIT
 * @argv: the command, ended by NULL
 *
 * It waits for child_exec(). To be called before signals are blocked or ignored:
 * it inherits that.
 *
 * Return: 0 or an error.
 */
int child_fork(struct child *c, char **argv)
{
	int go[2], failure[2], err;
	pid_t pid;

	if (pipe2(go, O_CLOEXEC))
		return -errno;
	if (pipe2(failure, O_CLOEXEC)) {
		err = -errno;
		close(go[0]);
		close(go[1]);
		return err;
	}
	pid = fork();
	err = pid < 0 ? -errno : 0;
	if (!pid) {
		close(go[1]);
		close(failure[0]);
		child_run(argv, go[0], failure[1]);
	}
	close(go[0]);
	close(failure[1]);
	c->go = go[1];
	c->failure = failure[0];
	if (err)
		child_abandon(c);
	else
		c->pid = pid;
	return err;
}

/**
 * child_exec - let it become the command
 * @c: the child
 *
 * Return: 0, or what execvp(3) failed with: then it has ended.
 */
int child_exec(struct child *c)
{
	char leave = 0;
	ssize_t n;
	int err = 0;

	do
		n = write(c->go, &leave, 1);
	while (n < 0 && errno == EINTR);
	child_close(&c->go);
	/* At its exec the other end is closed. */
	do
		n = read(c->failure, &err, sizeof(err));
	while (n < 0 && errno == EINTR);
	child_close(&c->failure);
	return n == sizeof(err) ? -err : 0;
}

/**
 * child_wait - wait for its end
 * @c: the child
 * @stop: signals that are passed on to it until then, or NULL
 *
 * Return: 0 or an error.
 */
int child_wait(struct child *c, struct stop *stop)
{
	struct pollfd p[2] = {
		{ .fd = pidfd_open(c->pid, 0), .events = POLLIN },
		{ .fd = stop ? stop->fd : -1, .events = POLLIN },
	};
	int err = 0;

	/* Without a pidfd it is waited for all the same. */
	while (p[0].fd >= 0 && !p[0].revents) {
		if (poll(p, 2, -1) > 0 && p[1].revents)
			stop_read(stop);
	}
	child_close(&p[0].fd);
	while (!err && !c->reaped) {
		if (waitpid(c->pid, &c->status, 0) == c->pid)
			c->reaped = true;
		else if (errno != EINTR)
			err = -errno;
	}
	/* Its number can be another one's now. */
	if (stop)
		stop->pass_to = 0;
	return err;
}

/**
 * child_exit_status - end as it has ended
 * @c: a child that was waited for
 *
 * Where a signal ended it, the same one ends this process, as strace does; no second
 * core is dumped.
 *
 * Return: the status to exit with.
 */
int child_exit_status(const struct child *c)
{
	static const struct rlimit none;
	sigset_t set;
	int sig;

	if (WIFEXITED(c->status))
		return WEXITSTATUS(c->status);
	sig = WTERMSIG(c->status);
	setrlimit(RLIMIT_CORE, &none);
	signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	raise(sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	return 128 + sig;
}

/* It never became the command: let it go. */
void child_abandon(struct child *c)
{
	child_close(&c->go);
	child_close(&c->failure);
	if (c->pid && !c->reaped)
		child_wait(c, NULL);
}
