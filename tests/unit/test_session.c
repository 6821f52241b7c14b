/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions: found by id and uid, never another's; facts of first sight. */
#include "invocation/session.h"
#include "sessions.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <talloc.h>
#include <unistd.h>

#include <cmocka.h>

static void
found_by_id_and_uid(void **state)
{
	void *ctx = talloc_new(NULL);
	struct sessions all = {0};
	bool known;

	(void)state;
	assert_string_equal(session_find(&all, "a", 1, &known)->id, "default");
	sessions_add(ctx, &all, "default-x", "/h", 1);
	sessions_add(ctx, &all, "a", "/a", 1);
	sessions_add(ctx, &all, "b", "/b", 2);
	sessions_add(ctx, &all, "default-y", "/", 2);
	assert_string_equal(session_find(&all, "a", 1, &known)->id, "a");
	assert_true(known);
	assert_string_equal(session_find(&all, "a", 2, &known)->id,
			    "default-y");
	assert_false(known);
	assert_string_equal(session_find(&all, "b", 1, &known)->id,
			    "default-x");
	assert_string_equal(session_find(&all, NULL, 1, &known)->id,
			    "default-x");
	assert_string_equal(session_find(&all, NULL, 3, &known)->id, "default");
	assert_false(known);
	talloc_free(ctx);
}

static void
ids(void **state)
{
	char id[80];

	(void)state;
	assert_true(session_id_valid("a"));
	assert_true(session_id_valid("A-z_09"));
	assert_false(session_id_valid(""));
	assert_false(session_id_valid("a b"));
	assert_false(session_id_valid("a/b"));
	assert_false(session_id_valid("a\n"));
	assert_false(session_id_valid("\xc3\xa4"));
	memset(id, 'a', sizeof(id));
	id[65] = '\0';
	assert_false(session_id_valid(id));
	id[64] = '\0';
	assert_true(session_id_valid(id));
}

static void
first_sight_wins(void **state)
{
	void *ctx = talloc_new(NULL);
	struct sessions all = {0};
	struct session *s = sessions_add(ctx, &all, "a", "/", 1);

	(void)state;
	assert_null(session_facts(s, "p"));
	sessions_facts(s, "p", "remote origin /x\nhead refs/heads/main\n");
	sessions_facts(s, "q", "head refs/heads/q\n");
	sessions_facts(s, "p", "remote origin /evil\ncreated /x r\n");
	sessions_facts(s, "p", "created /x r\ncreated /x r2\nhead z\ncrea");
	assert_string_equal(session_facts(s, "p")->text,
			    "remote origin /x\nhead refs/heads/main\n"
			    "created /x r\ncreated /x r2\n");
	assert_string_equal(session_facts(s, "q")->text, "head refs/heads/q\n");
	sessions_facts(s, "n", "");
	sessions_facts(s, "n", "created /x r\n");
	assert_string_equal(session_facts(s, "n")->text, "created /x r\n");
	talloc_free(ctx);
}

static void
the_oldest_are_forgotten_but_no_default(void **state)
{
	void *ctx = talloc_new(NULL);
	struct sessions all = {0};
	char id[16];

	(void)state;
	sessions_add(ctx, &all, "default-x", "/", 1);
	for (int i = 0; i < 1100; i++) {
		snprintf(id, sizeof(id), "s%d", i);
		sessions_trim(&all);
		sessions_add(ctx, &all, id, "/", 1);
	}
	assert_int_equal(all.n, 1025);
	assert_non_null(sessions_default(&all, 1));
	assert_null(sessions_named(&all, "s0"));
	assert_non_null(sessions_named(&all, "s1099"));
	talloc_free(ctx);
}

static void
made_in_the_session(void **state)
{
	char old[] = "/tmp/automode-session.XXXXXX";
	char new[] = "/tmp/automode-session.XXXXXX";
	struct timespec wait = {.tv_nsec = 30000000};
	void *ctx = talloc_new(NULL);
	struct sessions all = {0};
	struct session *s;
	int a = mkstemp(old), b;

	(void)state;
	nanosleep(&wait, NULL);
	s = sessions_add(ctx, &all, "a", "/", 1);
	nanosleep(&wait, NULL);
	b = mkstemp(new);
	assert_true(a >= 0 && b >= 0);
	assert_false(session_made(s, old));
	assert_false(session_made(s, "/nonexistent"));
	/* where the file system keeps birth times at all */
	if (session_made(s, new)) {
		assert_int_equal(write(a, "x", 1), 1);
		assert_false(session_made(s, old));
	}
	close(a);
	close(b);
	unlink(old);
	unlink(new);
	talloc_free(ctx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(found_by_id_and_uid),
	    cmocka_unit_test(ids),
	    cmocka_unit_test(first_sight_wins),
	    cmocka_unit_test(the_oldest_are_forgotten_but_no_default),
	    cmocka_unit_test(made_in_the_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
