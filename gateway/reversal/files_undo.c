/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Undo of an entry of files: each thing is looked at and a step planned; the
 * new entry, which takes the undo back, is written; then the steps are taken,
 * last change first; attributes of folders and times come at the end.
 */
#include "reversal/files_undo.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/vault_store.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_MS 10000

int
file_parent(struct file_undo *u, const char *path, const char **name)
{
	return places_parent(u->places, path + 1, name);
}

void
file_forget(struct file_undo *u)
{
	talloc_free(u->places);
	u->places = places_new(u, u->root);
}

/* --- carrying out ------------------------------------------------------ */

static bool
late(const struct file_step *s)
{
	return s->act == ACT_FOLDER || s->act == ACT_ATTRIBUTES;
}

static int
put_attributes(struct file_undo *u, struct file_step *s, struct err *e)
{
	const char *name;
	int dir = file_parent(u, s->as, &name), rc;

	if (dir < 0)
		return err_sys(e, "%s", text_safe(u, s->as));
	rc = file_state_apply(dir, *name ? name : ".", &s->it->before, e);
	s->done = rc == 0;
	return rc;
}

/* Whoever is not root does not get past it any more. */
static bool
locks(const struct file_step *s)
{
	return S_ISDIR(s->it->before.mode) &&
	       (s->it->before.mode & 0700) != 0700;
}

static int
by_depth(const void *a, const void *b)
{
	const struct file_step *const *x = a, *const *y = b;
	size_t n = strlen((*x)->as), m = strlen((*y)->as);

	return (n < m) - (n > m);
}

/* What locks others out, after all that is below it. */
static int
put_all_attributes(struct file_undo *u, struct err *e)
{
	struct file_step **v =
	    have(talloc_array(u, struct file_step *, (unsigned)u->n + 1));
	size_t n = 0;
	int rc = 0;

	for (size_t i = u->n; i-- > 0 && !rc;)
		if (late(&u->steps[i]) && locks(&u->steps[i]))
			v[n++] = &u->steps[i];
		else if (late(&u->steps[i]))
			rc = put_attributes(u, &u->steps[i], e);
	qsort(v, n, sizeof(*v), by_depth);
	for (size_t i = 0; i < n && !rc; i++)
		rc = put_attributes(u, v[i], e);
	talloc_free(v);
	return rc;
}

/* Another step has put that folder's own times back. */
static bool
timed(const struct file_undo *u, const struct file_step *s)
{
	for (size_t i = 0; i < u->n && s->act == ACT_LEAVE; i++)
		if (&u->steps[i] != s && u->steps[i].done &&
		    S_ISDIR(u->steps[i].it->before.mode) &&
		    !strcmp(u->steps[i].as, s->as))
			return true;
	return false;
}

/* Of a folder: before's where nobody else changed it, else what they were
 * when we came. */
static void
put_times(struct file_undo *u, struct file_step *s)
{
	const struct file_state *want =
	    s->act == ACT_TIMES ? &s->it->before : &s->now;
	struct timespec times[2] = {
	    {.tv_nsec = UTIME_OMIT},
	    {.tv_sec = want->mtime, .tv_nsec = want->mtime_ns}};
	const char *name;
	struct stat st;
	int dir = file_parent(u, s->as, &name);

	if (*name == '\0')
		name = ".";
	if (dir < 0 || s->now.what == '-' ||
	    (s->now.what == '?' && s->act != ACT_TIMES) ||
	    fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    st.st_ino != s->now.ino || timed(u, s))
		return;
	utimensat(dir, name, times, AT_SYMLINK_NOFOLLOW);
}

/* What is at its place again needs no second name in the vault. */
static void
let_go(struct file_undo *u)
{
	for (size_t i = 0; i < u->n; i++) {
		const struct file_item *it = u->steps[i].it;
		char slot[24];

		if (it->kept == KEPT_SELF && u->steps[i].act == ACT_ALREADY &&
		    !it->whole && !it->below && !u->steps[i].settled &&
		    u->stashes[it->stash] >= 0)
			unlinkat(u->stashes[it->stash],
				 file_slot(it->slot, slot), 0);
	}
}

static int
carry_out(struct file_undo *u, struct undo_report *out, struct err *e)
{
	int rc = 0;

	file_forget(u);
	for (size_t i = 0; i < u->n && !rc; i++)
		rc = file_put(u, &u->steps[i], e);
	file_forget(u);
	if (rc == 0)
		rc = put_all_attributes(u, e);
	for (size_t i = 0; i < u->n && !rc; i++)
		if (u->steps[i].it->kind == FILE_PARENT ||
		    file_holds(&u->steps[i]))
			put_times(u, &u->steps[i]);
	file_forget(u);
	u->nvacated = u->narrived = 0;
	for (size_t i = 0; i < u->n && !rc; i++) {
		struct file_step *s = &u->steps[i];
		struct file_item *it =
		    s->new == FILE_NO_ITEM ? NULL : &u->f->m.v[s->new];

		if (it && s->gone_on && it->kind != FILE_MOVED)
			it->after = s->it->before;
		else if (it && it->kind != FILE_MOVED)
			rc = file_undo_see(u, s->as, it->before.xattrs != NULL,
					   &it->after, e);
		else if (it)
			rc = file_undo_see(u, it->to, false, &it->after, e);
		/* what comes into it later must not go with it */
		if (it && rc == 0 && s->over && S_ISDIR(it->after.mode)) {
			const char *name;
			int dir = file_parent(u, s->as, &name);

			if (dir >= 0)
				it->after.digest = file_tree_digest(dir, name);
		}
		if (rc == 0 && (s->act == ACT_PUT || s->act == ACT_WRITE) &&
		    (it->after.what != '+' ||
		     ((it->after.mode ^ s->it->before.mode) & S_IFMT) ||
		     it->after.size != s->it->before.size))
			rc = err_set(e, ERR_SYSTEM,
				     "%s is not what was put there",
				     text_safe(u, s->as));
		out->restored += s->done && s->it->kind != FILE_PARENT &&
				 s->act != ACT_LEAVE && !file_stays_inside(s);
	}
	return rc < 0 ? rc : file_note_way(u, e);
}

/* --- from above -------------------------------------------------------- */

static int
open_all(struct file_undo *u, const char *vault_dir, uint64_t id, bool own,
	 struct err *e)
{
	int rc;

	u->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (u->root < 0)
		return err_sys(e, "opening /");
	own_fd(u, u->root);
	u->places = places_new(u, u->root);
	u->entry_dir =
	    have(talloc_asprintf(u, "%s/entries/%" PRIu64, vault_dir, id));
	rc = own ? file_entry_read(u, u->entry_dir, &u->m, e)
		 : file_again_read(u, u->entry_dir, &u->m, e);
	if (rc == 0 && u->m.id != id)
		rc = err_set(e, ERR_SYNTAX, "it says that it is entry %" PRIu64,
			     u->m.id);
	if (rc < 0)
		return err_wrap(e, "entry %" PRIu64 " is damaged", id);
	u->f = have(talloc_zero(u, struct files));
	u->f->vault_dir = have(talloc_strdup(u->f, vault_dir));
	u->stashes = have(talloc_array(u, int, (unsigned)u->m.nstashes + 1));
	for (size_t i = 0; i < u->m.nstashes; i++) {
		struct stat st;

		u->stashes[i] =
		    open(u->m.stashes[i],
			 O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (u->stashes[i] < 0)
			continue;
		own_fd(u, u->stashes[i]);
		if (fstat(u->stashes[i], &st) < 0 || st.st_uid != geteuid())
			u->stashes[i] = -1;
	}
	file_entry_init(u->f, &u->f->m);
	file_dirs_init(u->f, &u->f->dirs, u->root);
	return 0;
}

static int
plan(struct file_undo *u, struct err *e)
{
	int rc = 0;

	file_follow(u);
	file_unmade(u);
	if (u->how == WAY_BEFORE)
		rc = file_make_room(u, e);
	if (rc < 0)
		return rc;
	rc = file_made_unfold(u, e);
	if (rc == 0)
		rc = file_merge(u, e);
	file_rejoin(u);

	u->steps =
	    have(talloc_zero_array(u, struct file_step, (unsigned)u->m.n + 1));
	for (size_t i = u->m.n; i-- > 0 && !rc; u->n++) {
		u->steps[u->n].it = &u->m.v[i];
		rc = file_undo_look(u, &u->steps[u->n], e);
	}
	if (rc == 0)
		file_undo_names(u);
	return rc;
}

static bool
anything(const struct file_undo *u)
{
	for (size_t i = 0; i < u->n; i++)
		if (u->steps[i].act != ACT_ALREADY &&
		    u->steps[i].act != ACT_LEAVE &&
		    u->steps[i].act != ACT_CANNOT)
			return true;
	return false;
}

static int
close_new(struct file_undo *u, struct channel *monitor, struct undo_report *out,
	  int rc, struct err *e)
{
	if (u->how == WAY_ANY && !file_note_passed(u) && !anything(u) && !rc) {
		files_abandon(u->f, monitor);
		out->entry = 0;
		return 0;
	}
	u->f->m.state = "kept";
	if (rc == 0)
		file_again_write(u);
	if (file_entry_write(&u->f->m, u->f->entry_dir, rc ? NULL : e) < 0 &&
	    !rc)
		rc = ERR_SYSTEM;
	channel_entry_state(monitor, u->f->m.id, "kept", "what it replaced",
			    u->f->bytes, NULL);
	return rc;
}

/* ... in its first record. */
static int
close_old(struct file_undo *u, struct err *e)
{
	struct file_entry m;
	int rc = file_entry_read(u, u->entry_dir, &m, e);

	m.state = "undone";
	return rc < 0 ? rc : file_entry_write(&m, u->entry_dir, e);
}

static int
undo(struct file_undo *u, const struct invocation *in, struct channel *monitor,
     struct undo_report *out, struct err *e)
{
	/* an undo that is ended on the way goes on name by name */
	int rc = file_merge_write(u, e);

	if (rc == 0)
		rc = file_note(u, in, monitor, e);
	if (rc < 0)
		return rc;
	out->entry = u->f->m.id;
	rc = carry_out(u, out, e);
	if (u->passes)
		file_pass_on(u);
	rc = close_new(u, monitor, out, rc, e);
	if (rc == 0)
		rc = close_old(u, e);
	if (rc == 0 && u->how != WAY_BEFORE)
		let_go(u);
	return rc < 0 ? err_wrap(e,
				 "undo of %" PRIu64
				 " stopped half-way (run it again, or go back "
				 "with undo %" PRIu64 ")",
				 u->m.id, u->f->m.id)
		      : 0;
}

/* Its record is written before anything is changed. */
bool
file_entry_unborn(const char *vault_dir, uint64_t id)
{
	char *path = have(talloc_asprintf(
	    NULL, "%s/entries/%" PRIu64 "/manifest", vault_dir, id));
	bool unborn =
	    !strcmp(path_base(vault_dir), "files") && !path_exists(path);

	talloc_free(path);
	return unborn;
}

/* Just as the command left it, or gone with an earlier step. */
static bool
is_as_left(const struct file_undo *u, const struct file_step *s)
{
	const struct file_state *left = &s->it->after;

	if (s->act == ACT_ALREADY || left->what != '+')
		return true;
	return s->now.what == '+' ? file_same_attributes(&s->now, left)
				  : file_is_vacated(u, s->as);
}

/* Nothing stays, goes beside or gives way. */
static bool
is_straight(const struct file_undo *u)
{
	bool so = !u->merged && strcmp(u->m.state, "open") != 0;

	for (size_t i = 0; i < u->n && so; i++) {
		const struct file_step *s = &u->steps[i];

		if (s->it->kind == FILE_PARENT)
			so = s->act != ACT_LEAVE || is_as_left(u, s) ||
			     s->now.what == '+';
		else
			so = (s->act != ACT_LEAVE && s->act != ACT_CANNOT &&
			      !s->over && !s->settled && is_as_left(u, s) &&
			      !strcmp(s->as, s->it->path));
	}
	return so;
}

/* ... with a plan; own: by its first record. */
static int
begin(struct file_turn *t, uint64_t id, enum file_way how, bool own,
      struct file_undo **out, struct err *e)
{
	struct file_undo *u = have(talloc_zero(t->ctx, struct file_undo));
	int rc;

	*out = u;
	u->ctx = u;
	u->how = how;
	u->passes = t->passes || how == WAY_ANY;
	u->vault = t->vault;
	u->lines = have(talloc_strdup(u, ""));
	rc = open_all(u, t->vault_dir, id, own, e);
	if (rc == 0)
		rc = plan(u, e);
	return rc == 0 && how == WAY_BACK && !is_straight(u) ? 1 : rc;
}

static void
end(struct file_undo *u)
{
	if (u->nunlocked)
		file_undo_relock(u);
	if (u->kept_dir.path)
		close(u->kept_dir.fd);
	u->kept_dir.path = NULL;
}

int
file_undo_one(struct file_turn *t, uint64_t id, enum file_way how, bool dry_run,
	      struct undo_report *out, struct err *e)
{
	struct file_undo *u;
	int rc = begin(t, id, how, false, &u, e);

	memset(out, 0, sizeof(*out));
	if (rc > 0) {
		end(u);
		talloc_free(u);
		/* to be done again just where it was taken back */
		rc = begin(t, id, how, true, &u, e);
	}
	if (rc == 0 && !dry_run &&
	    (anything(u) || file_may_pass(u) || how != WAY_ANY)) {
		rc = undo(u, t->in, t->monitor, out, e);
	} else if (rc == 0 && !dry_run) {
		file_pass_on(u);
		rc = close_old(u, e);
	}
	end(u);
	if (rc == 0)
		file_report(u, out, dry_run);
	out->lines = have(talloc_strdup(t->ctx, u->lines));
	talloc_free(u);
	return rc;
}

/* Under the vault's lock. */
static int
in_turn(struct file_turn *t, uint64_t id, bool dry_run, struct undo_report *out,
	struct err *e)
{
	int rc = 1;

	id = file_stands_as(t, id);
	if (!dry_run && file_is_undone(t, id)) {
		out->lines =
		    have(talloc_strdup(t->ctx, "it has been undone already\n"));
		return 0;
	}
	if (!dry_run)
		rc = file_undo_in_turn(t, id, out, e);
	return rc <= 0 ? rc : file_undo_one(t, id, WAY_ANY, dry_run, out, e);
}

int
files_undo(void *ctx, const struct invocation *in, struct channel *monitor,
	   const char *vault_dir, uint64_t id, bool dry_run,
	   void (*progress)(size_t done, size_t total), struct undo_report *out,
	   struct err *e)
{
	struct file_turn t = {.ctx = have(talloc_new(ctx)),
			      .in = in,
			      .monitor = monitor,
			      .vault_dir = vault_dir,
			      .progress = progress};
	mode_t mask = in ? umask(in->mask & 077) : 0;
	int rc = 0;

	if (file_entry_unborn(vault_dir, id)) {
		out->lines = have(talloc_strdup(
		    t.ctx, "the command was ended before it had begun"));
	} else {
		rc = vault_open_folder_at(t.ctx, vault_dir, &t.vault, e);
		if (rc == 0)
			rc = vault_lock(t.vault, LOCK_MS, e);
		if (rc == 0) {
			rc = in_turn(&t, id, dry_run, out, e);
			vault_unlock(t.vault);
		}
	}
	if (in)
		umask(mask);
	out->lines = have(talloc_strdup(ctx, out->lines ? out->lines : ""));
	talloc_free(t.ctx);
	return rc;
}
