// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "parse.h"
#include "replay.h"

/*
 * The files that the next frames tell of: before what maps them is shown. Return: 0, or
 * an error.
 */
static int replay_files(struct replay *r)
{
	struct recreader_frame f;
	struct recfile file;
	int n, err;

	while ((n = recreader_peek(&r->reader, &f)) > 0 && f.type == REC_FILE) {
		err = recfile_parse(&file, f.bytes, f.len);
		if (!err)
			err = recfiles_add(&r->files, &file);
		if (err)
			return err;
		recreader_skip(&r->reader);
	}
	return n < 0 ? n : 0;
}

/* The next frame is the snapshot that the recorder took at this place, or there is none. */
static int replay_begin_snapshot(struct replay *r, uint32_t pid)
{
	struct recreader_frame f;
	struct rec_snapshot s;
	int n = recreader_peek(&r->reader, &f);

	if (n < 0)
		return n;
	if (!n || f.type != REC_SNAPSHOT || f.len < sizeof(s))
		return -ESRCH;
	memcpy(&s, f.bytes, sizeof(s));
	if (s.pid != pid)
		return -ESRCH;
	recreader_skip(&r->reader);
	return s.error ? -ESRCH : 0;
}

/**
 * replay_snapshot - for struct tracker_ops: the snapshot that was recorded
 * @t: the tracker of a struct replay
 * @pid: the process
 * @mm: overwritten; parse_mm_free() it, also after an error
 * @space: overwritten; space_free() it, also after an error
 *
 * Return: 0; -ESRCH if there is none at this place, or only a part of one;
 * -EBADMSG, -ENOMEM, an error of read(2).
 */
int replay_snapshot(struct tracker *t, uint32_t pid, struct mm *mm, struct space *space)
{
	struct replay *r = t->arg;
	struct recreader_frame f;
	size_t i;
	int n, err;

	*mm = (struct mm){ 0 };
	*space = (struct space){ 0 };
	err = replay_begin_snapshot(r, pid);
	while (!err) {
		n = recreader_peek(&r->reader, &f);
		if (n < 0)
			return n;
		/* The recorder was killed in the middle of it. */
		if (!n || (f.type != REC_PART && f.type != REC_SNAPSHOT_END))
			return -ESRCH;
		if (f.type == REC_SNAPSHOT_END) {
			recreader_skip(&r->reader);
			space->layout = mm->layout;
			return mm->map_count == space->n ? replay_files(r) : -EBADMSG;
		}
		err = parse_mm(f.bytes, (int)f.len, mm, &r->regions);
		for (i = 0; !err && i < r->regions.n; i++)
			err = space_append(space, &r->regions.v[i]);
		recreader_skip(&r->reader);
	}
	return err;
}

static int replay_event(struct replay *r, const struct recreader_frame *f)
{
	int err;

	buf_reset(&r->message);
	buf_add(&r->message, f->bytes, f->len);
	if (r->message.failed)
		return -ENOMEM;
	recreader_skip(&r->reader);
	err = replay_files(r);
	if (err)
		return err;
	err = parse_event((void *)r->message.s, (int)r->message.len, &r->ev);
	return err ? err : tracker_event(&r->tracker, &r->ev);
}

static int replay_frame(struct replay *r, const struct recreader_frame *f)
{
	uint64_t offset = r->reader.offset;
	struct rec_snapshot s;
	int err = 0;

	switch (f->type) {
	case REC_EVENT:
		err = replay_event(r, f);
		break;
	case REC_SNAPSHOT:
		if (f->len < sizeof(s))
			return -EBADMSG;
		memcpy(&s, f->bytes, sizeof(s));
		err = r->started ? tracker_refresh(&r->tracker, s.pid) :
				   tracker_start(&r->tracker);
		if (err == -ESRCH && !r->started)
			err = 0;
		r->started |= r->tracker.n;
		break;
	case REC_LOSSY:
		recreader_skip(&r->reader);
		return tracker_heal(&r->tracker, "buffer");
	case REC_END:
		if (f->len < sizeof(r->end))
			return -EBADMSG;
		memcpy(&r->end, f->bytes, sizeof(r->end));
		break;
	}
	/* What a newer recorder has added, and what nobody asked for. */
	if (!err && r->reader.offset == offset)
		recreader_skip(&r->reader);
	return err;
}

/**
 * replay_open - begin a replay
 * @r: overwritten; replay_free() it, also after an error
 * @fd: the recording
 * @ops: with replay_snapshot()
 *
 * Return: as recreader_open().
 */
int replay_open(struct replay *r, int fd, const struct tracker_ops *ops)
{
	struct tracker *t = &r->tracker;
	const struct rec_header *h = &r->reader.header;
	int err;

	*r = (struct replay){ 0 };
	err = recreader_open(&r->reader, fd);
	t->ops = ops;
	t->arg = r;
	t->pid = h->pid;
	t->watch_id = h->watch_id;
	t->follow = h->flags & REC_FOLLOW;
	t->held = h->flags & REC_FROM_EXEC;
	t->heap_inclusive = h->flags & REC_HEAP_INCLUSIVE;
	return err;
}

/**
 * replay_step - take the next frame, and the snapshots that belong to it
 * @r: the replay
 *
 * Return: 1; 0 where there is no further one, @r->reader.state then says why; or
 * an error: -EBADMSG if a frame was not what the module can have sent.
 */
int replay_step(struct replay *r)
{
	struct recreader_frame f;
	int n = recreader_peek(&r->reader, &f);

	if (n > 0) {
		int err = replay_frame(r, &f);

		return err ? err : 1;
	}
	return n;
}

void replay_free(struct replay *r)
{
	tracker_free(&r->tracker);
	parse_event_free(&r->ev);
	parse_regions_free(&r->regions);
	recfiles_free(&r->files);
	buf_free(&r->message);
	recreader_free(&r->reader);
}
