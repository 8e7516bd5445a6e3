/* SPDX-License-Identifier: GPL-2.0-only */
/* What went wrong, why, and what to do next: on standard error. */
#ifndef VASMON_REPORT_H
#define VASMON_REPORT_H

#include "nl.h"
#include "opt.h"
#include "replay.h"

void report(const struct verb *verb, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int report_open(const struct verb *verb, const struct vnl *nl, int err);
int report_unloaded(const struct verb *verb);
int report_pid(const struct verb *verb, const struct vnl *nl, const char *what, uint32_t pid,
	       int err);
void report_proc(const struct verb *verb);
int report_output(const struct verb *verb, int err);
int report_ended(const struct verb *verb, const struct vnl *nl, const struct out *out, int err);
void report_mismatch(const struct verb *verb, const struct event *ev, const char *what,
		     const char *then);
int report_recording(const struct verb *verb, const char *path, const struct replay *replay,
		     int err);
int report_recording_broken(const struct verb *verb, const char *path,
			    const struct replay *replay, int err);
int report_not_recorded(const struct verb *verb, const char *path, const struct replay *replay,
			uint32_t pid);
int report_recording_end(const struct verb *verb, const char *path, const struct replay *replay);

#endif
