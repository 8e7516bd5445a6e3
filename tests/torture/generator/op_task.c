// SPDX-License-Identifier: GPL-2.0-only
/* Children, other programs, and other threads. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include "op.h"
#include "place.h"
#include "program.h"
#include "raw.h"
#include "touch.h"

#define CHILD_STACK	65536
#define CHILD_OPS	12

static char child_stack[WORKERS_MAX][CHILD_STACK] __attribute__((aligned(16)));

static _Noreturn void child_run(struct worker *w)
{
	unsigned int i;

	w->child = true;
	touch_thread(w->slot, true);
	for (i = 0; i < CHILD_OPS; i++)
		op_any(w);
	while (w->n_entries)
		place_drop(w, 0);
	for (;;)
		raw(SYS_exit_group, 0, 0, 0, 0, 0, 0);
}

static void child_wait(long pid)
{
	if (!failed(pid))
		while (raw(SYS_wait4, pid, 0, __WALL, 0, 0, 0) == -4)
			;
}

static void fork_child(struct worker *w)
{
	uint64_t dice = draw(w);
	long pid;

	if (pick(w, 8))
		return;
	pid = call(w, SYS_fork, 0, 0, 0, 0, 0, 0);
	if (!pid) {
		w->dice = dice;
		child_run(w);
	}
	child_wait(pid);
}

static void child_shared(void *arg)
{
	child_run(arg);
}

/* As vfork() does, on another stack: it changes its parent's memory. */
static void share_child(struct worker *w)
{
	struct worker child = {
		.slot = w->slot,
		.dice = draw(w),
		.arena = w->arena,
	};

	if (pick(w, 3))
		return;
	child_wait(raw_clone(CLONE_VM | CLONE_VFORK | SIGCHLD, child_stack[w->slot] + CHILD_STACK,
			     child_shared, &child, NULL));
}

/* It goes on with the same random numbers in a new address space. */
static void execute(struct worker *w)
{
	if (!pick(w, 6))
		program_again(w, draw(w));
}

static void replace(struct worker *w)
{
	if (w->slot)
		thread_replace(w);
}

const struct op ops_task[] = {
	{ .name = "fork", .weight = 1, .parent = true, .small = true, .run = fork_child },
	{ .name = "vfork", .weight = 1, .parent = true, .run = share_child },
	{ .name = "exec", .weight = 1, .parent = true, .small = true, .run = execute },
	{ .name = "thread", .weight = 2, .actor = true, .parent = true, .run = replace },
	{ 0 },
};
