// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "json_put.h"
#include "memo.h"
#include "utf8.h"

void json_put_word_rest(struct buf *b, const char *s)
{
	buf_puts(b, s);
	buf_add(b, "\",", 2);
}

void json_put_value_uint(struct buf *b, uint64_t v)
{
	buf_dec(b, v);
	buf_putc(b, ',');
}

void json_put_value_int(struct buf *b, int64_t v)
{
	if (v < 0)
		buf_putc(b, '-');
	json_put_value_uint(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void json_put_hex_rest(struct buf *b, uint64_t v)
{
	buf_hex(b, v, 1);
	buf_add(b, "\",", 2);
}

/* What comes one behind the other mostly has the second in common. */
void json_put_value_time(struct buf *b, uint64_t ns)
{
	static struct memo memo;
	const uint64_t second = ns / 1000000000;
	size_t at = b->len;

	if (!memo_put(&memo, &second, sizeof(second), b)) {
		buf_putc(b, '"');
		buf_dec(b, second);
		buf_putc(b, '.');
		memo_keep(&memo, &second, sizeof(second), b, at);
	}
	buf_dec_padded(b, ns % 1000000000, 9);
	buf_add(b, "\",", 2);
}

/* Each byte as two hex digits. */
void json_put_value_bytes(struct buf *b, const char *s)
{
	buf_putc(b, '"');
	for (; *s; s++)
		buf_hex(b, (unsigned char)*s, 2);
	buf_add(b, "\",", 2);
}

static bool json_put_is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* JSON has short forms for some; any other is \u and four hex digits. */
static void json_put_escape(struct buf *b, uint32_t code)
{
	static const char shorts[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	const char *c;

	for (c = shorts; *c; c += 2) {
		if ((unsigned char)*c != code)
			continue;
		buf_putc(b, '\\');
		buf_putc(b, c[1]);
		return;
	}
	buf_add(b, "\\u", 2);
	buf_hex(b, code, 4);
}

/*
 * DEL and the C1 controls (U+0080 to U+009F) may stand in JSON as they are, but a
 * terminal takes them for commands: they are escaped as well.
 */
static bool json_put_rest(struct buf *b, const char *s, size_t len)
{
	bool valid = true;
	uint32_t code;
	size_t n;

	for (; len; s += n, len -= n) {
		n = utf8_next(s, len, &code);
		if (!n) {
			buf_add(b, "\xef\xbf\xbd", 3);
			valid = false;
			n = 1;
		} else if (n > 1 ? code >= 0xa0 : json_put_is_plain((unsigned char)*s)) {
			buf_add(b, s, n);
		} else {
			json_put_escape(b, code);
		}
	}
	return valid;
}

/**
 * json_put_value - a string
 * @b: appended to
 * @s: the string
 *
 * Return: whether it was UTF-8; what was not is U+FFFD now.
 */
bool json_put_value(struct buf *b, const char *s)
{
	size_t len = strlen(s), plain = 0;
	bool valid = true;

	while (plain < len && json_put_is_plain((unsigned char)s[plain]))
		plain++;
	buf_putc(b, '"');
	buf_add(b, s, plain);
	if (plain < len)
		valid = json_put_rest(b, s + plain, len - plain);
	buf_add(b, "\",", 2);
	return valid;
}

/**
 * json_put_text_end - what was appended since json_put_text() becomes a string
 * @b: the text, which is harmless on a terminal
 * @began: where it begins
 */
void json_put_text_end(struct buf *b, size_t began)
{
	size_t len = b->len - began;
	struct buf text = { 0 };

	if (!b->failed && (memchr(b->s + began, '"', len) || memchr(b->s + began, '\\', len))) {
		buf_add(&text, b->s + began, len);
		b->len = began;
		json_put_rest(b, text.s, text.len);
		b->failed |= text.failed;
		buf_free(&text);
	}
	buf_add(b, "\",", 2);
}
