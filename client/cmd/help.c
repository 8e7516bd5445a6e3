// SPDX-License-Identifier: GPL-2.0-only
#include "cmd.h"

static int cmd_help_run(const struct verb *verb, int argc, char **argv)
{
	const struct verb *about;
	int first, status;

	status = opt_read(verb, argc, argv, NULL, NULL, &first);
	if (status != OPT_GO)
		return status;
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
