// SPDX-License-Identifier: GPL-2.0-only
/* Functions with the names that C++ gives example::ask(), and Rust mycrate::example(). */
#include <sys/mman.h>

#include "step.h"

#pragma redefine_extname ask_as_cplusplus _ZN7example3askEv
#pragma redefine_extname ask_as_rust _RNvCs15kBYyAo9fc_7mycrate7example

void *ask_as_cplusplus(void);
void *ask_as_rust(void);

__attribute__((noinline)) void *ask_as_cplusplus(void)
{
	void *volatile p = mmap(NULL, 12288, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p;
}

__attribute__((noinline)) void *ask_as_rust(void)
{
	void *volatile p = mmap(NULL, 16384, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p;
}

int main(void)
{
	look("begin");
	must(ask_as_cplusplus() != MAP_FAILED && ask_as_rust() != MAP_FAILED);
	look("asked");
	return 0;
}
