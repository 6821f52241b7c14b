/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of getopt_long(3), and what a sed script reaches. */
#include "parse/getopt.h"
#include "parse/sed_script.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <talloc.h>

#include <cmocka.h>

static const struct option_spec table[] = {
    GETOPT_F('r', "recursive", 0),
    GETOPT_F('R', NULL, OPTION_ALIAS),
    GETOPT_F('v', "verbose", 0),
    GETOPT_F(0, "version", 0),
    GETOPT_A('S', "suffix", 0),
    GETOPT_O(0, "backup", 0),
    GETOPT_F(0, "quiet", 0),
    GETOPT_F(0, "quieter", OPTION_ALIAS),
    GETOPT_END,
};

static int
reads(void *ctx, unsigned flags, const char *line, struct options *out)
{
	char *copy = talloc_strdup(ctx, line), *save = NULL;
	const char *v[16];
	struct err e;
	size_t n = 0;

	for (char *w = strtok_r(copy, " ", &save); w;
	     w = strtok_r(NULL, " ", &save))
		v[n++] = w;
	v[n] = NULL;
	return getopt_read(ctx, table, flags, v, out, &e);
}

static void
test_getopt(void **state)
{
	void *ctx = talloc_new(NULL);
	struct options o;

	(void)state;
	assert_int_equal(reads(ctx, 0, "a -Rv b --suf=x", &o), 0);
	assert_true(options_on(&o, "recursive") && options_on(&o, "verbose"));
	assert_string_equal(options_value(&o, "suffix"), "x");
	assert_int_equal(o.noperands, 2);
	/* a value may look like an option */
	assert_int_equal(reads(ctx, 0, "-S -- -v", &o), 0);
	assert_string_equal(options_value(&o, "suffix"), "--");
	assert_true(options_on(&o, "verbose"));
	/* behind -- nothing is an option; - is an operand */
	assert_int_equal(reads(ctx, 0, "- -- -r", &o), 0);
	assert_int_equal(o.noperands, 2);
	assert_false(options_on(&o, "recursive"));
	/* an optional value only when attached */
	assert_int_equal(reads(ctx, 0, "--backup t", &o), 0);
	assert_null(options_value(&o, "backup"));
	assert_int_equal(o.noperands, 1);
	assert_int_equal(reads(ctx, GETOPT_STOP, "a -v", &o), 0);
	assert_int_equal(o.noperands, 2);
	/* exact before prefix; several of one meaning are one */
	assert_int_equal(reads(ctx, 0, "--quiet", &o), 0);
	assert_int_equal(reads(ctx, 0, "--qui", &o), 0);
	assert_int_equal(reads(ctx, 0, "--ver", &o), ERR_SYNTAX);
	assert_int_equal(reads(ctx, 0, "--=", &o), ERR_SYNTAX);
	assert_int_equal(reads(ctx, 0, "--verbose=1", &o), ERR_SYNTAX);
	assert_int_equal(reads(ctx, 0, "-S", &o), ERR_SYNTAX);
	assert_int_equal(reads(ctx, 0, "-vx", &o), ERR_UNKNOWN);
	assert_int_equal(reads(ctx, 0, "--nosuch", &o), ERR_UNKNOWN);
	assert_int_equal(reads(ctx, GETOPT_EXACT, "--verb", &o), ERR_UNKNOWN);
	talloc_free(ctx);
}

static void
test_sed(void **state)
{
	static const char *const harmless[] = {
	    "p",	   "s/we/ew/gp",   "/w/{s,e,w,2;d}",
	    "1,3!d;$!N",   "y/we/ew/",	   "a\\\nw file\n",
	    "/e/,+2{n;p}", "\\|w|d;:e;be", "2~3s/a\\/w/b/I",
	    "# w x\n$p",
	};
	static const char *const runs[] = {
	    "e", "1e ls", "s/a/b/e", "s|a|b|ge", "/x/{e date\n}", "1!e id"};
	static const char *const writes[] = {"w f", "s/a/b/w f", "1,2W f",
					     "s/a/b/pw f"};
	void *ctx = talloc_new(NULL);
	struct sed_script s;

	(void)state;
	for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++) {
		assert_true(sed_script_read(ctx, harmless[i], &s));
		assert_false(s.runs || s.reads || s.nwrites);
	}
	for (size_t i = 0; i < sizeof(runs) / sizeof(*runs); i++) {
		assert_true(sed_script_read(ctx, runs[i], &s));
		assert_true(s.runs);
	}
	for (size_t i = 0; i < sizeof(writes) / sizeof(*writes); i++) {
		assert_true(sed_script_read(ctx, writes[i], &s));
		assert_int_equal(s.nwrites, 1);
		assert_string_equal(s.writes[0], "f");
	}
	talloc_free(ctx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_getopt),
					   cmocka_unit_test(test_sed)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
