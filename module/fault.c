// SPDX-License-Identifier: GPL-2.0-only
/* What is done wrong on purpose: see fault.h. */
#include <linux/atomic.h>
#include <linux/module.h>

#include "fault.h"
#include "watch.h"

static unsigned int vasmon_fault_which;
module_param_named(fault, vasmon_fault_which, uint, 0644);
MODULE_PARM_DESC(fault, "What to do wrong: 0 nothing, 1 drop an event, 2 overlook a merged neighbour, 3 name the last actor (default 0)");

static unsigned int vasmon_fault_every = 10000;
module_param_named(fault_every, vasmon_fault_every, uint, 0644);
MODULE_PARM_DESC(fault_every, "Once in so many chances (default 10000)");

static atomic_t vasmon_fault_chances;
static pid_t vasmon_fault_last;

/**
 * vasmon_fault_due - is this to be done wrong?
 * @fault: what could be
 *
 * Context: any; does not sleep.
 *
 * Return: true once in so many calls for the fault that was chosen.
 */
bool vasmon_fault_due(enum vasmon_fault fault)
{
	unsigned int every = max(READ_ONCE(vasmon_fault_every), 1U);

	return READ_ONCE(vasmon_fault_which) == fault &&
	       (unsigned int)atomic_inc_return(&vasmon_fault_chances) % every == 0;
}

/**
 * vasmon_fault_drop - forget an event
 * @watch: of a change
 * @rec: about to be committed
 *
 * Context: as vasmon_record_end().
 * Return: whether it was forgotten, so that it must not be committed.
 */
bool vasmon_fault_drop(struct vasmon_watch *watch, struct vasmon_record *rec)
{
	if (!vasmon_fault_due(VASMON_FAULT_DROP))
		return false;
	vasmon_record_put(rec, &watch->names);
	watch->seq--;
	return true;
}

/**
 * vasmon_fault_tid - whom to name
 * @tid: the actor
 *
 * Context: any; does not sleep.
 * Return: @tid, or the one of the last change.
 */
pid_t vasmon_fault_tid(pid_t tid)
{
	pid_t last = xchg(&vasmon_fault_last, tid);

	return last && last != tid && vasmon_fault_due(VASMON_FAULT_ACTOR) ? last : tid;
}
