/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of functions as the programmer wrote them. */
#ifndef VASMON_DEMANGLE_H
#define VASMON_DEMANGLE_H

char *demangle(const char *name);

#endif
