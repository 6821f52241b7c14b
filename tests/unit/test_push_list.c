/* SPDX-License-Identifier: Apache-2.0 */
/* transport/push_list.c: what git may say at the front of a push. */
#include "transport/push_list.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include <cmocka.h>

#define A    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define Z    "0000000000000000000000000000000000000000"
#define A2   A "aaaaaaaaaaaaaaaaaaaaaaaa"
#define Z2   Z "000000000000000000000000"
#define CAPS " report-status-v2 side-band-64k object-format=sha1 agent=git/2.39"

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

struct list {
	char bytes[4096];
	size_t len;
};

/* One packet; a '|' stands for the NUL in front of the capabilities. */
static void
packet(struct list *l, const char *text)
{
	size_t n = strlen(text);
	char *at = l->bytes + l->len;

	char length[20];

	snprintf(length, sizeof length, "%04zx", n + 4);
	memcpy(at, length, 4);
	memcpy(at + 4, text, n);
	for (size_t i = 4; i < n + 4; i++)
		if (at[i] == '|')
			at[i] = '\0';
	l->len += n + 4;
}

static void
flush(struct list *l)
{
	memcpy(l->bytes + l->len, "0000", 4);
	l->len += 4;
}

static struct permit_update updates[] = {
    {"refs/heads/main", A, B, NULL},
    {"refs/heads/new", NULL, B, NULL},
    {"refs/heads/old", A, NULL, NULL},
};
static struct transport_permit permit = {
    .push = true, .updates = updates, .nupdates = 3};
static const struct transport_permit only_look = {.push = true};

/* In parts of every size: the answer is the same. */
static int
judge(const struct list *l, const struct transport_permit *p, struct err *e)
{
	int all = 0, rc;

	for (size_t part = 1; part <= l->len; part = part * 3 + 1) {
		struct push_list *list = push_list_new(ctx, p);

		rc = 0;
		*e = (struct err){0};
		for (size_t at = 0; rc == 0 && at < l->len; at += part)
			rc = push_list_add(
			    list, l->bytes + at,
			    part < l->len - at ? part : l->len - at, e);
		if (part == 1)
			all = rc;
		assert_int_equal(rc < 0, all < 0);
		assert_int_equal(rc, all);
	}
	return all;
}

static void
good(void **state)
{
	static const char *const lists[][4] = {
	    {A " " B " refs/heads/main|" CAPS},
	    {A " " B " refs/heads/main|" CAPS "\n"},
	    {Z " " B " refs/heads/new|" CAPS, A " " Z " refs/heads/old"},
	    {"shallow " A, "shallow " B "\n",
	     A " " B " refs/heads/main|" CAPS " atomic push-options"},
	    {A " " Z " refs/heads/old|" CAPS, A " " B " refs/heads/main",
	     Z " " B " refs/heads/new"},
	    {NULL},
	};
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		struct list l = {0};

		for (size_t k = 0; k < 4 && lists[i][k]; k++)
			packet(&l, lists[i][k]);
		assert_int_equal(judge(&l, &permit, &e), 0);
		flush(&l);
		assert_int_equal(judge(&l, &permit, &e), 1);
	}
}

static void
longer_names(void **state)
{
	struct permit_update u = {"refs/heads/main", NULL, A2, NULL};
	struct transport_permit p = {
	    .push = true, .updates = &u, .nupdates = 1};
	struct list l = {0};
	struct err e;

	(void)state;
	packet(&l, Z2 " " A2 " refs/heads/main|" CAPS);
	flush(&l);
	assert_int_equal(judge(&l, &p, &e), 1);
	l.len = 0;
	packet(&l, Z " " A2 " refs/heads/main|" CAPS);
	assert_true(judge(&l, &p, &e) < 0);
}

static void
bad(void **state)
{
	static const char *const lists[][3] = {
	    /* not judged, or not so */
	    {A " " B " refs/heads/other|" CAPS},
	    {B " " A " refs/heads/main|" CAPS},
	    {Z " " B " refs/heads/main|" CAPS},
	    {A " " Z " refs/heads/main|" CAPS},
	    {A " " B " refs/heads/new|" CAPS},
	    {A " " B " refs/heads/main|" CAPS, A " " B " refs/heads/main"},
	    {A " " B " refs/heads/main|" CAPS, A " " B " refs/heads/x"},
	    {A " " B " refs/heads/main/|" CAPS},
	    {A " " B " refs/heads/mai|" CAPS},
	    {A " " B " REFS/HEADS/MAIN|" CAPS},
	    /* not so written */
	    {"push-cert|" CAPS},
	    {A "  " B " refs/heads/main|" CAPS},
	    {A " " B "  refs/heads/main|" CAPS},
	    {A " " B " refs/heads/main|" CAPS, "shallow " A},
	    {A " " B " refs/heads/main|" CAPS, Z " " B " refs/heads/new|" CAPS},
	    {A " " B " refs/heads/main|" CAPS "|" CAPS},
	    {"shallow " A A "|" CAPS},
	    {"shallow "},
	    {"x"},
	    {"\n"},
	    {A " " B},
	    {A " " B " |" CAPS},
	};
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		struct list l = {0};

		for (size_t k = 0; k < 3 && lists[i][k]; k++)
			packet(&l, lists[i][k]);
		flush(&l);
		if (judge(&l, &permit, &e) >= 0)
			fail_msg("list %zu is taken", i);
		assert_string_not_equal(e.msg, "");
	}
}

static void
lengths(void **state)
{
	static const char *const begins[] = {"0001", "0002", "0003",
					     "0004", "ffff", "00g0",
					     "    ", "PACK", "fff1"};
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
		struct list l = {0};

		memcpy(l.bytes, begins[i], 4);
		memset(l.bytes + 4, 'x', 100);
		l.len = 104;
		assert_true(judge(&l, &permit, &e) < 0);
	}
}

/* A dry run changes nothing. */
static void
looking(void **state)
{
	struct list l = {0};
	struct err e;

	(void)state;
	flush(&l);
	assert_int_equal(judge(&l, &only_look, &e), 1);
	l.len = 0;
	packet(&l, A " " B " refs/heads/main|" CAPS);
	flush(&l);
	assert_true(judge(&l, &only_look, &e) < 0);
	assert_non_null(strstr(e.msg, "looked at"));
}

/* What follows the list stays as it was. */
static void
rest(void **state)
{
	struct push_list *list = push_list_new(ctx, &permit);
	struct list l = {0};
	struct err e = {0};
	const char *bytes;
	size_t n;

	(void)state;
	packet(&l, A " " B " refs/heads/main|" CAPS);
	flush(&l);
	memcpy(l.bytes + l.len, "PACK\0\0", 6);
	l.len += 6;
	assert_int_equal(push_list_add(list, l.bytes, l.len, &e), 1);
	bytes = push_list_bytes(list, &n);
	assert_int_equal(n, l.len);
	assert_memory_equal(bytes, l.bytes, n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(good),    cmocka_unit_test(longer_names),
	    cmocka_unit_test(bad),     cmocka_unit_test(lengths),
	    cmocka_unit_test(looking), cmocka_unit_test(rest),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
