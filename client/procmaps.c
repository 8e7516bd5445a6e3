// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "label.h"
#include "procmaps.h"

/* 25 + sizeof(void *) * 6 - 1 of show_vma_header_prefix(), in a 64-bit kernel. */
#define PROCMAPS_WIDTH	72

void procmaps_perms(const struct region *r, char perms[5])
{
	perms[0] = r->prot & VASMON_PROT_READ ? 'r' : '-';
	perms[1] = r->prot & VASMON_PROT_WRITE ? 'w' : '-';
	perms[2] = r->prot & VASMON_PROT_EXEC ? 'x' : '-';
	perms[3] = r->prot & VASMON_PROT_SHARED ? 's' : 'p';
	perms[4] = '\0';
}

/**
 * procmaps_line - one line as show_map_vma() writes it
 * @b: appended to, newline included
 * @r: the region
 * @l: the layout it belongs to
 */
void procmaps_line(struct buf *b, const struct region *r, const struct layout *l)
{
	struct label label = label_of(r, l);
	size_t line = b->len;
	const char *c;
	char perms[5];

	procmaps_perms(r, perms);
	buf_hex(b, r->start, 8);
	buf_putc(b, '-');
	buf_hex(b, r->end, 8);
	buf_putc(b, ' ');
	buf_add(b, perms, 4);
	if (region_has_file(r)) {
		buf_putc(b, ' ');
		buf_hex(b, r->offset, 8);
		buf_putc(b, ' ');
		buf_hex(b, r->dev_major, 2);
		buf_putc(b, ':');
		buf_hex(b, r->dev_minor, 2);
		buf_putc(b, ' ');
		buf_dec(b, r->inode);
		buf_putc(b, ' ');
	} else {
		buf_puts(b, " 00000000 00:00 0 ");
	}

	if (label.kind != LABEL_NONE) {
		/* seq_pad() adds its character also where the width is reached. */
		buf_pad(b, line, PROCMAPS_WIDTH);
		buf_putc(b, ' ');
		buf_puts(b, label.before);
		for (c = label.name; *c; c++) {
			/* seq_path(m, path, "\n"): paths only, and no other byte. */
			if (*c == '\n' && label.kind == LABEL_FILE)
				buf_puts(b, "\\012");
			else
				buf_putc(b, *c);
		}
		buf_puts(b, label.after);
	}
	buf_putc(b, '\n');
}

/* How many regions a process may have here; 0 if that is unknown. */
uint64_t procmaps_limit(void)
{
	FILE *file = fopen("/proc/sys/vm/max_map_count", "re");
	unsigned long long limit = 0;

	if (file && fscanf(file, "%llu", &limit) != 1)
		limit = 0;
	if (file)
		fclose(file);
	return limit;
}
