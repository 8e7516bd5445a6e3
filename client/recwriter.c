// SPDX-License-Identifier: GPL-2.0-only
#include <libdeflate.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include "recwriter.h"

/* What is written goes out by out_flush(); to nowhere where @fd is -1. */
void recwriter_init(struct recwriter *w, int fd)
{
	struct stat st;

	*w = (struct recwriter){ .out = { .fd = fd, .chunk = PIPE_BUF } };
	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode))
		w->out.chunk = SSIZE_MAX;
}

/* Begin the file; what is not for the caller to know is filled in. */
void recwriter_header(struct recwriter *w, const struct rec_header *given)
{
	struct rec_header h = *given;

	memcpy(h.magic, REC_MAGIC, REC_MAGIC_LEN);
	h.order = REC_ORDER;
	h.version = REC_VERSION;
	h.size = sizeof(h);
	h.pad = 0;
	h.crc = libdeflate_crc32(0, &h, offsetof(struct rec_header, crc));
	buf_add(&w->out.buf, &h, sizeof(h));
	w->bytes += sizeof(h);
}

/**
 * recwriter_frame - append a frame
 * @w: the recording
 * @type: what it is
 * @bytes: its content
 * @len: how many, REC_FRAME_MAX at most
 *
 * Running out of memory is told by out_flush().
 */
void recwriter_frame(struct recwriter *w, enum rec_type type, const void *bytes, size_t len)
{
	struct rec_frame f = { .type = type, .len = (uint32_t)len };
	static const char fill[8];

	f.crc = libdeflate_crc32(0, &f, offsetof(struct rec_frame, crc));
	/* To libdeflate, no bytes at NULL are a new beginning. */
	if (len)
		f.crc = libdeflate_crc32(f.crc, bytes, len);
	buf_add(&w->out.buf, &f, sizeof(f));
	buf_add(&w->out.buf, bytes, len);
	buf_add(&w->out.buf, fill, REC_ALIGN(len) - len);
	w->bytes += sizeof(f) + REC_ALIGN(len);
	w->events += type == REC_EVENT;
}

/* Append the frames that @from has gathered. */
void recwriter_append(struct recwriter *w, const struct recwriter *from)
{
	buf_add(&w->out.buf, from->out.buf.s, from->out.buf.len);
	w->out.buf.failed |= from->out.buf.failed;
	w->bytes += from->out.buf.len;
	w->events += from->events;
}

void recwriter_free(struct recwriter *w)
{
	out_free(&w->out);
}
