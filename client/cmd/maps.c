// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <getopt.h>

#include "../out.h"
#include "../parse.h"
#include "../procmaps.h"
#include "../report.h"
#include "cmd.h"

static int cmd_maps_print(const struct verb *verb, struct out *out, const struct mm *mm,
			  const struct space *space, bool raw)
{
	size_t i;
	int err = 0;

	if (!raw)
		out_map(out, mm, space);
	for (i = 0; raw && !err && i < space->n; i++) {
		procmaps_line(&out->buf, space_at(space, i), &space->layout);
		if (out->buf.len > OUT_FULL)
			err = out_flush(out);
	}
	if (!err)
		err = out_flush(out);
	return report_output(verb, err);
}

static int cmd_maps_show(const struct verb *verb, uint32_t pid, bool raw, bool json,
			 enum out_colour colour)
{
	struct space space = { 0 };
	struct mm mm = { 0 };
	struct out out;
	struct vnl nl;
	int err, status;

	err = vnl_open(&nl);
	if (err) {
		status = report_open(verb, &nl, err);
		vnl_close(&nl);
		return status;
	}
	err = vnl_map(&nl, pid, 0, &mm, &space, NULL, NULL);
	if (err) {
		status = report_pid(verb, &nl, "cannot read the map of", pid, err);
	} else {
		out_init(&out, json, colour);
		status = cmd_maps_print(verb, &out, &mm, &space, raw);
		out_free(&out);
	}
	parse_mm_free(&mm);
	space_free(&space);
	vnl_close(&nl);
	return status;
}

static int cmd_maps_run(const struct verb *verb, int argc, char **argv)
{
	enum out_colour colour = OUT_COLOUR_AUTO;
	bool raw = false, json = false, ok = true;
	struct opt_parser p;
	uint32_t pid;
	int key, first;

	if (opt_begin(&p, verb, argc, argv))
		return EXIT_ERROR;
	while (ok && (key = opt_next(&p)) != OPT_END) {
		switch (key) {
		case OPT_RAW:
			raw = true;
			break;
		case OPT_JSON:
			json = true;
			break;
		case OPT_COLOUR:
			ok = opt_parse_colour(verb, optarg, &colour);
			break;
		case OPT_HELP:
			opt_help(stdout, verb);
			opt_end(&p);
			return EXIT_DONE;
		default:
			ok = false;
		}
	}
	first = opt_end(&p);
	if (!ok)
		return EXIT_USAGE;
	if (raw && json)
		return opt_usage(verb, "--raw and --json exclude each other");
	if (first == argc)
		return opt_usage(verb, "which process? Its PID is missing");
	if (argc - first > 1)
		return opt_usage(verb, "one process at a time: '%s'", argv[first + 1]);
	if (!opt_parse_pid(verb, argv[first], &pid))
		return EXIT_USAGE;
	return cmd_maps_show(verb, pid, raw, json, colour);
}

static const struct opt cmd_maps_opts[] = {
	{ OPT_RAW, "raw", NULL, "exactly what /proc/PID/maps has, without [vsyscall]" },
	OPT_JSON_DECL,
	OPT_COLOUR_DECL,
	{ 0 },
};

const struct verb cmd_maps = {
	.name = "maps",
	.args = "PID",
	.summary = "Print the address space of a process",
	.opts = cmd_maps_opts,
	.details =
	"The map is that of one moment, however many regions there are. Sizes are in\n"
	"bytes, and in units of 1024 beside them. W+X marks memory that can be both\n"
	"written and executed. OFFSET is where in the file a region begins, in hex.\n"
	"Control characters in names are shown as \\ and three octal digits.\n"
	"\n"
	"exit status: 0 done; 1 error; 2 wrong usage; 42 no such process\n",
	.examples =
	"  vasmon-client maps 1234\n"
	"  vasmon-client maps --raw 1234 | diff - /proc/1234/maps\n"
	"  vasmon-client maps --json 1234 | jq '.regions[] | select(.kind == \"heap\")'\n",
	.run = cmd_maps_run,
};
