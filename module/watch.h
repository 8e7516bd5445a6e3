/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VASMON_WATCH_H
#define _VASMON_WATCH_H

#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/mutex.h>
#include <linux/pid_namespace.h>
#include <linux/ratelimit.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <net/sock.h>

#include "ring.h"
#include "space.h"
#include "target.h"

/*
 * Locks, in the order in which they are taken:
 *
 *  vasmon_watch_mutex	list of watches; who subscribes to what
 *  watch->mutex	a watch's subscribers while they are served
 *  vasmon_stalled_mutex those whose sockets are full, of all watches
 *  mm->mmap_lock	of a watched address space
 *  watch->lock		(raw, no sleeping, no allocating) ring, seq, spaces and
 *			their shadows. Taken in probes with the mmap lock held
 *  capture's table lock (raw) changes of the tables; readers use RCU
 *
 * Lifetimes: a watch is freed by vasmon_watch_reap() once it is off the list,
 * its spaces unhashed, a grace period over and its work cancelled. A subscriber
 * holds a reference to its socket, and goes with the socket, by unwatch, or
 * with the watch; first of all from the list of those whose sockets are full,
 * out of which a watch's work may be queued.
 */

/* Bounds against a user who could ask for ever more. */
#define VASMON_WATCH_MAX 4096
#define VASMON_SUBSCRIBER_MAX 256

/**
 * struct vasmon_chains - what of call chains is wanted
 * @causes: mask of &enum vasmon_chain_cause: of which events; 0: none
 * @tid: of which thread, 0 for all
 * @ns: index of the pid namespace where that is its number
 * @stack_size: with so many bytes of the stack
 */
struct vasmon_chains {
	u32 causes;
	u32 tid;
	unsigned int ns;
	unsigned int stack_size;
};

/**
 * struct vasmon_wishes - how a subscriber wants its events
 * @lossless: let the process wait rather than lose some
 * @callchain: tell by which calls changes came about
 * @stack_size: bring so many bytes of the stack with that, a multiple of 8
 * @chain_causes: mask of &enum vasmon_chain_cause: which changes
 * @chain_tid: made by which thread of the asker's pid namespace, 0 for any
 */
struct vasmon_wishes {
	bool lossless;
	bool callchain;
	u16 stack_size;
	u32 chain_causes;
	u32 chain_tid;
};

/**
 * struct vasmon_subscriber - a socket that gets the events of a watch
 * @node: place in the watch's list
 * @watch: the watch, which outlives it
 * @sk: the socket; a reference is held
 * @portid: netlink port of the socket
 * @pid: who asked
 * @comm: who asked
 * @ns: index of its pid namespace among the watch's
 * @pos: its place in the ring
 * @seq: number of the last event that it had, or was told that it missed
 * @wishes: of whoever asked
 * @sent: events delivered
 * @lost: events missed
 * @overruns: how often
 * @stalled: place among those whose socket was full, see stalled.c; or empty
 * @truesize: of the datagram that had no room; the watch's worker sets it, under the
 *	mutex of stalled.c
 */
struct vasmon_subscriber {
	struct list_head node;
	struct vasmon_watch *watch;
	struct sock *sk;
	u32 portid;
	struct pid *pid;
	char comm[VASMON_COMM_LEN];
	unsigned int ns;
	u64 pos;
	u64 seq;
	struct vasmon_wishes wishes;
	u64 sent;
	u64 lost;
	u64 overruns;
	struct list_head stalled;
	unsigned int truesize;
};

/* How often what was compared, see struct vasmon_watch. */
enum vasmon_effort {
	VASMON_EFFORT_WINDOW,		/* the windows of a call */
	VASMON_EFFORT_STACK,		/* the stack of a thread */
	VASMON_EFFORT_FULL_CALL,	/* everything: the call is not known */
	VASMON_EFFORT_FULL_REMOTE,	/* everything: another process or the kernel did it */
	VASMON_EFFORT_FULL_TOTALS,	/* everything: after the windows the totals differed */
	VASMON_EFFORT_COUNT,
};

/* vasmon_watch.bits */
#define VASMON_WATCH_KICKED 0	/* the worker will look at the ring */
#define VASMON_WATCH_CLOSED 1	/* the worker shall not look again */

/**
 * struct vasmon_watch - a process under watch
 * @node: place in the list of watches; vasmon_watch_mutex
 * @refs: one for the list, one for each snapshot that keeps step with it
 * @id: its number
 * @tgid: the process
 * @follow: its children as well
 * @comm: name of its main thread when somebody last asked; under vasmon_watch_mutex
 * @lock: guards what follows up to @bits
 * @ring: events
 * @seq: number of the last one
 * @spaces: the process, and its children where they are followed
 * @nr_spaces: how many
 * @spare: for the next program or child, or NULL
 * @ended: all processes exited, the last event is in the ring
 * @ns: pid namespaces of the subscribers
 * @ns_users: how many subscribers each has
 * @nr_ns: up to which of these are in use
 * @effort: how often what was compared
 * @unfollowed: children that could not be followed for want of memory
 * @chains: at least what each subscriber wants
 * @marks: limits how many marks are taken
 * @lossless: how many subscribers the process waits for
 * @lossless_pos: place in the ring of the slowest of them
 * @waits: how often a thread waited
 * @room: where threads wait
 * @bits: VASMON_WATCH_*, atomic
 * @names: to be freed by the worker
 * @kick: wakes the worker from a probe
 * @linger: lets the worker look once more, so that a probe need not wake it
 * @deliver: the worker
 * @mutex: guards what follows
 * @subscribers: sockets
 * @nr_subscribers: how many
 * @linger_ns: how long the worker waits for more; 0 once nothing came meanwhile
 * @linger_seq: number of the last event when it last began to wait
 * @linger_pos: the same in bytes of the ring: @resolved
 * @resolved: place in the ring up to which names are resolved
 * @names_size: bytes of the names that records have, and of @names
 * @buf: records while they are encoded
 * @scratch: a datagram while it is filled
 * @section: what probes work with; under @lock
 */
struct vasmon_watch {
	struct list_head node;
	refcount_t refs;
	u32 id;
	struct pid *tgid;
	bool follow;
	char comm[VASMON_COMM_LEN];

	raw_spinlock_t lock;
	struct vasmon_ring ring;
	u64 seq;
	struct list_head spaces;
	unsigned int nr_spaces;
	struct vasmon_space *spare;
	bool ended;
	struct pid_namespace *ns[VASMON_RING_NS_MAX];
	unsigned int ns_users[VASMON_RING_NS_MAX];
	unsigned int nr_ns;
	u64 effort[VASMON_EFFORT_COUNT];
	u32 unfollowed;
	struct vasmon_chains chains;
	struct ratelimit_state marks;
	unsigned int lossless;
	u64 lossless_pos;

	atomic64_t waits;
	wait_queue_head_t room;
	unsigned long bits;
	struct llist_head names;
	struct irq_work kick;
	struct hrtimer linger;
	struct delayed_work deliver;

	struct mutex mutex;
	struct list_head subscribers;
	unsigned int nr_subscribers;
	u32 linger_ns;
	u64 linger_seq;
	u64 linger_pos;
	u64 resolved;
	size_t names_size;
	struct vasmon_record *buf;
	struct sk_buff *scratch;
	struct vasmon_section *section;
};

/**
 * struct vasmon_watch_info - what `list` shows of a watch
 * @id: its number
 * @pid: the process, in the asker's pid namespace
 * @comm: name of its main thread, the last that it had
 * @ring_size: bytes
 * @follow: are children followed?
 * @seq: number of the last event
 * @processes: how many
 * @regions: in the map as last reported
 * @memory: bytes
 * @effort: see struct vasmon_watch
 * @unfollowed: see struct vasmon_watch
 */
struct vasmon_watch_info {
	u32 id;
	u32 pid;
	char comm[VASMON_COMM_LEN];
	u32 ring_size;
	bool follow;
	u64 seq;
	u32 processes;
	u32 regions;
	u64 memory;
	u64 effort[VASMON_EFFORT_COUNT];
	u32 unfollowed;
};

struct netlink_ext_ack;

extern struct mutex vasmon_watch_mutex;
extern struct list_head vasmon_watches;

/**
 * struct vasmon_watch_request - how somebody wants to watch
 * @sk: the socket for the events
 * @portid: its netlink port
 * @ring_size: bytes, where this is the first subscriber; 0 for the default
 * @follow: watch children as well
 * @wishes: how the events are to come
 */
struct vasmon_watch_request {
	struct sock *sk;
	u32 portid;
	u32 ring_size;
	bool follow;
	struct vasmon_wishes wishes;
};

/**
 * struct vasmon_watch_process - what is told of a process of a watch
 * @tgid: the process; a reference is held
 * @regions: in its map as last reported
 * @stale: there is no such map now
 */
struct vasmon_watch_process {
	struct pid *tgid;
	u32 regions;
	bool stale;
};

int vasmon_watch_subscribe(const struct vasmon_target *target,
			   const struct vasmon_watch_request *request,
			   struct vasmon_watch_info *info, struct netlink_ext_ack *extack);
int vasmon_watch_unsubscribe(u32 id, struct sock *sk);
struct vasmon_watch *vasmon_watch_get(u32 id);
void vasmon_watch_put(struct vasmon_watch *watch);
void vasmon_watch_rebind(struct vasmon_watch *watch);
int vasmon_watch_processes(struct vasmon_watch *watch, struct vasmon_watch_process **processes,
			   unsigned int *n);
void vasmon_watch_info(struct vasmon_watch *watch, struct vasmon_watch_info *info);
void vasmon_watch_reap(void);
void vasmon_watch_kick_now(struct vasmon_watch *watch);
void vasmon_watch_queue_reap(void);

/**
 * vasmon_watch_kick - let the worker look at the ring
 * @watch: the watch
 *
 * Context: any; does not sleep.
 */
static inline void vasmon_watch_kick(struct vasmon_watch *watch)
{
	/* The record before the bit: pairs with vasmon_deliver_linger(). */
	smp_mb();
	if (!test_bit(VASMON_WATCH_KICKED, &watch->bits))
		vasmon_watch_kick_now(watch);
}

int vasmon_watch_init(void);
void vasmon_watch_exit(void);

#endif /* _VASMON_WATCH_H */
