/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is remembered of files that were looked through: not after any way in
 * which their bytes, or what is looked for, may have become others.
 */
#include "effects/secrets_work.h"
#include <fcntl.h>
#include <linux/magic.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define VALUE "Vq7xLm29TzRb4KpWs8Yd"
#define OTHER "Hn3cUe60JgXa5QfMt1Zo"
#define LEN   (64u << 10)

static const char *env[] = {"PAY_TOKEN=" VALUE, "OTHER_TOKEN=" OTHER, NULL};
static struct invocation in = {.cwd = "/nonexistent", .env = env, .envc = 1};
static struct scope_rules rules;
static char dir[] = "/var/tmp/automode-seen.XXXXXX", file[64], more[64];
static struct stat made;

/* A command of its own. */
static struct secrets *
command(void)
{
	struct secrets *s;

	assert_int_equal(secrets_begin(NULL, &in, &rules, NULL, &s, NULL), 0);
	return s;
}

static size_t
scan(struct secrets *s, int fd)
{
	struct secret_found v[4];
	char *text = talloc_size(s, LEN);
	ssize_t n = pread(fd, text, LEN, 0);

	assert_true(n >= 0);
	return secrets_scan(s, text, (size_t)n, "a test", v, 4);
}

/* Was it known?  Else it is looked through. */
static bool
known(const char *path)
{
	struct secrets *s = command();
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct secrets_look l;
	bool seen;

	assert_true(fd >= 0);
	seen = secrets_seen(s, fd, &l);
	if (!seen)
		secrets_looked(s, &l, scan(s, fd) == 0);
	assert_int_equal(l.fd, -1);
	close(fd);
	talloc_free(s);
	return seen;
}

static void
make(const char *path)
{
	char text[LEN];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	memset(text, '.', sizeof(text));
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, sizeof(text)), sizeof(text));
	close(fd);
}

/* The file, looked through. */
static int
begin(void **state)
{
	(void)state;
	make(file);
	assert_int_equal(stat(file, &made), 0);
	assert_false(known(file));
	assert_true(known(file));
	return 0;
}

static int
end(void **state)
{
	(void)state;
	in.env = env;
	in.envc = 1;
	unlink(file);
	unlink(more);
	return 0;
}

static void
times_back(const char *path)
{
	const struct timespec t[2] = {made.st_atim, made.st_mtim};

	assert_int_equal(utimensat(AT_FDCWD, path, t, 0), 0);
}

static void
put(const char *path, off_t at, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, VALUE, strlen(VALUE), at), strlen(VALUE));
	close(fd);
}

/* In another process: of this uid, or of that. */
static bool
known_there(const char *path, uid_t uid)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (uid && setresuid(uid, uid, uid) < 0)
			_exit(2);
		_exit(known(path));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
	return WEXITSTATUS(status);
}

static void
knows_in_any_process(void **state)
{
	(void)state;
	assert_true(known(file));
	assert_true(known_there(file, 0));
	make(more);
	assert_false(known_there(more, 0));
	assert_true(known_there(more, 0));
	assert_true(known(more));
	put(more, 0, O_WRONLY);
	assert_false(known_there(more, 0));
	assert_false(known_there(more, 0));
	assert_true(known(file));
}

static void
never_with_a_finding(void **state)
{
	(void)state;
	put(file, LEN / 2, O_WRONLY);
	for (int i = 0; i < 3; i++)
		assert_false(known(file));
}

static void
not_once_written_to(void **state)
{
	static const int flags[] = {O_WRONLY, O_RDWR, O_WRONLY | O_APPEND};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		put(file, 100, flags[i]);
		times_back(file);
		assert_false(known(file));
		unlink(file);
		make(file);
		assert_false(known(file));
		assert_true(known(file));
	}
}

/* As when it has exchanged its blocks with another file's. */
static void
not_once_open_for_writing(void **state)
{
	struct stat st;
	int fd = open(file, O_RDWR | O_CLOEXEC);

	(void)state;
	assert_false(known(file));
	close(fd);
	assert_int_equal(stat(file, &st), 0);
	assert_true(st.st_ctim.tv_sec == made.st_ctim.tv_sec &&
		    st.st_ctim.tv_nsec == made.st_ctim.tv_nsec);
	assert_false(known(file));
	assert_true(known(file));
}

static void
not_once_shortened(void **state)
{
	(void)state;
	assert_int_equal(truncate(file, 0), 0);
	assert_int_equal(truncate(file, LEN), 0);
	times_back(file);
	assert_false(known(file));
}

static char *
map(const char *path, int *fd)
{
	char *p;

	*fd = open(path, O_RDWR | O_CLOEXEC);
	p = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	assert_true(p != MAP_FAILED);
	return p;
}

static void
not_while_mapped_for_writing(void **state)
{
	char *p;
	int fd;

	(void)state;
	make(more);
	p = map(more, &fd);
	p[0] = ',';
	close(fd);
	for (int i = 0; i < 3; i++)
		assert_false(known(more));
	memcpy(p, VALUE, strlen(VALUE));
	assert_false(known(more));
	munmap(p, LEN);
	assert_false(known(more));
	assert_false(known(more));
}

static void
not_once_written_to_through_a_mapping(void **state)
{
	char *p;
	int fd;

	(void)state;
	p = map(file, &fd);
	close(fd);
	assert_int_equal(p[0], '.');
	memcpy(p, VALUE, strlen(VALUE));
	munmap(p, LEN);
	times_back(file);
	assert_false(known(file));
	assert_false(known(file));
}

static void
not_for_another_value(void **state)
{
	(void)state;
	in.envc = 2;
	assert_false(known(file));
	assert_true(known(file));
	in.envc = 1;
	assert_true(known(file));
	/* as many of them, and as long */
	in.env = env + 1;
	assert_false(known(file));
	in.envc = 0;
	assert_false(known(file));
}

static void
not_another_file_of_that_name(void **state)
{
	struct stat st;

	(void)state;
	make(more);
	put(more, 0, O_WRONLY);
	times_back(more);
	assert_int_equal(rename(more, file), 0);
	assert_false(known(file));
	/* mostly the same inode again */
	assert_int_equal(unlink(file), 0);
	make(file);
	put(file, 0, O_WRONLY);
	times_back(file);
	assert_int_equal(stat(file, &st), 0);
	assert_false(known(file));
	assert_false(known(file));
}

/* A look at another file, that has begun. */
static int
begin_look(struct secrets *s, struct secrets_look *l)
{
	int fd;

	make(more);
	fd = open(more, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_false(secrets_seen(s, fd, l));
	assert_true(l->fd >= 0);
	return fd;
}

static void
not_when_written_to_meanwhile(void **state)
{
	struct secrets *s = command();
	struct secrets_look l;
	int fd, writer;

	(void)state;
	for (int i = 0; i < 3; i++) {
		fd = begin_look(s, &l);
		assert_int_equal(scan(s, fd), 0);
		writer = open(more, O_RDWR | O_CLOEXEC);
		if (i < 2) /* 1: in the same tick, or nothing at all */
			assert_int_equal(pwrite(writer, VALUE, i ? 0 : 20, 0),
					 i ? 0 : 20);
		if (i < 2)
			close(writer);
		secrets_looked(s, &l, true);
		if (i == 2)
			close(writer);
		close(fd);
		assert_false(known(more));
		unlink(more);
	}
	talloc_free(s);
}

static void
not_a_look_that_never_ended(void **state)
{
	struct secrets *s = command();
	struct secrets_look l;
	int fd = begin_look(s, &l);

	(void)state;
	close(l.fd);
	assert_false(known(more));
	assert_true(known(more));
	close(fd);
	talloc_free(s);
}

static void
not_what_was_not_seen_whole(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct secrets *s = command();
		struct secrets_look l;
		int fd = begin_look(s, &l);

		s->unread = i == 0;
		s->shallow = i == 1;
		secrets_looked(s, &l, true);
		assert_false(known(more));
		close(fd);
		unlink(more);
		talloc_free(s);
	}
}

/* Its time is the last tick's, so that a change which nobody tells of may have
 * the same; until one has passed that is so. */
static void
not_what_may_change_unseen(void **state)
{
	struct timespec t;
	struct stat st;
	int met = 0;

	(void)state;
	secrets_seen_at_once = true;
	for (int i = 0; i < 100; i++) {
		bool was;

		make(more);
		(void)known(more);
		was = known(more);
		clock_gettime(CLOCK_REALTIME_COARSE, &t);
		assert_int_equal(stat(more, &st), 0);
		if (t.tv_sec == st.st_ctim.tv_sec &&
		    t.tv_nsec == st.st_ctim.tv_nsec) {
			assert_false(was);
			met++;
		}
		unlink(more);
	}
	secrets_seen_at_once = false;
	print_message("%d of 100 within a tick\n", met);
	make(more);
	assert_false(known(more));
	assert_true(known(more));
}

static void
forgets_the_oldest(void **state)
{
	char path[96];

	(void)state;
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 70; i++) {
			snprintf(path, sizeof(path), "%s/n%d", dir, i);
			if (!round)
				make(path);
			assert_false(known(path));
			assert_true(known(path));
		}
	assert_false(known(file));
	put(path, 0, O_WRONLY);
	assert_false(known(path));
	for (int i = 0; i < 70; i++) {
		snprintf(path, sizeof(path), "%s/n%d", dir, i);
		unlink(path);
	}
}

/* At any point, also with the table in hand. */
static void
outlives_who_is_killed(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		pid_t pid = fork();

		if (pid == 0)
			for (;;) {
				make(more);
				(void)known(more);
				put(more, 0, O_WRONLY);
				(void)known(more);
				unlink(more);
			}
		usleep((useconds_t)(500 + 37 * i));
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		unlink(more);
		make(more);
		assert_false(known(more));
		assert_true(known(more));
		put(more, 0, O_WRONLY);
		assert_false(known(more));
		unlink(more);
	}
}

static void
only_its_owner(void **state)
{
	const uid_t nobody = 65534;

	(void)state;
	if (geteuid() != 0)
		return;
	make(more);
	assert_int_equal(chmod(more, 0644), 0);
	assert_int_equal(chmod(dir, 0755), 0);
	assert_false(known_there(more, nobody));
	assert_false(known_there(more, nobody));
	assert_int_equal(chown(more, nobody, nobody), 0);
	assert_false(known_there(more, nobody));
	assert_true(known_there(more, nobody));
	put(more, 0, O_WRONLY);
	assert_false(known_there(more, nobody));
}

static void
only_where_times_are_true(void **state)
{
	char path[] = "/dev/shm/automode-seen.XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	if (fd < 0)
		return;
	close(fd);
	assert_false(known(path));
	assert_false(known(path));
	unlink(path);
}

/* A folder of a file system on which something is remembered. */
static bool
has_place(void)
{
	struct statfs fs;

	if (!mkdtemp(dir) || statfs(dir, &fs) < 0)
		return false;
	snprintf(file, sizeof(file), "%s/file", dir);
	snprintf(more, sizeof(more), "%s/more", dir);
	return fs.f_type == EXT4_SUPER_MAGIC ||
	       fs.f_type == BTRFS_SUPER_MAGIC || fs.f_type == 0x58465342;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(knows_in_any_process),
	    TEST(never_with_a_finding),
	    TEST(not_once_written_to),
	    TEST(not_once_open_for_writing),
	    TEST(not_once_shortened),
	    TEST(not_while_mapped_for_writing),
	    TEST(not_once_written_to_through_a_mapping),
	    TEST(not_for_another_value),
	    TEST(not_another_file_of_that_name),
	    TEST(not_when_written_to_meanwhile),
	    TEST(not_a_look_that_never_ended),
	    TEST(not_what_was_not_seen_whole),
	    TEST(not_what_may_change_unseen),
	    TEST(forgets_the_oldest),
	    TEST(outlives_who_is_killed),
	    TEST(only_its_owner),
	    TEST(only_where_times_are_true),
	};
	struct err e = {0};
	int rc;

	invocation_set_home(getuid(), "/nonexistent");
	in.uid = getuid();
	if (secrets_load("profiles/secrets", &e) < 0) {
		printf("1..0 # %s\n", e.msg);
		return 1;
	}
	if (!has_place()) {
		printf("1..1\nok 1 # SKIP no such file system at /var/tmp\n");
		rmdir(dir);
		return 0;
	}
	secrets_seen_prepare();
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(dir);
	return rc;
}
