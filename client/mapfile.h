/* SPDX-License-Identifier: GPL-2.0-only */
/* Maps that were saved: what maps --json printed, or a copy of /proc/PID/maps. Pure. */
#ifndef VASMON_MAPFILE_H
#define VASMON_MAPFILE_H

#include "space.h"

int mapfile_read(const char *text, size_t len, struct mm *mm, struct space *space, bool *plain);
int mapfile_make_plain(struct space *space);

#endif
