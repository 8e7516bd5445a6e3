// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>

#include "cmd.h"

static int cmd_help_run(const struct verb *verb, int argc, char **argv)
{
	const struct verb *about;
	struct opt_parser p;
	int first;

	if (opt_begin(&p, verb, argc, argv))
		return EXIT_ERROR;
	first = opt_next(&p);
	if (first == OPT_HELP)
		opt_help(stdout, verb);
	if (first != OPT_END) {
		opt_end(&p);
		return first == OPT_ERROR ? EXIT_USAGE : EXIT_DONE;
	}
	first = opt_end(&p);
	if (first == argc) {
		main_usage(stdout);
		return EXIT_DONE;
	}
	if (argc - first > 1)
		return opt_usage(verb, "one verb at a time");
	about = main_find(argv[first]);
	if (!about)
		return opt_usage(NULL, "no such verb: '%s'", argv[first]);
	opt_help(stdout, about);
	return EXIT_DONE;
}

const struct verb cmd_help = {
	.name = "help",
	.args = "[VERB]",
	.summary = "Say what a verb does",
	.examples = "  vasmon-client help watch\n",
	.run = cmd_help_run,
};
