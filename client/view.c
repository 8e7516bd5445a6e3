// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "report.h"
#include "utf8.h"
#include "view.h"

/* An option that says which events are shown. */
static enum opt_taken view_filter(struct view *v, int key, const char *value)
{
	struct filter *f = &v->filter;
	struct buf why = { 0 };
	uint64_t a, b;
	bool ok;

	switch (key) {
	case 'e':
		ok = filter_parse(f, value, &why);
		break;
	case OPT_TID:
		ok = filter_add_tids(f, value, &why);
		break;
	case OPT_PATH:
		ok = filter_add_path(f, value);
		break;
	case OPT_MIN_SIZE:
		if (!opt_parse_size(v->verb, value, &a))
			return OPT_WRONG;
		filter_add_size(f, a);
		return OPT_TAKEN;
	case OPT_RANGE:
		if (!opt_parse_range(v->verb, value, &a, &b))
			return OPT_WRONG;
		filter_add_range(f, a, b);
		return OPT_TAKEN;
	default:
		return OPT_FOREIGN;
	}
	if (!ok)
		opt_usage(v->verb, "%s", why.len ? buf_str(&why) : "out of memory");
	buf_free(&why);
	return ok ? OPT_TAKEN : OPT_WRONG;
}

/* An option that says what is shown, and how. */
enum opt_taken view_option(struct view *v, int key, const char *value)
{
	bool ok = true;

	switch (key) {
	case 'o':
		v->path = value;
		break;
	case 'q':
		v->quiet = true;
		break;
	case 'v':
		v->verbose = true;
		break;
	case 't':
		v->times = v->times == OUT_CLOCK ? OUT_CLOCK_US :
			   v->times == OUT_SINCE ? OUT_CLOCK : OUT_EPOCH;
		break;
	case 'r':
		v->times = OUT_RELATIVE;
		break;
	case OPT_NO_DEMANGLE:
		v->raw_names = true;
		break;
	case OPT_JSON:
		v->json = true;
		break;
	case OPT_COLOUR:
		ok = opt_parse_colour(v->verb, value, &v->colour);
		break;
	case OPT_COUNT:
		ok = opt_parse_count(v->verb, value, &v->limit);
		break;
	default:
		return view_filter(v, key, value);
	}
	return ok ? OPT_TAKEN : OPT_WRONG;
}

/**
 * view_open - open the output
 * @v: with its options
 * @fd: where to, if not into a file
 *
 * Addresses are secrets: a file that is made here is for its owner alone.
 *
 * Return: the exit status.
 */
int view_open(struct view *v, int fd)
{
	if (v->json && v->times != OUT_SINCE)
		return opt_usage(v->verb, "-t and -r are for text: JSON has the time as ts");
	if (v->path) {
		fd = open(v->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		if (fd < 0) {
			report(v->verb, "cannot write %s: %s\nChoose another file with -o.",
			       v->path, strerror(errno));
			return EXIT_ERROR;
		}
	}
	out_init(&v->out, fd, v->json, v->colour);
	v->out.times = v->times;
	v->out.verbose = v->verbose;
	v->out.owned = v->path;
	return EXIT_DONE;
}

void view_close(struct view *v)
{
	out_free(&v->out);
	filter_free(&v->filter);
}

static bool view_wants(const struct view *v, uint32_t pid)
{
	return !v->pid || v->pid == pid;
}

/* Only what was recorded for this is opened: with call chains. */
static int view_recorded(void *arg, uint32_t pid, const struct region *region)
{
	const struct view *v = arg;
	const struct recfile *file = recfiles_find(v->files, region);
	struct buf name = { 0 };
	int fd;

	(void)pid;
	/* Of what could not be read then nothing tells whether it is the same. */
	if (!file || (!file->size && !file->id_len))
		return -ENOENT;
	fd = recfile_open(file);
	if (fd < 0) {
		utf8_put_safe(&name, file->file.name);
		report(v->verb, "%s %s%s: its functions are not named", buf_str(&name),
		       fd == -ESTALE ? "is another file now than when it was recorded" :
		       "cannot be opened: ", fd == -ESTALE ? "" : strerror(-fd));
		buf_free(&name);
	}
	return fd;
}

/**
 * view_recording - what is shown is of a recording: its files are all that there is
 * @v: with its options
 * @known: nothing yet; to be freed before @files
 * @files: those that come in the recording
 */
void view_recording(struct view *v, struct known *known, const struct recfiles *files)
{
	known->open = view_recorded;
	known->arg = v;
	known->raw_names = v->raw_names;
	v->known = known;
	v->files = files;
}

const struct facts *view_facts(struct view *v, uint32_t pid, bool anew)
{
	if (!v->known || (v->files && !v->files->root))
		return NULL;
	if (anew)
		known_renew(v->known, pid);
	return known_facts(v->known, pid);
}

/* For call chains, while the files of the process are there. */
void view_code(struct view *v, const struct tracker_process *p)
{
	if (v->known)
		known_code(v->known, p->pid, &p->space);
}

void view_map(struct view *v, struct tracker *t, const struct tracker_process *p)
{
	/* Also where it is not shown: now is when to find out about the process. */
	struct scene scene = tracker_scene(t, p);

	if (!v->out.epoch)
		v->out.epoch = p->mm.time;
	if (v->quiet || !view_wants(v, p->pid))
		return;
	out_map(&v->out, &p->mm, &scene, NULL);
	if (!v->out.json)
		buf_putc(&v->out.buf, '\n');
}

void view_event(struct view *v, const struct out_event *e)
{
	if (!v->out.epoch)
		v->out.epoch = e->ev->time;
	if (!view_wants(v, e->pid) || view_is_full(v))
		return;
	if (v->known)
		known_thread(v->known, e->pid, e->ev->tid, e->ev->time);
	if (filter_wants(&v->filter, e)) {
		out_event(&v->out, e);
		/* Text shows what is in two events, or more, in one line. */
		v->shown += v->out.json ? !e->late : !e->deferred;
	}
	if (v->known && e->ev->cause == VASMON_CAUSE_EXIT)
		known_forget(v->known, e->pid);
}

void view_lost(struct view *v, const struct out_lost *lost)
{
	if (view_wants(v, lost->pid) && !view_is_full(v))
		out_lost(&v->out, lost);
}

/* Who follows the map by JSON needs it again; a reader of text has the difference. */
void view_healed(struct view *v, struct tracker *t, const struct tracker_process *p)
{
	struct scene scene;

	if (v->out.json && !v->quiet && view_wants(v, p->pid) && !view_is_full(v)) {
		scene = tracker_scene(t, p);
		out_map(&v->out, &p->mm, &scene, NULL);
	}
}
