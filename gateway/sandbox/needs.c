/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of one command: what its tool asked for, its program, and what a
 * repository reaches outside its own folder.
 */
#include "sandbox/needs.h"
#include "base/file.h"
#include "base/path.h"
#include "sandbox/home.h"
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#define MAX_ALTERNATES 5 /* deep, as in git */
#define MAX_WORKTREES  1000
#define MAX_MODULES    64

static struct bwrap_stage *
stage_at(struct mounts *m, struct bwrap_plan *plan, const char *place)
{
	struct bwrap_stage *s;

	for (size_t i = 0; i < plan->nstages; i++)
		if (strcmp(plan->stages[i].place, place) == 0)
			return &plan->stages[i];
	plan->stages = talloc_realloc(m->ctx, plan->stages, struct bwrap_stage,
				      (unsigned)plan->nstages + 1);
	if (!plan->stages)
		BUG("out of memory");
	s = &plan->stages[plan->nstages++];
	s->place = talloc_strdup(m->ctx, place);
	s->dir =
	    talloc_asprintf(m->ctx, "%s/.automode-%08x%08x",
			    place[1] ? place : "", arc4random(), arc4random());
	s->names = talloc_zero_array(m->ctx, const char *, 1);
	mounts_add(m, ENTRY_STAND, place)->source = s->dir;
	return s;
}

static void
stage_name(void *ctx, struct bwrap_stage *s, const char *below)
{
	char *name = talloc_strndup(ctx, below, strcspn(below, "/"));
	size_t n = 0;

	for (; s->names[n]; n++)
		if (strcmp(s->names[n], name) == 0)
			return;
	s->names = talloc_realloc(ctx, s->names, const char *, (unsigned)n + 2);
	if (!s->names)
		BUG("out of memory");
	s->names[n] = name;
	s->names[n + 1] = NULL;
}

/* Is dir shown by a bind of kind at least `least` already? */
static bool
bound(const struct mounts *m, const char *dir, enum entry_kind least)
{
	for (size_t i = 0; i < m->n; i++)
		if (entry_is_bind(&m->v[i]) && m->v[i].kind >= least &&
		    m->v[i].kind <= ENTRY_PIN &&
		    path_is_under(dir, m->v[i].place))
			return true;
	return false;
}

/*
 * A file to be written, or something that is not there yet.  In a folder that
 * is bound writable anyway there is nothing to do; one that is shown read-only
 * becomes writable; any other is not opened to the command because of one name
 * in it, but gets a stage.
 */
static void
add_name(struct mounts *m, struct bwrap_plan *plan, const char *real,
	 bool is_file)
{
	const char *dir = path_parent(m->ctx, real);
	struct bwrap_stage *s;

	while (!path_exists(dir))
		dir = path_parent(m->ctx, dir);
	if (bound(m, dir, ENTRY_WRITE))
		return;
	if (bound(m, dir, ENTRY_READ)) {
		mounts_add(m, ENTRY_WRITE, is_file ? real : dir);
		return;
	}
	if (access(dir, W_OK) < 0)
		return; /* the command will find the same */
	s = stage_at(m, plan, dir);
	stage_name(m->ctx, s, path_below(real, dir));
	/* what the command makes must not be made in a private folder */
	for (size_t i = 0; !is_file && i < m->n; i++)
		if ((m->v[i].kind == ENTRY_TMPFS ||
		     m->v[i].kind == ENTRY_FOLDER) &&
		    path_is_under(m->v[i].place, real))
			m->v[i--] = m->v[--m->n];
	if (is_file) {
		struct entry *n = mounts_add(m, ENTRY_FILE, real);
		struct stat st;

		n->source = n->place;
		n->mode = stat(real, &st) == 0 ? st.st_mode & 0777 : 0;
	}
}

/* No link leads to it that was judged, and one that came since is not to be
 * followed: what is bound is opened without (bwrap_plan: held). */
static bool
is_real(const struct need *need, const char *path)
{
	for (size_t i = 0; i < need->nreal; i++)
		if (strcmp(need->real[i], path) == 0)
			return true;
	return false;
}

static void
add_real(struct mounts *m, enum entry_kind kind, const char *path)
{
	if (path_exists(path))
		mounts_add(m, kind, path);
}

void
needs_add(struct mounts *m, const struct invocation *in,
	  const struct command *cmd, struct bwrap_plan *plan)
{
	const struct need *need = &cmd->need;
	struct stat st;

	(void)in;
	for (size_t i = 0; i < need->nfolders; i++)
		if (!need_is_special(need->folders[i]))
			mounts_add(m, ENTRY_FOLDER,
				   mounts_reach(m, need->folders[i]));
	for (size_t i = 0; i < need->nfiles; i++)
		mounts_add(m, ENTRY_TMPFS,
			   path_parent(m->ctx, need->files[i].to))
		    ->mode = 0700;
	for (size_t i = 0; i < need->nread; i++)
		if (is_real(need, need->read[i]))
			add_real(m, ENTRY_READ, need->read[i]);
		else if (!need_is_special(need->read[i]))
			mounts_show(m, need->read[i]);
	for (size_t i = 0; i < need->nwrite; i++) {
		const char *real;

		if (is_real(need, need->write[i]))
			add_real(m, ENTRY_WRITE, need->write[i]);
		if (is_real(need, need->write[i]) ||
		    need_is_special(need->write[i]))
			continue;
		real = mounts_reach(m, need->write[i]);
		if (stat(real, &st) == 0 && S_ISDIR(st.st_mode))
			mounts_add(m, ENTRY_WRITE, real);
	}
	for (size_t i = 0; i < need->nwrite; i++) {
		const char *real;

		if (is_real(need, need->write[i]) ||
		    need_is_special(need->write[i]))
			continue;
		real = path_resolve(m->ctx, "/", need->write[i]);
		if (strcmp(real, "/") == 0)
			continue;
		if (stat(real, &st) < 0)
			add_name(m, plan, real, false);
		else if (S_ISREG(st.st_mode))
			add_name(m, plan, real, true);
		else if (!S_ISDIR(st.st_mode)) /* a FIFO or a socket */
			mounts_add(m, ENTRY_WRITE, real);
	}
}

void
needs_of_program(struct mounts *m, const char *program)
{
	static const char *const beside[] = {"lib", "lib64", "libexec", NULL};
	const char *real = mounts_reach(m, program), *dir, *prefix;

	if (path_is_under(real, "/usr"))
		return;
	if (path_is_under(real, "/opt") || path_is_under(real, "/nix")) {
		mounts_bind(m, ENTRY_READ,
			    path_is_under(real, "/opt") ? "/opt" : "/nix");
		return;
	}
	dir = path_parent(m->ctx, real);
	mounts_bind(m, ENTRY_READ, real);
	if (strcmp(path_base(dir), "bin") != 0)
		return;
	prefix = path_parent(m->ctx, dir);
	mounts_bind(m, ENTRY_READ, dir);
	for (size_t i = 0; prefix[1] && beside[i]; i++)
		mounts_bind(m, ENTRY_READ,
			    path_join(m->ctx, prefix, beside[i]));
}

/* The object stores named in objects/info/alternates, read-only.  A line that
 * names something else than an object store shows nothing. */
static void
add_alternates(struct mounts *m, const char *objects, int depth)
{
	const char *file =
	    talloc_asprintf(m->ctx, "%s/info/alternates", objects);
	char *text, *line, *next;
	size_t len;

	if (depth == 0 ||
	    file_read(m->ctx, AT_FDCWD, file, 65536, &text, &len, NULL) != 0)
		return;
	for (line = text; line && *line; line = next) {
		const char *dir, *real;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (*line == '\0' || *line == '#')
			continue;
		dir = path_join(m->ctx, objects, line);
		real = path_resolve(m->ctx, "/", dir);
		if (!path_exists(talloc_asprintf(m->ctx, "%s/pack", real)) ||
		    (strcmp(path_base(real), "objects") != 0 &&
		     !path_exists(talloc_asprintf(m->ctx, "%s/info", real))))
			continue;
		mounts_bind(m, ENTRY_READ, dir);
		add_alternates(m, real, depth - 1);
	}
}

/*
 * git takes a linked worktree whose .git file it cannot see for one that is
 * gone, and `gc` then throws away its HEAD and index.  So a box shows those
 * files, and nothing else of the other worktrees.
 */
static void
add_worktrees(struct mounts *m, const char *commondir)
{
	const char *dir = talloc_asprintf(m->ctx, "%s/worktrees", commondir);
	DIR *d = opendir(dir);
	struct dirent *ent;
	unsigned n = 0;

	while (d && n < MAX_WORKTREES && (ent = readdir(d))) {
		struct entry *entry;
		struct stat st;
		const char *real;
		char *text;
		size_t len;

		if (ent->d_name[0] == '.')
			continue;
		n++;
		real =
		    talloc_asprintf(m->ctx, "%s/%s/gitdir", dir, ent->d_name);
		if (file_read(m->ctx, AT_FDCWD, real, 4096, &text, &len,
			      NULL) != 0)
			continue;
		text[strcspn(text, "\n")] = '\0';
		if (strcmp(path_base(text), ".git") != 0)
			continue;
		real = mounts_reach(
		    m, *text == '/' ? text
				    : talloc_asprintf(m->ctx, "%s/%s/%s", dir,
						      ent->d_name, text));
		if (lstat(real, &st) < 0 || !S_ISREG(st.st_mode))
			continue;
		/* its text is known: nothing is read at a path that whoever
		 * wrote into .git could choose */
		entry = mounts_add(m, ENTRY_FILE, real);
		entry->bytes = talloc_asprintf(m->ctx, "gitdir: %s/%s\n", dir,
					       ent->d_name);
		entry->len = strlen(entry->bytes);
	}
	if (d)
		closedir(d);
}

/* Hooks and config of submodules, whose git dirs lie below ours. */
static void
add_modules(struct mounts *m, const char *modules, bool config, int depth,
	    unsigned *left)
{
	DIR *d = depth ? opendir(modules) : NULL;
	struct dirent *ent;

	while (d && *left && (ent = readdir(d))) {
		const char *dir;

		if (ent->d_name[0] == '.' ||
		    (ent->d_type != DT_DIR && ent->d_type != DT_UNKNOWN))
			continue;
		dir = talloc_asprintf(m->ctx, "%s/%s", modules, ent->d_name);
		if (!path_exists(talloc_asprintf(m->ctx, "%s/HEAD", dir))) {
			add_modules(m, dir, config, depth - 1, left);
			continue;
		}
		--*left;
		add_alternates(m, talloc_asprintf(m->ctx, "%s/objects", dir),
			       MAX_ALTERNATES);
		mounts_bind(m, ENTRY_PROTECT,
			    talloc_asprintf(m->ctx, "%s/hooks", dir));
		if (config)
			mounts_bind(m, ENTRY_PROTECT,
				    talloc_asprintf(m->ctx, "%s/config", dir));
		add_modules(m, talloc_asprintf(m->ctx, "%s/modules", dir),
			    config, depth - 1, left);
	}
	if (d)
		closedir(d);
}

void
needs_of_repository(struct mounts *m, const struct command *cmd, bool writes)
{
	const struct repository *r = cmd->repo;
	const char *pointer;
	unsigned left = MAX_MODULES;
	struct stat st;

	add_alternates(m, talloc_asprintf(m->ctx, "%s/objects", r->commondir),
		       MAX_ALTERNATES);
	add_worktrees(m, r->commondir);
	if (!writes)
		return;
	add_modules(m, talloc_asprintf(m->ctx, "%s/modules", r->commondir),
		    !cmd->need.config_write && !cmd->need.moves_repository, 4,
		    &left);
	/* a linked worktree's or submodule's .git is a file that says where
	 * the repository is */
	if (!r->worktree)
		return;
	pointer = talloc_asprintf(m->ctx, "%s/.git", r->worktree);
	if (lstat(pointer, &st) == 0 && S_ISREG(st.st_mode))
		mounts_add(m, ENTRY_PROTECT, pointer);
}
