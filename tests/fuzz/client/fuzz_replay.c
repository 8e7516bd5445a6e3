// SPDX-License-Identifier: GPL-2.0-only
/*
 * A recording: read, replayed, explained, filtered, and shown as text and as JSON,
 * each line of which is one object.
 */
#include <json-c/json.h>
#include <libdeflate.h>

#include "filter.h"
#include "fuzz.h"
#include "procmaps.h"
#include "replay.h"

/**
 * struct shown - what becomes of a recording
 * @text: as watch -v shows it
 * @json: as watch --json shows it
 * @filter: some events only
 */
struct shown {
	struct out text;
	struct out json;
	struct filter filter;
};

static struct shown *shown_of(const struct tracker *t)
{
	return ((struct replay *)t->arg)->arg;
}

/* Any bytes of a name are escaped, so what is printed is JSON; it is not kept. */
static void shown_check(struct shown *s)
{
	struct buf *b = &s->json.buf;
	char *line = (char *)buf_str(b), *end;

	for (; *line; line = end + 1) {
		struct json_object *o;

		end = strchr(line, '\n');
		FUZZ_HOLDS(end);
		*end = '\0';
		o = json_tokener_parse(line);
		FUZZ_HOLDS(json_object_is_type(o, json_type_object));
		json_object_put(o);
	}
	buf_reset(b);
	FUZZ_HOLDS(strlen(buf_str(&s->text.buf)) == s->text.buf.len);
	buf_reset(&s->text.buf);
}

static void on_map(struct tracker *t, const struct tracker_process *p)
{
	struct shown *s = shown_of(t);
	struct scene scene = tracker_scene(t, p);
	struct out_map how = { .gaps = true };
	struct buf b = { 0 };
	size_t i;

	out_map(&s->text, &p->mm, &scene, NULL);
	out_map(&s->text, &p->mm, &scene, &how);
	how.summary = true;
	out_map(&s->json, &p->mm, &scene, &how);
	out_map(&s->json, &p->mm, &scene, NULL);
	for (i = 0; i < p->space.n; i++) {
		const struct region *r = space_at(&p->space, i);

		FUZZ_HOLDS(r->start < r->end && space_find(&p->space, r->start) == r);
		FUZZ_HOLDS(!i || space_at(&p->space, i - 1)->end <= r->start);
		procmaps_line(&b, r, &p->space.layout);
	}
	buf_free(&b);
	shown_check(s);
}

static void on_event(struct tracker *t, const struct tracker_process *p,
		     const struct out_event *e)
{
	struct shown *s = shown_of(t);

	(void)p;
	filter_wants(&s->filter, e);
	out_event(&s->text, e);
	out_event(&s->json, e);
	shown_check(s);
}

static void on_lost(struct tracker *t, const struct out_lost *lost)
{
	struct shown *s = shown_of(t);

	out_lost(&s->text, lost);
	out_lost(&s->json, lost);
	shown_check(s);
}

static void on_mismatch(struct tracker *t, const struct event *ev, const char *what)
{
	(void)t;
	(void)ev;
	FUZZ_HOLDS(what && *what);
}

static const struct tracker_ops ops = {
	.snapshot = replay_snapshot,
	.on_map = on_map,
	.on_event = on_event,
	.on_lost = on_lost,
	.on_healed = on_map,
	.on_mismatch = on_mismatch,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct shown s = { 0 };
	struct replay r;
	struct buf why = { 0 };
	int err;

	out_init(&s.text, -1, false, OUT_COLOUR_ALWAYS);
	out_init(&s.json, -1, true, OUT_COLOUR_NEVER);
	s.text.verbose = true;
	FUZZ_HOLDS(filter_parse(&s.filter, "grow,map,move", &why));
	FUZZ_HOLDS(filter_parse(&s.filter, "region=!heap,stack", &why));
	filter_add_size(&s.filter, 8192);
	err = replay_open(&r, fuzz_file(data, size), &ops);
	r.arg = &s;
	while (!err && replay_step(&r) > 0)
		;
	if (!err)
		tracker_finish(&r.tracker);
	replay_free(&r);
	filter_free(&s.filter);
	buf_free(&why);
	buf_free(&s.text.buf);
	s.text.buf = (struct buf){ 0 };
	out_free(&s.text);
	out_free(&s.json);
	return 0;
}

/* Give @data the checksums that a recording of these bytes would have. */
static void mend(uint8_t *data, size_t size)
{
	struct rec_header h;
	struct rec_frame f;
	size_t at;

	if (size < sizeof(h))
		return;
	memcpy(&h, data, sizeof(h));
	h.crc = libdeflate_crc32(0, &h, offsetof(struct rec_header, crc));
	memcpy(data, &h, sizeof(h));
	for (at = h.size; at < size && size - at >= sizeof(f); at += sizeof(f) + REC_ALIGN(f.len)) {
		memcpy(&f, data + at, sizeof(f));
		if (f.len > size - at - sizeof(f))
			break;
		f.crc = libdeflate_crc32(0, &f, offsetof(struct rec_frame, crc));
		f.crc = libdeflate_crc32(f.crc, data + at + sizeof(f), f.len);
		memcpy(data + at, &f, sizeof(f));
	}
}

/* Chance does not find checksums: made right mostly, they let what is behind them be reached. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	size = LLVMFuzzerMutate(data, size, max_size);
	if (seed % 16)
		mend(data, size);
	return size;
}
