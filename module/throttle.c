// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads wait for a subscriber that must lose nothing. Not where they change
 * the map, under the mmap lock, but when they return to user mode, by task
 * work; there they hold nothing, and any signal lets them go on.
 */
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/task_work.h>

#include "throttle.h"
#include "why.h"

/**
 * struct vasmon_throttle_wait - a thread that is to wait, or waits
 * @node: place among all of them
 * @task: the thread; a reference is held
 * @watch: what it waits for; a reference is held
 * @work: the waiting
 * @nudge: work that does nothing, but makes a thread that sleeps in a system
 *	call come to run the other
 * @nudged: was @nudge queued?
 * @refs: one for each work that is queued
 */
struct vasmon_throttle_wait {
	struct list_head node;
	struct task_struct *task;
	struct vasmon_watch *watch;
	struct callback_head work;
	struct callback_head nudge;
	bool nudged;
	refcount_t refs;
};

static LIST_HEAD(vasmon_throttle_waits);
static DEFINE_RAW_SPINLOCK(vasmon_throttle_lock);
static DECLARE_WAIT_QUEUE_HEAD(vasmon_throttle_idle);
static bool vasmon_throttle_used;

static void vasmon_throttle_put(struct vasmon_throttle_wait *wait)
{
	bool idle;

	if (!refcount_dec_and_test(&wait->refs))
		return;
	vasmon_watch_put(wait->watch);
	put_task_struct(wait->task);
	raw_spin_lock(&vasmon_throttle_lock);
	list_del(&wait->node);
	idle = list_empty(&vasmon_throttle_waits);
	raw_spin_unlock(&vasmon_throttle_lock);
	kfree(wait);
	if (idle)
		wake_up(&vasmon_throttle_idle);
}

/* In the thread, on its way to user mode or in its exit. */
static void vasmon_throttle_work(struct callback_head *work)
{
	struct vasmon_throttle_wait *wait = container_of(work, struct vasmon_throttle_wait, work);

	if (!(current->flags & PF_EXITING) && vasmon_throttle_needed(wait->watch)) {
		atomic64_inc(&wait->watch->waits);
		/* What a signal has to say comes first; the loss, if any, is reported. */
		wait_event_interruptible(wait->watch->room, !vasmon_throttle_needed(wait->watch));
	}
	vasmon_throttle_put(wait);
}

static void vasmon_throttle_nudge(struct callback_head *work)
{
	vasmon_throttle_put(container_of(work, struct vasmon_throttle_wait, nudge));
}

/**
 * vasmon_throttle_queue - have current wait when it returns to user mode
 * @watch: what for; current is in a probe that found it by the tables
 *
 * Without memory, or in a vfork(), it does not wait, and an overrun, if any, is
 * reported. On PREEMPT_RT a probe can not allocate: there nobody waits.
 *
 * Context: in a probe, without the watch's lock; does not sleep.
 */
void vasmon_throttle_queue(struct vasmon_watch *watch)
{
	struct vasmon_throttle_wait *wait;

	if (IS_ENABLED(CONFIG_PREEMPT_RT) || !current->mm ||
	    current->flags & (PF_KTHREAD | PF_IO_WORKER | PF_USER_WORKER | PF_EXITING))
		return;
	/* It may wait for the child before it comes to what is queued, and rmmod with it. */
	if (vasmon_why_is_vfork())
		return;
	wait = kmalloc(sizeof(*wait), GFP_NOWAIT | __GFP_NOWARN);
	if (!wait)
		return;
	wait->task = get_task_struct(current);
	wait->watch = watch;
	refcount_inc(&watch->refs);
	init_task_work(&wait->work, vasmon_throttle_work);
	init_task_work(&wait->nudge, vasmon_throttle_nudge);
	wait->nudged = false;
	refcount_set(&wait->refs, 1);
	raw_spin_lock(&vasmon_throttle_lock);
	WRITE_ONCE(vasmon_throttle_used, true);
	list_add(&wait->node, &vasmon_throttle_waits);
	raw_spin_unlock(&vasmon_throttle_lock);
	/* Can not fail: current is not exiting. */
	WARN_ON_ONCE(task_work_add(current, &wait->work, TWA_RESUME));
}

/* Nobody shall stand still for as long as a client that was stopped (SIGSTOP, Ctrl-Z). */
static bool vasmon_throttle_stopped(const struct vasmon_subscriber *sub)
{
	const struct task_struct *task;
	bool stopped;

	rcu_read_lock();
	task = pid_task(sub->pid, PIDTYPE_TGID);
	stopped = task && READ_ONCE(task->signal->flags) & SIGNAL_STOP_STOPPED;
	rcu_read_unlock();
	return stopped;
}

/**
 * vasmon_throttle_update - let threads go on that need not wait any more
 * @watch: its subscribers moved on, or changed
 *
 * While threads wait for a subscriber whose socket is full the worker calls this
 * again and again, so that it is noticed within VASMON_DELIVER_LOOK_MS if the
 * subscriber was stopped.
 *
 * Context: may sleep; under the watch's mutex.
 */
void vasmon_throttle_update(struct vasmon_watch *watch)
{
	struct vasmon_subscriber *sub;
	unsigned int lossless = 0;
	u64 pos;

	lockdep_assert_held(&watch->mutex);
	raw_spin_lock(&watch->lock);
	pos = watch->ring.head;
	list_for_each_entry(sub, &watch->subscribers, node) {
		if (sub->wishes.lossless && !sock_flag(sub->sk, SOCK_DEAD) &&
		    !vasmon_throttle_stopped(sub)) {
			lossless++;
			pos = min(pos, sub->pos);
		}
	}
	WRITE_ONCE(watch->lossless_pos, pos);
	WRITE_ONCE(watch->lossless, lossless);
	raw_spin_unlock(&watch->lock);
	if (!vasmon_throttle_needed(watch))
		wake_up_all(&watch->room);
}

/* A wait that was not nudged yet, with a reference, or NULL. */
static struct vasmon_throttle_wait *vasmon_throttle_next(void)
{
	struct vasmon_throttle_wait *wait, *found = NULL;

	raw_spin_lock(&vasmon_throttle_lock);
	list_for_each_entry(wait, &vasmon_throttle_waits, node) {
		/* Its work may have run, and only the end of its put be to come. */
		if (!wait->nudged && refcount_inc_not_zero(&wait->refs)) {
			wait->nudged = true;
			found = wait;
			break;
		}
	}
	raw_spin_unlock(&vasmon_throttle_lock);
	return found;
}

/**
 * vasmon_throttle_exit - wait until no thread is in this code, or will be
 *
 * A thread that was queued, and then fell asleep in its system call, is woken
 * as by a signal that it ignores.
 *
 * Context: may sleep; all watches are closed, and no probe runs.
 */
void vasmon_throttle_exit(void)
{
	struct vasmon_throttle_wait *wait;

	if (!READ_ONCE(vasmon_throttle_used))
		return;
	while ((wait = vasmon_throttle_next()))
		if (task_work_add(wait->task, &wait->nudge, TWA_SIGNAL))
			vasmon_throttle_put(wait);
	wait_event(vasmon_throttle_idle, list_empty_careful(&vasmon_throttle_waits));
	/* The last one may still be on its way out of vasmon_throttle_put(). */
	synchronize_rcu_tasks();
}
