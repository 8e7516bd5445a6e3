// SPDX-License-Identifier: GPL-2.0-only
/*
 * The worker of a watch: from its ring to its subscribers' sockets.
 *
 * Events are put straight into the socket that asked for them, which is held
 * by reference. A look-up by port number could find another socket, one that
 * took the number of a closed one: it would get to see addresses.
 */
#include <linux/file.h>
#include <linux/slab.h>
#include <net/genetlink.h>

#include "capture.h"
#include "deliver.h"
#include "main.h"
#include "message.h"
#include "netlink.h"
#include "snapshot.h"
#include "throttle.h"
#include "watch.h"

/* How soon to look again at a socket that was full. */
#define VASMON_DELIVER_RETRY_MS 2U
#define VASMON_DELIVER_RETRY_MAX_MS 32U

/* How long the worker waits for more before the next event has to wake it. */
#define VASMON_DELIVER_LINGER_NS (100 * NSEC_PER_USEC)

/* Datagrams to one subscriber before the next one has its turn. */
#define VASMON_DELIVER_TURN 64

/* Return: the name, or NULL: no memory, or the path is too long. */
static struct vasmon_name *vasmon_deliver_name(const struct file *file)
{
	const struct inode *inode = file_user_inode(file);
	char *buf = kmalloc(VASMON_PATH_MAX, GFP_KERNEL | __GFP_NOWARN);
	struct vasmon_name *name = NULL;
	const char *path;
	size_t len;

	if (!buf)
		return NULL;
	path = vasmon_snapshot_path(file, buf);
	if (!path)
		goto out;
	len = strlen(path) + 1;
	name = kmalloc(struct_size(name, path, len), GFP_KERNEL_ACCOUNT);
	if (!name)
		goto out;
	refcount_set(&name->refs, 1);
	name->dev = inode->i_sb->s_dev;
	name->inode = inode->i_ino;
	memcpy(name->path, path, len);
out:
	kfree(buf);
	return name;
}

/*
 * Copy the record at a position and take references to what it names. Under
 * the watch's lock.
 */
static void vasmon_deliver_copy(struct vasmon_record *to, const struct vasmon_record *rec)
{
	unsigned int i;

	memcpy(to, rec, rec->size);
	for (i = 0; i < to->nr_new; i++) {
		struct vasmon_ring_region *r = &to->new[i];

		if (r->named && r->name)
			refcount_inc(&r->name->refs);
		else if (!r->named && r->file)
			get_file(r->file);
	}
}

/* Resolve the names of a copied record. Return: were there any? */
static bool vasmon_deliver_resolve(struct vasmon_record *rec)
{
	bool any = false;
	unsigned int i;

	for (i = 0; i < rec->nr_new; i++) {
		struct vasmon_ring_region *r = &rec->new[i];
		struct file *file = r->file;

		if (r->named || !file)
			continue;
		r->name = vasmon_deliver_name(file);
		r->named = true;
		fput(file);
		any = true;
	}
	return any;
}

/* Let the record in the ring have the names; it gives its files back. */
static void vasmon_deliver_store(struct vasmon_watch *watch, u64 pos, struct vasmon_record *rec)
{
	struct file *files[VASMON_RING_NEW_MAX];
	struct vasmon_record *in_ring;
	unsigned int i, n = 0;

	raw_spin_lock(&watch->lock);
	if (pos >= watch->ring.tail) {
		in_ring = vasmon_ring_read(&watch->ring, &pos);
		for (i = 0; i < rec->nr_new; i++) {
			struct vasmon_ring_region *r = &in_ring->new[i];

			if (r->named || !r->file)
				continue;
			files[n++] = r->file;
			r->name = rec->new[i].name;
			r->named = true;
			if (r->name)
				refcount_inc(&r->name->refs);
		}
	}
	raw_spin_unlock(&watch->lock);
	while (n)
		fput(files[--n]);
}

/*
 * Resolve the names of all new records at once, so that a slow subscriber does
 * not keep files open that the process has unmapped. What is written meanwhile
 * has to wait: the process may be faster.
 */
static void vasmon_deliver_names(struct vasmon_watch *watch)
{
	u64 pos = watch->resolved, end = U64_MAX;
	struct vasmon_record *rec;

	for (;;) {
		raw_spin_lock(&watch->lock);
		end = min(end, watch->ring.head);
		pos = max(pos, watch->ring.tail);
		rec = pos < end ? vasmon_ring_read(&watch->ring, &pos) : NULL;
		if (rec)
			vasmon_deliver_copy(watch->buf, rec);
		raw_spin_unlock(&watch->lock);
		if (!rec)
			break;
		if (vasmon_deliver_resolve(watch->buf))
			vasmon_deliver_store(watch, pos, watch->buf);
		vasmon_record_put(watch->buf, &watch->names);
		pos += watch->buf->size;
		cond_resched();
	}
	WRITE_ONCE(watch->resolved, pos);
}

/*
 * The next record of a subscriber, copied to watch->buf. Return: false at the
 * head. *@lost: it was overrun by so many, and is now at the head.
 */
static bool vasmon_deliver_read(struct vasmon_watch *watch, struct vasmon_subscriber *sub,
				u64 *lost)
{
	struct vasmon_record *rec = NULL;

	*lost = 0;
	raw_spin_lock(&watch->lock);
	if (sub->pos < watch->ring.tail) {
		/*
		 * It has to dump the map anyhow; what is left in the ring is
		 * older than that, so skip it as well.
		 */
		*lost = watch->seq - sub->seq;
		sub->seq = watch->seq;
		sub->pos = watch->ring.head;
	} else {
		rec = vasmon_ring_read(&watch->ring, &sub->pos);
		/* A name that came later: the next run resolves it first. */
		if (rec && sub->pos >= watch->resolved)
			rec = NULL;
		if (rec)
			vasmon_deliver_copy(watch->buf, rec);
	}
	raw_spin_unlock(&watch->lock);
	return rec;
}

/* An event as a message in a datagram. Return: 0, or -EMSGSIZE: no room. */
static int vasmon_deliver_put(struct sk_buff *skb, struct vasmon_watch *watch,
			      struct vasmon_subscriber *sub, u64 lost)
{
	void *header = vasmon_netlink_put_event_header(skb);
	int err = -EMSGSIZE;

	if (!header)
		return err;
	if (lost)
		err = vasmon_message_put_overrun(skb, watch->id,
						 pid_nr_ns(watch->tgid, watch->ns[sub->ns]),
						 sub->seq, lost);
	else
		err = vasmon_message_put_event(skb, watch->id, watch->buf, sub);
	if (err)
		genlmsg_cancel(skb, header);
	else
		genlmsg_end(skb, header);
	return err;
}

static int vasmon_deliver_put_incomplete(struct sk_buff *skb, struct vasmon_watch *watch,
					 struct vasmon_subscriber *sub)
{
	unsigned int nr_new = watch->buf->nr_new, nr_old = watch->buf->nr_old;
	int err;

	watch->buf->nr_new = 0;
	watch->buf->nr_old = 0;
	watch->buf->flags |= VASMON_EVENT_FLAG_INCOMPLETE;
	err = vasmon_deliver_put(skb, watch, sub, 0);
	watch->buf->nr_new = nr_new;
	watch->buf->nr_old = nr_old;
	return err;
}

/* Fill a datagram with the next events. Return: true if it tells anything. */
static bool vasmon_deliver_fill(struct vasmon_watch *watch, struct vasmon_subscriber *sub,
				struct sk_buff *skb)
{
	u64 pos = sub->pos, seq = sub->seq, lost;

	while (vasmon_deliver_read(watch, sub, &lost)) {
		int err = vasmon_deliver_put(skb, watch, sub, 0);

		/* Too long for any datagram: rather the map than the stack. */
		if (unlikely(err && !skb->len)) {
			watch->buf->stack_size = 0;
			err = vasmon_deliver_put(skb, watch, sub, 0);
		}
		if (unlikely(err && !skb->len))
			err = vasmon_deliver_put_incomplete(skb, watch, sub);
		vasmon_record_put(watch->buf, &watch->names);
		if (err)
			return true;
		sub->pos += watch->buf->size;
		sub->seq = watch->buf->seq;
		sub->sent++;
		pos = sub->pos;
		seq = sub->seq;
	}
	if (lost && vasmon_deliver_put(skb, watch, sub, lost)) {
		/* No room to say so: the next datagram begins with it. */
		sub->pos = pos;
		sub->seq = seq;
	} else if (lost) {
		sub->lost += lost;
		sub->overruns++;
	}
	return skb->len;
}

/* Could a socket take a datagram of that size? An empty one always can. */
static bool vasmon_deliver_room(const struct sock *sk, unsigned int truesize)
{
	unsigned int used = atomic_read(&sk->sk_rmem_alloc);

	return !used || used + truesize <= READ_ONCE(sk->sk_rcvbuf);
}

/*
 * Put what @scratch holds into the socket, in a buffer of its size. Return: 0;
 * -EAGAIN if it is full, or memory is short; another error if it will not have
 * it: a filter of its own.
 */
static int vasmon_deliver_send(struct sock *sk, const struct sk_buff *scratch)
{
	struct sk_buff *skb = alloc_skb(scratch->len, GFP_KERNEL | __GFP_NOWARN);
	int err = -EAGAIN;

	if (!skb)
		return err;
	skb_put_data(skb, scratch->data, scratch->len);
	if (vasmon_deliver_room(sk, skb->truesize)) {
		err = sock_queue_rcv_skb(sk, skb);
		if (err == -ENOMEM || err == -ENOBUFS)
			err = -EAGAIN;
	}
	if (err)
		kfree_skb(skb);
	return err;
}

/* Serve a subscriber. Return: true if its socket is full, or memory short. */
static bool vasmon_deliver_to(struct vasmon_watch *watch, struct vasmon_subscriber *sub)
{
	struct sk_buff *scratch = watch->scratch;
	struct vasmon_subscriber before;
	unsigned int turn;
	int err;

	for (turn = 0; turn < VASMON_DELIVER_TURN; turn++) {
		if (sock_flag(sub->sk, SOCK_DEAD))
			return false;
		if (!vasmon_deliver_room(sub->sk, SKB_TRUESIZE(NLMSG_HDRLEN)))
			return true;
		before = *sub;
		skb_trim(scratch, 0);
		if (!vasmon_deliver_fill(watch, sub, scratch))
			return false;
		err = vasmon_deliver_send(sub->sk, scratch);
		if (err) {
			/* Nothing was told: count as before. */
			sub->sent = before.sent;
			sub->lost = before.lost;
			sub->overruns = before.overruns;
		}
		if (err == -EAGAIN) {
			sub->pos = before.pos;
			sub->seq = before.seq;
			return true;
		}
		if (err)
			sub->lost += sub->seq - before.seq;
		cond_resched();
	}
	/* The others first, then at once again. */
	mod_delayed_work(vasmon_wq, &watch->deliver, 0);
	return false;
}

/* The space that lacks spare nodes most, and how many. Under the watch's lock. */
static struct vasmon_space *vasmon_deliver_poorest(struct vasmon_watch *watch,
						   unsigned long *lacks)
{
	struct vasmon_space *space, *poorest = NULL;

	*lacks = VASMON_SPACE_SPARES / 2;
	list_for_each_entry(space, &watch->spaces, node) {
		unsigned long want = VASMON_SPACE_SPARES;

		if (space->stale && !space->guest)
			want += READ_ONCE(space->mm->map_count);
		if (want > space->shadow.spares + *lacks) {
			*lacks = want - space->shadow.spares;
			poorest = space;
		}
	}
	return poorest;
}

/* Have ready what probes can not allocate. What can not be had now waits for the next run. */
static void vasmon_deliver_refill(struct vasmon_watch *watch)
{
	struct vasmon_space *spare = NULL, *space;
	struct vasmon_shadow fresh = { };
	unsigned long lacks;

	if (!READ_ONCE(watch->spare))
		spare = vasmon_space_alloc(GFP_KERNEL_ACCOUNT);
	raw_spin_lock(&watch->lock);
	if (!watch->spare)
		swap(watch->spare, spare);
	space = vasmon_deliver_poorest(watch, &lacks);
	raw_spin_unlock(&watch->lock);
	vasmon_space_free(spare);
	if (!space)
		return;
	vasmon_shadow_reserve(&fresh, lacks, GFP_KERNEL_ACCOUNT);
	/* It may have retired meanwhile; whichever lacks most now gets them. */
	raw_spin_lock(&watch->lock);
	space = vasmon_deliver_poorest(watch, &lacks);
	if (space)
		vasmon_shadow_give(&space->shadow, &fresh);
	raw_spin_unlock(&watch->lock);
	vasmon_shadow_free(&fresh);
}

/**
 * vasmon_deliver_linger - let the worker look again if there is anything new
 * @timer: the watch's linger
 *
 * While a process changes its map at high rate, this saves it from waking the
 * worker for each event. Once nothing new came, the next event wakes it.
 *
 * Context: interrupt.
 * Return: HRTIMER_NORESTART.
 */
enum hrtimer_restart vasmon_deliver_linger(struct hrtimer *timer)
{
	struct vasmon_watch *watch = container_of(timer, struct vasmon_watch, linger);

	if (READ_ONCE(watch->ring.head) == READ_ONCE(watch->resolved)) {
		clear_bit(VASMON_WATCH_KICKED, &watch->bits);
		/* The bit before the ring: pairs with vasmon_watch_kick(). */
		smp_mb__after_atomic();
		if (READ_ONCE(watch->ring.head) == READ_ONCE(watch->resolved) ||
		    test_and_set_bit(VASMON_WATCH_KICKED, &watch->bits))
			return HRTIMER_NORESTART;
	}
	mod_delayed_work(vasmon_wq, &watch->deliver, 0);
	return HRTIMER_NORESTART;
}

/**
 * vasmon_deliver_work - bring a watch's events to its subscribers
 * @work: the watch's deliver.work
 *
 * Context: may sleep. Takes the watch's mutex.
 */
void vasmon_deliver_work(struct work_struct *work)
{
	struct vasmon_watch *watch = container_of(to_delayed_work(work), struct vasmon_watch,
						  deliver);
	struct vasmon_subscriber *sub;
	bool full = false, ended;

	mutex_lock(&watch->mutex);
	vasmon_watch_rebind(watch);
	vasmon_deliver_refill(watch);
	vasmon_deliver_names(watch);
	list_for_each_entry(sub, &watch->subscribers, node)
		full |= vasmon_deliver_to(watch, sub);
	vasmon_throttle_update(watch);
	vasmon_name_free_list(&watch->names);
	/* If it is not set yet, its event comes later, and with that another run. */
	raw_spin_lock(&watch->lock);
	ended = watch->ended;
	raw_spin_unlock(&watch->lock);
	mutex_unlock(&watch->mutex);

	if (test_bit(VASMON_WATCH_CLOSED, &watch->bits))
		return;
	/* Who does not read for long is asked less often. */
	watch->retry_ms = full ? min(2 * watch->retry_ms + VASMON_DELIVER_RETRY_MS,
				     VASMON_DELIVER_RETRY_MAX_MS) : 0;
	if (full)
		queue_delayed_work(vasmon_wq, &watch->deliver, msecs_to_jiffies(watch->retry_ms));
	else if (ended)
		vasmon_watch_queue_reap();
	set_bit(VASMON_WATCH_KICKED, &watch->bits);
	hrtimer_start(&watch->linger, ns_to_ktime(VASMON_DELIVER_LINGER_NS), HRTIMER_MODE_REL);
}
