// SPDX-License-Identifier: GPL-2.0-only
/* The heap, stacks, and what a process is told by prctl() and userfaultfd. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/prctl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>

#include "op.h"
#include "place.h"
#include "raw.h"
#include "touch.h"

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif

static void brk_move(struct worker *w)
{
	unsigned long to = torture.heap + pick(w, 150) * PAGE;

	switch (pick(w, 8)) {
	case 0:
		to = torture.heap - pick(w, 4 * PAGE);
		break;
	case 1 ... 3:
		to += pick(w, PAGE);
		break;
	}
	call(w, SYS_brk, to, 0, 0, 0, 0, 0);
}

static void touch(struct worker *w)
{
	struct range r = place_mapped(w);

	/* A guard, a file that ends, a stack that cannot grow: a signal, and it goes on. */
	note_access(w, r.addr);
	if (pick(w, 4))
		touch_write(r.addr);
	else
		touch_read(r.addr);
}

/* Below a region that may grow, if there is one. */
static void touch_below(struct worker *w)
{
	unsigned long at = place_grow(w).addr - pick(w, 3) * PAGE + pick(w, 500) * 8;

	note_access(w, at);
	if (pick(w, 2))
		touch_write(at);
	else
		touch_push(at);
}

static unsigned long stack_place(struct worker *w)
{
	unsigned long pages = (torture.stack_high - torture.stack_low) / PAGE;

	/* Mostly near the top, so that it grows often. */
	if (pick(w, 4))
		pages /= 8;
	return torture.stack_high - (1 + pick(w, pages)) * PAGE;
}

static void touch_stack(struct worker *w)
{
	unsigned long at = stack_place(w);

	note_access(w, at);
	if (pick(w, 2))
		touch_write(at);
	else
		touch_push(at);
}

/* The kernel writes to where nothing was yet, for a call that is about something else. */
static void write_below(struct worker *w)
{
	unsigned long at;

	if (torture.mode == MODE_ACTOR || pick(w, 2))
		at = place_grow(w).addr - (1 + pick(w, 2)) * PAGE;
	else
		at = stack_place(w);
	switch (pick(w, 3)) {
	case 0:
		call(w, SYS_getcwd, at, 512, 0, 0, 0, 0);
		break;
	case 1:
		call(w, SYS_clock_gettime, 0, at, 0, 0, 0, 0);
		break;
	case 2:
		/* Faults while it reads, and knows mmap's arguments no better. */
		call(w, SYS_mincore, ARENA_START, 64 * PAGE, at, 0, 0, 0);
		break;
	}
}

/* Let it grow anew. */
static void stack_unmap(struct worker *w)
{
	unsigned long from = stack_place(w);

	call(w, SYS_munmap, torture.stack_low, from - torture.stack_low, 0, 0, 0, 0);
}

static void set_mm(struct worker *w)
{
	unsigned long heap = (torture.heap + PAGE - 1) & -PAGE;

	switch (pick(w, 4)) {
	case 0:
		call(w, SYS_prctl, PR_SET_MM, PR_SET_MM_BRK, heap + pick(w, 150 * PAGE), 0, 0, 0);
		break;
	case 1:
		call(w, SYS_prctl, PR_SET_MM, PR_SET_MM_START_BRK, torture.heap +
		     pick(w, 2) * pick(w, 20 * PAGE), 0, 0, 0);
		break;
	case 2:
		call(w, SYS_prctl, PR_SET_MM, PR_SET_MM_START_STACK, place_mapped(w).addr, 0, 0, 0);
		break;
	case 3:
		call(w, SYS_prctl, PR_SET_MM, PR_SET_MM_START_STACK, torture.stack_high + 8, 0, 0,
		     0);
		break;
	}
}

static void set_name(struct worker *w)
{
	static const char *const names[] = { "one", "two", "" };
	struct range r = place_mapped(w);
	unsigned long n = pick(w, 4);

	call(w, SYS_prctl, PR_SET_VMA, PR_SET_VMA_ANON_NAME, r.addr, r.len,
	     n == 3 ? 0 : (unsigned long)names[n], 0);
}

/* Faults in such a region are signals here, and do not wait for anybody. */
static void fault_register(struct worker *w)
{
	struct range r = place_arena(w);
	struct uffdio_register reg = {
		.range = { r.addr, r.len },
		.mode = pick(w, 2) ? UFFDIO_REGISTER_MODE_MISSING : UFFDIO_REGISTER_MODE_WP,
	};

	call(w, SYS_ioctl, torture.uffd, UFFDIO_REGISTER, (unsigned long)&reg, 0, 0, 0);
}

static void fault_unregister(struct worker *w)
{
	struct range r = place_arena(w);
	struct uffdio_range range = { r.addr, r.len };

	call(w, SYS_ioctl, torture.uffd, UFFDIO_UNREGISTER, (unsigned long)&range, 0, 0, 0);
}

static int fault_open(void)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_SIGBUS };
	int fd = raw(SYS_userfaultfd, O_CLOEXEC, 0, 0, 0, 0, 0);

	if (fd >= 0)
		raw(SYS_ioctl, fd, UFFDIO_API, (unsigned long)&api, 0, 0, 0);
	return fd;
}

/* Closing it unregisters all. */
static void fault_reopen(struct worker *w)
{
	int fd = __atomic_exchange_n(&torture.uffd, -1, __ATOMIC_ACQ_REL);

	if (fd >= 0)
		call(w, SYS_close, fd, 0, 0, 0, 0, 0);
	else
		__atomic_store_n(&torture.uffd, fault_open(), __ATOMIC_RELEASE);
}

static void clear_refs(struct worker *w)
{
	long fd = raw(SYS_open, (unsigned long)"/proc/self/clear_refs", O_WRONLY | O_CLOEXEC, 0, 0,
		      0, 0);

	call(w, SYS_write, fd, (unsigned long)"4", 1, 0, 0, 0);
	raw(SYS_close, fd, 0, 0, 0, 0, 0);
}

const struct op ops_space[] = {
	{ .name = "brk", .weight = 12, .run = brk_move },
	{ .name = "touch", .weight = 15, .actor = true, .run = touch },
	{ .name = "touch below", .weight = 8, .actor = true, .run = touch_below },
	{ .name = "touch stack", .weight = 6, .run = touch_stack },
	{ .name = "write below", .weight = 6, .actor = true, .run = write_below },
	{ .name = "stack unmap", .weight = 2, .run = stack_unmap },
	{ .name = "set mm", .weight = 4, .run = set_mm },
	{ .name = "set name", .weight = 3, .actor = true, .run = set_name },
	{ .name = "fault register", .weight = 3, .small = true, .run = fault_register },
	{ .name = "fault unregister", .weight = 2, .small = true, .run = fault_unregister },
	{ .name = "fault reopen", .weight = 1, .parent = true, .small = true, .run = fault_reopen },
	{ .name = "clear refs", .weight = 1, .small = true, .run = clear_refs },
	{ 0 },
};
