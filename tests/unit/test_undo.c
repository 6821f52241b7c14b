/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reversal/undo.c on real repositories, with entries made by hand here: all
 * of a small repository is recorded before and after a command.  State is
 * compared by tests/manifest-of.py.
 */
#include "base/file.h"
#include "base/path.h"
#include "base/spawn.h"
#include "reversal/manifest.h"
#include "reversal/undo.h"
#include "reversal/vault.h"
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include <cmocka.h>

static void *ctx;
static char top[64]; /* repo/ and vault/ lie here */
static const char *repo, *dot, *vault_path;
static uint64_t last_id;
static char last_state[64];

/* In place of wire/channel.c. */
int
channel_entry_new(struct channel *c, const char *session, const char *project,
		  const char *vault, const char *summary, uint64_t *id,
		  struct err *e)
{
	(void)c, (void)session, (void)project, (void)vault, (void)summary;
	(void)e;
	*id = ++last_id;
	return 0;
}

int
channel_entry_state(struct channel *c, uint64_t id, const char *state,
		    const char *kept, uint64_t bytes, struct err *e)
{
	(void)c, (void)kept, (void)bytes, (void)e;
	snprintf(last_state, sizeof(last_state), "%d %s", (int)id, state);
	return 0;
}

static char *sh(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static char *
sh(const char *fmt, ...)
{
	char *text, *where;
	const char *argv[] = {"sh", "-ec", NULL, NULL};
	const char *env[] = {"PATH=/usr/bin:/bin",
			     NULL,
			     "GIT_CONFIG_NOSYSTEM=1",
			     "GIT_AUTHOR_NAME=a",
			     "GIT_AUTHOR_EMAIL=a@x",
			     "GIT_COMMITTER_NAME=a",
			     "GIT_COMMITTER_EMAIL=a@x",
			     "GIT_EDITOR=true",
			     NULL};
	struct spawn s = {.program = "/bin/sh",
			  .argv = argv,
			  .env = env,
			  .cwd = repo,
			  .timeout_ms = 60000};
	struct err e = {0};
	va_list ap;

	va_start(ap, fmt);
	text = talloc_vasprintf(ctx, fmt, ap);
	va_end(ap);
	where = talloc_asprintf(ctx, "HOME=%s", top);
	argv[2] = text;
	env[1] = where;
	s.max_output = 16 << 20;
	if (spawn_run(ctx, &s, &e) < 0)
		fail_msg("%s: %s", text, e.msg);
	if (s.status != 0)
		fail_msg("%s: %d: %s%s", text, s.status, s.output, s.errors);
	return s.output;
}

static char *
state_of(const char *more)
{
	char cwd[4096];

	assert_non_null(getcwd(cwd, sizeof(cwd)));
	return sh("%s/tests/manifest-of.py %s %s", cwd, repo, more);
}

static void
assert_same(const char *a, const char *b)
{
	char *pa, *pb;

	if (strcmp(a, b) == 0)
		return;
	pa = talloc_asprintf(ctx, "%s/a", top);
	pb = talloc_asprintf(ctx, "%s/b", top);
	file_write(AT_FDCWD, pa, a, strlen(a), 0600, NULL);
	file_write(AT_FDCWD, pb, b, strlen(b), 0600, NULL);
	fail_msg("state differs:\n%s", sh("diff %s %s || true", pa, pb));
}

/* --- entries by hand --------------------------------------------------- */

enum { LINK = 1 };

struct snap {
	struct manifest m;
	struct vault *v;
	char *dir;
	unsigned how, serial;
	bool after;
};

static struct value *
slot(struct snap *s, enum item_kind kind, const char *name)
{
	struct item *it = manifest_find(&s->m, kind, name);

	if (!s->after)
		return &manifest_add(&s->m, kind, name)->before;
	if (!it) {
		it = manifest_add(&s->m, kind, name);
		it->before.kind = VALUE_ABSENT;
	}
	return &it->after;
}

static void
snap_file(struct snap *s, enum item_kind kind, int fd, const char *name)
{
	struct value *v = slot(s, kind, name), w = {0};
	char *hex = talloc_size(ctx, 41), link[4096];
	struct stat st;
	struct err e;

	assert_int_equal(fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW), 0);
	w.mode = st.st_mode;
	if (S_ISDIR(st.st_mode)) {
		w.kind = VALUE_DIR;
		w.mode &= 07777;
	} else if (S_ISLNK(st.st_mode)) {
		ssize_t n = readlinkat(fd, name, link, sizeof(link));

		w.kind = VALUE_LINK;
		assert_int_equal(vault_put(s->v, link, (size_t)n, hex, &e), 0);
		w.text = hex;
	} else if (S_ISREG(st.st_mode)) {
		w.size = (uint64_t)st.st_size;
		w.kind = VALUE_BLOB;
		w.text = hex;
		assert_int_equal(vault_put_file(s->v, fd, name, hex, &e), 0);
		if (!s->after && (s->how & LINK) && kind == ITEM_FILE) {
			w.kind = VALUE_KEPT;
			w.text = talloc_asprintf(ctx, "%u", s->serial++);
			assert_int_equal(
			    linkat(fd, name, AT_FDCWD,
				   talloc_asprintf(ctx, "%s/files/%s", s->dir,
						   w.text),
				   0),
			    0);
		}
	} else {
		w.kind = VALUE_OTHER;
		w.text = "fifo";
	}
	*v = w;
}

static void
snap_tree(struct snap *s, enum item_kind kind, const char *path,
	  const char *below)
{
	char *full = path_join(ctx, path, below);
	DIR *d = opendir(full);
	int fd = open(path, O_RDONLY | O_DIRECTORY);
	struct dirent *de;

	assert_non_null(d);
	while ((de = readdir(d))) {
		const char *n = de->d_name;
		char *name = *below ? talloc_asprintf(ctx, "%s/%s", below, n)
				    : talloc_strdup(ctx, n);
		struct stat st;

		if (strcmp(n, ".") == 0 || strcmp(n, "..") == 0)
			continue;
		if (kind == ITEM_FILE && strcmp(name, ".git") == 0)
			continue;
		if (kind == ITEM_GITFILE &&
		    (strcmp(name, "objects") == 0 ||
		     strcmp(name, "refs") == 0 || strcmp(n, "HEAD") == 0) &&
		    !strstr(name, "logs/"))
			continue;
		if (kind == ITEM_GITFILE && strcmp(name, "packed-refs") == 0)
			continue;
		assert_int_equal(fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW),
				 0);
		if (S_ISDIR(st.st_mode)) {
			if (kind == ITEM_FILE)
				snap_file(s, kind, fd, name);
			snap_tree(s, kind, path, name);
		} else {
			snap_file(s, kind, fd, name);
		}
	}
	closedir(d);
	close(fd);
}

static void
snap_refs(struct snap *s)
{
	char *text = sh("cd %s; git for-each-ref --format='%%(refname) "
			"%%(objectname) %%(symref)'",
			dot);
	char *head = sh("cat %s/HEAD", dot);
	struct value *v;

	for (char *line = strsep(&text, "\n"); line && *line;
	     line = strsep(&text, "\n")) {
		char *oid = strchr(line, ' '), *sym;

		*oid++ = '\0';
		sym = strchr(oid, ' ');
		*sym++ = '\0';
		v = slot(s, ITEM_REF, line);
		v->kind = *sym ? VALUE_SYMREF : VALUE_OID;
		v->text = *sym ? sym : oid;
	}
	v = slot(s, ITEM_REF, "HEAD");
	head[strcspn(head, "\n")] = '\0';
	v->kind = strncmp(head, "ref: ", 5) == 0 ? VALUE_SYMREF : VALUE_OID;
	v->text = v->kind == VALUE_SYMREF ? head + 5 : head;
}

static void
snap_all(struct snap *s)
{
	if (strcmp(repo, dot) != 0)
		snap_tree(s, ITEM_FILE, repo, "");
	snap_tree(s, ITEM_GITFILE, dot, "");
	snap_refs(s);
}

static struct snap *
before(unsigned how)
{
	struct snap *s = talloc_zero(ctx, struct snap);
	struct err e;

	path_make_dirs(vault_path, 0700, NULL);
	sh("test -f %s/project || printf '%%s\\n' %s >%s/project", vault_path,
	   dot, vault_path);
	if (vault_open_dir(ctx, vault_path, &s->v, &e) < 0)
		fail_msg("%s", e.msg);
	manifest_init(ctx, &s->m);
	s->how = how;
	s->m.id = ++last_id;
	s->m.commondir = s->m.gitdir = dot;
	s->m.worktree = strcmp(repo, dot) == 0 ? "" : repo;
	s->m.command = "test";
	s->dir = vault_entry_dir(ctx, s->v, s->m.id);
	path_make_dirs(talloc_asprintf(ctx, "%s/files", s->dir), 0700, NULL);
	snap_all(s);
	assert_int_equal(manifest_write(&s->m, s->dir, &e), 0);
	return s;
}

static void
after(struct snap *s)
{
	struct err e;

	for (size_t i = 0; i < s->m.n; i++)
		s->m.items[i].after.kind = VALUE_ABSENT;
	s->after = true;
	snap_all(s);
	s->m.state = "kept";
	assert_int_equal(manifest_write(&s->m, s->dir, &e), 0);
}

static int
try_undo(uint64_t id, bool dry, struct undo_report *r, struct err *e)
{
	struct channel c = {.fd = -1};

	return undo_entry(ctx, NULL, &c, vault_path, id, dry, NULL, r, e);
}

static struct undo_report
undo(uint64_t id)
{
	struct undo_report r;
	struct err e = {0};

	if (try_undo(id, false, &r, &e) < 0)
		fail_msg("undo %d: %s", (int)id, e.msg);
	return r;
}

/* A repository with everything dirty. */
static int
setup(void **state)
{
	(void)state;
	ctx = talloc_new(NULL);
	last_id = 0;
	snprintf(top, sizeof(top), "/tmp/undo-XXXXXX");
	if (!mkdtemp(top))
		return -1;
	vault_path = talloc_asprintf(ctx, "%s/vault", top);
	repo = top;
	sh("git init -q -b main repo");
	repo = talloc_asprintf(ctx, "%s/repo", top);
	dot = talloc_asprintf(ctx, "%s/.git", repo);
	sh("echo one >a; echo two >b; mkdir d; echo in >d/c; echo '*.o' "
	   ">.gitignore; printf 'crlf.txt text eol=crlf\\n' >.gitattributes;"
	   "printf 'l1\\r\\nl2\\r\\n' >crlf.txt; ln -s a link; chmod 600 b;"
	   "git add .; git commit -qm 1; echo 2 >>a; git commit -qam 2;"
	   "git branch side HEAD~1; git tag -a -m t v1; git checkout -q side;"
	   "echo s >s; git add s; git commit -qm side; git checkout -q main;"
	   "echo st >>b; git stash -q; echo st2 >>b; git stash -q;"
	   "git pack-refs --all; git branch loose;"
	   "echo dirty >>a; echo staged >new; git add new; echo un >u;"
	   "printf x >\"$(printf 'odd\\377\\n\\tname')\"; mkdir -m 700 empty;"
	   "echo o >x.o; mkdir -p deep/er; echo q >deep/er/q; chmod 755 u;"
	   "rm link; ln -s nowhere link");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	repo = "/";
	sh("chmod -R u+w %s; rm -rf %s", top, top);
	talloc_free(ctx);
	return 0;
}

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
	it->before = (struct value){VALUE_KEPT, 0, 0, "objects"};
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
	it->before = (struct value){VALUE_INDEX, 0100644, 0, hex};
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
	it->before = (struct value){VALUE_INDEX, 0100600, 0, hex};
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
	it->before = (struct value){VALUE_OID, 0, 0, was};
	it->after = (struct value){VALUE_OID, 0, 0, now};
	it = manifest_add(&s->m, ITEM_REMOTE, "https://x.invalid/r refs/x");
	it->before = (struct value){VALUE_OID, 0, 0, was};
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

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {T(test_reset),
					   T(test_clean_linked),
					   T(test_everything),
					   T(test_directory_conflicts),
					   T(test_unborn),
					   T(test_detached),
					   T(test_merge_state),
					   T(test_died),
					   T(test_changed_since),
					   T(test_link_in_the_way),
					   T(test_refs_in_the_way),
					   T(test_log_of_new_ref),
					   T(test_retention),
					   T(test_index_refreshed),
					   T(test_two_entries),
					   T(test_refuses),
					   T(test_half_way),
					   T(test_objects),
					   T(test_only_in_vault),
					   T(test_bare),
					   T(test_linked_worktree),
					   T(test_filtered),
					   T(test_filter_driver),
					   T(test_remote),
					   T(test_many)};
	char cwd[4096];

	if (!getcwd(cwd, sizeof(cwd)))
		return 1;
	setenv("OLDPWD_TEST", cwd, 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
