// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "known.h"
#include "mapped.h"
#include "proc.h"

/* More files than these are forgotten and read again: a process can map without end. */
#define KNOWN_FILES		8192
/* Threads come and go: asking for all of them at each new one would take too long. */
#define KNOWN_THREADS_NS	100000000ull

/* A new program's auxv comes a little later than its map. */
#define KNOWN_AUXV_TRIES	100

/**
 * struct known_process - one process
 * @asked: when its threads were asked for last, in ns
 * @tries: how often its auxv was read in vain
 */
struct known_process {
	struct facts facts;
	uint64_t asked;
	unsigned int tries;
};

/**
 * struct known_file - one file
 * @file: which one; first, for mapped_compare()
 * @reached: whether it could be opened
 * @looked: whether @symbols was asked for
 * @elf: empty if it is no ELF file
 * @symbols: NULL if there are none
 */
struct known_file {
	struct mapped file;
	bool reached;
	bool looked;
	struct elffile elf;
	struct symbols *symbols;
};

static void known_file_free(void *arg)
{
	struct known_file *file = arg;

	elffile_free(&file->elf);
	symbols_free(file->symbols);
	free((char *)file->file.name);
	free(file);
}

static int known_open(const struct known *k, uint32_t pid, const struct region *r)
{
	return k->open ? k->open(k->arg, pid, r) : mapped_open(pid, r);
}

static struct known_file *known_file_new(const struct known *k, uint32_t pid,
					 const struct region *r)
{
	struct known_file *file = calloc(1, sizeof(*file));
	int fd, err;

	if (!file)
		return NULL;
	file->file = mapped_of(r);
	file->file.name = strdup(r->name);
	fd = file->file.name ? known_open(k, pid, r) : -ENOMEM;
	if (fd >= 0) {
		err = elffile_read(&file->elf, fd);
		file->reached = !err || err == -EBADMSG;
		close(fd);
	}
	if (!file->file.name) {
		free(file);
		return NULL;
	}
	return file;
}

static struct known_file *known_file(struct known *k, const struct facts *facts,
				     const struct region *r)
{
	struct mapped key = mapped_of(r);
	struct known_file **node = tfind(&key, &k->files, mapped_compare), *file;

	if (!node) {
		file = known_file_new(k, facts->pid, r);
		if (!file)
			return NULL;
		node = tsearch(file, &k->files, mapped_compare);
		if (!node) {
			known_file_free(file);
			return NULL;
		}
		k->n_files++;
	}
	return *node;
}

static const struct elffile *known_elf(void *arg, const struct facts *facts,
				       const struct region *r)
{
	const struct known_file *file = known_file(arg, facts, r);

	return file && file->reached ? &file->elf : NULL;
}

static struct symbols *known_symbols(struct known *k, const struct facts *facts,
				     const struct region *r)
{
	struct known_file *file = known_file(k, facts, r);
	int fd;

	if (!file || !file->reached)
		return NULL;
	if (!file->looked) {
		file->looked = true;
		fd = known_open(k, facts->pid, r);
		if (fd >= 0) {
			file->symbols = symbols_open(fd, k->raw_names);
			close(fd);
		}
	}
	return file->symbols;
}

static bool known_symbol(void *arg, const struct facts *facts, const struct region *r,
			 uint64_t addr, struct symbol *symbol)
{
	struct symbols *symbols = known_symbols(arg, facts, r);

	return symbols && symbols_find(symbols, addr, symbol);
}

static enum unwind_step known_unwind(void *arg, const struct facts *facts,
				     const struct region *r, uint64_t addr, struct unwind *u)
{
	struct symbols *symbols = known_symbols(arg, facts, r);

	return symbols ? symbols_unwind(symbols, addr, u) : UNWIND_NO_RULE;
}

/* What the kernel told the program when it began. */
static void known_auxv(const struct known *k, struct known_process *p)
{
	struct facts *f = &p->facts;
	Elf64_auxv_t v[64];
	char path[32];
	ssize_t n;
	size_t i;
	int fd;

	if (k->open || !proc_is_ours())
		return;
	snprintf(path, sizeof(path), "/proc/%u/auxv", f->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	n = read(fd, v, sizeof(v));
	close(fd);
	for (i = 0; n > 0 && i < (size_t)n / sizeof(*v) && v[i].a_type != AT_NULL; i++) {
		if (v[i].a_type == AT_PHDR)
			f->phdr = v[i].a_un.a_val;
		if (v[i].a_type == AT_BASE)
			f->loader = v[i].a_un.a_val;
	}
	p->tries = f->phdr ? 0 : p->tries + 1;
}

/* Without its threads a process is known all the same, only less well. */
static void known_ask_threads(struct known *k, struct known_process *p)
{
	threads_free(&p->facts.threads);
	if (k->threads && (k->threads(k->arg, p->facts.pid, &p->facts.threads) ||
			   threads_sort(&p->facts.threads)))
		threads_free(&p->facts.threads);
}

static struct known_process *known_find(const struct known *k, uint32_t pid)
{
	size_t i;

	for (i = k->n; i--;) {
		if (k->v[i]->facts.pid == pid)
			return k->v[i];
	}
	return NULL;
}

/**
 * known_facts - what is known about a process
 * @k: where to look, and to keep it
 * @pid: a process that is, or was, alive
 *
 * Return: it, until known_facts() is called again; NULL if memory ran out.
 */
const struct facts *known_facts(struct known *k, uint32_t pid)
{
	struct known_process *p = known_find(k, pid), **v;

	if (k->n_files > KNOWN_FILES) {
		tdestroy(k->files, known_file_free);
		k->files = NULL;
		k->n_files = 0;
	}
	if (p) {
		if (p->tries && p->tries < KNOWN_AUXV_TRIES)
			known_auxv(k, p);
		return &p->facts;
	}
	if (k->n == k->room) {
		v = reallocarray(k->v, k->room * 2 + 4, sizeof(*v));
		if (!v)
			return NULL;
		k->v = v;
		k->room = k->room * 2 + 4;
	}
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->facts.pid = pid;
	p->facts.arg = k;
	if (k->open || proc_is_ours()) {
		p->facts.elf = known_elf;
		p->facts.symbol = known_symbol;
		p->facts.unwind = known_unwind;
		known_auxv(k, p);
	}
	known_ask_threads(k, p);
	k->v[k->n++] = p;
	return &p->facts;
}

/**
 * known_thread - a thread was seen: if it is new, ask for all threads again
 * @k: what is known
 * @pid: its process
 * @tid: the thread
 * @now: when that was, in ns
 */
void known_thread(struct known *k, uint32_t pid, uint32_t tid, uint64_t now)
{
	struct known_process *p = known_find(k, pid);

	if (!p || !k->threads || now < p->asked + KNOWN_THREADS_NS ||
	    threads_know(&p->facts.threads, tid))
		return;
	p->asked = now;
	known_ask_threads(k, p);
}

/* The process is another program now. */
void known_renew(struct known *k, uint32_t pid)
{
	struct known_process *p = known_find(k, pid);

	if (!p)
		return;
	p->facts.phdr = 0;
	p->facts.loader = 0;
	p->tries = 0;
	known_auxv(k, p);
	known_ask_threads(k, p);
}

/**
 * known_code - look at the functions of all files that a process can execute
 * @k: what is known
 * @pid: the process
 * @space: its map
 *
 * For call chains: once it has ended, its files may be out of reach.
 */
void known_code(struct known *k, uint32_t pid, const struct space *space)
{
	const struct facts *facts = known_facts(k, pid);
	size_t i;

	if (!facts || !facts->symbol)
		return;
	for (i = 0; i < space->n; i++) {
		const struct region *r = space_at(space, i);

		if (r->prot & VASMON_PROT_EXEC && region_has_file(r))
			known_symbols(k, facts, r);
	}
}

/* The process has ended. */
void known_forget(struct known *k, uint32_t pid)
{
	struct known_process *p;
	size_t i;

	for (i = 0; i < k->n; i++) {
		p = k->v[i];
		if (p->facts.pid != pid)
			continue;
		threads_free(&p->facts.threads);
		free(p);
		k->v[i] = k->v[--k->n];
		return;
	}
}

void known_free(struct known *k)
{
	while (k->n)
		known_forget(k, k->v[0]->facts.pid);
	free(k->v);
	tdestroy(k->files, known_file_free);
	k->v = NULL;
	k->files = NULL;
}
