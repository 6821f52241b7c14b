/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small repository that is recorded before and after a command, for the
 * tests of reversal/undo.c.  State is compared by tests/manifest.py.
 */
#ifndef AUTOMODE_TESTS_UNDO_WORLD_H
#define AUTOMODE_TESTS_UNDO_WORLD_H

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
	return sh("%s/tests/manifest.py --strict %s %s", cwd, repo, more);
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

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static int
run_in_world(const struct CMUnitTest *tests, size_t n)
{
	char cwd[4096];

	if (!getcwd(cwd, sizeof(cwd)))
		return 1;
	setenv("OLDPWD_TEST", cwd, 1);
	return _cmocka_run_group_tests("undo", tests, n, NULL, NULL);
}

#endif
