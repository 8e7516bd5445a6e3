/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines that are equal to those of /proc/PID/maps, byte for byte. */
#ifndef VASMON_PROCMAPS_H
#define VASMON_PROCMAPS_H

#include "buf.h"
#include "space.h"

void procmaps_line(struct buf *b, const struct region *r, const struct layout *l);
void procmaps_perms(const struct region *r, char perms[5]);
uint64_t procmaps_limit(void);

#endif
