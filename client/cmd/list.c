// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../parse.h"
#include "../report.h"
#include "../view.h"
#include "cmd.h"

/* Watches come and go: a torn list is taken again, but not for ever. */
#define CMD_LIST_TRIES	16

struct cmd_list {
	struct watch_info *v;
	size_t n;
};

static void cmd_list_free(struct cmd_list *list)
{
	while (list->n)
		parse_watch_free(&list->v[--list->n]);
	free(list->v);
	*list = (struct cmd_list){ 0 };
}

/* More subscribers of a watch that began in an earlier message. */
static int cmd_list_join(struct watch_info *to, const struct watch_info *more)
{
	size_t n = to->n_subscribers + more->n_subscribers;
	struct subscriber *s;

	if (!more->n_subscribers)
		return 0;
	s = reallocarray(to->subscribers, n, sizeof(*s));
	if (!s)
		return -ENOMEM;
	memcpy(s + to->n_subscribers, more->subscribers,
	       more->n_subscribers * sizeof(*s));
	to->subscribers = s;
	to->n_subscribers = n;
	return 0;
}

static int cmd_list_add(void *arg, struct watch_info *info)
{
	struct cmd_list *list = arg;
	struct watch_info *v;

	if (list->n && list->v[list->n - 1].id == info->id)
		return cmd_list_join(&list->v[list->n - 1], info);
	v = reallocarray(list->v, list->n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	list->v = v;
	v[list->n++] = *info;
	*info = (struct watch_info){ 0 };
	return 0;
}

static int cmd_list_show(const struct verb *verb, struct view *view)
{
	struct cmd_list list = { 0 };
	struct vnl nl;
	int err, status, tries = 0;

	err = vnl_open(&nl);
	if (err) {
		status = report_open(verb, &nl, err);
		vnl_close(&nl);
		return status;
	}
	do {
		cmd_list_free(&list);
		err = vnl_watches(&nl, cmd_list_add, &list);
	} while (err == -EAGAIN && ++tries < CMD_LIST_TRIES);

	if (err == -EPERM) {
		report(verb, "%s\nThis needs the capability CAP_SYS_PTRACE: run it as root, for "
		       "example with sudo.", *nl.words ? nl.words : "not permitted");
		status = EXIT_ERROR;
	} else if (err == -ENODEV) {
		status = report_unloaded(verb);
	} else if (err) {
		report(verb, "cannot list the watches: %s%s%s", strerror(-err),
		       *nl.words ? ": " : "", nl.words);
		status = EXIT_ERROR;
	} else {
		status = view_open(view, STDOUT_FILENO);
		if (status == EXIT_DONE) {
			out_watches(&view->out, list.v, list.n);
			status = report_output(verb, out_flush(&view->out));
		}
	}
	cmd_list_free(&list);
	vnl_close(&nl);
	return status;
}

static enum opt_taken cmd_list_option(void *arg, int key, const char *value)
{
	return view_option(arg, key, value);
}

static int cmd_list_run(const struct verb *verb, int argc, char **argv)
{
	struct view view = VIEW_INIT(verb);
	int first, status;

	status = opt_read(verb, argc, argv, cmd_list_option, &view, &first);
	if (status != OPT_GO)
		return status;
	if (first < argc)
		return opt_usage(verb, "takes no argument");
	status = cmd_list_show(verb, &view);
	view_close(&view);
	return status;
}

static const struct opt cmd_list_opts[] = {
	OPT_OUTPUT_DECL,
	OPT_JSON_DECL,
	OPT_COLOUR_DECL,
	{ 0 },
};

const struct verb cmd_list = {
	.name = "list",
	.args = "",
	.summary = "Print who is watched, and by whom",
	.opts = cmd_list_opts,
	.details =
	"EVENTS counts the changes since the watch began, REGIONS the regions now; RING\n"
	"is what holds events until every subscriber has them, MEMORY all that the watch\n"
	"uses. Under each watch stands how many processes it follows (-f); how often the\n"
	"module compared a window of the map, a stack, or the whole map to find what\n"
	"changed; then its subscribers with what was sent to them, what they missed, being\n"
	"too slow, and how often a thread waited for them (--lossless).\n"
	"\n"
	"exit status: 0 done; 1 error; 2 wrong usage\n",
	.examples =
	"  vasmon-client list\n"
	"  vasmon-client list --json | jq .pid\n",
	.run = cmd_list_run,
};
