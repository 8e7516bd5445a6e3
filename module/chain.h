/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_CHAIN_H
#define _VASMON_CHAIN_H

#include <linux/types.h>

unsigned int vasmon_chain_get(u64 *chain);

#endif /* _VASMON_CHAIN_H */
