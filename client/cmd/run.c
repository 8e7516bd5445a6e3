// SPDX-License-Identifier: GPL-2.0-only
#include "../show.h"
#include "cmd.h"

static int cmd_run_run(const struct verb *verb, int argc, char **argv)
{
	struct show s = SHOW_INIT(verb);
	int first, status;

	status = opt_read(verb, argc, argv, show_option, &s, &first);
	if (status != OPT_GO) {
		filter_free(&s.view.filter);
		return status;
	}
	if (first == argc)
		return opt_usage(verb, "which command? It is missing");
	status = live_command(&s.live, argv + first);
	if (status == EXIT_DONE)
		status = show_go(&s);
	show_free(&s);
	return status;
}

static const struct opt cmd_run_opts[] = {
	OPT_FOLLOW_DECL,
	OPT_CALLCHAIN_DECL,
	OPT_DURATION_DECL,
	OPT_LOSSLESS_DECL,
	OPT_RING_SIZE_DECL,
	OPT_OUTPUT_DECL,
	OPT_QUIET_DECL,
	OPT_VERBOSE_DECL,
	OPT_TIME_DECL,
	OPT_RELATIVE_DECL,
	OPT_JSON_DECL,
	OPT_COLOUR_DECL,
	OPT_COUNT_DECL,
	OPT_FILTER_DECL,
	OPT_MIN_SIZE_DECL,
	OPT_RANGE_DECL,
	OPT_TID_DECL,
	OPT_PATH_DECL,
	{ 0 },
};

const struct verb cmd_run = {
	.name = "run",
	.args = "[--] COMMAND [ARG]...",
	.summary = "Run a command, and print each change of its address space",
	.opts = cmd_run_opts,
	.command = true,
	.details =
	"The command is watched from its first instruction on: first comes the exec with the\n"
	"map that the program begins with, then what the loader and the program do, each\n"
	"as watch shows it (see there). Events go to standard error, or into a FILE;\n"
	"standard input and output are the command's alone. Signals that are sent to\n"
	"vasmon-client are passed on to it. Where a limit ends the watch, or nobody reads\n"
	"the events any more, the command goes on, and vasmon-client waits for it.\n"
	"\n"
	OPT_FILTER_HELP
	"\n"
	OPT_CALLCHAIN_HELP
	"\n"
	OPT_HOW_HELP
	"\n"
	"exit status: that of the command; where a signal ended it, the same one ends\n"
	"vasmon-client. 126 the command cannot be run; 127 it is not found; 1 another\n"
	"error, for example no module is loaded; 2 wrong usage\n",
	.examples =
	"  vasmon-client run ls\n"
	"  vasmon-client run -q -e cause=brk,fault ./program\n"
	"  vasmon-client run -o events.txt -- make -j4\n"
	"  vasmon-client run -f -q --json -o events.json -- ./server --port 8080\n",
	.run = cmd_run_run,
};
