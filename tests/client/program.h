/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs the program itself. */
#ifndef VASMON_PROGRAM_H
#define VASMON_PROGRAM_H

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

struct program {
	int status;		/* as waitpid() has it */
	char out[65536];
	char err[16384];
};

static inline void program_read(int fd, char *text, size_t room)
{
	size_t len = 0;
	ssize_t n;

	while (len + 1 < room && (n = read(fd, text + len, room - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	close(fd);
}

/* @args by blanks. */
static inline void program_run(struct program *p, const char *args)
{
	char *program = getenv("VASMON_CLIENT");
	char copy[256], *argv[16] = { program }, *word, *rest = copy;
	int n = 1, out[2], err[2];
	pid_t pid;

	assert_non_null(program);
	snprintf(copy, sizeof(copy), "%s", args);
	while ((word = strtok_r(rest, " ", &rest)))
		argv[n++] = word;
	argv[n] = NULL;
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(err, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		dup2(out[1], 1);
		dup2(err[1], 2);
		execv(program, argv);
		_exit(127);
	}
	close(out[1]);
	close(err[1]);
	/* Neither is larger than a pipe, so one after the other will do. */
	program_read(out[0], p->out, sizeof(p->out));
	program_read(err[0], p->err, sizeof(p->err));
	assert_int_equal(waitpid(pid, &p->status, 0), pid);
}

/* @out and @err: a part of it, NULL: nothing at all. */
static inline void program_check(const char *args, int status, const char *out, const char *err)
{
	static struct program p;

	program_run(&p, args);
	if (!WIFEXITED(p.status) || WEXITSTATUS(p.status) != status)
		fail_msg("'%s' ended with 0x%x, not %d: %s", args, p.status, status, p.err);
	if (out ? !strstr(p.out, out) : *p.out)
		fail_msg("'%s' printed: %s", args, p.out);
	if (err ? !strstr(p.err, err) : *p.err)
		fail_msg("'%s' said: %s", args, p.err);
}

#endif
