/* SPDX-License-Identifier: Apache-2.0 */
/* base/path.c, tree.c, glob.c: names, links, and what lies below. */
#include "base/err.h"
#include "base/path.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void *ctx;
static char *top;
static int topfd;

static char *
at(const char *rel)
{
	return talloc_asprintf(ctx, "%s/%s", top, rel);
}

static void
touch(const char *rel)
{
	int fd = open(at(rel), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
}

static int
setup(void **state)
{
	char name[] = "/tmp/test-path-XXXXXX";

	(void)state;
	ctx = talloc_new(NULL);
	if (!mkdtemp(name))
		return -1;
	top = talloc_strdup(ctx, name);
	topfd = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return topfd < 0;
}

static int
teardown(void **state)
{
	int rc = path_remove_tree(AT_FDCWD, ".", NULL);

	(void)state;
	assert_true(rc < 0);
	rc = path_remove_tree(topfd, "..", NULL);
	assert_true(rc < 0);
	close(topfd);
	topfd = open("/tmp", O_PATH | O_DIRECTORY | O_CLOEXEC);
	rc = path_remove_tree(topfd, path_base(top), NULL);
	close(topfd);
	talloc_free(ctx);
	return rc;
}

static void
lexical(void **state)
{
	static const char *const clean[][2] = {
	    {"", "."},
	    {".", "."},
	    {"/", "/"},
	    {"//", "/"},
	    {"/..", "/"},
	    {"a/..", "."},
	    {"a//b/./c/", "a/b/c"},
	    {"../a/../..", "../.."},
	    {"/a/b/../../..", "/"},
	    {"./..", ".."},
	    {"../../x", "../../x"},
	    {"..a/..", "."},
	    {"a/...", "a/..."},
	    {"/a\n/\xff/", "/a\n/\xff"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(clean); i++)
		assert_string_equal(path_clean(ctx, clean[i][0]), clean[i][1]);
	assert_string_equal(path_join(ctx, "/a/b", "../c"), "/a/c");
	assert_string_equal(path_join(ctx, "/a/b", "/c/"), "/c");
	assert_string_equal(path_join(ctx, "a", ".."), ".");
	assert_string_equal(path_join(ctx, "/", "x"), "/x");
	assert_string_equal(path_join(ctx, "/x", ""), "/x");
	assert_string_equal(path_parent(ctx, "/a/b"), "/a");
	assert_string_equal(path_parent(ctx, "/a"), "/");
	assert_string_equal(path_parent(ctx, "/"), "/");
	assert_string_equal(path_parent(ctx, "a"), ".");
	assert_string_equal(path_base("/a/b"), "b");
	assert_string_equal(path_base("b"), "b");
	assert_true(path_is_under("/a/b", "/a"));
	assert_true(path_is_under("/a", "/a"));
	assert_false(path_is_under("/ab", "/a"));
	assert_false(path_is_under("/a", "/a/b"));
	assert_true(path_is_under("/a", "/"));
	assert_string_equal(path_below("/a/b/c", "/a"), "b/c");
	assert_string_equal(path_below("/a", "/a"), "");
	assert_string_equal(path_below("/a", "/"), "a");
	assert_string_equal(path_below("/", "/"), "");
	assert_null(path_below("/ab", "/a"));
}

static void
resolving(void **state)
{
	(void)state;
	mkdir(at("r"), 0755);
	mkdir(at("r/d"), 0755);
	assert_int_equal(symlink("d", at("r/l")), 0);
	assert_int_equal(symlink("../r/l/new", at("r/dangling")), 0);
	assert_int_equal(symlink(at("r/d"), at("r/abs")), 0);
	assert_int_equal(symlink("loop", at("r/loop")), 0);
	touch("r/d/f");
	assert_string_equal(path_resolve(ctx, at("r"), "l/f"), at("r/d/f"));
	assert_string_equal(path_resolve(ctx, at("r"), "abs/f"), at("r/d/f"));
	/* ".." is the parent of what the link leads to */
	assert_string_equal(path_resolve(ctx, at("r/l"), "../l/.."), at("r"));
	assert_string_equal(path_resolve(ctx, at("r"), "l/no/x"),
			    at("r/d/no/x"));
	assert_string_equal(path_resolve(ctx, at("r"), "dangling"),
			    at("r/d/new"));
	/* what does not exist yet must not hide a link behind it */
	assert_string_equal(path_resolve(ctx, at("r"), "no/../l/f"),
			    at("r/d/f"));
	assert_string_equal(path_resolve(ctx, at("r"), "loop/x"),
			    at("r/loop/x"));
	assert_string_equal(path_resolve(ctx, at("r"), "l/f/x"), at("r/d/f/x"));
	assert_string_equal(path_resolve_parent(ctx, at("r"), "l"), at("r/l"));
	assert_string_equal(path_resolve_parent(ctx, at("r"), "l/"), at("r/d"));
	assert_string_equal(path_resolve_parent(ctx, at("r"), "l/f"),
			    at("r/d/f"));
	assert_string_equal(path_resolve(ctx, "/", ".."), "/");
	assert_string_equal(path_resolve(ctx, "/nowhere", at("r/l")),
			    at("r/d"));
	assert_true(path_exists(at("r/loop")));
	assert_false(path_exists(at("r/none")));
}

static void
too_long(void **state)
{
	char *name = talloc_array(ctx, char, 20001);

	(void)state;
	memset(name, 'x', 20000);
	for (int i = 200; i < 20000; i += 200)
		name[i] = '/';
	name[20000] = '\0';
	assert_string_equal(path_resolve(ctx, "/tmp", name),
			    path_join(ctx, "/tmp", name));
}

static void
beneath(void **state)
{
	struct err e = {0};
	int fd;

	(void)state;
	mkdir(at("b"), 0755);
	touch("b/f");
	assert_int_equal(symlink("/etc", at("b/etc")), 0);
	assert_int_equal(symlink("f", at("b/lf")), 0);
	fd = path_open_beneath(topfd, "b/f", O_RDONLY, 0, &e);
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	fd = path_open_beneath(topfd, "b/new", O_WRONLY | O_CREAT, 0640, &e);
	assert_true(fd >= 0);
	close(fd);
	assert_true(path_open_beneath(topfd, "b/etc/passwd", O_RDONLY, 0, &e) <
		    0);
	assert_true(path_open_beneath(topfd, "b/lf", O_RDONLY, 0, &e) < 0);
	assert_true(path_open_beneath(topfd, "/etc/passwd", O_RDONLY, 0, &e) <
		    0);
	assert_true(path_open_beneath(topfd, "../x", O_RDONLY, 0, &e) < 0);
	errno = 0;
	assert_int_equal(path_open_beneath(topfd, "b/no", O_RDONLY, 0, &e),
			 ERR_SYSTEM);
	assert_int_equal(errno, ENOENT);
	fd = path_open_beneath(topfd, "", O_PATH, 0, &e);
	assert_true(fd >= 0);
	close(fd);
}

static void
making(void **state)
{
	struct err e = {0};
	struct stat st;

	(void)state;
	assert_int_equal(path_make_parents(topfd, "m/a/b/file", &e), 0);
	assert_true(path_exists(at("m/a/b")));
	assert_false(path_exists(at("m/a/b/file")));
	assert_int_equal(path_make_parents(topfd, "m/a/b/file", &e), 0);
	assert_int_equal(path_make_parents(topfd, "file", &e), 0);
	assert_int_equal(symlink("/tmp", at("m/out")), 0);
	assert_true(path_make_parents(topfd, "m/out/made-it/x", &e) < 0);
	assert_false(path_exists("/tmp/made-it"));
	assert_true(path_make_parents(topfd, "m/../../x/y", &e) < 0);
	assert_true(path_make_parents(topfd, "/tmp/made-it/y", &e) < 0);
	assert_false(path_exists("/tmp/made-it"));
	assert_int_equal(path_make_dirs(at("p/q//r/"), 0700, &e), 0);
	assert_int_equal(stat(at("p/q/r"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(path_make_dirs(at("p/q/r"), 0700, &e), 0);
	assert_int_equal(path_make_dirs("/", 0700, &e), 0);
	touch("p/file");
	assert_true(path_make_dirs(at("p/file"), 0700, &e) < 0);
	assert_true(path_make_dirs(at("p/file/x"), 0700, &e) < 0);
}

static void
removing(void **state)
{
	struct err e = {0};
	struct stat st;
	int fd, next;

	(void)state;
	mkdir(at("keep"), 0755);
	touch("keep/f");
	mkdir(at("t"), 0755);
	assert_int_equal(symlink("../keep", at("t/link")), 0);
	mkdir(at("t/ro"), 0755);
	touch("t/ro/f");
	mkdir(at("t/ro/none"), 0000);
	chmod(at("t/ro"), 0555);
	mkfifo(at("t/fifo"), 0600);
	/* deeper than a path may be long, and than descriptors last */
	fd = open(at("t"), O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < 3000; i++) {
		assert_int_equal(mkdirat(fd, "dddd", 0755), 0);
		next = openat(fd, "dddd", O_PATH | O_DIRECTORY | O_CLOEXEC);
		assert_true(next >= 0);
		close(fd);
		fd = next;
	}
	close(fd);
	if (path_remove_tree(topfd, "t", &e) < 0)
		fail_msg("%s", e.msg);
	assert_false(path_exists(at("t")));
	assert_int_equal(stat(at("keep/f"), &st), 0);
	assert_int_equal(path_remove_tree(topfd, "t", &e), 0);
	assert_int_equal(path_remove_tree(topfd, "no/such", &e), 0);
	touch("one");
	assert_int_equal(path_remove_tree(topfd, "one", &e), 0);
	assert_false(path_exists(at("one")));
	assert_int_equal(symlink("keep", at("l")), 0);
	assert_true(path_remove_tree(topfd, "l/f", &e) < 0);
	assert_int_equal(path_remove_tree(topfd, "l", &e), 0);
	assert_int_equal(stat(at("keep/f"), &st), 0);
	mkdir(at("t"), 0755);
	mkdir(at("t/mount"), 0755);
	if (mount(at("keep"), at("t/mount"), NULL, MS_BIND, NULL) == 0) {
		assert_true(path_remove_tree(topfd, "t", &e) < 0);
		assert_int_equal(stat(at("keep/f"), &st), 0);
		umount(at("t/mount"));
	}
	assert_true(path_remove_tree(topfd, "../tmp", &e) < 0);
	assert_true(path_remove_tree(topfd, "", &e) < 0);
	assert_true(path_remove_tree(topfd, "/", &e) < 0);
}

static void
globs(void **state)
{
	static const struct {
		const char *glob, *text;
		bool match;
	} cases[] = {
	    {"main", "main", true},
	    {"main", "mainx", false},
	    {"release/*", "release/1.0", true},
	    {"release/*", "release/a/b", false},
	    {"release/*", "release", false},
	    {"infra/**", "infra/a/b", true},
	    {"infra/**", "infrax", false},
	    {"**/id_rsa", "id_rsa", true},
	    {"**/id_rsa", "a/b/id_rsa", true},
	    {"**/id_rsa", "a/xid_rsa", false},
	    {"a/**/b", "a/b", true},
	    {"a/**/b", "a/x/y/b", true},
	    {"*", "a", true},
	    {"*", ".hidden", true},
	    {"*", "a/b", false},
	    {"**", "a/b\nc", true},
	    {"?", "/", false},
	    {"a?c", "a\nc", true},
	    {"[a-c]x", "bx", true},
	    {"[!a-c]x", "bx", false},
	    {"[!a]", "/", false},
	    {"*.pem", "x\xff.pem", true},
	    {"infra/prod/", "infra/prod", true},
	    {"infra/prod/", "infra/prod/x/y", true},
	    {"infra/prod/", "infra/production", false},
	    {"infra/*/", "infra/prod/x/y", true},
	    {"infra/*/", "infra/prod", true},
	    {"infra/*/", "infra", false},
	    {"a.b(c)+$|^", "a.b(c)+$|^", true},
	    {"a.b*", "axb", false},
	    {"\\*", "*", true},
	    {"\\*", "x", false},
	    {"[oops", "[oops", true},
	    {"[oops", "o", false},
	    {"", "", true},
	    {"", "x", false},
	    {"*.example.com", "a.example.com\n", false},
	};
	char *long_text = talloc_array(ctx, char, 4001);

	(void)state;
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < COUNT(cases); i++)
			if (path_glob_match(cases[i].glob, cases[i].text) !=
			    cases[i].match)
				fail_msg("%s %s", cases[i].glob, cases[i].text);
	memset(long_text, 'a', 4000);
	long_text[4000] = '\0';
	assert_false(path_glob_match("*a*a*a*a*a*a*a*[bc]?", long_text));
	assert_false(path_glob_match("**a**a**a**a**a**[bc]?", long_text));
	for (int i = 0; i < 3000; i++) {
		char glob[32], text[32];

		snprintf(glob, sizeof(glob), "dir%d/*", i);
		snprintf(text, sizeof(text), "dir%d/x", i);
		assert_true(path_glob_match(glob, text));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lexical),	cmocka_unit_test(resolving),
	    cmocka_unit_test(too_long), cmocka_unit_test(beneath),
	    cmocka_unit_test(making),	cmocka_unit_test(removing),
	    cmocka_unit_test(globs),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
