// SPDX-License-Identifier: GPL-2.0-only
/*
 * The workers. After a random number of operations each waits at a barrier; the
 * last one to come stops the process, which goes on when it is continued. So with
 * one worker the stops are always after the same operations, and with several no
 * change is under way in a stopped process.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>

#include "raw.h"
#include "touch.h"
#include "worker.h"

#define THREAD_STACK	65536

static char thread_stack[WORKERS_MAX][2][THREAD_STACK] __attribute__((aligned(16)));
static int thread_busy[WORKERS_MAX][2];
static struct worker workers[WORKERS_MAX];

static struct worker thread_stops;	/* its dice say when to stop */
static unsigned long thread_quota;
static int thread_arrived;
static int thread_turn;

static void futex_wait(int *word, int value)
{
	raw(SYS_futex, (unsigned long)word, FUTEX_WAIT, value, 0, 0, 0);
}

static void thread_barrier(struct worker *w)
{
	int turn = __atomic_load_n(&thread_turn, __ATOMIC_ACQUIRE);
	long pid;

	if (__atomic_add_fetch(&thread_arrived, 1, __ATOMIC_ACQ_REL) < (int)torture.threads) {
		while (__atomic_load_n(&thread_turn, __ATOMIC_ACQUIRE) == turn)
			futex_wait(&thread_turn, turn);
		return;
	}
	board->stops++;
	pid = raw(SYS_getpid, 0, 0, 0, 0, 0, 0);
	raw(SYS_tgkill, pid, w->tid, SIGSTOP, 0, 0, 0);
	thread_quota = 1 + pick(&thread_stops, 2 * torture.mean);
	thread_arrived = 0;
	__atomic_store_n(&thread_turn, turn + 1, __ATOMIC_RELEASE);
	raw(SYS_futex, (unsigned long)&thread_turn, FUTEX_WAKE, WORKERS_MAX, 0, 0, 0);
}

static void thread_run(void *arg)
{
	struct worker *w = arg;
	struct board_slot *slot = &board->slot[w->slot];

	touch_thread(w->slot, false);
	w->tid = raw(SYS_gettid, 0, 0, 0, 0, 0, 0);
	for (;;) {
		while (w->done < thread_quota) {
			w->done++;
			slot->ops++;
			op_any(w);
		}
		thread_barrier(w);
		w->done = 0;
	}
}

/* Return: whether there could be another thread. */
static bool thread_new(struct worker *w)
{
	int *busy = &thread_busy[w->slot][w->stack];
	int value;

	/* Whoever had the stack may still be on its way out. */
	while ((value = __atomic_load_n(busy, __ATOMIC_ACQUIRE)))
		futex_wait(busy, value);
	*busy = 1;
	if (!failed(raw_clone(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
			      CLONE_SYSVSEM | CLONE_CHILD_CLEARTID,
			      thread_stack[w->slot][w->stack] + THREAD_STACK, thread_run, w, busy)))
		return true;
	*busy = 0;
	return false;
}

/* Another thread takes the worker over, and this one ends. */
void thread_replace(struct worker *w)
{
	w->stack ^= 1;
	while (thread_new(w))
		raw(SYS_exit, 0, 0, 0, 0, 0, 0);
	w->stack ^= 1;
}

void threads_start(void)
{
	unsigned long pages = ARENA_PAGES;
	unsigned int i;

	if (torture.regions > pages)
		pages = torture.regions;
	thread_stops.dice = mix(torture.seed, WORKERS_MAX);
	thread_quota = 1 + pick(&thread_stops, 2 * torture.mean);
	for (i = 0; i < torture.threads; i++) {
		struct worker *w = &workers[i];

		w->slot = i;
		w->dice = mix(torture.seed, i);
		/* The last slice is next to the one that belongs to all. */
		w->arena.addr = ARENA_START + (i + 1) * ARENA_PAGES * PAGE;
		w->arena.len = ARENA_PAGES * PAGE;
		if (torture.mode == MODE_ACTOR)
			w->arena.addr = FAR_START + i * FAR_STEP + FAR_STEP / 4;
		else if (torture.regions)
			w->arena.len = pages / torture.threads * PAGE;
		if (torture.regions && torture.mode == MODE_ALL)
			w->arena.addr = ARENA_START + ARENA_PAGES * PAGE + i * w->arena.len;
		w->near = w->arena.addr;
	}
	for (i = 1; i < torture.threads; i++) {
		/* Right after an exec, the threads of before can still count. */
		while (!thread_new(&workers[i]))
			raw(SYS_sched_yield, 0, 0, 0, 0, 0, 0);
	}
	thread_run(&workers[0]);
}
