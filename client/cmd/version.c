// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "../report.h"
#include "cmd.h"

#define CMD_VERSION_FILE	"/sys/module/vasmon/version"

static void cmd_version_module(const struct vnl *nl, int err)
{
	char version[64] = "";
	FILE *f = fopen(CMD_VERSION_FILE, "re");

	if (f) {
		if (fgets(version, sizeof(version), f))
			version[strcspn(version, "\n")] = '\0';
		fclose(f);
	}
	if (err == -ENOENT)
		puts("module         not loaded");
	else
		printf("module         %s\n", *version ? version : "of unknown version");
	if (!err || err == -EPROTO)
		printf("module speaks  version %u of the protocol\n", nl->version);
}

static int cmd_version_run(const struct verb *verb, int argc, char **argv)
{
	struct opt_parser p;
	struct vnl nl;
	int key, err;

	if (opt_begin(&p, verb, argc, argv))
		return EXIT_ERROR;
	key = opt_next(&p);
	if (key == OPT_HELP)
		opt_help(stdout, verb);
	if (opt_end(&p) < argc && key == OPT_END)
		return opt_usage(verb, "takes no argument");
	if (key != OPT_END)
		return key == OPT_ERROR ? EXIT_USAGE : EXIT_DONE;

	printf("vasmon-client  %s\n", VASMON_CLIENT_VERSION);
	printf("client speaks  version %d of the protocol\n", VASMON_FAMILY_VERSION);
	err = vnl_open(&nl);
	cmd_version_module(&nl, err);
	if (fflush(stdout))
		err = report_output(verb, -errno);
	else if (err && err != -ENOENT)
		err = report_open(verb, &nl, err);
	else
		err = EXIT_DONE;
	vnl_close(&nl);
	return err;
}

const struct verb cmd_version = {
	.name = "version",
	.args = "",
	.summary = "Print the versions of this program and of the module",
	.details = "exit status: 0, also where no module is loaded; 1 if the module speaks\n"
		   "another version of the protocol; 2 wrong usage\n",
	.examples = "  vasmon-client version\n",
	.run = cmd_version_run,
};
