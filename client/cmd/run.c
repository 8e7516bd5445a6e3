// SPDX-License-Identifier: GPL-2.0-only
#include "../show.h"
#include "cmd.h"

static int cmd_run_run(const struct verb *verb, int argc, char **argv)
{
	struct show s = SHOW_INIT(verb);
	int first, status;

	status = opt_read(verb, argc, argv, show_option, &s, &first);
	if (status == OPT_GO && first == argc) {
		status = opt_usage(verb, "which command? It is missing");
	} else if (status == OPT_GO) {
		status = live_command(&s.live, argv + first);
		if (status == EXIT_DONE)
			status = show_go(&s);
	}
	show_free(&s);
	return status;
}

const struct verb cmd_run = {
	.name = "run",
	.args = "[--] COMMAND [ARG]...",
	.summary = "Run a command, and print each change of its address space",
	.opts = show_opts,
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
	"error, for example no module is loaded, or it is unloaded meanwhile; 2 wrong usage\n",
	.examples =
	"  vasmon-client run ls\n"
	"  vasmon-client run -q -e cause=brk,fault ./program\n"
	"  vasmon-client run -q -k -e map,grow ./program\n"
	"  vasmon-client run -o events.txt -- make -j4\n"
	"  vasmon-client run -f -q --json -o events.json -- ./server --port 8080\n",
	.run = cmd_run_run,
};
