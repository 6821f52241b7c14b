/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps a tree name by name, for tools that change what is in it. */
#include "base/limits.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/files.h"
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX 500

/* An operand within another one is kept once. */
static bool
kept_before(const struct files *f, const char *path)
{
	for (size_t i = 0; i < f->nexpanded; i++)
		if (path_is_under(path, f->expanded[i]))
			return true;
	return false;
}

/* What is in it is not new when it is seen afterwards. */
static void
not_seen(struct files *f, const char *path)
{
	GROW(f, f->unseen, f->nunseen, f->room_unseen);
	f->unseen[f->nunseen++] = path;
}

static bool
reaches(int dir)
{
	return faccessat(dir, ".", X_OK, AT_EACCESS) == 0;
}

/* A directory that may be about to be opened for its owner by the very command
 * whose tree this is: what is in it is seen before. */
static int
open_own(int parent, const char *name, const struct file_state *s)
{
	char proc[32];
	struct stat st;
	int OWNED_FD at = -1;

	if ((s->mode & 0500) == 0500 || s->uid != geteuid() || !s->uid)
		return file_open_dir(parent, name);
	at = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (at < 0 || fstat(at, &st) < 0 || st.st_ino != s->ino)
		return -1;
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", at);
	return chmod(proc, (s->mode & 07777) | 0500) < 0
		   ? -1
		   : file_open_dir(parent, name);
}

static int
keep_below(struct files *f, int kind, unsigned dir, int parent,
	   const char *name, const char *path, unsigned depth, struct err *e)
{
	struct file_state s;
	struct file_item *it;
	const struct dirent *d;
	DIR *all = NULL;
	int fd,
	    rc = file_state_take(f, parent, name, kind != FILE_REMOVED, &s, e);

	if (rc < 0 && depth < DEPTH_MAX && !reaches(parent)) {
		not_seen(f, path_parent(f, path));
		return 0; /* nor does the tool */
	}
	if (rc < 0 || s.what == '-' ||
	    (S_ISDIR(s.mode) && kept_before(f, path)))
		return rc;
	if (f->m.n > LIMIT_KEEP_LINKS || !depth)
		return err_set(e, ERR_LIMIT, "%s: %s", text_safe(f, path),
			       depth ? "too many files below one operand"
				     : "nested too deeply");
	if (S_ISDIR(s.mode)) {
		fd = kind == FILE_ATTRIBUTES ? open_own(parent, name, &s)
					     : file_open_dir(parent, name);
		all = fd < 0 ? NULL : fdopendir(fd);
		if (!all && fd >= 0)
			close(fd);
		if (!all)
			not_seen(f, path);
		/* what nobody may read, the tool cannot empty either */
		while (all && !rc && (d = readdir(all))) {
			char *below;

			if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
				continue;
			below =
			    have(talloc_asprintf(f, "%s/%s", path, d->d_name));
			rc = keep_below(f, kind, dir, fd, d->d_name, below,
					depth - 1, e);
		}
	}
	if (rc == 0) {
		/* below comes first: undo goes the other way */
		it = file_entry_add(&f->m, kind, path);
		it->before = s;
		it->dir = dir;
		if (!S_ISDIR(s.mode) && kind != FILE_ATTRIBUTES) {
			it->kept = kind == FILE_REWRITTEN && S_ISREG(s.mode)
				       ? KEPT_COPY
				       : KEPT_SELF;
			rc = files_keep_object(f, it, parent, name, e);
		}
	}
	if (all && kind == FILE_ATTRIBUTES)
		(void)fchmod(dirfd(all), s.mode & 07777);
	if (all)
		closedir(all);
	return rc;
}

int
files_keep_tree(struct files *f, const struct file_item *it, int parent,
		struct err *e)
{
	return keep_below(f, it->kind, it->dir, parent, path_base(it->path),
			  it->path, DEPTH_MAX, e);
}
