/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A growing string. Running out of memory is remembered rather than returned,
 * so that a line can be put together without a check after each piece; look at
 * @failed once, before the text is used.
 */
#ifndef VASMON_BUF_H
#define VASMON_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
	char *s;	/* not zero-terminated, see buf_str() */
	size_t len;
	size_t room;
	bool failed;
};

void buf_free(struct buf *b);
void buf_reset(struct buf *b);
void buf_add_slowly(struct buf *b, const void *bytes, size_t len);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_hex(struct buf *b, uint64_t v, unsigned int min_digits);
unsigned int buf_dec_digits(uint64_t v);
void buf_dec(struct buf *b, uint64_t v);
void buf_dec_padded(struct buf *b, uint64_t v, unsigned int digits);
void buf_pad(struct buf *b, size_t since, size_t width);
const char *buf_str(struct buf *b);

/* A line is made of many small pieces: there is mostly room, and their length is known. */
static inline void buf_add(struct buf *b, const void *bytes, size_t len)
{
	if (b->room - b->len <= len) {
		buf_add_slowly(b, bytes, len);
		return;
	}
	/* Of nothing there may be no address. */
	if (len)
		memcpy(b->s + b->len, bytes, len);
	b->len += len;
}

static inline void buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

static inline void buf_putc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

#endif
