// SPDX-License-Identifier: GPL-2.0-only
/*
 * What changed, found where it changes: in the thread that did it, before it
 * lets go of the mmap lock.
 *
 * mmap_write_unlock() and mmap_write_downgrade() fire their tracepoints before
 * the lock is given up. There the map is final, no other thread can change it,
 * and current is who did. The write side of the mmap lock thus makes events of
 * an address space one sequence.
 *
 * A downgrade looks like a lock taken for read. They are told apart by
 * remembering who took the lock for write: the one who holds it cannot take it
 * again. The owner field of the semaphore would tell as well, but not on
 * PREEMPT_RT.
 */
#include <linux/hashtable.h>
#include <linux/sched/mm.h>

#include "capture.h"
#include "compat/compat.h"
#include "probe.h"
#include "record.h"
#include "section.h"
#include "throttle.h"
#include "why.h"

#define VASMON_CAPTURE_BITS 10
static DEFINE_HASHTABLE(vasmon_capture_by_mm, VASMON_CAPTURE_BITS);
static DEFINE_HASHTABLE(vasmon_capture_by_tgid, VASMON_CAPTURE_BITS);
static DEFINE_RAW_SPINLOCK(vasmon_capture_table_lock);
static unsigned int vasmon_capture_users;

static unsigned long vasmon_capture_key(const void *ptr)
{
	return (unsigned long)ptr / L1_CACHE_BYTES;
}

/* Begin to see a space, of a watch that has not ended: nobody would unhash it. Under its lock. */
static void vasmon_capture_hash(struct vasmon_space *space)
{
	lockdep_assert_held(&space->watch->lock);
	WARN_ON_ONCE(space->watch->ended);
	list_add_tail(&space->node, &space->watch->spaces);
	space->watch->nr_spaces++;
	raw_spin_lock(&vasmon_capture_table_lock);
	if (!space->guest)
		hash_add_rcu(vasmon_capture_by_mm, &space->by_mm, vasmon_capture_key(space->mm));
	hash_add_rcu(vasmon_capture_by_tgid, &space->by_tgid, vasmon_capture_key(space->tgid));
	raw_spin_unlock(&vasmon_capture_table_lock);
}

/* See a space no more; under the watch's lock. */
static void vasmon_capture_unhash(struct vasmon_space *space)
{
	lockdep_assert_held(&space->watch->lock);
	list_del_init(&space->node);
	space->watch->nr_spaces--;
	raw_spin_lock(&vasmon_capture_table_lock);
	hash_del_rcu(&space->by_mm);
	hash_del_rcu(&space->by_tgid);
	raw_spin_unlock(&vasmon_capture_table_lock);
	space->retired = true;
	vasmon_space_retire(space);
}

/*
 * See another space of the same process in its place; under the watch's lock. Who
 * looks for the process without a lock finds one of them, whatever else there is
 * beside them; the first may be retired by then.
 */
static void vasmon_capture_rehash(struct vasmon_space *old, struct vasmon_space *new)
{
	lockdep_assert_held(&old->watch->lock);
	list_replace_init(&old->node, &new->node);
	raw_spin_lock(&vasmon_capture_table_lock);
	hlist_replace_rcu(&old->by_tgid, &new->by_tgid);
	hash_del_rcu(&old->by_mm);
	hash_add_rcu(vasmon_capture_by_mm, &new->by_mm, vasmon_capture_key(new->mm));
	raw_spin_unlock(&vasmon_capture_table_lock);
	old->retired = true;
	vasmon_space_retire(old);
}

/*
 * A process leaves an address space that another one shares with it: from here
 * on that one's space reports; unless that one has left it as well, and is without
 * a space for its program. Under the watch's lock.
 */
static void vasmon_capture_promote(struct vasmon_space *left)
{
	struct vasmon_space *space;

	if (left->guest)
		return;
	list_for_each_entry(space, &left->watch->spaces, node) {
		if (!space->guest || space->lost || space->mm != left->mm)
			continue;
		space->guest = false;
		raw_spin_lock(&vasmon_capture_table_lock);
		hash_add_rcu(vasmon_capture_by_mm, &space->by_mm, vasmon_capture_key(space->mm));
		raw_spin_unlock(&vasmon_capture_table_lock);
		/* Its map has to be dumped: the mmap lock is not ours to take. */
		vasmon_section_whole(space, VASMON_CAUSE_FORK, 0);
		return;
	}
}

/* Is anything watched that has the same key? A look without any lock. */
static __always_inline bool vasmon_capture_maybe(const struct mm_struct *mm)
{
	return unlikely(READ_ONCE(vasmon_capture_by_mm[hash_min(vasmon_capture_key(mm),
								VASMON_CAPTURE_BITS)].first));
}

/*
 * With preemption disabled, which RCU waits for as well, and which is cheaper
 * than rcu_read_lock() in a module. Probes are called with preemption enabled
 * since 7.0 or so.
 */
#define vasmon_capture_for_each(space, mm)						\
	hash_for_each_possible_rcu(vasmon_capture_by_mm, space, by_mm,			\
				   vasmon_capture_key(mm), rcu_read_lock_sched_held())

static noinline void vasmon_capture_release(const struct mm_struct *mm, bool write)
{
	struct vasmon_space *space;

	preempt_disable_notrace();
	vasmon_capture_for_each(space, mm) {
		if (space->mm != mm)
			continue;
		if (write)
			vasmon_section_end(space, false);
		else if (unlikely(vasmon_space_fields_moved(space)))
			vasmon_section_fields(space);
	}
	preempt_enable_notrace();
}

static noinline void vasmon_capture_acquire(const struct mm_struct *mm, bool write)
{
	struct vasmon_space *space;

	preempt_disable_notrace();
	vasmon_capture_for_each(space, mm) {
		if (space->mm != mm)
			continue;
		if (write)
			vasmon_section_begin(space);
		else if (READ_ONCE(space->writer) == current)
			vasmon_section_end(space, true);	/* mmap_write_downgrade() */
	}
	preempt_enable_notrace();
}

static __always_inline void vasmon_capture_released(struct mm_struct *mm, bool write)
{
	if (vasmon_capture_maybe(mm))
		vasmon_capture_release(mm, write);
}

static __always_inline void vasmon_capture_acquired(struct mm_struct *mm, bool write,
						    bool success)
{
	if (vasmon_capture_maybe(mm) && success)
		vasmon_capture_acquire(mm, write);
}

static void __maybe_unused vasmon_capture_released_memcg(void *data, struct mm_struct *mm,
							 const char *memcg_path, bool write)
{
	vasmon_capture_released(mm, write);
}

static void __maybe_unused vasmon_capture_released_plain(void *data, struct mm_struct *mm,
							 bool write)
{
	vasmon_capture_released(mm, write);
}

static void __maybe_unused vasmon_capture_acquired_memcg(void *data, struct mm_struct *mm,
							 const char *memcg_path, bool write,
							 bool success)
{
	vasmon_capture_acquired(mm, write, success);
}

static void __maybe_unused vasmon_capture_acquired_plain(void *data, struct mm_struct *mm,
							 bool write, bool success)
{
	vasmon_capture_acquired(mm, write, success);
}

/*
 * Room was looked for. The caller may take another place in what was found, as
 * huge pages want it, and may ask again, so all that was found counts.
 */
static noinline void vasmon_capture_room(unsigned long start, unsigned long end)
{
	struct mm_struct *mm = current->mm;
	struct vasmon_space *space;

	preempt_disable_notrace();
	vasmon_capture_for_each(space, mm) {
		if (space->mm != mm || READ_ONCE(space->writer) != current)
			continue;
		space->hint.from = space->hint.to ? min(space->hint.from, start) : start;
		space->hint.to = max(space->hint.to, end);
	}
	preempt_enable_notrace();
}

static void vasmon_capture_unmapped_area(void *data, unsigned long addr,
					 struct vm_unmapped_area_info *info)
{
	if (vasmon_capture_maybe(current->mm) && !IS_ERR_VALUE(addr))
		vasmon_capture_room(addr & PAGE_MASK, PAGE_ALIGN(addr + info->length));
}

/* The one that reports comes last: it relies on what the others have noted. */
static struct vasmon_probe vasmon_capture_probes[] = {
	{
		.name = "mmap_lock_acquire_returned",
		.function = VASMON_COMPAT_PROBE_ACQUIRE_RETURNED(vasmon_capture_acquired_memcg,
								 vasmon_capture_acquired_plain),
	}, {
		.name = "vm_unmapped_area",
		.function = vasmon_capture_unmapped_area,
	}, {
		.name = "mmap_lock_released",
		.function = VASMON_COMPAT_PROBE_RELEASED(vasmon_capture_released_memcg,
							 vasmon_capture_released_plain),
	},
};

static void vasmon_capture_memcg_path(bool wanted)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vasmon_capture_probes); i++)
		vasmon_compat_memcg_path(vasmon_capture_probes[i].tracepoint, wanted);
}

/**
 * vasmon_capture_start - have one more reason to run the probes
 *
 * While nothing is watched they are not registered, and cost nothing.
 *
 * Context: may sleep; under vasmon_watch_mutex.
 * Return: 0 or a negative errno.
 */
int vasmon_capture_start(void)
{
	int err = 0;

	lockdep_assert_held(&vasmon_watch_mutex);
	if (!vasmon_capture_users) {
		err = vasmon_probe_register(vasmon_capture_probes,
					    ARRAY_SIZE(vasmon_capture_probes));
		if (err)
			return err;
		vasmon_capture_memcg_path(false);
	}
	vasmon_capture_users++;
	return 0;
}

/**
 * vasmon_capture_stop - have one reason less
 *
 * Probes may still run for a grace period of tracepoints; the module waits for
 * them when it is unloaded.
 *
 * Context: may sleep; under vasmon_watch_mutex.
 */
void vasmon_capture_stop(void)
{
	lockdep_assert_held(&vasmon_watch_mutex);
	if (--vasmon_capture_users)
		return;
	vasmon_capture_memcg_path(true);
	vasmon_probe_unregister(vasmon_capture_probes, ARRAY_SIZE(vasmon_capture_probes));
}

/**
 * vasmon_capture_add - begin to capture
 * @space: bound; becomes a space of its watch
 *
 * Context: any but interrupts; does not sleep.
 * Return: false if the watch has ended; nothing was done then.
 */
bool vasmon_capture_add(struct vasmon_space *space)
{
	struct vasmon_watch *watch = space->watch;
	bool ended;

	raw_spin_lock(&watch->lock);
	ended = watch->ended;
	if (!ended)
		vasmon_capture_hash(space);
	raw_spin_unlock(&watch->lock);
	return !ended;
}

/**
 * vasmon_capture_forget - capture no more of a process
 * @watch: the watch
 * @tgid: its spaces are retired
 *
 * Context: any but interrupts; does not sleep.
 */
void vasmon_capture_forget(struct vasmon_watch *watch, struct pid *tgid)
{
	struct vasmon_space *space, *next;

	raw_spin_lock(&watch->lock);
	list_for_each_entry_safe(space, next, &watch->spaces, node) {
		if (space->tgid == tgid) {
			vasmon_capture_unhash(space);
			vasmon_capture_promote(space);
		}
	}
	raw_spin_unlock(&watch->lock);
}

/**
 * vasmon_capture_relieve - a process has a space for its new program
 * @space: bound; takes the place of the lost one of its process
 *
 * At each moment a process has one space, which capture sees start the next
 * program, fork or exit. Who has dumped the map meanwhile could not be told which
 * events it includes: it has to be dumped once more.
 *
 * Context: any but interrupts; does not sleep.
 * Return: false if the process has no lost space any more; nothing was done then.
 */
bool vasmon_capture_relieve(struct vasmon_space *space)
{
	struct vasmon_watch *watch = space->watch;
	struct vasmon_space *lost;
	bool found = false;

	raw_spin_lock(&watch->lock);
	list_for_each_entry(lost, &watch->spaces, node) {
		found = lost->tgid == space->tgid && lost->lost;
		if (!found)
			continue;
		vasmon_capture_rehash(lost, space);
		vasmon_capture_promote(lost);
		vasmon_section_lose(space);
		break;
	}
	raw_spin_unlock(&watch->lock);
	return found;
}

/**
 * vasmon_capture_lose - a process has another address space than its space says
 * @watch: the watch
 * @tgid: the process
 * @mm: a space of it with this one is lost
 *
 * Context: any but interrupts; does not sleep.
 */
void vasmon_capture_lose(struct vasmon_watch *watch, struct pid *tgid, const struct mm_struct *mm)
{
	struct vasmon_space *space;

	raw_spin_lock(&watch->lock);
	list_for_each_entry(space, &watch->spaces, node) {
		if (space->tgid == tgid && space->mm == mm) {
			space->lost = true;
			vasmon_section_lose(space);
		}
	}
	raw_spin_unlock(&watch->lock);
}

/**
 * vasmon_capture_end_watch - capture nothing for a watch ever again
 * @watch: about to be freed
 *
 * Context: any but interrupts; does not sleep.
 */
void vasmon_capture_end_watch(struct vasmon_watch *watch)
{
	struct vasmon_space *space, *next;

	raw_spin_lock(&watch->lock);
	watch->ended = true;
	list_for_each_entry_safe(space, next, &watch->spaces, node)
		vasmon_capture_unhash(space);
	raw_spin_unlock(&watch->lock);
}

/*
 * The space that reports of a process: its own, or, where it runs in the map of another
 * one, that one's; NULL if that has retired. Under the watch's lock.
 */
static struct vasmon_space *vasmon_capture_host(struct vasmon_space *space)
{
	struct vasmon_space *host;

	if (!space->guest || space->lost)
		return space;
	list_for_each_entry(host, &space->watch->spaces, node)
		if (!host->guest && host->mm == space->mm)
			return host;
	return NULL;
}

/* A space for a program or a child; under the watch's lock, which is given up meanwhile. */
static struct vasmon_space *vasmon_capture_spare(struct vasmon_watch *watch)
{
	struct vasmon_space *space = watch->spare;

	watch->spare = NULL;
	if (space || IS_ENABLED(CONFIG_PREEMPT_RT))
		return space;
	raw_spin_unlock(&watch->lock);
	space = vasmon_space_alloc(GFP_ATOMIC | __GFP_NOWARN);
	raw_spin_lock(&watch->lock);
	return space;
}

static void vasmon_capture_exec_one(struct vasmon_space *old, struct mm_struct *mm)
{
	struct vasmon_watch *watch = old->watch;
	struct vasmon_space *new;
	bool locked;

	/* Nobody but current runs in it; only a remote reader or writer is in the way. */
	locked = mmap_read_trylock(mm);
	raw_spin_lock(&watch->lock);
	new = vasmon_capture_spare(watch);
	if (new) {
		vasmon_space_bind(new, watch, mm, old->tgid);
		if (locked)
			vasmon_section_rebase(new);
	}
	/* The lock was given up, for each of these: the watch may have ended. */
	if (old->retired || old->mm == mm) {
		if (new)
			vasmon_space_retire(new);
		/* It was bound in the middle of this exec, before brk was set. */
		if (!old->retired && !old->stale && vasmon_space_fields_moved(old)) {
			struct vasmon_why why;

			vasmon_why_get(&why, mm);
			vasmon_record_fields(old, &why);
		}
	} else if (new) {
		/* The record tells brk as moved from the old program's. */
		new->brk = old->brk;
		vasmon_section_whole(new, VASMON_CAUSE_EXEC, old->shadow.count);
		vasmon_capture_unhash(old);
		vasmon_capture_hash(new);
		vasmon_capture_promote(old);
	} else {
		/* The worker, which was kicked, makes a space for it. */
		old->lost = true;
		vasmon_section_lose(old);
	}
	raw_spin_unlock(&watch->lock);
	vasmon_throttle(watch);
	if (locked)
		mmap_read_unlock(mm);
}

/* Those of a process; see vasmon_capture_for_each(). */
#define vasmon_capture_for_each_key(space, tgid)					\
	hash_for_each_possible_rcu(vasmon_capture_by_tgid, space, by_tgid,		\
				   vasmon_capture_key(tgid), rcu_read_lock_sched_held())

/**
 * vasmon_capture_exec - current has started a new program
 * @tgid: its process
 * @mm: its new address space
 *
 * Context: in the tracepoint sched_process_exec; does not sleep.
 */
void vasmon_capture_exec(struct pid *tgid, struct mm_struct *mm)
{
	struct vasmon_space *space;

	preempt_disable_notrace();
	vasmon_capture_for_each_key(space, tgid)
		if (space->tgid == tgid)
			vasmon_capture_exec_one(space, mm);
	preempt_enable_notrace();
}

/*
 * The space that took the place of a retired one when the worker relieved it, or
 * NULL; also where that was found as well, and the child is there by it.
 */
static struct vasmon_space *vasmon_capture_successor(const struct vasmon_space *old,
						     const struct pid *child)
{
	struct vasmon_space *space, *found = NULL;

	list_for_each_entry(space, &old->watch->spaces, node) {
		if (space->tgid == child)
			return NULL;
		if (space->tgid == old->tgid)
			found = space;
	}
	return found;
}

static void vasmon_capture_fork_one(struct vasmon_space *parent, struct pid *tgid,
				    struct mm_struct *mm)
{
	struct vasmon_watch *watch = parent->watch;
	bool guest = mm == current->mm, locked;
	struct vasmon_space *new;

	/* It does not run yet; only a remote reader or writer is in the way. */
	locked = !guest && mmap_read_trylock(mm);
	raw_spin_lock(&watch->lock);
	new = vasmon_capture_spare(watch);
	if (new) {
		vasmon_space_bind(new, watch, mm, tgid);
		new->guest = guest;
		if (locked)
			vasmon_section_rebase(new);
	}
	/* As for a program: not before all is allocated. */
	if (parent->retired)
		parent = vasmon_capture_successor(parent, tgid);
	if (!parent) {
		if (new)
			vasmon_space_retire(new);
	} else if (!new) {
		/* No memory for the child: let it not go unnoticed. */
		watch->unfollowed++;
		parent = vasmon_capture_host(parent);
		if (parent)
			vasmon_section_lose(parent);
	} else {
		if (!guest)
			vasmon_section_whole(new, VASMON_CAUSE_FORK, 0);
		vasmon_capture_hash(new);
	}
	raw_spin_unlock(&watch->lock);
	/* A thread in vfork() would wait for its child as well. */
	if (!guest)
		vasmon_throttle(watch);
	if (locked)
		mmap_read_unlock(mm);
}

/**
 * vasmon_capture_fork - current has forked a process
 * @parent: its process
 * @child: the new process
 * @mm: that one's address space; may be the same
 *
 * Context: in the tracepoint sched_process_fork; does not sleep.
 */
void vasmon_capture_fork(struct pid *parent, struct pid *child, struct mm_struct *mm)
{
	struct vasmon_space *space;

	preempt_disable_notrace();
	vasmon_capture_for_each_key(space, parent)
		if (space->tgid == parent && space->watch->follow)
			vasmon_capture_fork_one(space, child, mm);
	preempt_enable_notrace();
}

static void vasmon_capture_exited_locked(struct vasmon_space *space, u32 exit_code)
{
	struct vasmon_watch *watch = space->watch;
	bool end = watch->nr_spaces == 1;

	if (space->retired)
		return;
	/* A child that never had a map of its own was never reported, but as lost. */
	if (!space->guest || space->lost || end)
		vasmon_record_exit(space, exit_code, end);
	vasmon_capture_unhash(space);
	vasmon_capture_promote(space);
	if (end)
		watch->ended = true;
}

/**
 * vasmon_capture_exit - the last thread of a process exits
 * @tgid: the process
 * @exit_code: as waitpid() has it
 *
 * Context: in the tracepoint sched_process_exit; does not sleep.
 */
void vasmon_capture_exit(struct pid *tgid, u32 exit_code)
{
	struct vasmon_space *space;
	bool again;

	preempt_disable_notrace();
	do {
		again = false;
		vasmon_capture_for_each_key(space, tgid) {
			if (space->tgid != tgid)
				continue;
			raw_spin_lock(&space->watch->lock);
			/* Another one may have taken its place meanwhile. */
			again |= space->retired;
			vasmon_capture_exited_locked(space, exit_code);
			raw_spin_unlock(&space->watch->lock);
		}
	} while (again);
	preempt_enable_notrace();
}

/**
 * vasmon_capture_mark - put a text among the events of a process
 * @tgid: the process
 * @text: the text
 * @len: its bytes, at most VASMON_MARK_MAX, none of them zero
 *
 * Context: current is who says it; does not sleep.
 * Return: how many watches have it; -EBUSY if one had too many of late.
 */
int vasmon_capture_mark(struct pid *tgid, const char *text, unsigned int len)
{
	struct vasmon_space *space, *host;
	bool busy = false, retired;
	int marked = 0;

again:
	retired = false;
	preempt_disable_notrace();
	vasmon_capture_for_each_key(space, tgid) {
		struct vasmon_watch *watch = space->watch;

		if (space->tgid != tgid)
			continue;
		raw_spin_lock(&watch->lock);
		retired |= space->retired;
		host = space->retired ? NULL : vasmon_capture_host(space);
		if (host && !__ratelimit(&watch->marks)) {
			busy = true;
		} else if (host) {
			vasmon_record_mark(host, text, len);
			marked++;
		}
		raw_spin_unlock(&watch->lock);
		/* Who marks another process may be who reads its events. */
		if (host && tgid == task_tgid(current))
			vasmon_throttle(watch);
	}
	preempt_enable_notrace();
	/* It has just started a program: the space for that came where this has looked already. */
	if (retired && !marked && !busy)
		goto again;
	return busy ? -EBUSY : marked;
}
