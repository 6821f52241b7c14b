/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that a git command reads or writes at a path of the caller's, apart
 * from the work tree: --output=, -o, -F, patches, mark files.
 */
#include "base/path.h"
#include "base/text.h"
#include "tools/git_words.h"
#include <dirent.h>
#include <sys/stat.h>

bool
git_is_file_name(const char *path)
{
	static const char *const no_files[] = {
	    "-",	   "/dev/stdin",  "/dev/stdout", "/dev/stderr",
	    "/dev/null",   "/dev/tty",	  "/dev/zero",	 "/dev/full",
	    "/dev/random", "/dev/urandom"};
	size_t i;

	if (!path || !*path)
		return false;
	for (i = 0; i < sizeof(no_files) / sizeof(*no_files); i++)
		if (!strcmp(path, no_files[i]))
			return false;
	return strncmp(path, "/dev/fd/", 8) != 0 &&
	       strncmp(path, "/proc/self/fd/", 14) != 0;
}

static bool
within_repository(struct git_call *g, const char *path)
{
	return g->repo &&
	       (path_is_under(path, g->repo->commondir) ||
		path_is_under(path, g->repo->gitdir) ||
		(g->repo->worktree && path_is_under(path, g->repo->worktree)));
}

/* A folder that holds the person's home holds the credentials too. */
static bool
holds_home(struct git_call *g, const char *path)
{
	const char *home = invocation_home(g->in);

	return home && path_is_under(home, path);
}

void
git_reads_file(struct git_call *g, const char *path)
{
	enum scope scope;
	struct effect *fx;
	char *real;

	if (!git_is_file_name(path))
		return;
	real = path_resolve(g->ctx, g->dir, path);
	if (within_repository(g, real) || !path_exists(real))
		return;
	scope = scope_of_path(g->in, g->t->rules, g->repo, real);
	if (scope == SCOPE_SECRET || holds_home(g, real)) {
		fx = effects_add(g->fx, EFFECT_SECRET_READ, SCOPE_SECRET, path);
		fx->undo = UNDO_NO;
		fx->why = git_text(g, "%s holds credentials",
				   text_safe(g->ctx, real));
	}
	need_read(g->ctx, &g->cmd->need, real);
}

/* The sandbox opens no more than that name. */
static void
writable(struct git_call *g, const char *real)
{
	if (within_repository(g, real) &&
	    strcmp(g->cmd->need.box, GIT_BOX_READ))
		return;
	need_write(g->ctx, &g->cmd->need, real);
}

static bool
is_git_own(struct git_call *g, const char *real)
{
	return g->repo && (path_is_under(real, g->repo->commondir) ||
			   path_is_under(real, g->repo->gitdir));
}

static bool
ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && !strcmp(s + n - m, end);
}

/* A patch beside config and HEAD is nobody's but its writer's: git reads no
 * such name.  lint-staged 10 to 16 puts what is not staged there. */
static bool
is_patch_beside(struct git_call *g, const char *real)
{
	const char *name = strrchr(real, '/') + 1,
		   *dir = git_text(g, "%.*s", (int)(name - 1 - real), real);
	struct stat st;

	return (!strcmp(dir, g->repo->gitdir) ||
		!strcmp(dir, g->repo->commondir)) &&
	       (ends_with(name, ".patch") || ends_with(name, ".diff")) &&
	       (lstat(real, &st) < 0 || S_ISREG(st.st_mode));
}

/* refs, config, hooks: files that git itself believes. */
static struct effect *
writes_into_git(struct git_call *g, const char *real, const char *path)
{
	struct effect *fx = git_effect(g, EFFECT_PERSIST, path);

	fx->undo = UNDO_NO;
	fx->why = git_text(g,
			   "it would write %s, inside the repository's own "
			   "folder",
			   text_safe(g->ctx, real));
	fx->instead = "the same with a file outside .git";
	writable(g, real);
	return fx;
}

struct effect *
git_writes_file(struct git_call *g, const char *path)
{
	enum scope scope;
	struct effect *fx;
	struct stat st;
	char *real;
	bool exists;

	if (!git_is_file_name(path))
		return NULL;
	real = path_resolve(g->ctx, g->dir, path);
	if (is_git_own(g, real)) {
		if (!is_patch_beside(g, real))
			return writes_into_git(g, real, path);
		/* The folder is read-only in the box of reads; with it
		 * writable, a diff driver may change what it likes. */
		if (!strcmp(g->cmd->need.box, GIT_BOX_READ)) {
			g->cmd->need.box = GIT_BOX_WRITE;
			git_runs(g, git_text(g, "git %s", g->word));
		}
	}
	scope = scope_of_path(g->in, g->t->rules, g->repo, real);
	exists = stat(real, &st) == 0;
	if (exists && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) {
		fx = effects_add(g->fx, EFFECT_DEVICE_WRITE, scope, path);
		fx->undo = UNDO_NO;
		return fx;
	}
	fx = effects_add(g->fx,
			 exists ? EFFECT_FILE_OVERWRITE : EFFECT_FILE_WRITE,
			 scope, path);
	fx->undo = UNDO_YES;
	if (exists) {
		git_loses(g, fx, LOSS_PATHS);
		losses_add_path(g->ctx, &g->cmd->losses, real);
		fx->instead = "the same with the name of a new file";
	}
	writable(g, real);
	return fx;
}

struct effect *
git_writes_files(struct git_call *g, const char *dir, const char *suffix)
{
	char *real = path_resolve(g->ctx, g->dir, dir);
	DIR *stream = opendir(real);
	struct effect *fx;
	struct dirent *d;
	bool any = false;

	if (is_git_own(g, real))
		return writes_into_git(g, real, dir);
	while (stream && (d = readdir(stream))) {
		if (*d->d_name == '.' || !ends_with(d->d_name, suffix))
			continue;
		any = true;
		losses_add_path(g->ctx, &g->cmd->losses,
				path_join(g->ctx, real, d->d_name));
	}
	fx = effects_add(g->fx, any ? EFFECT_FILE_OVERWRITE : EFFECT_FILE_WRITE,
			 scope_of_path(g->in, g->t->rules, g->repo, real), dir);
	fx->undo = UNDO_YES;
	if (any)
		git_loses(g, fx, LOSS_PATHS);
	if (stream)
		closedir(stream);
	writable(g, real);
	return fx;
}

struct effect *
git_writes_dir(struct git_call *g, const char *path)
{
	return git_writes_files(g, path, "");
}
