// SPDX-License-Identifier: GPL-2.0-only
#include <json-c/json.h>
#include <linux/audit.h>

#include "check.h"
#include "json.h"

/* Exactly one line, and JSON. */
static struct json_object *read_line(struct buf *b)
{
	struct json_object *o;
	const char *s = buf_str(b), *end = strchr(s, '\n');

	assert_false(b->failed);
	assert_non_null(end);
	assert_int_equal(end[1], '\0');
	o = json_tokener_parse(s);
	assert_non_null(o);
	return o;
}

static struct json_object *get(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	if (!json_object_object_get_ex(o, key, &v))
		fail_msg("no field '%s' in %s", key, json_object_to_json_string(o));
	return v;
}

static void is_string(struct json_object *o, const char *key, const char *value)
{
	assert_int_equal(json_object_get_type(get(o, key)), json_type_string);
	assert_string_equal(json_object_get_string(get(o, key)), value);
}

static void is_int(struct json_object *o, const char *key, int64_t value)
{
	assert_int_equal(json_object_get_type(get(o, key)), json_type_int);
	assert_int_equal(json_object_get_int64(get(o, key)), value);
}

static void lacks(struct json_object *o, const char *key)
{
	assert_false(json_object_object_get_ex(o, key, NULL));
}

/* The bytes of a name, by the rule in JSON.md. */
static void is_bytes(struct json_object *o, const char *key, const char *bytes)
{
	struct json_object *hex;
	char hex_key[32], decoded[256];
	const char *s;
	size_t i;

	snprintf(hex_key, sizeof(hex_key), "%s_hex", key);
	if (!json_object_object_get_ex(o, hex_key, &hex)) {
		is_string(o, key, bytes);
		return;
	}
	s = json_object_get_string(hex);
	for (i = 0; s[2 * i]; i++) {
		unsigned int byte;

		assert_int_equal(sscanf(s + 2 * i, "%2x", &byte), 1);
		decoded[i] = (char)byte;
	}
	decoded[i] = '\0';
	assert_string_equal(decoded, bytes);
}

static void test_names(void **state)
{
	static const struct {
		const char *name;
		bool hex;
	} table[] = {
		{ "/plain", false },
		{ "/quote\"back\\slash/", false },
		{ "/new\nline\ttab\x01\x1b[31m", false },
		{ "/del\x7f and c1 \xc2\x9b" "2J \xc2\x80", false },
		{ "/gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80", false },
		{ "/bad \xff\xfe", true },
		{ "/cut \xe2\x82", true },
		{ "/surrogate \xed\xa0\x80\xed\xb0\x80", true },
	};
	struct mm mm = { .pid = 1 };
	struct buf b = { 0 };
	size_t i;
	const char *c;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct region r = check_file(0x1000, 0x2000, "r--s", 0x3000, table[i].name);
		struct space s = { 0 };
		struct out_map how = { 0 };
		struct scene scene;
		struct json_object *o, *region;

		assert_int_equal(space_append(&s, &r), 0);
		mm.exe = (char *)table[i].name;
		buf_reset(&b);
		scene = scene_before(&s, &s.layout, NULL, NULL);
		json_map(&b, &mm, &scene, &how);
		/* Nothing that a terminal obeys, whatever the name is. */
		for (c = buf_str(&b); c[1]; c++) {
			assert_true((unsigned char)*c >= 0x20 && *c != 0x7f);
			assert_false((unsigned char)c[0] == 0xc2 && (unsigned char)c[1] < 0xa0);
		}
		o = read_line(&b);
		region = json_object_array_get_idx(get(o, "regions"), 0);
		is_bytes(region, "name", table[i].name);
		is_bytes(o, "exe", table[i].name);
		assert_int_equal(json_object_object_get_ex(region, "name_hex", NULL), table[i].hex);
		json_object_put(o);
		space_free(&s);
	}
	buf_free(&b);
}

static void test_map(void **state)
{
	struct region map[] = {
		check_file(0x1000, 0x3000, "r-xp", 0x5000, "/bin/x"),
		check_region(0x7f0000000000, 0x7f0000001000, "rw-p"),
		check_region(0xffffffffff600000, 0xffffffffff601000, "--xp"),
	};
	struct mm mm = { .pid = 12, .watch_id = 3, .has_seq = true, .seq = 44,
			 .time = 12345000000067, .comm = "x", .total_vm = 1ull << 60 };
	struct json_object *o, *regions, *r;
	struct space s = { 0 };
	struct scene scene = scene_before(&s, &s.layout, NULL, "/bin/x");
	struct out_map how = { .max_map_count = 65530 };
	struct buf b = { 0 };
	size_t i;

	(void)state;
	map[1].traits = VASMON_TRAIT_LOCKED | VASMON_TRAIT_SEALED | 1ull << 40;
	for (i = 0; i < 3; i++)
		assert_int_equal(space_append(&s, &map[i]), 0);
	s.layout = (struct layout){ .start_brk = 0x7f0000000000, .brk = 0x7f0000000800 };
	json_map(&b, &mm, &scene, &how);
	o = read_line(&b);
	is_int(o, "v", 1);
	is_string(o, "type", "map");
	is_int(o, "pid", 12);
	is_int(o, "watch", 3);
	is_int(o, "seq", 44);
	is_string(o, "ts", "12345.000000067");
	is_string(o, "start_brk", "0x7f0000000000");
	is_string(o, "brk", "0x7f0000000800");
	is_int(o, "total_vm", 1ll << 60);
	is_int(o, "map_count", 3);
	is_int(o, "bytes", 0x4000);
	lacks(o, "exe");
	regions = get(o, "regions");
	assert_int_equal(json_object_array_length(regions), 3);
	r = json_object_array_get_idx(regions, 0);
	is_string(r, "start", "0x1000");
	is_string(r, "end", "0x3000");
	is_int(r, "bytes", 0x2000);
	is_string(r, "perms", "r-xp");
	is_string(r, "kind", "file");
	is_string(r, "offset", "0x5000");
	is_string(r, "dev", "08:01");
	is_int(r, "inode", 4711);
	lacks(r, "traits");
	r = json_object_array_get_idx(regions, 1);
	is_string(r, "kind", "heap");
	lacks(r, "name");
	lacks(r, "offset");
	assert_string_equal(json_object_to_json_string_ext(get(r, "traits"), 0),
			    "[\"locked\",\"sealed\",\"trait-40\"]");
	r = json_object_array_get_idx(regions, 2);
	is_string(r, "end", "0xffffffffff601000");
	json_object_put(o);
	buf_free(&b);
	space_free(&s);
}

static void test_event(void **state)
{
	struct region old = check_region(0x1000, 0x3000, "rw-p");
	struct region fresh = check_region(0x1000, 0x5000, "rw-p");
	struct event ev = {
		.watch_id = 3, .seq = 45, .time = 7000000001, .pid = 12, .tid = 13, .tgid = 12,
		.comm = "w\xff", .cause = VASMON_CAUSE_SYSCALL, .has_syscall = true,
		.syscall = 12, .arch = AUDIT_ARCH_X86_64, .has_args = true, .args = { 0x5000 },
		.has_window = true, .start = 0x1000, .end = 0x5000,
		.fresh = { .v = &fresh, .n = 1 }, .has_brk = true, .brk_from = 0x3000,
		.brk_to = 0x5000, .has_map_count = true, .map_count = 1,
	};
	struct layout layout = { .start_brk = 0x1000, .brk = 0x5000 };
	struct space s = { .layout = { .start_brk = 0x1000, .brk = 0x3000 } };
	struct scene before = scene_before(&s, &s.layout, NULL, NULL), after;
	struct explanation why = { 0 };
	struct out_event e = { .ev = &ev, .why = &why, .before = &before,
			       .after = &after, .pid = 12 };
	struct json_object *o, *part;
	struct buf b = { 0 };

	(void)state;
	assert_int_equal(space_append(&s, &old), 0);
	after = scene_after(&before, &ev, &layout);
	assert_int_equal(explain_event(&why, &ev, &s, "brk"), 0);
	json_event(&b, &e);
	o = read_line(&b);
	is_string(o, "type", "event");
	is_int(o, "pid", 12);
	is_int(o, "watch", 3);
	is_int(o, "seq", 45);
	is_string(o, "ts", "7.000000001");
	is_string(o, "cause", "syscall");
	is_int(o, "tid", 13);
	is_int(o, "tgid", 12);
	is_bytes(o, "comm", "w\xff");
	part = get(o, "syscall");
	is_string(part, "name", "brk");
	is_int(part, "nr", 12);
	is_string(part, "arch", "0xc000003e");
	is_string(part, "text", "brk(0x5000)");
	assert_int_equal(json_object_array_length(get(part, "args")), 6);
	is_string(get(o, "window"), "start", "0x1000");
	is_string(get(o, "window"), "end", "0x5000");
	is_string(json_object_array_get_idx(get(o, "old"), 0), "end", "0x3000");
	is_string(json_object_array_get_idx(get(o, "new"), 0), "end", "0x5000");
	is_string(json_object_array_get_idx(get(o, "new"), 0), "kind", "heap");
	is_string(get(o, "brk"), "from", "0x3000");
	is_int(get(o, "brk"), "delta", 0x2000);
	is_int(o, "delta", 0x2000);
	is_int(o, "map_count", 1);
	assert_int_equal(json_object_array_length(get(o, "effects")), 2);
	part = json_object_array_get_idx(get(o, "effects"), 0);
	is_string(part, "kind", "map");
	is_string(part, "start", "0x3000");
	is_int(part, "bytes", 0x2000);
	is_string(part, "region_start", "0x1000");
	assert_true(json_object_get_boolean(get(part, "joined_below")));
	assert_true(json_object_get_boolean(get(part, "grew")));
	lacks(part, "joined_above");
	is_string(json_object_array_get_idx(get(o, "effects"), 1), "kind", "brk");
	json_object_put(o);

	/* the end */
	ev = (struct event){ .watch_id = 3, .seq = 46, .cause = VASMON_CAUSE_EXIT, .comm = "x",
			     .has_exit_code = true, .exit_code = 11 };
	assert_int_equal(explain_event(&why, &ev, &s, NULL), 0);
	buf_reset(&b);
	json_event(&b, &e);
	o = read_line(&b);
	is_string(o, "type", "exit");
	is_int(o, "signal", 11);
	is_int(o, "wait_status", 11);
	lacks(o, "exit_status");
	json_object_put(o);
	ev.exit_code = 0x700;
	buf_reset(&b);
	json_event(&b, &e);
	o = read_line(&b);
	is_int(o, "exit_status", 7);
	lacks(o, "signal");
	json_object_put(o);
	explain_free(&why);
	space_free(&s);
	buf_free(&b);
}

static void test_lost(void **state)
{
	struct region old = check_region(0x1000, 0x3000, "rw-p");
	struct event ev = { .seq = 9, .cause = VASMON_CAUSE_OVERRUN };
	struct explanation why = { 0 };
	struct space some = { 0 }, none = { 0 };
	struct scene scene = scene_before(&some, &some.layout, NULL, NULL);
	struct out_lost lost = { .reason = "overrun", .missed = 5, .seq_from = 5, .seq_to = 12,
				 .ev = &ev, .why = &why, .before = &scene, .after = &scene,
				 .pid = 12 };
	struct json_object *o;
	struct buf b = { 0 };

	(void)state;
	assert_int_equal(space_append(&some, &old), 0);
	assert_int_equal(explain_diff(&why, &some, &none), 0);
	json_lost(&b, &lost);
	o = read_line(&b);
	is_string(o, "type", "lost");
	is_string(o, "reason", "overrun");
	is_int(o, "missed", 5);
	is_int(o, "seq_from", 5);
	is_int(o, "seq_to", 12);
	is_int(o, "delta", -0x2000);
	assert_true(json_object_get_boolean(get(o, "coalesced")));
	is_string(get(o, "event"), "cause", "overrun");
	is_string(json_object_array_get_idx(get(o, "effects"), 0), "kind", "unmap");
	json_object_put(o);
	lost.why = NULL;
	buf_reset(&b);
	json_lost(&b, &lost);
	o = read_line(&b);
	assert_false(json_object_get_boolean(get(o, "coalesced")));
	lacks(o, "effects");
	json_object_put(o);
	explain_free(&why);
	space_free(&some);
	buf_free(&b);
}

static void test_watches(void **state)
{
	struct subscriber sub = { .portid = 4194, .pid = 77, .comm = "c", .sent = 9, .lost = 3,
				  .overruns = 1, .lossless = true, .waits = 8 };
	struct watch_info w = { .id = 2, .pid = 1234, .ring_size = 1048576, .seq = 12,
				.follow = true, .processes = 3, .comm = "demo", .regions = 25,
				.memory = 1100000,
				.has_effort = true, .effort = { 9, 2, 3, 4, 5 },
				.subscribers = &sub, .n_subscribers = 1 };
	struct json_object *o, *s;
	struct buf b = { 0 };

	(void)state;
	json_watches(&b, &w, 1);
	o = read_line(&b);
	is_string(o, "type", "watch");
	is_int(o, "watch", 2);
	is_int(o, "pid", 1234);
	is_int(o, "seq", 12);
	is_int(o, "regions", 25);
	is_int(o, "ring_size", 1048576);
	is_int(o, "memory", 1100000);
	is_int(get(o, "effort"), "window", 9);
	is_int(get(o, "effort"), "full_totals", 5);
	s = json_object_array_get_idx(get(o, "subscribers"), 0);
	is_int(s, "portid", 4194);
	is_int(s, "pid", 77);
	is_int(s, "sent", 9);
	is_int(s, "lost", 3);
	is_int(s, "overruns", 1);
	is_int(s, "waits", 8);
	assert_true(json_object_get_boolean(get(s, "lossless")));
	is_int(o, "processes", 3);
	assert_true(json_object_get_boolean(get(o, "follow")));
	json_object_put(o);
	buf_reset(&b);
	json_watches(&b, NULL, 0);
	assert_string_equal(buf_str(&b), "");
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_event),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_watches),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
