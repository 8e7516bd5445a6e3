/* SPDX-License-Identifier: GPL-2.0-only */
/* What is known about a process besides its map: its threads, its files. */
#ifndef VASMON_FACTS_H
#define VASMON_FACTS_H

#include "elffile.h"
#include "model.h"
#include "symbols.h"

/**
 * struct threads - the threads of a process
 * @v: by ascending @sp, see threads_sort()
 * @by_tls: the same by ascending @tls
 */
struct threads {
	struct thread *v;
	const struct thread **by_tls;
	size_t n;
	size_t room;
};

/**
 * struct facts - one process
 * @pid: the process
 * @phdr: where the program's headers are mapped (AT_PHDR), 0 if unknown
 * @loader: where the dynamic loader is mapped (AT_BASE), 0 if unknown or none
 * @threads: its threads, or none where nobody asked for them
 * @elf: reads the file of a region: NULL if it is out of reach, without segments if
 *	it is no ELF file. NULL itself where there are no files, as in a recording.
 * @symbol: the function at an address of a region's file, as that file has it; or NULL
 * @unwind: goes from the function at such an address to its caller; or NULL
 * @arg: for @elf, @symbol and @unwind
 */
struct facts {
	uint32_t pid;
	uint64_t phdr;
	uint64_t loader;
	struct threads threads;
	const struct elffile *(*elf)(void *arg, const struct facts *facts,
				     const struct region *r);
	bool (*symbol)(void *arg, const struct facts *facts, const struct region *r,
		       uint64_t addr, struct symbol *symbol);
	enum unwind_step (*unwind)(void *arg, const struct facts *facts, const struct region *r,
				   uint64_t addr, struct unwind *u);
	void *arg;
};

int threads_add(struct threads *t, const struct thread *thread);
int threads_sort(struct threads *t);
void threads_free(struct threads *t);
size_t threads_with_sp(const struct threads *t, uint64_t start, uint64_t end,
		       const struct thread **first);
size_t threads_with_tls(const struct threads *t, uint64_t start, uint64_t end,
			const struct thread **first);
bool threads_know(const struct threads *t, uint32_t tid);

#endif
