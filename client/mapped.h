/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VASMON_MAPPED_H
#define VASMON_MAPPED_H

#include "model.h"

int mapped_open(uint32_t pid, const struct region *r);
int mapped_open_path(const char *path);

#endif
