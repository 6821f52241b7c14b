/* SPDX-License-Identifier: Apache-2.0 */
/* base/spawn.c: helpers run, limited, clean. */
#include "base/spawn.h"
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static void *ctx;

static int
setup(void **state)
{
	(void)state;
	ctx = talloc_new(NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	talloc_free(ctx);
	return 0;
}

/* The script is a constant of this test, not composed text. */
static int
shell(const char *script, struct spawn *s, struct err *e)
{
	const char *argv[] = {"sh", "-c", script, NULL};

	s->program = "/bin/sh";
	s->argv = argv;
	return spawn_run(ctx, s, e);
}

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
collects(void **state)
{
	const char *env[] = {"X=1", NULL};
	struct spawn s = {.env = env, .cwd = "/usr"};
	struct err e = {0};

	(void)state;
	assert_int_equal(shell("pwd; echo $X; echo oops >&2; exit 3", &s, &e),
			 0);
	assert_string_equal(s.output, "/usr\n1\n");
	assert_int_equal(s.output_len, 7);
	assert_string_equal(s.errors, "oops\n");
	assert_int_equal(s.status, 3);
	s = (struct spawn){0};
	assert_int_equal(shell("kill -9 $$", &s, &e), 0);
	assert_int_equal(s.status, 128 + 9);
	s = (struct spawn){0};
	assert_int_equal(shell("cat; set", &s, &e), 0);
	assert_null(strstr(s.output, "HOME="));
	s = (struct spawn){0};
	assert_int_equal(shell("yes | head -c 100000 >&2", &s, &e), 0);
	assert_int_equal(strlen(s.errors), 4096);
}

static void
feeds(void **state)
{
	size_t len = 3 << 20;
	char *in = talloc_size(ctx, len);
	struct spawn s = {.input = in, .input_len = len, .max_output = len};
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < len; i++)
		in[i] = (char)(i * 31 >> 3);
	assert_int_equal(shell("cat", &s, &e), 0);
	assert_int_equal(s.output_len, len);
	assert_memory_equal(s.output, in, len);
	/* does not want its input */
	s = (struct spawn){.input = in, .input_len = len};
	assert_int_equal(shell("exit 4", &s, &e), 0);
	assert_int_equal(s.status, 4);
}

static void
limits(void **state)
{
	struct spawn s = {.max_output = 1000};
	struct err e = {0};
	double begin;

	(void)state;
	assert_int_equal(shell("head -c 1000 /dev/zero", &s, &e), 0);
	assert_int_equal(s.output_len, 1000);
	assert_int_equal(shell("head -c 1001 /dev/zero", &s, &e), ERR_LIMIT);
	assert_int_equal(shell("yes", &s, &e), ERR_LIMIT);
	begin = now();
	s = (struct spawn){.timeout_ms = 200};
	assert_int_equal(shell("sleep 60 & sleep 60", &s, &e), ERR_LIMIT);
	assert_true(now() - begin < 5);
	/* a child that stays behind with our pipe is not waited for */
	begin = now();
	s = (struct spawn){0};
	assert_int_equal(shell("sleep 3 & echo done", &s, &e), 0);
	assert_string_equal(s.output, "done\n");
	assert_true(now() - begin < 2);
}

static void
clean(void **state)
{
	struct spawn s = {0};
	struct sigaction ign = {.sa_handler = SIG_IGN}, old;
	sigset_t mask, before;
	struct err e = {0};
	int keep = fcntl(1, F_DUPFD, 40), other = fcntl(1, F_DUPFD, 30);
	char *none, *seven;

	(void)state;
	assert_true(keep >= 40 && other >= 30);
	sigaction(SIGHUP, &ign, &old);
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	sigprocmask(SIG_BLOCK, &mask, &before);
	assert_int_equal(
	    shell("grep -E 'Sig(Ign|Blk)' /proc/self/status", &s, &e), 0);
	none = strstr(s.output, "SigBlk:\t0000000000000000");
	assert_non_null(none);
	assert_non_null(strstr(s.output, "SigIgn:\t0000000000000000"));
	sigprocmask(SIG_SETMASK, &before, NULL);
	sigaction(SIGHUP, &old, NULL);
	s = (struct spawn){.keep_fds = &keep, .nkeep_fds = 1};
	assert_int_equal(shell("for n in /proc/$$/fd/*; do echo ${n##*/}; "
			       "done",
			       &s, &e),
			 0);
	seven = talloc_asprintf(ctx, "\n%d\n", keep);
	assert_non_null(strstr(s.output, seven));
	assert_null(strstr(s.output, talloc_asprintf(ctx, "\n%d\n", other)));
	close(keep);
	close(other);
}

static void
cannot(void **state)
{
	const char *argv[] = {"x", NULL};
	struct spawn s = {.program = "/no/such/program", .argv = argv};
	struct err e = {0};

	(void)state;
	assert_int_equal(spawn_run(ctx, &s, &e), ERR_SYSTEM);
	assert_string_equal(
	    e.msg, "running /no/such/program: No such file or directory");
	s = (struct spawn){.cwd = "/no/dir"};
	assert_int_equal(shell("true", &s, &e), ERR_SYSTEM);
	assert_non_null(strstr(e.msg, "entering the directory"));
}

/* Also when our own 0-2 are closed. */
static void
without_stdio(void **state)
{
	int saved[3];
	struct spawn s = {.input = "in", .input_len = 2};
	struct err e = {0};
	int rc;

	(void)state;
	for (int fd = 0; fd < 3; fd++) {
		saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 50);
		close(fd);
	}
	rc = shell("cat; echo err >&2", &s, &e);
	for (int fd = 0; fd < 3; fd++) {
		dup2(saved[fd], fd);
		close(saved[fd]);
	}
	assert_int_equal(rc, 0);
	assert_string_equal(s.output, "in");
	assert_string_equal(s.errors, "err\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(collects), cmocka_unit_test(feeds),
	    cmocka_unit_test(limits),	cmocka_unit_test(clean),
	    cmocka_unit_test(cannot),	cmocka_unit_test(without_stdio),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
