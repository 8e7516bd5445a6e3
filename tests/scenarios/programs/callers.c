// SPDX-License-Identifier: GPL-2.0-only
/* The same change, asked for by the program, by malloc and by the loader. */
#include <dlfcn.h>
#include <sys/mman.h>

#include "step.h"

void *ask_directly(void);
void *ask_malloc(void);
void *ask_loader(const char *library);

__attribute__((noinline)) void *ask_directly(void)
{
	void *volatile p = mmap(NULL, 12288, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p;
}

__attribute__((noinline)) void *ask_malloc(void)
{
	void *volatile p = malloc(120000);

	return p;
}

__attribute__((noinline)) void *ask_loader(const char *library)
{
	void *volatile p = dlopen(library, RTLD_NOW);

	return p;
}

int main(int argc, char **argv)
{
	void *volatile heap = malloc(1);

	look("begin");
	step("mmap()");
	must(ask_directly() != MAP_FAILED);
	step("malloc()");
	must(ask_malloc() && ask_malloc());
	step("dlopen()");
	must(!!ask_loader(argv[argc - 1]));
	look("open");
	free(heap);
	step("end");
	return 0;
}
