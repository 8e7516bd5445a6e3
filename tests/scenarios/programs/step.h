/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the programs tell the tests: a line "TIME step NAME" before each thing that
 * they do, "TIME say KEY VALUE" for what they know. TIME is that of the events, so
 * that each can be told which step it belongs to. Nothing here uses memory but the
 * stack.
 */
#ifndef SCENARIO_STEP_H
#define SCENARIO_STEP_H

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static inline void step_write(const char *kind, const char *name, const char *value)
{
	struct timespec now;
	char line[256];
	int n;

	clock_gettime(CLOCK_BOOTTIME, &now);
	n = snprintf(line, sizeof(line), "%lld%09ld %s %s%s\n", (long long)now.tv_sec,
		     now.tv_nsec, kind, name, value);
	if (write(STDOUT_FILENO, line, (size_t)n) != n)
		_exit(99);
}

/* What comes next. */
static inline void step(const char *name)
{
	step_write("step", name, "");
}

static inline void say(const char *key, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), " 0x%llx", (unsigned long long)value);
	step_write("say", key, text);
}

static inline void say_at(const char *key, const volatile void *address)
{
	say(key, (uint64_t)(uintptr_t)address);
}

/* Stop until the test goes on; it looks at what is there. */
static inline void look(const char *name)
{
	step_write("look", name, "");
	raise(SIGSTOP);
}

static inline void must(int ok)
{
	if (!ok)
		_exit(98);
}

#endif
