// SPDX-License-Identifier: GPL-2.0-only
/* Where a system call may have changed regions: every page that it can have changed. */
#include <kunit/test.h>
#include <linux/mm.h>
#include <uapi/asm/mman.h>
#include <uapi/linux/mman.h>
#include <uapi/linux/prctl.h>

#include "window.h"

#define P(page) ((unsigned long)(page) << PAGE_SHIFT)

/*
 * hint is where the kernel found room during the call, if it looked for any.
 * Not known: everything has to be compared.
 */
struct window_case {
	const char *name;
	enum vasmon_call call;
	unsigned long args[VASMON_ARGS];
	unsigned long old_brk, brk;
	struct vasmon_window hint;
	/* expected */
	bool unknown;
	struct vasmon_windows windows;
};

static const struct window_case window_cases[] = {
	{
		.name = "a call that nothing is known of",
		.call = VASMON_CALL_OTHER, .args = { P(1), P(2) },
		.unknown = true,
	}, {
		.name = "fork: nothing",
		.call = VASMON_CALL_NOTHING, .args = { P(1), P(2) },
		.windows = { .n = 0 },
	}, {
		.name = "madvise, mlock: a range",
		.call = VASMON_CALL_RANGE, .args = { P(3), P(2) },
		.windows = { .n = 1, .at = { { P(3), P(5) } } },
	}, {
		.name = "mlock of bytes: the pages that they are in",
		.call = VASMON_CALL_RANGE, .args = { P(3) + 4095, 2 },
		.windows = { .n = 1, .at = { { P(3), P(5) } } },
	}, {
		.name = "one byte",
		.call = VASMON_CALL_RANGE, .args = { P(3), 1 },
		.windows = { .n = 1, .at = { { P(3), P(4) } } },
	}, {
		.name = "a range that wraps around",
		.call = VASMON_CALL_RANGE, .args = { P(3), -1UL },
		.unknown = true,
	}, {
		.name = "a range above user space: a tagged address",
		.call = VASMON_CALL_RANGE, .args = { 1UL << 62 | P(3), P(1) },
		.unknown = true,
	}, {
		.name = "munmap: what it frees is accounted later",
		.call = VASMON_CALL_UNMAP, .args = { P(3), 5000 },
		.windows = { .n = 1, .late = true, .at = { { P(3), P(5) } } },
	}, {
		.name = "mprotect",
		.call = VASMON_CALL_PROTECT, .args = { P(3), P(1), PROT_READ },
		.windows = { .n = 1, .at = { { P(3), P(4) } } },
	}, {
		.name = "mprotect down to where a stack begins",
		.call = VASMON_CALL_PROTECT, .args = { P(3), P(1), PROT_READ | PROT_GROWSDOWN },
		.unknown = true,
	}, {
		.name = "brk that grows",
		.call = VASMON_CALL_BRK, .args = { P(5) }, .old_brk = P(3) + 100, .brk = P(5),
		.windows = { .n = 1, .late = true, .at = { { P(3), P(5) } } },
	}, {
		.name = "brk that shrinks",
		.call = VASMON_CALL_BRK, .args = { P(3) }, .old_brk = P(5) + 1, .brk = P(3) + 1,
		.windows = { .n = 1, .late = true, .at = { { P(3), P(6) } } },
	}, {
		.name = "mmap where the kernel found room",
		.call = VASMON_CALL_MMAP, .args = { 0, 5000, PROT_READ, MAP_PRIVATE },
		.hint = { P(7), P(9) },
		.windows = { .n = 1, .at = { { P(7), P(9) } } },
	}, {
		.name = "mmap at an address that was wished for, and was free",
		.call = VASMON_CALL_MMAP, .args = { P(3) + 100, P(2), PROT_READ, MAP_PRIVATE },
		.windows = { .n = 1, .at = { { P(3), P(5) } } },
	}, {
		.name = "mmap at an address that was wished for, and was not free",
		.call = VASMON_CALL_MMAP, .args = { P(3), P(2), PROT_READ, MAP_PRIVATE },
		.hint = { P(7), P(9) },
		.windows = { .n = 1, .at = { { P(7), P(9) } } },
	}, {
		.name = "mmap without a wish, and no room was looked for",
		.call = VASMON_CALL_MMAP, .args = { 0, P(2), PROT_READ, MAP_PRIVATE },
		.unknown = true,
	}, {
		.name = "mmap at a fixed address, whatever was looked for",
		.call = VASMON_CALL_MMAP,
		.args = { P(3), P(2), PROT_READ, MAP_PRIVATE | MAP_FIXED },
		.hint = { P(7), P(9) },
		.windows = { .n = 1, .at = { { P(3), P(5) } } },
	}, {
		.name = "mmap at a fixed address that has to be free",
		.call = VASMON_CALL_MMAP,
		.args = { P(3), P(2), PROT_READ, MAP_PRIVATE | MAP_FIXED_NOREPLACE },
		.windows = { .n = 1, .at = { { P(3), P(5) } } },
	}, {
		.name = "shmat where the kernel found room",
		.call = VASMON_CALL_ATTACH, .args = { 1, 0, 0 }, .hint = { P(7), P(9) },
		.windows = { .n = 1, .at = { { P(7), P(9) } } },
	}, {
		.name = "shmat at an address",
		.call = VASMON_CALL_ATTACH, .args = { 1, P(3), 0 },
		.unknown = true,
	}, {
		.name = "mremap that shrinks in place",
		.call = VASMON_CALL_MREMAP, .args = { P(3), P(4), P(2), 0 },
		.windows = { .n = 1, .late = true, .at = { { P(3), P(7) } } },
	}, {
		.name = "mremap that grows in place",
		.call = VASMON_CALL_MREMAP, .args = { P(3), P(2), P(4), MREMAP_MAYMOVE },
		.windows = { .n = 1, .late = true, .at = { { P(3), P(7) } } },
	}, {
		.name = "mremap that moves up",
		.call = VASMON_CALL_MREMAP, .args = { P(3), P(2), P(4), MREMAP_MAYMOVE },
		.hint = { P(20), P(24) },
		.windows = { .n = 2, .late = true, .at = { { P(3), P(7) }, { P(20), P(24) } } },
	}, {
		.name = "mremap that moves down: windows ascend",
		.call = VASMON_CALL_MREMAP, .args = { P(30), P(2), P(4), MREMAP_MAYMOVE },
		.hint = { P(20), P(24) },
		.windows = { .n = 2, .late = true, .at = { { P(20), P(24) }, { P(30), P(34) } } },
	}, {
		.name = "mremap beside where it was: one window",
		.call = VASMON_CALL_MREMAP, .args = { P(24), P(2), P(4), MREMAP_MAYMOVE },
		.hint = { P(20), P(24) },
		.windows = { .n = 1, .late = true, .at = { { P(20), P(28) } } },
	}, {
		.name = "mremap to a fixed address",
		.call = VASMON_CALL_MREMAP,
		.args = { P(3), P(4), P(2), MREMAP_MAYMOVE | MREMAP_FIXED, P(20) },
		.hint = { P(40), P(42) },
		.windows = { .n = 2, .late = true, .at = { { P(3), P(7) }, { P(20), P(24) } } },
	}, {
		.name = "mremap to an address that there is none of",
		.call = VASMON_CALL_MREMAP,
		.args = { P(3), P(4), P(4), MREMAP_MAYMOVE | MREMAP_FIXED, -P(1) },
		.unknown = true,
	}, {
		.name = "prctl that names a range",
		.call = VASMON_CALL_PRCTL, .args = { PR_SET_VMA, PR_SET_VMA_ANON_NAME, P(3), P(2) },
		.windows = { .n = 1, .at = { { P(3), P(5) } } },
	}, {
		.name = "prctl that moves brk and the like",
		.call = VASMON_CALL_PRCTL, .args = { PR_SET_MM, PR_SET_MM_BRK, P(3) },
		.unknown = true,
	},
};

KUNIT_ARRAY_PARAM_DESC(window, window_cases, name);

static void window_of_a_call(struct kunit *test)
{
	const struct window_case *param = test->param_value;
	struct vasmon_why why = { .cause = VASMON_CAUSE_SYSCALL, .call = param->call };
	struct vasmon_windows windows;
	bool known;

	memcpy(why.args, param->args, sizeof(why.args));
	known = vasmon_window_get(&why, param->old_brk, param->brk, &param->hint, &windows);
	KUNIT_ASSERT_EQ(test, known, !param->unknown);
	if (!known)
		return;
	KUNIT_EXPECT_EQ(test, windows.late, param->windows.late);
	KUNIT_ASSERT_EQ(test, windows.n, param->windows.n);
	for (unsigned int i = 0; i < windows.n; i++) {
		KUNIT_EXPECT_EQ(test, windows.at[i].from, param->windows.at[i].from);
		KUNIT_EXPECT_EQ(test, windows.at[i].to, param->windows.at[i].to);
	}
}

static struct kunit_case vasmon_window_cases[] = {
	KUNIT_CASE_PARAM(window_of_a_call, window_gen_params),
	{}
};

static struct kunit_suite vasmon_window_suite = {
	.name = "vasmon_window",
	.test_cases = vasmon_window_cases,
};

kunit_test_suite(vasmon_window_suite);
