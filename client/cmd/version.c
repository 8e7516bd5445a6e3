// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
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
	int first, status, err;
	struct vnl nl;

	status = opt_read(verb, argc, argv, NULL, NULL, &first);
	if (status != OPT_GO)
		return status;
	if (first < argc)
		return opt_usage(verb, "takes no argument");

	printf("vasmon-client  %s\n", VASMON_CLIENT_VERSION);
	printf("client speaks  version %d of the protocol\n", VASMON_FAMILY_VERSION);
	err = vnl_open(&nl);
	cmd_version_module(&nl, err);
	if (fflush(stdout))
		status = report_output(verb, -errno);
	else if (err && err != -ENOENT)
		status = report_open(verb, &nl, err);
	else
		status = EXIT_DONE;
	vnl_close(&nl);
	return status;
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
