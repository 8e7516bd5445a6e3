/* SPDX-License-Identifier: GPL-2.0-only */
/* What the unit tests of the client share. */
#ifndef VASMON_CHECK_H
#define VASMON_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "buf.h"
#include "model.h"

#define CHECK_PAGE	0x1000ull

/* The same numbers in every run. */
static inline uint64_t check_random(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return *state = x;
}

/* A region of anonymous memory; @perms as in "rw-p". */
static inline struct region check_region(uint64_t start, uint64_t end, const char *perms)
{
	struct region r = { .start = start, .end = end, .name = "" };

	r.prot |= strchr(perms, 'r') ? VASMON_PROT_READ : 0;
	r.prot |= strchr(perms, 'w') ? VASMON_PROT_WRITE : 0;
	r.prot |= strchr(perms, 'x') ? VASMON_PROT_EXEC : 0;
	r.prot |= strchr(perms, 's') ? VASMON_PROT_SHARED : 0;
	return r;
}

static inline struct region check_file(uint64_t start, uint64_t end, const char *perms,
				       uint64_t offset, const char *name)
{
	struct region r = check_region(start, end, perms);

	r.name_type = VASMON_NAME_TYPE_FILE;
	r.name = name;
	r.offset = offset;
	r.dev_major = 8;
	r.dev_minor = 1;
	r.inode = 4711;
	return r;
}

static inline void check_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in: %s", part, text);
}

static inline void check_lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("'%s' in: %s", part, text);
}

#endif
