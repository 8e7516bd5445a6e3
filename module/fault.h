/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults for the torture test to find, so that it is known to find them. They
 * are only in a module that was made with VASMON_FAULTS=1.
 */
#ifndef _VASMON_FAULT_H
#define _VASMON_FAULT_H

#include <linux/types.h>

struct vasmon_record;
struct vasmon_watch;

/**
 * enum vasmon_fault - values of the module parameter fault
 * @VASMON_FAULT_NONE: all is done right
 * @VASMON_FAULT_DROP: an event is not written, and the next one gets its number
 * @VASMON_FAULT_NEIGHBOUR: a region that was merged with is not looked at
 * @VASMON_FAULT_ACTOR: an event names the thread of the last one
 */
enum vasmon_fault {
	VASMON_FAULT_NONE,
	VASMON_FAULT_DROP,
	VASMON_FAULT_NEIGHBOUR,
	VASMON_FAULT_ACTOR,
};

#ifdef VASMON_FAULTS
bool vasmon_fault_due(enum vasmon_fault fault);
bool vasmon_fault_drop(struct vasmon_watch *watch, struct vasmon_record *rec);
pid_t vasmon_fault_tid(pid_t tid);
#else
static inline bool vasmon_fault_due(enum vasmon_fault fault)
{
	return false;
}

static inline bool vasmon_fault_drop(struct vasmon_watch *watch, struct vasmon_record *rec)
{
	return false;
}

static inline pid_t vasmon_fault_tid(pid_t tid)
{
	return tid;
}
#endif

#endif /* _VASMON_FAULT_H */
