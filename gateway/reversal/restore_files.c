/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files, links and directories put back.  Everything goes through a
 * descriptor of the parent directory that was opened without following any
 * link; content is written beside and renamed, so nothing is ever half there;
 * what somebody touched since it was looked at is not replaced.
 *
 * Order: removals, children first; directories, parents first; contents;
 * permissions of directories last, since they may forbid writing.
 */
#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/dir_state.h"
#include "reversal/undo_beside.h"
#include "reversal/undo_work.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
selected(const struct step *s, bool git_dir)
{
	if ((s->it->kind == ITEM_GITFILE) != git_dir ||
	    !undo_is_file(s->it->kind))
		return false;
	if (s->what == STEP_BACK)
		return !restore_is_locked_file(s->it);
	return s->what == STEP_BESIDE;
}

/* Has it been touched since it was looked at?  Not by ctime: keeping it may
 * have been a link(2). */
static bool
touched(int parent, const char *base, const struct seen *seen)
{
	struct stat st;

	if (fstatat(parent, base, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return seen->kind != SEEN_ABSENT;
	if (seen->kind == SEEN_ABSENT)
		return true;
	if (S_ISDIR(st.st_mode))
		return seen->kind != SEEN_DIR;
	return st.st_ino != seen->st.st_ino || st.st_size != seen->st.st_size ||
	       st.st_mode != seen->st.st_mode ||
	       st.st_mtim.tv_sec != seen->st.st_mtim.tv_sec ||
	       st.st_mtim.tv_nsec != seen->st.st_mtim.tv_nsec;
}

/* Folders that git expects even when they are empty. */
static bool
stays(const char *dir)
{
	static const char *const names[] = {
	    "logs",  "logs/refs", "logs/refs/heads", "info",
	    "hooks", "refs",	  "objects",	     "branches"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(dir, names[i]) == 0)
			return true;
	return false;
}

/* Directories that the removal left empty go too, as git's own removals do,
 * but none that the entry knows: those have a step of their own. */
static void
remove_parents(struct undo *u, const struct step *s)
{
	char *dir = path_parent(u->ctx, s->it->name);

	while (strcmp(dir, ".") != 0 && strcmp(dir, "/") != 0 &&
	       !manifest_find(&u->m, s->it->kind, dir) &&
	       !(s->it->kind == ITEM_GITFILE && stays(dir))) {
		int parent OWNED_FD = -1;
		const char *base;

		parent = undo_parent(undo_dirfd(u, s->it), dir, &base);
		if (parent < 0 || unlinkat(parent, base, AT_REMOVEDIR) < 0)
			break;
		dir = path_parent(u->ctx, dir);
	}
}

static int
remove_one(struct undo *u, struct step *s, struct err *e)
{
	bool dir = s->seen.kind == SEEN_DIR;
	bool gone = s->it->before.kind == VALUE_ABSENT;
	int parent OWNED_FD = -1;
	const char *base;

	parent = undo_parent(undo_dirfd(u, s->it), s->it->name, &base);
	if (parent < 0 && errno == ENOENT)
		return 0;
	if (parent < 0)
		return err_sys(e, "removing %s", s->it->name);
	if (touched(parent, base, &s->seen)) {
		s->what = gone ? STEP_LEAVE : STEP_BESIDE;
		return 0;
	}
	if (unlinkat(parent, base, dir ? AT_REMOVEDIR : 0) < 0) {
		if (!dir || (errno != ENOTEMPTY && errno != EEXIST))
			return err_sys(e, "removing %s", s->it->name);
		s->what = gone ? STEP_LEAVE : STEP_BESIDE;
		return 0;
	}
	s->seen.kind = SEEN_ABSENT;
	s->done = gone;
	if (gone)
		remove_parents(u, s);
	return 0;
}

static bool
in_the_way(const struct step *s)
{
	enum value_kind before = s->it->before.kind;

	if (s->what != STEP_BACK || s->seen.kind == SEEN_ABSENT)
		return false;
	return before == VALUE_ABSENT || s->seen.kind == SEEN_OTHER ||
	       (before == VALUE_DIR) != (s->seen.kind == SEEN_DIR);
}

/* Makes the parents of the step's place, or another place where they are
 * blocked.  *parent is opened. */
static int
open_place(struct undo *u, struct step *s, int *parent, const char **base,
	   struct err *e)
{
	int dirfd = undo_dirfd(u, s->it);
	int rc;

	if (s->what == STEP_BESIDE && s->as == s->it->name)
		s->as = undo_beside(u, s->it);
	rc = path_make_parents(dirfd, s->as[0] == '/' ? s->as + 1 : s->as, e);
	if (rc < 0 && (errno == ENOTDIR || errno == ELOOP)) {
		s->what = STEP_BESIDE;
		s->as = undo_detour(u, s->it);
		rc = path_make_parents(dirfd,
				       s->as[0] == '/' ? s->as + 1 : s->as, e);
	}
	if (rc < 0)
		return rc;
	*parent = undo_parent(dirfd, s->as, base);
	return *parent < 0 ? err_sys(e, "opening the folder of %s", s->as) : 0;
}

static int
make_dir(struct undo *u, struct step *s, struct err *e)
{
	int parent OWNED_FD = -1;
	const char *base;
	int rc = open_place(u, s, &parent, &base, e);

	if (rc < 0)
		return rc;
	if (mkdirat(parent, base, 0700) < 0 &&
	    (errno != EEXIST || s->seen.kind != SEEN_DIR))
		return err_sys(e, "making the directory %s", s->as);
	return 0;
}

static int
set_dir_mode(struct undo *u, struct step *s, struct err *e)
{
	int fd OWNED_FD = -1, parent OWNED_FD = -1;
	const char *base;
	char proc[40];

	parent = undo_parent(undo_dirfd(u, s->it), s->as, &base);
	if (parent >= 0)
		fd = openat(parent, base,
			    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	if (fd < 0 || chmod(proc, s->it->before.mode & 07777) < 0)
		return err_sys(e, "setting permissions of %s", s->as);
	/* nothing is put into it any more */
	dir_state_apply(parent, base, s->it->before.mode, s->it->before.text);
	s->done = true;
	return 0;
}

/* --- contents ---------------------------------------------------------- */

static int
put_kept(struct undo *u, struct step *s, int parent, const char *temporary,
	 struct err *e)
{
	const struct value *v = &s->it->before;
	int from OWNED_FD = -1, in OWNED_FD = -1, out OWNED_FD = -1;
	const char *base;
	struct stat st;
	int rc;

	from = undo_parent(u->files_fd, v->text, &base);
	if (from >= 0 && linkat(from, base, parent, temporary, 0) == 0) {
		if (fchmodat(parent, temporary, v->mode & 07777, 0) == 0)
			return 0;
		return err_sys(e, "setting permissions of %s", s->as);
	}
	/* another file system, a file of another owner, too many links */
	in = undo_kept_fd(u, v, e);
	if (in < 0)
		return in;
	out =
	    openat(parent, temporary,
		   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0)
		return err_sys(e, "writing %s", s->as);
	rc = file_copy_fd(in, out, e);
	if (rc == 0 && fstat(in, &st) == 0) {
		struct timespec times[2] = {st.st_atim, st.st_mtim};

		futimens(out, times);
	}
	if (rc == 0 && fchmod(out, v->mode & 07777) < 0)
		rc = err_sys(e, "setting permissions of %s", s->as);
	return rc;
}

static int
put_bytes(struct undo *u, struct step *s, int parent, const char *temporary,
	  struct err *e)
{
	const struct value *v = &s->it->before;
	void *own = talloc_new(u->ctx);
	int fd OWNED_FD = -1;
	git_oid oid;
	char *bytes;
	size_t len;
	int rc;

	rc = undo_bytes(u, s, own, &bytes, &len, e);
	if (rc < 0)
		goto out;
	if (v->kind == VALUE_LINK) {
		char *text = talloc_strndup(own, bytes, len);

		if (!text)
			BUG("out of memory");
		if (symlinkat(text, parent, temporary) < 0)
			rc = err_sys(e, "making the link %s", s->as);
		goto out;
	}
	fd = openat(parent, temporary,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || file_write_all(fd, bytes, len) < 0 ||
	    fchmod(fd, v->mode & 07777) < 0)
		rc = err_sys(e, "writing %s", s->as);
	else if (git_odb_hash(&oid, bytes, len, GIT_OBJECT_BLOB) == 0)
		git_oid_tostr(s->wrote, sizeof(s->wrote), &oid);
out:
	if (rc == 0)
		TALLOC_FREE(s->bytes);
	talloc_free(own);
	return rc;
}

static int
put_node(struct step *s, int parent, const char *temporary, struct err *e)
{
	const struct value *v = &s->it->before;

	if (mknodat(parent, temporary, v->mode & ~07077u,
		    (dev_t)strtoull(v->text, NULL, 10)) < 0) {
		if (errno != EPERM)
			return err_sys(e, "making %s", s->as);
		s->what = STEP_CANNOT; /* not for us to make */
		return 0;
	}
	if (fchmodat(parent, temporary, v->mode & 07777, 0) < 0)
		return err_sys(e, "setting permissions of %s", s->as);
	return 0;
}

/* Of what cannot be kept itself: a link, a node. */
static void
put_time(const struct value *v, int parent, const char *temporary)
{
	struct timespec times[2] = {
	    {.tv_nsec = UTIME_OMIT},
	    {.tv_sec = (time_t)v->mtime_s, .tv_nsec = (long)v->mtime_ns}};

	if (v->mtime_s && (v->kind == VALUE_LINK || v->kind == VALUE_NODE))
		utimensat(parent, temporary, times, AT_SYMLINK_NOFOLLOW);
}

/* Renames temporary to its place.  1 when somebody was quicker. */
static int
into_place(struct step *s, int parent, const char *temporary, const char *base)
{
	bool fresh = s->what == STEP_BESIDE || s->seen.kind == SEEN_ABSENT;
	int rc;

	if (!fresh && touched(parent, base, &s->seen))
		return 1;
	rc = renameat2(parent, temporary, parent, base,
		       fresh ? RENAME_NOREPLACE : 0);
	/* not every file system knows the flag: rename(2) */
	if (rc < 0 && errno == EINVAL && fresh) {
		if (faccessat(parent, base, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return 1;
		rc = renameat(parent, temporary, parent, base);
	}
	if (rc < 0 && errno == EEXIST)
		return 1;
	/* rename(2) of two links to one file does nothing */
	if (rc == 0 && s->it->before.kind == VALUE_KEPT)
		unlinkat(parent, temporary, 0);
	return rc;
}

static int
put_content(struct undo *u, struct step *s, struct err *e)
{
	char temporary[64];
	int rc;

	for (int tries = 0; tries < 8; tries++) {
		int parent OWNED_FD = -1;
		const char *base;

		rc = open_place(u, s, &parent, &base, e);
		if (rc < 0)
			return rc;
		snprintf(temporary, sizeof(temporary), ".automode-%d-%u",
			 getpid(), u->serial++);
		if (s->it->before.kind == VALUE_KEPT)
			rc = put_kept(u, s, parent, temporary, e);
		else if (s->it->before.kind == VALUE_NODE)
			rc = put_node(s, parent, temporary, e);
		else
			rc = put_bytes(u, s, parent, temporary, e);
		if (s->what == STEP_CANNOT)
			return 0;
		if (rc == 0) {
			put_time(&s->it->before, parent, temporary);
			rc = into_place(s, parent, temporary, base);
			if (rc == 0)
				s->done = true;
			if (rc < 0)
				rc = err_sys(e, "renaming to %s", s->as);
		}
		if (rc != 0)
			unlinkat(parent, temporary, 0);
		if (rc <= 0)
			return rc;
		s->what = STEP_BESIDE;
		s->as = s->it->name;
	}
	return err_set(e, ERR_SYSTEM, "%s keeps changing", s->it->name);
}

bool
restore_first(const struct step *s)
{
	return strcmp(path_base(s->it->name), ".gitattributes") == 0 ||
	       (s->it->kind == ITEM_GITFILE &&
		strcmp(s->it->name, "info/attributes") == 0);
}

static int
put_contents(struct undo *u, bool git_dir, bool first, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < u->n && rc == 0; i++) {
		struct step *s = &u->steps[i];

		if (!selected(s, git_dir) || restore_first(s) != first ||
		    s->done || s->it->before.kind == VALUE_ABSENT ||
		    s->it->before.kind == VALUE_DIR)
			continue;
		rc = put_content(u, s, e);
		undo_tick(u);
	}
	return rc;
}

int
restore_files(struct undo *u, bool git_dir, struct err *e)
{
	int rc = 0;

	for (size_t i = u->n; i-- > 0 && rc == 0;) {
		struct step *s = &u->steps[i];

		if (!selected(s, git_dir) || !in_the_way(s))
			continue;
		rc = remove_one(u, s, e);
		if (s->done)
			undo_tick(u);
	}
	for (size_t i = 0; i < u->n && rc == 0; i++)
		if (selected(&u->steps[i], git_dir) &&
		    u->steps[i].it->before.kind == VALUE_DIR)
			rc = make_dir(u, &u->steps[i], e);
	/* attributes decide what git would write for the others */
	if (rc == 0)
		rc = put_contents(u, git_dir, true, e);
	if (rc == 0)
		rc = put_contents(u, git_dir, false, e);
	for (size_t i = u->n; i-- > 0 && rc == 0;) {
		struct step *s = &u->steps[i];

		if (!selected(s, git_dir) || s->it->before.kind != VALUE_DIR)
			continue;
		rc = set_dir_mode(u, s, e);
		undo_tick(u);
	}
	return rc;
}
