/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VASMON_PROC_H
#define VASMON_PROC_H

#include <stdbool.h>

bool proc_is_ours(void);

#endif
