// SPDX-License-Identifier: GPL-2.0-only
#include <endian.h>
#include <stdbool.h>
#include <string.h>

#include "crc32.h"

/* Polynomial 0x04c11db7, its bits reversed. */
#define CRC32_POLYNOMIAL	0xedb88320u

/* Eight bytes at a time, each by a table of its own. */
static uint32_t crc32_table[8][256];
static bool crc32_ready;

static void crc32_make_table(void)
{
	uint32_t v;
	int i, k;

	for (i = 0; i < 256; i++) {
		v = (uint32_t)i;
		for (k = 0; k < 8; k++)
			v = v & 1 ? v >> 1 ^ CRC32_POLYNOMIAL : v >> 1;
		crc32_table[0][i] = v;
	}
	for (i = 0; i < 256; i++) {
		for (k = 1; k < 8; k++) {
			v = crc32_table[k - 1][i];
			crc32_table[k][i] = v >> 8 ^ crc32_table[0][v & 255];
		}
	}
	crc32_ready = true;
}

/**
 * crc32_of - checksum
 * @crc: 0, or that of the bytes before
 * @bytes: further bytes
 * @len: how many
 */
uint32_t crc32_of(uint32_t crc, const void *bytes, size_t len)
{
	const unsigned char *b = bytes;

	if (!crc32_ready)
		crc32_make_table();
	crc = ~crc;
	for (; len >= 8; len -= 8, b += 8) {
		uint32_t low, high;

		memcpy(&low, b, 4);
		memcpy(&high, b + 4, 4);
		low = le32toh(low) ^ crc;
		high = le32toh(high);
		crc = crc32_table[7][low & 255] ^ crc32_table[6][low >> 8 & 255] ^
		      crc32_table[5][low >> 16 & 255] ^ crc32_table[4][low >> 24] ^
		      crc32_table[3][high & 255] ^ crc32_table[2][high >> 8 & 255] ^
		      crc32_table[1][high >> 16 & 255] ^ crc32_table[0][high >> 24];
	}
	while (len--)
		crc = crc >> 8 ^ crc32_table[0][(crc ^ *b++) & 255];
	return ~crc;
}
