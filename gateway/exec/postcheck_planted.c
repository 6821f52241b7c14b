/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of a git dir, besides its config and hooks, by which code that ran now
 * could make later commands do something: attributes, grafts and old-style
 * remotes, which git reads and never writes; the config of submodules and
 * linked work trees, in which no key may begin to start a program; hooks of
 * submodules, and in the work tree, which are told.
 */
#include "base/limits.h"
#include "base/path.h"
#include "base/text.h"
#include "exec/kept.h"
#include "invocation/git_config_text.h"
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#define MAX_FOUND 256
#define MAX_DEPTH 8

static const char *const never_written[] = {"info/attributes", "info/grafts"};
static const char *const old_remotes[] = {"remotes", "branches"};

typedef void seen(struct postcheck *p, const char *path);

static bool
known(const struct kept *v, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].path, path) == 0)
			return true;
	return false;
}

/* Not through a link that the command may have put there. */
static DIR *
open_folder(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d && fd >= 0)
		close(fd);
	return d;
}

static void
each_entry(struct postcheck *p, const char *dir, seen *f)
{
	DIR *d = open_folder(dir);
	struct dirent *ent;

	for (int i = 0; d && i < MAX_FOUND && (ent = readdir(d));)
		if (ent->d_name[0] != '.') {
			f(p,
			  talloc_asprintf(p->ctx, "%s/%s", dir, ent->d_name));
			i++;
		}
	if (d)
		closedir(d);
}

static void
keep_fixed(struct postcheck *p, const char *path)
{
	kept_look(p->ctx, path, LIMIT_CONFIG_FILE,
		  kept_add(p->ctx, &p->fixed, &p->nfixed));
}

static void
keep_other(struct postcheck *p, const char *path)
{
	if (p->nothers < MAX_FOUND && !known(p->others, p->nothers, path))
		kept_look(p->ctx, path, LIMIT_CONFIG_FILE,
			  kept_add(p->ctx, &p->others, &p->nothers));
}

static void
keep_worktree(struct postcheck *p, const char *path)
{
	const char *own = talloc_asprintf(p->ctx, "%s/config.worktree", path);

	/* the one of this work tree is compared key by key */
	if (!known(p->config, p->nconfig, own))
		keep_other(p, own);
}

/* A file that was not there before has nothing to be put back. */
static void
new_fixed(struct postcheck *p, const char *path)
{
	if (known(p->fixed, p->nfixed, path))
		return;
	*kept_add(p->ctx, &p->fixed, &p->nfixed) = (struct kept){.path = path};
}

static void
new_other(struct postcheck *p, const char *path)
{
	if (p->nothers < MAX_FOUND && !known(p->others, p->nothers, path))
		*kept_add(p->ctx, &p->others, &p->nothers) =
		    (struct kept){.path = path};
}

static void
new_worktree(struct postcheck *p, const char *path)
{
	const char *own = talloc_asprintf(p->ctx, "%s/config.worktree", path);

	if (!known(p->config, p->nconfig, own) && path_exists(own))
		new_other(p, own);
}

/* Git dirs below .git/modules, which nest as submodules do. */
static void
each_module(struct postcheck *p, const char *dir, unsigned depth, seen *f,
	    seen *hook)
{
	DIR *d = open_folder(dir);
	struct dirent *ent;
	bool is_gitdir;

	if (!d)
		return;
	is_gitdir = path_exists(talloc_asprintf(p->ctx, "%s/HEAD", dir)) ||
		    path_exists(talloc_asprintf(p->ctx, "%s/config", dir));
	if (is_gitdir) {
		f(p, talloc_asprintf(p->ctx, "%s/config", dir));
		each_entry(p, talloc_asprintf(p->ctx, "%s/hooks", dir), hook);
	}
	while (depth && (ent = readdir(d))) {
		if (ent->d_name[0] == '.' || ent->d_type != DT_DIR ||
		    (is_gitdir && strcmp(ent->d_name, "modules") != 0))
			continue;
		each_module(p,
			    talloc_asprintf(p->ctx, "%s/%s", dir, ent->d_name),
			    depth - 1, f, hook);
	}
	closedir(d);
}

static bool
is_hook(const char *path)
{
	size_t n = strlen(path);

	return (n < 7 || strcmp(path + n - 7, ".sample") != 0) &&
	       access(path, X_OK) == 0;
}

static void
keep_file(struct postcheck *p, const char *path)
{
	kept_look(p->ctx, path, LIMIT_CONFIG_FILE,
		  kept_add(p->ctx, &p->hooks_below, &p->nhooks_below));
}

static void
keep_hook(struct postcheck *p, const char *path)
{
	if (is_hook(path))
		keep_file(p, path);
}

static void
new_file(struct postcheck *p, const char *path)
{
	struct kept now;

	kept_look(p->ctx, path, LIMIT_CONFIG_FILE, &now);
	if (S_ISDIR(now.st.st_mode))
		return;
	for (size_t i = 0; i < p->nhooks_below; i++)
		if (strcmp(p->hooks_below[i].path, path) == 0) {
			if (!kept_same(&p->hooks_below[i], &now))
				postcheck_say(p, "changed hook:", path, NULL);
			return;
		}
	postcheck_say(p, "new hook:", path, NULL);
}

static void
new_hook(struct postcheck *p, const char *path)
{
	if (is_hook(path))
		new_file(p, path);
}

static int
take_hooks_path(void *data, const char *key, const char *value)
{
	char **path = data;

	if (value && strcmp(key, "core.hookspath") == 0) {
		talloc_free(*path);
		*path = talloc_strdup(NULL, value);
	}
	return 0;
}

/* core.hooksPath of the repository that leads into its work tree, or into a
 * submodule there: what changes is told, since it comes with every branch.
 * The scripts of husky's ".husky/_" run those beside that folder. */
static void
each_shared_hook(struct postcheck *p, seen *f)
{
	const struct repository *r = p->cmd->repo;
	const char *dir;
	char *path = NULL;

	for (size_t i = 0; i < p->nconfig; i++)
		if (p->config[i].bytes && S_ISREG(p->config[i].st.st_mode))
			git_config_text(p->ctx, p->config[i].bytes,
					p->config[i].len, take_hooks_path,
					&path, NULL);
	if (!path || !r->worktree)
		return;
	dir = path_clean(p->ctx, path_join(p->ctx, r->worktree, path));
	talloc_steal(p->ctx, path);
	if (strcmp(dir, r->worktree) == 0 || !path_is_under(dir, r->worktree) ||
	    path_is_under(dir, r->commondir))
		return;
	each_entry(p, dir, f);
	if (strcmp(path_base(dir), "_") == 0 &&
	    strcmp(path_parent(p->ctx, dir), r->worktree) != 0)
		each_entry(p, path_parent(p->ctx, dir), f);
}

void
postcheck_planted_before(struct postcheck *p)
{
	const char *dir = p->cmd->repo->commondir;

	for (size_t i = 0; i < 2; i++) {
		keep_fixed(
		    p, talloc_asprintf(p->ctx, "%s/%s", dir, never_written[i]));
		each_entry(
		    p, talloc_asprintf(p->ctx, "%s/%s", dir, old_remotes[i]),
		    keep_fixed);
	}
	each_entry(p, talloc_asprintf(p->ctx, "%s/worktrees", dir),
		   keep_worktree);
	each_module(p, talloc_asprintf(p->ctx, "%s/modules", dir), MAX_DEPTH,
		    keep_other, keep_hook);
	each_shared_hook(p, keep_file);
}

/* `git init` copies a template, `git remote rename` turns an old remote into
 * configuration: those may. */
static bool
may_write(const struct postcheck *p, const struct kept *k)
{
	const struct need *need = &p->cmd->need;

	if (need->hooks_write && k->st.st_mode == 0)
		return true;
	if (!need->config_write || k->st.st_mode == 0)
		return false;
	for (size_t i = 0; i < need->nconfig_keys; i++)
		if (strncmp(need->config_keys[i], "remote.", 7) == 0)
			return true;
	return false;
}

int
postcheck_planted_after(struct postcheck *p, struct err *e)
{
	const char *dir = p->cmd->repo->commondir;
	int rc = 0;

	for (size_t i = 0; i < 2; i++)
		each_entry(
		    p, talloc_asprintf(p->ctx, "%s/%s", dir, old_remotes[i]),
		    new_fixed);
	each_entry(p, talloc_asprintf(p->ctx, "%s/worktrees", dir),
		   new_worktree);
	each_module(p, talloc_asprintf(p->ctx, "%s/modules", dir), MAX_DEPTH,
		    new_other, new_hook);
	each_shared_hook(p, new_file);
	for (size_t i = 0; i < p->nfixed; i++) {
		const struct kept *k = &p->fixed[i];
		struct kept now;

		kept_look(p->ctx, k->path, LIMIT_CONFIG_FILE, &now);
		if (kept_same(k, &now) || may_write(p, k))
			continue;
		if (kept_restore(k, e) < 0)
			rc = ERR_SYSTEM;
		else
			postcheck_say(p, k->st.st_mode ? "put back" : "removed",
				      k->path, NULL);
	}
	for (size_t i = 0; i < p->nothers; i++)
		if (path_exists(p->others[i].path) &&
		    postcheck_config_other(p, &p->others[i], e) < 0)
			rc = ERR_SYSTEM;
	return rc;
}
