/* SPDX-License-Identifier: Apache-2.0 */
/* parse/cobra.c against what cobra 1.6 and pflag 1.0.5 do; and the readers of
 * tools/forge_config.c. */
#include "base/err.h"
#include "parse/cobra.h"
#include "tools/forge.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <talloc.h>

#include <cmocka.h>

static const struct cobra_command table[] = {
    {"", NULL, "^help version"},
    {"pr", NULL, "^repo|R="},
    {"pr merge", "accept", "admin squash|s delete-branch|d body|b= color?"},
    {"pr list", "ls", "limit|L= draft|d"},
    {"api", NULL, "field|F= method|X="},
};

static char *
reads(void *ctx, int want, const char *const *argv, struct cobra_line *l)
{
	struct err e = {0};
	char *s = talloc_strdup(ctx, "");
	int rc = cobra_read(ctx, table, sizeof(table) / sizeof(*table),
			    sizeof(*table), argv, l, &e);

	assert_int_equal(rc, want);
	for (size_t i = 0; rc == 0 && l->words[i]; i++)
		s = talloc_asprintf_append(s, "%s%s", *s ? " " : "",
					   l->words[i]);
	return s;
}

#define READS(want, ...)                                                       \
	assert_string_equal(                                                   \
	    want, reads(ctx, 0, (const char *const[]){__VA_ARGS__, NULL}, &l))
#define FAILS(code, ...)                                                       \
	reads(ctx, code, (const char *const[]){__VA_ARGS__, NULL}, &l)

static void
test_words(void **state)
{
	void *ctx = talloc_new(NULL);
	struct cobra_line l;

	(void)state;
	READS("pr merge --squash 5", "pr", "merge", "5", "-s");
	READS("pr merge --repo=o/r 5", "pr", "-R", "o/r", "merge", "5");
	READS("pr merge --repo=o/r 5", "-R", "o/r", "pr", "merge", "5");
	READS("pr merge --repo=o/r 5", "pr", "--repo=o/r", "accept", "5");
	READS("pr list --repo=merge", "pr", "-R", "merge", "ls");
	/* the search for words ends when one word or none is left */
	READS("pr --repo=merge", "pr", "-R", "merge");
	READS("api merge", "api", "merge");
	READS("pr list -- merge", "pr", "list", "--", "merge");
	READS("pr -- merge", "pr", "--", "merge");
	READS("pr nothing merge", "pr", "nothing", "merge");
	talloc_free(ctx);
}

static void
test_flags(void **state)
{
	void *ctx = talloc_new(NULL);
	struct cobra_line l;

	(void)state;
	READS("pr merge --squash --delete-branch --body=x", "pr", "merge",
	      "-sdbx");
	READS("pr merge --squash --body==x", "pr", "merge", "-s", "-b==x");
	READS("pr merge --body==", "pr", "merge", "-b=");
	READS("pr merge --body=--admin", "pr", "merge", "-b", "--admin");
	assert_false(cobra_on(&l, "admin"));
	READS("pr merge --body=--", "pr", "merge", "--body", "--");
	READS("pr merge --admin=false --color --color=never 7", "pr", "merge",
	      "--admin=false", "--color", "--color=never", "7");
	assert_false(cobra_on(&l, "admin"));
	assert_string_equal("never", cobra_value(&l, "color"));
	READS("pr merge --squash=0", "pr", "merge", "-s=0");
	assert_false(cobra_on(&l, "squash"));
	READS("pr merge --admin=T", "pr", "merge", "--admin=T");
	assert_true(cobra_on(&l, "admin"));
	READS("pr merge - a -- --admin", "pr", "merge", "-", "a", "--",
	      "--admin");
	assert_false(cobra_given(&l, "admin"));
	assert_int_equal(l.dash, 2);
	READS("pr merge --body= ", "pr", "merge", "--body", " ");
	READS("api --field=a=1 --field=b=2 x", "api", "-Fa=1", "x",
	      "--field=b=2");
	assert_string_equal("b=2", cobra_nth(&l, "field", 1));
	assert_null(cobra_nth(&l, "field", 2));
	READS("pr merge --help", "pr", "merge", "-h");
	assert_true(l.help);
	talloc_free(ctx);
}

static void
test_refused(void **state)
{
	void *ctx = talloc_new(NULL);
	struct cobra_line l;

	(void)state;
	FAILS(ERR_UNKNOWN, "pr", "merge", "--adm");
	FAILS(ERR_UNKNOWN, "pr", "merge", "-sx");
	FAILS(ERR_UNKNOWN, "pr", "list", "--admin");
	FAILS(ERR_UNKNOWN, "--repo", "o/r", "api");
	FAILS(ERR_SYNTAX, "pr", "merge", "-b");
	FAILS(ERR_SYNTAX, "pr", "merge", "---admin");
	FAILS(ERR_SYNTAX, "pr", "merge", "--=x");
	FAILS(ERR_SYNTAX, "pr", "merge", "--admin=perhaps");
	talloc_free(ctx);
}

static const char *
yaml(void *ctx, int want, const char *text, const char *path)
{
	struct forge_settings *s = talloc_zero(ctx, struct forge_settings);
	struct err e = {0};

	assert_int_equal(forge_yaml(ctx, text, s, &e), want);
	return path ? forge_setting(s, path) : NULL;
}

static void
test_yaml(void **state)
{
	static const char hosts[] =
	    "# hosts\n---\ngithub.com:\n    users:\n        dana:\n"
	    "    oauth_token: \"a:b # \\\"c\\\"\"\n    user: 'it''s'\n"
	    "'x.example:8443':\n    oauth_token: t # not this\n";
	static const char aliases[] =
	    "aliases:\n    co: pr checkout\n    long: |-\n        !echo a\n"
	    "          b\n\n        c\n    folded: >\n        x\n        y\n"
	    "editor:\n";
	void *ctx = talloc_new(NULL);

	(void)state;
	assert_string_equal("a:b # \"c\"",
			    yaml(ctx, 0, hosts, "github.com\noauth_token"));
	assert_string_equal("it's", yaml(ctx, 0, hosts, "github.com\nuser"));
	assert_string_equal("t",
			    yaml(ctx, 0, hosts, "x.example:8443\noauth_token"));
	assert_non_null(yaml(ctx, 0, hosts, "github.com\nusers\ndana"));
	assert_null(yaml(ctx, 0, hosts, "github.com\ndana"));
	assert_string_equal("pr checkout",
			    yaml(ctx, 0, aliases, "aliases\nco"));
	assert_string_equal("!echo a\n  b\n\nc",
			    yaml(ctx, 0, aliases, "aliases\nlong"));
	assert_string_equal("x y", yaml(ctx, 0, aliases, "aliases\nfolded"));
	assert_string_equal("", yaml(ctx, 0, aliases, "editor"));
	yaml(ctx, ERR_SYNTAX, "a: \"b\n", NULL);
	yaml(ctx, ERR_SYNTAX, "a: {b: c}\n", NULL);
	yaml(ctx, ERR_SYNTAX, "a: &x b\n", NULL);
	yaml(ctx, ERR_SYNTAX, "nothing\n", NULL);
	talloc_free(ctx);
}

static void
test_split(void **state)
{
	void *ctx = talloc_new(NULL);
	const char **v;
	size_t n;
	struct err e = {0};

	(void)state;
	assert_int_equal(
	    0, forge_split(ctx, " a 'b c' d\\ e \"f\\\"\" '' # x", &v, &n, &e));
	assert_int_equal(5, n);
	assert_string_equal("b c", v[1]);
	assert_string_equal("d e", v[2]);
	assert_string_equal("f\"", v[3]);
	assert_string_equal("", v[4]);
	assert_int_equal(ERR_SYNTAX, forge_split(ctx, "a 'b", &v, &n, &e));
	talloc_free(ctx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words),   cmocka_unit_test(test_flags),
	    cmocka_unit_test(test_refused), cmocka_unit_test(test_yaml),
	    cmocka_unit_test(test_split),
	};

	return cmocka_run_group_tests_name("cobra", tests, NULL, NULL);
}
