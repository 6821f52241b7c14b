/* SPDX-License-Identifier: Apache-2.0 */
/* base/file.c and own.c: whole files, holes, handles. */
#include "base/file.h"
#include "base/own.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void *ctx;
static char top[] = "/tmp/test-file-XXXXXX";
static int dir;

static int
setup(void **state)
{
	(void)state;
	ctx = talloc_new(NULL);
	if (!mkdtemp(top))
		return -1;
	dir = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return dir < 0;
}

static int
teardown(void **state)
{
	static const char *const names[] = {"a",    "big", "out",
					    "fifo", "sub", "link"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (unlinkat(dir, names[i], 0) < 0)
			unlinkat(dir, names[i], AT_REMOVEDIR);
	close(dir);
	talloc_free(ctx);
	return rmdir(top);
}

static void
read_and_write(void **state)
{
	struct err e = {0};
	struct stat st;
	char *buf;
	size_t len;

	(void)state;
	assert_int_equal(file_read(ctx, dir, "a", 10, &buf, &len, &e), 1);
	assert_null(buf);
	umask(077);
	assert_int_equal(file_write(dir, "a", "x\0y", 3, 0644, &e), 0);
	umask(022);
	assert_int_equal(fstatat(dir, "a", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	assert_int_equal(file_read(ctx, dir, "a", 3, &buf, &len, &e), 0);
	assert_int_equal(len, 3);
	assert_memory_equal(buf, "x\0y", 4);
	assert_int_equal(file_read(ctx, dir, "a", 2, &buf, &len, &e),
			 ERR_LIMIT);
	assert_null(buf);
	assert_int_equal(file_write(dir, "a", "", 0, 0600, &e), 0);
	assert_int_equal(file_read(ctx, dir, "a", 0, &buf, &len, &e), 0);
	assert_int_equal(len, 0);
	assert_string_equal(buf, "");
	/* says that its size is 0 */
	assert_int_equal(file_read(ctx, AT_FDCWD, "/proc/self/status", 1 << 20,
				   &buf, &len, &e),
			 0);
	assert_true(len > 100 && strlen(buf) == len);
}

static void
not_files(void **state)
{
	struct err e = {0};
	char *buf;
	size_t len;

	(void)state;
	assert_int_equal(mkfifoat(dir, "fifo", 0600), 0);
	assert_int_equal(mkdirat(dir, "sub", 0700), 0);
	assert_true(file_read(ctx, dir, "fifo", 10, &buf, &len, &e) < 0);
	assert_true(file_read(ctx, dir, "sub", 10, &buf, &len, &e) < 0);
	assert_true(file_read(ctx, dir, "/dev/zero", 10, &buf, &len, &e) < 0);
	assert_int_equal(file_read(ctx, dir, "fifo/x", 10, &buf, &len, &e), 1);
	assert_true(file_write(dir, "sub", "x", 1, 0600, &e) < 0);
	assert_true(file_write(dir, "no/such", "x", 1, 0600, &e) < 0);
	/* nothing is left of an attempt */
	assert_int_equal(unlinkat(dir, "sub", AT_REMOVEDIR), 0);
}

static void
replaces_links(void **state)
{
	struct err e = {0};
	struct stat st;

	(void)state;
	assert_int_equal(symlinkat("/etc/passwd", dir, "link"), 0);
	assert_int_equal(file_write(dir, "link", "x", 1, 0600, &e), 0);
	assert_int_equal(fstatat(dir, "link", &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(S_ISREG(st.st_mode));
}

static void
copies(void **state)
{
	static const off_t marks[] = {0, 5 << 20, (9 << 20) + 17, 20 << 20};
	struct err e = {0};
	struct stat a, b;
	char one[64], two[64];
	int in = openat(dir, "big", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int out = openat(dir, "out", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pwrite(in, "a piece of data", 15, marks[i]),
				 15);
	assert_int_equal(ftruncate(in, 30 << 20), 0);
	assert_int_equal(file_copy_fd(in, out, &e), 0);
	fstat(in, &a);
	fstat(out, &b);
	assert_int_equal(a.st_size, b.st_size);
	assert_true(b.st_blocks <= a.st_blocks + 64);
	for (size_t i = 0; i < 4; i++) {
		assert_true(pread(in, one, 64, marks[i]) == 64);
		assert_true(pread(out, two, 64, marks[i]) == 64);
		assert_memory_equal(one, two, 64);
	}
	/* from the middle to the middle */
	assert_int_equal(ftruncate(out, 0), 0);
	lseek(in, marks[2] - 10, SEEK_SET);
	lseek(out, 3, SEEK_SET);
	assert_int_equal(file_copy_fd(in, out, &e), 0);
	fstat(out, &b);
	assert_int_equal(b.st_size, (30 << 20) - (marks[2] - 10) + 3);
	assert_true(pread(out, two, 15, 13) == 15);
	assert_memory_equal(two, "a piece of data", 15);
	close(in);
	close(out);
}

static void
copies_streams(void **state)
{
	struct err e = {0};
	char buf[8];
	int p[2], q[2], proc;

	(void)state;
	assert_int_equal(pipe(p) | pipe(q), 0);
	assert_int_equal(write(p[1], "hello", 5), 5);
	close(p[1]);
	assert_int_equal(file_copy_fd(p[0], q[1], &e), 0);
	assert_int_equal(read(q[0], buf, 8), 5);
	assert_memory_equal(buf, "hello", 5);
	close(p[0]);
	close(q[0]);
	close(q[1]);
	proc = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	p[0] = openat(dir, "out", O_RDWR | O_TRUNC | O_CLOEXEC);
	assert_int_equal(file_copy_fd(proc, p[0], &e), 0);
	assert_true(lseek(p[0], 0, SEEK_END) > 100);
	close(proc);
	close(p[0]);
	p[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	p[1] = open("/dev/full", O_WRONLY | O_CLOEXEC);
	proc = openat(dir, "out", O_RDONLY | O_CLOEXEC);
	assert_true(file_copy_fd(proc, p[1], &e) < 0);
	close(p[0]);
	close(p[1]);
	close(proc);
}

static int released;

static void
release(void *handle)
{
	released += *(int *)handle;
}

static void
ownership(void **state)
{
	void *mine = talloc_new(NULL);
	int value = 3, fd = own_fd(mine, dup(dir));

	(void)state;
	own(mine, &value, release);
	own(mine, &value, release);
	assert_true(fcntl(fd, F_GETFD) >= 0);
	talloc_free(mine);
	assert_int_equal(released, 6);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(own_fd(NULL, -1), -1);
	{
		int inner OWNED_FD = dup(dir);

		fd = inner;
	}
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(read_and_write), cmocka_unit_test(not_files),
	    cmocka_unit_test(replaces_links), cmocka_unit_test(copies),
	    cmocka_unit_test(copies_streams), cmocka_unit_test(ownership),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
