// SPDX-License-Identifier: GPL-2.0-only
/* The words of a command line: the first byte chooses an option, the rest is its value. */
#include "filter.h"
#include "fuzz.h"
#include "opt.h"

static const struct verb verb = { .name = "fuzz" };

static void fuzz_filter(const char *text, bool tids)
{
	struct filter f = { 0 };
	struct buf why = { 0 };
	bool good = tids ? filter_add_tids(&f, text, &why) : filter_parse(&f, text, &why);

	/* Who is refused is told why. */
	FUZZ_HOLDS(good == !why.len);
	FUZZ_HOLDS(!good || f.set);
	filter_free(&f);
	buf_free(&why);
}

static void fuzz_option(unsigned int option, const char *text)
{
	uint64_t v = 0, end = 0;
	enum out_colour colour;
	uint32_t small = 0;

	switch (option) {
	case 0:
		FUZZ_HOLDS(!opt_parse_pid(&verb, text, &small) || small);
		break;
	case 1:
		opt_parse_colour(&verb, text, &colour);
		break;
	case 2:
		opt_parse_seconds(&verb, text, &v);
		break;
	case 3:
		FUZZ_HOLDS(!opt_parse_ring_size(&verb, text, &small) ||
			   (small >= VASMON_RING_SIZE_MIN && small <= VASMON_RING_SIZE_MAX));
		break;
	case 4:
		opt_parse_seq(&verb, text, &v);
		break;
	case 5:
		opt_parse_address(&verb, text, &v);
		break;
	case 6:
		opt_parse_size(&verb, text, &v);
		break;
	case 7:
		FUZZ_HOLDS(!opt_parse_range(&verb, text, &v, &end) || v < end);
		break;
	case 8:
		opt_parse_count(&verb, text, &v);
		break;
	case 9:
		fuzz_filter(text, true);
		break;
	default:
		fuzz_filter(text, false);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (!size)
		return 0;
	text = malloc(size);
	FUZZ_HOLDS(text);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	fuzz_option(data[0] % 16, text);
	free(text);
	return 0;
}
