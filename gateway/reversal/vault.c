/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a project's vault lies, making it, opening it, its lock and its
 * entries' folders.  What is written into it: vault_store.c.
 */
#include "reversal/vault.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/vault_store.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static char *state_dir;

void
vault_set_state_dir(const char *dir)
{
	TALLOC_FREE(state_dir);
	state_dir = have(talloc_strdup(NULL, dir));
}

const char *
vault_state_dir(void)
{
	return state_dir;
}

/* Device of the path or of what will hold it. */
static bool
device_of(void *ctx, const char *path, dev_t *device)
{
	char *p = path_clean(ctx, path);
	struct stat st;

	while (stat(p, &st) < 0) {
		if (errno != ENOENT || !strcmp(p, "/") || !strcmp(p, "."))
			return false;
		p = path_parent(ctx, p);
	}
	*device = st.st_dev;
	return true;
}

/* Files that belong to no project are kept under this id. */
static bool
is_project(const struct repository *r)
{
	return r->commondir && *r->commondir;
}

char *
vault_dir(void *ctx, const struct repository *r)
{
	void *own_ctx = have(talloc_new(NULL));
	dev_t state, project;
	char *dir = NULL;

	/* One place a project, whichever of its work trees asks: what counts
	 * is where its common directory lies. */
	if (state_dir &&
	    (!is_project(r) ||
	     (device_of(own_ctx, state_dir, &state) &&
	      device_of(own_ctx, r->commondir, &project) && state == project)))
		dir = talloc_asprintf(ctx, "%s/vault/%s", state_dir, r->id);
	else if (is_project(r))
		dir = talloc_asprintf(ctx, "%s/automode-vault", r->commondir);
	else
		BUG("no state folder was set");
	talloc_free(own_ctx);
	return have(dir);
}

bool
vault_would_link(void *ctx, const struct repository *r, dev_t device)
{
	dev_t vault;

	return device_of(ctx, vault_dir(ctx, r), &vault) && vault == device;
}

static int
vault_close(struct vault_inner *i)
{
	for (unsigned k = 0; k < i->npending; k++)
		close(i->pending[k]);
	if (i->v.lock_fd >= 0)
		close(i->v.lock_fd);
	if (i->objects_fd >= 0)
		close(i->objects_fd);
	if (i->v.dir_fd >= 0)
		close(i->v.dir_fd);
	if (i->v.odb)
		git_odb_free(i->v.odb);
	if (i->v.git)
		git_repository_free(i->v.git);
	return 0;
}

/* The folder must be ours alone: in a repository somebody else could have
 * put one there. */
static int
open_folder(void *ctx, const char *dir, struct vault **out, struct err *e)
{
	struct vault_inner *i = have(talloc_zero(ctx, struct vault_inner));
	struct stat st;

	*out = NULL;
	i->v.dir = have(talloc_strdup(i, dir));
	i->v.lock_fd = i->objects_fd = -1;
	i->v.dir_fd =
	    open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	talloc_set_destructor(i, vault_close);
	if (i->v.dir_fd < 0 && errno == ENOENT) {
		talloc_free(i);
		return err_set(e, ERR_UNKNOWN, "there is no vault at %s",
			       text_safe(ctx, dir));
	}
	if (i->v.dir_fd < 0 || fstat(i->v.dir_fd, &st) < 0) {
		err_sys(e, "the vault %s", text_safe(ctx, dir));
		talloc_free(i);
		return e ? e->code : ERR_SYSTEM;
	}
	if (st.st_uid != geteuid() || (st.st_mode & 022)) {
		talloc_free(i);
		return err_set(
		    e, ERR_UNKNOWN,
		    "the vault %s does not belong to this user alone",
		    text_safe(ctx, dir));
	}
	*out = &i->v;
	return 0;
}

static int
make_folder(void *ctx, const char *dir, const struct repository *r,
	    struct err *e)
{
	char *line;
	int fd OWNED_FD = -1;

	fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	/* the name comes last: without it, making was not finished */
	if (fd >= 0 && faccessat(fd, "project", F_OK, 0) == 0)
		return 0;
	if (fd < 0) {
		if (path_make_dirs(dir, 0700, e) < 0)
			return err_wrap(e, "making the vault");
		fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	}
	if (fd < 0)
		return err_sys(e, "the vault %s", text_safe(ctx, dir));
	line = have(talloc_asprintf(ctx, "%s\n",
				    is_project(r) ? r->commondir : "files"));
	return file_write(fd, "project", line, strlen(line), 0600, e) < 0
		   ? err_wrap(e, "making the vault")
		   : 0;
}

int
vault_open_folder(void *ctx, const struct repository *r, bool make,
		  struct vault **out, struct err *e)
{
	char *dir = vault_dir(ctx, r);
	struct stat st, tree;
	int rc;

	if (make && make_folder(ctx, dir, r, e) < 0)
		return e ? e->code : ERR_SYSTEM;
	rc = open_folder(ctx, dir, out, e);
	if (rc < 0)
		return rc;
	vault_inner(*out)->commondir =
	    is_project(r) ? have(talloc_strdup(*out, r->commondir)) : NULL;
	if (fstat((*out)->dir_fd, &st) == 0 &&
	    stat(r->worktree	 ? r->worktree
		 : is_project(r) ? r->commondir
				 : dir,
		 &tree) == 0)
		(*out)->same_device = st.st_dev == tree.st_dev;
	return 0;
}

int
vault_open_folder_at(void *ctx, const char *dir, struct vault **out,
		     struct err *e)
{
	return open_folder(ctx, dir, out, e);
}

static int
write_plain(int dirfd, const char *path, const char *text, struct err *e)
{
	int fd OWNED_FD =
	    openat(dirfd, path,
		   O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0 || file_write_all(fd, text, strlen(text)) < 0)
		return err_sys(e, "writing %s", path);
	return 0;
}

/* Alternates are lines, "#" and quotes have a meaning (git 2.39,
 * object-file.c): a path that is not plain is borrowed in memory instead. */
static bool
plain_line(const char *path)
{
	return *path == '/' && !strchr(path, '\n');
}

/* HEAD comes last: a vault without it is made again. */
static int
make_kept(struct vault *v, struct err *e)
{
	static const char *const dirs[] = {"entries",
					   "kept.git",
					   "kept.git/objects",
					   "kept.git/objects/info",
					   "kept.git/objects/pack",
					   "kept.git/refs",
					   "kept.git/refs/entries",
					   "kept.git/refs/objects"};
	const char *common = vault_inner(v)->commondir;
	char *alternates = NULL;
	int rc;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		if (mkdirat(v->dir_fd, dirs[i], 0700) < 0 && errno != EEXIST)
			return err_sys(e, "making %s in the vault", dirs[i]);
	if (common && plain_line(common)) {
		alternates =
		    have(talloc_asprintf(NULL, "%s/objects\n", common));
		rc = write_plain(v->dir_fd, "kept.git/objects/info/alternates",
				 alternates, e);
		talloc_free(alternates);
		if (rc < 0)
			return rc;
	}
	if (write_plain(v->dir_fd, "kept.git/config",
			"[core]\n\trepositoryformatversion = 0\n"
			"\tbare = true\n\tlogAllRefUpdates = false\n"
			"[gc]\n\tauto = 0\n",
			e) < 0)
		return e ? e->code : ERR_SYSTEM;
	return write_plain(v->dir_fd, "kept.git/HEAD", "ref: refs/heads/none\n",
			   e);
}

int
vault_open_kept(struct vault *v, struct err *e)
{
	struct vault_inner *i = vault_inner(v);
	char *path;
	int rc;

	if (v->git)
		return 0;
	if (faccessat(v->dir_fd, "kept.git/HEAD", F_OK, 0) < 0) {
		rc = make_kept(v, e);
		if (rc < 0)
			return err_wrap(e, "making the vault");
	}
	i->objects_fd = openat(v->dir_fd, "kept.git/objects",
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (i->objects_fd < 0)
		return err_sys(e, "the vault's objects");
	git_libgit2_init();
	git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	path = have(talloc_asprintf(v, "%s/kept.git", v->dir));
	if (git_repository_open_ext(&v->git, path,
				    GIT_REPOSITORY_OPEN_NO_SEARCH |
					GIT_REPOSITORY_OPEN_NO_DOTGIT |
					GIT_REPOSITORY_OPEN_BARE,
				    NULL) < 0 ||
	    git_repository_odb(&v->odb, v->git) < 0)
		return err_git(e, "opening the vault");
	if (i->commondir && !plain_line(i->commondir)) {
		path = have(talloc_asprintf(v, "%s/objects", i->commondir));
		git_odb_add_disk_alternate(v->odb, path);
	}
	return 0;
}

int
vault_open(void *ctx, const struct repository *r, bool make, struct vault **out,
	   struct err *e)
{
	int rc = vault_open_folder(ctx, r, make, out, e);

	if (rc < 0)
		return rc;
	rc = vault_open_kept(*out, e);
	if (rc < 0)
		TALLOC_FREE(*out);
	return rc;
}

int
vault_open_dir(void *ctx, const char *dir, struct vault **out, struct err *e)
{
	char *project = NULL;
	struct stat st, tree;
	size_t len = 0;
	int rc;

	rc = open_folder(ctx, dir, out, e);
	if (rc < 0)
		return rc;
	if (file_read(*out, (*out)->dir_fd, "project", 1 << 16, &project, &len,
		      NULL) == 0 &&
	    len > 1 && project[0] == '/') {
		project[len - 1] = '\0';
		vault_inner(*out)->commondir = project;
	}
	rc = vault_open_kept(*out, e);
	if (rc < 0) {
		TALLOC_FREE(*out);
		return rc;
	}
	if (fstat((*out)->dir_fd, &st) == 0 && vault_inner(*out)->commondir &&
	    stat(vault_inner(*out)->commondir, &tree) == 0)
		(*out)->same_device = st.st_dev == tree.st_dev;
	return 0;
}

int
vault_lock(struct vault *v, int timeout_ms, struct err *e)
{
	struct timespec nap = {.tv_nsec = 5000000};
	int fd, waited = 0;

	if (v->lock_fd >= 0)
		return 0;
	fd = openat(v->dir_fd, "lock",
		    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(e, "opening the project's lock");
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR) {
			close(fd);
			return err_sys(e, "locking the project");
		}
		if (waited >= timeout_ms) {
			close(fd);
			return err_set(e, ERR_LIMIT,
				       "another command is changing this "
				       "project since %d s; try again when it "
				       "is done",
				       timeout_ms / 1000);
		}
		nanosleep(&nap, NULL);
		waited += 5;
	}
	v->lock_fd = fd;
	return 0;
}

void
vault_unlock(struct vault *v)
{
	if (v->lock_fd >= 0)
		close(v->lock_fd);
	v->lock_fd = -1;
}

char *
vault_entry_dir(void *ctx, const struct vault *v, uint64_t id)
{
	return have(talloc_asprintf(ctx, "%s/entries/%" PRIu64, v->dir, id));
}
