// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "label.h"
#include "what.h"

#define WHAT_PAGE	4096ull
/* HEAP_MAX_SIZE of glibc's malloc, on 64 bits: arenas are aligned to it. */
#define WHAT_ARENA_SIZE	(64ull << 20)
/* A guard is a page, unless somebody asked for more (pthread_attr_setguardsize). */
#define WHAT_GUARD_MAX	(1ull << 20)
/* Regions of one mapped file, more than any loader makes of it. */
#define WHAT_IMAGE_MAX	16
/* Regions between the end of a file and a part of its .bss. */
#define WHAT_TAIL_MAX	4

static const char *const what_names[WHAT_KINDS] = {
	[WHAT_ANON] = "anon",
	[WHAT_NAMED] = "named",
	[WHAT_RESERVED] = "reserved",
	[WHAT_PROGRAM] = "program",
	[WHAT_LIBRARY] = "library",
	[WHAT_LOADER] = "loader",
	[WHAT_FILE] = "file",
	[WHAT_DEVICE] = "device",
	[WHAT_HEAP] = "heap",
	[WHAT_STACK] = "stack",
	[WHAT_THREAD_STACK] = "thread-stack",
	[WHAT_GUARD] = "guard",
	[WHAT_ARENA] = "arena",
	[WHAT_ARENA_RESERVE] = "arena-reserve",
	[WHAT_TLS] = "tls",
	[WHAT_JIT] = "jit",
	[WHAT_VDSO] = "vdso",
	[WHAT_VVAR] = "vvar",
	[WHAT_SPECIAL] = "special",
	[WHAT_SHM] = "shm",
	[WHAT_SHARED] = "shared",
	[WHAT_MEMFD] = "memfd",
	[WHAT_HUGETLB] = "hugetlb",
};

/* The kind in a word, for JSON and for filters. */
const char *what_name(enum what_kind kind)
{
	return what_names[kind];
}

static bool what_starts(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

static bool what_ends(const char *s, const char *with)
{
	size_t len = strlen(s), n = strlen(with);

	return len >= n && !strcmp(s + len - n, with);
}

static uint64_t what_page_down(uint64_t v)
{
	return v & -WHAT_PAGE;
}

static uint64_t what_page_up(uint64_t v)
{
	return (v + WHAT_PAGE - 1) & -WHAT_PAGE;
}

/* Anonymous and private, as malloc and thread stacks are. */
static bool what_is_private(const struct region *r)
{
	return (r->name_type == VASMON_NAME_TYPE_NONE || r->name_type == VASMON_NAME_TYPE_ANON) &&
	       !(r->prot & VASMON_PROT_SHARED);
}

static bool what_is_rw(const struct region *r)
{
	return (r->prot & (VASMON_PROT_READ | VASMON_PROT_WRITE)) ==
	       (VASMON_PROT_READ | VASMON_PROT_WRITE);
}

static bool what_is_none(const struct region *r)
{
	return !(r->prot & (VASMON_PROT_READ | VASMON_PROT_WRITE | VASMON_PROT_EXEC));
}

static bool what_same_file(const struct region *a, const struct region *b)
{
	return a->name_type == VASMON_NAME_TYPE_FILE && b->name_type == VASMON_NAME_TYPE_FILE &&
	       a->inode == b->inode && a->dev_major == b->dev_major &&
	       a->dev_minor == b->dev_minor && !strcmp(a->name, b->name);
}

/* Where the file is, if the region is the beginning of its first segment. */
static uint64_t what_first(const struct elffile *elf, const struct region *r)
{
	return r->start - r->offset + what_page_down(elf->segments[0].offset) -
	       what_page_down(elf->segments[0].addr);
}

/*
 * The segment that the region has, from its offset. Two segments can have the same
 * page of the file: that one is it which is where @lowest, the file's lowest region,
 * says, or else the one with the region's protection.
 */
static bool what_segment(struct what *w, const struct elffile *elf, const struct region *r,
			 const struct region *lowest)
{
	const struct elffile_segment *s;
	int score, best = -1;
	size_t i;

	for (i = 0; i < elf->n_segments; i++) {
		uint64_t low, high, bias;

		s = &elf->segments[i];
		low = what_page_down(s->offset);
		high = what_page_up(s->offset + s->filesz);
		if (!s->filesz || r->offset < low || r->offset >= high)
			continue;
		bias = r->start - (r->offset - low) - what_page_down(s->addr);
		score = (bias == what_first(elf, lowest) ? 2 : 0) +
			(s->prot == (r->prot & ~VASMON_PROT_SHARED));
		if (score <= best)
			continue;
		best = score;
		w->elf = elf;
		w->segment = s;
		w->bias = bias;
	}
	return best >= 0;
}

/*
 * Regions @low to @high are those of the file that region @i maps. Return: whether
 * any of them is code, as of a program or library, and not just data to be read.
 */
static bool what_image(const struct scene *scene, size_t i, size_t *low, size_t *high)
{
	const struct region *r = scene_at(scene, i);
	bool code = r->prot & VASMON_PROT_EXEC;
	size_t n = scene_count(scene);

	for (*low = i; *low && i - *low < WHAT_IMAGE_MAX; --*low) {
		if (!what_same_file(scene_at(scene, *low - 1), r))
			break;
		code |= scene_at(scene, *low - 1)->prot & VASMON_PROT_EXEC;
	}
	for (*high = i; *high + 1 < n && *high - i < WHAT_IMAGE_MAX; ++*high) {
		if (!what_same_file(scene_at(scene, *high + 1), r))
			break;
		code |= scene_at(scene, *high + 1)->prot & VASMON_PROT_EXEC;
	}
	return code;
}

static void what_role(struct what *w, const struct scene *scene, const struct region *r,
		      uint64_t start, uint64_t end)
{
	const struct facts *f = scene->facts;

	w->kind = WHAT_LIBRARY;
	if (f && f->loader >= start && f->loader < end) {
		w->kind = WHAT_LOADER;
	} else if (f && f->phdr >= start && f->phdr < end) {
		w->kind = WHAT_PROGRAM;
	} else if (scene->exe && !strcmp(scene->exe, r->name)) {
		w->kind = WHAT_PROGRAM;
		w->guess = false;
	} else if (!f || !f->phdr) {
		const char *name = strrchr(r->name, '/');

		/* Nothing but its name tells. */
		w->guess = true;
		if (name && (what_starts(name, "/ld-linux") || what_starts(name, "/ld-musl") ||
			     what_starts(name, "/ld.so")))
			w->kind = WHAT_LOADER;
		else if (!name || !strstr(name, ".so"))
			w->kind = WHAT_PROGRAM;
	}
}

static void what_mapped_file(struct what *w, const struct scene *scene, size_t i,
			     const struct region *r)
{
	const struct elffile *elf = NULL;
	size_t low, high;

	w->kind = WHAT_FILE;
	if (i == scene_count(scene) || !what_image(scene, i, &low, &high))
		return;
	if (scene->facts && scene->facts->elf)
		elf = scene->facts->elf(scene->facts->arg, scene->facts, r);
	/* Code, and not of an ELF file: as of a JVM's archive. */
	if (elf && (!elf->n_segments || !what_segment(w, elf, r, scene_at(scene, low))))
		return;
	w->guess = !elf;
	what_role(w, scene, r, scene_at(scene, low)->start, scene_at(scene, high)->end);
}

/* Names of the kernel's own files, which nobody else's have: no device, and deleted. */
static bool what_kernel_file(struct what *w, const struct region *r)
{
	static const struct {
		const char *start;
		enum what_kind kind;
	} table[] = {
		{ "/SYSV", WHAT_SHM },
		{ "/dev/zero (deleted)", WHAT_SHARED },
		{ "/memfd:", WHAT_MEMFD },
		{ "/anon_hugepage", WHAT_HUGETLB },
		{ "/[aio]", WHAT_SPECIAL },
	};
	size_t i;

	for (i = 0; w->deleted && !r->dev_major && i < sizeof(table) / sizeof(table[0]); i++) {
		if (what_starts(r->name, table[i].start)) {
			w->kind = table[i].kind;
			w->deleted = false;
			/* tmpfs has no device either, and its files any name. */
			w->guess = r->dev_minor != 1 && w->kind != WHAT_HUGETLB;
			return true;
		}
	}
	if (what_starts(r->name, "anon_inode:") || what_starts(r->name, "socket:")) {
		w->kind = WHAT_SPECIAL;
		return true;
	}
	return false;
}

static void what_file(struct what *w, const struct scene *scene, size_t i,
		      const struct region *r)
{
	w->deleted = what_ends(r->name, " (deleted)");
	if (what_kernel_file(w, r))
		return;
	if (r->traits & VASMON_TRAIT_HUGETLB) {
		w->kind = WHAT_HUGETLB;
	} else if (what_starts(r->name, "/dev/shm/")) {
		what_mapped_file(w, scene, i, r);
		/* Programs can lie there as well. */
		if (w->kind == WHAT_FILE) {
			w->kind = WHAT_SHM;
			w->guess = true;
		}
	} else if (what_starts(r->name, "/dev/") ||
		   (r->traits & (VASMON_TRAIT_IO | VASMON_TRAIT_PFN))) {
		w->kind = WHAT_DEVICE;
		w->guess = !(r->traits & (VASMON_TRAIT_IO | VASMON_TRAIT_PFN));
	} else {
		what_mapped_file(w, scene, i, r);
	}
}

/* The file that the memory of region @i follows at once, by its number; @i if none. */
static size_t what_file_below(const struct scene *scene, size_t i)
{
	const struct region *above = scene_at(scene, i), *below;
	size_t j = i;

	while (j && i - j <= WHAT_TAIL_MAX) {
		below = scene_at(scene, --j);
		if (below->end != above->start)
			break;
		if (below->name_type != VASMON_NAME_TYPE_NONE)
			return below->name_type == VASMON_NAME_TYPE_FILE ? j : i;
		above = below;
	}
	return i;
}

/*
 * Memory behind the last page of a file that the file does not have: .bss. It is
 * at the place that the file's headers tell, so it is known and not guessed.
 */
static bool what_tail(struct what *w, const struct scene *scene, size_t i,
		      const struct region *r)
{
	const struct region *below;
	struct what image;
	size_t j, k;

	if (!scene->facts || !scene->facts->elf || i == scene_count(scene))
		return false;
	j = what_file_below(scene, i);
	if (j == i)
		return false;
	below = scene_at(scene, j);
	image = (struct what){ 0 };
	what_file(&image, scene, j, below);
	for (k = 0; image.elf && k < image.elf->n_segments; k++) {
		const struct elffile_segment *s = &image.elf->segments[k];
		uint64_t start = image.bias + what_page_down(s->addr);

		if (s->memsz == s->filesz || r->start < start ||
		    r->start < what_page_up(image.bias + s->addr + s->filesz) ||
		    r->start >= image.bias + s->addr + s->memsz)
			continue;
		image.wx = w->wx;
		*w = image;
		w->deleted = false;
		w->file = below->name;
		w->segment = s;
		return true;
	}
	return false;
}

/* A thread's stack pointer is there. pthread_create() puts the thread's TLS there too. */
static bool what_thread_stack(struct what *w, const struct facts *f, const struct region *r)
{
	const struct thread *thread, *other;
	size_t n;

	if (!f || what_is_none(r))
		return false;
	n = threads_with_sp(&f->threads, r->start, r->end, &thread);
	if (!n)
		return false;
	w->kind = WHAT_THREAD_STACK;
	w->tid = thread->tid;
	w->more_threads = n - 1;
	if (threads_with_tls(&f->threads, r->start, r->end, &other))
		w->tls = other->tid == thread->tid;
	/* A signal's stack, or one of a coroutine, can be anywhere. */
	w->guess = !w->tls;
	return true;
}

static bool what_guard(struct what *w, const struct scene *scene, size_t i,
		       const struct region *r)
{
	struct what above = { 0 };

	if (!what_is_none(r) || region_size(r) > WHAT_GUARD_MAX || i + 1 >= scene_count(scene))
		return false;
	if (scene_at(scene, i + 1)->start != r->end || !what_is_private(scene_at(scene, i + 1)) ||
	    !what_thread_stack(&above, scene->facts, scene_at(scene, i + 1)))
		return false;
	w->kind = WHAT_GUARD;
	w->tid = above.tid;
	w->more_threads = above.more_threads;
	w->guess = above.guess;
	return true;
}

/*
 * new_heap() of glibc reserves 64 MiB at a multiple of that, and makes readable and
 * writable what it uses, from below. Others may do the same: it is a guess.
 */
static bool what_arena(struct what *w, const struct scene *scene, size_t i,
		       const struct region *r)
{
	const struct region *other;
	size_t n = scene_count(scene);

	if (i == n || !what_is_private(r))
		return false;
	if (what_is_rw(r) && !(r->start % WHAT_ARENA_SIZE)) {
		if (i + 1 == n)
			return false;
		other = scene_at(scene, i + 1);
		if (other->start != r->end || !what_is_none(other) || !what_is_private(other) ||
		    other->end != r->start + WHAT_ARENA_SIZE)
			return false;
		w->kind = WHAT_ARENA;
	} else if (what_is_none(r) && !(r->end % WHAT_ARENA_SIZE) && i) {
		other = scene_at(scene, i - 1);
		if (other->end != r->start || !what_is_rw(other) || !what_is_private(other) ||
		    other->start != r->end - WHAT_ARENA_SIZE)
			return false;
		w->kind = WHAT_ARENA_RESERVE;
	} else {
		return false;
	}
	w->guess = true;
	return true;
}

static bool what_tls(struct what *w, const struct facts *f, const struct region *r)
{
	const struct thread *thread;
	size_t n = f ? threads_with_tls(&f->threads, r->start, r->end, &thread) : 0;

	if (!n || what_is_none(r))
		return false;
	w->kind = WHAT_TLS;
	w->tid = thread->tid;
	w->more_threads = n - 1;
	w->tls = true;
	return true;
}

static void what_private(struct what *w, const struct scene *scene, size_t i,
			 const struct region *r)
{
	if (r->traits & VASMON_TRAIT_HUGETLB) {
		w->kind = WHAT_HUGETLB;
		return;
	}
	if (what_tail(w, scene, i, r) || what_thread_stack(w, scene->facts, r) ||
	    what_guard(w, scene, i, r) || what_arena(w, scene, i, r))
		return;
	if (r->traits & VASMON_TRAIT_GROWS_DOWN) {
		w->kind = WHAT_THREAD_STACK;
		w->guess = true;
		return;
	}
	if (what_tls(w, scene->facts, r))
		return;
	if (r->name_type == VASMON_NAME_TYPE_ANON) {
		w->kind = WHAT_NAMED;
	} else if (r->prot & VASMON_PROT_EXEC) {
		w->kind = WHAT_JIT;
		w->guess = true;
	} else if (what_is_none(r)) {
		w->kind = WHAT_RESERVED;
	}
}

static struct what what_look(const struct scene *scene, size_t i, const struct region *r)
{
	struct what w = {
		.wx = (r->prot & VASMON_PROT_WRITE) && (r->prot & VASMON_PROT_EXEC),
	};

	switch (label_of(r, scene->layout).kind) {
	case LABEL_FILE:
		what_file(&w, scene, i, r);
		break;
	case LABEL_ANON_SHMEM:
		w.kind = WHAT_SHARED;
		break;
	case LABEL_SPECIAL:
		w.kind = !strcmp(r->name, "[vdso]") ? WHAT_VDSO :
			 what_starts(r->name, "[vvar") ? WHAT_VVAR : WHAT_SPECIAL;
		break;
	case LABEL_HEAP:
		/* Without ASLR the heap follows .bss at once, and is one region with it. */
		what_tail(&w, scene, i, r);
		w.kind = WHAT_HEAP;
		w.guess = false;
		break;
	case LABEL_STACK:
		w.kind = WHAT_STACK;
		break;
	default:
		what_private(&w, scene, i, r);
	}
	return w;
}

/* What region number @i of the scene is. */
struct what what_at(const struct scene *scene, size_t i)
{
	return what_look(scene, i, scene_at(scene, i));
}

/**
 * what_of - what a region is
 * @scene: where it is, or as good as: from its neighbours its use can be told
 * @r: the region
 */
struct what what_of(const struct scene *scene, const struct region *r)
{
	struct what_last *last = scene->last;

	if (!last)
		return what_look(scene, scene_find(scene, r), r);
	if (last->region != r) {
		last->what = what_look(scene, scene_find(scene, r), r);
		last->region = r;
	}
	return last->what;
}

/**
 * what_section - the sections of the file that a region has a part of
 * @w: what the region is
 * @r: the region
 * @last: the one before, NULL to begin
 *
 * Return: the next by ascending address, or NULL.
 */
const struct elffile_section *what_section(const struct what *w, const struct region *r,
					   const struct elffile_section *last)
{
	const struct elffile_section *s, *end;
	uint64_t from, to;

	if (!w->elf || !w->elf->n_sections)
		return NULL;
	end = w->elf->sections + w->elf->n_sections;
	from = w->bias + w->segment->addr;
	to = from + w->segment->memsz;
	from = from > r->start ? from : r->start;
	to = to < r->end ? to : r->end;
	for (s = last ? last + 1 : w->elf->sections; s < end; s++) {
		uint64_t start = w->bias + s->addr;

		if (start < to && start + s->size > from)
			return s;
	}
	return NULL;
}
