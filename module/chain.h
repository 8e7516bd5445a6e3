/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_CHAIN_H
#define _VASMON_CHAIN_H

#include <linux/types.h>

unsigned int vasmon_chain_get(u64 *chain);
bool vasmon_chain_registers(u64 *registers);
unsigned int vasmon_chain_stack(char *stack, unsigned int size);

#endif /* _VASMON_CHAIN_H */
