/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes a recording. */
#ifndef VASMON_RECWRITER_H
#define VASMON_RECWRITER_H

#include "out.h"
#include "recording.h"

/**
 * struct recwriter - a recording that is written
 * @out: the file, and what is not yet written
 * @bytes: written, or in @out
 * @events: event frames
 */
struct recwriter {
	struct out out;
	uint64_t bytes;
	uint64_t events;
};

/* What has gathered so far is to be written when it is longer than this. */
#define RECWRITER_FULL	(256 * 1024)

void recwriter_init(struct recwriter *w, int fd);
void recwriter_header(struct recwriter *w, const struct rec_header *given);
void recwriter_frame(struct recwriter *w, enum rec_type type, const void *bytes, size_t len);
void recwriter_append(struct recwriter *w, const struct recwriter *from);
void recwriter_free(struct recwriter *w);

#endif
