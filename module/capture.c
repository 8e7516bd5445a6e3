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
#include <linux/sched/signal.h>
#include <linux/timekeeping.h>

#include "capture.h"
#include "main.h"
#include "replace.h"
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

static void vasmon_capture_hash(struct vasmon_space *space)
{
	raw_spin_lock(&vasmon_capture_table_lock);
	hash_add_rcu(vasmon_capture_by_mm, &space->by_mm, vasmon_capture_key(space->mm));
	hash_add_rcu(vasmon_capture_by_tgid, &space->by_tgid, vasmon_capture_key(space->tgid));
	raw_spin_unlock(&vasmon_capture_table_lock);
}

/* Under the watch's lock; the caller sets watch->space anew. */
static void vasmon_capture_unhash(struct vasmon_space *space)
{
	lockdep_assert_held(&space->watch->lock);
	raw_spin_lock(&vasmon_capture_table_lock);
	hash_del_rcu(&space->by_mm);
	hash_del_rcu(&space->by_tgid);
	raw_spin_unlock(&vasmon_capture_table_lock);
	space->retired = true;
	vasmon_space_retire(space);
}

/* The walk of vasmon_replace_find() over an address space's VMAs. */
static bool vasmon_capture_region(struct vm_area_struct *vma, struct vasmon_region *r)
{
	if (!vma)
		return false;
	vasmon_region_from_vma(r, vma);
	return true;
}

static bool vasmon_capture_after(void *walk, unsigned long addr, struct vasmon_region *r)
{
	struct ma_state *mas = walk;

	mas_set(mas, addr);
	return vasmon_capture_region(mas_find(mas, ULONG_MAX), r);
}

static bool vasmon_capture_next(void *walk, struct vasmon_region *r)
{
	return vasmon_capture_region(mas_find(walk, ULONG_MAX), r);
}

static bool vasmon_capture_before(void *walk, unsigned long addr, struct vasmon_region *r)
{
	struct ma_state *mas = walk;
	struct vm_area_struct *vma;

	mas_set(mas, addr - 1);
	vma = mas_walk(mas);
	return vasmon_capture_region(vma ?: mas_prev(mas, 0), r);
}

static bool vasmon_capture_prev(void *walk, struct vasmon_region *r)
{
	return vasmon_capture_region(mas_prev(walk, 0), r);
}

static const struct vasmon_replace_ops vasmon_capture_walk = {
	.after = vasmon_capture_after,
	.next = vasmon_capture_next,
	.before = vasmon_capture_before,
	.prev = vasmon_capture_prev,
};

/**
 * struct vasmon_capture_change - a change while it is written down
 * @rep: the replacement; @rep.nr_old counts down as it is applied
 * @regions: did any region change?
 * @old_count: old regions in the window
 * @nr_old: entries of @old
 * @nr_new: entries of @new
 * @old: old regions, where they fit
 * @new: new regions, where they fit
 */
struct vasmon_capture_change {
	struct vasmon_replace rep;
	bool regions;
	unsigned long old_count;
	unsigned int nr_old;
	unsigned int nr_new;
	struct vasmon_ring_old old[VASMON_RING_OLD_MAX];
	struct vm_area_struct *new[VASMON_RING_NEW_MAX];
};

/* Note the old regions, and turn the shadow into the new map. */
static void vasmon_capture_apply(struct vasmon_space *space, struct ma_state *mas,
				 struct vasmon_capture_change *change)
{
	struct vasmon_replace *rep = &change->rep;
	struct vasmon_shadow_node *node = rep->old;
	unsigned long left = rep->nr_new;
	struct vm_area_struct *vma;
	struct vasmon_region r;

	change->old_count = rep->nr_old;
	change->nr_old = rep->nr_old <= VASMON_RING_OLD_MAX ? rep->nr_old : 0;
	change->nr_new = rep->nr_new <= VASMON_RING_NEW_MAX ? rep->nr_new : 0;
	for (unsigned int i = 0; i < change->nr_old; i++) {
		change->old[i] = (struct vasmon_ring_old){
			.start = node->region.start,
			.end = node->region.end,
			.flags = node->region.flags,
			.pgoff = node->region.pgoff,
		};
		node = vasmon_shadow_next(node);
	}
	mas_set(mas, rep->start);
	for (; left; left--) {
		vma = mas_find(mas, ULONG_MAX);
		if (change->nr_new)
			change->new[change->nr_new - left] = vma;
		vasmon_region_from_vma(&r, vma);
		vasmon_replace_put(&space->shadow, rep, &r);
	}
	vasmon_replace_finish(&space->shadow, rep);
}

/* What every record has: who, when. */
static void vasmon_capture_head(struct vasmon_watch *watch, struct vasmon_record *rec,
				const struct vasmon_why *why)
{
	unsigned int i;

	memset(rec, 0, sizeof(*rec));
	rec->cause = why->cause;
	rec->seq = ++watch->seq;
	rec->time = ktime_get_boottime_ns();
	if (why->syscall >= 0) {
		rec->has |= VASMON_HAS_SYSCALL;
		rec->syscall = why->syscall;
		rec->arch = why->arch;
		memcpy(rec->args, why->args, sizeof(rec->args));
	}
	memcpy(rec->comm, current->comm, sizeof(rec->comm));
	rec->comm[sizeof(rec->comm) - 1] = '\0';
	for (i = 0; i < VASMON_RING_NS_MAX; i++) {
		struct pid_namespace *ns = watch->ns[i];

		if (!ns)
			continue;
		rec->ids[i].pid = pid_nr_ns(watch->tgid, ns);
		rec->ids[i].tgid = pid_nr_ns(task_tgid(current), ns);
		rec->ids[i].tid = pid_nr_ns(task_pid(current), ns);
		rec->nr_ns = i + 1;
	}
}

/* The fields of the mm that moved; the space takes them over. */
static void vasmon_capture_fields(struct vasmon_space *space, struct vasmon_record *rec,
				  unsigned long brk, unsigned long start_brk,
				  unsigned long start_stack)
{
	rec->brk_from = space->brk;
	rec->brk = brk;
	rec->start_brk = start_brk;
	rec->start_stack = start_stack;
	rec->has |= (brk != space->brk ? VASMON_HAS_BRK : 0) |
		    (start_brk != space->start_brk ? VASMON_HAS_START_BRK : 0) |
		    (start_stack != space->start_stack ? VASMON_HAS_START_STACK : 0);
	if (rec->cause == VASMON_CAUSE_EXEC)
		rec->has |= VASMON_HAS_BRK | VASMON_HAS_START_BRK | VASMON_HAS_START_STACK;
	space->brk = brk;
	space->start_brk = start_brk;
	space->start_stack = start_stack;
}

/* An entry for each new region, and the texts after all entries. */
static unsigned long vasmon_capture_new(struct vasmon_record *rec,
					const struct vasmon_capture_change *change)
{
	char *text = vasmon_record_texts(rec);
	unsigned int i;

	for (i = 0; i < change->nr_new; i++) {
		struct vm_area_struct *vma = change->new[i];
		struct vasmon_ring_region *r = &rec->new[i];
		const char *name;

		r->start = vma->vm_start;
		r->end = vma->vm_end;
		r->flags = vma->vm_flags & ~VASMON_REGION_VM_IGNORED;
		r->pgoff = vma->vm_file ? vma->vm_pgoff : 0;
		r->file = NULL;
		r->text = 0;
		r->named = false;
		r->name_type = vasmon_region_name_type(vma, &name);
		if (r->name_type == VASMON_NAME_TYPE_FILE ||
		    r->name_type == VASMON_NAME_TYPE_ANON_SHMEM)
			r->file = get_file(vma->vm_file);
		if (r->name_type > VASMON_NAME_TYPE_FILE) {
			r->text = text - (char *)rec;
			text += strnlen(name, VASMON_REGION_TEXT_MAX - 1) + 1;
			strscpy((char *)rec + r->text, name, VASMON_REGION_TEXT_MAX);
		}
	}
	return ALIGN(text - (char *)rec, 8);
}

static unsigned long vasmon_capture_size(const struct vasmon_capture_change *change)
{
	unsigned long size = sizeof(struct vasmon_record) +
			     change->nr_new * sizeof(struct vasmon_ring_region) +
			     change->nr_old * sizeof(struct vasmon_ring_old);
	unsigned int i;

	for (i = 0; i < change->nr_new; i++) {
		const char *name;

		if (vasmon_region_name_type(change->new[i], &name) > VASMON_NAME_TYPE_FILE)
			size += VASMON_REGION_TEXT_MAX;
	}
	return ALIGN(size, 8);
}

/* Write a change into the ring. */
static void vasmon_capture_record(struct vasmon_space *space,
				  struct vasmon_capture_change *change,
				  const struct vasmon_why *why, u8 flags)
{
	struct vasmon_watch *watch = space->watch;
	struct mm_struct *mm = space->mm;
	struct vasmon_record *rec;
	unsigned long size;

	rec = vasmon_ring_reserve(&watch->ring, vasmon_capture_size(change), &watch->names);
	vasmon_capture_head(watch, rec, why);
	rec->map_count = space->shadow.count;
	vasmon_capture_fields(space, rec, READ_ONCE(mm->brk), READ_ONCE(mm->start_brk),
			      READ_ONCE(mm->start_stack));
	rec->flags = flags;
	if (change->regions) {
		rec->has |= VASMON_HAS_WINDOW;
		rec->start = change->rep.start;
		rec->end = change->rep.end;
		rec->old_count = change->old_count;
		rec->nr_old = change->nr_old;
		rec->nr_new = change->nr_new;
		if (change->rep.nr_new > change->nr_new)
			rec->flags |= VASMON_EVENT_FLAG_INCOMPLETE;
		memcpy(vasmon_record_old(rec), change->old,
		       change->nr_old * sizeof(change->old[0]));
	}
	size = vasmon_capture_new(rec, change);
	vasmon_ring_commit(&watch->ring, rec, size);
	vasmon_watch_kick(watch);
}

/* The shadow no longer holds: subscribers have to dump the map anew. */
static void vasmon_capture_lose(struct vasmon_space *space, const struct vasmon_why *why)
{
	struct vasmon_capture_change none = { };
	struct vasmon_why lost = *why;

	space->stale = true;
	lost.cause = VASMON_CAUSE_RESYNC;
	vasmon_capture_record(space, &none, &lost, 0);
}

/*
 * Get nodes where the spare ones do not suffice. Nothing is allocated under a
 * raw spinlock, so the watch's lock is given up meanwhile: the caller holds the
 * mmap lock, which keeps the map, and looks anew whether the space is retired.
 * On PREEMPT_RT a probe can not allocate at all, and the worker will.
 */
static void vasmon_capture_refill(struct vasmon_space *space, unsigned long nodes)
{
	struct vasmon_shadow fresh = { };

	lockdep_assert_held(&space->watch->lock);
	if (IS_ENABLED(CONFIG_PREEMPT_RT) || space->shadow.spares >= nodes)
		return;
	raw_spin_unlock(&space->watch->lock);
	vasmon_shadow_reserve(&fresh, nodes, GFP_NOWAIT | __GFP_NOWARN);
	raw_spin_lock(&space->watch->lock);
	vasmon_shadow_give(&space->shadow, &fresh);
}

/*
 * Take the map as it is for the last reported one. Under the watch's lock,
 * which is given up meanwhile, and the mmap lock. Without memory the space
 * stays stale.
 */
static void vasmon_capture_rebase(struct vasmon_space *space)
{
	struct vasmon_shadow_node *node;
	struct vm_area_struct *vma;
	struct vasmon_region r;
	MA_STATE(mas, &space->mm->mm_mt, 0, 0);

	while ((node = vasmon_shadow_first(&space->shadow)))
		vasmon_shadow_erase(&space->shadow, node);
	vasmon_capture_refill(space, space->mm->map_count);
	if (space->retired || !space->stale)
		return;
	mas_for_each(&mas, vma, ULONG_MAX) {
		vasmon_region_from_vma(&r, vma);
		if (!vasmon_shadow_insert(&space->shadow, &r)) {
			vasmon_watch_kick(space->watch);
			return;
		}
	}
	vasmon_space_set_fields(space);
	space->stale = false;
}

/* The mmap lock is held for write, and nothing has changed yet. */
static void vasmon_capture_begin(struct vasmon_space *space)
{
	WRITE_ONCE(space->writer, current);
	if (!READ_ONCE(space->stale))
		return;
	raw_spin_lock(&space->watch->lock);
	if (space->stale && !space->retired)
		vasmon_capture_rebase(space);
	raw_spin_unlock(&space->watch->lock);
}

/*
 * What changed since the last report; with nodes for it, or with @change->rep
 * that does not fit. Under the watch's lock, which is given up meanwhile.
 */
static bool vasmon_capture_find(struct vasmon_space *space, struct ma_state *mas,
				struct vasmon_capture_change *change)
{
	struct vasmon_replace *rep = &change->rep;
	struct mm_struct *mm = space->mm;
	bool refilled = false;

	for (;;) {
		if (space->retired)
			return false;
		change->regions = vasmon_replace_find(&space->shadow, &vasmon_capture_walk, mas,
						      0, ULONG_MAX, rep);
		if (!change->regions)
			return mm->brk != space->brk || mm->start_brk != space->start_brk ||
			       mm->start_stack != space->start_stack;
		if (refilled || vasmon_replace_fits(&space->shadow, rep))
			return true;
		vasmon_capture_refill(space, rep->nr_new - rep->nr_old);
		refilled = true;
	}
}

/* The mmap lock is held for write, and nothing will change any more. */
static void vasmon_capture_end(struct vasmon_space *space)
{
	struct vasmon_watch *watch = space->watch;
	struct vasmon_capture_change change;
	struct mm_struct *mm = space->mm;
	struct vasmon_why why;
	MA_STATE(mas, &mm->mm_mt, 0, 0);

	WRITE_ONCE(space->writer, NULL);
	/* exit_mmap(): the tree is gone, and nobody can look at it. */
	if (!atomic_read(&mm->mm_users))
		return;
	raw_spin_lock(&watch->lock);
	if (space->retired)
		goto out;
	if (space->stale) {
		vasmon_capture_rebase(space);
		goto out;
	}
	if (!vasmon_capture_find(space, &mas, &change))
		goto out;
	vasmon_why_get(&why, mm);
	change.nr_old = 0;
	change.nr_new = 0;
	if (change.regions) {
		if (!vasmon_replace_fits(&space->shadow, &change.rep)) {
			vasmon_capture_lose(space, &why);
			goto out;
		}
		vasmon_capture_apply(space, &mas, &change);
		if (change.old_count == 1 && change.nr_new == 1)
			vasmon_why_check_fault(&why, &change.old[0], change.new[0]);
	}
	vasmon_capture_record(space, &change, &why, 0);
out:
	raw_spin_unlock(&watch->lock);
}

/*
 * prctl(PR_SET_MM) sets brk and its like under the mmap lock held for read.
 * Other readers may come by before the caller of prctl lets go; only the
 * caller reports.
 */
static void vasmon_capture_prctl(struct vasmon_space *space)
{
	struct vasmon_capture_change none = { };
	struct mm_struct *mm = space->mm;
	struct vasmon_why why;

	if (current->mm != mm || in_hardirq() || in_nmi() || !vasmon_why_is_prctl())
		return;
	raw_spin_lock(&space->watch->lock);
	if (!space->retired && !space->stale &&
	    (READ_ONCE(mm->brk) != space->brk || READ_ONCE(mm->start_brk) != space->start_brk ||
	     READ_ONCE(mm->start_stack) != space->start_stack)) {
		vasmon_why_get(&why, mm);
		vasmon_capture_record(space, &none, &why, 0);
	}
	raw_spin_unlock(&space->watch->lock);
}

static __always_inline void vasmon_capture_released(struct mm_struct *mm, bool write)
{
	struct vasmon_space *space;

	rcu_read_lock();
	hash_for_each_possible_rcu(vasmon_capture_by_mm, space, by_mm, vasmon_capture_key(mm)) {
		if (space->mm != mm)
			continue;
		if (write)
			vasmon_capture_end(space);
		else
			vasmon_capture_prctl(space);
	}
	rcu_read_unlock();
}

static __always_inline void vasmon_capture_acquired(struct mm_struct *mm, bool write,
						    bool success)
{
	struct vasmon_space *space;

	if (!success)
		return;
	rcu_read_lock();
	hash_for_each_possible_rcu(vasmon_capture_by_mm, space, by_mm, vasmon_capture_key(mm)) {
		if (space->mm != mm)
			continue;
		if (write)
			vasmon_capture_begin(space);
		else if (READ_ONCE(space->writer) == current)
			vasmon_capture_end(space);	/* mmap_write_downgrade() */
	}
	rcu_read_unlock();
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

#define VASMON_CAPTURE_RELEASED \
	VASMON_COMPAT_PROBE_RELEASED(vasmon_capture_released_memcg, vasmon_capture_released_plain)
#define VASMON_CAPTURE_ACQUIRED \
	VASMON_COMPAT_PROBE_ACQUIRE_RETURNED(vasmon_capture_acquired_memcg, \
					     vasmon_capture_acquired_plain)

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
	int err;

	lockdep_assert_held(&vasmon_watch_mutex);
	if (vasmon_capture_users) {
		vasmon_capture_users++;
		return 0;
	}
	err = register_trace_mmap_lock_acquire_returned(VASMON_CAPTURE_ACQUIRED, NULL);
	if (err)
		return err;
	err = register_trace_mmap_lock_released(VASMON_CAPTURE_RELEASED, NULL);
	if (err) {
		unregister_trace_mmap_lock_acquire_returned(VASMON_CAPTURE_ACQUIRED, NULL);
		return err;
	}
	vasmon_capture_users = 1;
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
	unregister_trace_mmap_lock_released(VASMON_CAPTURE_RELEASED, NULL);
	unregister_trace_mmap_lock_acquire_returned(VASMON_CAPTURE_ACQUIRED, NULL);
}

/**
 * vasmon_capture_add - begin to capture
 * @space: bound; becomes the space of its watch
 *
 * Context: any but interrupts; does not sleep.
 */
void vasmon_capture_add(struct vasmon_space *space)
{
	raw_spin_lock(&space->watch->lock);
	space->watch->space = space;
	vasmon_capture_hash(space);
	raw_spin_unlock(&space->watch->lock);
}

/**
 * vasmon_capture_del - capture no more
 * @watch: its space, if any, is retired
 *
 * Context: any but interrupts; does not sleep.
 */
void vasmon_capture_del(struct vasmon_watch *watch)
{
	raw_spin_lock(&watch->lock);
	if (watch->space)
		vasmon_capture_unhash(watch->space);
	watch->space = NULL;
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
	raw_spin_lock(&watch->lock);
	watch->ended = true;
	raw_spin_unlock(&watch->lock);
	vasmon_capture_del(watch);
}

/* The whole map is new. If the new space is not stale, its mmap lock is held. */
static void vasmon_capture_replace_all(struct vasmon_space *old, struct vasmon_space *new)
{
	struct vasmon_capture_change change = {
		.regions = true,
		.rep = { .start = 0, .end = ULONG_MAX },
		.old_count = old->shadow.count,
	};
	struct vasmon_why why;
	u8 flags = 0;

	if (new->stale) {
		flags = VASMON_EVENT_FLAG_INCOMPLETE;
	} else {
		struct vm_area_struct *vma;
		MA_STATE(mas, &new->mm->mm_mt, 0, 0);

		change.rep.nr_new = new->shadow.count;
		if (change.rep.nr_new <= VASMON_RING_NEW_MAX)
			mas_for_each(&mas, vma, ULONG_MAX)
				change.new[change.nr_new++] = vma;
	}
	/* The record tells brk as moved from the old program's. */
	new->brk = old->brk;
	vasmon_why_get(&why, new->mm);
	why.cause = VASMON_CAUSE_EXEC;
	vasmon_capture_record(new, &change, &why, flags);
}

static void vasmon_capture_exec_one(struct vasmon_space *old, struct mm_struct *mm)
{
	struct vasmon_watch *watch = old->watch;
	struct vasmon_space *new;
	bool locked;

	/* Nobody but current runs in it; only a remote reader or writer is in the way. */
	locked = mmap_read_trylock(mm);
	raw_spin_lock(&watch->lock);
	new = watch->spare;
	watch->spare = NULL;
	if (!new && !IS_ENABLED(CONFIG_PREEMPT_RT)) {
		raw_spin_unlock(&watch->lock);
		new = vasmon_space_alloc(GFP_NOWAIT | __GFP_NOWARN);
		raw_spin_lock(&watch->lock);
	}
	if (new) {
		vasmon_space_bind(new, watch, mm, old->tgid);
		if (locked)
			vasmon_capture_rebase(new);
	}
	if (old->retired || old->mm == mm) {
		if (new)
			vasmon_space_retire(new);
	} else if (new) {
		vasmon_capture_replace_all(old, new);
		vasmon_capture_unhash(old);
		watch->space = new;
		vasmon_capture_hash(new);
	} else {
		/* The worker, which was kicked, gives the watch a space again. */
		vasmon_capture_lose(old, &(struct vasmon_why){ .syscall = -1 });
		vasmon_capture_unhash(old);
		watch->space = NULL;
	}
	raw_spin_unlock(&watch->lock);
	if (locked)
		mmap_read_unlock(mm);
}

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

	rcu_read_lock();
	hash_for_each_possible_rcu(vasmon_capture_by_tgid, space, by_tgid,
				   vasmon_capture_key(tgid))
		if (space->tgid == tgid)
			vasmon_capture_exec_one(space, mm);
	rcu_read_unlock();
}

/**
 * vasmon_capture_exited - the process of a watch has exited
 * @watch: gets its last event, once
 * @exit_code: as waitpid() has it
 *
 * Context: any but interrupts; does not sleep.
 */
void vasmon_capture_exited(struct vasmon_watch *watch, u32 exit_code)
{
	static const struct vasmon_why why = { .cause = VASMON_CAUSE_EXIT, .syscall = -1 };
	struct vasmon_record *rec;

	raw_spin_lock(&watch->lock);
	if (watch->ended)
		goto out;
	rec = vasmon_ring_reserve(&watch->ring, sizeof(*rec), &watch->names);
	vasmon_capture_head(watch, rec, &why);
	rec->has = VASMON_HAS_WINDOW | VASMON_HAS_EXIT_CODE;
	rec->start = 0;
	rec->end = ULONG_MAX;
	rec->old_count = watch->space ? watch->space->shadow.count : 0;
	rec->exit_code = exit_code;
	vasmon_ring_commit(&watch->ring, rec, sizeof(*rec));
	watch->ended = true;
	if (watch->space)
		vasmon_capture_unhash(watch->space);
	watch->space = NULL;
	vasmon_watch_kick(watch);
out:
	raw_spin_unlock(&watch->lock);
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

	rcu_read_lock();
	hash_for_each_possible_rcu(vasmon_capture_by_tgid, space, by_tgid,
				   vasmon_capture_key(tgid))
		if (space->tgid == tgid)
			vasmon_capture_exited(space->watch, exit_code);
	rcu_read_unlock();
}
