// SPDX-License-Identifier: GPL-2.0-only
/*
 * A file for each live process: /sys/kernel/debug/vasmon/<pid>, and one to write
 * marks to, which is in mark.c.
 *
 * debugfs has no directory that looks names up when asked, so its files mirror
 * the processes. Probes only mark and queue; one work then brings the files in
 * line, so that a process that comes and goes at once never gets one.
 */
#include <linux/capability.h>
#include <linux/debugfs.h>
#include <linux/hashtable.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string_helpers.h>

#include "debugfs.h"
#include "main.h"
#include "mark.h"
#include "snapshot.h"
#include "watch.h"

/* How long changes are gathered; a file is there within 100 ms of a fork. */
#define VASMON_DEBUGFS_DELAY_MS 20

/* Width of an address, in hexadecimal digits. */
#define VASMON_DEBUGFS_ADDR ((int)(2 * sizeof(long)))

/**
 * struct vasmon_debugfs_file - the file of a process
 * @node: place in the table
 * @tgid: the process; a reference is held
 * @dentry: the file
 * @seen: round in which the process was last seen alive
 */
struct vasmon_debugfs_file {
	struct hlist_node node;
	struct pid *tgid;
	struct dentry *dentry;
	unsigned int seen;
};

/* All but the bit are used by the work alone. */
static unsigned long vasmon_debugfs_changed;
static DEFINE_HASHTABLE(vasmon_debugfs_files, 10);
static unsigned int vasmon_debugfs_round;
static struct dentry *vasmon_debugfs_dir;

/**
 * struct vasmon_debugfs_reader - an open file
 * @snap: what it shows
 * @buf: for paths
 */
struct vasmon_debugfs_reader {
	struct vasmon_snapshot *snap;
	char *buf;
};

/* Anything but what could garble a terminal or break a line. */
static void vasmon_debugfs_puts(struct seq_file *m, const char *text)
{
	static const char controls[] =
		"\001\002\003\004\005\006\007\010\011\012\013\014\015\016\017\020\021\022\023"
		"\024\025\026\027\030\031\032\033\034\035\036\037\177\\";

	seq_escape_mem(m, text, strlen(text), ESCAPE_OCTAL, controls);
}

/* Who watches the process, and how often what was compared. */
static void vasmon_debugfs_watches(struct seq_file *m, const struct pid *tgid)
{
	struct vasmon_watch_info info;
	struct vasmon_watch *watch;

	mutex_lock(&vasmon_watch_mutex);
	list_for_each_entry(watch, &vasmon_watches, node) {
		if (watch->tgid != tgid)
			continue;
		vasmon_watch_info(watch, &info);
		seq_printf(m, "%-13sid %u events %llu subscribers %u window %llu stack %llu full-call %llu full-remote %llu full-totals %llu\n",
			   "watch:", info.id, info.seq, READ_ONCE(watch->nr_subscribers),
			   info.effort[VASMON_EFFORT_WINDOW], info.effort[VASMON_EFFORT_STACK],
			   info.effort[VASMON_EFFORT_FULL_CALL],
			   info.effort[VASMON_EFFORT_FULL_REMOTE],
			   info.effort[VASMON_EFFORT_FULL_TOTALS]);
	}
	mutex_unlock(&vasmon_watch_mutex);
}

static void vasmon_debugfs_head(struct seq_file *m, struct vasmon_debugfs_reader *reader)
{
	const struct vasmon_snapshot *snap = reader->snap;
	const char *exe = snap->exe ? vasmon_snapshot_path(snap->exe, reader->buf) : NULL;
	const struct {
		const char *key;
		unsigned long addr;
	} addrs[] = {
		{ "start_code:", snap->start_code },
		{ "end_code:", snap->end_code },
		{ "start_data:", snap->start_data },
		{ "end_data:", snap->end_data },
		{ "start_brk:", snap->start_brk },
		{ "brk:", snap->brk },
		{ "start_stack:", snap->start_stack },
		{ "arg_start:", snap->arg_start },
		{ "arg_end:", snap->arg_end },
		{ "env_start:", snap->env_start },
		{ "env_end:", snap->env_end },
	};
	const struct {
		const char *key;
		u64 bytes;
	} sizes[] = {
		{ "heap:", snap->brk - snap->start_brk },
		{ "total_vm:", snap->total_vm },
		{ "locked_vm:", snap->locked_vm },
		{ "pinned_vm:", snap->pinned_vm },
		{ "data_vm:", snap->data_vm },
		{ "exec_vm:", snap->exec_vm },
		{ "stack_vm:", snap->stack_vm },
	};
	unsigned int i;

	seq_printf(m, "%-13s%d\n%-13s", "pid:", pid_nr(snap->target.tgid), "comm:");
	vasmon_debugfs_puts(m, snap->target.comm);
	seq_printf(m, "\n%-13s", "exe:");
	vasmon_debugfs_puts(m, exe ?: "-");
	seq_putc(m, '\n');
	for (i = 0; i < ARRAY_SIZE(addrs); i++)
		seq_printf(m, "%-13s0x%0*lx\n", addrs[i].key, VASMON_DEBUGFS_ADDR, addrs[i].addr);
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		seq_printf(m, "%-13s%llu bytes\n", sizes[i].key, sizes[i].bytes);
	seq_printf(m, "%-13s%lu\n", "regions:", snap->nr);
	vasmon_debugfs_watches(m, snap->target.tgid);
	seq_putc(m, '\n');
	seq_printf(m, "%-*s %-*s %4s %18s %16s %7s %10s %s\n", VASMON_DEBUGFS_ADDR, "START",
		   VASMON_DEBUGFS_ADDR, "END", "PERM", "BYTES", "OFFSET", "DEVICE", "INODE",
		   "NAME");
}

/* As /proc/PID/maps: what a region is called that has no name of its own. */
static const char *vasmon_debugfs_place(const struct vasmon_snapshot *snap,
					const struct vasmon_region *r)
{
	if (VASMON_COMPAT_HEAP_INCLUSIVE ? r->start <= snap->brk && r->end >= snap->start_brk :
					   r->start < snap->brk && r->end > snap->start_brk)
		return "[heap]";
	if (r->start <= snap->start_stack && r->end >= snap->start_stack)
		return "[stack]";
	return NULL;
}

static void vasmon_debugfs_name(struct seq_file *m, struct vasmon_debugfs_reader *reader,
				const struct vasmon_snapshot_region *r)
{
	const char *place;

	switch (r->name_type) {
	case VASMON_NAME_TYPE_FILE:
		vasmon_debugfs_puts(m, vasmon_snapshot_path(r->region.backing, reader->buf) ?:
				    "(path too long)");
		return;
	case VASMON_NAME_TYPE_SPECIAL:
		vasmon_debugfs_puts(m, r->text);
		return;
	case VASMON_NAME_TYPE_ANON_SHMEM:
		seq_puts(m, "[anon_shmem:");
		break;
	case VASMON_NAME_TYPE_ANON:
	case VASMON_NAME_TYPE_NONE:
		place = vasmon_debugfs_place(reader->snap, &r->region);
		if (place || r->name_type == VASMON_NAME_TYPE_NONE) {
			/* Every line has a last field, so that awk can rely on it. */
			seq_puts(m, place ?: "-");
			return;
		}
		seq_puts(m, "[anon:");
		break;
	}
	vasmon_debugfs_puts(m, r->text);
	seq_putc(m, ']');
}

static void vasmon_debugfs_region(struct seq_file *m, struct vasmon_debugfs_reader *reader,
				  const struct vasmon_snapshot_region *r)
{
	u32 prot = vasmon_region_prot(r->region.flags);
	char device[16] = "-";
	u64 inode = 0;

	if (r->name_type == VASMON_NAME_TYPE_FILE || r->name_type == VASMON_NAME_TYPE_ANON_SHMEM) {
		const struct inode *of = file_user_inode(r->region.backing);

		snprintf(device, sizeof(device), "%02x:%02x", MAJOR(of->i_sb->s_dev),
			 MINOR(of->i_sb->s_dev));
		inode = of->i_ino;
	}
	seq_printf(m, "%0*lx %0*lx %c%c%c%c %18lu %16llx %7s %10llu ", VASMON_DEBUGFS_ADDR,
		   r->region.start, VASMON_DEBUGFS_ADDR, r->region.end,
		   prot & VASMON_PROT_READ ? 'r' : '-', prot & VASMON_PROT_WRITE ? 'w' : '-',
		   prot & VASMON_PROT_EXEC ? 'x' : '-', prot & VASMON_PROT_SHARED ? 's' : 'p',
		   r->region.end - r->region.start, (u64)r->region.pgoff << PAGE_SHIFT, device,
		   inode);
	vasmon_debugfs_name(m, reader, r);
	seq_putc(m, '\n');
}

/* The head is number 0, the regions follow. */
static void *vasmon_debugfs_start(struct seq_file *m, loff_t *pos)
{
	struct vasmon_debugfs_reader *reader = m->private;

	return *pos <= reader->snap->nr ? pos : NULL;
}

static void *vasmon_debugfs_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return vasmon_debugfs_start(m, pos);
}

static void vasmon_debugfs_stop(struct seq_file *m, void *v)
{
}

static int vasmon_debugfs_show(struct seq_file *m, void *v)
{
	struct vasmon_debugfs_reader *reader = m->private;
	loff_t pos = *(loff_t *)v;

	if (pos)
		vasmon_debugfs_region(m, reader, &reader->snap->regions[pos - 1]);
	else
		vasmon_debugfs_head(m, reader);
	return 0;
}

static const struct seq_operations vasmon_debugfs_seq = {
	.start = vasmon_debugfs_start,
	.next = vasmon_debugfs_next,
	.stop = vasmon_debugfs_stop,
	.show = vasmon_debugfs_show,
};

static int vasmon_debugfs_open(struct inode *inode, struct file *file)
{
	struct vasmon_debugfs_file *entry = inode->i_private;
	struct vasmon_debugfs_reader *reader;
	int err;

	/* Who may open the directory is a matter of the mount; addresses are not. */
	if (!capable(CAP_SYS_PTRACE))
		return -EPERM;
	reader = __seq_open_private(file, &vasmon_debugfs_seq, sizeof(*reader));
	if (!reader)
		return -ENOMEM;
	err = -ENOMEM;
	reader->buf = kmalloc(VASMON_PATH_MAX, GFP_KERNEL_ACCOUNT);
	if (reader->buf)
		err = vasmon_snapshot_take(&reader->snap, entry->tgid, true, NULL, NULL);
	if (err) {
		kfree(reader->buf);
		seq_release_private(inode, file);
	}
	return err;
}

static int vasmon_debugfs_release(struct inode *inode, struct file *file)
{
	struct vasmon_debugfs_reader *reader = ((struct seq_file *)file->private_data)->private;

	vasmon_snapshot_free(reader->snap);
	kfree(reader->buf);
	return seq_release_private(inode, file);
}

static const struct file_operations vasmon_debugfs_fops = {
	.owner = THIS_MODULE,
	.open = vasmon_debugfs_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = vasmon_debugfs_release,
};

static struct vasmon_debugfs_file *vasmon_debugfs_find(const struct pid *tgid)
{
	struct vasmon_debugfs_file *file;

	hash_for_each_possible(vasmon_debugfs_files, file, node, (unsigned long)tgid)
		if (file->tgid == tgid)
			return file;
	return NULL;
}

static void vasmon_debugfs_remove(struct vasmon_debugfs_file *file)
{
	hash_del(&file->node);
	debugfs_remove(file->dentry);
	put_pid(file->tgid);
	kfree(file);
}

/* Takes over the reference to @tgid. */
static void vasmon_debugfs_create(struct pid *tgid)
{
	struct vasmon_debugfs_file *file = kzalloc(sizeof(*file), GFP_KERNEL);
	char name[16];

	if (!file)
		goto later;
	file->tgid = tgid;
	file->seen = vasmon_debugfs_round;
	snprintf(name, sizeof(name), "%d", pid_nr(tgid));
	file->dentry = debugfs_create_file(name, 0400, vasmon_debugfs_dir, file,
					   &vasmon_debugfs_fops);
	if (IS_ERR(file->dentry))
		goto later;
	hash_add(vasmon_debugfs_files, &file->node, (unsigned long)tgid);
	return;

later:
	/* Then there may be memory; no other process need come or go until then. */
	kfree(file);
	put_pid(tgid);
	vasmon_debugfs_processes_changed();
}

static bool vasmon_debugfs_alive(const struct task_struct *task)
{
	return !(READ_ONCE(task->flags) & PF_KTHREAD) && atomic_read(&task->signal->live);
}

/*
 * Mark the files of processes that are alive, and collect those that have none.
 * Return: how many these are; if more than @room, only @room were collected.
 */
static unsigned int vasmon_debugfs_scan(struct pid **born, unsigned int room)
{
	struct task_struct *task;
	unsigned int n = 0;

	rcu_read_lock();
	for_each_process(task) {
		struct vasmon_debugfs_file *file;
		struct pid *tgid = task_tgid(task);

		if (!tgid || !vasmon_debugfs_alive(task))
			continue;
		file = vasmon_debugfs_find(tgid);
		if (file)
			file->seen = vasmon_debugfs_round;
		else if (n++ < room)
			born[n - 1] = get_pid(tgid);
	}
	rcu_read_unlock();
	return n;
}

static void vasmon_debugfs_update(struct work_struct *work)
{
	struct vasmon_debugfs_file *file;
	struct hlist_node *next;
	unsigned int room = 64, n, i;
	struct pid **born;
	int bucket;

	/* What happens from here on queues again. */
	clear_bit(0, &vasmon_debugfs_changed);
	/* Pairs with the atomic in vasmon_debugfs_processes_changed(). */
	smp_mb__after_atomic();

	/* Processes may come before the directory. */
	if (IS_ERR_OR_NULL(READ_ONCE(vasmon_debugfs_dir)))
		return;
	vasmon_debugfs_round++;
	for (;;) {
		born = kvmalloc_array(room, sizeof(*born), GFP_KERNEL);
		if (!born) {
			/* Later there may be memory, or fewer processes. */
			vasmon_debugfs_processes_changed();
			return;
		}
		n = vasmon_debugfs_scan(born, room);
		if (n <= room)
			break;
		while (room)
			put_pid(born[--room]);
		kvfree(born);
		room = n + n / 4;
	}
	/* First those that are gone: their numbers may be in use again. */
	hash_for_each_safe(vasmon_debugfs_files, bucket, next, file, node)
		if (file->seen != vasmon_debugfs_round)
			vasmon_debugfs_remove(file);
	for (i = 0; i < n; i++)
		vasmon_debugfs_create(born[i]);
	kvfree(born);
}

static DECLARE_DELAYED_WORK(vasmon_debugfs_work, vasmon_debugfs_update);

/**
 * vasmon_debugfs_processes_changed - a process came or went
 *
 * Context: any; does not sleep. O(1).
 */
void vasmon_debugfs_processes_changed(void)
{
	if (!test_bit(0, &vasmon_debugfs_changed) &&
	    !test_and_set_bit(0, &vasmon_debugfs_changed))
		queue_delayed_work(vasmon_wq, &vasmon_debugfs_work,
				   msecs_to_jiffies(VASMON_DEBUGFS_DELAY_MS));
}

/**
 * vasmon_debugfs_init - make the files of all processes
 *
 * On a kernel that was started without debugfs there are none, and all else
 * works.
 *
 * Context: may sleep; the tracepoints that tell of processes are registered.
 * Return: 0, or -ENOMEM: vasmon_debugfs_exit() is to be called all the same.
 */
int __init vasmon_debugfs_init(void)
{
	struct dentry *dir = debugfs_create_dir("vasmon", NULL);
	/* Fails as well where the directory did. */
	struct dentry *mark = debugfs_create_file("mark", 0200, dir, NULL, &vasmon_mark_fops);

	WRITE_ONCE(vasmon_debugfs_dir, dir);
	if (PTR_ERR_OR_ZERO(mark) == -ENOMEM)
		return -ENOMEM;
	mod_delayed_work(vasmon_wq, &vasmon_debugfs_work, 0);
	flush_delayed_work(&vasmon_debugfs_work);
	return 0;
}

/**
 * vasmon_debugfs_exit - remove all files
 *
 * Context: may sleep; the tracepoints are unregistered, no probe runs.
 */
void vasmon_debugfs_exit(void)
{
	struct vasmon_debugfs_file *file;
	struct hlist_node *next;
	int bucket;

	cancel_delayed_work_sync(&vasmon_debugfs_work);
	hash_for_each_safe(vasmon_debugfs_files, bucket, next, file, node)
		vasmon_debugfs_remove(file);
	/* With the file mark. */
	debugfs_remove(vasmon_debugfs_dir);
}
