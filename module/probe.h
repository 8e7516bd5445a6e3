/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_PROBE_H
#define _VASMON_PROBE_H

#include <linux/types.h>

struct tracepoint;

/**
 * struct vasmon_probe - a function that a tracepoint calls
 * @name: the tracepoint's
 * @function: its first argument is NULL, the others are the tracepoint's
 * @tracepoint: found by name
 * @registered: is it called?
 */
struct vasmon_probe {
	const char *name;
	void *function;
	struct tracepoint *tracepoint;
	bool registered;
};

int vasmon_probe_register(struct vasmon_probe *probes, unsigned int n);
void vasmon_probe_unregister(struct vasmon_probe *probes, unsigned int n);

#endif /* _VASMON_PROBE_H */
