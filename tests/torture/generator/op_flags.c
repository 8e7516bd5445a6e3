// SPDX-License-Identifier: GPL-2.0-only
/* Memory stays, and what may be done with it changes. */
#define _GNU_SOURCE
#include <linux/mempolicy.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "op.h"
#include "place.h"
#include "raw.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#define MADV_GUARD_INSTALL_	102
#define MADV_GUARD_REMOVE_	103
#define NR_mseal		462

static void protect(struct worker *w)
{
	struct range r = place_mapped(w);

	call(w, SYS_mprotect, r.addr, r.len - pick(w, 2) * pick(w, PAGE), some_prot(w), 0, 0, 0);
}

/* Extends to the start of the region, or beyond what was asked for. */
static void protect_growsdown(struct worker *w)
{
	struct range r = place_mapped(w);

	call(w, SYS_mprotect, r.addr, r.len, some_prot(w) | (pick(w, 8) ? PROT_GROWSDOWN :
	     PROT_GROWSUP), 0, 0, 0);
}

static void protect_pkey(struct worker *w)
{
	struct range r = place_mapped(w);

	call(w, SYS_pkey_mprotect, r.addr, r.len, some_prot(w),
	     pick(w, 2) ? torture.pkey : -1, 0, 0);
}

static int some_advice(struct worker *w)
{
	static const int all[] = {
		MADV_DONTFORK, MADV_DOFORK, MADV_DONTDUMP, MADV_DODUMP, MADV_HUGEPAGE,
		MADV_NOHUGEPAGE, MADV_MERGEABLE, MADV_UNMERGEABLE, MADV_WIPEONFORK,
		MADV_KEEPONFORK, MADV_SEQUENTIAL, MADV_RANDOM, MADV_NORMAL, MADV_FREE,
		MADV_DONTNEED, MADV_WILLNEED, MADV_COLD, MADV_PAGEOUT, MADV_POPULATE_READ,
		MADV_COLLAPSE, MADV_GUARD_INSTALL_, MADV_GUARD_REMOVE_,
	};

	return all[pick(w, sizeof(all) / sizeof(*all))];
}

static void advise(struct worker *w)
{
	struct range r = place_mapped(w);

	call(w, SYS_madvise, r.addr, r.len - pick(w, 2) * pick(w, PAGE), some_advice(w), 0, 0, 0);
}

/* On itself, and on several ranges at once. */
static void advise_process(struct worker *w)
{
	struct iovec iov[3];
	unsigned int i;
	long fd = raw(SYS_pidfd_open, raw(SYS_getpid, 0, 0, 0, 0, 0, 0), 0, 0, 0, 0, 0);

	if (failed(fd))
		return;
	for (i = 0; i < 3; i++) {
		struct range r = place_mapped(w);

		iov[i] = (struct iovec){ (void *)r.addr, r.len };
	}
	call(w, SYS_process_madvise, fd, (unsigned long)iov, 3, some_advice(w), 0, 0);
	raw(SYS_close, fd, 0, 0, 0, 0, 0);
}

static void lock(struct worker *w)
{
	struct range r = place_mapped(w);

	if (pick(w, 2))
		call(w, SYS_mlock, r.addr, r.len, 0, 0, 0, 0);
	else
		call(w, SYS_mlock2, r.addr, r.len, pick(w, 2) ? MLOCK_ONFAULT : 0, 0, 0, 0);
}

static void unlock(struct worker *w)
{
	struct range r = place_mapped(w);

	call(w, SYS_munlock, r.addr, r.len, 0, 0, 0, 0);
}

static void lock_all(struct worker *w)
{
	int flags = 1 + pick(w, 3);

	/* Mostly without all of the memory, which takes long. */
	if (!pick(w, 8))
		call(w, SYS_mlockall, flags | (pick(w, 32) ? MCL_ONFAULT : 0), 0, 0, 0, 0, 0);
}

static void unlock_all(struct worker *w)
{
	if (!pick(w, 4))
		call(w, SYS_munlockall, 0, 0, 0, 0, 0, 0);
}

static void policy(struct worker *w)
{
	static const int modes[] = { MPOL_DEFAULT, MPOL_BIND, MPOL_PREFERRED, MPOL_INTERLEAVE };
	struct range r = place_mapped(w);
	unsigned long nodes = 1;
	int mode = modes[pick(w, 4)];

	call(w, SYS_mbind, r.addr, r.len, mode, mode == MPOL_DEFAULT ? 0 : (unsigned long)&nodes,
	     mode == MPOL_DEFAULT ? 0 : 64, pick(w, 2) ? MPOL_MF_MOVE : 0);
}

/* For good: only the next program gets rid of it. */
static void seal(struct worker *w)
{
	struct range r = place_arena(w);

	call(w, NR_mseal, r.addr, PAGE, 0, 0, 0, 0);
}

static void remap_file(struct worker *w)
{
	struct range r = place_arena(w);

	call(w, SYS_remap_file_pages, r.addr, r.len, 0, pick(w, 32), 0, 0);
}

const struct op ops_flags[] = {
	{ .name = "protect", .weight = 25, .actor = true, .run = protect },
	{ .name = "protect growsdown", .weight = 3, .small = true, .run = protect_growsdown },
	{ .name = "protect pkey", .weight = 3, .actor = true, .run = protect_pkey },
	{ .name = "advise", .weight = 25, .actor = true, .run = advise },
	{ .name = "advise process", .weight = 3, .small = true, .run = advise_process },
	{ .name = "lock", .weight = 5, .actor = true, .run = lock },
	{ .name = "unlock", .weight = 4, .actor = true, .run = unlock },
	{ .name = "lock all", .weight = 1, .small = true, .run = lock_all },
	{ .name = "unlock all", .weight = 2, .small = true, .run = unlock_all },
	{ .name = "policy", .weight = 3, .actor = true, .run = policy },
	{ .name = "seal", .weight = 1, .parent = true, .run = seal },
	{ .name = "remap file", .weight = 3, .actor = true, .run = remap_file },
	{ 0 },
};
