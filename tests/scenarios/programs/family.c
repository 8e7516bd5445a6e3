// SPDX-License-Identifier: GPL-2.0-only
/* fork, exec, dlopen: "family LIBRARY", and itself as "family child". */
#include <dlfcn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "step.h"

int main(int argc, char **argv)
{
	void *library;
	pid_t child;

	(void)argc;
	if (!strcmp(argv[1], "child"))
		return mmap(NULL, 77 * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
		       MAP_FAILED;
	look("begin");
	step("dlopen()");
	library = dlopen(argv[1], RTLD_NOW);
	must(!!library);
	look("open");
	step("dlclose()");
	dlclose(library);
	step("fork()");
	child = fork();
	if (!child) {
		must(mmap(NULL, 33 * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
		     MAP_FAILED);
		execl("/proc/self/exe", argv[0], "child", (char *)NULL);
		_exit(97);
	}
	say("child", (uint64_t)child);
	must(waitpid(child, NULL, 0) == child);
	step("end");
	return 7;
}
