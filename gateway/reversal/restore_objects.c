/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects back in the project's store: the hard-linked store that an entry of
 * the gc family holds, and single histories that only the vault still has.
 */
#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "base/spawn.h"
#include "base/text.h"
#include "reversal/undo_work.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* One direction, "objects/ab" of the entry to that of the project. */
struct relink {
	struct undo *u;
	int from, to;
	size_t *linked;
};

static int
link_file(struct relink *r, const char *name, struct err *e)
{
	int in OWNED_FD = -1, out OWNED_FD = -1;
	char temporary[64];
	struct stat st;
	int rc;

	if (fstatat(r->to, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	if (linkat(r->from, name, r->to, name, 0) == 0 || errno == EEXIST) {
		++*r->linked;
		return 0;
	}
	in = openat(r->from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (in < 0)
		return err_sys(e, "reading the kept object file %s", name);
	/* git itself clears what is called tmp_obj_* */
	snprintf(temporary, sizeof(temporary), "tmp_obj_automode_%d", getpid());
	out =
	    openat(r->to, temporary,
		   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0444);
	if (out < 0)
		return err_sys(e, "writing the object file %s", name);
	rc = file_copy_fd(in, out, e);
	if (rc == 0 && renameat(r->to, temporary, r->to, name) < 0)
		rc = err_sys(e, "writing the object file %s", name);
	if (rc < 0)
		unlinkat(r->to, temporary, 0);
	else
		++*r->linked;
	return rc;
}

/* idx: git takes a pack for whole once its .idx is there, so these come in a
 * second round. */
static int
link_folder(struct undo *u, int from_root, int to_root, const char *name,
	    bool idx, size_t *linked, struct err *e)
{
	struct relink r = {.u = u, .linked = linked};
	bool packs = strcmp(name, "pack") == 0;
	int from, to OWNED_FD = -1;
	struct dirent *d;
	DIR *dir;
	int rc = 0;

	from = openat(from_root, name,
		      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (from < 0)
		return errno == ENOENT ? 0 : err_sys(e, "opening %s", name);
	dir = fdopendir(from);
	if (!dir)
		BUG("out of memory");
	if (mkdirat(to_root, name, 0777) < 0 && errno != EEXIST)
		rc = err_sys(e, "making objects/%s", name);
	to = openat(to_root, name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (rc == 0 && to < 0)
		rc = err_sys(e, "opening objects/%s", name);
	r.from = from;
	r.to = to;
	while (rc == 0 && (d = readdir(dir))) {
		const char *dot = strrchr(d->d_name, '.');

		if (d->d_name[0] == '.' || strncmp(d->d_name, "tmp_", 4) == 0)
			continue;
		/* It names packs of its own time; git does without. */
		if (packs && strncmp(d->d_name, "multi-pack-index", 16) == 0)
			continue;
		if (packs && (dot && strcmp(dot, ".idx") == 0) != idx)
			continue;
		rc = link_file(&r, d->d_name, e);
	}
	closedir(dir);
	return rc;
}

/* Without these two folders nothing is a repository to git. */
static int
whole_store(struct undo *u, struct err *e)
{
	char *path = talloc_asprintf(u->ctx, "%s/objects", u->m.commondir);
	git_odb *odb = NULL;

	if (!path)
		BUG("out of memory");
	if (mkdirat(u->common_fd, "refs", 0777) < 0 && errno != EEXIST)
		return err_sys(e, "making refs");
	if (mkdirat(u->common_fd, "objects", 0777) < 0)
		return errno == EEXIST ? 0 : err_sys(e, "making objects");
	if (git_odb_open(&odb, path) < 0)
		return err_git(e, "opening the objects of the project");
	own(u->ctx, odb, (void (*)(void *))git_odb_free);
	u->odb = odb;
	return 0;
}

int
restore_objects(struct undo *u, struct err *e)
{
	char *path = talloc_asprintf(u->ctx, "%s/objects", u->entry_dir);
	struct step *s = undo_step(u, ITEM_OBJECTS, "objects");
	int from OWNED_FD = -1, to OWNED_FD = -1;
	size_t linked = 0;
	char name[3];
	int rc = 0;

	if (!s || s->what != STEP_BACK)
		return 0;
	if (!path)
		BUG("out of memory");
	if (!strcmp(s->it->before.text, "objects/pack") &&
	    restore_by_git_complete(u)) {
		s->what = STEP_ALREADY;
		return 0;
	}
	from = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (from < 0)
		return err_sys(e, "opening the kept object store");
	rc = whole_store(u, e);
	if (rc < 0)
		return rc;
	to = path_open_beneath(u->common_fd, "objects", O_RDONLY | O_DIRECTORY,
			       0, e);
	if (to < 0)
		return to;
	for (unsigned i = 0; i < 256 && rc == 0; i++) {
		snprintf(name, sizeof(name), "%02x", i);
		rc = link_folder(u, from, to, name, false, &linked, e);
	}
	for (int idx = 0; idx < 2 && rc == 0; idx++)
		rc = link_folder(u, from, to, "pack", idx, &linked, e);
	if (rc == 0) {
		s->done = linked > 0;
		if (!linked)
			s->what = STEP_ALREADY;
		else
			s->len = linked;
		git_odb_refresh(u->odb);
	}
	return rc;
}

/* --- histories that only the vault has --------------------------------- */

const char *const restore_git_env[] = {"PATH=/usr/bin:/bin",
				       "HOME=/nonexistent",
				       "LC_ALL=C",
				       "GIT_CONFIG_NOSYSTEM=1",
				       "GIT_CONFIG_GLOBAL=/dev/null",
				       "GIT_TERMINAL_PROMPT=0",
				       "GIT_ATTR_NOSYSTEM=1",
				       "GIT_NO_LAZY_FETCH=1",
				       "GIT_ALLOW_PROTOCOL=file",
				       "GIT_OPTIONAL_LOCKS=0",
				       NULL};

/* Lines for pack-objects: commits that are to be named again, which the
 * project has lost and the vault has. */
struct wanted {
	struct undo *u;
	char *lines;
	size_t n;
};

static void
want(struct wanted *w, const char *hex)
{
	char line[42];
	git_oid oid;

	snprintf(line, sizeof(line), "%.40s\n", hex);
	if (git_oid_fromstrn(&oid, hex, 40) < 0 ||
	    git_odb_exists_ext(w->u->odb, &oid, GIT_ODB_LOOKUP_NO_REFRESH) ||
	    !git_odb_exists_ext(w->u->vault->odb, &oid,
				GIT_ODB_LOOKUP_NO_REFRESH) ||
	    (w->lines && strstr(w->lines, line)))
		return;
	w->lines = talloc_asprintf_append(
	    w->lines ? w->lines : talloc_strdup(w->u->ctx, ""), "%s", line);
	if (!w->lines)
		BUG("out of memory");
	w->n++;
}

/* "<old> <new> who when\twhy"; older stash entries are only here. */
static void
want_log(struct wanted *w, const char *bytes, size_t len)
{
	const char *end = bytes + len;

	for (const char *s = bytes; s && end - s > 82; s++) {
		if (s[40] == ' ' && s[81] == ' ') {
			want(w, s);
			want(w, s + 41);
		}
		s = memchr(s, '\n', (size_t)(end - s));
		if (!s)
			break;
	}
}

static int
want_step(struct wanted *w, struct step *s, struct err *e)
{
	void *own;
	char *bytes;
	size_t len;
	int rc;

	if (s->what != STEP_BACK && s->what != STEP_BESIDE)
		return 0;
	if (s->it->kind == ITEM_REF && s->it->before.kind == VALUE_OID)
		want(w, s->it->before.text);
	if (s->it->kind != ITEM_GITFILE || s->it->before.kind != VALUE_BLOB ||
	    (strncmp(s->it->name, "logs/", 5) != 0 &&
	     !strstr(s->it->name, "/logs/")))
		return 0;
	own = talloc_new(w->u->ctx);
	rc = undo_bytes(w->u, s, own, &bytes, &len, e);
	if (rc == 0)
		want_log(w, bytes, len);
	talloc_free(own);
	return rc;
}

/* What the project has already: "^<oid>" for each of its refs. */
static int
list_tips(struct undo *u, void *ctx, const char **out, struct err *e)
{
	char *dir = talloc_asprintf(ctx, "--git-dir=%s", u->m.commondir);
	const char *argv[] = {"git", "-c",	     "safe.directory=*",
			      dir,   "for-each-ref", "--format=^%(objectname)",
			      NULL};
	struct spawn s = {.program = "/usr/bin/git",
			  .argv = argv,
			  .env = restore_git_env,
			  .max_output = 64u << 20};
	int rc;

	if (!dir)
		BUG("out of memory");
	rc = spawn_run(ctx, &s, e);
	*out = s.output;
	/* No repository to git while its HEAD is away: then nothing is left
	 * out, which costs space and does no harm. */
	if (rc == 0 && s.status != 0)
		*out = "";
	return rc;
}

/* pack-objects writes into the object directory of its repository, here the
 * project's, and reads from the vault's by way of alternates. */
static int
pack_missing(struct undo *u, void *ctx, const char *input, struct err *e)
{
	const char *argv[] = {
	    "git",
	    "-c",
	    "safe.directory=*",
	    talloc_asprintf(ctx, "--git-dir=%s/kept.git", u->vault->dir),
	    "pack-objects",
	    "--revs",
	    "-q",
	    talloc_asprintf(ctx, "%s/objects/pack/pack", u->m.commondir),
	    NULL};
	const char *env[16];
	size_t n = 0;
	struct spawn s = {.program = "/usr/bin/git",
			  .argv = argv,
			  .env = env,
			  .input = input,
			  .input_len = strlen(input),
			  .timeout_ms = 600000};
	int rc;

	while (restore_git_env[n]) {
		env[n] = restore_git_env[n];
		n++;
	}
	env[n++] = talloc_asprintf(ctx, "GIT_OBJECT_DIRECTORY=%s/objects",
				   u->m.commondir);
	env[n++] = talloc_asprintf(
	    ctx, "GIT_ALTERNATE_OBJECT_DIRECTORIES=%s/kept.git/objects",
	    u->vault->dir);
	env[n] = NULL;
	if (!argv[3] || !argv[7] || !env[n - 1] || !env[n - 2])
		BUG("out of memory");
	rc = spawn_run(ctx, &s, e);
	if (rc == 0 && s.status != 0)
		rc = err_set(e, ERR_SYSTEM, "git pack-objects: %s",
			     text_safe(ctx, s.errors));
	return rc;
}

int
restore_missing(struct undo *u, struct err *e)
{
	struct wanted w = {.u = u};
	const char *tips;
	char *input;
	void *own;
	int rc = 0;

	if (!u->odb)
		return 0;
	for (size_t i = 0; i < u->n && rc == 0; i++)
		rc = want_step(&w, &u->steps[i], e);
	if (rc < 0 || !w.lines)
		return rc;
	own = talloc_new(u->ctx);
	rc = list_tips(u, own, &tips, e);
	if (rc == 0) {
		input = talloc_asprintf(own, "%s%s", w.lines, tips);
		if (!input)
			BUG("out of memory");
		rc = pack_missing(u, own, input, e);
	}
	talloc_free(own);
	git_odb_refresh(u->odb);
	return rc < 0 ? err_wrap(e, "taking commits back from the vault") : 0;
}
