// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "../nl.h"
#include "../report.h"
#include "cmd.h"

/* The words with a blank between them. */
static bool cmd_mark_join(char text[VASMON_MARK_MAX + 1], int argc, char **argv)
{
	size_t len = 0;
	int i;

	for (i = 0; i < argc; i++) {
		size_t more = strlen(argv[i]);

		if (len + !!i + more > VASMON_MARK_MAX)
			return false;
		if (i)
			text[len++] = ' ';
		memcpy(text + len, argv[i], more);
		len += more;
	}
	text[len] = '\0';
	return true;
}

static int cmd_mark_run(const struct verb *verb, int argc, char **argv)
{
	char text[VASMON_MARK_MAX + 1];
	int first, status, err;
	struct vnl nl;
	uint32_t pid;

	status = opt_read(verb, argc, argv, NULL, NULL, &first);
	if (status != OPT_GO)
		return status;
	if (argc - first < 2)
		return opt_usage(verb, "a PID and a TEXT are to be given");
	if (!opt_parse_pid(verb, argv[first], &pid))
		return EXIT_USAGE;
	if (!cmd_mark_join(text, argc - first - 1, argv + first + 1))
		return opt_usage(verb, "the text has more than %d bytes", VASMON_MARK_MAX);
	err = vnl_open(&nl);
	if (err) {
		status = report_open(verb, &nl, err);
	} else {
		err = vnl_mark(&nl, pid, text);
		status = err ? report_pid(verb, &nl, "cannot mark", pid, err) : EXIT_DONE;
	}
	vnl_close(&nl);
	return status;
}

#define CMD_MARK_WORD(x)	#x
#define CMD_MARK_NUMBER(x)	CMD_MARK_WORD(x)

const struct verb cmd_mark = {
	.name = "mark",
	.args = "PID TEXT...",
	.summary = "Put a text among the events of a process",
	.command = true,
	.details =
	"Whoever watches or records the process gets TEXT in its place among the changes, with\n"
	"its time. It has " CMD_MARK_NUMBER(VASMON_MARK_MAX) " bytes at most, and there are at "
	"most " CMD_MARK_NUMBER(VASMON_MARK_RATE) " marks a second.\n"
	"Control characters are shown as \\ and three octal digits. A program marks itself by\n"
	"writing a line to the file mark in debugfs:\n"
	"\n"
	"  echo 'cache filled' > /sys/kernel/debug/vasmon/mark\n"
	"\n"
	"exit status: 0 done; 1 error, also if nobody watches the process; 2 wrong usage;\n"
	"42 no such process\n",
	.examples =
	"  vasmon-client mark 1234 before the second request\n"
	"  vasmon-client mark $(pidof server) \"round $i\"\n",
	.run = cmd_mark_run,
};
