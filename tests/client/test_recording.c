// SPDX-License-Identifier: GPL-2.0-only
/* The file that record writes: what is read is what was written, or nothing. */
#include <errno.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "progress.h"
#include "recfile.h"
#include "recreader.h"
#include "recwriter.h"

/* Lengths that fill eight bytes and that do not. */
static const uint32_t lengths[] = { 0, 1, 7, 8, 9, 40, 3, 1000 };
#define N_FRAMES	(sizeof(lengths) / sizeof(lengths[0]))

static unsigned char content(size_t frame, size_t i)
{
	return (unsigned char)(frame * 31 + i * 7 + 5);
}

/* A recording of those frames; the offset behind each is put into @ends. */
static struct buf make(uint64_t ends[N_FRAMES + 1])
{
	struct rec_header h = { .pid = 12, .watch_id = 3, .page_size = 4096, .machine = "x86_64" };
	unsigned char bytes[1000];
	struct recwriter w;
	struct buf file;
	size_t i, k;

	recwriter_init(&w, -1);
	recwriter_header(&w, &h);
	ends[0] = w.bytes;
	for (i = 0; i < N_FRAMES; i++) {
		for (k = 0; k < lengths[i]; k++)
			bytes[k] = content(i, k);
		recwriter_frame(&w, (enum rec_type)(i + 1), bytes, lengths[i]);
		ends[i + 1] = w.bytes;
	}
	assert_int_equal(w.bytes, w.out.buf.len);
	assert_int_equal(w.events, 1);
	file = w.out.buf;
	w.out.buf = (struct buf){ 0 };
	recwriter_free(&w);
	return file;
}

static int file_of(const void *bytes, size_t len)
{
	int fd = memfd_create("recording", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, len, 0), len);
	return fd;
}

/*
 * Read all that can be read: each frame is to be the one that was written.
 * Return: how many, or what recreader_open() said.
 */
static int read_all(const void *bytes, size_t len, enum recreader_state *state)
{
	struct recreader_frame f;
	const unsigned char *v;
	struct recreader r;
	int fd = file_of(bytes, len), err, n = 0;
	size_t k;

	err = recreader_open(&r, fd);
	if (!err) {
		while (recreader_peek(&r, &f) == 1) {
			assert_true((size_t)n < N_FRAMES);
			assert_int_equal(f.type, n + 1);
			assert_int_equal(f.len, lengths[n]);
			assert_int_equal((uintptr_t)f.bytes % 8, 0);
			for (v = f.bytes, k = 0; k < f.len; k++)
				assert_int_equal(v[k], content((size_t)n, k));
			/* Twice is as good as once. */
			assert_int_equal(recreader_peek(&r, &f), 1);
			recreader_skip(&r);
			n++;
		}
		*state = r.state;
		assert_int_equal(recreader_peek(&r, &f), 0);
	}
	recreader_free(&r);
	close(fd);
	return err ? err : n;
}

/* The check value that every description of zlib's CRC-32 gives. */
static void test_crc(void **state)
{
	(void)state;
	assert_int_equal(libdeflate_crc32(0, "123456789", 9), 0xcbf43926);
}

static void test_round_trip(void **state)
{
	uint64_t ends[N_FRAMES + 1];
	struct buf file = make(ends);
	enum recreader_state how;
	struct recreader r;
	int fd;

	(void)state;
	assert_int_equal(read_all(file.s, file.len, &how), N_FRAMES);
	assert_int_equal(how, RECREADER_GOOD);
	fd = file_of(file.s, file.len);
	assert_int_equal(recreader_open(&r, fd), 0);
	assert_int_equal(r.header.pid, 12);
	assert_int_equal(r.header.watch_id, 3);
	assert_int_equal(r.header.page_size, 4096);
	assert_string_equal(r.header.machine, "x86_64");
	recreader_free(&r);
	close(fd);
	buf_free(&file);
}

/* Cut off at each byte: all whole frames are there. */
static void test_torn(void **state)
{
	uint64_t ends[N_FRAMES + 1];
	struct buf file = make(ends);
	enum recreader_state how;
	size_t len, whole;
	int n;

	(void)state;
	for (len = 0; len < file.len; len++) {
		n = read_all(file.s, len, &how);
		if (len < ends[0]) {
			assert_int_equal(n, len ? -RECREADER_ESHORT : -RECREADER_EEMPTY);
			continue;
		}
		for (whole = 0; whole < N_FRAMES && ends[whole + 1] <= len; whole++)
			;
		assert_int_equal(n, whole);
		assert_int_equal(how, len == ends[whole] ? RECREADER_GOOD : RECREADER_TORN);
	}
	buf_free(&file);
}

/* Each byte changed: no frame is ever anything but what was written. */
static void test_flipped(void **state)
{
	uint64_t ends[N_FRAMES + 1];
	struct buf file = make(ends);
	enum recreader_state how;
	size_t i, before;
	int n;

	(void)state;
	for (i = 0; i < file.len; i++) {
		file.s[i] = (char)(file.s[i] ^ 0x20);
		n = read_all(file.s, file.len, &how);
		file.s[i] = (char)(file.s[i] ^ 0x20);
		if (i < REC_MAGIC_LEN) {
			assert_int_equal(n, -RECREADER_EFOREIGN);
		} else if (i < ends[0]) {
			assert_true(n == -RECREADER_EDAMAGED || n == -RECREADER_EVERSION);
		} else {
			for (before = 0; ends[before + 1] <= i; before++)
				;
			/* Filling is not looked at. */
			assert_true((size_t)n == before || n == N_FRAMES);
			assert_true((how == RECREADER_GOOD) == (n == N_FRAMES));
		}
	}
	buf_free(&file);
}

static void test_foreign(void **state)
{
	static const char elf[] = "\177ELF and so on";
	uint64_t ends[N_FRAMES + 1];
	struct buf file = make(ends);
	struct rec_header h, was;
	enum recreader_state how;

	(void)state;
	memcpy(&was, file.s, sizeof(was));
	assert_int_equal(read_all(elf, sizeof(elf), &how), -RECREADER_EFOREIGN);
	assert_int_equal(read_all("x", 1, &how), -RECREADER_EFOREIGN);

	h = was;
	h.order = 0x04030201;
	memcpy(file.s, &h, sizeof(h));
	assert_int_equal(read_all(file.s, file.len, &how), -RECREADER_EORDER);
	h = was;
	h.version = 2;
	memcpy(file.s, &h, sizeof(h));
	assert_int_equal(read_all(file.s, file.len, &how), -RECREADER_EVERSION);
	/* also where another version's header is shorter */
	assert_int_equal(read_all(file.s, 24, &how), -RECREADER_EVERSION);
	buf_free(&file);
}

static void put_header(struct buf *file, uint32_t size)
{
	struct rec_header h = { .order = REC_ORDER, .version = REC_VERSION, .size = size };

	memcpy(h.magic, REC_MAGIC, REC_MAGIC_LEN);
	/* not ended by a zero */
	memset(h.machine, 'm', sizeof(h.machine));
	memset(h.release, 'r', sizeof(h.release));
	h.crc = libdeflate_crc32(0, &h, offsetof(struct rec_header, crc));
	buf_reset(file);
	buf_add(file, &h, sizeof(h));
}

/* A header that a later writer made longer; and sizes that nobody wrote. */
static void test_header_size(void **state)
{
	static const uint32_t bad[] = { 0, 8, 144, 153, 8192, UINT32_MAX, UINT32_MAX - 7 };
	enum recreader_state how;
	struct buf file = { 0 };
	struct recreader r;
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put_header(&file, bad[i]);
		assert_int_equal(read_all(file.s, file.len, &how), -RECREADER_EDAMAGED);
	}
	put_header(&file, sizeof(struct rec_header) + 8);
	assert_int_equal(read_all(file.s, file.len, &how), -RECREADER_ESHORT);
	buf_add(&file, "12345678", 8);
	assert_int_equal(read_all(file.s, file.len, &how), 0);
	assert_int_equal(how, RECREADER_GOOD);
	fd = file_of(file.s, file.len);
	assert_int_equal(recreader_open(&r, fd), 0);
	assert_int_equal(strlen(r.header.machine), sizeof(r.header.machine) - 1);
	assert_int_equal(strlen(r.header.release), sizeof(r.header.release) - 1);
	recreader_free(&r);
	close(fd);
	buf_free(&file);
}

static void test_lengths(void **state)
{
	static const struct {
		uint32_t len;
		enum recreader_state how;
	} table[] = {
		{ 17, RECREADER_TORN },
		{ REC_FRAME_MAX, RECREADER_TORN },
		{ REC_FRAME_MAX + 1, RECREADER_DAMAGED },
		{ INT32_MAX, RECREADER_DAMAGED },
		{ UINT32_MAX - 7, RECREADER_DAMAGED },
		{ UINT32_MAX, RECREADER_DAMAGED },
	};
	struct rec_frame f = { .type = REC_EVENT };
	enum recreader_state how;
	struct buf file = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		put_header(&file, sizeof(struct rec_header));
		f.len = table[i].len;
		buf_add(&file, &f, sizeof(f));
		buf_add(&file, "0123456789abcdef", 16);
		assert_int_equal(read_all(file.s, file.len, &how), 0);
		assert_int_equal(how, table[i].how);
	}
	/* zeros, as a file system can leave them behind after a crash */
	put_header(&file, sizeof(struct rec_header));
	for (i = 0; i < 100; i++)
		buf_putc(&file, '\0');
	assert_int_equal(read_all(file.s, file.len, &how), 0);
	assert_int_equal(how, RECREADER_DAMAGED);
	buf_free(&file);
}

/* The largest frame, several times: more than the reader's window. */
static void test_large(void **state)
{
	struct rec_header h = { 0 };
	char *bytes = malloc(REC_FRAME_MAX);
	struct recreader_frame f;
	struct recreader r;
	struct recwriter w;
	int fd, i;

	(void)state;
	assert_non_null(bytes);
	fd = memfd_create("recording", MFD_CLOEXEC);
	recwriter_init(&w, fd);
	recwriter_header(&w, &h);
	for (i = 0; i < 9; i++) {
		memset(bytes, 'a' + i, REC_FRAME_MAX);
		recwriter_frame(&w, REC_PART, bytes, REC_FRAME_MAX - (i == 4) * 3);
		assert_int_equal(out_flush(&w.out), 0);
	}
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(recreader_open(&r, fd), 0);
	for (i = 0; i < 9; i++) {
		assert_int_equal(recreader_peek(&r, &f), 1);
		assert_int_equal(f.len, REC_FRAME_MAX - (i == 4) * 3);
		assert_int_equal(*(char *)f.bytes, 'a' + i);
		recreader_skip(&r);
	}
	assert_int_equal(recreader_peek(&r, &f), 0);
	assert_int_equal(r.offset, w.bytes);
	recreader_free(&r);
	recwriter_free(&w);
	free(bytes);
	close(fd);
}

/* A file that can be executed: written down, read, and kept once. */
static void test_files(void **state)
{
	struct recfile file = {
		.file = { "/usr/lib/a b", 7, 8, 1 },
		.size = 1ull << 33, .mtime = -5, .id = { 1, 2, 3 }, .id_len = 3,
	}, read;
	struct region r = check_file(0x1000, 0x2000, "r-xp", 0, file.file.name);
	struct recfiles files = { 0 };
	struct buf b = { 0 };
	const struct recfile *found;
	uint32_t too_long = 65;
	size_t len;

	(void)state;
	recfile_put(&b, &file);
	assert_int_equal(recfile_parse(&read, b.s, b.len), 0);
	assert_string_equal(read.file.name, file.file.name);
	read.file.name = file.file.name;
	assert_memory_equal(&read, &file, sizeof(file));

	r.inode = 7;
	r.dev_major = 8;
	r.dev_minor = 1;
	assert_null(recfiles_find(&files, &r));
	assert_int_equal(recfiles_add(&files, &read), 0);
	read.size = 0;
	assert_int_equal(recfiles_add(&files, &read), 0);
	found = recfiles_find(&files, &r);
	assert_true(found && found->size == file.size && found->file.name != file.file.name);
	r.dev_minor = 2;
	assert_null(recfiles_find(&files, &r));
	recfiles_free(&files);

	/* cut off, without an end of its name, with a build id that is too long */
	for (len = 0; len < b.len; len++)
		assert_int_equal(recfile_parse(&read, b.s, len), -EBADMSG);
	memcpy(b.s + offsetof(struct rec_file, id_len), &too_long, sizeof(too_long));
	assert_int_equal(recfile_parse(&read, b.s, b.len), -EBADMSG);
	buf_free(&b);
}

/* Whether a file is the one that was recorded: this program, and a copy of it. */
static void test_same_file(void **state)
{
	struct recfile file = { .file.name = "/dev/null" };
	char path[4096];
	ssize_t len;
	int fd;

	(void)state;
	len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	assert_true(len > 0);
	path[len] = '\0';
	assert_int_equal(recfile_open(&file), -EINVAL);
	file.file.name = "/nowhere";
	assert_int_equal(recfile_open(&file), -ENOENT);
	/* of which nothing was known */
	file.file.name = path;
	assert_int_equal(recfile_open(&file), -ESTALE);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	recfile_read(&file, fd);
	close(fd);
	assert_true(file.size && file.id_len);
	file.size = 0;
	fd = recfile_open(&file);
	assert_true(fd >= 0);
	close(fd);
	file.id[0] ^= 1;
	assert_int_equal(recfile_open(&file), -ESTALE);
	/* without a build id it is size and time */
	file.id_len = 0;
	assert_int_equal(recfile_open(&file), -ESTALE);
}

/* A recording can name anything: only what the kernel can have told is opened, and no link. */
static void test_names(void **state)
{
	static const char *const names[] = { "", "file", "/", "//file", "/./file", "/a/../file",
					     "/a/..", "/a//file", "/file/" };
	struct recfile file = { 0 };
	char made[] = "/tmp/vasmon-XXXXXX", real[4096];
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		file.file.name = names[i];
		assert_int_equal(recfile_open(&file), -EACCES);
	}
	/* what only looks like it */
	file.file.name = "/...";
	assert_int_equal(recfile_open(&file), -ENOENT);
	file.file.name = "/.hidden from nobody";
	assert_int_equal(recfile_open(&file), -ENOENT);

	fd = mkstemp(made);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(unlink(made), 0);
	assert_int_equal(symlink("/proc/self/exe", made), 0);
	assert_non_null(realpath("/tmp", real));
	memcpy(real + strlen(real), strrchr(made, '/'), strlen(strrchr(made, '/')) + 1);
	file.file.name = real;
	fd = recfile_open(&file);
	assert_int_equal(unlink(made), 0);
	assert_int_equal(fd, -ELOOP);
}

static void test_full_disk(void **state)
{
	struct rec_header h = { 0 };
	struct recwriter w;
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	recwriter_init(&w, fd);
	recwriter_header(&w, &h);
	assert_int_equal(out_flush(&w.out), -ENOSPC);
	recwriter_free(&w);
	close(fd);
}

/* --- How far reading has got. */

static void is_shown(int terminal, const char *wanted)
{
	char text[100] = "";
	ssize_t n = read(terminal, text, sizeof(text) - 1);

	assert_string_equal(n > 0 ? text : "", wanted);
}

static void test_progress(void **state)
{
	uint64_t second = 1000000000, start = 5 * second;
	int file = memfd_create("progress", 0), terminal, line;
	struct progress p;

	(void)state;
	assert_int_equal(ftruncate(file, 1000), 0);
	terminal = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	assert_true(terminal >= 0 && !grantpt(terminal) && !unlockpt(terminal));
	line = open(ptsname(terminal), O_RDWR | O_NOCTTY);
	assert_true(line >= 0);

	/* nothing in the first second, then five times a second at most */
	progress_begin(&p, "a\033b", file, -1, line);
	progress_look(&p, 100, start);
	progress_look(&p, 200, start + second - 1);
	is_shown(terminal, "");
	progress_look(&p, 250, start + second);
	is_shown(terminal, "\rreading a\\033b: 25 % ");
	progress_look(&p, 300, start + second + 1);
	is_shown(terminal, "");
	progress_look(&p, 2000, start + 2 * second);
	is_shown(terminal, "\rreading a\\033b: 100 % ");
	progress_end(&p);
	is_shown(terminal, "\r\033[K");

	/* what was quick leaves nothing; what is no terminal gets nothing */
	progress_begin(&p, "x", file, -1, line);
	progress_look(&p, 100, start);
	progress_end(&p);
	is_shown(terminal, "");
	progress_begin(&p, "x", file, line, line);
	progress_step(&p, 500);
	assert_int_equal(p.tell, -1);
	progress_begin(&p, "x", file, -1, file);
	assert_int_equal(p.tell, -1);
	close(line);
	close(terminal);
	close(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crc),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_torn),
		cmocka_unit_test(test_flipped),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_header_size),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_same_file),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_progress),
	};

	return cmocka_run_group_tests_name("recording", tests, NULL, NULL);
}
