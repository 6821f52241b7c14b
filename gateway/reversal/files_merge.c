/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory was moved into the vault, and by now another one has its name.
 * Where that one has nothing but names that the kept one has too, the two
 * change places.  Else the kept one goes back name by name, and what is only
 * in the present stays where it is: the item of the whole directory becomes
 * one for each name, in the record too, before anything is moved.  So does
 * that of the later command which made the other one, for the names that stay.
 */
#include "base/limits.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/files_undo.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX 500

struct merge {
	struct file_undo *u;
	const struct file_item *top;
	struct file_entry to; /* the items: below comes first */
	size_t stay;	      /* names that only the present has */
	struct made {
		struct file_entry *m; /* a later one */
		const char *path;     /* a tree that it made, as it left it */
		size_t first;	      /* its items before this undo */
	} * made;
	size_t nmade, room;
	bool cannot;
};

static DIR *
open_names(int parent, const char *name, int *fd)
{
	DIR *all;

	*fd = file_open_dir(parent, name);
	all = *fd < 0 ? NULL : fdopendir(*fd);
	if (!all && *fd >= 0)
		close(*fd);
	return all;
}

static const struct dirent *
next_name(DIR *all)
{
	const struct dirent *d;

	while ((d = readdir(all)))
		if (strcmp(d->d_name, ".") && strcmp(d->d_name, ".."))
			break;
	return d;
}

static struct file_item *
add(struct merge *g, int kind, const char *below, const struct file_state *s)
{
	const struct file_item *top = g->top;
	const char *path = top->path;
	struct file_item *it;

	if (*below)
		path = have(talloc_asprintf(g->u, "%s/%s", path, below));
	it = file_entry_add(&g->to, kind, path);
	it->before = *s;
	it->stash = top->stash;
	it->slot = top->slot;
	if (top->below && *below)
		below = have(talloc_asprintf(g->u, "%s/%s", top->below, below));
	else if (top->below)
		below = top->below;
	it->below = *below ? below : NULL;
	return it;
}

/* Trees around the place or below it that later commands made. */
static void
look_for_made(struct merge *g, const char *path)
{
	for (size_t i = 0; i < g->u->nlater; i++)
		for (size_t k = 0; k < g->u->later[i].n; k++) {
			struct file_entry *m = &g->u->later[i];
			const struct file_item *it = &m->v[k];
			struct file_state now;

			if (it->kind != FILE_MADE || !it->after.digest ||
			    (!path_is_under(path, it->path) &&
			     !path_is_under(it->path, path)) ||
			    file_undo_see(g->u, it->path, false, &now, NULL) <
				0 ||
			    file_conflict(g->u, it, it->path, &now))
				continue;
			GROW(g->u, g->made, g->nmade, g->room);
			g->made[g->nmade++] = (struct made){
			    .m = m, .path = it->path, .first = m->n};
		}
}

static bool
named(const struct file_entry *m, const char *path)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].kind == FILE_MADE && !strcmp(m->v[i].path, path))
			return true;
	return false;
}

/* The undo of the command that made it takes it from the tree. */
static void
stays(struct merge *g, int now, const char *name, const char *below)
{
	const char *path = have(talloc_asprintf(
	    g->u, "%s%s%s/%s", g->top->path, *below ? "/" : "", below, name));

	g->stay++;
	for (size_t i = 0; i < g->nmade; i++) {
		struct file_entry *m = g->made[i].m;
		struct file_item *it;
		struct file_state is;

		if (!path_is_under(path, g->made[i].path) || named(m, path) ||
		    file_state_take(g->u, now, name, false, &is, NULL) < 0)
			continue;
		it = file_entry_add(m, FILE_MADE, path);
		it->before.what = '-';
		it->after = is;
		it->whole = S_ISDIR(is.mode);
		if (it->whole)
			it->after.digest = file_tree_digest(now, name);
	}
}

static void
compare(struct merge *g, int kept_in, const char *kept_name, int now_in,
	const char *now_name, const char *below, unsigned depth);

static void
compare_one(struct merge *g, int kept, int now, const char *name,
	    const char *below, unsigned depth)
{
	struct file_state was, is;
	struct file_item *it;

	if (file_state_take(g->u, kept, name, false, &was, NULL) < 0 ||
	    file_state_take(g->u, now, name, false, &is, NULL) < 0 ||
	    g->to.n > LIMIT_KEEP_LINKS || !depth) {
		g->cannot = true;
		return;
	}
	/* that one stays: what is kept goes beside it */
	if (is.what == '+' && S_ISDIR(is.mode) && !S_ISDIR(was.mode))
		stays(g, now, name, below);
	below = *below ? talloc_asprintf(g->u, "%s/%s", below, name)
		       : talloc_strdup(g->u, name);
	(void)have((void *)(uintptr_t)below);
	if (is.what == '+' && S_ISDIR(is.mode) && S_ISDIR(was.mode) &&
	    is.ino != was.ino) {
		compare(g, kept, name, now, name, below, depth - 1);
		return;
	}
	/* so does what the undo of an earlier command has put there */
	g->stay += is.what == '+' &&
		   file_settled(g->u, &(struct file_step){.now = is});
	it = add(g, FILE_REMOVED, below, &was);
	it->kept = KEPT_SELF;
	it->whole = S_ISDIR(was.mode);
	it->after.what = '-';
}

static void
compare(struct merge *g, int kept_in, const char *kept_name, int now_in,
	const char *now_name, const char *below, unsigned depth)
{
	struct file_state was;
	const struct dirent *d;
	int kept, now;
	DIR *olds = open_names(kept_in, kept_name, &kept);
	DIR *news = open_names(now_in, now_name, &now);
	struct stat st;

	if (!olds || !news ||
	    file_state_take(g->u, kept_in, kept_name, true, &was, NULL) < 0)
		g->cannot = true;
	while (!g->cannot && (d = next_name(olds)))
		compare_one(g, kept, now, d->d_name, below, depth);
	while (!g->cannot && (d = next_name(news)))
		if (fstatat(kept, d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			stays(g, now, d->d_name, below);
	if (!g->cannot)
		add(g, FILE_REMOVED, below, &was);
	if (olds)
		closedir(olds);
	if (news)
		closedir(news);
}

/* The other directory is there: what becomes of the item? */
static void
meet(struct merge *g, const struct file_state *now, struct file_item *it)
{
	struct file_undo *u = g->u;
	size_t first = g->to.n, stay = g->stay;
	const char *kept_name, *name;
	int kept = file_kept_at(u, it, &kept_name), dir;
	char own[NAME_MAX + 1];

	g->top = it;
	g->nmade = 0;
	look_for_made(g, it->path);
	dir = file_parent(u, it->path, &name);
	g->cannot =
	    kept < 0 || dir < 0 || file_dirs_mount(&u->f->dirs, it->path) ||
	    file_came_later(u, it->path, now) || strlen(kept_name) > NAME_MAX ||
	    faccessat(dir, name, W_OK | X_OK, AT_EACCESS) < 0;
	if (!g->cannot) {
		memcpy(own, kept_name, strlen(kept_name) + 1);
		compare(g, kept, own, dir, name, "", DEPTH_MAX);
	}
	if (!g->cannot && g->stay > stay) {
		file_say(u, it->path, "there again: %s in it %s where it is",
			 text_count(u, g->stay - stay, "path"),
			 g->stay - stay == 1 ? "stays" : "stay");
		u->merged = true;
		for (size_t i = 0; i < g->nmade; i++)
			g->made[i].m->changed |=
			    g->made[i].m->n > g->made[i].first;
		return;
	}
	for (size_t i = 0; i < g->nmade; i++)
		g->made[i].m->n = g->made[i].first;
	g->to.n = first;
	it->aside = g->cannot;
	*file_entry_add(&g->to, it->kind, it->path) = *it;
}

int
file_merge(struct file_undo *u, struct err *e)
{
	struct merge g = {.u = u};

	file_entry_init(u, &g.to);
	for (size_t i = 0; i < u->m.n; i++) {
		struct file_item *it = &u->m.v[i];
		struct file_state now;
		int rc;

		now.what = '-';
		if (it->whole && it->kept == KEPT_SELF &&
		    S_ISDIR(it->before.mode)) {
			rc = file_undo_see(u, it->path, false, &now, e);
			if (rc < 0)
				return rc;
		}
		if (now.what != '+' || !S_ISDIR(now.mode) ||
		    now.ino == it->before.ino ||
		    !file_conflict(u, it, it->path, &now))
			*file_entry_add(&g.to, it->kind, it->path) = *it;
		else
			meet(&g, &now, it);
	}
	u->m.v = g.to.v;
	u->m.n = g.to.n;
	u->m.room = g.to.room;
	return 0;
}

/* The folder of the record by which it is undone. */
static const char *
record_dir(struct file_undo *u, const char *dir)
{
	char *again = have(talloc_asprintf(u, "%s/again", dir));

	return path_exists(again) ? again : dir;
}

/* What was added to it while this undo was planned. */
static int
write_made(struct file_undo *u, struct file_entry *m, struct err *e)
{
	const char *dir = have(talloc_asprintf(u, "%s/entries/%" PRIu64,
					       u->f->vault_dir, m->id)),
		   *again = record_dir(u, dir);
	struct file_entry to;
	int rc = file_entry_write(m, dir, e);

	if (rc < 0 || again == dir)
		return rc;
	rc = file_entry_read(u, again, &to, e);
	for (size_t i = m->nread; i < m->n && !rc; i++)
		*file_entry_add(&to, m->v[i].kind, m->v[i].path) = m->v[i];
	return rc < 0 ? rc : file_entry_write(&to, again, e);
}

int
file_merge_write(struct file_undo *u, struct err *e)
{
	int rc = 0;

	if (u->merged)
		rc = file_entry_write(&u->m, record_dir(u, u->entry_dir), e);
	for (size_t i = 0; i < u->nlater && !rc; i++)
		if (u->later[i].changed)
			rc = write_made(u, &u->later[i], e);
	return rc;
}
