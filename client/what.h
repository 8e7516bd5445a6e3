/* SPDX-License-Identifier: GPL-2.0-only */
/* What a region is: from its map, the files in it, and the threads. Pure. */
#ifndef VASMON_WHAT_H
#define VASMON_WHAT_H

#include "scene.h"

enum what_kind {
	WHAT_ANON,		/* memory of nobody in particular */
	WHAT_NAMED,		/* it was given a name */
	WHAT_RESERVED,		/* addresses without memory (PROT_NONE) */
	WHAT_PROGRAM,
	WHAT_LIBRARY,
	WHAT_LOADER,
	WHAT_FILE,
	WHAT_DEVICE,
	WHAT_HEAP,
	WHAT_STACK,		/* of the main thread */
	WHAT_THREAD_STACK,
	WHAT_GUARD,		/* below the stack of a thread */
	WHAT_ARENA,		/* a heap of malloc for further threads, its used part */
	WHAT_ARENA_RESERVE,	/* and what it can grow into */
	WHAT_TLS,		/* thread-local memory, outside of a stack */
	WHAT_JIT,		/* code that is in no file */
	WHAT_VDSO,
	WHAT_VVAR,
	WHAT_SPECIAL,		/* other memory of the kernel's */
	WHAT_SHM,		/* shared memory with a key or name: shmget, shm_open */
	WHAT_SHARED,		/* shared memory of relatives: MAP_SHARED|MAP_ANONYMOUS */
	WHAT_MEMFD,
	WHAT_HUGETLB,
	WHAT_KINDS,
};

/**
 * struct what - what a region is
 * @guess: that it is this is likely; where it is not set, it is known
 * @tid: the thread whose stack, guard or TLS it is; 0 if none, or unknown
 * @more_threads: how many other threads have their stack pointer, or TLS, in it too
 * @tls: also the TLS of that thread is in it
 * @deleted: its file has no name any more
 * @wx: it can be both written and executed
 * @file: path of the file whose memory it is, where it is not its own name; or NULL
 * @elf: the file that it holds @segment of, or NULL
 * @bias: what is to be added to addresses of @elf
 */
struct what {
	enum what_kind kind;
	bool guess;
	uint32_t tid;
	size_t more_threads;
	bool tls;
	bool deleted;
	bool wx;
	const char *file;
	const struct elffile *elf;
	const struct elffile_segment *segment;
	uint64_t bias;
};

/* What the region is that was asked for last: words and fields ask for the same one. */
struct what_last {
	const struct region *region;
	struct what what;
};

struct what what_of(const struct scene *scene, const struct region *r);
struct what what_at(const struct scene *scene, size_t i);
const char *what_name(enum what_kind kind);
const struct elffile_section *what_section(const struct what *w, const struct region *r,
					   const struct elffile_section *last);

#endif
