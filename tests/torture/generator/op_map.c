// SPDX-License-Identifier: GPL-2.0-only
/* Memory comes and goes. */
#define _GNU_SOURCE
#include <stddef.h>
#include <sys/mman.h>
#include <sys/shm.h>

#include "op.h"
#include "place.h"
#include "raw.h"

#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS)
#define SHM_LEN	(16 * PAGE)

static long map(struct worker *w, struct range r, int prot, int flags, int fd, unsigned long pgoff)
{
	long ret = call(w, SYS_mmap, r.addr, r.len, prot, flags, fd, pgoff * PAGE);

	place_keep(w, ret, r.len);
	return ret;
}

static void map_anon(struct worker *w)
{
	static const int more[] = {
		0, 0, 0, 0, 0, 0, 0, 0, MAP_NORESERVE, MAP_STACK, MAP_LOCKED, MAP_POPULATE,
		MAP_POPULATE | MAP_NONBLOCK, MAP_32BIT,
	};

	map(w, place_arena(w), some_prot(w), ANON | MAP_FIXED | more[pick(w, 14)], -1, 0);
}

static void map_file(struct worker *w)
{
	int kind = pick(w, 2) ? MAP_SHARED : MAP_PRIVATE;
	struct range r = place_arena(w);

	/* Neighbours in the arena are often neighbours in the file. */
	map(w, r, some_prot(w), kind | MAP_FIXED, torture.file,
	    pick(w, 8) ? (r.addr - w->arena.addr) / PAGE % 1024 : pick(w, 64));
}

static void map_shared(struct worker *w)
{
	map(w, place_arena(w), some_prot(w), MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void map_memfd(struct worker *w)
{
	long fd = raw(SYS_memfd_create, (unsigned long)"two\nlines", MFD_CLOEXEC, 0, 0, 0, 0);

	if (failed(fd))
		return;
	if (pick(w, 2))
		raw(SYS_ftruncate, fd, 16 * PAGE, 0, 0, 0, 0);
	map(w, place_arena(w), some_prot(w), MAP_SHARED | MAP_FIXED, fd, 0);
	raw(SYS_close, fd, 0, 0, 0, 0, 0);
}

static void map_hint(struct worker *w)
{
	struct range r = pick(w, 2) ? place_far(w) : place_arena(w);

	/* Not aligned, and not always free. */
	r.addr += pick(w, 4) ? 0 : pick(w, PAGE);
	r.len -= pick(w, 2) ? 0 : pick(w, PAGE);
	map(w, r, some_prot(w), ANON, -1, 0);
}

static void map_noreplace(struct worker *w)
{
	map(w, place_arena(w), some_prot(w), ANON | MAP_FIXED_NOREPLACE, -1, 0);
}

static void map_far(struct worker *w)
{
	map(w, place_far(w), some_prot(w), ANON | MAP_FIXED, -1, 0);
}

static void map_anywhere(struct worker *w)
{
	struct range r = { 0, (1 + pick(w, 40)) * PAGE - pick(w, 2) * pick(w, PAGE) };

	switch (pick(w, 8)) {
	case 0:
		map(w, r, some_prot(w), MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		break;
	case 1:
		map(w, r, some_prot(w), MAP_PRIVATE, torture.file, pick(w, 64));
		break;
	case 2:
		map(w, r, some_prot(w), ANON | MAP_NORESERVE | (pick(w, 2) ? MAP_32BIT : 0), -1, 0);
		break;
	case 3:
		/* Room enough for a huge page, which has to be aligned. */
		r.len += 512 * PAGE;
		map(w, r, PROT_NONE, ANON, -1, 0);
		break;
	default:
		map(w, r, pick(w, 2) ? PROT_READ | PROT_WRITE : some_prot(w), ANON, -1, 0);
	}
}

static void map_growsdown(struct worker *w)
{
	struct range r = pick(w, 4) ? place_grow(w) : place_arena(w);

	/* Let it grow anew. */
	if (pick(w, 2))
		call(w, SYS_munmap, r.addr - 60 * PAGE, 60 * PAGE, 0, 0, 0, 0);
	map(w, r, PROT_READ | PROT_WRITE, ANON | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
}

static void map_hugetlb(struct worker *w)
{
	unsigned long huge = 512 * PAGE;
	unsigned long at = FAR_START + w->slot * FAR_STEP + FAR_STEP / 2 + pick(w, 4) * huge;

	if (pick(w, 2))
		call(w, SYS_munmap, at, (1 + pick(w, 2)) * huge, 0, 0, 0, 0);
	else
		call(w, SYS_mmap, at, (1 + pick(w, 2)) * huge, some_prot(w),
		     ANON | MAP_HUGETLB | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

static void unmap(struct worker *w)
{
	struct range r = place_mapped(w);

	place_forget(w, r.addr, r.len);
	call(w, SYS_munmap, r.addr, r.len - pick(w, 2) * pick(w, PAGE), 0, 0, 0, 0);
}

static void unmap_entry(struct worker *w)
{
	if (w->n_entries)
		place_drop(w, pick(w, w->n_entries));
}

static void attach(struct worker *w)
{
	long id = torture.shm[pick(w, 3)];
	long at;

	if (pick(w, 3)) {
		at = place_arena(w).addr + (pick(w, 4) ? 0 : pick(w, PAGE));
		call(w, SYS_shmat, id, at, SHM_RND | (pick(w, 2) ? SHM_REMAP : 0) |
		     (pick(w, 2) ? SHM_RDONLY : 0), 0, 0, 0);
		return;
	}
	at = call(w, SYS_shmat, id, 0, pick(w, 2) ? SHM_EXEC : 0, 0, 0, 0);
	place_keep(w, at, SHM_LEN);
}

static void detach(struct worker *w)
{
	unsigned long at = pick(w, 2) && w->n_entries ?
		w->entries[pick(w, w->n_entries)].addr : place_arena(w).addr;

	if (!failed(call(w, SYS_shmdt, at, 0, 0, 0, 0, 0)))
		place_forget(w, at, SHM_LEN);
}

/* The calls of a 32-bit program. */
static void ia32(struct worker *w)
{
	unsigned int at = LOW_START + pick(w, LOW_PAGES) * PAGE;
	unsigned int len = (1 + pick(w, 6)) * PAGE;

	switch (pick(w, 9)) {
	case 0 ... 2:
		call_ia32(w, 192, at, len, some_prot(w), ANON | MAP_FIXED, -1);
		break;
	case 3:
		call_ia32(w, 91, at, len, 0, 0, 0);
		break;
	case 4:
		call_ia32(w, 125, at, len, some_prot(w), 0, 0);
		break;
	case 5:
		call_ia32(w, 219, at, len, pick(w, 2) ? MADV_DONTFORK : MADV_DOFORK, 0, 0);
		break;
	case 6:
		call_ia32(w, pick(w, 2) ? 150 : 151, at, len, 0, 0, 0);
		break;
	case 7:
		call_ia32(w, 163, at, len, pick(w, 12) * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
			  LOW_START + pick(w, LOW_PAGES) * PAGE);
		break;
	case 8:
		call_ia32(w, 45, torture.heap + pick(w, 100) * 1000, 0, 0, 0, 0);
		break;
	}
}

const struct op ops_map[] = {
	{ .name = "map anon", .weight = 30, .actor = true, .run = map_anon },
	{ .name = "map file", .weight = 12, .actor = true, .run = map_file },
	{ .name = "map shared", .weight = 4, .actor = true, .run = map_shared },
	{ .name = "map memfd", .weight = 2, .run = map_memfd },
	{ .name = "map hint", .weight = 5, .run = map_hint },
	{ .name = "map noreplace", .weight = 4, .actor = true, .run = map_noreplace },
	{ .name = "map far", .weight = 4, .run = map_far },
	{ .name = "map anywhere", .weight = 8, .run = map_anywhere },
	{ .name = "map growsdown", .weight = 5, .actor = true, .run = map_growsdown },
	{ .name = "map hugetlb", .weight = 1, .run = map_hugetlb },
	{ .name = "unmap", .weight = 25, .actor = true, .run = unmap },
	{ .name = "unmap entry", .weight = 5, .run = unmap_entry },
	{ .name = "attach", .weight = 3, .parent = true, .run = attach },
	{ .name = "detach", .weight = 3, .run = detach },
	{ .name = "ia32", .weight = 6, .run = ia32 },
	{ 0 },
};
