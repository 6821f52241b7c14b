/* SPDX-License-Identifier: Apache-2.0 */
/* What a session said before: kept apart, in order, the oldest let go. */
#include "base/memory.h"
#include "effects/said_before.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

#include <cmocka.h>

static struct session
session(const char *id, uint32_t uid)
{
	return (struct session){.id = id, .uid = uid};
}

static void
says(const struct session *s, const char *record, size_t len)
{
	void *ctx = talloc_new(NULL);
	size_t n;
	char *got = said_before(ctx, s, &n);

	assert_int_equal(n, len);
	if (len)
		assert_memory_equal(got, record, len);
	else
		assert_null(got);
	talloc_free(ctx);
}

static void
test_apart(void **state)
{
	struct session a = session("a", 1), other = session("a", 2),
		       b = session("b", 1);

	(void)state;
	says(&a, "", 0);
	said_before_add(&a, "x\0y\0", 5);
	said_before_add(&a, "z\0", 3);
	says(&a, "x\0y\0\0z\0", 8);
	says(&other, "", 0);
	says(&b, "", 0);
}

static void
test_of_another_process(void **state)
{
	struct session s = session("forked", 1);
	pid_t pid;
	int status;

	(void)state;
	pid = fork();
	if (pid == 0) {
		said_before_add(&s, "child\0", 7);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	says(&s, "child\0", 7);
}

static void
test_oldest_go(void **state)
{
	struct session s = session("long", 1);
	char record[1002];
	void *ctx = talloc_new(NULL);
	size_t n;
	char *got;

	(void)state;
	for (int i = 0; i < 20; i++) {
		memset(record, 'a' + i, 1000);
		record[1000] = record[1001] = '\0';
		said_before_add(&s, record, sizeof(record));
	}
	got = said_before(ctx, &s, &n);
	assert_int_equal(n, 8 * sizeof(record));
	assert_int_equal(got[0], 'a' + 12);
	assert_int_equal(got[n - 3], 'a' + 19);
	/* too long a one is not taken */
	said_before_add(&s, got, 2000);
	says(&s, got, n);
	talloc_free(ctx);
}

static void
test_many_sessions(void **state)
{
	char id[32];

	(void)state;
	for (int i = 0; i < 40; i++) {
		struct session s;

		snprintf(id, sizeof(id), "many-%d", i);
		s = session(id, 1);
		said_before_add(&s, id, strlen(id) + 1);
	}
	for (int i = 0; i < 40; i++) {
		struct session s;

		snprintf(id, sizeof(id), "many-%d", i);
		s = session(id, 1);
		says(&s, id, i < 8 ? 0 : strlen(id) + 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_apart),
	    cmocka_unit_test(test_of_another_process),
	    cmocka_unit_test(test_oldest_go),
	    cmocka_unit_test(test_many_sessions),
	};

	said_before_prepare();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
