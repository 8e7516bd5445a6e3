// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <wchar.h>

#include "utf8.h"

/**
 * utf8_next - decode one character
 * @s: the bytes
 * @len: how many there are, at least 1
 * @code: the character
 *
 * Overlong forms, surrogates and what is above U+10FFFF are not UTF-8.
 *
 * Return: its length, or 0 if the bytes are not UTF-8.
 */
size_t utf8_next(const char *s, size_t len, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)s;
	size_t n, i;

	if (p[0] < 0x80) {
		*code = p[0];
		return 1;
	} else if (p[0] >= 0xc2 && p[0] <= 0xdf) {
		n = 2;
	} else if (p[0] >= 0xe0 && p[0] <= 0xef) {
		n = 3;
	} else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
		n = 4;
	} else {
		return 0;
	}
	if (n > len)
		return 0;

	*code = p[0] & (0x7f >> n);
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (p[i] & 0x3f);
	}
	if (*code < least[n] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return n;
}

/*
 * Whether a terminal shows the character and does nothing else: no control
 * characters (C1 has one-character escape sequences), no line separators, and
 * none that are invisible or turn the direction of what follows.
 */
bool utf8_harmless(uint32_t code)
{
	if (code < 0x20 || (code >= 0x7f && code < 0xa0))
		return false;
	if (code == 0xad || code == 0x61c || code == 0x180e || code == 0xfeff)
		return false;
	if ((code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
	    (code >= 0x2060 && code <= 0x206f))
		return false;
	if ((code >= 0xe000 && code <= 0xf8ff) || (code >= 0xfff0 && code <= 0xfffb) ||
	    code >= 0xe0000)
		return false;
	return (code & 0xfffe) != 0xfffe;
}

/*
 * A name for a terminal: what is harmless as it is, every other byte, and the
 * backslash, as \ and three octal digits, as in /proc/mounts.
 */
void utf8_put_safe(struct buf *b, const char *s)
{
	size_t len = strlen(s), i, n, plain = 0;
	uint32_t code;

	while (plain < len && s[plain] >= 0x20 && s[plain] < 0x7f && s[plain] != '\\')
		plain++;
	buf_add(b, s, plain);
	for (s += plain, len -= plain; len; s += n, len -= n) {
		n = utf8_next(s, len, &code);
		if (n && code != '\\' && utf8_harmless(code)) {
			buf_add(b, s, n);
			continue;
		}
		if (!n)
			n = 1;
		for (i = 0; i < n; i++) {
			unsigned char c = (unsigned char)s[i];

			buf_putc(b, '\\');
			buf_putc(b, (char)('0' + (c >> 6)));
			buf_putc(b, (char)('0' + (c >> 3 & 7)));
			buf_putc(b, (char)('0' + (c & 7)));
		}
	}
}

/* Columns of one character; the program is in a locale whose wchar_t is Unicode. */
static size_t utf8_width(uint32_t code)
{
	int n = code < 0x7f ? 1 : wcwidth((wchar_t)code);

	return n >= 0 ? (size_t)n : 1;
}

/* How many columns a terminal needs for text that is safe. */
size_t utf8_columns(const char *s, size_t len)
{
	size_t columns = 0, n;
	uint32_t code;

	for (; len; s += n, len -= n) {
		n = utf8_next(s, len, &code);
		columns += n ? utf8_width(code) : 1;
		n = n ? n : 1;
	}
	return columns;
}

/* How many bytes of the text fit into so many columns. */
size_t utf8_fitting(const char *s, size_t len, size_t columns)
{
	size_t done = 0, n, width;
	uint32_t code;

	while (done < len) {
		n = utf8_next(s + done, len - done, &code);
		width = n ? utf8_width(code) : 1;
		if (width > columns)
			break;
		columns -= width;
		done += n ? n : 1;
	}
	return done;
}
