// SPDX-License-Identifier: GPL-2.0-only
/*
 * Texts among the events of a process: "now the cache is filled". By a request
 * of anybody who may watch, or by the process itself, which writes to the file
 * mark in debugfs as it would to ftrace's trace_marker.
 */
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include <linux/vasmon.h>

#include "capture.h"
#include "mark.h"

/**
 * vasmon_mark - put a text among the events of a process
 * @pid: the process, or one of its threads
 * @text: the text
 * @len: its bytes, at most VASMON_MARK_MAX, none of them zero
 * @extack: told why not; or NULL
 *
 * Context: in the task that says it; does not sleep.
 * Return: 0; -ESRCH: no such process; -ENOENT: nobody watches it; -EBUSY: too
 * many marks of late.
 */
int vasmon_mark(struct pid *pid, const char *text, size_t len, struct netlink_ext_ack *extack)
{
	struct task_struct *task;
	struct pid *tgid = NULL;
	int marked;

	rcu_read_lock();
	task = pid_task(pid, PIDTYPE_PID);
	if (task)
		tgid = get_pid(task_tgid(task));
	rcu_read_unlock();
	if (!tgid) {
		NL_SET_ERR_MSG(extack, "no such process");
		return -ESRCH;
	}
	marked = vasmon_capture_mark(tgid, text, len);
	put_pid(tgid);
	if (!marked) {
		NL_SET_ERR_MSG(extack, "nobody watches the process");
		return -ENOENT;
	}
	if (marked < 0) {
		NL_SET_ERR_MSG(extack,
			       "too many marks in this second (" __stringify(VASMON_MARK_RATE) ")");
		return marked;
	}
	return 0;
}

/*
 * One write is one mark, its last newline left out. To a program it does not
 * matter whether anybody watches.
 */
static ssize_t vasmon_mark_write(struct file *file, const char __user *user, size_t count,
				 loff_t *pos)
{
	char text[VASMON_MARK_MAX + 1];
	size_t len = count;
	int err;

	if (count > sizeof(text))
		return -EMSGSIZE;
	if (copy_from_user(text, user, count))
		return -EFAULT;
	if (len && text[len - 1] == '\n')
		len--;
	if (len > VASMON_MARK_MAX)
		return -EMSGSIZE;
	if (memchr(text, '\0', len))
		return -EINVAL;
	err = vasmon_mark(task_tgid(current), text, len, NULL);
	return err && err != -ENOENT ? err : count;
}

const struct file_operations vasmon_mark_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = vasmon_mark_write,
	.llseek = noop_llseek,
};
