// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <libiberty/demangle.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "demangle.h"

/* Of a short name a hostile file can make one that never ends. */
#define DEMANGLE_FROM_MAX	2048
#define DEMANGLE_TO_MAX		4096

/* In Rust's base of 62: of more digits there are more lifetimes than DEMANGLE_TO_MAX holds. */
#define DEMANGLE_LIFETIMES_DIGITS	2

struct demangle {
	struct buf name;
	bool too_long;
	jmp_buf leave;
};

static bool demangle_fits(struct demangle *d, const char *s, size_t len)
{
	/* Without memory it does not become longer either: that would never end. */
	if (d->name.failed || len > DEMANGLE_TO_MAX - d->name.len)
		d->too_long = true;
	if (!d->too_long)
		buf_add(&d->name, s, len);
	return !d->too_long;
}

static void demangle_add(const char *s, size_t len, void *arg)
{
	struct demangle *d = arg;

	if (!demangle_fits(d, s, len))
		longjmp(d->leave, 1);
}

/*
 * libiberty holds memory while it calls back only for a word in punycode, the only piece that is
 * not ASCII. Never do two of them follow each other: the next that is ASCII is where to leave.
 */
static void demangle_add_rust(const char *s, size_t len, void *arg)
{
	struct demangle *d = arg;
	size_t i;

	if (demangle_fits(d, s, len))
		return;
	for (i = 0; i < len; i++)
		if (!isascii((unsigned char)s[i]))
			return;
	longjmp(d->leave, 1);
}

static bool demangle_into(struct demangle *d, const char *name)
{
	if (setjmp(d->leave))
		return false;
	if (rust_demangle_callback(name, DMGL_NO_OPTS, demangle_add_rust, d))
		return !d->too_long;
	d->too_long = false;
	buf_reset(&d->name);
	return cplus_demangle_v3_callback(name, DMGL_ANSI, demangle_add, d);
}

/*
 * Of the path of an impl libiberty prints nothing, but it counts the lifetimes that a type in it
 * is for ("G", digits, "_") one by one, up to 2^64. A name that only looks like it stays as it is.
 */
static bool demangle_rust_ends(const char *name)
{
	static const char digits[] =
		"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	const char *g;
	size_t n;

	for (g = strchr(name, 'G'); g; g = strchr(g + 1, 'G')) {
		n = strspn(g + 1, digits);
		if (n > DEMANGLE_LIFETIMES_DIGITS && g[1 + n] == '_')
			return false;
	}
	return true;
}

/**
 * demangle - undo what a compiler of C++ or Rust has made of a name
 * @name: as the file has it
 *
 * Without parameters, as perf has them. What is too long stays as it is.
 *
 * Return: the name, to be freed; NULL if it is none of these, or memory ran out.
 */
char *demangle(const char *name)
{
	struct demangle d = { 0 };
	char *done = NULL;

	if (name[0] != '_' || (name[1] != 'Z' && name[1] != 'R') ||
	    strlen(name) > DEMANGLE_FROM_MAX ||
	    (name[1] == 'R' && !demangle_rust_ends(name)))
		return NULL;
	if (demangle_into(&d, name) && d.name.len && !d.name.failed)
		done = strdup(buf_str(&d.name));
	buf_free(&d.name);
	return done;
}
