// SPDX-License-Identifier: GPL-2.0-only
/* A program that says, in the stream itself, which phase begins. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "step.h"

static void phase(const char *text)
{
	int fd = open("/sys/kernel/debug/vasmon/mark", O_WRONLY);

	must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void use(size_t pages)
{
	must(mmap(NULL, pages * 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
}

int main(void)
{
	look("begin");
	phase("read the configuration\n");
	use(1);
	phase("fill the cache\n");
	use(2);
	look("full");
	use(3);
	step("end");
	return 0;
}
