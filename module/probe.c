// SPDX-License-Identifier: GPL-2.0-only
/* Tracepoints are found by name, for most are not exported. */
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "probe.h"

static void vasmon_probe_match(struct tracepoint *tracepoint, void *data)
{
	struct vasmon_probe *probe = data;

	if (!strcmp(tracepoint->name, probe->name))
		probe->tracepoint = tracepoint;
}

/**
 * vasmon_probe_register - have probes called
 * @probes: the probes, registered in their order
 * @n: how many
 *
 * Context: may sleep.
 * Return: 0, -ENOENT if the kernel lacks a tracepoint, or what registering
 * failed with; none is registered then.
 */
int vasmon_probe_register(struct vasmon_probe *probes, unsigned int n)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < n && !err; i++) {
		if (!probes[i].tracepoint)
			for_each_kernel_tracepoint(vasmon_probe_match, &probes[i]);
		err = -ENOENT;
		if (probes[i].tracepoint)
			err = tracepoint_probe_register(probes[i].tracepoint, probes[i].function,
							NULL);
		probes[i].registered = !err;
		if (err)
			pr_err("vasmon: the tracepoint %s can not be used: %d\n", probes[i].name,
			       err);
	}
	if (err)
		vasmon_probe_unregister(probes, n);
	return err;
}

/**
 * vasmon_probe_unregister - have probes called no more
 * @probes: the probes
 * @n: how many
 *
 * Context: may sleep. They may still run until the caller has called
 * tracepoint_synchronize_unregister().
 */
void vasmon_probe_unregister(struct vasmon_probe *probes, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (probes[i].registered)
			tracepoint_probe_unregister(probes[i].tracepoint, probes[i].function,
						    NULL);
		probes[i].registered = false;
	}
}
