// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proc.h"
#include "report.h"

/* A message for the user; the newline is added. */
void report(const struct verb *verb, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "vasmon-client: %s: ", verb->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

static const char *report_permission(void)
{
	return "This needs the capability CAP_SYS_PTRACE: run it as root, for example with sudo.";
}

static const char *report_load(void)
{
	return "Load the module: sudo modprobe vasmon, or sudo insmod vasmon.ko where it was "
	       "built.";
}

/* Where /proc tells of other processes, what regions are can only be guessed. */
void report_proc(const struct verb *verb)
{
	if (!proc_is_ours())
		report(verb, "the /proc that is mounted here is not that of this pid namespace: "
		       "files are not looked into\nMount it anew: mount -t proc none /proc");
}

/**
 * report_open - tell why there is no connection to the module
 * @verb: the verb that wanted one
 * @nl: the connection
 * @err: what vnl_open() returned
 *
 * Return: the exit status.
 */
int report_open(const struct verb *verb, const struct vnl *nl, int err)
{
	switch (err) {
	case -ENOENT:
		report(verb, "the vasmon module is not loaded\n%s", report_load());
		break;
	case -EPROTO:
		report(verb, "the loaded vasmon module speaks version %u of the protocol, "
		       "this program version %u\nInstall client and module of the same release.",
		       nl->version, VASMON_FAMILY_VERSION);
		break;
	case -EPROTONOSUPPORT:
		report(verb, "this kernel has no generic netlink");
		break;
	case -EPERM:
	case -EACCES:
		report(verb, "no netlink socket: %s\n%s", strerror(-err), report_permission());
		break;
	default:
		report(verb, "no connection to the vasmon module: %s%s%s", strerror(-err),
		       *nl->words ? ": " : "", nl->words);
	}
	return EXIT_ERROR;
}

/* Tell that the module has gone since there was a connection to it. Return: the exit status. */
int report_unloaded(const struct verb *verb)
{
	report(verb, "the vasmon module was unloaded\n%s", report_load());
	return EXIT_ERROR;
}

/**
 * report_pid - tell why a request for a process failed
 * @verb: the verb that made it
 * @nl: the connection
 * @what: what was tried, as in "cannot watch"
 * @pid: the process
 * @err: the error
 *
 * Return: the exit status.
 */
int report_pid(const struct verb *verb, const struct vnl *nl, const char *what, uint32_t pid,
	       int err)
{
	const char *words = *nl->words ? nl->words : NULL;

	switch (err) {
	case -ESRCH:
		report(verb, "%s process %u: %s\nps -e lists the processes that there are.",
		       what, pid, words ? words : "no such process");
		return EXIT_NO_PROCESS;
	case -EPERM:
	case -EACCES:
		report(verb, "%s process %u: %s\n%s", what, pid,
		       words ? words : "not permitted", report_permission());
		break;
	case -EINVAL:
		report(verb, "%s process %u: %s", what, pid,
		       words ? words : "it has no address space (a kernel thread)");
		break;
	case -ENOMEM:
	case -ENOBUFS:
		report(verb, "%s process %u: %s\nLook at the memory that is free, and at the "
		       "other watches: vasmon-client list.", what, pid,
		       words ? words : "out of memory");
		break;
	case -ENOSPC:
		report(verb, "%s process %u: %s\nvasmon-client list shows the watches and their "
		       "rings;\n--ring-size asks for a larger one.", what, pid,
		       words ? words : "too many watches");
		break;
	case -ENOENT:
		report(verb, "%s process %u: %s\nvasmon-client list shows who is watched.", what,
		       pid, words ? words : "nobody watches it");
		break;
	case -ENODEV:
		return report_unloaded(verb);
	case -EEXIST:
		report(verb, "%s process %u: it is given twice, perhaps by the id of a thread",
		       what, pid);
		break;
	case -EBUSY:
		report(verb, "%s process %u: %s", what, pid, words ? words : strerror(-err));
		break;
	case -EBADMSG:
		report(verb, "%s process %u: the module's answer does not fit the protocol\n"
		       "Install client and module of the same release.", what, pid);
		break;
	case -EAGAIN:
		report(verb, "%s process %u: its map changed during every dump, try again", what,
		       pid);
		break;
	default:
		report(verb, "%s process %u: %s%s%s", what, pid, strerror(-err),
		       words ? ": " : "", words ? words : "");
	}
	return EXIT_ERROR;
}

/* Tell why the output ends. A reader that has seen enough is no error. */
int report_output(const struct verb *verb, int err)
{
	if (!err || err == -EPIPE)
		return EXIT_DONE;
	if (err == -EINTR)
		report(verb, "output that nobody read was thrown away");
	else
		report(verb, "cannot write: %s", strerror(-err));
	return EXIT_ERROR;
}

/* Tell why a watch ends with @err: its output, or the module. Return: the exit status. */
int report_ended(const struct verb *verb, const struct vnl *nl, const struct out *out, int err)
{
	if (out->error == err)
		return report_output(verb, err);
	report(verb, "the watch ended: %s%s%s", strerror(-err), *nl->words ? ": " : "", nl->words);
	return EXIT_ERROR;
}

/**
 * report_recording - tell why a file cannot be replayed
 * @verb: the verb that wanted to
 * @path: the file
 * @replay: what replay_open() had
 * @err: what it returned
 *
 * Return: the exit status.
 */
int report_recording(const struct verb *verb, const char *path, const struct replay *replay,
		     int err)
{
	const struct rec_header *h = &replay->reader.header;

	switch (err) {
	case -RECREADER_EFOREIGN:
		report(verb, "%s is not a recording of vasmon-client", path);
		break;
	case -RECREADER_EORDER:
		report(verb, "%s was recorded on a machine of other byte order: replay it on "
		       "such a machine", path);
		break;
	case -RECREADER_EVERSION:
		report(verb, "%s is of version %u of the format, this program reads version %u\n"
		       "Use the vasmon-client that recorded it.", path, h->version,
		       REC_VERSION);
		break;
	case -RECREADER_ESHORT:
		report(verb, "%s ends within its header: it was cut off", path);
		break;
	case -RECREADER_EEMPTY:
		report(verb, "%s is empty: its recorder ended before it had a map", path);
		break;
	case -RECREADER_EDAMAGED:
		report(verb, "%s has a damaged header", path);
		break;
	default:
		report(verb, "cannot read %s: %s", path, strerror(-err));
	}
	return EXIT_ERROR;
}

/* Tell why a replay broke off with @err. Return: the exit status. */
int report_recording_broken(const struct verb *verb, const char *path,
			    const struct replay *replay, int err)
{
	if (err == -EBADMSG)
		report(verb, "%s is damaged before byte %llu: a message in it does not fit the "
		       "protocol", path, (unsigned long long)replay->reader.offset);
	else
		report(verb, "cannot replay %s: %s", path, strerror(-err));
	return EXIT_ERROR;
}

/* @what does not fit; @then: what is done about it, or NULL. */
void report_mismatch(const struct verb *verb, const struct event *ev, const char *what,
		     const char *then)
{
	report(verb, "event %llu of process %u does not fit the map: %s%s%s",
	       (unsigned long long)ev->seq, ev->pid, what, then ? "; " : "", then ? then : "");
}

/* It tells of other processes. Return: the exit status. */
int report_not_recorded(const struct verb *verb, const char *path, const struct replay *replay,
			uint32_t pid)
{
	report(verb, "process %u is not in %s%s", pid, path,
	       replay->reader.header.flags & REC_FOLLOW ? "" : ", which was recorded without -f");
	return EXIT_ERROR;
}

/* How a recording ends, where that is not as it should be. Return: the exit status. */
int report_recording_end(const struct verb *verb, const char *path, const struct replay *replay)
{
	unsigned long long at = replay->reader.offset;

	switch (replay->reader.state) {
	case RECREADER_DAMAGED:
		report(verb, "%s is damaged at byte %llu: what is behind that is left out",
		       path, at);
		return EXIT_ERROR;
	case RECREADER_TORN:
		report(verb, "warning: %s is cut off at byte %llu, after event %llu: its "
		       "recorder was killed, or could not write", path, at,
		       (unsigned long long)replay->tracker.seq);
		return EXIT_DONE;
	case RECREADER_GOOD:
		break;
	}
	if (!replay->end.reason)
		report(verb, "warning: %s has no end, its last event is %llu: its recorder was "
		       "killed, or is still at work", path,
		       (unsigned long long)replay->tracker.seq);
	else if (replay->end.reason == REC_REASON_UNLOADED)
		report(verb, "the recording ended because the module was unloaded");
	else if (replay->end.reason == REC_REASON_FAILED)
		report(verb, "the recording was ended by an error");
	return EXIT_DONE;
}
