/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_NETLINK_H
#define _VASMON_NETLINK_H

#include <linux/skbuff.h>

struct genl_family;

extern struct genl_family vasmon_netlink_family;

void *vasmon_netlink_put_event_header(struct sk_buff *skb);
int vasmon_netlink_init(void);
void vasmon_netlink_exit(void);

#endif /* _VASMON_NETLINK_H */
