/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reversal/undo.c on real repositories, with entries made by hand here:
 * objects, other shapes of repositories, filters, remotes.
 */
#include "undo_world.h"

static void
test_objects(void **state)
{
	char *lost = sh("git commit-tree -m lost HEAD^{tree}");
	struct snap *s;
	struct item *it;
	struct err e;

	(void)state;
	lost[40] = '\0';
	s = before(0);
	sh("cp -rl .git/objects %s/objects", s->dir);
	it = manifest_add(&s->m, ITEM_OBJECTS, "objects");
	it->before = (struct value){.kind = VALUE_KEPT, .text = "objects"};
	sh("git reflog expire --expire=now --all; git stash clear;"
	   "git gc -q --prune=now; ! git cat-file -e %s 2>/dev/null",
	   lost);
	after(s);
	manifest_find(&s->m, ITEM_OBJECTS, "objects")->after.kind =
	    VALUE_UNKNOWN;
	assert_int_equal(manifest_write(&s->m, s->dir, &e), 0);
	undo(s->m.id);
	sh("git cat-file -e %s; git fsck; test $(git stash list | wc -l) = 2",
	   lost);
}

/* Commits and staged blobs that only the vault still has. */
static void
test_only_in_vault(void **state)
{
	struct snap *s;

	(void)state;
	sh("echo only-staged >only; git add only");
	s = before(0);
	sh("cp -rf .git/objects/. %s/kept.git/objects/", vault_path);
	sh("git branch -qD side; git stash clear; git reset -q --hard;"
	   "git reflog expire --expire=now --all; git gc -q --prune=now");
	after(s);
	undo(s->m.id);
	sh("git fsck; git cat-file -e side:s; git diff --cached >/dev/null");
	assert_string_equal(sh("git show :only"), "only-staged\n");
}

static void
test_bare(void **state)
{
	char *was;
	struct snap *s;

	(void)state;
	sh("git clone -q --bare . ../bare.git; cd ../bare.git; git branch x;"
	   "git update-ref refs/heads/y side");
	repo = dot = talloc_asprintf(ctx, "%s/bare.git", top);
	was = state_of("");
	s = before(0);
	sh("git branch -D side x y; git tag -d v1; git symbolic-ref HEAD "
	   "refs/heads/none");
	after(s);
	undo(s->m.id);
	assert_same(was, state_of(""));
}

static void
test_linked_worktree(void **state)
{
	char *was, *wt = talloc_asprintf(ctx, "%s/wt", top);
	struct snap *s;

	(void)state;
	sh("git worktree add -q --detach %s side; cd %s; echo w >>a; echo n "
	   ">n; git add n; git commit -qm detached; echo i >x.o; echo v >v",
	   wt, wt);
	was = state_of(wt);
	s = before(0);
	/* its files as absolute paths, its HEAD as a ref */
	{
		struct value *v = slot(s, ITEM_REF, "worktrees/wt/HEAD");
		char *head = sh("cat .git/worktrees/wt/HEAD");
		static const char *const names[] = {
		    "",		 "/a",	  "/n",		 "/x.o",
		    "/v",	 "/.git", "/b",		 "/d",
		    "/d/c",	 "/s",	  "/.gitignore", "/.gitattributes",
		    "/crlf.txt", "/link"};
		int fd = open("/", O_RDONLY | O_DIRECTORY);

		head[40] = '\0';
		v->kind = VALUE_OID;
		v->text = head;
		assert_int_equal(chdir("/"), 0);
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
			snap_file(s, ITEM_PATH, AT_FDCWD,
				  talloc_asprintf(ctx, "%s%s", wt, names[i]));
		close(fd);
	}
	assert_int_equal(chdir(getenv("OLDPWD_TEST")), 0);
	sh("git worktree remove -f %s; ! test -e .git/worktrees/wt", wt);
	after(s);
	undo(s->m.id);
	assert_same(was, state_of(wt));
	sh("git -C %s status >/dev/null; git fsck", wt);
}

static void
test_filtered(void **state)
{
	struct snap *s;
	struct item *it;
	struct err e;
	char *hex;

	(void)state;
	s = before(0);
	sh("printf 'other\\n' >crlf.txt; rm .gitattributes");
	after(s);
	it = manifest_find(&s->m, ITEM_FILE, "crlf.txt");
	hex = sh("git rev-parse HEAD:crlf.txt");
	hex[40] = '\0';
	it->before =
	    (struct value){.kind = VALUE_INDEX, .mode = 0100644, .text = hex};
	assert_int_equal(manifest_write(&s->m, s->dir, &e), 0);
	undo(s->m.id);
	assert_string_equal(sh("cat crlf.txt"), "l1\r\nl2\r\n");
}

static void
test_filter_driver(void **state)
{
	struct snap *s;
	struct item *it;
	struct err e;
	char *hex;

	(void)state;
	sh("git config filter.rot.smudge 'tr a-z b-za'; git config "
	   "filter.rot.clean 'tr b-za a-z'; echo 'f.rot filter=rot' "
	   ">>.gitattributes; echo hello >f.rot; git add f.rot");
	s = before(0);
	sh("rm f.rot");
	after(s);
	it = manifest_find(&s->m, ITEM_FILE, "f.rot");
	hex = sh("git rev-parse :f.rot");
	hex[40] = '\0';
	it->before =
	    (struct value){.kind = VALUE_INDEX, .mode = 0100600, .text = hex};
	assert_int_equal(manifest_write(&s->m, s->dir, &e), 0);
	undo(s->m.id);
	assert_string_equal(sh("cat f.rot; stat -c %%a f.rot"), "hello\n600\n");
}

static void
test_remote(void **state)
{
	struct undo_report r;
	char *name, *was, *now;
	struct snap *s;
	struct item *it;
	struct err e;

	(void)state;
	sh("git clone -q --bare . ../remote.git; printf '#!/bin/sh\\necho "
	   "hooked >hooked\\n' >../remote.git/hooks/post-update; chmod +x "
	   "../remote.git/hooks/post-update");
	was = sh("git rev-parse side");
	now = sh("git rev-parse main");
	was[40] = now[40] = '\0';
	s = before(0);
	sh("git push -q -f ../remote.git main:side; rm ../remote.git/hooked");
	after(s);
	name =
	    talloc_asprintf(ctx, "file://%s/remote.git refs/heads/side", top);
	it = manifest_add(&s->m, ITEM_REMOTE, name);
	it->before = (struct value){.kind = VALUE_OID, .text = was};
	it->after = (struct value){.kind = VALUE_OID, .text = now};
	it = manifest_add(&s->m, ITEM_REMOTE, "https://x.invalid/r refs/x");
	it->before = (struct value){.kind = VALUE_OID, .text = was};
	assert_int_equal(manifest_write(&s->m, s->dir, &e), 0);
	r = undo(s->m.id);
	sh("test $(git -C ../remote.git rev-parse side) = %s", was);
	sh("test -e ../remote.git/hooked");
	assert_non_null(strstr(r.lines, "push it back yourself"));
	undo(r.entry);
	sh("test $(git -C ../remote.git rev-parse side) = %s", now);
}

static void
test_many(void **state)
{
	char *was;
	struct snap *s;
	struct undo_report r;

	(void)state;
	sh("mkdir many; cd many; i=0; while [ $i -lt 2100 ]; do i=$((i + 1));"
	   "echo $i >f$i; done");
	was = state_of("");
	s = before(LINK);
	sh("rm -r many");
	after(s);
	r = undo(s->m.id);
	assert_same(was, state_of(""));
	assert_non_null(strstr(r.lines, "more"));
	r = undo(r.entry);
	sh("! test -e many");
	undo(r.entry);
	assert_same(was, state_of(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_objects),  T(test_only_in_vault),
	    T(test_bare),     T(test_linked_worktree),
	    T(test_filtered), T(test_filter_driver),
	    T(test_remote),   T(test_many)};

	return run_in_world(tests, sizeof(tests) / sizeof(tests[0]));
}
