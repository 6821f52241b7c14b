/* SPDX-License-Identifier: Apache-2.0 */
/* base/err.c: the story of an error, its limits, and what it lets through. */
#include "base/err.h"
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void
wraps(void **state)
{
	struct err e = {0};

	(void)state;
	assert_int_equal(err_set(&e, ERR_SYNTAX, "line %d: what?", 3),
			 ERR_SYNTAX);
	assert_int_equal(err_wrap(&e, "reading %s", "x.automode"), ERR_SYNTAX);
	assert_int_equal(err_wrap(&e, "deciding"), ERR_SYNTAX);
	assert_int_equal(e.code, ERR_SYNTAX);
	assert_string_equal(e.msg,
			    "deciding: reading x.automode: line 3: what?");
}

static void
keeps_errno(void **state)
{
	struct err e = {0};

	(void)state;
	errno = ENOENT;
	assert_int_equal(err_sys(&e, "opening %s", "/x"), ERR_SYSTEM);
	assert_int_equal(errno, ENOENT);
	assert_string_equal(e.msg, "opening /x: No such file or directory");
	err_wrap(&e, "a");
	err_set(&e, ERR_LIMIT, "b");
	assert_int_equal(errno, ENOENT);
}

static void
never_succeeds(void **state)
{
	struct err e = {0};

	(void)state;
	assert_true(err_set(&e, ERR_NONE, "x") < 0);
	memset(&e, 0, sizeof(e));
	assert_true(err_wrap(&e, "nothing was set") < 0);
	assert_int_equal(err_set(NULL, ERR_LIMIT, "x"), ERR_LIMIT);
	assert_true(err_sys(NULL, "x") < 0);
	assert_true(err_git(NULL, "x") < 0);
	assert_true(err_wrap(NULL, "x") < 0);
}

static void
is_printable(void **state)
{
	struct err e = {0};

	(void)state;
	err_set(&e, ERR_UNKNOWN, "file '%s'", "a\nb\tc\033[31m\xff\\n\xc3\xa9");
	assert_string_equal(e.msg, "file 'a\\nb\\tc\\033[31m\\377\\n\xc3\xa9'");
	err_wrap(&e, "again");
	assert_string_equal(e.msg,
			    "again: file 'a\\nb\\tc\\033[31m\\377\\n\xc3\xa9'");
}

static void
is_cut(void **state)
{
	char name[8192];
	struct err e = {0};
	size_t len;

	(void)state;
	for (size_t i = 0; i + 2 < sizeof(name); i += 2)
		memcpy(name + i, "\xc3\xa9", 3);
	for (int shift = 0; shift < 3; shift++) {
		errno = EACCES;
		err_sys(&e, "opening %.*s%s", shift, "xx", name);
		len = strlen(e.msg);
		assert_true(len < sizeof(e.msg));
		assert_non_null(strstr(e.msg, "Permission denied"));
		for (int i = 0; i < 100; i++)
			err_wrap(&e, "once more, and longer each time");
		len = strlen(e.msg);
		assert_true(len < sizeof(e.msg));
		assert_string_equal(e.msg + len - 3, "...");
	}
	memset(name, 1, sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	err_set(&e, ERR_LIMIT, "%s", name);
	assert_true(strlen(e.msg) < sizeof(e.msg));
}

static void
bug_aborts(void **state)
{
	int status, p[2];
	char text[512] = "";
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(p), 0);
	pid = fork();
	if (pid == 0) {
		dup2(p[1], STDERR_FILENO);
		/* cmocka catches it, an abort message is not wanted here */
		signal(SIGABRT, SIG_DFL);
		BUG("broken %s", "a\nb");
	}
	close(p[1]);
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	assert_true(read(p[0], text, sizeof(text) - 1) > 0);
	close(p[0]);
	assert_non_null(strstr(text, "automode: internal error at "));
	assert_non_null(strstr(text, ": broken a\\nb\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(wraps),	      cmocka_unit_test(keeps_errno),
	    cmocka_unit_test(never_succeeds), cmocka_unit_test(is_printable),
	    cmocka_unit_test(is_cut),	      cmocka_unit_test(bug_aborts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
