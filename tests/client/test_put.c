// SPDX-License-Identifier: GPL-2.0-only
/* Numbers and strings as text and as JSON. */
#include <inttypes.h>

#include "check.h"
#include "json_put.h"
#include "size.h"

static const uint64_t numbers[] = {
	0, 1, 9, 10, 11, 99, 100, 101, 999, 1000, 4095, 4096, 12345, 65535, 99999999, 100000000,
	0xabcdef, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x7ffc12345000,
	999999999999999999, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX - 1, UINT64_MAX,
};

static void check_number(const char *fmt, uint64_t v, struct buf *b)
{
	char wanted[64];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(wanted, sizeof(wanted), fmt, v);
#pragma GCC diagnostic pop
	assert_string_equal(buf_str(b), wanted);
	buf_reset(b);
}

static void check_numbers_of(uint64_t v)
{
	struct buf b = { 0 };

	buf_dec(&b, v);
	check_number("%" PRIu64, v, &b);
	buf_dec_padded(&b, v % 1000000000, 9);
	check_number("%09" PRIu64, v % 1000000000, &b);
	buf_hex(&b, v, 1);
	check_number("%" PRIx64, v, &b);
	buf_hex(&b, v, 8);
	check_number("%08" PRIx64, v, &b);
	buf_hex(&b, v, 16);
	check_number("%016" PRIx64, v, &b);
	json_put_hex(&b, "a", v);
	check_number("\"a\":\"0x%" PRIx64 "\",", v, &b);
	json_put_uint(&b, "a", v);
	check_number("\"a\":%" PRIu64 ",", v, &b);
	json_put_int(&b, "a", (int64_t)v);
	check_number("\"a\":%" PRId64 ",", v, &b);
	buf_free(&b);
}

static void test_numbers(void **state)
{
	uint64_t dice = 20240601;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		check_numbers_of(numbers[i]);
	for (i = 0; i < 100000; i++)
		check_numbers_of(check_random(&dice) >> i % 64);
}

static void test_time(void **state)
{
	struct buf b = { 0 };

	(void)state;
	json_put_time(&b, "ts", 12345000000067);
	assert_string_equal(buf_str(&b), "\"ts\":\"12345.000000067\",");
	buf_reset(&b);
	json_put_time(&b, "ts", 0);
	assert_string_equal(buf_str(&b), "\"ts\":\"0.000000000\",");
	buf_free(&b);
}

static void test_human(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *words;
	} table[] = {
		{ 0, "0 B" },
		{ 1, "1 B" },
		{ 1023, "1023 B" },
		{ 1024, "1.0 KiB" },
		{ 1024 + 51, "1.0 KiB" },
		{ 1024 + 52, "1.1 KiB" },
		{ 4096, "4.0 KiB" },
		{ 135168, "132.0 KiB" },
		{ 1023 * 1024, "1023.0 KiB" },
		{ 1048524, "1023.9 KiB" },	/* 1023.949 */
		{ 1048525, "1.0 MiB" },		/* 1023.950 */
		{ 1 << 20, "1.0 MiB" },
		{ (1 << 20) + (1 << 19), "1.5 MiB" },
		{ (uint64_t)1 << 30, "1.0 GiB" },
		{ (uint64_t)1 << 40, "1.0 TiB" },
		{ (uint64_t)1 << 47, "128.0 TiB" },
		{ (uint64_t)1 << 50, "1.0 PiB" },
		{ (uint64_t)1 << 60, "1.0 EiB" },
		{ UINT64_MAX, "16.0 EiB" },
	};
	struct buf b = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		size_human(&b, table[i].bytes);
		assert_string_equal(buf_str(&b), table[i].words);
		buf_reset(&b);
	}
	buf_free(&b);
}

static void test_structure(void **state)
{
	struct buf b = { 0 };
	size_t at;

	(void)state;
	buf_putc(&b, '{');
	json_put_array(&b, "empty");
	json_put_close(&b, ']');
	json_put_object(&b, "o");
	json_put_word(&b, "w", "word");
	json_put_flag(&b, "no", false);
	json_put_flag(&b, "yes", true);
	json_put_bool(&b, "b", false);
	json_put_close(&b, '}');
	json_put_array(&b, "a");
	json_put_value_hex(&b, 16);
	json_put_value_word(&b, "x");
	json_put_close(&b, ']');
	at = json_put_text(&b, "text");
	buf_puts(&b, "a \"quoted\" \\012");
	json_put_text_end(&b, at);
	json_put_bytes(&b, "name", "\xff\n");
	json_put_close(&b, '}');
	assert_string_equal(buf_str(&b),
			    "{\"empty\":[],\"o\":{\"w\":\"word\",\"yes\":true,\"b\":false},"
			    "\"a\":[\"0x10\",\"x\"],\"text\":\"a \\\"quoted\\\" \\\\012\","
			    "\"name\":\"\xef\xbf\xbd\\n\",\"name_hex\":\"ff0a\"},");
	buf_free(&b);
}

/* Pieces of every length at every place: none is cut where the text has to grow. */
static void test_growing(void **state)
{
	struct buf b = { 0 }, wanted = { 0 };
	unsigned int i;

	(void)state;
	for (i = 0; i < 2000; i++) {
		buf_printf(&b, "%u,%*d;", i, (int)(i % 700), 7);
		buf_dec(&wanted, i);
		buf_putc(&wanted, ',');
		buf_pad(&wanted, wanted.len, i % 700 ? i % 700 - 1 : 0);
		buf_puts(&wanted, "7;");
	}
	assert_false(b.failed);
	assert_int_equal(b.len, wanted.len);
	assert_memory_equal(b.s, wanted.s, b.len);
	buf_free(&b);
	buf_free(&wanted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_human),
		cmocka_unit_test(test_structure),
		cmocka_unit_test(test_growing),
	};

	return cmocka_run_group_tests_name("put", tests, NULL, NULL);
}
