// SPDX-License-Identifier: GPL-2.0-only
/*
 * Subscribers whose sockets are full.
 *
 * A socket tells nobody but the protocol that it was read. So it is asked, again and
 * again: by one worker for all watches, which looks at nothing but the socket. A
 * client that is stopped, however many processes it watches, costs next to nothing.
 */
#include <linux/mutex.h>
#include <net/sock.h>

#include "main.h"
#include "stalled.h"

/* How soon to look again; later and later as long as no socket has room. */
#define VASMON_STALLED_MS 2U
#define VASMON_STALLED_MAX_MS 32U

static void vasmon_stalled_work(struct work_struct *work);

/* Guards what follows, and the members of subscribers that say so. Taken under a watch's mutex. */
static DEFINE_MUTEX(vasmon_stalled_mutex);
static LIST_HEAD(vasmon_stalled);
static unsigned int vasmon_stalled_ms;
static DECLARE_DELAYED_WORK(vasmon_stalled_worker, vasmon_stalled_work);

static bool vasmon_stalled_fits(const struct sock *sk, unsigned int used, unsigned int truesize)
{
	return !used || used + truesize <= READ_ONCE(sk->sk_rcvbuf);
}

/**
 * vasmon_stalled_room - could a socket take a datagram?
 * @sk: the socket; an empty one always can
 * @truesize: the datagram's
 *
 * Context: any.
 * Return: true if it could.
 */
bool vasmon_stalled_room(const struct sock *sk, unsigned int truesize)
{
	return vasmon_stalled_fits(sk, atomic_read(&sk->sk_rmem_alloc), truesize);
}

/*
 * Have those served that have room now. Each takes some of it, so that not all whose
 * socket is the same are woken for what only the first ones can use: they stand
 * together mostly, and who is woken and still has too little gets to the end.
 */
static void vasmon_stalled_work(struct work_struct *work)
{
	struct vasmon_subscriber *sub, *next;
	const struct sock *sk = NULL;
	unsigned int used = 0;
	bool woken = false;

	mutex_lock(&vasmon_stalled_mutex);
	list_for_each_entry_safe(sub, next, &vasmon_stalled, stalled) {
		cond_resched();
		if (sub->sk != sk) {
			sk = sub->sk;
			used = atomic_read(&sk->sk_rmem_alloc);
		}
		if (!vasmon_stalled_fits(sk, used, sub->truesize))
			continue;
		used += sub->truesize;
		list_del_init(&sub->stalled);
		mod_delayed_work(vasmon_wq, &sub->watch->deliver, 0);
		woken = true;
	}
	vasmon_stalled_ms = woken ? VASMON_STALLED_MS :
			    min(2 * vasmon_stalled_ms + VASMON_STALLED_MS, VASMON_STALLED_MAX_MS);
	if (!list_empty(&vasmon_stalled))
		queue_delayed_work(vasmon_wq, &vasmon_stalled_worker,
				   msecs_to_jiffies(vasmon_stalled_ms));
	mutex_unlock(&vasmon_stalled_mutex);
}

/**
 * vasmon_stalled_add - have a subscriber served once its socket has room
 * @sub: the subscriber
 * @truesize: of the datagram that is to have room
 *
 * Context: may sleep; under the mutex of the subscriber's watch.
 */
void vasmon_stalled_add(struct vasmon_subscriber *sub, unsigned int truesize)
{
	lockdep_assert_held(&sub->watch->mutex);
	mutex_lock(&vasmon_stalled_mutex);
	sub->truesize = truesize;
	if (list_empty(&sub->stalled)) {
		list_add_tail(&sub->stalled, &vasmon_stalled);
		/* It may be one that is read from quickly: do not put off what comes soon. */
		if (vasmon_stalled_ms > VASMON_STALLED_MS)
			mod_delayed_work(vasmon_wq, &vasmon_stalled_worker,
					 msecs_to_jiffies(VASMON_STALLED_MS));
		else
			queue_delayed_work(vasmon_wq, &vasmon_stalled_worker,
					   msecs_to_jiffies(VASMON_STALLED_MS));
		vasmon_stalled_ms = VASMON_STALLED_MS;
	}
	mutex_unlock(&vasmon_stalled_mutex);
}

/**
 * vasmon_stalled_remove - a subscriber is served, or goes
 * @sub: the subscriber; nothing that was here touches it or its watch any more
 *
 * Context: may sleep; under the mutex of the subscriber's watch.
 */
void vasmon_stalled_remove(struct vasmon_subscriber *sub)
{
	lockdep_assert_held(&sub->watch->mutex);
	mutex_lock(&vasmon_stalled_mutex);
	list_del_init(&sub->stalled);
	mutex_unlock(&vasmon_stalled_mutex);
}

/**
 * vasmon_stalled_exit - end the worker; no subscriber is left
 *
 * Context: may sleep.
 */
void vasmon_stalled_exit(void)
{
	WARN_ON(!list_empty(&vasmon_stalled));
	cancel_delayed_work_sync(&vasmon_stalled_worker);
}
