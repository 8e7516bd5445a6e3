// SPDX-License-Identifier: GPL-2.0-only
#include <linux/audit.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "call.h"
#include "memo.h"

struct call_word {
	uint64_t value;
	const char *name;
};

#define WORD(x)	{ x, #x }

static const struct call_word call_prot[] = {
	WORD(PROT_READ), WORD(PROT_WRITE), WORD(PROT_EXEC), { 0x8, "PROT_SEM" },
	WORD(PROT_GROWSDOWN), WORD(PROT_GROWSUP), { 0 },
};

static const struct call_word call_map[] = {
	WORD(MAP_FIXED), WORD(MAP_ANONYMOUS), { 0x40, "MAP_32BIT" }, { 0x80, "MAP_ABOVE4G" },
	WORD(MAP_GROWSDOWN), WORD(MAP_DENYWRITE), WORD(MAP_EXECUTABLE), WORD(MAP_LOCKED),
	WORD(MAP_NORESERVE), WORD(MAP_POPULATE), WORD(MAP_NONBLOCK), WORD(MAP_STACK),
	WORD(MAP_HUGETLB), { 0x80000, "MAP_SYNC" }, { 0x100000, "MAP_FIXED_NOREPLACE" }, { 0 },
};

static const struct call_word call_mremap[] = {
	WORD(MREMAP_MAYMOVE), WORD(MREMAP_FIXED), { 4, "MREMAP_DONTUNMAP" }, { 0 },
};

static const struct call_word call_mlockall[] = {
	WORD(MCL_CURRENT), WORD(MCL_FUTURE), { 4, "MCL_ONFAULT" }, { 0 },
};

static const struct call_word call_advice[] = {
	WORD(MADV_NORMAL), WORD(MADV_RANDOM), WORD(MADV_SEQUENTIAL), WORD(MADV_WILLNEED),
	WORD(MADV_DONTNEED), { 8, "MADV_FREE" }, { 9, "MADV_REMOVE" }, { 10, "MADV_DONTFORK" },
	{ 11, "MADV_DOFORK" }, { 12, "MADV_MERGEABLE" }, { 13, "MADV_UNMERGEABLE" },
	{ 14, "MADV_HUGEPAGE" }, { 15, "MADV_NOHUGEPAGE" }, { 16, "MADV_DONTDUMP" },
	{ 17, "MADV_DODUMP" }, { 18, "MADV_WIPEONFORK" }, { 19, "MADV_KEEPONFORK" },
	{ 20, "MADV_COLD" }, { 21, "MADV_PAGEOUT" }, { 22, "MADV_POPULATE_READ" },
	{ 23, "MADV_POPULATE_WRITE" }, { 24, "MADV_DONTNEED_LOCKED" }, { 25, "MADV_COLLAPSE" },
	{ 102, "MADV_GUARD_INSTALL" }, { 103, "MADV_GUARD_REMOVE" },
};

/*
 * How the arguments of the calls that change memory are shown, a letter each:
 * a address, u size, o offset in bytes, q offset in pages of 4 KiB, d number,
 * x bits, P protection, M flags of mmap, R flags of mremap and its new address,
 * L flags of mlockall, A advice. Any other call shows six hex numbers.
 */
static const struct call_form {
	const char *name;
	const char *args;
} call_forms[] = {
	{ "brk", "a" },
	{ "clone", "xaaaa" },
	{ "clone3", "au" },
	{ "execve", "aaa" },
	{ "execveat", "daaax" },
	{ "exit", "d" },
	{ "exit_group", "d" },
	{ "fork", "" },
	{ "ioctl", "dxa" },
	{ "madvise", "auA" },
	{ "map_shadow_stack", "aux" },
	{ "mlock", "au" },
	{ "mlock2", "aux" },
	{ "mlockall", "L" },
	{ "mmap", "auPMdo" },
	{ "mmap2", "auPMdq" },
	{ "mprotect", "auP" },
	{ "mremap", "auuR" },
	{ "mseal", "aux" },
	{ "munlock", "au" },
	{ "munlockall", "" },
	{ "munmap", "au" },
	{ "pkey_mprotect", "auPd" },
	{ "process_madvise", "dauAx" },
	{ "remap_file_pages", "auPuM" },
	{ "shmat", "dax" },
	{ "shmdt", "a" },
	{ "vfork", "" },
};

struct call_slot {
	uint32_t arch;
	int nr;
	bool known;
	char *name;
	const char *form;
	struct memo memo[CALL_MEMOS];
};

static const char *call_form(uint32_t arch, const char *name)
{
	size_t i;

	/* The first mmap of i386 has its arguments in memory. */
	if (arch == AUDIT_ARCH_I386 && !strcmp(name, "mmap"))
		return "a";
	for (i = 0; i < sizeof(call_forms) / sizeof(call_forms[0]); i++) {
		if (!strcmp(call_forms[i].name, name))
			return call_forms[i].args;
	}
	return "xxxxxx";
}

/*
 * libseccomp walks its table and allocates: keep what it answered. Names are
 * never freed, there are only as many as there are system calls.
 */
static struct call_slot *call_resolve(uint32_t arch, int nr)
{
	static struct call_slot slots[512];
	struct call_slot *slot = &slots[(unsigned int)nr % 512];

	if (!slot->known || slot->arch != arch || slot->nr != nr) {
		free(slot->name);
		slot->memo[CALL_MEMO_TEXT].kept = false;
		slot->memo[CALL_MEMO_JSON].kept = false;
		slot->name = seccomp_syscall_resolve_num_arch(arch, nr);
		slot->form = call_form(arch, slot->name ? slot->name : "");
		slot->arch = arch;
		slot->nr = nr;
		slot->known = true;
	}
	return slot;
}

/* libseccomp does not know every number. */
static const char *call_slot_name(const struct call_slot *slot)
{
	static char number[40];

	if (slot->name)
		return slot->name;
	snprintf(number, sizeof(number), "syscall_%d", slot->nr);
	return number;
}

/**
 * call_name - name of an event's system call
 * @ev: the event
 *
 * Return: the name, "syscall_NUMBER" if libseccomp does not know it, NULL if
 * there was no call. Valid until the next call of this function.
 */
const char *call_name(const struct event *ev)
{
	return ev->has_syscall ? call_slot_name(call_resolve(ev->arch, ev->syscall)) : NULL;
}

/* What the arguments are shown by, see memo.h. */
struct call_key {
	uint64_t has_args;
	uint64_t args[VASMON_ARGS];
};

static struct call_key call_key_of(const struct event *ev)
{
	struct call_key key = { .has_args = ev->has_args };

	memcpy(key.args, ev->args, sizeof(key.args));
	return key;
}

/**
 * call_memo_put - append what was made of the call the last time
 * @b: appended to
 * @ev: the event, which has a system call
 * @which: in which form
 *
 * Return: whether its arguments are the same; else call_memo_keep() is to follow.
 */
bool call_memo_put(struct buf *b, const struct event *ev, enum call_memo which)
{
	const struct call_slot *slot = call_resolve(ev->arch, ev->syscall);
	struct call_key key = call_key_of(ev);

	return memo_put(&slot->memo[which], &key, sizeof(key), b);
}

/* Keep what was appended since @b was @at bytes long. */
void call_memo_keep(const struct buf *b, size_t at, const struct event *ev, enum call_memo which)
{
	struct call_slot *slot = call_resolve(ev->arch, ev->syscall);
	struct call_key key = call_key_of(ev);

	memo_keep(&slot->memo[which], &key, sizeof(key), b, at);
}

static void call_hex(struct buf *b, uint64_t v)
{
	buf_puts(b, v ? "0x" : "0");
	if (v)
		buf_hex(b, v, 1);
}

static void call_bits(struct buf *b, uint64_t v, const struct call_word *words, const char *none)
{
	bool first = true;

	for (; words->name; words++) {
		if ((v & words->value) != words->value)
			continue;
		buf_puts(b, first ? "" : "|");
		buf_puts(b, words->name);
		v &= ~words->value;
		first = false;
	}
	if (v) {
		buf_puts(b, first ? "" : "|");
		call_hex(b, v);
	} else if (first) {
		buf_puts(b, none);
	}
}

static void call_map_flags(struct buf *b, uint64_t v)
{
	static const char *const types[] = {
		[MAP_SHARED] = "MAP_SHARED",
		[MAP_PRIVATE] = "MAP_PRIVATE",
		[MAP_SHARED_VALIDATE] = "MAP_SHARED_VALIDATE",
		[8] = "MAP_DROPPABLE",
	};
	uint64_t type = v & MAP_TYPE;
	uint64_t huge = v & MAP_HUGETLB ? v >> 26 & 0x3f : 0;

	v &= ~(uint64_t)MAP_TYPE;
	if (type < sizeof(types) / sizeof(types[0]) && types[type])
		buf_puts(b, types[type]);
	else
		call_hex(b, type);
	v &= ~(huge << 26);
	if (v) {
		buf_putc(b, '|');
		call_bits(b, v, call_map, "");
	}
	if (huge)
		buf_printf(b, "|%u<<MAP_HUGE_SHIFT", (unsigned int)huge);
}

static void call_put_advice(struct buf *b, uint64_t v)
{
	size_t i;

	for (i = 0; i < sizeof(call_advice) / sizeof(call_advice[0]); i++) {
		if (call_advice[i].value == v) {
			buf_puts(b, call_advice[i].name);
			return;
		}
	}
	call_hex(b, v);
}

static void call_arg(struct buf *b, char form, const uint64_t *arg)
{
	/* The kernel takes these as int: what is above is not looked at. */
	uint64_t low = (uint32_t)*arg;

	switch (form) {
	case 'a':
		if (*arg)
			call_hex(b, *arg);
		else
			buf_puts(b, "NULL");
		break;
	case 'u':
		buf_dec(b, *arg);
		break;
	case 'd':
		if ((int)low < 0)
			buf_putc(b, '-');
		buf_dec(b, (int)low < 0 ? -low & UINT32_MAX : low);
		break;
	case 'o':
		call_hex(b, *arg);
		break;
	case 'q':
		call_hex(b, *arg << 12);
		break;
	case 'P':
		call_bits(b, *arg, call_prot, "PROT_NONE");
		break;
	case 'M':
		call_map_flags(b, *arg);
		break;
	case 'R':
		call_bits(b, *arg, call_mremap, "0");
		if (*arg & 6) {
			buf_puts(b, ", ");
			call_arg(b, 'a', arg + 1);
		}
		break;
	case 'L':
		call_bits(b, low, call_mlockall, "0");
		break;
	case 'A':
		call_put_advice(b, low);
		break;
	default:
		call_hex(b, *arg);
	}
}

static void call_put_anew(struct buf *b, const struct event *ev)
{
	const struct call_slot *slot = call_resolve(ev->arch, ev->syscall);
	const char *form;
	size_t i;

	buf_puts(b, call_slot_name(slot));
	buf_putc(b, '(');
	form = ev->has_args ? slot->form : "";
	for (i = 0; i < VASMON_ARGS && form[i]; i++) {
		if (i)
			buf_puts(b, ", ");
		call_arg(b, form[i], &ev->args[i]);
	}
	buf_putc(b, ')');
}

/* The event's system call with its arguments; nothing if it has none. */
void call_put(struct buf *b, const struct event *ev)
{
	size_t at = b->len;

	if (!ev->has_syscall || call_memo_put(b, ev, CALL_MEMO_TEXT))
		return;
	call_put_anew(b, ev);
	call_memo_keep(b, at, ev, CALL_MEMO_TEXT);
}

const char *call_cause_name(uint32_t cause)
{
	static const char *const names[] = {
		[VASMON_CAUSE_NONE] = "none",
		[VASMON_CAUSE_SYSCALL] = "syscall",
		[VASMON_CAUSE_FAULT] = "fault",
		[VASMON_CAUSE_EXEC] = "exec",
		[VASMON_CAUSE_EXIT] = "exit",
		[VASMON_CAUSE_REMOTE] = "remote",
		[VASMON_CAUSE_KERNEL] = "kernel",
		[VASMON_CAUSE_RESYNC] = "resync",
		[VASMON_CAUSE_OVERRUN] = "overrun",
		[VASMON_CAUSE_FORK] = "fork",
		[VASMON_CAUSE_MARK] = "mark",
	};

	/* A newer module may know causes that this program does not. */
	return cause < sizeof(names) / sizeof(names[0]) ? names[cause] : "unknown";
}

/* Why the address space changed, for a line of text. */
void call_put_request(struct buf *b, const struct event *ev)
{
	switch (ev->cause) {
	case VASMON_CAUSE_SYSCALL:
		if (ev->has_syscall)
			call_put(b, ev);
		else
			buf_puts(b, "syscall");
		break;
	case VASMON_CAUSE_FAULT:
		buf_puts(b, "page fault");
		if (ev->has_syscall) {
			buf_puts(b, " in ");
			buf_puts(b, call_name(ev));
		}
		break;
	case VASMON_CAUSE_REMOTE:
		buf_puts(b, "remote ");
		call_put(b, ev);
		break;
	default:
		buf_puts(b, call_cause_name(ev->cause));
	}
}
