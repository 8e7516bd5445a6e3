/* SPDX-License-Identifier: GPL-2.0-only */
/* Which events are to be shown. The map is kept by all of them all the same. Pure. */
#ifndef VASMON_FILTER_H
#define VASMON_FILTER_H

#include "out.h"
#include "what.h"

enum filter_kind {
	FILTER_MAP,
	FILTER_UNMAP,
	FILTER_MOVE,
	FILTER_GROW,
	FILTER_SHRINK,
	FILTER_REPLACE,
	FILTER_PROTECT,
	FILTER_FLAGS,
	FILTER_NAME,
	FILTER_SPLIT,
	FILTER_MERGE,
	FILTER_BRK,
	FILTER_STACK,
	FILTER_EXEC,
	FILTER_FORK,
	FILTER_MARK,
	FILTER_EXIT,
	FILTER_KINDS,
};

#define FILTER_ALL_CAUSES	(2u * VASMON_CHAIN_CAUSE_OTHER - 1)

/* Words of a list: names of causes, or patterns of paths; they belong to the filter. */
struct filter_words {
	char **v;
	size_t n;
};

/**
 * struct filter - conditions, all of which an event has to meet
 * @set: there is one
 * @kinds: bits of enum filter_kind, one of which an effect has to be of; 0 for any
 * @not_kinds: those that no effect may be of
 * @whats: bits of enum what_kind, one of which an effect's region has to be; 0 for any
 * @not_whats: those that no effect's region may be
 * @causes: names of causes and system calls, one of which it has to come from
 * @not_causes: those that it must not come from
 * @min_size: bytes that an effect has to concern at least
 * @has_range: an effect has to touch the addresses from @start to @end
 * @tids: threads, one of which has to have done it
 * @n_tids: how many, 0 for any
 * @paths: patterns, one of which the path of an effect's region has to match
 *
 * Conditions on an effect have to be met by one and the same. Marks and the exit of a
 * process are always shown, unless @not_kinds has them.
 */
struct filter {
	bool set;
	uint32_t kinds, not_kinds;
	uint32_t whats, not_whats;
	struct filter_words causes, not_causes;
	uint64_t min_size;
	bool has_range;
	uint64_t start, end;
	uint32_t *tids;
	size_t n_tids;
	struct filter_words paths;
};

bool filter_parse(struct filter *f, const char *expression, struct buf *why);
bool filter_add_tids(struct filter *f, const char *list, struct buf *why);
bool filter_add_path(struct filter *f, const char *pattern);
bool filter_wants(const struct filter *f, const struct out_event *e);
void filter_add_size(struct filter *f, uint64_t bytes);
void filter_add_range(struct filter *f, uint64_t start, uint64_t end);
uint32_t filter_kinds_of(const struct effect *e, const struct event *ev);
const char *filter_kind_name(enum filter_kind kind);
uint32_t filter_chain_causes(const struct filter *f);
uint32_t filter_chain_tid(const struct filter *f);
void filter_free(struct filter *f);

#endif
