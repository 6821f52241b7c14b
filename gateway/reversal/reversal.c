/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage 5 from above: what would be lost, keep it, see what was.  The lock
 * is taken before anything is looked at and given back when what the command
 * left has been recorded.
 */
#include "reversal/reversal.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/by_git.h"
#include "reversal/db.h"
#include "reversal/files.h"
#include "reversal/reversal_work.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_MS 10000

/* --- opening ----------------------------------------------------------- */

/* Of the effects that lose something (of all, where none does). */
static bool
all_scratch(const struct effects *fx)
{
	size_t losing = 0, scratch = 0, other = 0;

	for (size_t i = 0; i < fx->n; i++) {
		if (fx->v[i].losses) {
			losing++;
			scratch += fx->v[i].scope == SCOPE_SCRATCH;
		} else {
			other += fx->v[i].scope == SCOPE_SCRATCH;
		}
	}
	return losing ? scratch == losing : fx->n && other == fx->n;
}

/* No effect loses anything, only the command as such, inside a repository that
 * is scratch. */
static bool
in_scratch(const struct reversal *r)
{
	const struct command *c;

	if (r->what & (LOSS_PATHS | LOSS_REMOTE_REF | LOSS_FILES))
		return false;
	for (size_t i = 0; i < r->fx->n; i++)
		if (r->fx->v[i].losses)
			return false;
	for (c = r->cmd; c; c = c->before)
		if (!c->repo || c->losses.npaths ||
		    scope_of_repository(r->in, NULL, c->repo) != SCOPE_SCRATCH)
			return false;
	return true;
}

static void
union_of_losses(struct reversal *r)
{
	for (const struct command *c = r->cmd; c; c = c->before) {
		r->what |= c->losses.what;
		r->journal |= c->losses.journal;
	}
	for (size_t i = 0; i < r->fx->n; i++)
		r->what |= r->fx->v[i].losses;
}

/* Without a repository files are kept in a vault that is nobody's. */
static const struct repository *
no_repository(void *ctx)
{
	struct repository *none = have(talloc_zero(ctx, struct repository));

	none->id = "files";
	none->gitdir = none->commondir = none->index_file = none->prefix = "";
	none->unreadable = "there is no repository";
	return none;
}

static int
open_root(struct reversal *r, const char *path, int *fd, struct places **p,
	  struct err *e)
{
	*fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*fd < 0)
		return err_sys(e, "opening %s", text_safe(r, path));
	own_fd(r, *fd);
	*p = places_new(r, *fd);
	return 0;
}

static int
open_places(struct reversal *r, struct err *e)
{
	const struct repository *repo = r->repo;
	struct stat st;
	int rc = open_root(r, "/", &r->root_fd, &r->root, e);

	if (rc == 0 && *repo->commondir)
		rc =
		    open_root(r, repo->commondir, &r->common_fd, &r->common, e);
	if (rc == 0 && repo->worktree)
		rc = open_root(r, repo->worktree, &r->tree_fd, &r->tree, e);
	if (rc < 0)
		return rc;
	if (fstat(r->tree_fd >= 0     ? r->tree_fd
		  : r->common_fd >= 0 ? r->common_fd
				      : r->root_fd,
		  &st) == 0)
		r->can_link = vault_would_link(r, repo, st.st_dev);
	return 0;
}

static int
take_lock(struct reversal *r, struct err *e)
{
	int rc = vault_open_folder(r, r->repo, true, &r->vault, e);

	if (rc == 0)
		rc = vault_lock(r->vault, LOCK_MS, e);
	return rc;
}

/* Is there anything that an entry would hold? */
static bool
wants_entry(const struct reversal *r)
{
	if (r->journal || (r->what & (LOSS_RECORDS | LOSS_REMOTE_REF)))
		return true;
	if ((r->what & LOSS_INDEX) &&
	    (r->main.staged || r->main.unmerged || r->main.intended))
		return true;
	if (r->ntrouble)
		return true;
	for (size_t i = 0; i < r->finds.n; i++)
		if (r->finds.v[i].losses && r->finds.v[i].what != FOUND_ABSENT)
			return true;
	return false;
}

int
reversal_assess(void *ctx, const struct invocation *in,
		const struct command *cmd, struct effects *fx, bool check_only,
		struct reversal **out, struct err *e)
{
	struct reversal *r = have(talloc_zero(ctx, struct reversal));
	int rc = 0;

	*out = r;
	r->in = in;
	r->cmd = cmd;
	r->fx = fx;
	r->check_only = check_only;
	r->uid = geteuid();
	r->finds.ctx = r;
	r->root_fd = r->common_fd = r->tree_fd = r->files_fd = -1;
	union_of_losses(r);
	if (!r->what && !r->journal) {
		r->idle = true;
		return 0;
	}
	if (all_scratch(fx) || in_scratch(r)) {
		for (size_t i = 0; i < fx->n; i++)
			if (fx->v[i].losses)
				fx->v[i].undo = UNDO_YES;
		r->idle = true;
		return 0;
	}
	if (r->what & LOSS_DATABASE)
		rc = db_assess(r, e);
	r->what &= ~(unsigned)LOSS_DATABASE;
	if (rc == 0 && (r->what & LOSS_FILES))
		rc = files_assess(r, e);
	r->what &= ~(unsigned)LOSS_FILES;
	if (rc == 0 && r->files)
		files_judge(r->files);
	if (rc < 0 || (!r->what && !r->journal)) {
		r->idle = true;
		if (rc < 0)
			TALLOC_FREE(*out);
		else if (r->db)
			db_judge(r);
		return rc;
	}
	r->repo = cmd->repo ? cmd->repo : no_repository(r);
	if (cmd->repo)
		repository_open(ctx, cmd->repo);
	rc = open_places(r, e);
	if (rc == 0 && (r->what & LOSS_STAGED))
		rc = assess_staged(r, e);
	if (rc == 0 && !r->what && !r->journal) {
		r->idle = true;
		return 0;
	}
	if (rc == 0 && !check_only)
		rc = take_lock(r, e);
	if (rc == 0)
		rc = assess_look(r, e);
	if (rc == 0)
		losses_judge(r);
	if (rc == 0 && r->files)
		files_judge(r->files);
	if (rc == 0 && r->db)
		db_judge(r);
	if (rc < 0) {
		TALLOC_FREE(*out);
		return rc;
	}
	r->entry = wants_entry(r);
	return 0;
}

enum undo
reversal_overall(const struct effects *fx)
{
	enum undo worst = UNDO_YES;

	for (size_t i = 0; i < fx->n; i++) {
		enum undo u = fx->v[i].undo;

		if (u == UNDO_UNSET)
			u = effect_is_read(fx->v[i].kind) ? UNDO_YES : UNDO_NO;
		if (u > worst)
			worst = u;
	}
	return worst;
}

/* --- keeping ----------------------------------------------------------- */

static int
open_entry(struct reversal *r, struct channel *monitor, struct err *e)
{
	struct manifest *m = &r->m;
	const char *session = r->in->session ? r->in->session->id : "";
	char *files;
	int rc;

	rc = channel_entry_new(monitor, session, r->repo->id, r->vault->dir,
			       r->cmd->summary ? r->cmd->summary : "", &r->id,
			       e);
	if (rc < 0)
		return err_wrap(e, "asking for a vault entry");
	r->dir = vault_entry_dir(r, r->vault, r->id);
	files = have(talloc_asprintf(r, "%s/files", r->dir));
	if (mkdir(r->dir, 0700) < 0 || mkdir(files, 0700) < 0)
		return err_sys(e, "making a vault entry");
	r->files_fd =
	    open(files, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (r->files_fd < 0)
		return err_sys(e, "opening a vault entry");
	own_fd(r, r->files_fd);
	manifest_init(r, m);
	m->id = r->id;
	m->time = time(NULL);
	m->session = session;
	m->commondir = r->repo->commondir;
	m->gitdir = r->repo->gitdir;
	m->worktree = r->repo->worktree ? r->repo->worktree : "";
	m->command = r->cmd->summary ? r->cmd->summary : "";
	return 0;
}

/* A journal needs the tracked files as they were, too. */
static int
look_again(struct reversal *r, struct err *e)
{
	bool tree = r->tree && r->common &&
		    (r->journal || (r->what & (LOSS_CHECKOUT | LOSS_STATE)));
	int rc = 0;

	if (!tree || index_alone(r))
		return 0;
	if (!r->scanned)
		rc = assess_scan(r, 0, e);
	if (rc == 0 && r->main.conversions && r->main.marks)
		rc = scan_converted(r, &r->main, r->tree,
				    r->changing_known ? r->changing : NULL,
				    r->nchanging, &r->finds, e);
	for (size_t i = 0; i < r->nsubs && !rc; i++)
		rc = scan_converted(r, &r->subs[i], r->tree, NULL, 0, &r->finds,
				    e);
	if (rc < 0)
		return rc;
	finds_settle(&r->finds);
	assess_tiers(r);
	return 0;
}

static int
keep_refs(struct reversal *r, struct err *e)
{
	int rc = assess_refs(r, e);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < r->refs.n; i++)
		manifest_add(&r->m, ITEM_REF, r->refs.v[i].name)->before =
		    r->refs.v[i].value;
	return 0;
}

static int
write_entry(struct reversal *r, struct channel *monitor, struct err *e)
{
	int rc = look_again(r, e);

	if (rc == 0)
		rc = vault_open_kept(r->vault, e);
	if (rc == 0)
		rc = open_entry(r, monitor, e);
	if (rc == 0 && r->common && changes_repository(r))
		rc = keep_refs(r, e);
	if (rc == 0 && r->common && changes_repository(r))
		rc = keep_git(r, e);
	if (rc == 0)
		rc = keep_files(r, e);
	if (rc == 0)
		keep_clean(r);
	clock_gettime(CLOCK_REALTIME_COARSE, &r->start);
	if (rc == 0)
		finish_parents(r);
	if (rc == 0 && r->common && (r->what & LOSS_OBJECTS))
		rc = keep_objects(r, e);
	if (rc == 0)
		rc = remotes_keep(r, e);
	if (rc == 0)
		rc = vault_pin(r->vault, r->id, r->pins, r->npins, NULL, 0, e);
	if (rc == 0)
		rc = vault_settle(r->vault, e);
	if (rc == 0)
		rc = manifest_write(&r->m, r->dir, e);
	/* the kernel stamps files with this clock, not the fine one */
	clock_gettime(CLOCK_REALTIME_COARSE, &r->start);
	return rc;
}

int
reversal_keep(struct reversal *r, struct channel *monitor, struct err *e)
{
	int rc;

	if (!r)
		return 0;
	rc = db_keep(r->db, monitor, e);
	if (rc == 0)
		rc = files_keep(r->files, monitor, e);
	if (rc < 0)
		db_abandon(r->db, monitor);
	if (rc < 0 || r->idle || r->check_only || !r->entry || r->kept)
		return rc;
	rc = write_entry(r, monitor, e);
	if (rc < 0) {
		files_abandon(r->files, monitor);
		if (r->id) {
			vault_drop(r->vault, r->id, NULL);
			channel_entry_state(monitor, r->id, "dropped", "", 0,
					    NULL);
		}
		return rc;
	}
	r->kept = true;
	return 0;
}

/* --- afterwards -------------------------------------------------------- */

static void
release(struct reversal *r)
{
	if (r->vault)
		vault_unlock(r->vault);
}

static int
drop_entry(struct reversal *r, struct channel *monitor, struct err *e)
{
	int rc = vault_drop(r->vault, r->id, e);

	r->kept = false;
	if (rc == 0)
		rc = channel_entry_state(monitor, r->id, "dropped", "", 0, e);
	return rc;
}

/* Copies of the commits, and a new pin that holds them and the new index. */
static int
settle_entry(struct reversal *r, struct channel *monitor, bool *worth,
	     struct err *e)
{
	struct refs_seen now = {0};
	const char **commits = NULL;
	size_t n = 0, lost = 0;
	char *kept;
	int rc = 0;

	if (r->refs_known)
		rc = refs_read(r, r->repo->commondir, &now, e);
	if (rc == 0 && r->refs_known)
		lost_copy(r, &now, &commits, &n);
	/* as there: what cannot be packed stays until a gc in the project */
	if (rc == 0 && r->refs_known && !r->repo->git)
		(void)by_git_keep(r, &now, &lost, NULL);
	if (rc == 0)
		rc = vault_pin(r->vault, r->id, r->pins, r->npins, commits, n,
			       e);
	if (rc == 0)
		rc = vault_settle(r->vault, e);
	r->m.state = "kept";
	if (rc == 0)
		rc = manifest_write(&r->m, r->dir, e);
	kept = notice_line(r, r);
	*worth = notice_worth(r, n + lost);
	if (rc == 0)
		rc = channel_entry_state(monitor, r->id, "kept", kept, r->bytes,
					 e);
	return rc;
}

static int
finish_project(struct reversal *r, struct channel *monitor, char **notice,
	       struct err *e)
{
	bool matters = false, worth = true;
	int rc;

	*notice = NULL;
	if (!r || r->idle || !r->kept) {
		if (r)
			release(r);
		return 0;
	}
	rc = finish_compare(r, &matters, e);
	if (rc == 0 && !matters) {
		rc = drop_entry(r, monitor, e);
	} else if (rc == 0) {
		rc = settle_entry(r, monitor, &worth, e);
		if (worth)
			*notice = have(talloc_asprintf(
			    talloc_parent(r),
			    "automode: kept %s; undo: automode undo %llu",
			    notice_line(r, r), (unsigned long long)r->id));
	}
	release(r);
	/* the entry stays open, and undo can use it as it is */
	return rc < 0 ? err_wrap(e,
				 "automode: recording what the command "
				 "changed (entry %llu)",
				 (unsigned long long)r->id)
		      : 0;
}

int
reversal_finish(struct reversal *r, struct channel *monitor, char **notice,
		struct err *e)
{
	char *kept = NULL;
	uint64_t id = 0;
	int rc = finish_project(r, monitor, notice, e);

	if (rc < 0 || !r || !r->files)
		return rc;
	rc = files_finish(r->files, monitor, &kept, &id, e);
	if (rc < 0)
		return err_wrap(e,
				"automode: recording what the command "
				"changed (entry %llu)",
				(unsigned long long)id);
	if (kept)
		*notice = have(talloc_asprintf(
		    talloc_parent(r),
		    "%s%sautomode: kept %s; undo: automode undo %llu",
		    *notice ? *notice : "", *notice ? "\n" : "", kept,
		    (unsigned long long)id));
	return 0;
}

char *
reversal_leave(struct reversal *r, struct channel *monitor)
{
	struct err e = {0};
	char *text = NULL;

	if (!r)
		return NULL;
	release(r);
	if (r->db)
		text = db_leave(talloc_parent(r), r->db, monitor, &e);
	if (r->files && r->files->kept)
		text = have(talloc_asprintf(
		    talloc_parent(r),
		    "%s%sautomode: kept the files that it overwrites; undo: "
		    "automode undo %llu",
		    text ? text : "", text ? "\n" : "",
		    (unsigned long long)r->files->m.id));
	return text;
}

bool
reversal_moved(const struct reversal *r)
{
	return r && r->files && r->files->moved;
}

bool
reversal_moves(const struct reversal *r)
{
	return r && r->files && r->files->wanted && r->files->may_move;
}

void
reversal_abandon(struct reversal *r, struct channel *monitor)
{
	if (!r)
		return;
	db_abandon(r->db, monitor);
	if (r->files)
		files_abandon(r->files, monitor);
	if (r->kept)
		drop_entry(r, monitor, NULL);
	release(r);
}
