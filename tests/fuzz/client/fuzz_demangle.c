// SPDX-License-Identifier: GPL-2.0-only
/* A name of a function, as a file has it: any bytes but zero. */
#include "demangle.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *name = malloc(size + 1), *found;

	FUZZ_HOLDS(name);
	memcpy(name, data, size);
	name[size] = '\0';
	found = demangle(name);
	FUZZ_HOLDS(!found || (*found && strlen(found) <= 4096));
	free(found);
	free(name);
	return 0;
}
