/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_SUBSCRIBER_H
#define _VASMON_SUBSCRIBER_H

#include "watch.h"

int vasmon_subscriber_add(struct vasmon_watch *watch, const struct vasmon_watch_request *request,
			  struct netlink_ext_ack *extack);
void vasmon_subscriber_remove(struct vasmon_watch *watch, struct vasmon_subscriber *sub);

#endif /* _VASMON_SUBSCRIBER_H */
