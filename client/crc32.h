/* SPDX-License-Identifier: GPL-2.0-only */
/* The CRC-32 of zlib, PNG and Ethernet. */
#ifndef VASMON_CRC32_H
#define VASMON_CRC32_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32_of(uint32_t crc, const void *bytes, size_t len);

#endif
