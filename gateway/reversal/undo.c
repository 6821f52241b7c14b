/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Undo, from above: look, check, lock, keep the present, restore, verify.
 * Until everything that will be needed has been read and every lock is held,
 * nothing is changed; from the new entry on, whatever is changed can be
 * undone, and an undo that stopped half-way can be run again: what is as
 * before already is passed over.
 */
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/db.h"
#include "reversal/files_entry.h"
#include "reversal/restore_packed.h"
#include "reversal/undo_work.h"
#include "reversal/vault_store.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define LOCK_MS	      10000
#define PROGRESS_FROM 200

void
undo_tick(struct undo *u)
{
	u->ticks++;
	if (u->progress && u->total > PROGRESS_FROM &&
	    (u->ticks % 64 == 0 || u->ticks == u->total))
		u->progress(u->ticks < u->total ? u->ticks : u->total,
			    u->total);
}

static int
by_kind_and_name(const void *a, const void *b)
{
	const struct step *x = a, *y = b;

	if (x->it->kind != y->it->kind)
		return x->it->kind < y->it->kind ? -1 : 1;
	return strcmp(x->it->name, y->it->name);
}

struct step *
undo_step(const struct undo *u, enum item_kind kind, const char *name)
{
	struct item it = {.kind = kind, .name = name};
	struct step key = {.it = &it};

	return u->n ? bsearch(&key, u->steps, u->n, sizeof(key),
			      by_kind_and_name)
		    : NULL;
}

static void
open_repository(struct undo *u)
{
	const char *at = *u->m.worktree ? u->m.worktree : u->m.gitdir;

	if (u->repo || !*at ||
	    repository_at(u->ctx, at, u->in ? u->in->uid : geteuid(), &u->repo,
			  NULL) < 0)
		return;
	if (u->repo)
		repository_open(u->ctx, u->repo);
}

git_repository *
undo_git(struct undo *u)
{
	open_repository(u);
	return u->repo ? u->repo->git : NULL;
}

/* --- opening ----------------------------------------------------------- */

static int
read_entry(struct undo *u, uint64_t id, struct err *e)
{
	char *objects;
	int rc;

	u->entry_dir = vault_entry_dir(u->ctx, u->vault, id);
	if (!path_exists(u->entry_dir))
		return err_set(e, ERR_UNKNOWN, "there is no entry %llu",
			       (unsigned long long)id);
	objects = talloc_asprintf(u->ctx, "%s/objects", u->entry_dir);
	if (!objects)
		BUG("out of memory");
	if (path_exists(objects))
		git_odb_add_disk_alternate(u->vault->odb, objects);
	rc = manifest_read(u->ctx, u->entry_dir, &u->m, e);
	if (rc == 0 && u->m.id != id)
		rc = err_set(e, ERR_SYNTAX, "it says that it is entry %llu",
			     (unsigned long long)u->m.id);
	if (rc == 0)
		return 0;
	if (rc == ERR_UNKNOWN && e)
		e->code = rc = ERR_SYNTAX;
	err_wrap(e, "entry %llu is damaged", (unsigned long long)id);
	return rc;
}

/* A folder that the entry names, by its real path. */
static int
open_root(struct undo *u, const char *path, const char *what, int *fd,
	  struct err *e)
{
	*fd = -1;
	if (!*path)
		return 0;
	if (*path != '/')
		return err_set(e, ERR_SYNTAX, "entry %llu is damaged: %s",
			       (unsigned long long)u->m.id, what);
	*fd = path_open_beneath(u->root_fd, path[1] ? path + 1 : ".",
				O_RDONLY | O_DIRECTORY, 0, e);
	if (*fd < 0)
		return err_wrap(e, "the %s %s", what, text_safe(u->ctx, path));
	own_fd(u->ctx, *fd);
	return 0;
}

static int
open_roots(struct undo *u, struct err *e)
{
	char *path;
	int rc;

	u->root_fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (u->root_fd < 0)
		return err_sys(e, "opening /");
	own_fd(u->ctx, u->root_fd);
	rc = open_root(u, u->m.commondir, "repository", &u->common_fd, e);
	if (rc == 0)
		rc = open_root(u, u->m.worktree, "work tree", &u->tree_fd, e);
	if (rc < 0)
		return rc;
	path = talloc_asprintf(u->ctx, "%s/files", u->entry_dir);
	if (!path)
		BUG("out of memory");
	u->files_fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (u->files_fd >= 0)
		own_fd(u->ctx, u->files_fd);
	if (u->common_fd < 0)
		return 0;
	path = talloc_asprintf(u->ctx, "%s/objects", u->m.commondir);
	if (!path)
		BUG("out of memory");
	if (!path_exists(path) &&
	    manifest_find(&u->m, ITEM_OBJECTS, "objects") != NULL) {
		/* The command took the whole store along: until it is back,
		 * what is kept of it stands for it. */
		path = talloc_asprintf(u->ctx, "%s/objects", u->entry_dir);
		if (!path)
			BUG("out of memory");
	}
	if (git_odb_open(&u->odb, path) < 0)
		return err_git(e, "opening the objects of the project");
	own(u->ctx, u->odb, (void (*)(void *))git_odb_free);
	return 0;
}

/* --- planning ---------------------------------------------------------- */

static int
has_roots(const struct undo *u, const struct item *it, struct err *e)
{
	struct stat st;

	if (it->kind == ITEM_PATH || undo_dirfd(u, it) >= 0) {
		if (it->kind != ITEM_REF ||
		    fstatat(u->common_fd, "reftable", &st, 0) < 0)
			return 0;
		return err_set(e, ERR_UNKNOWN,
			       "refs in reftable format cannot be put back");
	}
	return err_set(e, ERR_SYNTAX, "entry %llu is damaged: %s lies nowhere",
		       (unsigned long long)u->m.id, it->name);
}

static int
plan(struct undo *u, struct err *e)
{
	int rc = 0;

	u->steps = talloc_zero_array(u->ctx, struct step, (unsigned)u->m.n + 1);
	if (!u->steps)
		BUG("out of memory");
	for (u->n = 0; u->n < u->m.n; u->n++) {
		u->steps[u->n].it = &u->m.items[u->n];
		u->steps[u->n].lock_fd = -1;
	}
	qsort(u->steps, u->n, sizeof(*u->steps), by_kind_and_name);
	for (size_t i = 0; i < u->n && rc == 0; i++) {
		struct step *s = &u->steps[i];

		rc = has_roots(u, s->it, e);
		if (rc == 0)
			rc = undo_look(u, s, e);
		u->total += s->what == STEP_BACK || s->what == STEP_BESIDE;
	}
	return rc;
}

/* A ref that goes away takes its reflog along, as with git; one that the
 * entry does not know becomes a step of its own, so that it is kept. */
static int
add_log(struct undo *u, const struct step *ref, struct err *e)
{
	size_t base = packed_base(ref->it->name);
	struct item *it = talloc_zero(u->ctx, struct item);
	struct step *s = &u->steps[u->n];
	int rc;

	if (!it)
		BUG("out of memory");
	it->kind = ITEM_GITFILE;
	it->before.kind = VALUE_ABSENT;
	it->name = talloc_asprintf(u->ctx, "%.*slogs/%s", (int)base,
				   ref->it->name, ref->it->name + base);
	if (!it->name)
		BUG("out of memory");
	if (manifest_find(&u->m, ITEM_GITFILE, it->name))
		return 0;
	memset(s, 0, sizeof(*s));
	s->it = it;
	rc = undo_look(u, s, e);
	if (rc == 0 && s->what == STEP_BACK && s->seen.kind == SEEN_FILE) {
		u->n++;
		u->total++;
	}
	return rc;
}

static int
add_logs(struct undo *u, struct err *e)
{
	size_t n = u->n, more = 0;
	int rc = 0;

	for (size_t i = 0; i < n; i++)
		more += restore_is_deletion(&u->steps[i]);
	if (!more)
		return 0;
	u->steps =
	    talloc_realloc(u->ctx, u->steps, struct step, (unsigned)(n + more));
	if (!u->steps)
		BUG("out of memory");
	for (size_t i = 0; i < n && rc == 0; i++)
		if (restore_is_deletion(&u->steps[i]))
			rc = add_log(u, &u->steps[i], e);
	qsort(u->steps, u->n, sizeof(*u->steps), by_kind_and_name);
	return rc;
}

/* --- carrying out ------------------------------------------------------ */

static int
new_entry(struct undo *u, struct err *e)
{
	const char *session = u->in && u->in->session ? u->in->session->id : "";
	struct manifest *n = &u->now;
	int rc;

	manifest_init(u->ctx, n);
	n->undoes = u->m.id;
	n->time = time(NULL);
	n->session = session;
	n->commondir = u->m.commondir;
	n->gitdir = u->m.gitdir;
	n->worktree = u->m.worktree;
	n->command = talloc_asprintf(u->ctx, "undo of %llu: %s",
				     (unsigned long long)u->m.id, u->m.command);
	if (!n->command)
		BUG("out of memory");
	open_repository(u);
	rc = channel_entry_new(u->monitor, session,
			       u->repo ? u->repo->id : path_base(u->vault->dir),
			       u->vault->dir, n->command, &n->id, e);
	if (rc < 0)
		return err_wrap(e, "asking for a new entry");
	u->new_dir = vault_entry_dir(u->ctx, u->vault, n->id);
	rc = path_make_dirs(u->new_dir, 0700, e);
	if (rc == 0)
		rc = undo_keep(u, e);
	if (rc < 0) {
		vault_drop(u->vault, n->id, NULL);
		channel_entry_state(u->monitor, n->id, "dropped", "", 0, NULL);
	}
	return rc;
}

static int
restore(struct undo *u, struct err *e)
{
	int rc = restore_objects(u, e);

	if (rc == 0)
		rc = restore_missing(u, e);
	if (rc == 0)
		rc = restore_locked(u, "config", e);
	/* what it says decides how files are written */
	u->repo = NULL;
	if (rc == 0)
		rc = restore_files(u, false, e);
	if (rc == 0)
		rc = restore_locked(u, "packed-refs", e);
	if (rc == 0)
		rc = restore_refs(u, e);
	if (rc == 0)
		rc = restore_locked(u, "shallow", e);
	if (rc == 0)
		rc = restore_files(u, true, e);
	if (rc == 0)
		rc = restore_remote(u, e);
	if (rc == 0)
		rc = restore_locked(u, "index", e);
	/* One flush for all of it: thousands of fsyncs would take minutes.
	 * Until the entry says "undone", its undo can be run again. */
	if (rc == 0 &&
	    syncfs(u->common_fd >= 0 ? u->common_fd : u->root_fd) < 0)
		rc = err_sys(e, "writing to disk");
	return rc;
}

static uint64_t
bytes_kept(const struct undo *u)
{
	uint64_t n = 0;

	for (size_t i = 0; i < u->now.n; i++)
		n += u->now.items[i].before.size;
	return n;
}

/* What this entry undid is in force again. */
static int
revive(struct undo *u, struct err *e)
{
	char *dir = vault_entry_dir(u->ctx, u->vault, u->m.undoes);
	struct manifest m;
	int rc;

	if (!u->m.undoes || !path_exists(dir) ||
	    manifest_read(u->ctx, dir, &m, NULL) < 0)
		return 0;
	m.state = "kept";
	rc = manifest_write(&m, dir, e);
	if (rc == 0)
		rc = channel_entry_state(u->monitor, m.id, "kept", "", 0, e);
	return rc;
}

static int
mark_undone(struct undo *u, struct err *e)
{
	int rc;

	if (strcmp(u->m.state, "undone") == 0)
		return 0;
	u->m.state = "undone";
	rc = manifest_write(&u->m, u->entry_dir, e);
	if (rc == 0)
		rc = channel_entry_state(u->monitor, u->m.id, "undone", "", 0,
					 e);
	return rc < 0 ? rc : revive(u, e);
}

/* A file that was linked back lives in the work tree now; the entry would
 * only hold on to whatever it becomes. */
static void
let_go(struct undo *u)
{
	for (size_t i = 0; i < u->n; i++) {
		const struct step *s = &u->steps[i];
		int parent OWNED_FD = -1;
		const char *base;

		if (!s->done || s->it->before.kind != VALUE_KEPT ||
		    s->it->kind == ITEM_OBJECTS)
			continue;
		parent = undo_parent(u->files_fd, s->it->before.text, &base);
		if (parent >= 0)
			unlinkat(parent, base, 0);
	}
}

static int
carry_out(struct undo *u, struct err *e)
{
	int rc;

	rc = restore_lock_all(u, e);
	if (rc < 0)
		return rc;
	rc = new_entry(u, e);
	if (rc < 0)
		return rc;
	rc = restore(u, e);
	restore_unlock_all(u);
	u->now.state = "kept";
	if (rc == 0)
		rc = undo_keep_after(u, e);
	else
		manifest_write(&u->now, u->new_dir, NULL);
	u->out->entry = u->now.id;
	if (channel_entry_state(u->monitor, u->now.id, "kept",
				"what it replaced", bytes_kept(u),
				rc == 0 ? e : NULL) < 0 &&
	    rc == 0)
		rc = ERR_SYSTEM;
	if (rc == 0)
		rc = mark_undone(u, e);
	if (rc < 0)
		return err_wrap(e,
				"undo of %llu stopped half-way (run it again, "
				"or go back with undo %llu)",
				(unsigned long long)u->m.id,
				(unsigned long long)u->now.id);
	let_go(u);
	return 0;
}

static int
run(struct undo *u, const char *vault_dir, uint64_t id, bool dry_run,
    struct err *e)
{
	int rc = vault_open_dir(u->ctx, vault_dir, &u->vault, e);

	if (rc == 0)
		rc = vault_lock(u->vault, LOCK_MS, e);
	if (rc == 0)
		rc = read_entry(u, id, e);
	if (rc == 0)
		rc = open_roots(u, e);
	if (rc == 0)
		rc = plan(u, e);
	if (rc == 0)
		rc = add_logs(u, e);
	if (rc == 0)
		rc = undo_check(u, e);
	if (rc == 0 && !dry_run)
		rc = u->total ? carry_out(u, e) : mark_undone(u, e);
	restore_unlock_all(u);
	return rc;
}

int
undo_entry(void *ctx, const struct invocation *in, struct channel *monitor,
	   const char *vault_dir, uint64_t id, bool dry_run,
	   void (*progress)(size_t done, size_t total), struct undo_report *out,
	   struct err *e)
{
	struct undo *u = talloc_zero(ctx, struct undo);
	mode_t mask = 0;
	char *dir;
	int rc;

	memset(out, 0, sizeof(*out));
	dir = talloc_asprintf(u, "%s/entries/%llu", vault_dir,
			      (unsigned long long)id);
	if (!u || !dir)
		BUG("out of memory");
	if (db_entry_is(dir))
		return db_undo(ctx, in, monitor, vault_dir, id, dry_run, out,
			       e);
	if (file_entry_is(dir) || file_entry_unborn(vault_dir, id))
		return files_undo(ctx, in, monitor, vault_dir, id, dry_run,
				  progress, out, e);
	git_libgit2_init();
	u->ctx = u;
	u->in = in;
	u->monitor = monitor;
	u->progress = progress;
	u->out = out;
	u->root_fd = u->common_fd = u->tree_fd = u->files_fd = -1;
	/* folders made on the way get the caller's permissions */
	if (in)
		mask = umask(in->mask & 077);
	rc = run(u, vault_dir, id, dry_run, e);
	if (in)
		umask(mask);
	if (u->vault)
		undo_report(u, dry_run);
	out->lines = talloc_strdup(ctx, u->lines ? u->lines : "");
	if (!out->lines)
		BUG("out of memory");
	talloc_free(u);
	git_libgit2_shutdown();
	return rc;
}
