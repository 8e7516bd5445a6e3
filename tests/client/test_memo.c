// SPDX-License-Identifier: GPL-2.0-only
/* What is kept of the last line is not taken where anything of it differs: see client/memo.h. */
#include <linux/audit.h>

#include "check.h"
#include "json.h"
#include "text.h"

/*
 * What a line says of an event, but for its number: @region came, or is @gone.
 * It joined so many bytes that were @below it, and @above.
 */
struct change {
	struct event ev;
	struct region region;
	bool gone;
	uint64_t below, above;
};

static struct change change_usual(void)
{
	return (struct change){
		.ev = {
			.watch_id = 1, .seq = 3, .time = 5000000000, .pid = 100, .tid = 101,
			.tgid = 102, .comm = "worker", .cause = VASMON_CAUSE_SYSCALL,
			.has_syscall = true, .syscall = 9, .arch = AUDIT_ARCH_X86_64,
			.has_args = true, .args = { 0, 40960, 3, 0x22, UINT64_MAX, 0 },
			.has_window = true, .start = 0x200000, .end = 0x20a000,
		},
		.region = check_region(0x200000, 0x20a000, "rw-p"),
	};
}

static struct change change_other(void)
{
	return (struct change){
		.ev = {
			.watch_id = 9, .seq = 3, .time = 9000000000, .pid = 900, .tid = 901,
			.tgid = 902, .comm = "other", .cause = VASMON_CAUSE_REMOTE,
			.has_syscall = true, .syscall = 9, .arch = AUDIT_ARCH_X86_64,
			.has_args = true, .args = { 9, 8192, 1, 0x21, 9, 9 },
			.has_window = true, .start = 0x200000, .end = 0x202000,
		},
		.region = check_region(0x201000, 0x202000, "r--p"),
	};
}

/* Make difference number @i. Return: whether there is one. */
static bool change_differ(struct change *c, unsigned int i)
{
	switch (i) {
	case 0:
		c->ev.watch_id++;
		return true;
	case 1:
		c->ev.pid++;
		return true;
	case 2:
		c->ev.tid++;
		return true;
	case 3:
		c->ev.tgid++;
		return true;
	case 4:
		memcpy(c->ev.comm, "others", sizeof("others"));
		return true;
	case 5:
		c->ev.cause = VASMON_CAUSE_KERNEL;
		return true;
	case 6:
		c->ev.args[5]++;
		return true;
	case 7:
		c->ev.has_args = false;
		return true;
	case 8:
		c->ev.syscall = 11;
		return true;
	case 9:
		c->region.start += 4096;
		return true;
	case 10:
		c->region.end -= 4096;
		return true;
	case 11:
		c->region.vm_flags ^= 1;
		return true;
	case 12:
		c->region.traits |= VASMON_TRAIT_LOCKED;
		return true;
	case 13:
		c->region.prot &= ~(uint32_t)VASMON_PROT_WRITE;
		return true;
	case 14:
		c->region.name_type = VASMON_NAME_TYPE_ANON;
		c->region.name = "named";
		return true;
	case 15:
		c->region.prot |= VASMON_PROT_EXEC;
		return true;
	case 16:
		c->ev.args[1]--;
		return true;
	case 17:
		c->ev.time += 1000000000;
		return true;
	case 18:
		c->below = 4096;
		return true;
	case 19:
		c->above = 4096;
		return true;
	default:
		return false;
	}
}

typedef void (*put_fn)(struct buf *b, const struct out_event *e);

static void put_text(struct buf *b, const struct out_event *e)
{
	struct out out = { .fd = -1, .verbose = true };

	text_event(&out, e);
	buf_add(b, out.buf.s, out.buf.len);
	b->failed |= out.buf.failed;
	buf_free(&out.buf);
}

/* A line, in memory that is to be freed. */
static char *line(const struct change *change, put_fn put)
{
	struct change c = *change;
	struct explanation why = { 0 };
	struct layout layout = { 0 };
	struct space s = { 0 };
	struct region beside;
	struct scene before = scene_before(&s, &s.layout, NULL, NULL), after;
	struct out_event e = { .ev = &c.ev, .why = &why, .before = &before, .after = &after,
			       .pid = c.ev.pid };
	struct buf b = { 0 };

	c.ev.start -= c.below;
	c.ev.end = c.region.end + c.above;
	if (c.below) {
		beside = c.region;
		beside.start -= c.below;
		beside.end = c.region.start;
		assert_int_equal(space_append(&s, &beside), 0);
	}
	if (c.gone)
		assert_int_equal(space_append(&s, &c.region), 0);
	if (c.above) {
		beside = c.region;
		beside.start = c.region.end;
		beside.end += c.above;
		assert_int_equal(space_append(&s, &beside), 0);
	}
	if (!c.gone) {
		c.region.start -= c.below;
		c.region.end += c.above;
		c.ev.fresh = (struct regions){ .v = &c.region, .n = 1 };
	}
	after = scene_after(&before, &c.ev, &layout);
	assert_int_equal(explain_event(&why, &c.ev, &s, NULL), 0);
	put(&b, &e);
	buf_putc(&b, '\0');
	assert_false(b.failed);
	explain_free(&why);
	space_free(&s);
	return b.s;
}

static void check_differences(put_fn put, bool gone)
{
	struct change usual = change_usual(), other = change_other(), changed;
	unsigned int i;

	usual.gone = gone;
	other.gone = gone;
	/* What was beside what is gone is a change of its own. */
	for (i = 0; changed = usual, change_differ(&changed, i) && (!gone || i < 18); i++) {
		char *after_other, *after_usual;

		free(line(&other, put));
		after_other = line(&changed, put);
		free(line(&other, put));
		free(line(&usual, put));
		after_usual = line(&changed, put);
		assert_string_equal(after_usual, after_other);
		free(after_usual);
		free(after_other);
	}
	assert_int_equal(i, gone ? 18 : 20);
}

static void test_text(void **state)
{
	(void)state;
	check_differences(put_text, false);
	check_differences(put_text, true);
}

static void test_json(void **state)
{
	(void)state;
	check_differences(json_event, false);
	check_differences(json_event, true);
}

/* And what is the same is the same again. */
static void test_same(void **state)
{
	const struct change usual = change_usual();
	char *text[2], *json[2];
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		text[i] = line(&usual, put_text);
		json[i] = line(&usual, json_event);
	}
	assert_string_equal(text[0], text[1]);
	assert_string_equal(json[0], json[1]);
	for (i = 0; i < 2; i++) {
		free(text[i]);
		free(json[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_same),
	};

	return cmocka_run_group_tests_name("memo", tests, NULL, NULL);
}
