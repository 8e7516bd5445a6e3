// SPDX-License-Identifier: GPL-2.0-only
#include <fnmatch.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "filter.h"

static const char *const filter_kind_names[FILTER_KINDS] = {
	[FILTER_MAP] = "map",
	[FILTER_UNMAP] = "unmap",
	[FILTER_MOVE] = "move",
	[FILTER_GROW] = "grow",
	[FILTER_SHRINK] = "shrink",
	[FILTER_REPLACE] = "replace",
	[FILTER_PROTECT] = "protect",
	[FILTER_FLAGS] = "flags",
	[FILTER_NAME] = "name",
	[FILTER_SPLIT] = "split",
	[FILTER_MERGE] = "merge",
	[FILTER_BRK] = "brk",
	[FILTER_STACK] = "stack",
	[FILTER_EXEC] = "exec",
	[FILTER_FORK] = "fork",
	[FILTER_MARK] = "mark",
	[FILTER_EXIT] = "exit",
};

const char *filter_kind_name(enum filter_kind kind)
{
	return filter_kind_names[kind];
}

/* By which calls and faults a kind of change can come about, as far as it has a call chain. */
static const uint32_t filter_kind_causes[FILTER_KINDS] = {
	[FILTER_MAP] = VASMON_CHAIN_CAUSE_FAULT | VASMON_CHAIN_CAUSE_MMAP |
		       VASMON_CHAIN_CAUSE_MREMAP | VASMON_CHAIN_CAUSE_OTHER,
	[FILTER_UNMAP] = VASMON_CHAIN_CAUSE_MMAP | VASMON_CHAIN_CAUSE_MUNMAP |
			 VASMON_CHAIN_CAUSE_MREMAP | VASMON_CHAIN_CAUSE_OTHER,
	[FILTER_MOVE] = VASMON_CHAIN_CAUSE_MREMAP,
	[FILTER_GROW] = VASMON_CHAIN_CAUSE_FAULT | VASMON_CHAIN_CAUSE_BRK |
			VASMON_CHAIN_CAUSE_MREMAP,
	[FILTER_SHRINK] = VASMON_CHAIN_CAUSE_BRK | VASMON_CHAIN_CAUSE_MREMAP,
	[FILTER_REPLACE] = FILTER_ALL_CAUSES,
	[FILTER_PROTECT] = VASMON_CHAIN_CAUSE_MMAP | VASMON_CHAIN_CAUSE_MREMAP |
			   VASMON_CHAIN_CAUSE_MPROTECT | VASMON_CHAIN_CAUSE_OTHER,
	[FILTER_FLAGS] = FILTER_ALL_CAUSES,
	[FILTER_NAME] = FILTER_ALL_CAUSES,
	[FILTER_SPLIT] = FILTER_ALL_CAUSES,
	[FILTER_MERGE] = FILTER_ALL_CAUSES,
	[FILTER_BRK] = VASMON_CHAIN_CAUSE_BRK | VASMON_CHAIN_CAUSE_OTHER,
	[FILTER_STACK] = VASMON_CHAIN_CAUSE_FAULT | VASMON_CHAIN_CAUSE_OTHER,
};

/* The calls that the kernel tells apart; any other one is 'other'. */
static const struct {
	const char *name;
	uint32_t cause;
} filter_calls[] = {
	{ "brk", VASMON_CHAIN_CAUSE_BRK },
	{ "mmap", VASMON_CHAIN_CAUSE_MMAP },
	{ "mmap2", VASMON_CHAIN_CAUSE_MMAP },
	{ "munmap", VASMON_CHAIN_CAUSE_MUNMAP },
	{ "mremap", VASMON_CHAIN_CAUSE_MREMAP },
	{ "mprotect", VASMON_CHAIN_CAUSE_MPROTECT },
	{ "pkey_mprotect", VASMON_CHAIN_CAUSE_MPROTECT },
};

#define FILTER_CALLS	(sizeof(filter_calls) / sizeof(filter_calls[0]))

static void filter_words_free(struct filter_words *w)
{
	while (w->n)
		free(w->v[--w->n]);
	free(w->v);
	w->v = NULL;
}

void filter_free(struct filter *f)
{
	filter_words_free(&f->causes);
	filter_words_free(&f->not_causes);
	free(f->tids);
	filter_words_free(&f->paths);
}

static bool filter_words_add(struct filter_words *w, const char *word, size_t len)
{
	char **v = reallocarray(w->v, w->n + 1, sizeof(*v));

	if (!v)
		return false;
	w->v = v;
	v[w->n] = strndup(word, len);
	if (!v[w->n])
		return false;
	w->n++;
	return true;
}

static bool filter_is(const char *name, const char *word, size_t len)
{
	return strlen(name) == len && !memcmp(name, word, len);
}

static bool filter_add_kind(uint32_t *to, const char *word, size_t len)
{
	unsigned int kind;

	for (kind = 0; kind < FILTER_KINDS; kind++) {
		if (!filter_is(filter_kind_names[kind], word, len))
			continue;
		*to |= 1u << kind;
		return true;
	}
	return false;
}

static bool filter_add_what(uint32_t *to, const char *word, size_t len)
{
	unsigned int kind;

	for (kind = 0; kind < WHAT_KINDS; kind++) {
		if (!filter_is(what_name(kind), word, len))
			continue;
		*to |= 1u << kind;
		return true;
	}
	return false;
}

/* The name of a cause, or of a system call. */
static bool filter_add_cause(struct filter_words *to, const char *word, size_t len)
{
	uint32_t cause;
	bool known = false;

	if (!filter_words_add(to, word, len))
		return false;
	for (cause = VASMON_CAUSE_SYSCALL; cause <= VASMON_CAUSE_MARK; cause++)
		known |= filter_is(call_cause_name(cause), word, len);
	return known || seccomp_syscall_resolve_name(to->v[to->n - 1]) != __NR_SCMP_ERROR;
}

/* A word that is none here can be one of another condition: 'mmap' is a cause, 'heap' a region. */
static void filter_hint(struct buf *why, const char *word, size_t len)
{
	struct filter_words causes = { 0 };
	uint32_t whats = 0;

	if (filter_add_cause(&causes, word, len))
		buf_printf(why, "\nFor a cause: -e 'cause=%.*s'", (int)len, word);
	else if (filter_add_what(&whats, word, len))
		buf_printf(why, "\nFor a kind of region: -e 'region=%.*s'", (int)len, word);
	filter_words_free(&causes);
}

/* What can be given, for the message that something else was. */
static void filter_tell(struct buf *why, const char *what, const char *word, size_t len,
			const char *(*name)(unsigned int), unsigned int n)
{
	unsigned int i;

	buf_printf(why, "no such %s: '%.*s'", what, (int)len, word);
	for (i = 0; i < n; i++)
		buf_printf(why, "%s%s", i ? ", " : "\nThere are: ", name(i));
}

static const char *filter_name_of_kind(unsigned int i)
{
	return filter_kind_names[i];
}

static const char *filter_name_of_what(unsigned int i)
{
	return what_name(i);
}

static bool filter_add(struct filter *f, char key, bool negated, const char *word, size_t len,
		       struct buf *why)
{
	bool ok;

	switch (key) {
	case 'c':
		ok = filter_add_cause(negated ? &f->not_causes : &f->causes, word, len);
		if (!ok)
			buf_printf(why, "no such cause, or system call: '%.*s'", (int)len, word);
		return ok;
	case 'r':
		ok = filter_add_what(negated ? &f->not_whats : &f->whats, word, len);
		if (!ok)
			filter_tell(why, "kind of region", word, len, filter_name_of_what,
				    WHAT_KINDS);
		return ok;
	default:
		ok = filter_add_kind(negated ? &f->not_kinds : &f->kinds, word, len);
		if (!ok) {
			filter_tell(why, "kind of change", word, len, filter_name_of_kind,
				    FILTER_KINDS);
			filter_hint(why, word, len);
		}
		return ok;
	}
}

/**
 * filter_parse - add a condition: [kind=|cause=|region=][!]WORD[,WORD]...
 * @f: the filter
 * @expression: the condition
 * @why: gets what is wrong with it
 *
 * Return: whether it is one.
 */
bool filter_parse(struct filter *f, const char *expression, struct buf *why)
{
	static const char *const keys[] = { "kind=", "cause=", "region=" };
	const char *s = expression;
	char key = 'k';
	bool negated;
	size_t i;

	f->set = true;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strncmp(s, keys[i], strlen(keys[i])))
			continue;
		key = keys[i][0];
		s += strlen(keys[i]);
		break;
	}
	if (key == 'k' && strchr(s, '=')) {
		buf_printf(why, "there is kind=, cause= and region=, and not '%s'", s);
		if (*s == '!')
			buf_puts(why, "\nThe ! stands before the list: cause=!mmap,brk");
		else if (!strncmp(s, "trace=", strlen("trace=")))
			buf_printf(why, "\nFor system calls: -e 'cause=%s'", strchr(s, '=') + 1);
		return false;
	}
	negated = *s == '!';
	s += negated;
	for (;; s++) {
		size_t len = strcspn(s, ",");

		if (!len) {
			buf_printf(why, "a word is missing in '%s'", expression);
			return false;
		}
		if (!filter_add(f, key, negated, s, len, why))
			return false;
		s += len;
		if (!*s)
			return true;
	}
}

/* Threads by their numbers, separated by commas. Return: whether they are. */
bool filter_add_tids(struct filter *f, const char *list, struct buf *why)
{
	const char *s = list;

	f->set = true;
	for (;; s++) {
		size_t len = strspn(s, "0123456789");
		uint32_t *tids;

		if (!len || *s == '0' || len > 10 || (s[len] && s[len] != ',')) {
			buf_printf(why, "not a thread id: '%s'", s);
			return false;
		}
		tids = reallocarray(f->tids, f->n_tids + 1, sizeof(*tids));
		if (!tids)
			return false;
		f->tids = tids;
		tids[f->n_tids++] = (uint32_t)strtoull(s, NULL, 10);
		s += len;
		if (!*s)
			return true;
	}
}

/* A pattern as the shell has them. Return: whether there was memory for it. */
bool filter_add_path(struct filter *f, const char *pattern)
{
	f->set = true;
	return filter_words_add(&f->paths, pattern, strlen(pattern));
}

void filter_add_size(struct filter *f, uint64_t bytes)
{
	f->set = true;
	f->min_size = bytes;
}

void filter_add_range(struct filter *f, uint64_t start, uint64_t end)
{
	f->set = true;
	f->has_range = true;
	f->start = start;
	f->end = end;
}

/**
 * filter_kinds_of - the kinds of an effect
 * @e: the effect
 * @ev: its event
 *
 * Return: bits of enum filter_kind.
 */
uint32_t filter_kinds_of(const struct effect *e, const struct event *ev)
{
	const char *call = call_name(ev);
	bool brk = call && !strcmp(call, "brk");
	uint32_t kinds;

	switch (e->kind) {
	case EFFECT_MAP:
		/* Also the first page of a heap. */
		kinds = e->grew || brk ? 1u << FILTER_GROW : 1u << FILTER_MAP;
		if (e->grew && ev->cause == VASMON_CAUSE_FAULT)
			kinds |= 1u << FILTER_STACK;
		return kinds;
	case EFFECT_UNMAP:
		if (brk || ((e->left_below || e->left_above) && call && !strcmp(call, "mremap")))
			return 1u << FILTER_SHRINK;
		return 1u << FILTER_UNMAP;
	case EFFECT_MOVE:
		kinds = 1u << FILTER_MOVE;
		if (e->end - e->start > e->from_end - e->from_start)
			kinds |= 1u << FILTER_GROW;
		if (e->end - e->start < e->from_end - e->from_start)
			kinds |= 1u << FILTER_SHRINK;
		return kinds;
	case EFFECT_REPLACE:
		return 1u << FILTER_REPLACE;
	case EFFECT_PROTECT:
		return 1u << FILTER_PROTECT;
	case EFFECT_FLAGS:
		return 1u << FILTER_FLAGS;
	case EFFECT_NAME:
		return 1u << FILTER_NAME;
	case EFFECT_SPLIT:
		return 1u << FILTER_SPLIT;
	case EFFECT_MERGE:
		return 1u << FILTER_MERGE;
	case EFFECT_BRK:
	case EFFECT_START_BRK:
		return 1u << FILTER_BRK;
	case EFFECT_START_STACK:
		return 1u << FILTER_STACK;
	case EFFECT_EXEC:
		return 1u << FILTER_EXEC;
	case EFFECT_FORK:
		return 1u << FILTER_FORK;
	case EFFECT_EXIT:
		return 1u << FILTER_EXIT;
	}
	return 0;
}

static bool filter_has_tid(const struct filter *f, uint32_t tid)
{
	size_t i;

	for (i = 0; i < f->n_tids; i++) {
		if (f->tids[i] == tid)
			return true;
	}
	return false;
}

static bool filter_has_word(const struct filter_words *w, const char *word)
{
	size_t i;

	for (i = 0; i < w->n; i++) {
		if (!strcmp(w->v[i], word))
			return true;
	}
	return false;
}

static bool filter_comes_from(const struct filter_words *causes, const struct event *ev)
{
	const char *call = call_name(ev);

	/* A fault within a call is a fault. */
	if (call && ev->cause != VASMON_CAUSE_FAULT && filter_has_word(causes, call))
		return true;
	return filter_has_word(causes, call_cause_name(ev->cause));
}

/* A pattern without a slash is one of the file's own name. */
static bool filter_path_fits(const struct filter *f, const char *path)
{
	const char *base = strrchr(path, '/');
	size_t i;

	base = base ? base + 1 : path;
	for (i = 0; i < f->paths.n; i++) {
		if (!fnmatch(f->paths.v[i], strchr(f->paths.v[i], '/') ? path : base, 0))
			return true;
	}
	return false;
}

static bool filter_region_fits(const struct filter *f, const struct region *r,
			       const struct scene *scene)
{
	if (f->whats && !(f->whats & 1u << what_of(scene, r).kind))
		return false;
	return !f->paths.n || filter_path_fits(f, r->name);
}

/* Does a region of the effect fit, as it was or as it is? */
static bool filter_regions_fit(const struct filter *f, const struct out_event *e,
			       const struct effect *effect)
{
	size_t i;

	if (!f->whats && !f->paths.n)
		return true;
	if (effect->before && filter_region_fits(f, effect->before, e->before))
		return true;
	if (effect->after && filter_region_fits(f, effect->after, e->after))
		return true;
	if (effect->kind != EFFECT_EXEC && effect->kind != EFFECT_FORK)
		return false;
	for (i = 0; i < e->why->fresh.n; i++) {
		if (filter_region_fits(f, e->why->fresh.v[i], e->after))
			return true;
	}
	return false;
}

static uint64_t filter_size_of(const struct effect *e)
{
	uint64_t size = e->end - e->start;

	switch (e->kind) {
	case EFFECT_MOVE:
		return size > e->from_end - e->from_start ? size : e->from_end - e->from_start;
	case EFFECT_BRK:
	case EFFECT_START_BRK:
	case EFFECT_START_STACK:
		return e->to > e->from ? e->to - e->from : e->from - e->to;
	case EFFECT_EXEC:
	case EFFECT_FORK:
		return e->to;
	default:
		return size;
	}
}

static bool filter_overlaps(const struct filter *f, uint64_t start, uint64_t end)
{
	return start < f->end && end > f->start;
}

static bool filter_range_fits(const struct filter *f, const struct effect *e)
{
	uint64_t low = e->from < e->to ? e->from : e->to;
	uint64_t high = e->from < e->to ? e->to : e->from;

	if (!f->has_range)
		return true;
	switch (e->kind) {
	case EFFECT_EXEC:
	case EFFECT_FORK:
		return true;
	case EFFECT_BRK:
	case EFFECT_START_BRK:
	case EFFECT_START_STACK:
		return filter_overlaps(f, low, high);
	case EFFECT_MOVE:
		return filter_overlaps(f, e->from_start, e->from_end) ||
		       filter_overlaps(f, e->start, e->end);
	default:
		return filter_overlaps(f, e->start, e->end);
	}
}

static bool filter_effect_fits(const struct filter *f, const struct out_event *e,
			       const struct effect *effect)
{
	return (!f->kinds || (f->kinds & filter_kinds_of(effect, e->ev))) &&
	       filter_size_of(effect) >= f->min_size && filter_range_fits(f, effect) &&
	       filter_regions_fit(f, e, effect);
}

static bool filter_effect_barred(const struct filter *f, const struct out_event *e,
				 const struct effect *effect)
{
	const struct region *before = effect->before, *after = effect->after;

	if (f->not_kinds & filter_kinds_of(effect, e->ev))
		return true;
	if (!f->not_whats)
		return false;
	if (after)
		return f->not_whats & 1u << what_of(e->after, after).kind;
	return before && f->not_whats & 1u << what_of(e->before, before).kind;
}

/**
 * filter_wants - is the event to be shown?
 * @f: the filter
 * @e: the event
 *
 * Return: whether it is.
 */
bool filter_wants(const struct filter *f, const struct out_event *e)
{
	const struct explanation *why = e->why;
	const struct event *ev = e->ev;
	bool fits;
	size_t i;

	if (!f->set)
		return true;
	if (ev->cause == VASMON_CAUSE_EXIT)
		return !(f->not_kinds & 1u << FILTER_EXIT);
	if (ev->cause == VASMON_CAUSE_MARK)
		return !(f->not_kinds & 1u << FILTER_MARK);
	if (f->causes.n && !filter_comes_from(&f->causes, ev))
		return false;
	if (f->not_causes.n && filter_comes_from(&f->not_causes, ev))
		return false;
	if (f->n_tids && !filter_has_tid(f, ev->tid))
		return false;
	/* Without a condition on its effects, it need not have one. */
	fits = !f->kinds && !f->whats && !f->min_size && !f->has_range && !f->paths.n;
	if (e->held) {
		if (filter_effect_barred(f, e, e->held))
			return false;
		fits |= filter_effect_fits(f, e, e->held);
	}
	for (i = 0; i < why->n; i++) {
		if (filter_effect_barred(f, e, &why->v[i]))
			return false;
		fits |= filter_effect_fits(f, e, &why->v[i]);
	}
	return fits;
}

static uint32_t filter_causes_of(const char *word)
{
	size_t i;

	if (!strcmp(word, "fault"))
		return VASMON_CHAIN_CAUSE_FAULT;
	if (!strcmp(word, "syscall"))
		return FILTER_ALL_CAUSES & ~VASMON_CHAIN_CAUSE_FAULT;
	for (i = 0; i < FILTER_CALLS; i++) {
		if (!strcmp(word, filter_calls[i].name))
			break;
	}
	if (i == FILTER_CALLS)
		return VASMON_CHAIN_CAUSE_OTHER;
	/* The first mmap of i386 is one of the others. */
	return filter_calls[i].cause | (strcmp(word, "mmap") ? 0 : VASMON_CHAIN_CAUSE_OTHER);
}

/* What no condition on causes rules out as a whole. */
static uint32_t filter_causes_left(const struct filter *f)
{
	uint32_t left = VASMON_CHAIN_CAUSE_OTHER;
	size_t i;

	for (i = 0; i < FILTER_CALLS; i++) {
		if (!filter_has_word(&f->not_causes, filter_calls[i].name))
			left |= filter_calls[i].cause;
	}
	if (filter_has_word(&f->not_causes, "syscall"))
		left = 0;
	if (!filter_has_word(&f->not_causes, "fault"))
		left |= VASMON_CHAIN_CAUSE_FAULT;
	return left;
}

/**
 * filter_chain_causes - of which events call chains are needed
 * @f: the filter
 *
 * What it would not show can do without. What only the map can tell is not decided
 * here: sizes, ranges, files, kinds of regions.
 *
 * Return: mask of enum vasmon_chain_cause.
 */
uint32_t filter_chain_causes(const struct filter *f)
{
	uint32_t kinds = 0, causes = 0;
	size_t i;

	for (i = 0; i < FILTER_KINDS; i++) {
		if (!f->kinds || f->kinds & 1u << i)
			kinds |= filter_kind_causes[i];
	}
	for (i = 0; i < f->causes.n; i++)
		causes |= filter_causes_of(f->causes.v[i]);
	return kinds & (f->causes.n ? causes : FILTER_ALL_CAUSES) & filter_causes_left(f);
}

/* Of which thread they are needed; 0 for any. */
uint32_t filter_chain_tid(const struct filter *f)
{
	return f->n_tids == 1 ? f->tids[0] : 0;
}
