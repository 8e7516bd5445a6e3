// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

void buf_free(struct buf *b)
{
	free(b->s);
	*b = (struct buf){ 0 };
}

/* Forget the text, and that memory had run out; keep the room. */
void buf_reset(struct buf *b)
{
	b->len = 0;
	b->failed = false;
}

static bool buf_reserve(struct buf *b, size_t more)
{
	size_t room = b->room ? b->room : 256;
	char *s;

	if (b->failed)
		return false;
	if (more <= b->room - b->len)
		return true;
	while (room - b->len < more) {
		if (room > SIZE_MAX / 2)
			goto fail;
		room *= 2;
	}
	s = realloc(b->s, room);
	if (!s)
		goto fail;
	b->s = s;
	b->room = room;
	return true;
fail:
	b->failed = true;
	return false;
}

void buf_add(struct buf *b, const void *bytes, size_t len)
{
	if (!len || !buf_reserve(b, len))
		return;
	memcpy(b->s + b->len, bytes, len);
	b->len += len;
}

void buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_putc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->failed = true;
		return;
	}
	if (!buf_reserve(b, (size_t)n + 1))
		return;
	va_start(ap, fmt);
	vsnprintf(b->s + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

/* Numbers are most of a line of a map: printf would be most of its cost. */
void buf_hex(struct buf *b, uint64_t v, unsigned int min_digits)
{
	char digits[16];
	unsigned int n = 0;

	do {
		digits[sizeof(digits) - ++n] = "0123456789abcdef"[v & 15];
		v >>= 4;
	} while (n < sizeof(digits) && (v || n < min_digits));
	buf_add(b, digits + sizeof(digits) - n, n);
}

void buf_dec(struct buf *b, uint64_t v)
{
	char digits[20];
	unsigned int n = 0;

	do {
		digits[sizeof(digits) - ++n] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	buf_add(b, digits + sizeof(digits) - n, n);
}

/* Blanks until the text that began at @since is @width bytes long. */
void buf_pad(struct buf *b, size_t since, size_t width)
{
	size_t have = b->len - since;

	if (have >= width || !buf_reserve(b, width - have))
		return;
	memset(b->s + b->len, ' ', width - have);
	b->len += width - have;
}

/* The text as a string, valid until the next change; "" if memory ran out. */
const char *buf_str(struct buf *b)
{
	if (!buf_reserve(b, 1))
		return "";
	b->s[b->len] = '\0';
	return b->s;
}
