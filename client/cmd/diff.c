// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../difference.h"
#include "../mapfile.h"
#include "../moment.h"
#include "../nl.h"
#include "../parse.h"
#include "../report.h"
#include "../view.h"
#include "cmd.h"

/* A saved map is no larger: a million regions have some 300 MB of JSON. */
#define CMD_DIFF_FILE_MAX	(1u << 30)

/**
 * struct cmd_diff_side - one of the maps
 * @source: where from, as it was given
 * @pid: the process, for a recording
 * @plain: no more is known than /proc/PID/maps has
 */
struct cmd_diff_side {
	const char *source;
	uint32_t pid;
	struct mm mm;
	struct space space;
	bool plain;
};

struct cmd_diff {
	const struct verb *verb;
	struct view view;
	uint32_t pid;
};

/* --- Where a map comes from. */

static int cmd_diff_process(const struct verb *verb, struct cmd_diff_side *side)
{
	struct vnl nl;
	uint32_t pid;
	int err, status = EXIT_DONE;

	if (!opt_parse_pid(verb, side->source, &pid))
		return EXIT_USAGE;
	err = vnl_open(&nl);
	if (err) {
		status = report_open(verb, &nl, err);
	} else {
		err = vnl_map(&nl, pid, 0, &side->mm, &side->space, NULL, NULL);
		if (err)
			status = report_pid(verb, &nl, "cannot read the map of", pid, err);
	}
	vnl_close(&nl);
	return status;
}

static int cmd_diff_recording(const struct verb *verb, struct cmd_diff_side *side,
			      const char *path, const char *at)
{
	struct moment m = { .verb = verb, .path = path, .has_at = at, .pid = side->pid };
	int status;

	if (at && !opt_parse_seq(verb, at, &m.at))
		return EXIT_USAGE;
	status = moment_find(&m);
	if (m.found) {
		side->mm = m.mm;
		side->space = m.space;
		return EXIT_DONE;
	}
	moment_free(&m);
	return status == EXIT_DONE ? EXIT_ERROR : status;
}

/* Read a file as a whole. Return: 0 or an error. */
static int cmd_diff_slurp(int fd, struct buf *b)
{
	char part[65536];
	ssize_t n;

	while ((n = read(fd, part, sizeof(part)))) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (b->len + (size_t)n > CMD_DIFF_FILE_MAX)
			return -EFBIG;
		buf_add(b, part, (size_t)n);
	}
	return b->failed ? -ENOMEM : 0;
}

static int cmd_diff_saved(const struct verb *verb, struct cmd_diff_side *side, int fd,
			  const char *path)
{
	struct buf b = { 0 };
	int err;

	err = cmd_diff_slurp(fd, &b);
	if (!err)
		err = mapfile_read(b.s, b.len, &side->mm, &side->space, &side->plain);
	buf_free(&b);
	if (err == -EBADMSG)
		report(verb, "%s is no map: neither what maps --json prints, nor a copy of "
		       "/proc/PID/maps, nor a recording", path);
	else if (err)
		report(verb, "cannot read %s: %s", path, strerror(-err));
	return err ? EXIT_ERROR : EXIT_DONE;
}

static bool cmd_diff_is_recording(int fd)
{
	char magic[REC_MAGIC_LEN];

	return pread(fd, magic, sizeof(magic), 0) == sizeof(magic) &&
	       !memcmp(magic, REC_MAGIC, REC_MAGIC_LEN);
}

static int cmd_diff_file(const struct verb *verb, struct cmd_diff_side *side, const char *path,
			 const char *at)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), status;

	if (fd < 0) {
		report(verb, "cannot open %s: %s", path, strerror(errno));
		return EXIT_ERROR;
	}
	if (cmd_diff_is_recording(fd))
		status = cmd_diff_recording(verb, side, path, at);
	else if (at)
		status = opt_usage(verb, "%s is no recording: there is no @%s in it", path, at);
	else
		status = cmd_diff_saved(verb, side, fd, path);
	close(fd);
	return status;
}

/* A process id, a file, or FILE@SEQ where there is no file of that name. */
static int cmd_diff_read(const struct verb *verb, struct cmd_diff_side *side)
{
	const char *at = strrchr(side->source, '@');
	char *path;
	int status;

	if (!side->source[strspn(side->source, "0123456789")] && *side->source)
		return cmd_diff_process(verb, side);
	if (!at || !access(side->source, F_OK))
		return cmd_diff_file(verb, side, side->source, NULL);
	path = strndup(side->source, (size_t)(at - side->source));
	if (!path) {
		report(verb, "out of memory");
		return EXIT_ERROR;
	}
	status = cmd_diff_file(verb, side, path, at + 1);
	free(path);
	return status;
}

/* --- The command line. */

static int cmd_diff_go(struct cmd_diff *d, struct cmd_diff_side *from, struct cmd_diff_side *to)
{
	struct difference_side a = { from->source, &from->mm, &from->space };
	struct difference_side b = { to->source, &to->mm, &to->space };
	int status, err = 0;

	status = cmd_diff_read(d->verb, from);
	if (status == EXIT_DONE)
		status = cmd_diff_read(d->verb, to);
	if (status == EXIT_DONE)
		status = view_open(&d->view, STDOUT_FILENO);
	if (status != EXIT_DONE)
		return status;
	/* What only one of them tells cannot be compared. */
	if (from->plain || to->plain) {
		err = mapfile_make_plain(&from->space);
		if (!err)
			err = mapfile_make_plain(&to->space);
	}
	if (!err)
		err = difference_put(&d->view.out, &a, &b);
	if (!err)
		err = out_flush(&d->view.out);
	return report_output(d->verb, err);
}

static enum opt_taken cmd_diff_option(void *arg, int key, const char *value)
{
	struct cmd_diff *d = arg;

	if (key == OPT_PID)
		return opt_parse_pid(d->verb, value, &d->pid) ? OPT_TAKEN : OPT_WRONG;
	return view_option(&d->view, key, value);
}

static void cmd_diff_side_free(struct cmd_diff_side *side)
{
	parse_mm_free(&side->mm);
	space_free(&side->space);
}

static int cmd_diff_run(const struct verb *verb, int argc, char **argv)
{
	struct cmd_diff d = { .verb = verb, .view = VIEW_INIT(verb) };
	struct cmd_diff_side from = { 0 }, to = { 0 };
	int first, status;

	status = opt_read(verb, argc, argv, cmd_diff_option, &d, &first);
	if (status != OPT_GO)
		return status;
	if (argc - first != 2)
		return opt_usage(verb, "two maps are to be given, A and B, not %d", argc - first);
	from = (struct cmd_diff_side){ .source = argv[first], .pid = d.pid };
	to = (struct cmd_diff_side){ .source = argv[first + 1], .pid = d.pid };
	status = cmd_diff_go(&d, &from, &to);
	cmd_diff_side_free(&from);
	cmd_diff_side_free(&to);
	view_close(&d.view);
	return status;
}

static const struct opt cmd_diff_opts[] = {
	{ OPT_PID, "pid", "PID", "that process of a recording" },
	OPT_OUTPUT_DECL,
	OPT_JSON_DECL,
	OPT_COLOUR_DECL,
	{ 0 },
};

const struct verb cmd_diff = {
	.name = "diff",
	.args = "A B",
	.summary = "Print what differs between two maps",
	.opts = cmd_diff_opts,
	.details =
	"A and B are each one of\n"
	"\n"
	"  PID        a process, as it is now\n"
	"  FILE       what maps --json printed, or a copy of /proc/PID/maps\n"
	"  FILE       a recording: its end\n"
	"  FILE@SEQ   a recording: right after event SEQ\n"
	"\n"
	"A line for each difference, as watch has it for a change, with the same marks; then\n"
	"regions and bytes by kind. /proc/PID/maps tells neither the break nor the flags of\n"
	"a region: compared with it, these are left out.\n"
	"\n"
	"exit status: 0 done, whether there is a difference or not; 1 error; 2 wrong usage;\n"
	"42 no such process\n",
	.examples =
	"  vasmon-client maps --json 1234 > before; sleep 60; vasmon-client diff before 1234\n"
	"  vasmon-client diff server.vm@100 server.vm@2000\n"
	"  vasmon-client diff /proc/1234/maps 1234\n"
	"  vasmon-client diff --json a b | jq -e '.effects == []'\n",
	.run = cmd_diff_run,
};
