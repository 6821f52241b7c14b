/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protect.path: the files that match are remembered before a writing command,
 * small ones with their bytes, and put back when they have changed.
 */
#include "base/limits.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "exec/kept.h"
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define MAX_FILES   10000
#define MAX_ENTRIES 200000 /* looked at to find them */
#define MAX_DEPTH   64
#define KEEP_FILE   (1u << 20)
#define KEEP_ALL    (64u << 20)

struct search {
	struct postcheck *p;
	const struct scope_rules *rules;
	const char *top; /* the work tree; NULL */
	size_t entries;
	size_t bytes;
};

/* A glob without a slash at its start means a place in the work tree. */
static bool
is_protected(const struct search *s, const char *path)
{
	const char *below = s->top ? path_below(path, s->top) : NULL;

	for (size_t i = 0; i < s->rules->nprotected_paths; i++) {
		const char *glob = s->rules->protected_paths[i];
		const char *text = *glob == '/' ? path : below;

		if (text && *text && path_glob_match(glob, text))
			return true;
	}
	return false;
}

static void
remember(struct search *s, const char *path)
{
	struct postcheck *p = s->p;
	struct kept *k;

	if (p->nprotected == MAX_FILES) {
		p->too_many = true;
		return;
	}
	k = kept_add(p, &p->protected, &p->nprotected);
	kept_look(p, path, s->bytes < KEEP_ALL ? KEEP_FILE : 0, k);
	s->bytes += k->len;
}

static void
search(struct search *s, const char *dir, unsigned depth)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *ent;

	while (d && (ent = readdir(d)) && s->entries++ < MAX_ENTRIES) {
		const char *path;

		if (strcmp(ent->d_name, ".") == 0 ||
		    strcmp(ent->d_name, "..") == 0 ||
		    strcmp(ent->d_name, ".git") == 0)
			continue;
		path = talloc_asprintf(s->p, "%s/%s", dir, ent->d_name);
		if (ent->d_type == DT_DIR && depth)
			search(s, path, depth - 1);
		else if (is_protected(s, path))
			remember(s, path);
	}
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
}

/* The folder that holds all that a glob can match. */
static const char *
folder_of(struct search *s, const char *glob)
{
	size_t fixed = strcspn(glob, "*?[\\");
	char *path;

	/* a glob without wildcards is a file, or a folder and what is in it */
	while (glob[fixed] != '\0' && fixed && glob[fixed - 1] != '/')
		fixed--;
	path = talloc_strndup(s->p, glob, fixed);
	if (*glob == '/')
		return path_clean(s->p, path);
	return s->top ? path_join(s->p, s->top, path) : NULL;
}

void
postcheck_paths_before(struct postcheck *p, const struct scope_rules *rules)
{
	const struct repository *r = p->cmd->repo;
	struct search s = {
	    .p = p, .rules = rules, .top = r ? r->worktree : NULL};
	const char **done =
	    talloc_array(p, const char *, (unsigned)rules->nprotected_paths);
	size_t ndone = 0;

	for (size_t i = 0; i < rules->nprotected_paths; i++) {
		const char *dir = folder_of(&s, rules->protected_paths[i]);
		bool again = !dir || strcmp(dir, "/") == 0;
		struct stat st;

		for (size_t k = 0; k < ndone && !again; k++)
			again = path_is_under(dir, done[k]);
		if (again)
			continue;
		done[ndone++] = dir;
		if (lstat(dir, &st) < 0)
			continue;
		if (S_ISDIR(st.st_mode))
			search(&s, dir, MAX_DEPTH);
		else
			remember(&s, dir);
	}
}

static bool
touched(const struct kept *k, const struct stat *now)
{
	return k->st.st_mode != now->st_mode || k->st.st_size != now->st_size ||
	       k->st.st_ino != now->st_ino ||
	       k->st.st_mtim.tv_sec != now->st_mtim.tv_sec ||
	       k->st.st_mtim.tv_nsec != now->st_mtim.tv_nsec ||
	       k->st.st_ctim.tv_sec != now->st_ctim.tv_sec ||
	       k->st.st_ctim.tv_nsec != now->st_ctim.tv_nsec;
}

/* The folders on the way to path; where the command has put something else in
 * the place of one, that makes way. */
static void
make_way(struct postcheck *p, const char *path)
{
	const char *dir = path_parent(p, path);
	struct stat st;

	if (path_make_dirs(dir, 0777, NULL) == 0)
		return;
	for (const char *up = dir; up[1] != '\0'; up = path_parent(p, up))
		if (lstat(up, &st) == 0 && !S_ISDIR(st.st_mode) &&
		    unlink(up) == 0)
			break;
	path_make_dirs(dir, 0777, NULL);
}

int
postcheck_paths_after(struct postcheck *p, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < p->nprotected; i++) {
		const struct kept *k = &p->protected[i];
		struct kept now;
		struct stat st = {0};

		if (lstat(k->path, &st) == 0 && !touched(k, &st))
			continue;
		kept_look(p, k->path, KEEP_FILE, &now);
		if (k->bytes && kept_same(k, &now) &&
		    (k->st.st_mode & 07777) == (now.st.st_mode & 07777))
			continue; /* written anew with the same content */
		if (!k->bytes) {
			postcheck_say(p, "could not keep protected", k->path,
				      NULL);
			continue;
		}
		make_way(p, k->path);
		if (kept_restore(k, e) < 0)
			rc = ERR_SYSTEM;
		else
			postcheck_say(p, "put back", k->path, "protect.path");
	}
	if (p->too_many) {
		p->too_many = false;
		postcheck_say(p, "watched only the first of", "protect.path",
			      NULL);
	}
	return rc;
}
