// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "json.h"
#include "out.h"
#include "table.h"
#include "text.h"

static bool out_wants_colour(enum out_colour colour, int fd)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (colour != OUT_COLOUR_AUTO)
		return colour == OUT_COLOUR_ALWAYS;
	if (no_color && *no_color)
		return false;
	return isatty(fd) && term && strcmp(term, "dumb");
}

/* So that a time since boot can be shown as a time of day. */
static uint64_t out_realtime(void)
{
	struct timespec real, boot;

	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	return (uint64_t)(real.tv_sec - boot.tv_sec) * 1000000000 +
	       (uint64_t)(real.tv_nsec - boot.tv_nsec);
}

void out_init(struct out *out, int fd, bool json, enum out_colour colour)
{
	struct winsize size;
	struct stat st;

	*out = (struct out){ .fd = fd, .json = json, .realtime = out_realtime() };
	out->colour = !json && out_wants_colour(colour, out->fd);
	if (!json && isatty(out->fd) && !ioctl(out->fd, TIOCGWINSZ, &size))
		out->width = size.ws_col;
	out->chunk = PIPE_BUF;
	if (!fstat(out->fd, &st) && S_ISREG(st.st_mode))
		out->chunk = SSIZE_MAX;
}

void out_free(struct out *out)
{
	buf_free(&out->buf);
	while (out->n_noted)
		free(out->noted[--out->n_noted]);
	free(out->noted);
	out->noted = NULL;
	if (out->owned)
		close(out->fd);
	out->owned = false;
}

/* Wait until somebody reads; a second signal means that nobody will. */
static int out_wait(struct out *out)
{
	struct pollfd p[2] = {
		{ .fd = out->fd, .events = POLLOUT },
		{ .fd = out->stop ? out->stop->fd : -1, .events = POLLIN },
	};

	for (;;) {
		if (poll(p, 2, -1) < 0) {
			if (errno != EINTR)
				return -errno;
			continue;
		}
		if (out->stop && p[1].revents) {
			stop_read(out->stop);
			if (out->stop->count > 1)
				return -EINTR;
		}
		if (p[0].revents)
			return 0;
	}
}

/**
 * out_flush - write what has gathered
 * @out: the output
 *
 * Return: 0; -EPIPE if the reader has gone; -EINTR if it does not read and the
 * user has asked twice to end; -ENOMEM if some text was lost for want of memory;
 * another error of write(2).
 */
int out_flush(struct out *out)
{
	size_t done = 0;
	int err = out->buf.failed ? -ENOMEM : 0;

	while (!err && done < out->buf.len) {
		size_t len = out->buf.len - done;
		ssize_t n;

		err = out_wait(out);
		if (err)
			break;
		n = write(out->fd, out->buf.s + done, len < out->chunk ? len : out->chunk);
		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR && errno != EAGAIN)
			err = -errno;
	}
	buf_reset(&out->buf);
	if (err)
		out->error = err;
	return err;
}

/**
 * out_map - a map
 * @out: where to
 * @mm: its head
 * @scene: its regions
 * @how: what to show of it, NULL for just that
 */
void out_map(struct out *out, const struct mm *mm, const struct scene *scene,
	     const struct out_map *how)
{
	static const struct out_map plain;

	if (out->json)
		json_map(&out->buf, mm, scene, how ? how : &plain);
	else
		table_map(out, mm, scene, how ? how : &plain);
}

void out_event(struct out *out, const struct out_event *e)
{
	if (out->json && !e->late)
		json_event(&out->buf, e);
	else if (!out->json)
		text_event(out, e);
}

void out_lost(struct out *out, const struct out_lost *lost)
{
	if (out->json)
		json_lost(&out->buf, lost);
	else
		text_lost(out, lost);
}

void out_watches(struct out *out, const struct watch_info *v, size_t n)
{
	if (out->json)
		json_watches(&out->buf, v, n);
	else
		text_watches(out, v, n);
}
