// SPDX-License-Identifier: GPL-2.0-only
/* Who is watched. */
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "capture.h"
#include "deliver.h"
#include "main.h"
#include "section.h"
#include "stalled.h"
#include "subscriber.h"
#include "throttle.h"
#include "watch.h"

static unsigned int vasmon_watch_ring_size = 4 * 1024 * 1024;
module_param_named(ring_size, vasmon_watch_ring_size, uint, 0644);
MODULE_PARM_DESC(ring_size, "Bytes of a watch's ring, where a client names none: 65536 to 67108864, rounded up to a power of two (default 4194304)");

/* Watches freed at once. */
#define VASMON_WATCH_REAP 64

/* The list of watches, and what follows; see watch.h. */
DEFINE_MUTEX(vasmon_watch_mutex);
LIST_HEAD(vasmon_watches);
static unsigned int vasmon_watch_count;
static u32 vasmon_watch_last_id;

static void vasmon_watch_reap_work(struct work_struct *work)
{
	vasmon_watch_reap();
}

static DECLARE_WORK(vasmon_watch_reaper, vasmon_watch_reap_work);

/* In an interrupt, soon after the probe that queued it. */
static void vasmon_watch_kicked(struct irq_work *kick)
{
	struct vasmon_watch *watch = container_of(kick, struct vasmon_watch, kick);

	mod_delayed_work(vasmon_wq, &watch->deliver, 0);
}

/**
 * vasmon_watch_kick_now - wake the worker unless it is about to look
 * @watch: the watch
 *
 * Through an interrupt, for a probe may run where no task can be woken.
 *
 * Context: any; does not sleep.
 */
void vasmon_watch_kick_now(struct vasmon_watch *watch)
{
	if (!test_and_set_bit(VASMON_WATCH_KICKED, &watch->bits))
		irq_work_queue(&watch->kick);
}

/**
 * vasmon_watch_put - let go of a watch
 * @watch: the watch, or NULL
 *
 * Context: may sleep.
 */
void vasmon_watch_put(struct vasmon_watch *watch)
{
	if (!watch || !refcount_dec_and_test(&watch->refs))
		return;
	vasmon_ring_free(&watch->ring, &watch->names);
	vasmon_name_free_list(&watch->names);
	vasmon_space_free(watch->spare);
	put_pid(watch->tgid);
	kfree(watch->section);
	kfree_skb(watch->scratch);
	kfree(watch->buf);
	kfree(watch);
}

static struct vasmon_watch *vasmon_watch_alloc(const struct vasmon_target *target,
					       unsigned long ring_size)
{
	struct vasmon_watch *watch = kzalloc(sizeof(*watch), GFP_KERNEL_ACCOUNT);

	if (!watch)
		return NULL;
	refcount_set(&watch->refs, 1);
	raw_spin_lock_init(&watch->lock);
	mutex_init(&watch->mutex);
	INIT_LIST_HEAD(&watch->spaces);
	INIT_LIST_HEAD(&watch->subscribers);
	init_llist_head(&watch->names);
	init_waitqueue_head(&watch->room);
	init_irq_work(&watch->kick, vasmon_watch_kicked);
	INIT_DELAYED_WORK(&watch->deliver, vasmon_deliver_work);
	hrtimer_setup(&watch->linger, vasmon_deliver_linger, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	ratelimit_state_init(&watch->marks, HZ, VASMON_MARK_RATE);
	ratelimit_set_flags(&watch->marks, RATELIMIT_MSG_ON_RELEASE);
	watch->tgid = get_pid(target->tgid);
	strscpy(watch->comm, target->comm, sizeof(watch->comm));
	watch->buf = kmalloc(VASMON_RECORD_MAX, GFP_KERNEL_ACCOUNT);
	watch->scratch = alloc_skb(VASMON_DELIVER_MAX, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	watch->section = kmalloc(sizeof(*watch->section), GFP_KERNEL_ACCOUNT);
	watch->spare = vasmon_space_alloc(GFP_KERNEL_ACCOUNT);
	if (!watch->buf || !watch->scratch || !watch->section || !watch->spare ||
	    vasmon_ring_init(&watch->ring, ring_size)) {
		vasmon_watch_put(watch);
		return NULL;
	}
	vasmon_section_init(watch->section);
	return watch;
}

/*
 * Give a watch a space for a process, with the address space that this has now.
 * From the moment the space is hashed, capture sees the process start another
 * program or exit; what happened just before is found by looking once more.
 */
static int vasmon_watch_bind(struct vasmon_watch *watch, struct pid *tgid)
{
	struct mm_struct *mm = vasmon_target_mm(tgid), *now;

	while (mm) {
		struct vasmon_space *space = vasmon_space_alloc(GFP_KERNEL_ACCOUNT);

		if (!space) {
			mmput(mm);
			return -ENOMEM;
		}
		vasmon_space_bind(space, watch, mm, tgid);
		if (!vasmon_capture_add(space)) {
			vasmon_space_free(space);
			mmput(mm);
			return -ESRCH;
		}
		now = vasmon_target_mm(tgid);
		mmput(mm);
		if (now == mm && !vasmon_target_exited(tgid)) {
			mmput(now);
			return 0;
		}
		/* It starts another program, or has done so unseen, or exits. */
		vasmon_capture_forget(watch, tgid);
		if (now && vasmon_target_exited(tgid)) {
			mmput(now);
			now = NULL;
		}
		mm = now;
	}
	return -ESRCH;
}

/*
 * A process of the watch that has no space for its program, with a reference, or
 * NULL. What exits is told by the tracepoint, which comes.
 */
static struct pid *vasmon_watch_lost(struct vasmon_watch *watch)
{
	struct vasmon_space *space;
	struct pid *tgid = NULL;

	raw_spin_lock(&watch->lock);
	list_for_each_entry(space, &watch->spaces, node) {
		if (space->lost && !vasmon_target_exited(space->tgid)) {
			tgid = get_pid(space->tgid);
			break;
		}
	}
	raw_spin_unlock(&watch->lock);
	return tgid;
}

/* Give it that space. Return: 0; -ENOMEM: it may have one later. */
static int vasmon_watch_relieve(struct vasmon_watch *watch, struct pid *tgid)
{
	struct mm_struct *mm = vasmon_target_mm(tgid), *now;
	struct vasmon_space *space;
	int err = -ENOMEM;

	if (!mm)
		return err;
	space = vasmon_space_alloc(GFP_KERNEL);
	if (!space)
		goto out;
	err = 0;
	vasmon_space_bind(space, watch, mm, tgid);
	if (!vasmon_capture_relieve(space)) {
		vasmon_space_free(space);
		goto out;
	}
	/* It may have started another program before capture could see that. */
	now = vasmon_target_mm(tgid);
	if (now != mm)
		vasmon_capture_lose(watch, tgid, mm);
	if (now)
		mmput(now);
out:
	mmput(mm);
	return err;
}

/**
 * vasmon_watch_rebind - give processes the space that they lack
 * @watch: the watch
 *
 * Where a process started a new program and there was no memory to watch that,
 * subscribers were told to dump the map anew. Each gets its space now: what it does
 * without one wakes no worker.
 *
 * Context: may sleep; in the watch's worker.
 */
void vasmon_watch_rebind(struct vasmon_watch *watch)
{
	struct pid *tgid;
	int err = 0;

	while (!err && (tgid = vasmon_watch_lost(watch))) {
		err = vasmon_watch_relieve(watch, tgid);
		put_pid(tgid);
	}
	if (err)
		mod_delayed_work(vasmon_wq, &watch->deliver, HZ / 10);
}

static struct vasmon_watch *vasmon_watch_find(u32 id)
{
	struct vasmon_watch *watch;

	lockdep_assert_held(&vasmon_watch_mutex);
	list_for_each_entry(watch, &vasmon_watches, node)
		if (watch->id == id)
			return watch;
	return NULL;
}

/**
 * vasmon_watch_get - take hold of a watch
 * @id: its number
 *
 * It may end meanwhile; it is not freed.
 *
 * Context: may sleep.
 * Return: the watch, for vasmon_watch_put(), or NULL if there is none.
 */
struct vasmon_watch *vasmon_watch_get(u32 id)
{
	struct vasmon_watch *watch;

	mutex_lock(&vasmon_watch_mutex);
	watch = vasmon_watch_find(id);
	if (watch)
		refcount_inc(&watch->refs);
	mutex_unlock(&vasmon_watch_mutex);
	return watch;
}

/* A watch of the process that has not ended; under vasmon_watch_mutex. */
static struct vasmon_watch *vasmon_watch_of(struct pid *tgid, bool follow)
{
	struct vasmon_watch *watch;

	list_for_each_entry(watch, &vasmon_watches, node)
		if (watch->tgid == tgid && watch->follow == follow &&
		    !READ_ONCE(watch->ended))
			return watch;
	return NULL;
}

static struct vasmon_watch *vasmon_watch_create(const struct vasmon_target *target,
						const struct vasmon_watch_request *request,
						struct netlink_ext_ack *extack)
{
	u32 ring_size = request->ring_size;
	struct vasmon_watch *watch;
	int err;

	if (vasmon_watch_count >= VASMON_WATCH_MAX) {
		NL_SET_ERR_MSG(extack, "too many processes are watched (4096)");
		return ERR_PTR(-ENOSPC);
	}
	if (!ring_size)
		ring_size = READ_ONCE(vasmon_watch_ring_size);
	ring_size = clamp_t(u32, ring_size, VASMON_RING_SIZE_MIN, VASMON_RING_SIZE_MAX);
	watch = vasmon_watch_alloc(target, roundup_pow_of_two(ring_size));
	if (!watch) {
		NL_SET_ERR_MSG(extack, "no memory for the watch; try a smaller ring");
		return ERR_PTR(-ENOMEM);
	}
	err = vasmon_capture_start();
	if (err) {
		vasmon_watch_put(watch);
		NL_SET_ERR_MSG(extack, "the kernel's tracepoints could not be used");
		return ERR_PTR(err);
	}
	watch->id = ++vasmon_watch_last_id;
	watch->follow = request->follow;
	list_add_tail(&watch->node, &vasmon_watches);
	vasmon_watch_count++;
	err = vasmon_watch_bind(watch, watch->tgid);
	if (err) {
		/* Nobody shall find it; it has no subscriber: the reaper takes it. */
		vasmon_capture_end_watch(watch);
		if (err == -ESRCH)
			NL_SET_ERR_MSG(extack, "the process has exited");
		else
			NL_SET_ERR_MSG(extack, "no memory for the watch");
		return ERR_PTR(err);
	}
	return watch;
}

/**
 * vasmon_watch_subscribe - let a socket have the events of a process
 * @target: the process
 * @request: which socket, and how
 * @info: filled for the reply
 * @extack: told why not
 *
 * Takes no lock of the process: its map is read with the first dump, or by
 * capture just before it first changes.
 *
 * Context: may sleep; in the asking task.
 * Return: 0, -EEXIST, -ENOMEM, -ENOSPC, -ESRCH, or what registering the
 * tracepoints failed with.
 */
int vasmon_watch_subscribe(const struct vasmon_target *target,
			   const struct vasmon_watch_request *request,
			   struct vasmon_watch_info *info, struct netlink_ext_ack *extack)
{
	struct vasmon_watch *watch;
	int err;

	mutex_lock(&vasmon_watch_mutex);
	watch = vasmon_watch_of(target->tgid, request->follow);
	if (!watch)
		watch = vasmon_watch_create(target, request, extack);
	err = PTR_ERR_OR_ZERO(watch);
	if (!err)
		err = vasmon_subscriber_add(watch, request, extack);
	if (!err) {
		vasmon_watch_info(watch, info);
		/* It may have ended before there was anybody to be told. */
		vasmon_watch_kick(watch);
	}
	mutex_unlock(&vasmon_watch_mutex);
	if (err)
		vasmon_watch_reap();
	return err;
}

/* How far a socket has had the ring; U64_MAX if it has no subscription. */
static u64 vasmon_watch_pos(struct vasmon_watch *watch, const struct sock *sk)
{
	struct vasmon_subscriber *sub;
	u64 pos = U64_MAX;

	mutex_lock(&watch->mutex);
	list_for_each_entry(sub, &watch->subscribers, node)
		if (sub->sk == sk)
			pos = sub->pos;
	mutex_unlock(&watch->mutex);
	return pos;
}

/* Let the worker deliver what is there: run after run, for each brings a turn's worth. */
static void vasmon_watch_flush(struct vasmon_watch *watch, const struct sock *sk)
{
	u64 end, before, pos = vasmon_watch_pos(watch, sk);

	raw_spin_lock(&watch->lock);
	end = watch->ring.head;
	raw_spin_unlock(&watch->lock);
	do {
		before = pos;
		mod_delayed_work(vasmon_wq, &watch->deliver, 0);
		flush_delayed_work(&watch->deliver);
		pos = vasmon_watch_pos(watch, sk);
	} while (pos < end && pos != before);
}

/**
 * vasmon_watch_unsubscribe - end a socket's subscription
 * @id: the watch
 * @sk: the socket; it still gets what was written up to now, if that has room
 *
 * Context: may sleep.
 * Return: 0, or -ENOENT.
 */
int vasmon_watch_unsubscribe(u32 id, struct sock *sk)
{
	struct vasmon_subscriber *sub, *next;
	struct vasmon_watch *watch;
	int err = -ENOENT;

	mutex_lock(&vasmon_watch_mutex);
	watch = vasmon_watch_find(id);
	if (watch) {
		vasmon_watch_flush(watch, sk);
		mutex_lock(&watch->mutex);
		list_for_each_entry_safe(sub, next, &watch->subscribers, node) {
			if (sub->sk == sk) {
				vasmon_subscriber_remove(watch, sub);
				err = 0;
			}
		}
		mutex_unlock(&watch->mutex);
	}
	mutex_unlock(&vasmon_watch_mutex);
	if (!err)
		vasmon_watch_reap();
	return err;
}

/**
 * vasmon_watch_info - what is told of a watch
 * @watch: the watch
 * @info: filled
 *
 * Context: in the asking task; under vasmon_watch_mutex.
 */
void vasmon_watch_info(struct vasmon_watch *watch, struct vasmon_watch_info *info)
{
	unsigned long nodes = 0, regions = 0;
	struct vasmon_space *space;

	info->id = watch->id;
	info->pid = pid_nr_ns(watch->tgid, task_active_pid_ns(current));
	vasmon_target_comm(watch->tgid, watch->comm);
	strscpy(info->comm, watch->comm, sizeof(info->comm));
	info->ring_size = watch->ring.size;
	info->follow = watch->follow;
	raw_spin_lock(&watch->lock);
	info->seq = watch->seq;
	info->processes = watch->nr_spaces;
	memcpy(info->effort, watch->effort, sizeof(info->effort));
	info->unfollowed = watch->unfollowed;
	list_for_each_entry(space, &watch->spaces, node) {
		regions += space->shadow.count;
		nodes += space->shadow.count + space->shadow.spares;
	}
	raw_spin_unlock(&watch->lock);
	info->regions = regions;
	info->memory = sizeof(*watch) + watch->ring.size + VASMON_RECORD_MAX +
		       SKB_TRUESIZE(VASMON_DELIVER_MAX) + sizeof(*watch->section) +
		       (info->processes + 1) * sizeof(struct vasmon_space) +
		       (nodes + VASMON_SPACE_SPARES) * sizeof(struct vasmon_shadow_node) +
		       READ_ONCE(watch->nr_subscribers) * sizeof(struct vasmon_subscriber) +
		       READ_ONCE(watch->names_size);
}

/**
 * vasmon_watch_processes - the processes of a watch that it reports of
 * @watch: the watch
 * @processes: set to an array for kvfree(); references are held
 * @n: how many
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int vasmon_watch_processes(struct vasmon_watch *watch, struct vasmon_watch_process **processes,
			   unsigned int *n)
{
	struct vasmon_watch_process *found;
	struct vasmon_space *space;
	unsigned int room;

	*processes = NULL;
	do {
		kvfree(*processes);
		/* Some more than now: they may fork meanwhile. */
		room = READ_ONCE(watch->nr_spaces) + 16;
		*processes = kvcalloc(room, sizeof(**processes), GFP_KERNEL_ACCOUNT);
		if (!*processes)
			return -ENOMEM;
		*n = 0;
		raw_spin_lock(&watch->lock);
		if (watch->nr_spaces <= room) {
			list_for_each_entry(space, &watch->spaces, node) {
				if (space->guest)
					continue;
				found = &(*processes)[(*n)++];
				found->tgid = get_pid(space->tgid);
				found->regions = space->shadow.count;
				found->stale = space->stale;
			}
			room = 0;
		}
		raw_spin_unlock(&watch->lock);
	} while (room);
	return 0;
}

/* Is nobody left whom a watch has anything to tell? */
static bool vasmon_watch_done(struct vasmon_watch *watch)
{
	struct vasmon_subscriber *sub, *next;
	bool ended;
	u64 head;

	mutex_lock(&watch->mutex);
	raw_spin_lock(&watch->lock);
	ended = watch->ended;
	head = watch->ring.head;
	raw_spin_unlock(&watch->lock);
	list_for_each_entry_safe(sub, next, &watch->subscribers, node)
		if (sock_flag(sub->sk, SOCK_DEAD) || (ended && sub->pos == head))
			vasmon_subscriber_remove(watch, sub);
	mutex_unlock(&watch->mutex);
	return list_empty(&watch->subscribers);
}

static void vasmon_watch_destroy(struct list_head *dead)
{
	struct vasmon_watch *watch, *next;

	if (list_empty(dead))
		return;
	list_for_each_entry(watch, dead, node)
		vasmon_capture_end_watch(watch);
	/* No probe sees them any more; none holds their lock. */
	synchronize_rcu();
	list_for_each_entry_safe(watch, next, dead, node) {
		struct vasmon_subscriber *sub, *next_sub;

		set_bit(VASMON_WATCH_CLOSED, &watch->bits);
		wake_up_all(&watch->room);
		irq_work_sync(&watch->kick);
		cancel_delayed_work_sync(&watch->deliver);
		hrtimer_cancel(&watch->linger);
		mutex_lock(&watch->mutex);
		list_for_each_entry_safe(sub, next_sub, &watch->subscribers, node)
			vasmon_subscriber_remove(watch, sub);
		mutex_unlock(&watch->mutex);
		/* The timer, or a subscriber that had stalled, may have queued it once more. */
		cancel_delayed_work_sync(&watch->deliver);
		list_del(&watch->node);
		vasmon_watch_put(watch);
		vasmon_capture_stop();
	}
}

/**
 * vasmon_watch_queue_reap - have vasmon_watch_reap() done soon
 *
 * Context: any.
 */
void vasmon_watch_queue_reap(void)
{
	queue_work(vasmon_wq, &vasmon_watch_reaper);
}

/**
 * vasmon_watch_reap - free the watches that nobody needs any more
 *
 * Not all of them where they are very many, so that others have their turn: the
 * worker does the rest.
 *
 * Context: may sleep; not in a watch's own worker, for which it waits.
 */
void vasmon_watch_reap(void)
{
	struct vasmon_watch *watch, *next;
	unsigned int n = 0;
	LIST_HEAD(dead);

	mutex_lock(&vasmon_watch_mutex);
	list_for_each_entry_safe(watch, next, &vasmon_watches, node) {
		if (!vasmon_watch_done(watch))
			continue;
		list_move_tail(&watch->node, &dead);
		vasmon_watch_count--;
		if (++n < VASMON_WATCH_REAP)
			continue;
		vasmon_watch_queue_reap();
		break;
	}
	vasmon_watch_destroy(&dead);
	mutex_unlock(&vasmon_watch_mutex);
}

/* A socket is gone, of whatever family; its flag tells the reaper which. */
static int vasmon_watch_released(struct notifier_block *nb, unsigned long event, void *data)
{
	struct netlink_notify *notify = data;

	if (event == NETLINK_URELEASE && notify->protocol == NETLINK_GENERIC &&
	    !list_empty(&vasmon_watches))
		vasmon_watch_queue_reap();
	return NOTIFY_DONE;
}

static struct notifier_block vasmon_watch_notifier = {
	.notifier_call = vasmon_watch_released,
};

/**
 * vasmon_watch_init - prepare for watches
 *
 * Return: 0 or a negative errno.
 */
int __init vasmon_watch_init(void)
{
	return netlink_register_notifier(&vasmon_watch_notifier);
}

/**
 * vasmon_watch_exit - end all watches
 *
 * Context: may sleep; the family is unregistered, so that no new one comes.
 */
void vasmon_watch_exit(void)
{
	LIST_HEAD(dead);

	netlink_unregister_notifier(&vasmon_watch_notifier);
	mutex_lock(&vasmon_watch_mutex);
	list_splice_init(&vasmon_watches, &dead);
	vasmon_watch_count = 0;
	vasmon_watch_destroy(&dead);
	mutex_unlock(&vasmon_watch_mutex);
	vasmon_stalled_exit();
	cancel_work_sync(&vasmon_watch_reaper);
}
