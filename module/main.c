// SPDX-License-Identifier: GPL-2.0-only
/* Start and end. Each step can be undone by the exit of the same name. */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/tracepoint.h>

#include "capture.h"
#include "debugfs.h"
#include "lifecycle.h"
#include "main.h"
#include "netlink.h"
#include "shadow.h"
#include "throttle.h"
#include "watch.h"

struct workqueue_struct *vasmon_wq;

static int __init vasmon_init(void)
{
	int err;

	vasmon_wq = alloc_workqueue("vasmon", WQ_UNBOUND, 0);
	if (!vasmon_wq)
		return -ENOMEM;
	err = vasmon_shadow_init();
	if (err)
		goto free_wq;
	err = vasmon_lifecycle_init();
	if (err)
		goto exit_debugfs;
	err = vasmon_debugfs_init();
	if (err)
		goto exit_lifecycle;
	err = vasmon_watch_init();
	if (err)
		goto exit_lifecycle;
	err = vasmon_netlink_init();
	if (err)
		goto exit_watch;
	return 0;

exit_watch:
	vasmon_watch_exit();
exit_lifecycle:
	vasmon_lifecycle_exit();
exit_debugfs:
	/* A probe may run yet, and have queued work. */
	tracepoint_synchronize_unregister();
	vasmon_debugfs_exit();
	vasmon_shadow_exit();
free_wq:
	destroy_workqueue(vasmon_wq);
	return err;
}

static void __exit vasmon_exit(void)
{
	vasmon_netlink_exit();
	vasmon_watch_exit();
	vasmon_lifecycle_exit();
	/* No probe runs from here on, nor queues anything. */
	tracepoint_synchronize_unregister();
	vasmon_throttle_exit();
	vasmon_debugfs_exit();
	/* Spaces that wait for a grace period become work, and that is done. */
	rcu_barrier();
	destroy_workqueue(vasmon_wq);
	vasmon_shadow_exit();
}

module_init(vasmon_init);
module_exit(vasmon_exit);
MODULE_AUTHOR("The vasmon developers");
MODULE_DESCRIPTION("Shows how a process's address space changes, as it changes");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
