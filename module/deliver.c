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
#include "stalled.h"
#include "throttle.h"
#include "watch.h"

/* How soon to try again where memory was short. */
#define VASMON_DELIVER_RETRY (HZ / 10)

/* How soon to look again if a client was stopped for which threads wait. */
#define VASMON_DELIVER_LOOK_MS 32

/*
 * How long the worker waits for more before the next event has to wake it; the
 * longer, the more there is at once. A nanosecond for each byte of the ring is
 * a quarter of it at a million events a second.
 */
#define VASMON_DELIVER_LINGER_NS (100U * NSEC_PER_USEC)
#define VASMON_DELIVER_LINGER_MAX_NS (1600U * NSEC_PER_USEC)

/* From how many events on it is worth while to wait longer. */
#define VASMON_DELIVER_MANY 16

/* Bytes of records to be copied in one go, while probes wait for the lock. */
#define VASMON_DELIVER_BATCH 4096

/*
 * Bytes of names for each byte of the ring: the watched process chooses how long the paths
 * of its files are, and a record can have many. Usual names take about twice what their regions do.
 */
#define VASMON_DELIVER_NAMES 4

/*
 * Datagrams to one subscriber before the next one has its turn. Whoever asks for a watch waits
 * for the mutex meanwhile, and others for him.
 */
#define VASMON_DELIVER_TURN 8

/* How a subscriber's turn ended; the later ones need another run the sooner. */
enum vasmon_deliver_turn {
	/* It has all that there was. */
	VASMON_DELIVER_DONE,
	/* Its socket is full: see stalled.c. */
	VASMON_DELIVER_FULL,
	/* Memory is short. */
	VASMON_DELIVER_SHORT,
	/* It was the next one's turn. */
	VASMON_DELIVER_MORE,
};

/* Free the names that no record has any more. */
static void vasmon_deliver_free_names(struct vasmon_watch *watch)
{
	size_t freed = vasmon_name_free_list(&watch->names);

	WRITE_ONCE(watch->names_size, watch->names_size - freed);
}

/* Is there room for so many more bytes of names? */
static bool vasmon_deliver_may_name(struct vasmon_watch *watch, size_t size)
{
	const size_t most = VASMON_DELIVER_NAMES * watch->ring.size;

	if (watch->names_size + size > most)
		vasmon_deliver_free_names(watch);
	return watch->names_size + size <= most;
}

/* Return: the name, or NULL: no memory, too many names, or the path is too long. */
static struct vasmon_name *vasmon_deliver_name(struct vasmon_watch *watch,
					       const struct file *file)
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
	if (!vasmon_deliver_may_name(watch, struct_size(name, path, len)))
		goto out;
	name = kmalloc(struct_size(name, path, len), GFP_KERNEL);
	if (!name)
		goto out;
	WRITE_ONCE(watch->names_size, watch->names_size + struct_size(name, path, len));
	refcount_set(&name->refs, 1);
	name->dev = inode->i_sb->s_dev;
	name->inode = inode->i_ino;
	memcpy(name->path, path, len);
out:
	kfree(buf);
	return name;
}

/* Take references to what a copied record names. Under the watch's lock. */
static void vasmon_deliver_hold(struct vasmon_record *rec)
{
	unsigned int i;

	for (i = 0; i < rec->nr_new; i++) {
		struct vasmon_ring_region *r = &rec->new[i];

		if (r->named && r->name)
			refcount_inc(&r->name->refs);
		else if (!r->named && r->file)
			get_file(r->file);
	}
}

static void vasmon_deliver_release(struct vasmon_watch *watch, struct vasmon_record *rec)
{
	if (rec->holds)
		vasmon_record_put(rec, &watch->names);
}

/* Resolve the names of a copied record. Return: were there any? */
static bool vasmon_deliver_resolve(struct vasmon_watch *watch, struct vasmon_record *rec)
{
	bool any = false;
	unsigned int i;

	for (i = 0; i < rec->nr_new; i++) {
		struct vasmon_ring_region *r = &rec->new[i];
		struct file *file = r->file;

		if (r->named || !file)
			continue;
		r->name = vasmon_deliver_name(watch, file);
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
 * The next record that refers to a file or a name, at *@pos or behind it; not
 * beyond so many bytes at once, for the sake of those who wait for the lock.
 * Under the watch's lock. Return: the record, or NULL at *@pos.
 */
static struct vasmon_record *vasmon_deliver_next_held(struct vasmon_watch *watch, u64 *pos,
						      u64 end)
{
	u64 stop = min(end, *pos + VASMON_DELIVER_BATCH);
	struct vasmon_record *rec;

	while (*pos < stop) {
		rec = vasmon_ring_at(&watch->ring, *pos);
		if (rec->holds)
			return rec;
		*pos += rec->size;
	}
	return NULL;
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
		rec = vasmon_deliver_next_held(watch, &pos, end);
		if (rec) {
			memcpy(watch->buf, rec, struct_size(rec, new, rec->nr_new));
			vasmon_deliver_hold(watch->buf);
		}
		raw_spin_unlock(&watch->lock);
		if (rec) {
			if (vasmon_deliver_resolve(watch, watch->buf))
				vasmon_deliver_store(watch, pos, watch->buf);
			vasmon_record_put(watch->buf, &watch->names);
			pos += watch->buf->size;
		}
		if (pos >= end)
			break;
		cond_resched();
	}
	WRITE_ONCE(watch->resolved, pos);
}

/*
 * The next records of a subscriber, some of them, copied to watch->buf. Return:
 * their bytes; 0 at the head. *@lost: it was overrun by so many, and is now behind
 * them.
 */
static size_t vasmon_deliver_read(struct vasmon_watch *watch, struct vasmon_subscriber *sub,
				  u64 *lost)
{
	struct vasmon_ring *ring = &watch->ring;
	struct vasmon_record *rec;
	size_t size = 0, at;
	u64 seq, end;

	/* What watch->buf has room for. */
	BUILD_BUG_ON(VASMON_DELIVER_BATCH > VASMON_RECORD_MAX);
	*lost = 0;
	raw_spin_lock(&watch->lock);
	if (sub->pos < ring->tail) {
		sub->pos = ring->tail;
		rec = vasmon_ring_read(ring, &sub->pos);
		seq = rec ? rec->seq - 1 : watch->seq;
		/*
		 * It has to dump the map anyhow; what is left in the ring is
		 * older than that, so skip it as well. But a process that has
		 * ended has no map, and its last event is among that. And where
		 * no more than filler was overwritten, nothing is lost.
		 */
		if (seq != sub->seq && !watch->ended) {
			sub->pos = ring->head;
			seq = watch->seq;
		}
		*lost = seq - sub->seq;
		sub->seq = seq;
		if (*lost)
			goto unlock;
	}
	rec = vasmon_ring_read(ring, &sub->pos);
	/* A name that came later: the next run resolves it first. */
	if (!rec || sub->pos >= watch->resolved)
		goto unlock;
	/* Up to filler, or the end of the ring, they lie in one piece. */
	end = min(watch->resolved, round_up(sub->pos + 1, ring->size));
	do {
		size += rec->size;
		if (sub->pos + size >= end)
			break;
		rec = vasmon_ring_at(ring, sub->pos + size);
	} while (rec->cause != VASMON_CAUSE_NONE && size + rec->size <= VASMON_DELIVER_BATCH);
	memcpy(watch->buf, vasmon_ring_at(ring, sub->pos), size);
	for (at = 0; at < size; at += rec->size) {
		rec = (struct vasmon_record *)((char *)watch->buf + at);
		if (rec->holds)
			vasmon_deliver_hold(rec);
	}
unlock:
	raw_spin_unlock(&watch->lock);
	return size;
}

/*
 * An event, or without one that so many were lost, as a message in a datagram.
 * Return: 0, or -EMSGSIZE: no room.
 */
static int vasmon_deliver_put(struct sk_buff *skb, struct vasmon_watch *watch,
			      struct vasmon_subscriber *sub, struct vasmon_record *rec, u64 lost)
{
	void *header = vasmon_netlink_put_event_header(skb);
	int err = -EMSGSIZE;

	if (!header)
		return err;
	if (rec)
		err = vasmon_message_put_event(skb, watch->id, rec, sub);
	else
		err = vasmon_message_put_overrun(skb, watch->id,
						 pid_nr_ns(watch->tgid, watch->ns[sub->ns]),
						 sub->seq, lost);
	if (err)
		genlmsg_cancel(skb, header);
	else
		genlmsg_end(skb, header);
	return err;
}

/* An event that is too long for any datagram: without its stack, or without its regions. */
static int vasmon_deliver_put_less(struct sk_buff *skb, struct vasmon_watch *watch,
				   struct vasmon_subscriber *sub, struct vasmon_record *rec)
{
	unsigned int nr_new = rec->nr_new, nr_old = rec->nr_old;
	int err;

	rec->stack_size = 0;
	err = vasmon_deliver_put(skb, watch, sub, rec, 0);
	if (!err)
		return err;
	rec->nr_new = 0;
	rec->nr_old = 0;
	rec->flags |= VASMON_EVENT_FLAG_INCOMPLETE;
	err = vasmon_deliver_put(skb, watch, sub, rec, 0);
	rec->nr_new = nr_new;
	rec->nr_old = nr_old;
	return err;
}

/* Put the records of watch->buf into a datagram. Return: were they all put? */
static bool vasmon_deliver_put_batch(struct vasmon_watch *watch, struct vasmon_subscriber *sub,
				     struct sk_buff *skb, size_t size)
{
	struct vasmon_record *rec;
	bool full = false;
	size_t at;

	for (at = 0; at < size; at += rec->size) {
		rec = (struct vasmon_record *)((char *)watch->buf + at);
		if (!full && unlikely(vasmon_deliver_put(skb, watch, sub, rec, 0)))
			full = skb->len || vasmon_deliver_put_less(skb, watch, sub, rec);
		vasmon_deliver_release(watch, rec);
		if (full)
			continue;
		sub->pos += rec->size;
		sub->seq = rec->seq;
		sub->sent++;
	}
	return !full;
}

/* Fill a datagram with the next events. Return: true if it tells anything. */
static bool vasmon_deliver_fill(struct vasmon_watch *watch, struct vasmon_subscriber *sub,
				struct sk_buff *skb)
{
	u64 pos = sub->pos, seq = sub->seq, lost;
	size_t size;

	while ((size = vasmon_deliver_read(watch, sub, &lost))) {
		if (!vasmon_deliver_put_batch(watch, sub, skb, size))
			return true;
		pos = sub->pos;
		seq = sub->seq;
	}
	if (lost && vasmon_deliver_put(skb, watch, sub, NULL, lost)) {
		/* No room to say so: the next datagram begins with it. */
		sub->pos = pos;
		sub->seq = seq;
	} else if (lost) {
		sub->lost += lost;
		sub->overruns++;
	}
	return skb->len;
}

/*
 * Put what watch->scratch holds into the socket: itself, or where it is not half full,
 * a copy in a buffer of its size. Return: 0; -EAGAIN if the socket is full, *@truesize
 * is what has no room; -ENOMEM; another error if it will not have it: a filter of its own.
 */
static int vasmon_deliver_send(struct vasmon_watch *watch, struct sock *sk,
			       unsigned int *truesize)
{
	bool copy = watch->scratch->len < VASMON_DELIVER_MAX / 2;
	struct sk_buff *skb;
	int err = -EAGAIN;

	*truesize = watch->scratch->truesize;
	if (!copy && !vasmon_stalled_room(sk, *truesize))
		return err;
	skb = alloc_skb(copy ? watch->scratch->len : VASMON_DELIVER_MAX,
			GFP_KERNEL | __GFP_NOWARN);
	if (!skb)
		return -ENOMEM;
	if (copy)
		skb_put_data(skb, watch->scratch->data, watch->scratch->len);
	else
		swap(skb, watch->scratch);
	*truesize = skb->truesize;
	if (vasmon_stalled_room(sk, *truesize)) {
		err = sock_queue_rcv_skb(sk, skb);
		if (err == -ENOMEM || err == -ENOBUFS)
			err = -EAGAIN;
	}
	if (err)
		kfree_skb(skb);
	return err;
}

/* Serve a subscriber, for a turn. *@truesize: what its socket had no room for. */
static enum vasmon_deliver_turn vasmon_deliver_to(struct vasmon_watch *watch,
						  struct vasmon_subscriber *sub,
						  unsigned int *truesize)
{
	u64 pos, seq, sent, lost, overruns;
	unsigned int turn;
	int err;

	/* What had no room before is not written once more before it has. */
	*truesize = list_empty_careful(&sub->stalled) ? SKB_TRUESIZE(NLMSG_HDRLEN) : sub->truesize;
	for (turn = 0; turn < VASMON_DELIVER_TURN; turn++) {
		/* What comes later has a run of its own. */
		if (sock_flag(sub->sk, SOCK_DEAD) || sub->pos >= watch->resolved)
			return VASMON_DELIVER_DONE;
		if (!vasmon_stalled_room(sub->sk, *truesize))
			return VASMON_DELIVER_FULL;
		pos = sub->pos;
		seq = sub->seq;
		sent = sub->sent;
		lost = sub->lost;
		overruns = sub->overruns;
		skb_trim(watch->scratch, 0);
		if (!vasmon_deliver_fill(watch, sub, watch->scratch))
			return VASMON_DELIVER_DONE;
		err = vasmon_deliver_send(watch, sub->sk, truesize);
		if (err) {
			/* Nothing was told: count as before. */
			sub->sent = sent;
			sub->lost = lost;
			sub->overruns = overruns;
		}
		if (err == -EAGAIN || err == -ENOMEM) {
			sub->pos = pos;
			sub->seq = seq;
			return err == -EAGAIN ? VASMON_DELIVER_FULL : VASMON_DELIVER_SHORT;
		}
		if (err)
			sub->lost += sub->seq - seq;
		*truesize = SKB_TRUESIZE(NLMSG_HDRLEN);
		cond_resched();
	}
	return VASMON_DELIVER_MORE;
}

/* Serve all of them. Return: how the turn ended of who needs another one most. */
static enum vasmon_deliver_turn vasmon_deliver_to_all(struct vasmon_watch *watch)
{
	enum vasmon_deliver_turn turn, most = VASMON_DELIVER_DONE;
	struct vasmon_subscriber *sub;
	unsigned int truesize;

	list_for_each_entry(sub, &watch->subscribers, node) {
		turn = vasmon_deliver_to(watch, sub, &truesize);
		if (turn == VASMON_DELIVER_FULL)
			vasmon_stalled_add(sub, truesize);
		else if (!list_empty_careful(&sub->stalled))
			vasmon_stalled_remove(sub);
		most = max(most, turn);
	}
	return most;
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
		WRITE_ONCE(watch->linger_ns, 0);
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

/*
 * Wait longer where much comes, but not until much of the ring is full; nor where the
 * process waits for its subscribers. Return: ns.
 */
static u32 vasmon_deliver_patience(const struct vasmon_watch *watch, u64 events, u64 bytes)
{
	u32 before = max_t(u32, READ_ONCE(watch->linger_ns), VASMON_DELIVER_LINGER_NS);
	u32 most = clamp_t(u32, watch->ring.size, VASMON_DELIVER_LINGER_NS,
			   VASMON_DELIVER_LINGER_MAX_NS);

	if (events < VASMON_DELIVER_MANY || READ_ONCE(watch->lossless))
		return VASMON_DELIVER_LINGER_NS;
	if (bytes > watch->ring.size / 8)
		return max_t(u32, before / 2, VASMON_DELIVER_LINGER_NS);
	if (bytes > watch->ring.size / 16)
		return before;
	return min(4 * before, most);
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
	enum vasmon_deliver_turn turn;
	bool ended;
	u64 seq;
	u32 linger;

	mutex_lock(&watch->mutex);
	vasmon_deliver_names(watch);
	/* Then: what a probe lacks from now on has an event that brings another run. */
	vasmon_watch_rebind(watch);
	vasmon_deliver_refill(watch);
	turn = vasmon_deliver_to_all(watch);
	vasmon_throttle_update(watch);
	vasmon_deliver_free_names(watch);
	/* If it is not set yet, its event comes later, and with that another run. */
	raw_spin_lock(&watch->lock);
	ended = watch->ended;
	seq = watch->seq;
	raw_spin_unlock(&watch->lock);
	mutex_unlock(&watch->mutex);

	if (test_bit(VASMON_WATCH_CLOSED, &watch->bits))
		return;
	if (turn == VASMON_DELIVER_MORE) {
		/*
		 * At once again, once those who wait for the mutex had it. Patience looks at
		 * all the runs of a row together: in the last one there may be little new.
		 */
		set_bit(VASMON_WATCH_KICKED, &watch->bits);
		mod_delayed_work(vasmon_wq, &watch->deliver, 0);
		return;
	}
	if (turn == VASMON_DELIVER_SHORT)
		queue_delayed_work(vasmon_wq, &watch->deliver, VASMON_DELIVER_RETRY);
	else if (turn == VASMON_DELIVER_FULL && vasmon_throttle_needed(watch))
		queue_delayed_work(vasmon_wq, &watch->deliver,
				   msecs_to_jiffies(VASMON_DELIVER_LOOK_MS));
	else if (turn == VASMON_DELIVER_DONE && ended)
		vasmon_watch_queue_reap();
	set_bit(VASMON_WATCH_KICKED, &watch->bits);
	linger = vasmon_deliver_patience(watch, seq - watch->linger_seq,
					 watch->resolved - watch->linger_pos);
	watch->linger_seq = seq;
	watch->linger_pos = watch->resolved;
	WRITE_ONCE(watch->linger_ns, linger);
	hrtimer_start(&watch->linger, ns_to_ktime(linger), HRTIMER_MODE_REL);
}
