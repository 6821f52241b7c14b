/* SPDX-License-Identifier: Apache-2.0 */
/*
 * After the command: what each thing became.  What is as before goes from the
 * entry; an entry without anything that was lost goes too.
 */
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/files.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
after_of(struct files *f, struct places *p, struct file_item *it,
	 const char *path, bool xattrs, struct err *e)
{
	const char *name;
	int dir = places_parent(p, path + 1, &name);

	if (dir < 0) {
		it->after = (struct file_state){.what = '-'};
		return 0;
	}
	return file_state_take(f, dir, *name ? name : ".", xattrs, &it->after,
			       e);
}

static void
let_go(const struct files *f, const struct file_item *it)
{
	char slot[24];

	if (it->kept == KEPT_NOT)
		return;
	snprintf(slot, sizeof(slot), "%" PRIu64, it->slot);
	unlinkat(f->stashes[it->stash].fd, slot, 0);
}

#define MADE_NAMES_MAX 2000 /* in folders that a command made */

/* Names in it, and in what is below; not more than max + 1. */
static size_t
count_names(int parent, const char *name, size_t max)
{
	int fd = file_open_dir(parent, name);
	DIR *all = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *d;
	struct stat st;
	size_t n = 0;

	while (all && n <= max && (d = readdir(all))) {
		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
			continue;
		n++;
		if (fstatat(fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISDIR(st.st_mode))
			n += count_names(fd, d->d_name, max - n);
	}
	if (all)
		closedir(all);
	else if (fd >= 0)
		close(fd);
	return n;
}

/* What is in a folder that the command made goes into the record too, should
 * another one change it before the undo. */
static void
add_names(struct files *f, struct places *p, const char *path)
{
	const char *name;
	int parent = places_parent(p, path + 1, &name), fd;
	const struct dirent *d;
	DIR *all;

	fd = parent < 0 ? -1 : file_open_dir(parent, name);
	all = fd < 0 ? NULL : fdopendir(fd);
	if (!all && fd >= 0)
		close(fd);
	while (all && (d = readdir(all))) {
		struct file_item *it;

		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
			continue;
		it = file_entry_add(
		    &f->m, FILE_MADE,
		    have(talloc_asprintf(f, "%s/%s", path, d->d_name)));
		it->before.what = '-';
	}
	if (all)
		closedir(all);
}

/* With what is in it, name by name. */
static bool
names_all(struct places *p, const char *path, size_t *left)
{
	const char *name;
	int parent = places_parent(p, path + 1, &name);
	size_t n = parent < 0 ? *left + 1 : count_names(parent, name, *left);

	if (n > *left)
		return false;
	*left -= n;
	return true;
}

/* Is it worth keeping in the record? */
static bool
changed(struct files *f, struct places *p, struct file_item *it)
{
	const char *name;
	int dir;

	if (it->kind == FILE_MADE) {
		if (it->after.what != '+')
			return false;
		dir = places_parent(p, it->path + 1, &name);
		it->whole = S_ISDIR(it->after.mode);
		if (it->whole)
			it->after.digest = file_tree_digest(dir, name);
		return true;
	}
	if (it->kind == FILE_MOVED) {
		dir = places_parent(p, it->to + 1, &name);
		if (dir < 0 ||
		    file_state_take(f, dir, name, false, &it->after, NULL) < 0)
			return false;
		return it->after.what == '+' && it->after.ino == it->before.ino;
	}
	if (file_state_equal(&it->before, &it->after))
		return false;
	/* one object under both names, and it was written to */
	if (it->kept == KEPT_SELF && it->after.what == '+' &&
	    it->after.ino == it->before.ino &&
	    !file_state_same(&it->before, &it->after))
		it->kept = KEPT_BROKEN;
	else if (it->kept == KEPT_SELF && it->after.what == '+' &&
		 it->after.ino == it->before.ino) {
		/* only its attributes: the link is of no more use */
		let_go(f, it);
		it->kept = KEPT_NOT;
	}
	return true;
}

/* --- what is new in trees ---------------------------------------------- */

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct known {
	const char **v;
	size_t n;
};

static int
find_new(struct files *f, const struct known *k, int parent, const char *name,
	 const char *path, unsigned depth, struct err *e)
{
	int fd, rc = 0;
	const struct dirent *d;
	DIR *all;

	if (!bsearch(&path, k->v, k->n, sizeof(*k->v), by_text)) {
		struct file_item *it = file_entry_add(&f->m, FILE_MADE, path);

		it->before.what = '-';
		return file_state_take(f, parent, name, false, &it->after, e);
	}
	for (size_t i = 0; i < f->nunseen; i++)
		if (!strcmp(f->unseen[i], path))
			return 0;
	fd = depth ? file_open_dir(parent, name) : -1;
	all = fd < 0 ? NULL : fdopendir(fd);
	if (!all && fd >= 0)
		close(fd);
	while (all && !rc && (d = readdir(all)))
		if (strcmp(d->d_name, ".") && strcmp(d->d_name, ".."))
			rc = find_new(
			    f, k, fd, d->d_name,
			    have(talloc_asprintf(f, "%s/%s", path, d->d_name)),
			    depth - 1, e);
	if (all)
		closedir(all);
	return rc;
}

static int
look_for_new(struct files *f, struct places *p, struct err *e)
{
	struct known k = {0};
	int rc = 0;

	if (!f->ntops)
		return 0;
	k.v = have(talloc_array(f, const char *, (unsigned)f->m.n + 1));
	for (size_t i = 0; i < f->m.n; i++)
		if (f->m.v[i].kind != FILE_PARENT)
			k.v[k.n++] = f->m.v[i].path;
	qsort(k.v, k.n, sizeof(*k.v), by_text);
	for (size_t i = 0; i < f->ntops && !rc; i++) {
		const char *name;
		int dir = places_parent(p, f->tops[i] + 1, &name);

		if (dir >= 0)
			rc = find_new(f, &k, dir, name, f->tops[i], 500, e);
	}
	talloc_free(k.v);
	return rc;
}

/* --- words ------------------------------------------------------------- */

struct tally {
	size_t files, folders, gone, moved, modes, broken;
	const char *name;
};

/* It had nothing in it, and is written to: its times come back, its mode. */
static bool
was_empty(const struct file_item *it)
{
	return it->kind == FILE_REWRITTEN && !it->before.size &&
	       S_ISREG(it->before.mode) && it->after.what == '+';
}

static void
count(const struct files *f, struct tally *t)
{
	memset(t, 0, sizeof(*t));
	for (size_t i = 0; i < f->m.n; i++) {
		const struct file_item *it = &f->m.v[i];

		if (it->kind == FILE_PARENT || it->kind == FILE_MADE)
			continue;
		if (it->kind == FILE_MOVED)
			t->moved++;
		else if (it->kept == KEPT_BROKEN)
			t->broken++;
		else if (it->whole && it->kept == KEPT_SELF)
			t->folders++;
		else if (it->kept != KEPT_NOT && !was_empty(it))
			t->files++;
		else if (it->after.what == '+')
			t->modes++;
		else if (S_ISDIR(it->before.mode))
			t->gone++;
		else
			continue;
		t->name = it->path;
	}
	/* folders that were empty when their turn came */
	if (!t->files && !t->folders)
		t->folders = t->gone;
}

/* NULL: nothing that a person would miss. */
static char *
words(const struct files *f, void *ctx, bool all)
{
	struct tally t;
	char *s = have(talloc_strdup(ctx, ""));

	count(f, &t);
	if (t.folders + t.files == 1)
		s = have(talloc_asprintf(ctx, "%s%s",
					 text_safe(ctx, path_base(t.name)),
					 t.folders ? "/" : ""));
	else if (t.folders)
		s = have(talloc_asprintf_append(
		    s, "%s",
		    t.folders == 1
			? "1 directory"
			: talloc_asprintf(ctx, "%zu directories", t.folders)));
	if (t.files && t.folders + t.files > 1)
		s = have(
		    talloc_asprintf_append(s, "%s%s", t.folders ? " and " : "",
					   text_count(ctx, t.files, "file")));
	if (t.broken)
		s = have(talloc_asprintf_append(
		    s, "%s(not kept: %s)", *s ? " " : "what was there ",
		    text_count(ctx, t.broken, "file")));
	if (*s && f->shared)
		s = have(talloc_asprintf_append(
		    s, " (no room for a copy: as long as nothing is written "
		       "to its backup)"));
	if (*s || !all)
		return *s ? s : NULL;
	if (t.moved)
		return have(talloc_asprintf(ctx, "where %s was",
					    text_count(ctx, t.moved, "path")));
	return have(talloc_asprintf(ctx, "the attributes of %s",
				    text_count(ctx, t.modes, "path")));
}

/* --- the entry --------------------------------------------------------- */

static bool
matters(const struct file_item *it)
{
	return it->kind != FILE_PARENT && it->kind != FILE_MADE;
}

/* A directory that its owner locked by the command itself: it is opened for as
 * long as what is in it is looked at. */
struct opened {
	int fd;
	mode_t mode;
	size_t item; /* in the record */
};

static void
set_mode(int fd, mode_t mode)
{
	char proc[32];

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	(void)chmod(proc, mode & 07777);
}

static size_t
open_locked(struct files *f, struct places *p, struct opened *v)
{
	size_t n = 0;

	/* what is above comes last in the record */
	for (size_t i = f->m.n; i-- > 0 && geteuid();) {
		struct file_item *it = &f->m.v[i];
		const char *name;
		struct stat st;
		int fd, dir;

		if (!S_ISDIR(it->before.mode) || it->before.uid != geteuid())
			continue;
		dir = places_parent(p, it->path + 1, &name);
		fd =
		    dir < 0 || !*name
			? -1
			: openat(dir, name,
				 O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (fstat(fd, &st) < 0 || st.st_ino != it->before.ino ||
		    (st.st_mode & 0500) == 0500) {
			close(fd);
			continue;
		}
		v[n++] = (struct opened){fd, st.st_mode, i};
		set_mode(fd, st.st_mode | 0500);
	}
	return n;
}

static void
lock_again(const struct opened *v, size_t n)
{
	while (n-- > 0) {
		set_mode(v[n].fd, v[n].mode);
		close(v[n].fd);
	}
}

static mode_t
mode_of(const struct opened *v, size_t n, size_t item, mode_t mode)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].item == item)
			return v[i].mode;
	return mode;
}

static int
compare(struct files *f, bool *any, struct err *e)
{
	struct places *p = places_new(f, f->r->root_fd);
	struct opened *open =
	    have(talloc_array(f, struct opened, (unsigned)f->m.n + 1));
	size_t n = 0, nopen = open_locked(f, p, open), left = MADE_NAMES_MAX;
	int rc = look_for_new(f, p, e);
	const size_t known = f->m.n;

	for (size_t i = 0; i < f->m.n && !rc; i++) {
		struct file_item it = f->m.v[i];

		rc = after_of(f, p, &it, it.path, it.before.xattrs != NULL, e);
		if (rc < 0)
			break;
		if (i < known)
			it.after.mode = mode_of(open, nopen, i, it.after.mode);
		if (it.kind == FILE_PARENT || changed(f, p, &it)) {
			*any |= matters(&it);
			f->m.v[n++] = it;
			if (it.kind == FILE_MADE && it.whole &&
			    (i >= known || names_all(p, it.path, &left)))
				add_names(f, p, it.path);
		} else {
			let_go(f, &it);
		}
	}
	lock_again(open, nopen);
	talloc_free(open);
	f->m.n = n;
	if (rc == 0)
		files_copy_living(f);
	return rc;
}

static int
settle(struct files *f, struct channel *monitor, struct err *e)
{
	int rc = 0;

	f->text = words(f, f, true);

	if (f->moved) {
		struct places *p = places_new(f, f->r->root_fd);

		for (size_t i = 0; i < f->m.n; i++)
			if (f->m.v[i].kind == FILE_PARENT)
				(void)after_of(f, p, &f->m.v[i], f->m.v[i].path,
					       false, NULL);
		file_entry_write_after(&f->m, f->entry_dir);
	} else {
		f->m.state = "kept";
		rc = file_entry_write(&f->m, f->entry_dir, e);
		if (rc == 0)
			files_drop_links(f);
	}
	if (rc == 0)
		rc = channel_entry_state_last(monitor, f->m.id, "kept", f->text,
					      f->bytes, e);
	return rc;
}

int
files_finish(struct files *f, struct channel *monitor, char **kept,
	     uint64_t *id, struct err *e)
{
	bool any = f && f->moved;
	int rc = 0;

	*kept = NULL;
	if (!f || !f->kept)
		return 0;
	if (!f->moved)
		rc = compare(f, &any, e);
	if (rc == 0 && !any) {
		files_abandon(f, monitor);
		return 0;
	}
	if (rc == 0)
		rc = settle(f, monitor, e);
	*id = f->m.id;
	*kept = words(f, f, false);
	return rc;
}
