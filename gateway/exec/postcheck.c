/* SPDX-License-Identifier: Apache-2.0 */
/*
 * After a writing command.  The box already makes hooks and config read-only
 * mounts, so this looks at what a mount cannot hold: files that did not exist,
 * second names of a protected file (hard links write through to it), symbolic
 * links in its place, the config of commands that may change some of its keys,
 * the files that say where a repository is, and protect.path.
 *
 * What a box could not have reached is left alone even if it differs: somebody
 * else works in the same repository.
 */
#include "exec/postcheck.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mutant.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "exec/kept.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define MAX_WORKTREES 1000

struct kept *
kept_add(void *ctx, struct kept **v, size_t *n)
{
	*v = talloc_realloc(ctx, *v, struct kept, (unsigned)*n + 1);
	if (!*v)
		BUG("out of memory");
	(*v)[*n] = (struct kept){0};
	return &(*v)[(*n)++];
}

void
kept_look(void *ctx, const char *path, size_t max, struct kept *k)
{
	*k = (struct kept){.path = path};
	if (lstat(path, &k->st) < 0) {
		k->st.st_mode = 0;
		return;
	}
	if (S_ISLNK(k->st.st_mode)) {
		char text[4096];
		ssize_t n = readlink(path, text, sizeof text);

		if (n >= 0 && (size_t)n < sizeof text) {
			k->bytes = talloc_strndup(ctx, text, (size_t)n);
			k->len = (size_t)n;
		}
	} else if (S_ISREG(k->st.st_mode) &&
		   (unsigned long long)k->st.st_size <= max) {
		file_read(ctx, AT_FDCWD, path, max, &k->bytes, &k->len, NULL);
	}
}

bool
kept_same(const struct kept *a, const struct kept *b)
{
	if ((a->st.st_mode & S_IFMT) != (b->st.st_mode & S_IFMT))
		return false;
	if (!a->bytes || !b->bytes)
		return a->bytes == b->bytes;
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* Takes away what is at path now; a folder goes whole. */
static int
clear(int dir, const char *name)
{
	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	return errno == EISDIR || errno == EPERM
		   ? path_remove_tree(dir, name, NULL)
		   : -1;
}

int
kept_restore(const struct kept *k, struct err *e)
{
	void *ctx = talloc_new(NULL);
	const char *parent = path_parent(ctx, k->path);
	const char *name = path_base(k->path);
	int dir OWNED_FD =
	    open(parent, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat now;
	int rc = 0;

	if (dir < 0)
		rc = -1;
	else if (k->st.st_mode == 0)
		rc = clear(dir, name);
	else if (S_ISLNK(k->st.st_mode) && k->bytes)
		rc = clear(dir, name) < 0 ? -1 : symlinkat(k->bytes, dir, name);
	else if (S_ISREG(k->st.st_mode) && k->bytes) {
		if (fstatat(dir, name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISDIR(now.st_mode))
			rc = clear(dir, name);
		/* a new file under the old name: other names of the changed
		 * one keep the change, and reach this no more */
		if (rc == 0)
			rc = file_write(dir, name, k->bytes, k->len,
					k->st.st_mode & 07777, e);
	} else {
		errno = ENODATA;
		rc = -1;
	}
	if (rc < 0)
		rc = err_sys(e, "putting back %s", text_safe(ctx, k->path));
	talloc_free(ctx);
	return rc;
}

void
postcheck_say(struct postcheck *p, const char *verb, const char *path,
	      const char *what)
{
	const struct repository *r = p->cmd->repo;
	const char *below =
	    r && r->worktree ? path_below(path, r->worktree) : NULL;

	if (!p->report)
		p->report = talloc_strdup(p->ctx, "");
	p->report = talloc_asprintf_append(
	    p->report, "automode: %s %s%s%s (changed by the command)\n", verb,
	    text_safe(p->ctx, below && *below ? below : path), what ? ": " : "",
	    what ? what : "");
}

static void
keep(struct postcheck *p, struct kept **v, size_t *n, const char *path)
{
	kept_look(p->ctx, path, LIMIT_CONFIG_FILE, kept_add(p->ctx, v, n));
}

/* commondir in a git dir sends git elsewhere for config and hooks; so does
 * the .git file or link of a work tree. */
static void
keep_pointers(struct postcheck *p)
{
	const struct repository *r = p->cmd->repo;
	const char *dir = talloc_asprintf(p->ctx, "%s/worktrees", r->commondir);
	DIR *d = opendir(dir);
	struct dirent *ent;
	struct stat st;

	keep(p, &p->pointers, &p->npointers,
	     talloc_asprintf(p->ctx, "%s/commondir", r->commondir));
	while (d && p->npointers < MAX_WORKTREES && (ent = readdir(d)))
		if (ent->d_name[0] != '.')
			keep(p, &p->pointers, &p->npointers,
			     talloc_asprintf(p->ctx, "%s/%s/commondir", dir,
					     ent->d_name));
	if (d)
		closedir(d);
	if (!r->worktree)
		return;
	dir = talloc_asprintf(p->ctx, "%s/.git", r->worktree);
	if (lstat(dir, &st) == 0 && !S_ISDIR(st.st_mode))
		keep(p, &p->pointers, &p->npointers, dir);
}

static void
keep_hooks(struct postcheck *p, const char *commondir)
{
	DIR *d;
	struct dirent *ent;
	struct stat st;

	kept_look(p->ctx, talloc_asprintf(p->ctx, "%s/hooks", commondir), 0,
		  &p->hooks);
	d = S_ISDIR(p->hooks.st.st_mode) ? opendir(p->hooks.path) : NULL;
	while (d && (ent = readdir(d))) {
		const char *dot = strrchr(ent->d_name, '.');

		if (ent->d_name[0] == '.' ||
		    (dot && strcmp(dot, ".sample") == 0))
			continue;
		if (fstatat(dirfd(d), ent->d_name, &st, AT_SYMLINK_NOFOLLOW) ==
			0 &&
		    S_ISREG(st.st_mode) && st.st_nlink > 1)
			keep(p, &p->hook_links, &p->nhook_links,
			     talloc_asprintf(p->ctx, "%s/%s", p->hooks.path,
					     ent->d_name));
	}
	if (d)
		closedir(d);
}

int
postcheck_before(void *ctx, const struct command *cmd,
		 const struct scope_rules *rules, struct postcheck **out,
		 struct err *e)
{
	const struct repository *r = cmd->repo;
	struct postcheck *p;

	(void)e;
	*out = NULL;
	/* in the latter nothing but git itself runs */
	if (!cmd->need.box || strcmp(cmd->need.box, "git-read") == 0 ||
	    strcmp(cmd->need.box, "git-refresh") == 0)
		return 0;
	p = talloc_zero(ctx, struct postcheck);
	if (!p)
		BUG("out of memory");
	p->ctx = p;
	p->cmd = cmd;
	if (r) {
		keep(p, &p->config, &p->nconfig,
		     talloc_asprintf(p, "%s/config", r->commondir));
		keep(p, &p->config, &p->nconfig,
		     talloc_asprintf(p, "%s/config.worktree", r->gitdir));
		if (strcmp(r->gitdir, r->commondir) != 0)
			keep(p, &p->config, &p->nconfig,
			     talloc_asprintf(p, "%s/config.worktree",
					     r->commondir));
		keep_pointers(p);
		if (!cmd->need.hooks_write)
			keep_hooks(p, r->commondir);
		p->alternates = path_exists(talloc_asprintf(
		    p, "%s/objects/info/alternates", r->commondir));
	}
	if (r)
		postcheck_planted_before(p);
	if (rules && rules->nprotected_paths)
		postcheck_paths_before(p, rules);
	*out = p;
	return 0;
}

/* Could the box have changed this file although it was mounted read-only?  Not
 * if it was a file of one name. */
static bool
was_out_of_reach(const struct postcheck *p, const struct kept *k)
{
	return !p->cmd->need.config_write && S_ISREG(k->st.st_mode) &&
	       k->st.st_nlink == 1 &&
	       strcmp(p->cmd->need.box, "git-write-config") != 0;
}

/* A file or folder that was replaced meanwhile, by whom ever, is no mount any
 * more in any box (rename(2)): what runs there could then write the new one. */
static bool
came_into_reach(const struct postcheck *p, const struct kept *k)
{
	struct stat now;

	return p->cmd->need.runs_code && lstat(k->path, &now) == 0 &&
	       (now.st_ino != k->st.st_ino || now.st_dev != k->st.st_dev);
}

static int
check_config(struct postcheck *p, const struct kept *k, struct err *e)
{
	if (!was_out_of_reach(p, k))
		return postcheck_config(p, k, e);
	/* who replaced it may have meant what starts nothing */
	return came_into_reach(p, k) ? postcheck_config_other(p, k, e) : 0;
}

static int
check_pointers(struct postcheck *p, struct err *e)
{
	const char *dir =
	    talloc_asprintf(p, "%s/worktrees", p->cmd->repo->commondir);
	DIR *d;
	struct dirent *ent;
	int rc = 0;

	for (size_t i = 0; i < p->npointers; i++) {
		const struct kept *k = &p->pointers[i];
		struct kept now;

		kept_look(p, k->path, LIMIT_CONFIG_FILE, &now);
		if (kept_same(k, &now))
			continue;
		/* a worktree was removed, or its .git went with it */
		if (now.st.st_mode == 0 &&
		    (path_is_under(k->path, dir) || !S_ISLNK(k->st.st_mode)))
			continue;
		if (kept_restore(k, e) < 0)
			rc = ERR_SYSTEM;
		else
			postcheck_say(p, "put back", k->path, NULL);
	}
	/* those of new worktrees have one right content */
	d = opendir(dir);
	while (d && (ent = readdir(d))) {
		struct kept now,
		    right = {.st = {.st_mode = S_IFREG | 0644},
			     .bytes = (char *)(uintptr_t) "../..\n",
			     .len = 6};

		if (ent->d_name[0] == '.')
			continue;
		right.path =
		    talloc_asprintf(p, "%s/%s/commondir", dir, ent->d_name);
		kept_look(p, right.path, LIMIT_CONFIG_FILE, &now);
		if (now.st.st_mode == 0 || kept_same(&now, &right))
			continue;
		for (size_t i = 0; i < p->npointers; i++)
			if (strcmp(p->pointers[i].path, right.path) == 0 &&
			    kept_same(&p->pointers[i], &now))
				right.path = NULL; /* it always was so */
		if (!right.path)
			continue;
		if (kept_restore(&right, e) < 0)
			rc = ERR_SYSTEM;
		else
			postcheck_say(p, "mended", right.path, NULL);
	}
	if (d)
		closedir(d);
	return rc;
}

static int
check_hooks(struct postcheck *p, struct err *e)
{
	const struct kept *h = &p->hooks;
	struct kept now;
	int rc = 0;

	if (!h->path) /* may change */
		return 0;
	kept_look(p, h->path, 0, &now);
	/* who put another folder there may have meant it; what is in it, the
	 * code of this command may have written */
	if (S_ISDIR(h->st.st_mode) && came_into_reach(p, h))
		postcheck_say(p, "look at the hooks before they run:", h->path,
			      "another folder since the command began");
	if (S_ISDIR(h->st.st_mode)) {
		for (size_t i = 0; i < p->nhook_links; i++) {
			const struct kept *k = &p->hook_links[i];

			kept_look(p, k->path, LIMIT_CONFIG_FILE, &now);
			if (kept_same(k, &now))
				continue;
			if (kept_restore(k, e) < 0)
				rc = ERR_SYSTEM;
			else
				postcheck_say(p, "put back", k->path, NULL);
		}
		return rc;
	}
	if (kept_same(h, &now))
		return 0;
	/* an empty folder does no harm, and git itself makes one */
	if (h->st.st_mode == 0 && rmdir(h->path) == 0)
		return 0;
	if (kept_restore(h, e) < 0)
		return ERR_SYSTEM;
	postcheck_say(p, h->st.st_mode ? "put back" : "removed", h->path, NULL);
	return 0;
}

int
postcheck_after(struct postcheck *p, char **report, struct err *e)
{
	int rc = 0;

	*report = NULL;
	if (!p || mutant("postcheck"))
		return 0;
	if (p->cmd->repo) {
		const char *alternates = talloc_asprintf(
		    p, "%s/objects/info/alternates", p->cmd->repo->commondir);

		for (size_t i = 0; i < p->nconfig; i++)
			if (check_config(p, &p->config[i], e) < 0)
				rc = ERR_SYSTEM;
		if (check_pointers(p, e) < 0)
			rc = ERR_SYSTEM;
		if (check_hooks(p, e) < 0)
			rc = ERR_SYSTEM;
		if (postcheck_planted_after(p, e) < 0)
			rc = ERR_SYSTEM;
		/* new objects may lean on it by now: not to be taken away */
		if (!p->alternates && path_exists(alternates))
			postcheck_say(p, "new:", alternates, NULL);
	}
	if (p->nprotected && postcheck_paths_after(p, e) < 0)
		rc = ERR_SYSTEM;
	*report = p->report;
	return rc;
}
