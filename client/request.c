// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdlib.h>

#include "nl_call.h"
#include "parse.h"

/* Give up where a dump is torn again and again. */
#define REQUEST_DUMP_TRIES	16

static struct nl_msg *vnl_put_u32(struct nl_msg *msg, int type, uint32_t v)
{
	if (msg && nla_put_u32(msg, type, v)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static struct nl_msg *vnl_put_flag(struct nl_msg *msg, int type)
{
	if (msg && nla_put_flag(msg, type)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

struct vnl_map_arg {
	struct mm *mm;
	struct space *space;
	struct regions regions;
	vnl_part_fn part;
	void *part_arg;
};

static int vnl_on_map(void *arg, const struct nlattr *head, int len)
{
	struct vnl_map_arg *map = arg;
	size_t i;
	int err;

	err = parse_mm(head, len, map->mm, &map->regions);
	for (i = 0; !err && i < map->regions.n; i++)
		err = space_append(map->space, &map->regions.v[i]);
	if (!err && map->part)
		err = map->part(map->part_arg, head, len);
	return err;
}

/**
 * vnl_map - take a snapshot
 * @nl: the connection
 * @pid: the process
 * @watch_id: the watch whose numbers it shall be in step with, or 0
 * @mm: overwritten, not freed before; parse_mm_free() it, also after an error
 * @space: overwritten, not freed before; space_free() it, also after an error
 * @part: called with each message as it came, or NULL; with a NULL message where
 *	the dump begins, which it does again when it was torn
 * @part_arg: for @part
 *
 * Return: 0 or an error, see @nl->words.
 */
int vnl_map(struct vnl *nl, uint32_t pid, uint32_t watch_id, struct mm *mm, struct space *space,
	    vnl_part_fn part, void *part_arg)
{
	struct vnl_map_arg arg = {
		.mm = mm, .space = space, .part = part, .part_arg = part_arg,
	};
	struct vnl_call call;
	struct nl_msg *msg;
	int err, tries;

	*mm = (struct mm){ 0 };
	*space = (struct space){ 0 };
	for (tries = 0; tries < REQUEST_DUMP_TRIES; tries++) {
		parse_mm_free(mm);
		space_free(space);
		err = part ? part(part_arg, NULL, 0) : 0;
		if (err)
			break;
		call = (struct vnl_call){ .fn = vnl_on_map, .arg = &arg };
		msg = vnl_request(nl->family, NLM_F_DUMP, VASMON_CMD_REGION_GET,
				  VASMON_FAMILY_VERSION);
		msg = vnl_put_u32(msg, VASMON_A_MM_PID, pid);
		if (watch_id)
			msg = vnl_put_u32(msg, VASMON_A_MM_WATCH_ID, watch_id);
		err = vnl_call(nl, nl->requests, msg, &call);
		if (err || !call.torn)
			break;
		err = -EAGAIN;
	}
	parse_regions_free(&arg.regions);
	space->layout = mm->layout;
	if (!err && mm->map_count != space->n)
		err = -EBADMSG;
	return err;
}

static int vnl_on_watch(void *arg, const struct nlattr *head, int len)
{
	struct watch_info *info = arg;

	parse_watch_free(info);
	return parse_watch(head, len, info);
}

/**
 * vnl_watch - have the events of a process sent to the events socket
 * @nl: the connection
 * @pid: the process
 * @how: how it is to be watched
 * @info: overwritten; parse_watch_free() it
 *
 * Return: 0 or an error, see @nl->words.
 */
int vnl_watch(struct vnl *nl, uint32_t pid, const struct vnl_how *how, struct watch_info *info)
{
	struct vnl_call call = { .fn = vnl_on_watch, .arg = info };
	struct nl_msg *msg;
	int err;

	*info = (struct watch_info){ 0 };
	msg = vnl_request(nl->family, 0, VASMON_CMD_WATCH, VASMON_FAMILY_VERSION);
	msg = vnl_put_u32(msg, VASMON_A_WATCH_PID, pid);
	if (how->ring_size)
		msg = vnl_put_u32(msg, VASMON_A_WATCH_RING_SIZE, how->ring_size);
	if (how->follow)
		msg = vnl_put_flag(msg, VASMON_A_WATCH_FOLLOW);
	if (how->lossless)
		msg = vnl_put_flag(msg, VASMON_A_WATCH_LOSSLESS);
	if (how->callchain) {
		msg = vnl_put_flag(msg, VASMON_A_WATCH_CALLCHAIN);
		msg = vnl_put_u32(msg, VASMON_A_WATCH_STACK_SIZE, VNL_STACK_SIZE);
		if (how->chain_causes)
			msg = vnl_put_u32(msg, VASMON_A_WATCH_CALLCHAIN_CAUSES, how->chain_causes);
		if (how->chain_tid)
			msg = vnl_put_u32(msg, VASMON_A_WATCH_CALLCHAIN_TID, how->chain_tid);
	}
	err = vnl_call(nl, nl->events, msg, &call);
	return !err && !info->id ? -EBADMSG : err;
}

/* End it; events that come before the answer are kept for vnl_read_events(). */
int vnl_unwatch(struct vnl *nl, uint32_t id)
{
	struct vnl_call call = { 0 };
	struct nl_msg *msg;

	msg = vnl_request(nl->family, 0, VASMON_CMD_UNWATCH, VASMON_FAMILY_VERSION);
	msg = vnl_put_u32(msg, VASMON_A_WATCH_ID, id);
	return vnl_call(nl, nl->events, msg, &call);
}

/**
 * vnl_mark - put a text among the events of a process
 * @nl: the connection
 * @pid: the process
 * @text: at most VASMON_MARK_MAX bytes
 *
 * Return: 0 or an error, see @nl->words; -ENOENT: nobody watches it; -EBUSY: there
 * are too many of late.
 */
int vnl_mark(struct vnl *nl, uint32_t pid, const char *text)
{
	struct vnl_call call = { 0 };
	struct nl_msg *msg;

	msg = vnl_request(nl->family, 0, VASMON_CMD_MARK, VASMON_FAMILY_VERSION);
	msg = vnl_put_u32(msg, VASMON_A_EVENT_PID, pid);
	if (msg && nla_put_string(msg, VASMON_A_EVENT_TEXT, text)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return vnl_call(nl, nl->requests, msg, &call);
}

struct vnl_watches_arg {
	vnl_watch_fn fn;
	void *arg;
};

static int vnl_on_watches(void *arg, const struct nlattr *head, int len)
{
	struct vnl_watches_arg *w = arg;
	struct watch_info info;
	int err;

	err = parse_watch(head, len, &info);
	if (!err)
		err = w->fn(w->arg, &info);
	parse_watch_free(&info);
	return err;
}

/**
 * vnl_watches - all watches
 * @nl: the connection
 * @fn: called for each; it may take the subscribers away from the info. A watch
 *	can come in several parts, each with some of its subscribers.
 * @arg: for @fn
 *
 * Return: 0, -EAGAIN if watches came or went meanwhile, or another error.
 */
int vnl_watches(struct vnl *nl, vnl_watch_fn fn, void *arg)
{
	struct vnl_watches_arg w = { .fn = fn, .arg = arg };
	struct vnl_call call = { .fn = vnl_on_watches, .arg = &w };
	int err;

	err = vnl_call(nl, nl->requests,
		       vnl_request(nl->family, NLM_F_DUMP, VASMON_CMD_WATCH_GET,
				   VASMON_FAMILY_VERSION), &call);
	return !err && call.torn ? -EAGAIN : err;
}

struct vnl_processes_arg {
	uint32_t *pids;
	size_t n;
	size_t room;
};

static int vnl_on_process(void *arg, const struct nlattr *head, int len)
{
	struct vnl_processes_arg *p = arg;
	uint32_t *pids;

	if (p->n == p->room) {
		pids = realloc(p->pids, (2 * p->room + 16) * sizeof(*pids));
		if (!pids)
			return -ENOMEM;
		p->pids = pids;
		p->room = 2 * p->room + 16;
	}
	return parse_process(head, len, &p->pids[p->n++]);
}

/**
 * vnl_processes - the processes of a watch
 * @nl: the connection
 * @id: the watch
 * @pids: set to an array to be freed, also after an error
 * @n: how many
 *
 * Return: 0 or an error, see @nl->words.
 */
int vnl_processes(struct vnl *nl, uint32_t id, uint32_t **pids, size_t *n)
{
	struct vnl_processes_arg arg = { 0 };
	struct vnl_call call = { .fn = vnl_on_process, .arg = &arg };
	struct nl_msg *msg;
	int err;

	msg = vnl_request(nl->family, NLM_F_DUMP, VASMON_CMD_PROCESS_GET, VASMON_FAMILY_VERSION);
	msg = vnl_put_u32(msg, VASMON_A_PROCESS_WATCH_ID, id);
	err = vnl_call(nl, nl->requests, msg, &call);
	*pids = arg.pids;
	*n = arg.n;
	return err;
}

static int vnl_on_thread(void *arg, const struct nlattr *head, int len)
{
	struct thread thread;
	int err = parse_thread(head, len, &thread);

	return err ? err : threads_add(arg, &thread);
}

/**
 * vnl_threads - the threads of a process
 * @nl: the connection
 * @pid: the process
 * @threads: added to; threads_free() it, also after an error
 *
 * Return: 0 or an error, see @nl->words.
 */
int vnl_threads(struct vnl *nl, uint32_t pid, struct threads *threads)
{
	struct vnl_call call = { .fn = vnl_on_thread, .arg = threads };
	struct nl_msg *msg;

	msg = vnl_request(nl->family, NLM_F_DUMP, VASMON_CMD_THREAD_GET, VASMON_FAMILY_VERSION);
	msg = vnl_put_u32(msg, VASMON_A_THREAD_PID, pid);
	return vnl_call(nl, nl->requests, msg, &call);
}
