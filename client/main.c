// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "cmd/cmd.h"

const struct verb *const main_verbs[] = {
	&cmd_run,
	&cmd_watch,
	&cmd_maps,
	&cmd_record,
	&cmd_replay,
	&cmd_stat,
	&cmd_diff,
	&cmd_mark,
	&cmd_list,
	&cmd_version,
	&cmd_help,
	NULL,
};

const struct verb *main_find(const char *name)
{
	const struct verb *const *v;

	for (v = main_verbs; *v; v++) {
		if (!strcmp((*v)->name, name))
			return *v;
	}
	return NULL;
}

void main_usage(FILE *to)
{
	const struct verb *const *v;

	fputs("usage: vasmon-client VERB [OPTION]... [ARGUMENT]...\n\n"
	      "Shows how a process's address space changes, as it changes.\n\nverbs:\n", to);
	for (v = main_verbs; *v; v++)
		fprintf(to, "  %-8s %s\n", (*v)->name, (*v)->summary);
	fputs("\n'vasmon-client VERB --help' says more about each, with examples.\n\n"
	      "exit status: 0 done; 1 error; 2 wrong usage; 42 no such process\n", to);
}

static int main_run(int argc, char **argv)
{
	const struct verb *verb;

	if (argc < 2) {
		main_usage(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		main_usage(stdout);
		return EXIT_DONE;
	}
	verb = main_find(!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V") ? "version" :
			 argv[1]);
	if (!verb)
		return opt_usage(NULL, argv[1][0] == '-' ? "unknown option %s" :
				 "no such verb: '%s'", argv[1]);
	return verb->run(verb, argc - 1, argv + 1);
}

/*
 * Where a standard stream is closed, the next file that is opened would take its
 * place, and get what is printed. Let writing fail instead.
 */
static void main_streams(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
	}
}

int main(int argc, char **argv)
{
	int status;

	main_streams();
	/* A message is a line, whoever else writes there. */
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	/* Whatever the user's locale is, names are UTF-8 where they are text at all. */
	setlocale(LC_CTYPE, "C.UTF-8");
	/* A reader that goes away is seen where it is written to. */
	child_sigpipe = signal(SIGPIPE, SIG_IGN);

	status = main_run(argc, argv);
	if (fflush(stdout) && errno != EPIPE && status == EXIT_DONE) {
		fprintf(stderr, "vasmon-client: cannot write: %s\n", strerror(errno));
		status = EXIT_ERROR;
	}
	return status;
}
