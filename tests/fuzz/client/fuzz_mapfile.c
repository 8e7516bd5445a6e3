// SPDX-License-Identifier: GPL-2.0-only
/*
 * A saved map: a copy of /proc/PID/maps, or JSON. What was read from a copy is
 * written, and read again: it is the same.
 */
#include "fuzz.h"
#include "mapfile.h"
#include "parse.h"
#include "procmaps.h"

static void text_of(const struct space *space, struct buf *b)
{
	size_t i;

	buf_reset(b);
	for (i = 0; i < space->n; i++)
		procmaps_line(b, space_at(space, i), &space->layout);
	FUZZ_HOLDS(!b->failed);
}

static void fuzz_again(const struct space *space)
{
	struct space again = { 0 };
	struct buf one = { 0 }, two = { 0 };
	struct mm mm = { 0 };
	bool plain;

	text_of(space, &one);
	FUZZ_HOLDS(!mapfile_read(buf_str(&one), one.len, &mm, &again, &plain) && plain);
	text_of(&again, &two);
	FUZZ_HOLDS(!strcmp(buf_str(&one), buf_str(&two)));
	buf_free(&one);
	buf_free(&two);
	space_free(&again);
	parse_mm_free(&mm);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size);
	struct space space = { 0 };
	struct mm mm = { 0 };
	bool plain;
	size_t i;

	if (!mapfile_read(text, size, &mm, &space, &plain)) {
		FUZZ_HOLDS(strnlen(mm.comm, sizeof(mm.comm)) < sizeof(mm.comm));
		for (i = 0; i < space.n; i++) {
			const struct region *r = space_at(&space, i);

			FUZZ_HOLDS(r->start < r->end);
			FUZZ_HOLDS(!i || space_at(&space, i - 1)->end <= r->start);
		}
		if (plain && space.n)
			fuzz_again(&space);
		mapfile_make_plain(&space);
	}
	space_free(&space);
	parse_mm_free(&mm);
	free(text);
	return 0;
}
