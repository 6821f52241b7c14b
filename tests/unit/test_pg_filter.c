/* SPDX-License-Identifier: Apache-2.0 */
/* transport/pg_filter.c: messages of a session that only reads. */
#include "transport/pg_filter.h"
#include "transport/pg_relay.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include <cmocka.h>

static void *ctx;
static struct pg_filter *f;
static struct pg_buffer in, out, answers, told;

static int
setup(void **state)
{
	(void)state;
	talloc_free(ctx);
	ctx = talloc_new(NULL);
	f = pg_filter_new(ctx, "the profile", NULL);
	in = out = answers = told = (struct pg_buffer){.ctx = ctx};
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	talloc_free(ctx);
	ctx = NULL;
	return 0;
}

static void
put(struct pg_buffer *b, char type, const void *body, size_t len)
{
	pg_buffer_add(b, &type, 1);
	pg_put_u32(b, (uint32_t)len + 4);
	pg_buffer_add(b, body, len);
}

static int
client(char type, const void *body, size_t len)
{
	struct err e = {0};

	put(&in, type, body, len);
	return pg_filter_client(f, &in, &out, &e);
}

static int
query(const char *text)
{
	return client('Q', text, strlen(text) + 1);
}

static int
server(char type, const void *body, size_t len)
{
	struct err e = {0};

	put(&answers, type, body, len);
	return pg_filter_server(f, &answers, &told, &e);
}

static bool
holds(const struct pg_buffer *b, const char *text)
{
	return b->len && memmem(b->p + b->at, b->len, text, strlen(text));
}

/* As PostgreSQL 15 complains of what it cannot parse. */
static void
complain(void)
{
	char text[200];
	const char *token = memmem(out.p + out.at, out.len, "automode_", 9);
	int n;

	assert_non_null(token);
	n = snprintf(text, sizeof(text),
		     "SERROR%cC42601%cMsyntax error at or near \"%s\"%c%c", 0,
		     0, token, 0, 0);
	assert_int_equal(server('E', text, (size_t)n), 0);
}

static void
ready(void)
{
	assert_int_equal(server('Z', "I", 1), 0);
}

static void
reads_pass(void **state)
{
	(void)state;
	assert_int_equal(query("select 1"), 0);
	assert_true(holds(&out, "select 1"));
	assert_int_equal(out.len, 5 + 9);
	assert_true(pg_filter_waits(f));
	ready();
	assert_false(pg_filter_waits(f));
	assert_int_equal(told.len, 6);
}

static void
writes_are_replaced(void **state)
{
	(void)state;
	assert_int_equal(query("delete from orders"), 0);
	assert_false(holds(&out, "delete"));
	complain();
	assert_false(holds(&told, "42601"));
	assert_true(holds(&told, "C25006"));
	assert_true(holds(&told, "automode: refused: DELETE"));
	assert_true(holds(&told, "Dthe profile"));
	ready();
	/* an error of the server's own is its own */
	assert_int_equal(server('E', "SERROR\0C22012\0Mdivision\0", 25), 0);
	assert_true(holds(&told, "division"));
}

/* Nothing follows before the server has said what has become of the session. */
static void
one_at_a_time(void **state)
{
	(void)state;
	assert_int_equal(query("select 1"), 0);
	assert_int_equal(query("select 2"), 0);
	assert_false(holds(&out, "select 2"));
	ready();
	assert_int_equal(client('X', NULL, 0), 0);
	assert_true(holds(&out, "select 2"));
	assert_false(pg_filter_ended(f));
	ready();
	assert_int_equal(pg_filter_client(f, &in, &out, NULL), 0);
	assert_true(pg_filter_ended(f));
}

static void
a_session_that_may_write_ends(void **state)
{
	static const char off[] = "default_transaction_read_only\0off";
	static const char on[] = "default_transaction_read_only\0on";
	static const char sjis[] = "client_encoding\0SJIS";
	static const char strings[] = "standard_conforming_strings\0off";

	(void)state;
	assert_int_equal(server('S', on, sizeof(on)), 0);
	assert_true(server('S', off, sizeof(off)) < 0);
	setup(NULL);
	assert_true(server('S', sjis, sizeof(sjis)) < 0);
	setup(NULL);
	assert_true(server('S', strings, sizeof(strings)) < 0);
	setup(NULL);
	assert_true(server('S', "name", 4) < 0);
}

static void
extended(void **state)
{
	static const char good[] = "a\0select $1\0\0"; /* and a NUL */
	static const char bad[] = "b\0delete from orders\0\0\1\0\0\0\27";
	static const char pair[] = "\0select 1; select 2\0\0";

	(void)state;
	assert_int_equal(client('P', good, sizeof(good)), 0);
	assert_int_equal(out.len, 5 + sizeof(good));
	assert_int_equal(client('B', "\0a\0\0\0\0\1\0\0\0\2xx\0\0", 15), 0);
	assert_int_equal(client('E', "\0\0\0\0\0", 5), 0);
	assert_false(pg_filter_waits(f));
	assert_int_equal(client('P', bad, sizeof(bad) - 1), 0);
	assert_false(holds(&out, "delete"));
	assert_true(holds(&out, "b"));
	assert_int_equal(client('S', NULL, 0), 0);
	assert_true(pg_filter_waits(f));
	complain();
	ready();
	assert_true(holds(&told, "C25006"));
	/* the server refuses these itself */
	assert_int_equal(client('P', pair, sizeof(pair)), 0);
}

/* Behind a COMMIT the settings may be others, and nobody has said so yet. */
static void
pipelines(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(client('E', "\0\0\0\0\0", 5), 0);
		assert_int_equal(client('E', "\0\0\0\0\0", 5), 0);
		assert_int_equal(client('S', NULL, 0), 0);
		ready();
	}
	assert_int_equal(query("commit"), 0);
	ready();
	assert_int_equal(client('P', "c\0commit\0\0", 11), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(client('E', "\0\0\0\0\0", 5), 0);
		assert_int_equal(client('S', NULL, 0), 0);
		ready();
	}
	assert_int_equal(client('E', "\0\0\0\0\0", 5), 0);
	assert_true(client('E', "\0\0\0\0\0", 5) < 0);
}

static void
no_protocol(void **state)
{
	(void)state;
	assert_true(client('p', "x", 2) < 0);
	setup(NULL);
	assert_true(client('Q', "select 1\0delete from orders", 28) < 0);
	setup(NULL);
	assert_true(client('Q', "select 1", 8) < 0);
	setup(NULL);
	assert_true(client('Q', NULL, 0) < 0);
	setup(NULL);
	assert_true(client('P', "a", 1) < 0);
	setup(NULL);
	assert_true(client('P', "a\0select 1", 11) < 0);
	setup(NULL);
	assert_true(client('S', "x", 1) < 0);
	setup(NULL);
	pg_buffer_add(&in, "Q\0\0\0\3", 5);
	assert_true(client('S', NULL, 0) < 0);
	setup(NULL);
	pg_buffer_add(&in, "Q\377\377\377\377", 5);
	assert_true(client('S', NULL, 0) < 0);
}

static void
functions_by_number_are_refused(void **state)
{
	(void)state;
	assert_int_equal(client('F', "\0\0\3\273\0\0\0\0\0\0", 10), 0);
	complain();
	assert_true(holds(&told, "C42501"));
	assert_true(pg_filter_waits(f));
}

/* In parts of every size. */
static void
in_parts(void **state)
{
	struct pg_buffer all = {.ctx = ctx}, part;
	struct err e = {0};

	(void)state;
	put(&all, 'P', "\0select 1\0\0", 12);
	put(&all, 'B', "\0\0\0\0\0\0\0\0", 8);
	put(&all, 'Q', "drop table orders", 18);
	for (size_t size = 1; size < 40; size++) {
		f = pg_filter_new(ctx, "", NULL);
		part = out = (struct pg_buffer){.ctx = ctx};
		for (size_t at = 0; at < all.len; at += size) {
			size_t n = all.len - at < size ? all.len - at : size;

			pg_buffer_add(&part, all.p + at, n);
			assert_int_equal(pg_filter_client(f, &part, &out, &e),
					 0);
		}
		assert_int_equal(part.len, 0);
		assert_true(holds(&out, "select 1"));
		assert_false(holds(&out, "drop"));
		assert_true(pg_filter_waits(f));
	}
}

/* What has passed once with other numbers does so again, and nothing else. */
static void
statements_that_are_known(void **state)
{
	static const char *const no[] = {
	    "delete from orders where id = 7",
	    "select f1(7)",
	    "select pg_advisory_lock(7), lo_create(0)",
	};

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(query("select a1 from t where b = 77"), 0);
		ready();
		assert_int_equal(query("select a1 from t where b = 8"), 0);
		ready();
	}
	assert_true(holds(&out, "b = 77"));
	assert_true(holds(&out, "b = 8"));
	assert_false(holds(&out, "automode_"));
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++) {
		out.len = out.at = 0;
		assert_int_equal(query(no[i]), 0);
		assert_false(holds(&out, no[i]));
		ready();
	}
}

static int
wish(const char *bytes, size_t len, struct pg_wish *w)
{
	struct err e = {0};

	return pg_wish_read(ctx, (const uint8_t *)bytes, len, false, w, &e);
}
#define WISH(s, w) wish(s, sizeof(s), w)

static void
beginnings(void **state)
{
	struct pg_wish w;

	(void)state;
	assert_int_equal(WISH("user\0dev\0database\0app\0", &w), 0);
	assert_string_equal(w.user, "dev");
	assert_string_equal(w.database, "app");
	assert_non_null(strstr(w.options, "default_transaction_read_only=on"));
	assert_int_equal(WISH("user\0dev\0options\0-c statement_timeout=5s "
			      "--search-path=a\\ b -clock_timeout=1\0",
			      &w),
			 0);
	assert_non_null(strstr(w.options, "5s"));
	/* ours is behind */
	assert_true(strstr(w.options, "read_only=on") >
		    strstr(w.options, "lock_timeout"));
	assert_true(
	    WISH("user\0d\0options\0-c default_transaction_read_only=off\0",
		 &w) < 0);
	assert_true(
	    WISH("user\0d\0options\0--default-transaction-read-only=off\0",
		 &w) < 0);
	assert_true(
	    WISH("user\0d\0options\0-c session_preload_libraries=x\0", &w) < 0);
	assert_true(WISH("user\0d\0options\0-P\0", &w) < 0);
	assert_true(WISH("user\0d\0options\0-c\0", &w) < 0);
	assert_true(WISH("user\0d\0options\0-c app.x=1\\\0", &w) < 0);
	assert_true(WISH("user\0d\0replication\0database\0", &w) < 0);
	assert_true(WISH("user\0d\0default_transaction_read_only\0off\0", &w) <
		    0);
	assert_true(WISH("user\0d\0client_encoding\0SJIS\0", &w) < 0);
	assert_true(WISH("database\0app\0", &w) < 0);
	assert_true(wish("user\0d", 6, &w) < 0);
	assert_true(wish("user\0d\0", 7, &w) < 0);
	assert_true(wish("", 0, &w) < 0);
	assert_true(wish("", 1, &w) < 0);
}

/* A session in which anything may be typed, of a database that was kept. */
static void
sessions(void **state)
{
	struct pg_made made = {.ctx = ctx, .own = "app_dev"};

	(void)state;
	f = pg_filter_session(ctx, "of app_dev alone", &made);
	assert_int_equal(query("delete from orders"), 0);
	assert_true(holds(&out, "delete from orders"));
	assert_true(pg_filter_waits(f));
	ready();
	assert_int_equal(query("drop /* */ database app_prod"), 0);
	assert_false(holds(&out, "app_prod"));
	complain();
	assert_true(holds(&told, "automode: refused: DROP DATABASE app_prod"));
	assert_true(holds(&told, "Dof app_dev alone"));
	ready();
	out.len = 0;
	assert_int_equal(query("copy t to program 'x'"), 0);
	assert_false(holds(&out, "program"));
	ready();
	assert_int_equal(query("drop role app"), 0);
	assert_false(holds(&out, "app"));
	ready();
	out.len = 0;
	assert_int_equal(query("alter database app_prod rename to gone"), 0);
	assert_false(holds(&out, "gone"));
	ready();
	assert_int_equal(query("alter database app_dev set jit = off"), 0);
	assert_true(holds(&out, "app_dev"));
	ready();
	assert_int_equal(client('F', "\0\0\0\1\0\0\0\0\0\0", 10), 0);
	assert_true(holds(&out, "F"));
	ready();
	/* settings are the client's own */
	assert_int_equal(server('S', "standard_conforming_strings\0off", 32),
			 0);
}

static void
data_follows_a_copy(void **state)
{
	struct pg_made made = {.ctx = ctx, .own = "app_dev"};

	(void)state;
	f = pg_filter_session(ctx, "why", &made);
	assert_int_equal(query("copy t from stdin"), 0);
	assert_int_equal(client('d', "1\n", 2), 0);
	assert_false(holds(&out, "1\n"));
	assert_int_equal(server('G', "\0\0\1\0\0", 5), 0);
	assert_int_equal(client('c', "", 0), 0);
	assert_true(holds(&out, "1\n"));
	assert_int_equal(in.len, 0);
}

static void
what_a_session_makes(void **state)
{
	struct pg_made made = {.ctx = ctx, .own = "app_dev"};

	(void)state;
	f = pg_filter_session(ctx, "why", &made);
	assert_int_equal(query("create database mine"), 0);
	assert_int_equal(server('E', "SERROR\0C42P04\0Mexists\0", 23), 0);
	ready();
	assert_int_equal(made.n, 0);
	assert_int_equal(server('C', "CREATE DATABASE", 16), 0);
	assert_int_equal(made.n, 0);
	out.len = 0;
	assert_int_equal(query("drop database mine"), 0);
	assert_false(holds(&out, "mine"));
	ready();
	assert_int_equal(query("create database mine"), 0);
	assert_int_equal(server('C', "CREATE DATABASE", 16), 0);
	ready();
	assert_int_equal(made.n, 1);
	assert_string_equal(made.v[0], "mine");
	out.len = 0;
	assert_int_equal(query("drop database mine"), 0);
	assert_true(holds(&out, "mine"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(reads_pass, setup, teardown),
	    cmocka_unit_test_setup_teardown(writes_are_replaced, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(one_at_a_time, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_session_that_may_write_ends,
					    setup, teardown),
	    cmocka_unit_test_setup_teardown(extended, setup, teardown),
	    cmocka_unit_test_setup_teardown(pipelines, setup, teardown),
	    cmocka_unit_test_setup_teardown(no_protocol, setup, teardown),
	    cmocka_unit_test_setup_teardown(functions_by_number_are_refused,
					    setup, teardown),
	    cmocka_unit_test_setup_teardown(in_parts, setup, teardown),
	    cmocka_unit_test_setup_teardown(statements_that_are_known, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(beginnings, setup, teardown),
	    cmocka_unit_test_setup_teardown(sessions, setup, teardown),
	    cmocka_unit_test_setup_teardown(data_follows_a_copy, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(what_a_session_makes, setup,
					    teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
