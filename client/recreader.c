// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recreader.h"

/* Frames are taken where they are read: at least the largest one fits. */
#define RECREADER_ROOM	(2u * (sizeof(struct rec_frame) + REC_FRAME_MAX))

/* A header of a later version can be longer, but not so long. */
#define RECREADER_HEADER_MAX	4096u

/* Have @need bytes in the window. Return: 1, 0 if the file ends before, an error. */
static int recreader_fill(struct recreader *r, size_t need)
{
	if (r->end - r->at >= need)
		return 1;
	/* All lengths are multiples of 8, so frames stay aligned. */
	memmove(r->v, r->v + r->at, r->end - r->at);
	r->end -= r->at;
	r->at = 0;
	while (r->end < need && !r->eof) {
		ssize_t n = read(r->fd, r->v + r->end, r->room - r->end);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		r->eof = !n;
		r->end += (size_t)n;
	}
	return r->end >= need;
}

static void recreader_pass(struct recreader *r, size_t len)
{
	r->at += len;
	r->offset += len;
}

static int recreader_header(struct recreader *r)
{
	struct rec_header *h = &r->header;
	uint32_t crc;
	int n;

	n = recreader_fill(r, sizeof(*h));
	if (n < 0)
		return n;
	if (!r->end)
		return -RECREADER_EEMPTY;
	if (memcmp(r->v, REC_MAGIC, r->end < REC_MAGIC_LEN ? r->end : REC_MAGIC_LEN))
		return -RECREADER_EFOREIGN;
	memcpy(h, r->v, r->end < sizeof(*h) ? r->end : sizeof(*h));
	if (r->end < offsetof(struct rec_header, version))
		return -RECREADER_ESHORT;
	if (h->order == __builtin_bswap32(REC_ORDER))
		return -RECREADER_EORDER;
	if (h->order != REC_ORDER)
		return -RECREADER_EDAMAGED;
	if (r->end < offsetof(struct rec_header, size))
		return -RECREADER_ESHORT;
	if (h->version != REC_VERSION)
		return -RECREADER_EVERSION;
	if (!n)
		return -RECREADER_ESHORT;
	crc = libdeflate_crc32(0, h, offsetof(struct rec_header, crc));
	if (crc != h->crc || h->size < sizeof(*h) || h->size > RECREADER_HEADER_MAX ||
	    h->size % 8)
		return -RECREADER_EDAMAGED;
	h->machine[sizeof(h->machine) - 1] = '\0';
	h->release[sizeof(h->release) - 1] = '\0';
	n = recreader_fill(r, h->size);
	if (n <= 0)
		return n ? n : -RECREADER_ESHORT;
	recreader_pass(r, h->size);
	return 0;
}

/**
 * recreader_open - begin to read
 * @r: overwritten; recreader_free() it, also after an error
 * @fd: the file
 *
 * Return: 0, a negative errno, or one of the RECREADER_E*, negative.
 */
int recreader_open(struct recreader *r, int fd)
{
	*r = (struct recreader){ .fd = fd, .room = RECREADER_ROOM };
	r->v = malloc(r->room);
	return r->v ? recreader_header(r) : -ENOMEM;
}

/**
 * recreader_peek - look at the next frame
 * @r: the recording
 * @f: overwritten
 *
 * Return: 1; 0 where there is no further one, @r->state then says why; an error
 * of read(2).
 */
int recreader_peek(struct recreader *r, struct recreader_frame *f)
{
	struct rec_frame head;
	uint32_t crc;
	int n;

	if (r->state != RECREADER_GOOD)
		return 0;
	n = recreader_fill(r, sizeof(head));
	if (n < 0)
		return n;
	if (!n) {
		if (r->end > r->at)
			r->state = RECREADER_TORN;
		return 0;
	}
	memcpy(&head, r->v + r->at, sizeof(head));
	if (head.len > REC_FRAME_MAX) {
		r->state = RECREADER_DAMAGED;
		return 0;
	}
	n = recreader_fill(r, sizeof(head) + REC_ALIGN(head.len));
	if (n <= 0) {
		r->state = n ? RECREADER_GOOD : RECREADER_TORN;
		return n;
	}
	f->type = head.type;
	f->len = head.len;
	f->bytes = r->v + r->at + sizeof(head);
	if (r->peeked)
		return 1;
	crc = libdeflate_crc32(0, &head, offsetof(struct rec_frame, crc));
	if (libdeflate_crc32(crc, f->bytes, f->len) != head.crc) {
		r->state = RECREADER_DAMAGED;
		return 0;
	}
	r->peeked = true;
	return 1;
}

/* Go on behind the frame that recreader_peek() has shown. */
void recreader_skip(struct recreader *r)
{
	struct rec_frame head;

	if (!r->peeked)
		return;
	memcpy(&head, r->v + r->at, sizeof(head));
	recreader_pass(r, sizeof(head) + REC_ALIGN(head.len));
	r->peeked = false;
}

void recreader_free(struct recreader *r)
{
	free(r->v);
	r->v = NULL;
}
