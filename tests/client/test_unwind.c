// SPDX-License-Identifier: GPL-2.0-only
/* This program unwinds itself: from copies of its registers and of its stack. */
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <ucontext.h>
#include <unistd.h>

#include "check.h"
#include "symbols.h"

#define MOST	24

static struct unwind start;
static uint8_t stack[16384];
static size_t stack_size = sizeof(stack);

/* --- What is in memory, and which file. */

static struct own_file {
	uint64_t start, end, bias;
	struct symbols *symbols;
} files[16];

static size_t n_files;

static int add_file(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct own_file *f = &files[n_files];
	int i, fd;

	(void)size;
	(void)arg;
	fd = open(*info->dlpi_name ? info->dlpi_name : "/proc/self/exe", O_RDONLY);
	if (fd < 0)	/* the vdso has no file */
		return 0;
	f->bias = info->dlpi_addr;
	for (i = 0; i < info->dlpi_phnum; i++) {
		const Elf64_Phdr *ph = &info->dlpi_phdr[i];

		if (ph->p_type != PT_LOAD || !(ph->p_flags & PF_X))
			continue;
		f->start = f->bias + ph->p_vaddr;
		f->end = f->start + ph->p_memsz;
	}
	f->symbols = symbols_open(fd, false);
	close(fd);
	assert_non_null(f->symbols);
	n_files++;
	return n_files == sizeof(files) / sizeof(files[0]);
}

static struct own_file *file_of(uint64_t addr)
{
	size_t i;

	for (i = 0; i < n_files; i++) {
		if (addr >= files[i].start && addr < files[i].end)
			return &files[i];
	}
	return NULL;
}

/* --- Unwinding. */

struct walk {
	const char *name[MOST];
	size_t n;
	enum unwind_step end;
};

static void walk(struct walk *w)
{
	struct unwind u = start;
	struct symbol symbol;

	w->n = 0;
	do {
		uint64_t addr = u.reg[UNWIND_RIP] - !u.exact;
		struct own_file *f = file_of(addr);

		assert_non_null(f);
		w->name[w->n++] =
			symbols_find(f->symbols, addr - f->bias, &symbol) ? symbol.name : "";
		w->end = symbols_unwind(f->symbols, addr - f->bias, &u);
	} while (w->end == UNWIND_CALLER && w->n < MOST);
}

static size_t place(const struct walk *w, const char *name)
{
	size_t i;

	for (i = 0; i < w->n && strcmp(w->name[i], name); i++)
		;
	return i;
}

/* As the kernel does: registers by their DWARF numbers, then the stack. */
static void copy(const ucontext_t *context)
{
	static const int order[VASMON_REGISTERS] = {
		REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP, REG_R8,
		REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP,
	};
	uint64_t registers[VASMON_REGISTERS];
	ssize_t size;
	size_t i;
	int fd;

	for (i = 0; i < VASMON_REGISTERS; i++)
		registers[i] = (uint64_t)context->uc_mcontext.gregs[order[i]];
	/* By the kernel: it ends where the stack does, and nobody forbids it the holes there. */
	fd = open("/proc/self/mem", O_RDONLY);
	size = pread(fd, stack, stack_size, (off_t)registers[UNWIND_RSP]);
	close(fd);
	assert_true(size > 0);
	start = unwind_begin(registers, stack, (size_t)size);
}

/* --- Functions whose frames are not alike; most are built without frame pointers. */

/* Volatile, lest the compiler make a function of another name for each. */
static volatile size_t room = 64;

static __attribute__((noinline)) void own_inner(void)
{
	ucontext_t context;

	assert_int_equal(getcontext(&context), 0);
	copy(&context);
}

/* A frame of a size that only its base pointer knows. */
static __attribute__((noinline)) void own_middle(void)
{
	size_t n = room;
	volatile char *bytes = __builtin_alloca(n);

	bytes[0] = 1;
	own_inner();
	bytes[n - 1] = 1;
}

static __attribute__((noinline)) void own_outer(void)
{
	__asm__ volatile("mov $77, %%rbx" : : : "rbx", "r12", "r13", "r14", "r15");
	own_middle();
	__asm__ volatile("" : : : "memory");
}

static void test_own_functions(void **state)
{
	struct walk w;

	(void)state;
	own_outer();
	walk(&w);
	assert_int_equal(place(&w, "own_inner"), 0);
	assert_int_equal(place(&w, "own_middle"), 1);
	assert_int_equal(place(&w, "own_outer"), 2);
	assert_int_equal(place(&w, "test_own_functions"), 3);
	/* Through the library that runs the tests, and libc, to the very beginning. */
	assert_true(place(&w, "main") < w.n);
	assert_string_equal(w.name[w.n - 1], "_start");
	assert_int_equal(w.end, UNWIND_OUTERMOST);
	/* What is kept in memory is found once more in the same way. */
	walk(&w);
	assert_int_equal(place(&w, "test_own_functions"), 3);
}

static void test_stack_ends(void **state)
{
	struct walk w;

	(void)state;
	stack_size = 2048;
	room = 4096;
	own_outer();
	room = 64;
	stack_size = sizeof(stack);
	walk(&w);
	assert_int_equal(w.n, 2);
	assert_string_equal(w.name[1], "own_middle");
	assert_int_equal(w.end, UNWIND_STACK_ENDS);
}

static void on_signal(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	(void)context;
	own_inner();
	__asm__ volatile("" : : : "memory");
}

/* Its frame is told by expressions, and what it interrupted was no call. */
static void test_signal(void **state)
{
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO }, before;
	struct walk w;

	(void)state;
	assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
	raise(SIGUSR1);
	sigaction(SIGUSR1, &before, NULL);
	walk(&w);
	assert_int_equal(place(&w, "on_signal"), 1);
	assert_true(place(&w, "test_signal") < w.n);
	assert_true(place(&w, "test_signal") > 2);
	assert_true(place(&w, "main") < w.n);
}

/* Where the registers are nonsense: an end, and not a crash. */
static void test_any_registers(void **state)
{
	uint64_t seed = 4711;
	struct walk w;
	size_t i, k;

	(void)state;
	own_outer();
	for (i = 0; i < 3000; i++) {
		struct unwind u = start;
		size_t steps = 0;

		for (k = 0; k < sizeof(stack); k += 8)
			((uint64_t *)stack)[k / 8] = check_random(&seed) % 4 ?
				files[check_random(&seed) % n_files].start +
				check_random(&seed) % 100000 : check_random(&seed);
		u.reg[check_random(&seed) % UNWIND_RIP] = check_random(&seed);
		u.known &= ~(1u << check_random(&seed) % UNWIND_RIP);
		while (file_of(u.reg[UNWIND_RIP]) && steps++ < MOST) {
			struct own_file *f = file_of(u.reg[UNWIND_RIP]);

			if (symbols_unwind(f->symbols, u.reg[UNWIND_RIP] - f->bias, &u))
				break;
		}
	}
	own_outer();
	walk(&w);
	assert_int_equal(w.end, UNWIND_OUTERMOST);
}

static int open_files(void **state)
{
	(void)state;
	dl_iterate_phdr(add_file, NULL);
	return n_files < 2;
}

static int close_files(void **state)
{
	(void)state;
	while (n_files)
		symbols_free(files[--n_files].symbols);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_functions),
		cmocka_unit_test(test_stack_ends),
		cmocka_unit_test(test_signal),
		cmocka_unit_test(test_any_registers),
	};

	return cmocka_run_group_tests_name("unwind", tests, open_files, close_files);
}
