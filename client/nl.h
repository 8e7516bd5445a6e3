/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Transport: requests on one socket, events on another, so that a late event is
 * never taken for an answer; and news of the module on a third. The prefix nl_ is
 * that of libnl: here it is vnl_.
 */
#ifndef VASMON_NL_H
#define VASMON_NL_H

#include <netlink/attr.h>
#include <netlink/socket.h>

#include "facts.h"
#include "space.h"

struct vnl_backlog;

/**
 * struct vnl - connection to the module
 * @requests: requests, dumps and their answers
 * @events: subscribed, see vnl_watch()
 * @news: the kernel tells when a family goes
 * @family: number of the family
 * @version: version of the family
 * @words: what the kernel said about the last error, or ""
 * @rx: receive buffer of requests and news
 * @events_rx: receive buffer of events: while the events of a datagram are handed
 *	out, a request can be made
 * @backlog: events that came while an answer was waited for, oldest first
 */
struct vnl {
	struct nl_sock *requests;
	struct nl_sock *events;
	struct nl_sock *news;
	uint16_t family;
	uint32_t version;
	char words[256];
	unsigned char *rx;
	unsigned char *events_rx;
	struct vnl_backlog *backlog;
	struct vnl_backlog **backlog_end;
};

/* Bytes of the stack that come with a call chain: dlopen() needs some 3500. */
#define VNL_STACK_SIZE	(VASMON_STACK_MAX < 4096 ? VASMON_STACK_MAX : 4096)

/**
 * struct vnl_how - how to watch
 * @follow: the children that it forks as well
 * @lossless: the process waits where this program is too slow
 * @callchain: events tell by which calls they came about
 * @chain_causes: which events do: mask of enum vasmon_chain_cause, 0 for all
 * @chain_tid: those of which thread, 0 for all
 * @ring_size: bytes of the ring, 0 for the module's default
 */
struct vnl_how {
	bool follow;
	bool lossless;
	bool callchain;
	uint32_t chain_causes;
	uint32_t chain_tid;
	uint32_t ring_size;
};

typedef int (*vnl_part_fn)(void *arg, const struct nlattr *head, int len);
typedef int (*vnl_event_fn)(void *arg, const struct nlattr *head, int len);
typedef int (*vnl_watch_fn)(void *arg, struct watch_info *info);

int vnl_open(struct vnl *nl);
int vnl_open_events(struct vnl *nl);
void vnl_close(struct vnl *nl);
int vnl_read_events(struct vnl *nl, vnl_event_fn fn, void *arg);
int vnl_family_gone(struct vnl *nl);

/* request.c */
int vnl_map(struct vnl *nl, uint32_t pid, uint32_t watch_id, struct mm *mm, struct space *space,
	    vnl_part_fn part, void *part_arg);
int vnl_watch(struct vnl *nl, uint32_t pid, const struct vnl_how *how, struct watch_info *info);
int vnl_unwatch(struct vnl *nl, uint32_t id);
int vnl_threads(struct vnl *nl, uint32_t pid, struct threads *threads);
int vnl_processes(struct vnl *nl, uint32_t id, uint32_t **pids, size_t *n);
int vnl_mark(struct vnl *nl, uint32_t pid, const char *text);
int vnl_watches(struct vnl *nl, vnl_watch_fn fn, void *arg);

#endif
