// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <sys/wait.h>

#include "call.h"
#include "json.h"
#include "json_put.h"
#include "label.h"
#include "memo.h"
#include "phrase.h"
#include "procmaps.h"
#include "sums.h"
#include "words.h"

static const char *json_label_kind(enum label_kind kind)
{
	static const char *const names[] = {
		[LABEL_NONE] = "none",
		[LABEL_FILE] = "file",
		[LABEL_ANON_SHMEM] = "anon-shmem",
		[LABEL_SPECIAL] = "special",
		[LABEL_HEAP] = "heap",
		[LABEL_STACK] = "stack",
		[LABEL_ANON] = "anon",
	};

	return names[kind];
}

static void json_traits(struct buf *b, uint64_t traits)
{
	json_put_array(b, "traits");
	for (; traits; traits &= traits - 1) {
		unsigned int bit = (unsigned int)__builtin_ctzll(traits);
		const char *name = words_trait(bit);
		char number[16];

		if (!name)
			snprintf(number, sizeof(number), "trait-%u", bit);
		json_put_value_word(b, name ? name : number);
	}
	json_put_close(b, ']');
}

/* What a region is. Left out of it where it is memory of nobody in particular. */
static void json_what(struct buf *b, const struct what *w, const struct region *r)
{
	const struct elffile_section *s = what_section(w, r, NULL);

	json_put_object(b, "what");
	json_put_word(b, "is", what_name(w->kind));
	json_put_bool(b, "certain", !w->guess);
	json_put_flag(b, "wx", w->wx);
	json_put_flag(b, "deleted", w->deleted);
	if (w->tid)
		json_put_uint(b, "tid", w->tid);
	if (w->more_threads)
		json_put_uint(b, "more_threads", w->more_threads);
	json_put_flag(b, "tls", w->tls);
	if (w->file)
		json_put_bytes(b, "file", w->file);
	if (s) {
		json_put_array(b, "sections");
		for (; s; s = what_section(w, r, s))
			json_put_value(b, s->name);
		json_put_close(b, ']');
	}
	json_put_close(b, '}');
}

/* The fields of a region; the object stays open. */
static void json_region_begin(struct buf *b, const struct region *r, const struct what *w,
			      const struct layout *layout)
{
	struct label label = label_of(r, layout);
	char perms[5];

	procmaps_perms(r, perms);
	buf_putc(b, '{');
	json_put_hex(b, "start", r->start);
	json_put_hex(b, "end", r->end);
	json_put_uint(b, "bytes", region_size(r));
	json_put_word(b, "perms", perms);
	json_put_word(b, "kind", json_label_kind(label.kind));
	if (*r->name)
		json_put_bytes(b, "name", r->name);
	if (region_has_file(r)) {
		json_put_hex(b, "offset", r->offset);
		json_put_key(b, "dev");
		buf_putc(b, '"');
		buf_hex(b, r->dev_major, 2);
		buf_putc(b, ':');
		buf_hex(b, r->dev_minor, 2);
		buf_puts(b, "\",");
		json_put_uint(b, "inode", r->inode);
	}
	if (r->traits)
		json_traits(b, r->traits);
	json_put_hex(b, "vm_flags", r->vm_flags);
	if (w->kind != WHAT_ANON || w->wx)
		json_what(b, w, r);
}

/* Memory that there is little to tell of: what comes soon, and goes soon. */
static bool json_is_plain(const struct region *r, const struct what *w)
{
	return w->kind == WHAT_ANON && !w->wx && !*r->name && !region_has_file(r);
}

static void json_region(struct buf *b, const struct region *r, const struct scene *scene)
{
	static struct memo memo;
	struct what w = what_of(scene, r);
	const uint64_t key[] = { r->start, r->end, r->vm_flags, r->traits, r->prot };
	bool plain = json_is_plain(r, &w);
	size_t at = b->len;

	if (plain && memo_put(&memo, key, sizeof(key), b))
		return;
	json_region_begin(b, r, &w, scene->layout);
	json_put_close(b, '}');
	if (plain)
		memo_keep(&memo, key, sizeof(key), b, at);
}

static void json_sum(struct buf *b, const struct sum *sum, bool pages)
{
	json_put_uint(b, "regions", sum->regions);
	json_put_uint(b, "bytes", sum->bytes);
	if (!pages)
		return;
	json_put_uint(b, "resident", sum->resident);
	json_put_uint(b, "dirty", sum->dirty);
	json_put_uint(b, "swapped", sum->swapped);
}

static void json_summary(struct buf *b, const struct scene *scene, const struct out_map *how)
{
	struct sums sums;
	size_t i;

	sums_of(&sums, scene, how->pages);
	json_put_array(b, "summary");
	for (i = 0; i < WHAT_KINDS; i++) {
		if (!sums.kind[i].regions)
			continue;
		buf_putc(b, '{');
		json_put_word(b, "is", what_name((enum what_kind)i));
		json_sum(b, &sums.kind[i], how->pages);
		json_put_close(b, '}');
	}
	json_put_close(b, ']');
}

static void json_gaps(struct buf *b, const struct scene *scene, size_t from, size_t to)
{
	size_t i;

	json_put_array(b, "gaps");
	for (i = from + 1; i < to; i++) {
		uint64_t start = scene_at(scene, i - 1)->end, end = scene_at(scene, i)->start;

		if (start == end)
			continue;
		buf_putc(b, '{');
		json_put_hex(b, "start", start);
		json_put_hex(b, "end", end);
		json_put_uint(b, "bytes", end - start);
		json_put_close(b, '}');
	}
	json_put_close(b, ']');
}

/* The regions, or those around an address. */
static void json_table(struct buf *b, const struct scene *scene, const struct out_map *how)
{
	size_t n = scene_count(scene), from = 0, to = n, i;

	if (how->has_address) {
		to = space_lower(scene->space, how->address);
		from = to ? to - 1 : 0;
		to += 1 + (to < n && scene_at(scene, to)->start <= how->address);
		to = to < n ? to : n;
		json_put_hex(b, "address", how->address);
	}
	json_put_array(b, "regions");
	for (i = from; i < to; i++) {
		const struct region *r = scene_at(scene, i);
		const struct smaps_region *pages;
		struct what w = what_at(scene, i);

		json_region_begin(b, r, &w, scene->layout);
		pages = how->pages ? smaps_find(how->pages, r->start, r->end) : NULL;
		if (pages) {
			json_put_uint(b, "resident", pages->resident);
			json_put_uint(b, "dirty", pages->dirty);
			json_put_uint(b, "swapped", pages->swapped);
		}
		json_put_close(b, '}');
	}
	json_put_close(b, ']');
	if (how->gaps)
		json_gaps(b, scene, from, to);
}

void json_map(struct buf *b, const struct mm *mm, const struct scene *scene,
	      const struct out_map *how)
{
	const struct space *space = scene->space;

	json_put_record(b, "map");
	json_put_uint(b, "pid", mm->pid);
	if (mm->watch_id)
		json_put_uint(b, "watch", mm->watch_id);
	if (mm->has_seq)
		json_put_uint(b, "seq", mm->seq);
	json_put_time(b, "ts", mm->time);
	json_put_bytes(b, "comm", mm->comm);
	if (mm->exe)
		json_put_bytes(b, "exe", mm->exe);
	json_put_hex(b, "start_brk", space->layout.start_brk);
	json_put_hex(b, "brk", space->layout.brk);
	json_put_hex(b, "start_stack", space->layout.start_stack);
	json_put_hex(b, "start_code", mm->start_code);
	json_put_hex(b, "end_code", mm->end_code);
	json_put_hex(b, "start_data", mm->start_data);
	json_put_hex(b, "end_data", mm->end_data);
	json_put_hex(b, "arg_start", mm->arg_start);
	json_put_hex(b, "arg_end", mm->arg_end);
	json_put_hex(b, "env_start", mm->env_start);
	json_put_hex(b, "env_end", mm->env_end);
	json_put_uint(b, "total_vm", mm->total_vm);
	json_put_uint(b, "locked_vm", mm->locked_vm);
	json_put_uint(b, "pinned_vm", mm->pinned_vm);
	json_put_uint(b, "data_vm", mm->data_vm);
	json_put_uint(b, "exec_vm", mm->exec_vm);
	json_put_uint(b, "stack_vm", mm->stack_vm);
	json_put_bool(b, "heap_inclusive", space->layout.heap_inclusive);
	json_put_uint(b, "map_count", space->n);
	json_put_uint(b, "bytes", space->bytes);
	if (how->max_map_count)
		json_put_uint(b, "max_map_count", how->max_map_count);
	if (how->summary)
		json_summary(b, scene, how);
	else
		json_table(b, scene, how);
	json_put_record_end(b);
}

static void json_effect_anew(struct buf *b, const struct effect *e, const struct event *ev,
			     const struct scene *before, const struct scene *after)
{
	size_t at;

	buf_putc(b, '{');
	json_put_word(b, "kind", explain_kind_name(e->kind));
	if (e->end) {
		json_put_hex(b, "start", e->start);
		json_put_hex(b, "end", e->end);
		json_put_uint(b, "bytes", e->end - e->start);
	}
	switch (e->kind) {
	case EFFECT_MOVE:
		json_put_hex(b, "from_start", e->from_start);
		json_put_hex(b, "from_end", e->from_end);
		break;
	case EFFECT_BRK:
	case EFFECT_START_BRK:
	case EFFECT_START_STACK:
		json_put_hex(b, "from", e->from);
		json_put_hex(b, "to", e->to);
		json_put_int(b, "delta", (int64_t)(e->to - e->from));
		break;
	case EFFECT_EXEC:
	case EFFECT_FORK:
		json_put_uint(b, "bytes", e->to);
		break;
	default:
		break;
	}
	if (e->old_count || e->new_count) {
		json_put_uint(b, "old_count", e->old_count);
		json_put_uint(b, "new_count", e->new_count);
	}
	json_put_flag(b, "left_below", e->left_below);
	json_put_flag(b, "left_above", e->left_above);
	json_put_flag(b, "joined_below", e->joined_below);
	json_put_flag(b, "joined_above", e->joined_above);
	json_put_flag(b, "grew", e->grew);
	if (e->after) {
		json_put_hex(b, "region_start", e->after->start);
		json_put_hex(b, "region_end", e->after->end);
	}
	at = json_put_text(b, "text");
	phrase_effect(b, e, ev, before, after);
	json_put_text_end(b, at);
	json_put_close(b, '}');
}

/* The plain memory that came, or went whole. */
static const struct region *json_effect_plain(const struct effect *e, const struct scene *before,
					      const struct scene *after)
{
	bool map = e->kind == EFFECT_MAP;
	const struct region *r = map ? e->after : e->before;
	struct what w;

	if (map ? e->grew : e->kind != EFFECT_UNMAP || e->left_below || e->left_above)
		return NULL;
	w = what_of(map ? after : before, r);
	return json_is_plain(r, &w) ? r : NULL;
}

static void json_effect(struct buf *b, const struct effect *e, const struct event *ev,
			const struct scene *before, const struct scene *after)
{
	static struct memo memos[2];
	struct memo *memo = &memos[e->kind == EFFECT_MAP];
	const struct region *r = json_effect_plain(e, before, after);
	uint64_t key[6];
	size_t at = b->len;

	if (!r) {
		json_effect_anew(b, e, ev, before, after);
		return;
	}
	key[0] = e->start;
	key[1] = e->end;
	key[2] = e->after ? e->after->start : 0;
	key[3] = e->after ? e->after->end : 0;
	key[4] = e->kind == EFFECT_MAP ? phrase_asked(e, ev) : 0;
	key[5] = r->prot;
	if (memo_put(memo, key, sizeof(key), b))
		return;
	json_effect_anew(b, e, ev, before, after);
	memo_keep(memo, key, sizeof(key), b, at);
}

/* The difference that they make, and what they are. */
void json_effects(struct buf *b, const struct explanation *why, const struct event *ev,
		  const struct scene *before, const struct scene *after)
{
	size_t i;

	json_put_int(b, "delta", why->delta);
	json_put_array(b, "effects");
	for (i = 0; i < why->n; i++)
		json_effect(b, &why->v[i], ev, before, after);
	json_put_close(b, ']');
}

static void json_syscall_anew(struct buf *b, const struct event *ev)
{
	size_t i, at;

	json_put_object(b, "syscall");
	json_put_word(b, "name", call_name(ev));
	json_put_int(b, "nr", ev->syscall);
	json_put_hex(b, "arch", ev->arch);
	if (ev->has_args) {
		json_put_array(b, "args");
		for (i = 0; i < VASMON_ARGS; i++)
			json_put_value_hex(b, ev->args[i]);
		json_put_close(b, ']');
		at = json_put_text(b, "text");
		call_put(b, ev);
		json_put_text_end(b, at);
	}
	json_put_close(b, '}');
}

static void json_syscall(struct buf *b, const struct event *ev)
{
	size_t at = b->len;

	if (!ev->has_syscall || call_memo_put(b, ev, CALL_MEMO_JSON))
		return;
	json_syscall_anew(b, ev);
	call_memo_keep(b, at, ev, CALL_MEMO_JSON);
}

/* Who did it and by what request. */
static void json_actor(struct buf *b, const struct event *ev)
{
	static struct memo memo;
	struct {
		uint32_t cause;
		uint32_t tid;
		uint32_t tgid;
		char comm[sizeof(ev->comm)];
	} key = { ev->cause, ev->tid, ev->tgid, "" };
	size_t at = b->len;

	memcpy(key.comm, ev->comm, sizeof(key.comm));
	if (!memo_put(&memo, &key, sizeof(key), b)) {
		json_put_word(b, "cause", call_cause_name(ev->cause));
		json_put_uint(b, "tid", ev->tid);
		json_put_uint(b, "tgid", ev->tgid);
		json_put_bytes(b, "comm", ev->comm);
		memo_keep(&memo, &key, sizeof(key), b, at);
	}
	json_syscall(b, ev);
}

static void json_regions(struct buf *b, const struct explain_list *list,
			 const struct scene *scene)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		json_region(b, list->v[i], scene);
	json_put_close(b, ']');
}

/* The last event: how the process ended, instead of what changed. */
static void json_exit(struct buf *b, const struct event *ev)
{
	int status = (int)ev->exit_code;

	json_put_flag(b, "end", ev->flags & VASMON_EVENT_FLAG_END);
	if (!ev->has_exit_code)
		return;
	json_put_uint(b, "wait_status", ev->exit_code);
	if (WIFEXITED(status))
		json_put_int(b, "exit_status", WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		json_put_int(b, "signal", WTERMSIG(status));
}

static void json_chain(struct buf *b, const struct out_event *e)
{
	struct chain chain;
	size_t i;

	chain_of(&chain, e->before, e->ev);
	json_put_word(b, "asker", chain_asker_name(chain.asker));
	if (chain.on_behalf < chain.n)
		json_put_uint(b, "on_behalf", chain.on_behalf);
	json_put_array(b, "callchain");
	for (i = 0; i < chain.n; i++) {
		const struct frame *frame = &chain.v[i];

		buf_putc(b, '{');
		json_put_hex(b, "address", frame->addr);
		if (frame->known) {
			json_put_bytes(b, "symbol", frame->symbol.name);
			json_put_uint(b, "offset", frame->symbol.offset);
		}
		if (frame->region && *frame->region->name)
			json_put_bytes(b, "file", frame->region->name);
		if (frame->region)
			json_put_word(b, "is", what_name(frame->what.kind));
		json_put_flag(b, "gap", frame->gap);
		json_put_close(b, '}');
	}
	json_put_close(b, ']');
}

static void json_window(struct buf *b, uint64_t start, uint64_t end)
{
	static struct memo memo;
	const uint64_t key[] = { start, end };
	size_t at = b->len;

	if (memo_put(&memo, key, sizeof(key), b))
		return;
	json_put_object(b, "window");
	json_put_hex(b, "start", start);
	json_put_hex(b, "end", end);
	json_put_close(b, '}');
	memo_keep(&memo, key, sizeof(key), b, at);
}

static void json_change(struct buf *b, const struct out_event *e)
{
	const struct event *ev = e->ev;
	bool whole = space_is_whole(ev);
	struct image image;

	json_put_flag(b, "more", ev->flags & VASMON_EVENT_FLAG_MORE);
	if (ev->text)
		json_put_bytes(b, "text", ev->text);
	if (whole || ev->has_window) {
		json_window(b, whole ? 0 : ev->start, whole ? UINT64_MAX : ev->end);
		json_put_array(b, "old");
		json_regions(b, &e->why->old, e->before);
		json_put_array(b, "new");
		json_regions(b, &e->why->fresh, e->after);
	}
	if (e->before->layout->brk != e->after->layout->brk) {
		json_put_object(b, "brk");
		json_put_hex(b, "from", e->before->layout->brk);
		json_put_hex(b, "to", e->after->layout->brk);
		json_put_int(b, "delta",
			     (int64_t)(e->after->layout->brk - e->before->layout->brk));
		json_put_close(b, '}');
	}
	if (ev->has_start_brk)
		json_put_hex(b, "start_brk", ev->start_brk);
	if (ev->has_start_stack)
		json_put_hex(b, "start_stack", ev->start_stack);
	if (ev->has_map_count)
		json_put_uint(b, "map_count", ev->map_count);
	json_effects(b, e->why, ev, e->before, e->after);
	if (ev->n_chain)
		json_chain(b, e);
	if (ev->cause == VASMON_CAUSE_SYSCALL && image_completed(&image, e->before, e->after)) {
		json_put_object(b, "image");
		json_put_bytes(b, "file", image.file);
		json_put_uint(b, "segments", image.segments);
		json_put_uint(b, "regions", image.regions);
		json_put_close(b, '}');
	}
}

static void json_whose(struct buf *b, const struct out_event *e)
{
	static struct memo memo;
	const uint32_t key[] = { e->pid, e->ev->watch_id };
	size_t at = b->len;

	if (memo_put(&memo, key, sizeof(key), b))
		return;
	json_put_uint(b, "pid", e->pid);
	json_put_uint(b, "watch", e->ev->watch_id);
	memo_keep(&memo, key, sizeof(key), b, at);
}

void json_event(struct buf *b, const struct out_event *e)
{
	const struct event *ev = e->ev;
	bool exit = ev->cause == VASMON_CAUSE_EXIT;

	if (exit)
		json_put_record(b, "exit");
	else
		json_put_record(b, "event");
	json_whose(b, e);
	json_put_uint(b, "seq", ev->seq);
	json_put_time(b, "ts", ev->time);
	json_actor(b, ev);
	if (exit)
		json_exit(b, ev);
	else
		json_change(b, e);
	json_put_record_end(b);
}

void json_lost(struct buf *b, const struct out_lost *lost)
{
	json_put_record(b, "lost");
	json_put_uint(b, "pid", lost->pid);
	json_put_word(b, "reason", lost->reason);
	json_put_uint(b, "missed", lost->missed);
	if (lost->why) {
		json_put_uint(b, "seq_from", lost->seq_from);
		json_put_uint(b, "seq_to", lost->seq_to);
		json_put_time(b, "ts", lost->time);
	}
	if (lost->ev) {
		json_put_object(b, "event");
		json_put_uint(b, "seq", lost->ev->seq);
		json_put_time(b, "ts", lost->ev->time);
		json_actor(b, lost->ev);
		json_put_close(b, '}');
	}
	json_put_bool(b, "coalesced", lost->why);
	if (lost->why)
		json_effects(b, lost->why, NULL, lost->before, lost->after);
	json_put_record_end(b);
}

static void json_effort(struct buf *b, const struct effort *effort)
{
	json_put_object(b, "effort");
	json_put_uint(b, "window", effort->window);
	json_put_uint(b, "stack", effort->stack);
	json_put_uint(b, "full_call", effort->full_call);
	json_put_uint(b, "full_remote", effort->full_remote);
	json_put_uint(b, "full_totals", effort->full_totals);
	json_put_close(b, '}');
}

static void json_subscriber(struct buf *b, const struct subscriber *sub)
{
	buf_putc(b, '{');
	json_put_uint(b, "pid", sub->pid);
	json_put_bytes(b, "comm", sub->comm);
	json_put_uint(b, "portid", sub->portid);
	json_put_uint(b, "sent", sub->sent);
	json_put_uint(b, "lost", sub->lost);
	json_put_uint(b, "overruns", sub->overruns);
	json_put_bool(b, "lossless", sub->lossless);
	json_put_uint(b, "waits", sub->waits);
	json_put_close(b, '}');
}

void json_watches(struct buf *b, const struct watch_info *v, size_t n)
{
	size_t i, j;

	for (i = 0; i < n; i++) {
		json_put_record(b, "watch");
		json_put_uint(b, "watch", v[i].id);
		json_put_uint(b, "pid", v[i].pid);
		json_put_bytes(b, "comm", v[i].comm);
		json_put_uint(b, "seq", v[i].seq);
		json_put_bool(b, "follow", v[i].follow);
		json_put_uint(b, "processes", v[i].processes);
		if (v[i].unfollowed)
			json_put_uint(b, "unfollowed", v[i].unfollowed);
		json_put_uint(b, "regions", v[i].regions);
		json_put_uint(b, "ring_size", v[i].ring_size);
		json_put_uint(b, "memory", v[i].memory);
		if (v[i].has_effort)
			json_effort(b, &v[i].effort);
		json_put_array(b, "subscribers");
		for (j = 0; j < v[i].n_subscribers; j++)
			json_subscriber(b, &v[i].subscribers[j]);
		json_put_close(b, ']');
		json_put_record_end(b);
	}
}
