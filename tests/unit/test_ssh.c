/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transport/ssh_*.c, agent_keys.c, sign_*.c: words, names, keys and objects
 * as they are read before anything is run.
 */
#include "transport/sign_private.h"
#include "transport/ssh_private.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include <cmocka.h>

static void *ctx;
static const struct ssh_person person = {
    .home = "/home/ann", .listed = "/home/ann", .name = "ann"};

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

/* The words joined by '|'; NULL: refused. */
static const char *
words(const char *command)
{
	const char **v;
	struct err e = {0};
	char *s = talloc_strdup(ctx, "");

	if (ssh_words(ctx, &person, command, &v, &e) < 0)
		return NULL;
	for (; *v; v++)
		s = talloc_asprintf_append(s, "%s%s", *s ? "|" : "", *v);
	return s;
}

static void
taken(void **state)
{
	static const char *const cases[][2] = {
	    {"ssh", ""},
	    {"/usr/bin/ssh -T", "-T"},
	    {"ssh -i ~/.ssh/work", "-i|/home/ann/.ssh/work"},
	    {"ssh -i~/.ssh/work", "-i|~/.ssh/work"},
	    {"ssh -i $HOME/.ssh/work", "-i|/home/ann/.ssh/work"},
	    {"ssh -i \"${HOME}/my key\"", "-i|/home/ann/my key"},
	    {"ssh -i '/k/$x'", "-i|/k/$x"},
	    {"ssh -i /k -o IdentitiesOnly=yes", "-i|/k|-o|IdentitiesOnly=yes"},
	    {"ssh -oidentitiesonly=yes  -p 22", "-o|identitiesonly=yes|-p|22"},
	    {"ssh -o 'IdentitiesOnly yes'", "-o|IdentitiesOnly yes"},
	    {"ssh -F ~/.ssh/other -4", "-F|/home/ann/.ssh/other|-4"},
	    {"ssh -F /dev/null -aTx", "-F|/dev/null|-aTx"},
	    {"ssh -J jump -l git", "-J|jump|-l|git"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *got = words(cases[i][0]);

		if (!got)
			fail_msg("refused: %s", cases[i][0]);
		assert_string_equal(got, cases[i][1]);
	}
}

static void
refused(void **state)
{
	static const char *const cases[] = {
	    "",
	    "plink",
	    "/home/x/ssh",
	    "./ssh",
	    "ssh; id",
	    "ssh && id",
	    "ssh | id",
	    "ssh $(id)",
	    "ssh `id`",
	    "ssh \"$(id)\"",
	    "ssh -i $KEY",
	    "ssh -i \\x",
	    "ssh >x",
	    "ssh\nid",
	    "ssh -i 'x",
	    "ssh -i",
	    "ssh host",
	    "ssh -o ProxyCommand=id",
	    "ssh -oproxycommand=id",
	    "ssh -o LocalCommand=id",
	    "ssh -o PermitLocalCommand=yes",
	    "ssh -o KnownHostsCommand=id",
	    "ssh -o Include=/x",
	    "ssh -o PKCS11Provider=/x.so",
	    "ssh -I /x.so",
	    "ssh -L 1:a:1",
	    "ssh -A",
	    "ssh -S /x",
	    "ssh -W a:1",
	    "ssh -w 0",
	    "ssh -E /x",
	    "GIT=1 ssh",
	    "ssh *",
	    "ssh -i {a,b}",
	    "ssh #",
	    "ssh --",
	    "ssh -",
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (words(cases[i]))
			fail_msg("taken: %s", cases[i]);
}

static void
names(void **state)
{
	(void)state;
	assert_true(ssh_host_valid("github.com"));
	assert_true(ssh_host_valid("my_work-1"));
	assert_true(ssh_host_valid("::1"));
	assert_false(ssh_host_valid(""));
	assert_false(ssh_host_valid(NULL));
	assert_false(ssh_host_valid("-oProxyCommand=id"));
	assert_false(ssh_host_valid("a b"));
	assert_false(ssh_host_valid("a\nb"));
	assert_false(ssh_host_valid("a;b"));
	assert_false(ssh_host_valid("a*"));
	assert_false(ssh_host_valid("%h"));
	assert_true(ssh_user_valid("git"));
	assert_true(ssh_user_valid("ann@example.com"));
	assert_false(ssh_user_valid("-l"));
	assert_false(ssh_user_valid("a`b"));
	assert_false(ssh_user_valid("a$b"));
	assert_false(ssh_user_valid("a\nb"));
	assert_false(ssh_user_valid(""));
}

static void
expands(void **state)
{
	static const struct ssh_host h = {.asked = "work",
					  .hostname = "a.example.com",
					  .user = "git",
					  .port = 2222};
	static const struct ssh_person moved = {
	    .home = "/w/home", .listed = "/home/ann", .name = "ann"};

	(void)state;
	assert_string_equal(ssh_expand(ctx, &person, &h, "~/.ssh/%n-%r"),
			    "/home/ann/.ssh/work-git");
	assert_string_equal(ssh_expand(ctx, &person, &h, "%d/%h:%p%%"),
			    "/home/ann/a.example.com:2222%");
	assert_string_equal(ssh_expand(ctx, &person, &h, "${HOME}/x"),
			    "/home/ann/x");
	assert_string_equal(
	    ssh_expand(ctx, &moved, &h, "/home/ann/.ssh/known_hosts"),
	    "/w/home/.ssh/known_hosts");
	assert_null(ssh_expand(ctx, &person, &h, "%C/x"));
	assert_null(ssh_expand(ctx, &person, &h, "${AUTOMODE_NO_SUCH}/x"));
	assert_null(ssh_expand(ctx, &person, &h, "relative"));
	assert_null(ssh_expand(ctx, &person, &h, "/x/%"));
}

static void
key_lines(void **state)
{
	static const char text[] = "# comment\n\nno key\n"
				   "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA me\n";
	const char *base64 = NULL;

	(void)state;
	assert_string_equal(key_line(ctx, text, strlen(text), &base64),
			    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA");
	assert_string_equal(base64, "AAAAC3NzaC1lZDI1NTE5AAAA");
	assert_null(key_line(ctx, "", 0, &base64));
	assert_null(key_line(ctx, "ssh-ed25519", 11, &base64));
	assert_null(key_line(ctx, "ssh-ed25519 short", 17, &base64));
	assert_null(key_line(ctx, "-----BEGIN X-----\nAAAAAAAAAAAAAAAAAAAAAAAA",
			     42, &base64));
}

#define OID "0123456789abcdef0123456789abcdef01234567"
#define WHO "Ann <ann@example.com> 1700000000 +0100\n"
static void
objects(void **state)
{
	static const char *const good[] = {
	    "tree " OID "\nauthor " WHO "committer " WHO "\nmsg\n",
	    "tree " OID "\nparent " OID "\nparent " OID "\nauthor " WHO
	    "committer " WHO "encoding latin1\n\n",
	    "tree " OID "\nauthor " WHO "committer " WHO "mergetag object " OID
	    "\n type commit\n tag v1\n \n text\n\nmsg",
	    "object " OID "\ntype commit\ntag v1\ntagger " WHO "\nmsg",
	};
	static const char *const wrong[] = {
	    "",
	    "hello\n",
	    "tree " OID "\n",
	    "tree " OID "\nauthor " WHO "\nmsg\n",
	    "tree " OID "\nauthor " WHO "committer " WHO,
	    "tree xyz\nauthor " WHO "committer " WHO "\n",
	    "tree " OID "0\nauthor " WHO "committer " WHO "\n",
	    "author " WHO "tree " OID "\ncommitter " WHO "\n",
	    "object " OID "\ntype file\ntag v1\ntagger " WHO "\nmsg",
	    "object " OID "\ntype commit\ntag v1\n\nmsg",
	    "certificate version 0.1\npusher " WHO "\n",
	    "tree " OID "\nauthor Ann\ncommitter " WHO "\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		if (!sign_is_object(good[i], strlen(good[i])))
			fail_msg("no object: %s", good[i]);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (sign_is_object(wrong[i], strlen(wrong[i])))
			fail_msg("an object: %s", wrong[i]);
}

static int
shape(const char *name, const char *line)
{
	struct transport_request rq = {.name = name};
	char *s = talloc_strdup(ctx, line), *word;
	struct sign_words out;
	struct err e = {0};

	rq.argv = talloc_zero_array(ctx, const char *, 32);
	while ((word = strsep(&s, "|")))
		rq.argv[rq.argc++] = word;
	return sign_words(&rq, &out, &e) < 0 ? 0 : (int)out.shape;
}

static void
shapes(void **state)
{
	static const struct {
		const char *name, *line;
		int shape;
	} cases[] = {
	    {"gpg", "--status-fd=2|-bsau|ABCD", SIGN_GPG},
	    {"gpg", "--status-fd=2|-bsau|Ann <a@b>", SIGN_GPG},
	    {"gpg", "--keyid-format=long|--status-fd=1|--verify|/tmp/x|-",
	     SIGN_GPG_VERIFY},
	    {"gpg", "--status-fd=2|-bsau|--export-secret-keys", 0},
	    {"gpg", "--status-fd=2|-bsau|", 0},
	    {"gpg", "--status-fd=2|-bsau|K|-o|/x", 0},
	    {"gpg", "--export-secret-keys", 0},
	    {"gpg", "--decrypt|x", 0},
	    {"gpg", "--status-fd=2|-sau|K", 0},
	    {"gpg", "-Y|sign|-n|git|-f|/k|/tmp/x", 0},
	    {"ssh-keygen", "-Y|sign|-n|git|-f|/k|/tmp/x", SIGN_SSH},
	    {"ssh-keygen", "-Y|sign|-n|git|-f|/k|-U|/tmp/x", SIGN_SSH},
	    {"ssh-keygen", "-Y|sign|-n|file|-f|/k|/tmp/x", 0},
	    {"ssh-keygen", "-Y|sign|-n|git|-f|/k", 0},
	    {"ssh-keygen", "-y|-f|/k", 0},
	    {"ssh-keygen", "-Y|sign|-n|git|-f|/k|/a|/b", 0},
	    {"ssh-keygen", "--status-fd=2|-bsau|ABCD", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (shape(cases[i].name, cases[i].line) != cases[i].shape)
			fail_msg("%s", cases[i].line);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(taken),	 cmocka_unit_test(refused),
	    cmocka_unit_test(names),	 cmocka_unit_test(expands),
	    cmocka_unit_test(key_lines), cmocka_unit_test(objects),
	    cmocka_unit_test(shapes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
