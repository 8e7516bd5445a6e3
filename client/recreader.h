/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads a recording. Safe on any bytes. */
#ifndef VASMON_RECREADER_H
#define VASMON_RECREADER_H

#include <stdbool.h>
#include <stddef.h>

#include "recording.h"

/**
 * enum recreader_state - how far it got
 * @RECREADER_GOOD: everything so far was whole
 * @RECREADER_TORN: the file ends within a frame
 * @RECREADER_DAMAGED: a frame is not what was written
 */
enum recreader_state {
	RECREADER_GOOD,
	RECREADER_TORN,
	RECREADER_DAMAGED,
};

/**
 * struct recreader - a recording that is read
 * @fd: the file; it need not be able to seek
 * @header: its header
 * @state: set where no further frame can be read
 * @offset: where in the file the next frame begins
 * @peeked: the next frame was looked at already
 * @v: window of the file
 * @at: the next frame in @v
 * @end: end of what was read into @v
 * @eof: nothing is to be read any more
 */
struct recreader {
	int fd;
	struct rec_header header;
	enum recreader_state state;
	uint64_t offset;
	bool peeked;
	unsigned char *v;
	size_t at;
	size_t end;
	size_t room;
	bool eof;
};

/* A frame; its bytes are there until the next one is taken. */
struct recreader_frame {
	uint32_t type;
	uint32_t len;
	const void *bytes;
};

/* Why a file cannot be read as a recording; see recreader_open(). */
#define RECREADER_EFOREIGN	1001	/* it is something else */
#define RECREADER_EORDER	1002	/* written on a machine of other byte order */
#define RECREADER_EVERSION	1003	/* of another version of this format */
#define RECREADER_ESHORT	1004	/* it ends within the header */
#define RECREADER_EDAMAGED	1005	/* the header is not what was written */
#define RECREADER_EEMPTY	1006	/* there is nothing in it */

int recreader_open(struct recreader *r, int fd);
int recreader_peek(struct recreader *r, struct recreader_frame *f);
void recreader_skip(struct recreader *r);
void recreader_free(struct recreader *r);

#endif
