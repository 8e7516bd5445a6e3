/* SPDX-License-Identifier: GPL-2.0-only */
/* A map as a table for people. */
#ifndef VASMON_TABLE_H
#define VASMON_TABLE_H

#include "out.h"

void table_map(struct out *out, const struct mm *mm, const struct scene *scene,
	       const struct out_map *how);

#endif
