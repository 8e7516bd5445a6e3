/* SPDX-License-Identifier: GPL-2.0-only */
/* Names come from strangers: any byte but zero may be in them. */
#ifndef VASMON_UTF8_H
#define VASMON_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

size_t utf8_next(const char *s, size_t len, uint32_t *code);
bool utf8_harmless(uint32_t code);
void utf8_put_safe(struct buf *b, const char *s);
size_t utf8_columns(const char *s, size_t len);
size_t utf8_fitting(const char *s, size_t len, size_t columns);

#endif
