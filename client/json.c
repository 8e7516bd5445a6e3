// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "call.h"
#include "json.h"
#include "label.h"
#include "procmaps.h"
#include "utf8.h"
#include "words.h"

/* One record at a time is put together; whether memory ran out meanwhile. */
static bool json_failed;

static void json_add(struct json_object *to, const char *key, struct json_object *value)
{
	if (!to || !value || json_object_object_add(to, key, value)) {
		json_object_put(value);
		json_failed = true;
	}
}

static void json_append(struct json_object *to, struct json_object *value)
{
	if (!to || !value || json_object_array_add(to, value)) {
		json_object_put(value);
		json_failed = true;
	}
}

static void json_add_uint(struct json_object *to, const char *key, uint64_t v)
{
	json_add(to, key, json_object_new_uint64(v));
}

static void json_add_int(struct json_object *to, const char *key, int64_t v)
{
	json_add(to, key, json_object_new_int64(v));
}

static void json_add_bool(struct json_object *to, const char *key, bool v)
{
	json_add(to, key, json_object_new_boolean(v));
}

static void json_add_string(struct json_object *to, const char *key, const char *s)
{
	json_add(to, key, json_object_new_string(s));
}

/* Addresses as strings: they do not fit the numbers of most JSON readers. */
static struct json_object *json_hex(uint64_t v)
{
	char s[19];

	snprintf(s, sizeof(s), "0x%" PRIx64, v);
	return json_object_new_string(s);
}

static void json_add_hex(struct json_object *to, const char *key, uint64_t v)
{
	json_add(to, key, json_hex(v));
}

static void json_add_time(struct json_object *to, const char *key, uint64_t ns)
{
	char s[32];

	snprintf(s, sizeof(s), "%" PRIu64 ".%09" PRIu64, ns / 1000000000, ns % 1000000000);
	json_add_string(to, key, s);
}

/*
 * Bytes that somebody else chose. What is not UTF-8 is replaced, and then all
 * the bytes stand in hex beside it, so that nothing is lost.
 */
static void json_add_bytes(struct json_object *to, const char *key, const char *s)
{
	size_t len = strlen(s), i;
	struct buf tmp = { 0 };
	char hex_key[32];

	if (utf8_valid(s, len)) {
		json_add(to, key, json_object_new_string_len(s, (int)len));
		return;
	}
	utf8_put_replaced(&tmp, s, len);
	json_add_string(to, key, buf_str(&tmp));
	buf_reset(&tmp);
	for (i = 0; i < len; i++)
		buf_hex(&tmp, (unsigned char)s[i], 2);
	snprintf(hex_key, sizeof(hex_key), "%s_hex", key);
	json_add_string(to, hex_key, buf_str(&tmp));
	json_failed |= tmp.failed;
	buf_free(&tmp);
}

static struct json_object *json_record(const char *type)
{
	struct json_object *o;

	json_failed = false;
	o = json_object_new_object();
	json_add_int(o, "v", JSON_VERSION);
	json_add_string(o, "type", type);
	return o;
}

/*
 * One line. A terminal takes DEL and the C1 controls (U+0080 to U+009F) for
 * commands, and JSON may have them as they are: escape them. Outside of strings
 * there are no such bytes.
 */
static void json_end(struct buf *b, struct json_object *o)
{
	const char *s, *plain;
	size_t len, i;

	s = json_object_to_json_string_length(o, JSON_C_TO_STRING_PLAIN |
					      JSON_C_TO_STRING_NOSLASHESCAPE, &len);
	if (!s || json_failed) {
		b->failed = true;
		json_object_put(o);
		return;
	}
	for (plain = s, i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		size_t skip = 0;

		if (c == 0x7f) {
			skip = 1;
		} else if (c == 0xc2 && i + 1 < len && (unsigned char)s[i + 1] < 0xa0) {
			c = (unsigned char)s[i + 1];
			skip = 2;
		}
		if (!skip)
			continue;
		buf_add(b, plain, (size_t)(s + i - plain));
		buf_printf(b, "\\u%04x", c);
		i += skip - 1;
		plain = s + i + 1;
	}
	buf_add(b, plain, (size_t)(s + len - plain));
	buf_putc(b, '\n');
	json_object_put(o);
}

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

static struct json_object *json_region(const struct region *r, const struct layout *l)
{
	struct json_object *o = json_object_new_object();
	struct label label = label_of(r, l);
	char perms[5], dev[24];
	unsigned int bit;

	procmaps_perms(r, perms);
	json_add_hex(o, "start", r->start);
	json_add_hex(o, "end", r->end);
	json_add_uint(o, "bytes", region_size(r));
	json_add_string(o, "perms", perms);
	json_add_string(o, "kind", json_label_kind(label.kind));
	if (*r->name)
		json_add_bytes(o, "name", r->name);
	if (region_has_file(r)) {
		snprintf(dev, sizeof(dev), "%02x:%02x", r->dev_major, r->dev_minor);
		json_add_hex(o, "offset", r->offset);
		json_add_string(o, "dev", dev);
		json_add_uint(o, "inode", r->inode);
	}
	if (r->traits) {
		struct json_object *traits = json_object_new_array();

		for (bit = 0; bit < 64; bit++) {
			const char *name = words_trait(bit);
			char number[16];

			if (!(r->traits >> bit & 1))
				continue;
			snprintf(number, sizeof(number), "trait-%u", bit);
			json_append(traits, json_object_new_string(name ? name : number));
		}
		json_add(o, "traits", traits);
	}
	json_add_hex(o, "vm_flags", r->vm_flags);
	return o;
}

void json_map(struct buf *b, const struct mm *mm, const struct space *space)
{
	struct json_object *o = json_record("map"), *regions;
	size_t i;

	json_add_uint(o, "pid", mm->pid);
	if (mm->watch_id)
		json_add_uint(o, "watch", mm->watch_id);
	if (mm->has_seq)
		json_add_uint(o, "seq", mm->seq);
	json_add_time(o, "ts", mm->time);
	json_add_bytes(o, "comm", mm->comm);
	if (mm->exe)
		json_add_bytes(o, "exe", mm->exe);
	json_add_hex(o, "start_brk", space->layout.start_brk);
	json_add_hex(o, "brk", space->layout.brk);
	json_add_hex(o, "start_stack", space->layout.start_stack);
	json_add_hex(o, "start_code", mm->start_code);
	json_add_hex(o, "end_code", mm->end_code);
	json_add_hex(o, "start_data", mm->start_data);
	json_add_hex(o, "end_data", mm->end_data);
	json_add_hex(o, "arg_start", mm->arg_start);
	json_add_hex(o, "arg_end", mm->arg_end);
	json_add_hex(o, "env_start", mm->env_start);
	json_add_hex(o, "env_end", mm->env_end);
	json_add_uint(o, "total_vm", mm->total_vm);
	json_add_uint(o, "locked_vm", mm->locked_vm);
	json_add_uint(o, "pinned_vm", mm->pinned_vm);
	json_add_uint(o, "data_vm", mm->data_vm);
	json_add_uint(o, "exec_vm", mm->exec_vm);
	json_add_uint(o, "stack_vm", mm->stack_vm);
	json_add_bool(o, "heap_inclusive", space->layout.heap_inclusive);
	json_add_uint(o, "map_count", space->n);
	json_add_uint(o, "bytes", space->bytes);
	regions = json_object_new_array();
	for (i = 0; i < space->n; i++)
		json_append(regions, json_region(space_at(space, i), &space->layout));
	json_add(o, "regions", regions);
	json_end(b, o);
}

static void json_add_flag(struct json_object *o, const char *key, bool v)
{
	if (v)
		json_add_bool(o, key, true);
}

static struct json_object *json_effect(const struct effect *e, const struct event *ev,
				       const struct layout *before, const struct layout *after)
{
	struct json_object *o = json_object_new_object();
	struct buf text = { 0 };

	json_add_string(o, "kind", explain_kind_name(e->kind));
	if (e->end) {
		json_add_hex(o, "start", e->start);
		json_add_hex(o, "end", e->end);
		json_add_uint(o, "bytes", e->end - e->start);
	}
	switch (e->kind) {
	case EFFECT_MOVE:
		json_add_hex(o, "from_start", e->from_start);
		json_add_hex(o, "from_end", e->from_end);
		break;
	case EFFECT_BRK:
	case EFFECT_START_BRK:
	case EFFECT_START_STACK:
		json_add_hex(o, "from", e->from);
		json_add_hex(o, "to", e->to);
		json_add_int(o, "delta", (int64_t)(e->to - e->from));
		break;
	case EFFECT_EXEC:
	case EFFECT_FORK:
		json_add_uint(o, "bytes", e->to);
		break;
	default:
		break;
	}
	if (e->old_count || e->new_count) {
		json_add_uint(o, "old_count", e->old_count);
		json_add_uint(o, "new_count", e->new_count);
	}
	json_add_flag(o, "left_below", e->left_below);
	json_add_flag(o, "left_above", e->left_above);
	json_add_flag(o, "joined_below", e->joined_below);
	json_add_flag(o, "joined_above", e->joined_above);
	json_add_flag(o, "grew", e->grew);
	if (e->after) {
		json_add_hex(o, "region_start", e->after->start);
		json_add_hex(o, "region_end", e->after->end);
	}
	words_effect(&text, e, ev, before, after);
	json_add_string(o, "text", buf_str(&text));
	json_failed |= text.failed;
	buf_free(&text);
	return o;
}

static void json_add_effects(struct json_object *o, const struct explanation *why,
			     const struct event *ev, const struct layout *before,
			     const struct layout *after)
{
	struct json_object *effects = json_object_new_array();
	size_t i;

	json_add_int(o, "delta", why->delta);
	for (i = 0; i < why->n; i++)
		json_append(effects, json_effect(&why->v[i], ev, before, after));
	json_add(o, "effects", effects);
}

static void json_add_syscall(struct json_object *o, const struct event *ev)
{
	struct json_object *call, *args;
	struct buf text = { 0 };
	size_t i;

	if (!ev->has_syscall)
		return;
	call = json_object_new_object();
	json_add_string(call, "name", call_name(ev));
	json_add_int(call, "nr", ev->syscall);
	json_add_hex(call, "arch", ev->arch);
	if (ev->has_args) {
		args = json_object_new_array();
		for (i = 0; i < VASMON_ARGS; i++)
			json_append(args, json_hex(ev->args[i]));
		json_add(call, "args", args);
		call_put(&text, ev);
		json_add_string(call, "text", buf_str(&text));
		json_failed |= text.failed;
		buf_free(&text);
	}
	json_add(o, "syscall", call);
}

/* Who did it and by what request. */
static void json_add_actor(struct json_object *o, const struct event *ev)
{
	json_add_string(o, "cause", call_cause_name(ev->cause));
	json_add_uint(o, "tid", ev->tid);
	json_add_uint(o, "tgid", ev->tgid);
	json_add_bytes(o, "comm", ev->comm);
	json_add_syscall(o, ev);
}

static void json_add_regions(struct json_object *o, const char *key,
			     const struct explain_list *list, const struct layout *l)
{
	struct json_object *regions = json_object_new_array();
	size_t i;

	for (i = 0; i < list->n; i++)
		json_append(regions, json_region(list->v[i], l));
	json_add(o, key, regions);
}

/* The last event: how the process ended, instead of what changed. */
static void json_add_exit(struct json_object *o, const struct event *ev)
{
	int status = (int)ev->exit_code;

	if (!ev->has_exit_code)
		return;
	json_add_uint(o, "wait_status", ev->exit_code);
	if (WIFEXITED(status))
		json_add_int(o, "exit_status", WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		json_add_int(o, "signal", WTERMSIG(status));
}

void json_event(struct buf *b, const struct out_event *e)
{
	const struct event *ev = e->ev;
	bool exit = ev->cause == VASMON_CAUSE_EXIT, whole = space_is_whole(ev);
	struct json_object *o = json_record(exit ? "exit" : "event"), *part;

	json_add_uint(o, "pid", e->pid);
	json_add_uint(o, "watch", ev->watch_id);
	json_add_uint(o, "seq", ev->seq);
	json_add_time(o, "ts", ev->time);
	json_add_actor(o, ev);
	if (exit) {
		json_add_flag(o, "end", ev->flags & VASMON_EVENT_FLAG_END);
		json_add_exit(o, ev);
		json_end(b, o);
		return;
	}
	json_add_flag(o, "more", ev->flags & VASMON_EVENT_FLAG_MORE);
	if (whole || ev->has_window) {
		part = json_object_new_object();
		json_add_hex(part, "start", whole ? 0 : ev->start);
		json_add_hex(part, "end", whole ? UINT64_MAX : ev->end);
		json_add(o, "window", part);
		json_add_regions(o, "old", &e->why->old, e->before);
		json_add_regions(o, "new", &e->why->fresh, e->after);
	}
	if (e->before->brk != e->after->brk) {
		part = json_object_new_object();
		json_add_hex(part, "from", e->before->brk);
		json_add_hex(part, "to", e->after->brk);
		json_add_int(part, "delta", (int64_t)(e->after->brk - e->before->brk));
		json_add(o, "brk", part);
	}
	if (ev->has_start_brk)
		json_add_hex(o, "start_brk", ev->start_brk);
	if (ev->has_start_stack)
		json_add_hex(o, "start_stack", ev->start_stack);
	if (ev->has_map_count)
		json_add_uint(o, "map_count", ev->map_count);
	json_add_effects(o, e->why, ev, e->before, e->after);
	json_end(b, o);
}

void json_lost(struct buf *b, const struct out_lost *lost)
{
	struct json_object *o = json_record("lost"), *part;

	json_add_uint(o, "pid", lost->pid);
	json_add_string(o, "reason", lost->reason);
	json_add_uint(o, "missed", lost->missed);
	if (lost->why) {
		json_add_uint(o, "seq_from", lost->seq_from);
		json_add_uint(o, "seq_to", lost->seq_to);
		json_add_time(o, "ts", lost->time);
	}
	if (lost->ev) {
		part = json_object_new_object();
		json_add_uint(part, "seq", lost->ev->seq);
		json_add_time(part, "ts", lost->ev->time);
		json_add_actor(part, lost->ev);
		json_add(o, "event", part);
	}
	json_add_bool(o, "coalesced", lost->why);
	if (lost->why)
		json_add_effects(o, lost->why, NULL, lost->before, lost->after);
	json_end(b, o);
}

void json_watches(struct buf *b, const struct watch_info *v, size_t n)
{
	size_t i, j;

	for (i = 0; i < n; i++) {
		struct json_object *o = json_record("watch"), *list, *s;

		json_add_uint(o, "watch", v[i].id);
		json_add_uint(o, "pid", v[i].pid);
		json_add_bytes(o, "comm", v[i].comm);
		json_add_uint(o, "seq", v[i].seq);
		json_add_bool(o, "follow", v[i].follow);
		if (v[i].processes)
			json_add_uint(o, "processes", v[i].processes);
		if (v[i].unfollowed)
			json_add_uint(o, "unfollowed", v[i].unfollowed);
		json_add_uint(o, "regions", v[i].regions);
		json_add_uint(o, "ring_size", v[i].ring_size);
		json_add_uint(o, "memory", v[i].memory);
		if (v[i].has_effort) {
			s = json_object_new_object();
			json_add_uint(s, "window", v[i].effort.window);
			json_add_uint(s, "stack", v[i].effort.stack);
			json_add_uint(s, "full_call", v[i].effort.full_call);
			json_add_uint(s, "full_remote", v[i].effort.full_remote);
			json_add_uint(s, "full_totals", v[i].effort.full_totals);
			json_add(o, "effort", s);
		}
		list = json_object_new_array();
		for (j = 0; j < v[i].n_subscribers; j++) {
			const struct subscriber *sub = &v[i].subscribers[j];

			s = json_object_new_object();
			json_add_uint(s, "pid", sub->pid);
			json_add_bytes(s, "comm", sub->comm);
			json_add_uint(s, "portid", sub->portid);
			json_add_uint(s, "sent", sub->sent);
			json_add_uint(s, "lost", sub->lost);
			json_add_uint(s, "overruns", sub->overruns);
			json_add_bool(s, "lossless", sub->lossless);
			json_add_uint(s, "waits", sub->waits);
			json_append(list, s);
		}
		json_add(o, "subscribers", list);
		json_end(b, o);
	}
}
