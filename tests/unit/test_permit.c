/* SPDX-License-Identifier: Apache-2.0 */
/*
 * URLs to hosts: by a table, and against what the installed git itself makes
 * of them (git fetch-pack --diag-url).
 */
#include "base/spawn.h"
#include "tools/permit.h"
#include <git2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include <cmocka.h>

extern char **environ;

struct want {
	const char *url;
	enum permit_scheme scheme; /* 0: refused */
	const char *user, *host, *path, *clean;
	uint16_t port;
};

#define SSH   PERMIT_SSH
#define HTTPS PERMIT_HTTPS
#define HTTP  PERMIT_HTTP

static const struct want table[] = {
    {"git@github.com:a/b.git", SSH, "git", "github.com", "a/b.git", NULL, 0},
    {"host:x", SSH, NULL, "host", "x", NULL, 0},
    {"host:/x", SSH, NULL, "host", "/x", NULL, 0},
    {"host:~me/x", SSH, NULL, "host", "~me/x", NULL, 0},
    {"host:/~me/x", SSH, NULL, "host", "~me/x", NULL, 0},
    {"ssh://host/~me/x", SSH, NULL, "host", "~me/x", NULL, 0},
    {"ssh://me@Host:2222/x", SSH, "me", "Host", "/x", NULL, 2222},
    {"git+ssh://host/x", SSH, NULL, "host", "/x", NULL, 0},
    {"ssh+git://host/x", SSH, NULL, "host", "/x", NULL, 0},
    {"ssh://[::1]:22/x", SSH, NULL, "::1", "/x", NULL, 22},
    {"ssh://me@[::1]/x", SSH, "me", "::1", "/x", NULL, 0},
    {"[::1]:x", SSH, NULL, "::1", "x", NULL, 0},
    {"me@[::1]:x", SSH, "me", "::1", "x", NULL, 0},
    {"[me@host:33]:x", SSH, "me", "host", "x", NULL, 33},
    {"ssh://a%40b.c@host/x", SSH, "a@b.c", "host", "/x", NULL, 0},
    {"ssh://host/a%20b", SSH, NULL, "host", "/a b", NULL, 0},
    {"host:a%20b", SSH, NULL, "host", "a%20b", NULL, 0},
    {"https:host", SSH, NULL, "https", "host", NULL, 0},
    {"ssh://github.com@evil.example/x", SSH, "github.com", "evil.example", "/x",
     NULL, 0},
    {"ssh://git%40github.com%3a22@evil/x", 0, NULL, NULL, NULL, NULL, 0},
    {"-oProxyCommand=x:y", 0, NULL, NULL, NULL, NULL, 0},
    {"ssh://-oProxyCommand=x/y", 0, NULL, NULL, NULL, NULL, 0},
    {"ssh://%2doProxyCommand=x/y", 0, NULL, NULL, NULL, NULL, 0},
    {"ssh://me@-oProxyCommand=x/y", 0, NULL, NULL, NULL, NULL, 0},
    {"host:-x", 0, NULL, NULL, NULL, NULL, 0},
    {"host:", 0, NULL, NULL, NULL, NULL, 0},
    {"ssh://host", 0, NULL, NULL, NULL, NULL, 0},
    {"ssh:///x", 0, NULL, NULL, NULL, NULL, 0},
    {"ssh://host%00.evil/x", 0, NULL, NULL, NULL, NULL, 0},
    {"ssh://ho%0ast/x", 0, NULL, NULL, NULL, NULL, 0},
    {"ssh://host/x%0ay", 0, NULL, NULL, NULL, NULL, 0},
    {"ssh://ho st/x", 0, NULL, NULL, NULL, NULL, 0},
    {"ssh://host;id/x", 0, NULL, NULL, NULL, NULL, 0},
    {"$(id):x", 0, NULL, NULL, NULL, NULL, 0},
    {"me:secret@host:x", SSH, NULL, "me", "secret@host:x", NULL, 0},
    {"ssh://me:secret@host/x", 0, NULL, NULL, NULL, NULL, 0},
    {"ssh://host:0/x", 0, NULL, NULL, NULL, NULL, 0},
    {"ssh://host:99999/x", 0, NULL, NULL, NULL, NULL, 0},
    {"foo:bar://x", 0, NULL, NULL, NULL, NULL, 0},
    {"git://host/x", 0, NULL, NULL, NULL, NULL, 0},
    {"https://github.com/a/b", HTTPS, NULL, "github.com", "/a/b", NULL, 0},
    {"https://GitHub.com/a/b", HTTPS, NULL, "github.com", "/a/b", NULL, 0},
    {"http://host:8080/x", HTTP, NULL, "host", "/x", NULL, 8080},
    {"https://host:/x", HTTPS, NULL, "host", "/x", NULL, 0},
    {"https://host", HTTPS, NULL, "host", "", NULL, 0},
    {"https://me@host/x", HTTPS, "me", "host", "/x", NULL, 0},
    {"https://me:secret@host/x", HTTPS, "me", "host", "/x", "https://me@host/x",
     0},
    {"https://:secret@host/x", HTTPS, NULL, "host", "/x", "https://host/x", 0},
    {"https://me:@host/x", HTTPS, "me", "host", "/x", "https://me@host/x", 0},
    {"https://a%40b@host/x", HTTPS, "a@b", "host", "/x", NULL, 0},
    {"https://[2001:db8::1]:444/x", HTTPS, NULL, "2001:db8::1", "/x", NULL,
     444},
    {"https://host/../a/./b%2e%2e", HTTPS, NULL, "host", "/../a/./b%2e%2e",
     NULL, 0},
    {"https://github.com@evil.example/x", HTTPS, "github.com", "evil.example",
     "/x", NULL, 0},
    {"https://host/x@y", HTTPS, NULL, "host", "/x@y", NULL, 0},
    {"https://host?@evil/x", HTTPS, NULL, "host", "?@evil/x", NULL, 0},
    {"https://me@github.com@evil/x", 0, NULL, NULL, NULL, NULL, 0},
    {"https://github.com\\@evil/x", 0, NULL, NULL, NULL, NULL, 0},
    {"https://github.com#@evil/x", 0, NULL, NULL, NULL, NULL, 0},
    {"https://host/x#y", 0, NULL, NULL, NULL, NULL, 0},
    {"https://ho%73t/x", 0, NULL, NULL, NULL, NULL, 0},
    {"https://host%00/x", 0, NULL, NULL, NULL, NULL, 0},
    {"https://host\n/x", 0, NULL, NULL, NULL, NULL, 0},
    {"https://host /x", 0, NULL, NULL, NULL, NULL, 0},
    {"https:///x", 0, NULL, NULL, NULL, NULL, 0},
    {"https://-x/y", 0, NULL, NULL, NULL, NULL, 0},
    {"https://host:0/x", 0, NULL, NULL, NULL, NULL, 0},
    {"https://host:99999/x", 0, NULL, NULL, NULL, NULL, 0},
    {"https://host:1x/x", 0, NULL, NULL, NULL, NULL, 0},
    {"https://[::1/x", 0, NULL, NULL, NULL, NULL, 0},
    {"https://[::1]x/x", 0, NULL, NULL, NULL, NULL, 0},
    {"https://[host]/x", 0, NULL, NULL, NULL, NULL, 0},
    {"https://h\xc3\xb6st/x", 0, NULL, NULL, NULL, NULL, 0},
    {"ext::sh -c id", 0, NULL, NULL, NULL, NULL, 0},
    {"ftp://host/x", 0, NULL, NULL, NULL, NULL, 0},
};

static const char *
none(const char *s)
{
	return s ? s : "(none)";
}

static void
by_table(void **state)
{
	struct transport_permit p;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		const struct want *w = &table[i];
		void *ctx = talloc_new(NULL);
		int rc;

		e = (struct err){0};
		rc = permit_from_url(ctx, w->url, &p, &e);
		print_message("%s\n", w->url);
		if (!w->scheme) {
			assert_true(rc < 0);
			assert_null(strstr(e.msg, "secret"));
			talloc_free(ctx);
			continue;
		}
		assert_int_equal(rc, 0);
		assert_int_equal(p.scheme, w->scheme);
		assert_string_equal(none(p.user), none(w->user));
		assert_string_equal(p.host, w->host);
		assert_string_equal(p.path, w->path);
		assert_string_equal(p.url, w->clean ? w->clean : w->url);
		assert_int_equal(p.port, w->port);
		assert_false(p.fetch || p.push || p.any_path || p.nupdates);
		talloc_free(ctx);
	}
}

static char repo[] = "/tmp/automode-permit-XXXXXX"; /* git wants one */

static int
make_repo(void **state)
{
	const char *argv[] = {"git", "init", "-q", "--bare", repo, NULL};
	struct spawn s = {.program = "/usr/bin/git",
			  .argv = argv,
			  .env = (const char *const *)environ};
	void *ctx = talloc_new(NULL);
	int rc;

	(void)state;
	rc = !mkdtemp(repo) || spawn_run(ctx, &s, NULL) < 0 || s.status;
	talloc_free(ctx);
	return rc;
}

static int
drop_repo(void **state)
{
	const char *argv[] = {"rm", "-rf", repo, NULL};
	struct spawn s = {.program = "/bin/rm", .argv = argv};
	void *ctx = talloc_new(NULL);
	int rc = spawn_run(ctx, &s, NULL);

	(void)state;
	talloc_free(ctx);
	return rc;
}

/* What git says: "userandhost", "port", "path"; false: it dies. */
static bool
ask_git(void *ctx, const char *url, char **host, char **port, char **path)
{
	const char *argv[] = {"git", "fetch-pack", "--diag-url", url, NULL};
	struct spawn s = {.program = "/usr/bin/git",
			  .argv = argv,
			  .env = (const char *const *)environ,
			  .cwd = repo,
			  .timeout_ms = 10000};
	struct {
		const char *name;
		char **out;
	} lines[] = {{"Diag: userandhost=", host},
		     {"Diag: port=", port},
		     {"Diag: path=", path}};
	struct err e = {0};
	char *at;

	assert_int_equal(spawn_run(ctx, &s, &e), 0);
	if (s.status != 0)
		return false;
	for (size_t i = 0; i < 3; i++) {
		at = strstr(s.output, lines[i].name);
		if (!at)
			return false;
		at += strlen(lines[i].name);
		*lines[i].out = talloc_strndup(ctx, at, strcspn(at, "\n"));
	}
	return true;
}

static void
compare(const char *url)
{
	void *ctx = talloc_new(NULL);
	char *host = NULL, *port = NULL, *path = NULL;
	struct transport_permit p;
	struct err e = {0};

	if (permit_from_url(ctx, url, &p, &e) == 0 && p.scheme == SSH) {
		print_message("%s\n", url);
		assert_true(ask_git(ctx, url, &host, &port, &path));
		assert_string_equal(
		    host, p.user ? talloc_asprintf(ctx, "%s@%s", p.user, p.host)
				 : p.host);
		/* "022" goes to ssh as it is, which reads 22 */
		assert_int_equal(strtol(port, NULL, 10), p.port);
		assert_string_equal(path, p.path);
	}
	talloc_free(ctx);
}

/* Pieces put together in every way: wherever we say yes, git means the same
 * user, host, port and path. */
static void
as_git(void **state)
{
	static const char *const first[] = {"", "ssh://", "git+ssh://", "x"};
	static const char *const user[] = {"",	   "me@",  "a%40b@",
					   "me@@", "a:1@", "[me@"};
	static const char *const host[] = {"h",	    "[::1]", "[h]",    "::1",
					   "h%2ex", "[h:3]", "[1:2:3]"};
	static const char *const port[] = {"", ":22", ":", ":022", ":x", "]:2"};
	static const char *const path[] = {"/p",    ":p",   ":/p",  "/~u/p",
					   ":~u/p", "/@[p", "/:1:p"};
	size_t a, b, c, d, f;
	char url[256];

	(void)state;
	for (a = 0; a < 4; a++)
		for (b = 0; b < 6; b++)
			for (c = 0; c < 7; c++)
				for (d = 0; d < 6; d++)
					for (f = 0; f < 7; f++) {
						snprintf(url, sizeof(url),
							 "%s%s%s%s%s", first[a],
							 user[b], host[c],
							 port[d], path[f]);
						compare(url);
					}
	for (a = 0; a < sizeof(table) / sizeof(*table); a++)
		compare(table[a].url);
}

/* An object's name as git prints it; words: up to five. */
static char *
git(void *ctx, const char *a, const char *b, const char *c, const char *d,
    const char *e)
{
	const char *argv[] = {"git", a, b, c, d, e, NULL};
	const char *env[] = {"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@x",
			     "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@x",
			     NULL};
	struct spawn s = {
	    .program = "/usr/bin/git", .argv = argv, .env = env, .cwd = repo};

	assert_int_equal(spawn_run(ctx, &s, NULL), 0);
	assert_int_equal(s.status, 0);
	s.output[strcspn(s.output, "\n")] = '\0';
	return s.output;
}

static void
forward(void **state)
{
	void *ctx = talloc_new(NULL);
	char *tree = git(ctx, "hash-object", "-t", "tree", "-w", "/dev/null");
	char *one = git(ctx, "commit-tree", "-m", "1", tree, NULL);
	char *two = git(ctx, "commit-tree", "-m2", "-p", one, tree);
	char *side = git(ctx, "commit-tree", "-m", "side", tree, NULL);
	char *zero = talloc_asprintf(ctx, "%040d", 0);
	struct permit_update u = {
	    .ref = "refs/heads/x", .will = two, .forward_in = repo};

	(void)state;
	git_libgit2_init();
	git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	assert_true(permit_forwards(&u, one));
	assert_true(permit_forwards(&u, two));
	assert_true(permit_forwards(&u, zero));
	assert_false(permit_forwards(&u, side));
	assert_false(
	    permit_forwards(&u, "1234567890123456789012345678901234567890"));
	assert_false(permit_forwards(&u, "x"));
	assert_false(permit_forwards(&u, ""));
	u.will = one; /* back */
	assert_false(permit_forwards(&u, two));
	u.will = NULL;
	assert_false(permit_forwards(&u, one));
	u.will = two;
	u.forward_in = NULL;
	assert_false(permit_forwards(&u, one));
	u.forward_in = "/nowhere";
	assert_false(permit_forwards(&u, one));
	talloc_free(ctx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(by_table),
					   cmocka_unit_test(as_git),
					   cmocka_unit_test(forward)};

	return cmocka_run_group_tests(tests, make_repo, drop_repo);
}
