// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../known.h"
#include "../parse.h"
#include "../procmaps.h"
#include "../report.h"
#include "../view.h"
#include "cmd.h"

/**
 * struct cmd_maps - one run of the verb
 * @raw: as /proc/PID/maps
 * @pages: count the pages as well
 * @how: what to show else
 * @view: where to
 */
struct cmd_maps {
	const struct verb *verb;
	uint32_t pid;
	bool raw;
	bool pages;
	struct out_map how;
	struct view view;
};

static int cmd_maps_raw(struct out *out, const struct space *space)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < space->n; i++) {
		procmaps_line(&out->buf, space_at(space, i), &space->layout);
		if (out->buf.len > OUT_FULL)
			err = out_flush(out);
	}
	return err;
}

static int cmd_maps_threads(void *arg, uint32_t pid, struct threads *to)
{
	return vnl_threads(arg, pid, to);
}

static int cmd_maps_print(struct cmd_maps *m, struct vnl *nl, const struct mm *mm,
			  const struct space *space)
{
	struct known known = { .threads = cmd_maps_threads, .arg = nl };
	struct out *out = &m->view.out;
	struct smaps pages = { 0 };
	struct scene scene;
	int err = 0, status;

	/* Only now: what the file had is not given up for nothing. */
	status = view_open(&m->view, STDOUT_FILENO);
	if (status != EXIT_DONE)
		return status;
	if (!m->raw)
		report_proc(m->verb);
	if (m->pages) {
		err = smaps_read(&pages, mm->pid);
		if (err) {
			report(m->verb, "cannot read /proc/%u/smaps: %s", mm->pid, strerror(-err));
			smaps_free(&pages);
			return EXIT_ERROR;
		}
		m->how.pages = &pages;
	}
	if (m->raw) {
		err = cmd_maps_raw(out, space);
	} else {
		m->how.max_map_count = procmaps_limit();
		scene = scene_before(space, &space->layout, known_facts(&known, mm->pid), mm->exe);
		out_map(out, mm, &scene, &m->how);
	}
	if (!err)
		err = out_flush(out);
	known_free(&known);
	smaps_free(&pages);
	/* NOLINTNEXTLINE(clang-analyzer-core.StackAddressEscape): @m is used up */
	return report_output(m->verb, err);
}

static int cmd_maps_show(struct cmd_maps *m)
{
	struct space space = { 0 };
	struct mm mm = { 0 };
	struct vnl nl;
	int err, status;

	err = vnl_open(&nl);
	if (err) {
		status = report_open(m->verb, &nl, err);
		vnl_close(&nl);
		return status;
	}
	err = vnl_map(&nl, m->pid, 0, &mm, &space, NULL, NULL);
	if (err)
		status = report_pid(m->verb, &nl, "cannot read the map of", m->pid, err);
	else
		status = cmd_maps_print(m, &nl, &mm, &space);
	parse_mm_free(&mm);
	space_free(&space);
	vnl_close(&nl);
	return status;
}

/* What excludes what. Return: EXIT_DONE if it can be done. */
static int cmd_maps_check(struct cmd_maps *m, int argc, char **argv)
{
	const struct out_map *how = &m->how;
	const struct verb *verb = m->verb;

	if (!argc)
		return opt_usage(verb, "which process? Its PID is missing");
	if (argc > 2)
		return opt_usage(verb, "one process and one address at a time: '%s'", argv[2]);
	if (!opt_parse_pid(verb, argv[0], &m->pid))
		return EXIT_USAGE;
	if (argc == 2 && !opt_parse_address(verb, argv[1], &m->how.address))
		return EXIT_USAGE;
	m->how.has_address = argc == 2;
	if (m->raw && (m->view.json || m->pages || how->gaps || how->summary || how->has_address))
		return opt_usage(verb, "--raw goes with nothing else");
	if (how->summary && (how->gaps || how->has_address))
		return opt_usage(verb, "--summary goes with neither --gaps nor an address");
	return EXIT_DONE;
}

static enum opt_taken cmd_maps_option(void *arg, int key, const char *value)
{
	struct cmd_maps *m = arg;

	switch (key) {
	case 'x':
		m->pages = true;
		break;
	case OPT_GAPS:
		m->how.gaps = true;
		break;
	case OPT_SUMMARY:
		m->how.summary = true;
		break;
	case OPT_RAW:
		m->raw = true;
		break;
	default:
		return view_option(&m->view, key, value);
	}
	return OPT_TAKEN;
}

static int cmd_maps_run(const struct verb *verb, int argc, char **argv)
{
	struct cmd_maps m = { .verb = verb, .view = VIEW_INIT(verb) };
	int first, status;

	status = opt_read(verb, argc, argv, cmd_maps_option, &m, &first);
	if (status != OPT_GO)
		return status;
	status = cmd_maps_check(&m, argc - first, argv + first);
	if (status == EXIT_DONE)
		status = cmd_maps_show(&m);
	view_close(&m.view);
	return status;
}

static const struct opt cmd_maps_opts[] = {
	{ 'x', "pages", NULL, "count resident, dirty and swapped pages as well" },
	{ OPT_GAPS, "gaps", NULL, "show what is between the regions, too" },
	{ OPT_SUMMARY, "summary", NULL, "sums by kind of region" },
	{ OPT_RAW, "raw", NULL, "exactly what /proc/PID/maps has, without [vsyscall]" },
	OPT_OUTPUT_DECL,
	OPT_JSON_DECL,
	OPT_COLOUR_DECL,
	{ 0 },
};

const struct verb cmd_maps = {
	.name = "maps",
	.args = "PID [ADDRESS]",
	.summary = "Print the address space of a process",
	.opts = cmd_maps_opts,
	.details =
	"The map is that of one moment, however many regions there are. Sizes are in\n"
	"bytes, and in units of 1024 beside them. OFFSET is where in the file a region\n"
	"begins, in hex. With an ADDRESS (in hex): the region that it is in, and those\n"
	"beside it.\n"
	"\n"
	"WHAT is the name that the kernel has for a region, and in parentheses what it\n"
	"is: for files, which sections of the program or library lie in it (.bss is\n"
	"memory behind them that no file has); whose stack, guard or thread-local memory\n"
	"(TLS) it is. What begins with 'guess:' is likely, the rest is known. W+X marks\n"
	"memory that can be both written and executed.\n"
	"\n"
	"-x walks the page tables of the process (/proc/PID/smaps): it is slow, and makes\n"
	"the process wait where it wants to change its map meanwhile. A region that was\n"
	"another one by then has '-'.\n"
	"\n"
	"Control characters in names are shown as \\ and three octal digits. On a terminal\n"
	"long names lose their beginning.\n"
	"\n"
	"exit status: 0 done; 1 error; 2 wrong usage; 42 no such process\n",
	.examples =
	"  vasmon-client maps 1234\n"
	"  vasmon-client maps 1234 7ffd1b2c3d40\n"
	"  vasmon-client maps --summary -x $(pidof firefox)\n"
	"  vasmon-client maps --raw 1234 | diff - /proc/1234/maps\n"
	"  vasmon-client maps --json 1234 | jq '.regions[] | select(.what.is == \"heap\")'\n",
	.run = cmd_maps_run,
};
