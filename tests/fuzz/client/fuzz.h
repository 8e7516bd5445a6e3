/* SPDX-License-Identifier: GPL-2.0-only */
/* What the targets share: libFuzzer's two entries, and what has to hold of any result. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

/* What does not hold ends the run, and libFuzzer keeps the input. */
#define FUZZ_HOLDS(what) \
	do { \
		if (!(what)) \
			__builtin_trap(); \
	} while (0)

/* A copy whose end is that of its memory, so that a byte too far is seen; the caller frees it. */
static inline void *fuzz_copy(const uint8_t *data, size_t size)
{
	void *copy = malloc(size ? size : 1);

	FUZZ_HOLDS(copy);
	memcpy(copy, data, size);
	return copy;
}

/* The same as a file, which is there until the next one. */
static inline int fuzz_file(const void *bytes, size_t size)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("fuzz", MFD_CLOEXEC);
	FUZZ_HOLDS(!ftruncate(fd, 0) && pwrite(fd, bytes, size, 0) == (ssize_t)size &&
		   !lseek(fd, 0, SEEK_SET));
	return fd;
}

#endif
