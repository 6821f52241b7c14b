/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reversal/undo.c on real repositories, with entries made by hand here: the
 * work tree, the refs, what stands in the way, retention.
 */
#include "undo_world.h"

static void
there_and_back(unsigned how, const char *command)
{
	char *was = state_of(""), *then;
	struct snap *s = before(how);
	struct undo_report r;

	sh("%s", command);
	after(s);
	then = state_of("");
	assert_string_not_equal(was, then);
	r = undo(s->m.id);
	assert_same(was, state_of(""));
	assert_int_equal(r.beside, 0);
	assert_true(r.restored > 0);
	/* the undo is undone, and that once more */
	r = undo(r.entry);
	assert_same(then, state_of(""));
	r = undo(r.entry);
	assert_same(was, state_of(""));
	sh("git fsck --no-dangling");
}

#define RESET  "git reset -q --hard HEAD~1"
#define CLEAN  "git clean -qfdx"
#define SWITCH "git checkout -qf side"

static void
test_reset(void **state)
{
	(void)state;
	there_and_back(0, RESET);
}

static void
test_clean_linked(void **state)
{
	(void)state;
	there_and_back(LINK, CLEAN);
}

static void
test_everything(void **state)
{
	(void)state;
	there_and_back(0, SWITCH
		       "; " CLEAN "; git branch -qD main loose;"
		       "git tag -d v1; git stash drop -q; git stash clear;"
		       "git config a.b c; rm -rf d; echo f >d; rm b;"
		       "mkdir b; echo z >b/z; rm a; ln -s /etc a");
}

static void
test_directory_conflicts(void **state)
{
	(void)state;
	there_and_back(0, "git branch -qD loose; git branch loose/sub/one;"
			  "git pack-refs --all");
}

static void
test_unborn(void **state)
{
	(void)state;
	there_and_back(0, "git checkout -q --orphan fresh; git rm -rfq .");
}

static void
test_detached(void **state)
{
	(void)state;
	there_and_back(0, "git stash -q; git checkout -q --detach side;"
			  "git commit -q --allow-empty -m x;"
			  "git symbolic-ref refs/heads/sym refs/heads/main");
}

static void
test_merge_state(void **state)
{
	(void)state;
	sh("git checkout -qf main; echo m >s; git add s; git commit -qm m");
	there_and_back(0, "git merge -q side || true");
}

static void
test_died(void **state)
{
	char *was = state_of("");
	struct snap *s = before(0);

	(void)state;
	sh(RESET "; " CLEAN);
	/* no after: the entry is open.  What was created stays. */
	undo(s->m.id);
	assert_same(was, state_of(""));
}

static void
test_changed_since(void **state)
{
	struct undo_report r;
	struct snap *s;

	(void)state;
	s = before(0);
	sh(RESET "; git branch -qD loose");
	after(s);
	sh("echo mine >a; git branch loose side; rm -r deep; ln -s /tmp deep;"
	   "git commit -q --allow-empty -m later");
	r = undo(s->m.id);
	assert_true(r.beside >= 3);
	assert_string_equal(sh("cat a"), "mine\n");
	assert_string_equal(sh("cat a.automode-restored"), "one\n2\ndirty\n");
	assert_string_equal(sh("git rev-parse loose"),
			    sh("git rev-parse side"));
	sh("test $(git rev-parse refs/automode/restored/1/heads/loose) = "
	   "$(git stash list --format=%%P | head -1 | cut -d' ' -f1)");
	assert_string_equal(sh("readlink deep"), "/tmp\n");
	assert_non_null(strstr(r.lines, "a was changed since"));
	assert_string_equal(last_state, "1 undone");
	/* what was put beside goes when the undo is undone */
	undo(r.entry);
	sh("! test -e a.automode-restored; ! git rev-parse -q --verify "
	   "refs/automode/restored/1/heads/loose");
}

static void
test_link_in_the_way(void **state)
{
	struct undo_report r;
	struct snap *s = before(0);

	(void)state;
	sh("rm -r deep d");
	after(s);
	sh("mkdir out; ln -s ../out deep; echo f >d");
	r = undo(s->m.id);
	assert_true(r.beside >= 2);
	assert_string_equal(sh("ls out"), "");
	assert_string_equal(sh("cat deep.automode-restored/er/q"), "q\n");
	assert_string_equal(sh("cat d.automode-restored/c"), "in\n");
}

/* A ref that was made since needs a folder where the old one was, and the
 * other way round; loose and packed. */
static void
test_refs_in_the_way(void **state)
{
	struct undo_report r;
	struct snap *s;

	(void)state;
	sh("git branch p; git branch q/one; git branch r; git branch t/one");
	s = before(0);
	sh("git branch -D p q/one r t/one");
	after(s);
	sh("git branch p/two; git branch q; git pack-refs --all;"
	   "git branch r/two; git branch t");
	r = undo(s->m.id);
	assert_true(r.beside >= 4);
	sh("cd .git && for i in p q/one r t/one; do git rev-parse -q --verify "
	   "refs/automode/restored/%d/heads/$i; done",
	   (int)s->m.id);
	sh("git rev-parse p/two q r/two t; git fsck; git for-each-ref");
}

/* The reflog of a ref that the command made, where only the ref is known. */
static void
test_log_of_new_ref(void **state)
{
	struct undo_report r;
	struct snap *s;
	char *was = state_of(""), *then;

	(void)state;
	s = before(0);
	sh("git branch made side");
	after(s);
	then = state_of("");
	for (size_t i = 0; i < s->m.n; i++)
		if (strcmp(s->m.items[i].name, "logs/refs/heads/made") == 0)
			s->m.items[i] = s->m.items[--s->m.n];
	assert_int_equal(manifest_write(&s->m, s->dir, NULL), 0);
	r = undo(s->m.id);
	assert_same(was, state_of(""));
	undo(r.entry);
	assert_same(then, state_of(""));
}

static void
test_retention(void **state)
{
	uint64_t *dropped;
	struct snap *s = NULL;
	struct item *it;
	struct err e;
	char *blob;
	size_t n;

	(void)state;
	for (int i = 1; i <= 9; i++) {
		sh("echo %d >number", i);
		s = before(0);
		s->m.time = i == 3 ? time(NULL) : time(NULL) - 15 * 86400;
		if (i == 2) {
			it = manifest_add(&s->m, ITEM_REMOTE, "/r refs/x");
			it->before.kind = VALUE_ABSENT;
		}
		blob = sh("git hash-object number");
		blob[40] = '\0';
		assert_int_equal(vault_pin(s->v, s->m.id,
					   (const char *const[]){blob}, 1, NULL,
					   0, &e),
				 0);
		assert_int_equal(manifest_write(&s->m, s->dir, &e), 0);
	}
	/* somebody holds the lock: nothing happens */
	assert_int_equal(vault_lock(s->v, 0, &e), 0);
	{
		struct vault *other;

		assert_int_equal(vault_open_dir(ctx, vault_path, &other, &e),
				 0);
		assert_int_equal(vault_expire(ctx, other, &dropped, &n, &e), 0);
		assert_int_equal(n, 0);
	}
	vault_unlock(s->v);
	/* not the newest five, not the young one, not one with a remote ref */
	if (vault_expire(ctx, s->v, &dropped, &n, &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(n, 2);
	assert_int_equal(dropped[0], 1);
	assert_int_equal(dropped[1], 4);
	sh("! test -e %s/entries/1; test -e %s/entries/2", vault_path,
	   vault_path);
	blob = sh("echo 1 | git hash-object --stdin");
	blob[40] = '\0';
	sh("! git --git-dir=%s/kept.git cat-file -e %s 2>/dev/null", vault_path,
	   blob);
	blob = sh("echo 3 | git hash-object --stdin");
	blob[40] = '\0';
	sh("git --git-dir=%s/kept.git cat-file -e %s", vault_path, blob);
	sh("git --git-dir=%s/kept.git fsck --no-dangling", vault_path);
}

static void
test_index_refreshed(void **state)
{
	char *was = state_of("");
	struct undo_report r;
	struct snap *s = before(0);

	(void)state;
	sh("git reset -q --hard HEAD~1");
	after(s);
	sh("sleep 0.01; touch a crlf.txt; git status >/dev/null");
	r = undo(s->m.id);
	assert_int_equal(r.beside, 0);
	assert_same(was, state_of(""));
}

static void
test_two_entries(void **state)
{
	char *was = state_of(""), *middle;
	struct snap *one, *two;

	(void)state;
	one = before(0);
	sh("rm a b");
	after(one);
	middle = state_of("");
	two = before(LINK);
	sh("rm -r u empty deep; chmod 644 d/c; chmod 755 d");
	after(two);
	undo(one->m.id);
	undo(two->m.id);
	assert_same(was, state_of(""));
	sh("rm a b");
	assert_same(middle, state_of(""));
}

static void
test_refuses(void **state)
{
	struct undo_report r;
	char *then, *blob;
	struct snap *s;
	struct err e;

	(void)state;
	assert_int_equal(try_undo(9, false, &r, &e), ERR_UNKNOWN);
	s = before(0);
	assert_int_equal(try_undo(9, false, &r, &e), ERR_UNKNOWN);
	sh(RESET "; " CLEAN);
	after(s);
	then = state_of("");
	/* dry run */
	assert_int_equal(try_undo(s->m.id, true, &r, &e), 0);
	assert_true(r.restored > 5);
	assert_same(then, state_of(""));
	/* a lock of git's */
	sh("touch .git/index.lock");
	assert_int_equal(try_undo(s->m.id, false, &r, &e), ERR_SYSTEM);
	assert_non_null(strstr(e.msg, "index is locked"));
	sh("rm .git/index.lock");
	assert_same(then, state_of(""));
	sh("touch .git/refs/heads/main.lock");
	assert_int_equal(try_undo(s->m.id, false, &r, &e), ERR_SYSTEM);
	sh("rm .git/refs/heads/main.lock");
	assert_same(then, state_of(""));
	/* a damaged object */
	blob = sh("echo un | git hash-object --stdin");
	blob[40] = '\0';
	blob = talloc_asprintf(ctx, "%s/kept.git/objects/%.2s/%s", vault_path,
			       blob, blob + 2);
	sh("cp %s ../saved; chmod u+w %s; printf junk >%s", blob, blob, blob);
	assert_int_equal(try_undo(s->m.id, false, &r, &e), ERR_SYNTAX);
	assert_non_null(strstr(e.msg, "damaged"));
	assert_same(then, state_of(""));
	sh("rm %s", blob);
	assert_int_equal(try_undo(s->m.id, false, &r, &e), ERR_SYNTAX);
	sh("cp ../saved %s", blob);
	/* a damaged manifest */
	sh("cp -f %s/manifest ../saved; sed -i 5d %s/manifest", s->dir, s->dir);
	assert_int_equal(try_undo(s->m.id, false, &r, &e), ERR_SYNTAX);
	sh("rm %s/manifest", s->dir);
	assert_int_equal(try_undo(s->m.id, false, &r, &e), ERR_SYNTAX);
	sh("cp ../saved %s/manifest", s->dir);
	assert_same(then, state_of(""));
	undo(s->m.id);
}

static void
test_half_way(void **state)
{
	char *was = state_of(""), *then;
	struct undo_report r;
	struct snap *s;
	struct err e;

	(void)state;
	s = before(0);
	sh(RESET "; " CLEAN);
	after(s);
	then = state_of("");
	/* logs cannot be written: fails after the files */
	sh("mv .git/logs ../logs; echo x >.git/logs");
	assert_true(try_undo(s->m.id, false, &r, &e) < 0 || r.beside > 0);
	sh("rm -rf .git/logs .git/*automode*; mv ../logs .git/logs");
	if (r.entry) {
		struct undo_report again = undo(s->m.id);

		(void)again;
		assert_same(was, state_of(""));
	} else {
		assert_same(then, state_of(""));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_reset),	     T(test_clean_linked),
	    T(test_everything),	     T(test_directory_conflicts),
	    T(test_unborn),	     T(test_detached),
	    T(test_merge_state),     T(test_died),
	    T(test_changed_since),   T(test_link_in_the_way),
	    T(test_refs_in_the_way), T(test_log_of_new_ref),
	    T(test_retention),	     T(test_index_refreshed),
	    T(test_two_entries),     T(test_refuses),
	    T(test_half_way)};

	return run_in_world(tests, sizeof(tests) / sizeof(tests[0]));
}
