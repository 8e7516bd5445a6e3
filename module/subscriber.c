// SPDX-License-Identifier: GPL-2.0-only
/* Who receives the events of a watch, how, and in which pid namespace. */
#include <linux/netlink.h>
#include <linux/pid_namespace.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "stalled.h"
#include "subscriber.h"
#include "throttle.h"

/* Twice the records with a stack that half of a ring has to hold: vasmon_subscriber_has_slack(). */
#define VASMON_SUBSCRIBER_SLACK 64

/* The index of a pid namespace among those of the subscribers, or -1. */
static int vasmon_subscriber_get_ns(struct vasmon_watch *watch, struct pid_namespace *ns)
{
	int i, slot = -1;

	raw_spin_lock(&watch->lock);
	for (i = 0; i < VASMON_RING_NS_MAX; i++) {
		if (watch->ns_users[i] && watch->ns[i] == ns)
			break;
		if (!watch->ns_users[i] && slot < 0)
			slot = i;
	}
	if (i < VASMON_RING_NS_MAX)
		slot = i;
	else if (slot >= 0)
		watch->ns[slot] = get_pid_ns(ns);
	if (slot >= 0) {
		watch->ns_users[slot]++;
		watch->nr_ns = max(watch->nr_ns, slot + 1U);
	}
	raw_spin_unlock(&watch->lock);
	return slot;
}

static void vasmon_subscriber_put_ns(struct vasmon_watch *watch, unsigned int slot)
{
	struct pid_namespace *ns = NULL;

	raw_spin_lock(&watch->lock);
	if (!--watch->ns_users[slot])
		swap(ns, watch->ns[slot]);
	while (watch->nr_ns && !watch->ns_users[watch->nr_ns - 1])
		watch->nr_ns--;
	raw_spin_unlock(&watch->lock);
	if (ns)
		put_pid_ns(ns);
}

/* What a subscriber wants, and others: more than both want is better than less. */
static void vasmon_subscriber_want(struct vasmon_chains *chains,
				   const struct vasmon_subscriber *sub)
{
	if (!sub->wishes.callchain || !sub->wishes.chain_causes)
		return;
	if (!chains->causes) {
		chains->tid = sub->wishes.chain_tid;
		chains->ns = sub->ns;
	} else if (chains->tid != sub->wishes.chain_tid || chains->ns != sub->ns) {
		chains->tid = 0;
	}
	chains->causes |= sub->wishes.chain_causes;
	chains->stack_size = max_t(unsigned int, chains->stack_size, sub->wishes.stack_size);
}

/* @gone is not in the list of subscribers, or no more. */
static void vasmon_subscriber_free(struct vasmon_watch *watch, struct vasmon_subscriber *gone)
{
	struct vasmon_chains chains = { };
	struct vasmon_subscriber *sub;

	lockdep_assert_held(&watch->mutex);
	list_for_each_entry(sub, &watch->subscribers, node)
		vasmon_subscriber_want(&chains, sub);
	raw_spin_lock(&watch->lock);
	watch->chains = chains;
	raw_spin_unlock(&watch->lock);
	vasmon_stalled_remove(gone);
	vasmon_subscriber_put_ns(watch, gone->ns);
	sock_put(gone->sk);
	put_pid(gone->pid);
	kfree(gone);
}

/**
 * vasmon_subscriber_remove - send it no more events
 * @watch: the watch
 * @sub: one of its subscribers; freed, with what it holds
 *
 * Threads that wait for it go on, unless there is another one to wait for.
 *
 * Context: may sleep; under the watch's mutex.
 */
void vasmon_subscriber_remove(struct vasmon_watch *watch, struct vasmon_subscriber *sub)
{
	lockdep_assert_held(&watch->mutex);
	list_del(&sub->node);
	watch->nr_subscribers--;
	vasmon_throttle_update(watch);
	vasmon_subscriber_free(watch, sub);
}

/* Is a process under the watch? */
static bool vasmon_subscriber_is_watched(struct vasmon_watch *watch, const struct pid *tgid)
{
	struct vasmon_space *space;
	bool found = false;

	raw_spin_lock(&watch->lock);
	list_for_each_entry(space, &watch->spaces, node)
		found |= space->tgid == tgid;
	raw_spin_unlock(&watch->lock);
	return found;
}

/*
 * Half of the ring is what threads can write before they wait for a lossless
 * subscriber. Records with a stack are long: is it enough for as many threads?
 */
static bool vasmon_subscriber_has_slack(struct vasmon_watch *watch,
					const struct vasmon_watch_request *request)
{
	unsigned long stack_size = watch->chains.stack_size;
	bool lossless = request->wishes.lossless;
	struct vasmon_subscriber *sub;

	lockdep_assert_held(&watch->mutex);
	/* Also one that is stopped, for whom nobody waits now. */
	list_for_each_entry(sub, &watch->subscribers, node)
		lossless |= sub->wishes.lossless && !sock_flag(sub->sk, SOCK_DEAD);
	/* Of no change it brings none, though it takes what others want. */
	if (request->wishes.chain_causes)
		stack_size = max_t(unsigned long, stack_size, request->wishes.stack_size);
	return !stack_size || !lossless ||
	       watch->ring.size >= VASMON_SUBSCRIBER_SLACK * (1024 + stack_size);
}

/**
 * vasmon_subscriber_add - send somebody the events from now on
 * @watch: the watch
 * @request: who, and how; a reference to the socket is taken
 * @extack: for an error
 *
 * Context: may sleep; in the asking task. Takes the watch's mutex.
 * Return: 0; -EINVAL: a process would wait for itself; -EOPNOTSUPP: none can wait
 * on this kernel; -ENOSPC: too many subscribers or pid namespaces, or too small a
 * ring; -EEXIST: the socket is one already; -ESRCH: the process has exited; -ENOMEM.
 */
int vasmon_subscriber_add(struct vasmon_watch *watch, const struct vasmon_watch_request *request,
			  struct netlink_ext_ack *extack)
{
	struct vasmon_subscriber *sub;
	int ns, err = 0;
	bool ended;

	mutex_lock(&watch->mutex);
	if (request->wishes.lossless && vasmon_subscriber_is_watched(watch, task_tgid(current))) {
		NL_SET_ERR_MSG(extack, "a process can not wait for itself: watch it without lossless");
		err = -EINVAL;
		goto out;
	}
	if (request->wishes.lossless && IS_ENABLED(CONFIG_PREEMPT_RT)) {
		NL_SET_ERR_MSG(extack, "no process can wait on a PREEMPT_RT kernel");
		err = -EOPNOTSUPP;
		goto out;
	}
	if (!vasmon_subscriber_has_slack(watch, request)) {
		NL_SET_ERR_MSG(extack,
			       "without loss, a stack needs a ring 64 times as large, and 64 KiB more");
		err = -ENOSPC;
		goto out;
	}
	list_for_each_entry(sub, &watch->subscribers, node) {
		if (sub->sk == request->sk) {
			NL_SET_ERR_MSG(extack, "this socket watches the process already");
			err = -EEXIST;
			goto out;
		}
	}
	if (watch->nr_subscribers >= VASMON_SUBSCRIBER_MAX) {
		NL_SET_ERR_MSG(extack, "the process has too many subscribers (256)");
		err = -ENOSPC;
		goto out;
	}
	sub = kzalloc(sizeof(*sub), GFP_KERNEL_ACCOUNT);
	if (!sub) {
		err = -ENOMEM;
		goto out;
	}
	ns = vasmon_subscriber_get_ns(watch, task_active_pid_ns(current));
	if (ns < 0) {
		kfree(sub);
		NL_SET_ERR_MSG(extack,
			       "the process has subscribers in too many pid namespaces (4)");
		err = -ENOSPC;
		goto out;
	}
	INIT_LIST_HEAD(&sub->stalled);
	sub->watch = watch;
	sub->ns = ns;
	sub->pid = get_pid(task_tgid(current));
	get_task_comm(sub->comm, current);
	sock_hold(request->sk);
	sub->sk = request->sk;
	sub->portid = request->portid;
	sub->wishes = request->wishes;
	raw_spin_lock(&watch->lock);
	vasmon_subscriber_want(&watch->chains, sub);
	sub->pos = watch->ring.head;
	sub->seq = watch->seq;
	ended = watch->ended;
	raw_spin_unlock(&watch->lock);
	if (ended) {
		/* It would wait for ever for an end that was told before it came. */
		vasmon_subscriber_free(watch, sub);
		NL_SET_ERR_MSG(extack, "the process has exited");
		err = -ESRCH;
		goto out;
	}
	list_add_tail(&sub->node, &watch->subscribers);
	watch->nr_subscribers++;
	vasmon_throttle_update(watch);
out:
	mutex_unlock(&watch->mutex);
	return err;
}
