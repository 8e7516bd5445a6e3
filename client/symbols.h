/* SPDX-License-Identifier: GPL-2.0-only */
/* Which function of a file an address is in, and where the registers of its caller are. */
#ifndef VASMON_SYMBOLS_H
#define VASMON_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

#include "unwind.h"

struct symbols;

/**
 * struct symbol - a function
 * @name: belongs to the file, or to struct symbols; any bytes
 * @offset: how far behind its beginning the address is
 * @framed: it begins by making a frame, so the chain of frame pointers has its caller
 */
struct symbol {
	const char *name;
	uint64_t offset;
	bool framed;
};

struct symbols *symbols_open(int fd, bool raw);
bool symbols_find(struct symbols *s, uint64_t addr, struct symbol *symbol);
enum unwind_step symbols_unwind(struct symbols *s, uint64_t addr, struct unwind *u);
void symbols_free(struct symbols *s);

#endif
