// SPDX-License-Identifier: GPL-2.0-only
#include <linux/audit.h>
#include <sys/syscall.h>

#include "call.h"
#include "check.h"

#define M1	UINT64_MAX	/* -1 */

static void test_arguments(void **state)
{
	static const struct {
		uint32_t arch;
		int nr;
		uint64_t args[VASMON_ARGS];
		const char *text;
	} table[] = {
		{ AUDIT_ARCH_X86_64, 9, { 0, 40960, 3, 0x22, M1, 0 },
		  "mmap(NULL, 40960, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)" },
		{ AUDIT_ARCH_X86_64, 9, { 0x7f0000001000, 8192, 5, 0x812, 3, 0x26000 },
		  "mmap(0x7f0000001000, 8192, PROT_READ|PROT_EXEC, "
		  "MAP_PRIVATE|MAP_FIXED|MAP_DENYWRITE, 3, 0x26000)" },
		{ AUDIT_ARCH_X86_64, 9, { 0, 1 << 21, 0, 0x54040021, 0xffffffff, 0 },
		  "mmap(NULL, 2097152, PROT_NONE, MAP_SHARED|MAP_ANONYMOUS|MAP_HUGETLB"
		  "|21<<MAP_HUGE_SHIFT, -1, 0)" },
		{ AUDIT_ARCH_X86_64, 9, { 0, 1, 0x100000001, 0x5, 0, 0 },
		  "mmap(NULL, 1, PROT_READ|0x100000000, 0x5, 0, 0)" },
		{ AUDIT_ARCH_X86_64, 11, { 0x1000, 4096, 9, 9, 9, 9 }, "munmap(0x1000, 4096)" },
		{ AUDIT_ARCH_X86_64, 12, { 0 }, "brk(NULL)" },
		{ AUDIT_ARCH_X86_64, 12, { 0x55d0c4f3d000 }, "brk(0x55d0c4f3d000)" },
		{ AUDIT_ARCH_X86_64, 10, { 0x1000, 4096, 0 }, "mprotect(0x1000, 4096, PROT_NONE)" },
		{ AUDIT_ARCH_X86_64, 10, { 0x1000, 4096, 0x01000002 },
		  "mprotect(0x1000, 4096, PROT_WRITE|PROT_GROWSDOWN)" },
		{ AUDIT_ARCH_X86_64, 25, { 0x1000, 4096, 8192, 1, 0x77 },
		  "mremap(0x1000, 4096, 8192, MREMAP_MAYMOVE)" },
		{ AUDIT_ARCH_X86_64, 25, { 0x1000, 4096, 8192, 3, 0x5000 },
		  "mremap(0x1000, 4096, 8192, MREMAP_MAYMOVE|MREMAP_FIXED, 0x5000)" },
		{ AUDIT_ARCH_X86_64, 25, { 0x1000, 4096, 8192, 0 },
		  "mremap(0x1000, 4096, 8192, 0)" },
		{ AUDIT_ARCH_X86_64, 28, { 0x1000, 4096, 14 },
		  "madvise(0x1000, 4096, MADV_HUGEPAGE)" },
		{ AUDIT_ARCH_X86_64, 28, { 0x1000, 4096, 77 }, "madvise(0x1000, 4096, 0x4d)" },
		{ AUDIT_ARCH_X86_64, 151, { 3 }, "mlockall(MCL_CURRENT|MCL_FUTURE)" },
		{ AUDIT_ARCH_X86_64, 152, { 1 }, "munlockall()" },
		{ AUDIT_ARCH_X86_64, 231, { 1 }, "exit_group(1)" },
		{ AUDIT_ARCH_X86_64, 16, { 3, 0xc018aa3f, 0x1000, 0, 0, 0 },
		  "ioctl(3, 0xc018aa3f, 0x1000)" },
		{ AUDIT_ARCH_X86_64, 57, { 1, 2, 3, 4, 5, 6 }, "fork()" },
		{ AUDIT_ARCH_X86_64, 58, { 1, 2, 3, 4, 5, 6 }, "vfork()" },
		{ AUDIT_ARCH_X86_64, 56, { 0x1200011, 0, 0, 0x7f0000001000, 0 },
		  "clone(0x1200011, NULL, NULL, 0x7f0000001000, NULL)" },
		{ AUDIT_ARCH_X86_64, 435, { 0x7f0000001000, 88, 7, 7 },
		  "clone3(0x7f0000001000, 88)" },
		{ AUDIT_ARCH_X86_64, 99999, { 1 }, "syscall_99999(0x1, 0, 0, 0, 0, 0)" },
		{ AUDIT_ARCH_I386, 192, { 0, 4096, 1, 2, 3, 5 },
		  "mmap2(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0x5000)" },
		{ AUDIT_ARCH_I386, 90, { 0xffffd000 }, "mmap(0xffffd000)" },
		{ AUDIT_ARCH_I386, 45, { 0x8000000 }, "brk(0x8000000)" },
	};
	struct buf b = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct event ev = { .has_syscall = true, .syscall = table[i].nr,
				    .arch = table[i].arch, .has_args = true };

		memcpy(ev.args, table[i].args, sizeof(ev.args));
		buf_reset(&b);
		call_put(&b, &ev);
		assert_string_equal(buf_str(&b), table[i].text);
	}
	buf_free(&b);
}

/* Names are kept: the same slot must not answer for another number. */
static void test_names(void **state)
{
	struct event ev = { .has_syscall = true, .arch = AUDIT_ARCH_X86_64, .syscall = 9 };

	(void)state;
	assert_string_equal(call_name(&ev), "mmap");
	ev.syscall = 9 + 512;
	assert_string_equal(call_name(&ev), "syscall_521");
	ev.syscall = 9;
	assert_string_equal(call_name(&ev), "mmap");
	ev.arch = AUDIT_ARCH_I386;
	assert_string_equal(call_name(&ev), "link");
	ev.syscall = -1;
	assert_string_equal(call_name(&ev), "syscall_-1");
	ev.has_syscall = false;
	assert_null(call_name(&ev));
}

/* What was put together is kept: it must not be told of another call, or other arguments. */
static void test_repeated(void **state)
{
	struct event ev = { .has_syscall = true, .arch = AUDIT_ARCH_X86_64, .syscall = 11,
			    .has_args = true, .args = { 0x1000, 4096 } };
	static const char *const texts[] = {
		"munmap(0x1000, 4096)", "munmap(0x1000, 4096)", "munmap(0x2000, 4096)", "munmap()",
		"munmap(0x2000, 4096)", "execve(0x2000, 0x1000, NULL)",
	};
	struct buf b = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		ev.args[0] = i < 2 ? 0x1000 : 0x2000;
		ev.has_args = i != 3;
		/* Of another machine, the same number. */
		if (i == 5)
			ev.arch = AUDIT_ARCH_I386;
		buf_reset(&b);
		call_put(&b, &ev);
		assert_string_equal(buf_str(&b), texts[i]);
	}
	buf_free(&b);
}

static void test_requests(void **state)
{
	static const struct {
		uint32_t cause;
		bool has_syscall;
		const char *text;
	} table[] = {
		{ VASMON_CAUSE_SYSCALL, true, "munmap(0x1000, 4096)" },
		{ VASMON_CAUSE_SYSCALL, false, "syscall" },
		{ VASMON_CAUSE_FAULT, false, "page fault" },
		{ VASMON_CAUSE_FAULT, true, "page fault in munmap" },
		{ VASMON_CAUSE_REMOTE, true, "remote munmap(0x1000, 4096)" },
		{ VASMON_CAUSE_EXEC, true, "exec" },
		{ VASMON_CAUSE_EXIT, false, "exit" },
		{ VASMON_CAUSE_KERNEL, false, "kernel" },
		{ VASMON_CAUSE_RESYNC, false, "resync" },
		{ 4711, false, "unknown" },
	};
	struct buf b = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct event ev = { .cause = table[i].cause, .has_syscall = table[i].has_syscall,
				    .syscall = 11, .arch = AUDIT_ARCH_X86_64, .has_args = true,
				    .args = { 0x1000, 4096 } };

		buf_reset(&b);
		call_put_request(&b, &ev);
		assert_string_equal(buf_str(&b), table[i].text);
	}
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_repeated),
		cmocka_unit_test(test_requests),
	};

	return cmocka_run_group_tests_name("call", tests, NULL, NULL);
}
