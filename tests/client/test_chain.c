// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include "chain.h"
#include "check.h"
#include "words.h"

#define PROGRAM	0x400000ull
#define LOADER	0x900000ull
#define LIBC	0xa00000ull

/* Each file is one page of code, its functions 0x100 bytes long. */
static struct elffile_segment segment = {
	0, 0x1000, 0, 0x1000, VASMON_PROT_READ | VASMON_PROT_EXEC
};

static struct elffile file = { .segments = &segment, .n_segments = 1 };

static const struct elffile *test_elf(void *arg, const struct facts *facts, const struct region *r)
{
	(void)arg;
	(void)facts;
	(void)r;
	return &file;
}

static bool test_symbol(void *arg, const struct facts *facts, const struct region *r,
			uint64_t addr, struct symbol *symbol)
{
	static const char *const names[] = { "zero", "one", "two", "three" };

	(void)arg;
	(void)facts;
	if (addr >= 0x400)
		return false;
	symbol->name = names[addr >> 8];
	symbol->offset = addr & 0xff;
	symbol->framed = strstr(r->name, "prog");
	return true;
}

static const struct {
	uint64_t chain[4];
	size_t n;
	uint64_t top;
	const char *asker;
	const char *words;
	const char *frames;
} cases[] = {
	/* a system call of the program's own: it has a frame, the top of the stack is anything */
	{ { PROGRAM + 0x120, PROGRAM + 0x210 }, 2, PROGRAM + 0x8, "program", "by one+0x20 (prog)",
	  "one+0x20 (prog), two+0x10 (prog)" },
	/* by a function of libc that is a system call, and no more */
	{ { LIBC + 0x10, PROGRAM + 0x210 }, 2, PROGRAM + 0x120, "program", "by one+0x20 (prog)",
	  "zero+0x10 (libc.so.6), one+0x20 (prog), two+0x10 (prog)" },
	/* where a function ends with a call, the address behind it is the next one's */
	{ { LIBC + 0x10, PROGRAM + 0x200 }, 2, PROGRAM + 0x100, "program", "by zero+0x100 (prog)",
	  "zero+0x10 (libc.so.6), zero+0x100 (prog), one+0x100 (prog)" },
	/* malloc: who called it is missing */
	{ { LIBC + 0x10, PROGRAM + 0x210 }, 2, LIBC + 0x120, "libc",
	  "by libc, somewhere below two+0x10 (prog)",
	  "zero+0x10 (libc.so.6), one+0x20 (libc.so.6) ..., two+0x10 (prog)" },
	{ { LIBC + 0x10, 0x77 }, 2, LIBC + 0x120, "libc", "by libc",
	  "zero+0x10 (libc.so.6), one+0x20 (libc.so.6) ..." },
	{ { LIBC + 0x10 }, 1, 0x1234, "unknown", "by an unknown caller",
	  "zero+0x10 (libc.so.6) ..." },
	{ { LOADER + 0x10, PROGRAM + 0x210 }, 2, LOADER + 0x510, "loader",
	  "by the loader, somewhere below two+0x10 (prog)",
	  "zero+0x10 (ld.so), 0x510 (ld.so) ..., two+0x10 (prog)" },
	{ { 0x5000, PROGRAM + 0x210 }, 2, 0x1234, "program", "by 0x5000",
	  "0x5000 ..., two+0x10 (prog)" },
};

/* Its caller is on the stack, and the callers of all others behind it: as without locals. */
static enum unwind_step test_unwind(void *arg, const struct facts *facts, const struct region *r,
				    uint64_t addr, struct unwind *u)
{
	(void)arg;
	(void)facts;
	(void)r;
	if (addr == 0x3ff)
		return UNWIND_NO_RULE;
	if (addr == 0x2ff)
		return UNWIND_OUTERMOST;
	if (!u->stack_size)
		return UNWIND_STACK_ENDS;
	memcpy(&u->reg[UNWIND_RIP], u->stack, 8);
	u->stack += 8;
	u->stack_size -= 8;
	u->exact = false;
	return UNWIND_CALLER;
}

/* Where the registers and the stack came along, too. */
static const struct {
	uint64_t chain[4];
	size_t n;
	uint64_t stack[4];
	size_t n_stack;
	const char *words;
	const char *frames;
	bool stack_ends;
} unwound[] = {
	/* All of them, though frame pointers tell of none. */
	{ { LIBC + 0x10, 0x77 }, 2, { LIBC + 0x120, PROGRAM + 0x210, PROGRAM + 0x300 }, 3,
	  "by libc, for two+0x10 (prog)", "zero+0x10 (libc.so.6), one+0x20 (libc.so.6), "
	  "two+0x10 (prog), two+0x100 (prog)", false },
	/* Where the stack ends frame pointers lead on, for both ways have met. */
	{ { LIBC + 0x10, PROGRAM + 0x210, PROGRAM + 0x120 }, 3, { LIBC + 0x120, PROGRAM + 0x210 },
	  2, "by libc, for two+0x10 (prog)", "zero+0x10 (libc.so.6), one+0x20 (libc.so.6), "
	  "two+0x10 (prog), one+0x20 (prog)", true },
	/* They have not. */
	{ { LIBC + 0x10, PROGRAM + 0x120 }, 2, { LIBC + 0x120 }, 1,
	  "by libc, somewhere below one+0x20 (prog)", "zero+0x10 (libc.so.6), "
	  "one+0x20 (libc.so.6) ..., one+0x20 (prog)", true },
	/* They had, and then frame pointers left some out. */
	{ { LIBC + 0x10, PROGRAM + 0x210, PROGRAM + 0x120 }, 3,
	  { PROGRAM + 0x210, LIBC + 0x120 }, 2, "by two+0x10 (prog)", "zero+0x10 (libc.so.6), "
	  "two+0x10 (prog), one+0x20 (libc.so.6) ..., one+0x20 (prog)", true },
	/* Code without .eh_frame, which has a frame: that is where the frame pointers begin. */
	{ { LIBC + 0x10, PROGRAM + 0x120 }, 2, { PROGRAM + 0x400 }, 1, "by three+0x100 (prog)",
	  "zero+0x10 (libc.so.6), three+0x100 (prog), one+0x20 (prog)", false },
	/* The loader's first code has no .eh_frame: nobody called it. */
	{ { LOADER + 0x10 }, 1, { LOADER + 0x400 }, 1, "by the loader",
	  "zero+0x10 (ld.so), three+0x100 (ld.so)", false },
	/* What is on the stack is no code. */
	{ { LIBC + 0x10 }, 1, { 0x1234 }, 1, "by an unknown caller", "zero+0x10 (libc.so.6) ...",
	  false },
};

static struct space space;
static struct facts facts = { .phdr = PROGRAM, .loader = LOADER, .elf = test_elf,
			      .symbol = test_symbol };

static void check_chain(size_t i, const struct event *ev, const char *frames, const char *words,
			struct chain *chain)
{
	struct scene scene = scene_before(&space, &space.layout, &facts, NULL);
	struct buf b = { 0 };
	size_t k;

	chain_of(chain, &scene, ev);
	for (k = 0; k < chain->n; k++) {
		buf_puts(&b, k ? ", " : "");
		words_frame(&b, &chain->v[k]);
		buf_puts(&b, chain->v[k].gap ? " ..." : "");
	}
	if (strcmp(buf_str(&b), frames))
		fail_msg("case %zu:\nis  %s\nnot %s", i, buf_str(&b), frames);
	buf_reset(&b);
	words_asker(&b, chain);
	assert_string_equal(buf_str(&b), words);
	buf_free(&b);
}

static void test_table(void **state)
{
	struct chain chain;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct event ev = { .n_chain = cases[i].n, .stack = (const uint8_t *)&cases[i].top,
				    .stack_size = sizeof(cases[i].top) };

		memcpy(ev.chain, cases[i].chain, sizeof(cases[i].chain));
		check_chain(i, &ev, cases[i].frames, cases[i].words, &chain);
		assert_string_equal(chain_asker_name(chain.asker), cases[i].asker);
	}
}

static void test_unwound(void **state)
{
	struct chain chain;
	size_t i;

	(void)state;
	facts.unwind = test_unwind;
	for (i = 0; i < sizeof(unwound) / sizeof(unwound[0]); i++) {
		struct event ev = { .n_chain = unwound[i].n, .has_registers = true,
				    .stack = (const uint8_t *)unwound[i].stack,
				    .stack_size = unwound[i].n_stack * 8 };

		memcpy(ev.chain, unwound[i].chain, sizeof(unwound[i].chain));
		ev.registers[UNWIND_RIP] = ev.chain[0];
		check_chain(i, &ev, unwound[i].frames, unwound[i].words, &chain);
		assert_int_equal(chain.stack_ends, unwound[i].stack_ends);
	}
	facts.unwind = NULL;
}

static int make_space(void **state)
{
	struct region map[] = {
		check_file(PROGRAM, PROGRAM + 0x1000, "r-xp", 0, "/bin/prog"),
		check_file(LOADER, LOADER + 0x1000, "r-xp", 0, "/lib/ld.so"),
		check_file(LIBC, LIBC + 0x1000, "r-xp", 0, "/lib/libc.so.6"),
	};
	int i, err = 0;

	(void)state;
	for (i = 0; !err && i < 3; i++)
		err = space_append(&space, &map[i]);
	return err;
}

static int free_space(void **state)
{
	(void)state;
	space_free(&space);
	return 0;
}

/* The same function, built in both ways. */
void chain_test_framed(void);
void chain_test_unframed(void);

__asm__(".text\n"
	".globl chain_test_framed, chain_test_unframed\n"
	".type chain_test_framed, @function\n"
	".type chain_test_unframed, @function\n"
	"chain_test_framed:\n"
	"	endbr64\n"
	"	push %rbp\n"
	"	mov %rsp, %rbp\n"
	"	pop %rbp\n"
	"	ret\n"
	"	.size chain_test_framed, . - chain_test_framed\n"
	"chain_test_unframed:\n"
	"	push %rbp\n"
	"	mov %rdi, %rbp\n"
	"	pop %rbp\n"
	"	ret\n"
	"	.size chain_test_unframed, . - chain_test_unframed\n"
	"	.zero 16\n");

static int own_bias(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	*(uint64_t *)arg = info->dlpi_addr;
	return 1;
}

static void test_own_symbols(void **state)
{
	int fd = open("/proc/self/exe", O_RDONLY);
	struct symbols *s = symbols_open(fd, false);
	struct symbol symbol;
	uint64_t bias = 0;

	(void)state;
	close(fd);
	assert_non_null(s);
	dl_iterate_phdr(own_bias, &bias);
	assert_true(symbols_find(s, (uintptr_t)chain_test_framed + 2 - bias, &symbol));
	assert_string_equal(symbol.name, "chain_test_framed");
	assert_int_equal(symbol.offset, 2);
	assert_true(symbol.framed);
	assert_true(symbols_find(s, (uintptr_t)chain_test_unframed - bias, &symbol));
	assert_string_equal(symbol.name, "chain_test_unframed");
	assert_false(symbol.framed);
	assert_false(symbols_find(s, 0x7fffffffffff, &symbol));
	symbols_free(s);
}

/* A file that is not what it says: nothing worse than no symbols. */
static void test_any_bytes(void **state)
{
	int fd = open("/proc/self/exe", O_RDONLY), i, k;
	size_t len = (size_t)lseek(fd, 0, SEEK_END);
	char *bytes = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
	const uint64_t registers[VASMON_REGISTERS] = { 0 };
	uint64_t seed = 815, opened = 0;
	struct unwind unwind;

	(void)state;
	assert_true(bytes != MAP_FAILED);
	for (i = 0; i < 300; i++) {
		int copy = memfd_create("test", 0);
		struct symbol symbol;
		struct symbols *s;

		assert_int_equal(write(copy, bytes,
				       i % 4 ? len : check_random(&seed) % len) > 0, 1);
		for (k = 0; k < 8; k++) {
			unsigned char byte = (unsigned char)check_random(&seed);
			/* mostly where it hurts: in the head and in the tables at the end */
			off_t at = k % 2 ? len - 1 - check_random(&seed) % 8192 :
				   check_random(&seed) % 4096;

			assert_int_equal(pwrite(copy, &byte, 1, at), 1);
		}
		s = symbols_open(copy, false);
		opened += s != NULL;
		for (k = 0; s && k < 50; k++) {
			if (symbols_find(s, check_random(&seed) % (2 * len), &symbol))
				assert_true(strlen(symbol.name) < len);
			unwind = unwind_begin(registers, bytes, 4096);
			symbols_unwind(s, check_random(&seed) % (2 * len), &unwind);
		}
		symbols_free(s);
		close(copy);
	}
	assert_true(opened > 10);
	munmap(bytes, len);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_unwound),
		cmocka_unit_test(test_own_symbols),
		cmocka_unit_test(test_any_bytes),
	};

	return cmocka_run_group_tests_name("chain", tests, make_space, free_space);
}
