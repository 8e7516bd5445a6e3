// SPDX-License-Identifier: GPL-2.0-only
#include "../show.h"
#include "cmd.h"

static int cmd_watch_run(const struct verb *verb, int argc, char **argv)
{
	struct show s = SHOW_INIT(verb);
	int first, status;

	status = opt_read(verb, argc, argv, show_option, &s, &first);
	if (status == OPT_GO) {
		status = live_pids(&s.live, argc - first, argv + first);
		if (status == EXIT_DONE)
			status = show_go(&s);
	}
	show_free(&s);
	return status;
}

const struct verb cmd_watch = {
	.name = "watch",
	.args = "PID...",
	.summary = "Print each change of a process's address space as it happens",
	.opts = show_opts,
	.details =
	"First comes the map as it is (see maps), then a line for each change: seconds\n"
	"since then, thread, request, and what became of it:\n"
	"\n"
	"  + new memory      - memory is gone      ~ changed      = the break moved\n"
	"\n"
	"with what became of the region, and sizes in bytes and in units of 1024. In\n"
	"parentheses is what a region is, as maps has it. The request is a system call\n"
	"as strace shows it, a page fault (a stack grew), exec, and so on. -v adds the\n"
	"regions before and after. Where events were lost, a line with ! says how many,\n"
	"and lines with 'coalesced' give the net difference. At the end 'missed' counts what\n"
	"was known to be lost when a map was read anew, and 'coalesced' all that is told by\n"
	"a net difference alone: lost, or overtaken by the new map.\n"
	"It ends when the processes have ended, or with Ctrl-C.\n"
	"\n"
	OPT_FILTER_HELP
	"\n"
	OPT_CALLCHAIN_HELP
	"\n"
	OPT_HOW_HELP
	"\n"
	"exit status: 0 done; 1 error, also if the module is unloaded; 2 wrong usage;\n"
	"42 no such process\n",
	.examples =
	"  vasmon-client watch 1234\n"
	"  vasmon-client watch -q -e grow,map --min-size 1M $(pidof node)\n"
	"  vasmon-client watch -q --duration 10 1234 1235\n"
	"  vasmon-client watch -q -k -p $(pidof server)\n"
	"  vasmon-client watch -f -q --lossless $(pidof sshd)\n"
	"  vasmon-client watch -q --json $(pidof node) | jq -c '.effects[]?.text'\n",
	.run = cmd_watch_run,
};
