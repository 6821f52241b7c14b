/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes an entry of files.  Links and copies first, then the record, flushed
 * to the disk; what is moved, last: whoever is killed on the way leaves either
 * the thing at its place or a record that says where it went.
 */
#include "base/limits.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/files.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- slots ------------------------------------------------------------- */

static uint32_t
mark_of(const char *s)
{
	uint32_t h = 0x811c9dc5; /* FNV-1a */

	while (*s)
		h = (h ^ (unsigned char)*s++) * 0x01000193;
	return h;
}

static int
open_stash(struct files *f, unsigned dir, struct err *e)
{
	char *place = file_stash_place(f, f, &f->dirs, dir, true), *own;
	size_t n = f->m.nstashes;
	int fd;

	/* on other mounts gateways with other state folders keep things too */
	if (place && !path_is_under(place, f->vault_dir))
		own = have(talloc_asprintf(f, "%s/%08x-%" PRIu64, place,
					   mark_of(f->vault_dir), f->m.id));
	else
		own = have(talloc_asprintf(f, "%s/files", f->entry_dir));
	if (mkdir(own, 0700) < 0 && errno != EEXIST)
		return err_sys(e, "making a folder of the vault");
	fd = open(own, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, "opening a folder of the vault");
	f->stashes = have(
	    talloc_realloc_size(f, f->stashes, (n + 1) * sizeof(*f->stashes)));
	f->stashes[n].fd = own_fd(f, fd);
	f->stashes[n].mount = f->dirs.v[dir].mount;
	f->stashes[n].dev = f->dirs.v[dir].dev;
	f->m.stashes = have(
	    talloc_realloc(f, f->m.stashes, const char *, (unsigned)n + 1));
	f->m.stashes[f->m.nstashes++] = own;
	return (int)n;
}

int
files_stash_fd(struct files *f, unsigned dir, unsigned *stash, struct err *e)
{
	struct file_dir *d = &f->dirs.v[dir];

	for (size_t i = 0; i < f->m.nstashes && d->stash < 0; i++)
		if (f->stashes[i].mount == d->mount &&
		    f->stashes[i].dev == d->dev)
			d->stash = (int)i;
	if (d->stash < 0) {
		int n = open_stash(f, dir, e);

		if (n < 0)
			return n;
		f->dirs.v[dir].stash = n;
	}
	*stash = (unsigned)f->dirs.v[dir].stash;
	return f->stashes[*stash].fd;
}

static const char *
slot_name(uint64_t slot, char name[24])
{
	snprintf(name, 24, "%" PRIu64, slot);
	return name;
}

/* Links or copies one object that is no directory. */
int
files_keep_object(struct files *f, struct file_item *it, int fd,
		  const char *name, struct err *e)
{
	int stash = files_stash_fd(f, it->dir, &it->stash, e);
	char slot[24];
	int rc;

	if (stash < 0)
		return stash;
	it->slot = ++f->slots;
	slot_name(it->slot, slot);
	if (it->kept == KEPT_SELF) {
		if (linkat(fd, name, stash, slot, 0) == 0)
			return 0;
		/* EMLINK: 65,000 on ext4; EPERM: fs.protected_hardlinks, or a
		 * file system without links */
		if (errno != EMLINK && errno != EPERM && errno != EXDEV)
			return err_sys(e, "keeping %s", text_safe(f, it->path));
		if (!S_ISREG(it->before.mode)) {
			it->kept = KEPT_NOT;
			return 0;
		}
		it->kept = KEPT_COPY;
		f->copy_bytes += it->before.size;
		if (f->copy_bytes > LIMIT_COPY_BYTES)
			return err_set(e, ERR_LIMIT, "%s: more than %s to copy",
				       text_safe(f, it->path),
				       text_bytes(f, LIMIT_COPY_BYTES));
	}
	rc = file_copy_in(fd, name, stash, slot, e);
	f->bytes += it->before.size;
	return rc;
}

static int
keep_all(struct files *f, struct err *e)
{
	struct file_item *old = f->m.v;
	size_t n = f->m.n;
	int rc = 0;

	f->m.v = NULL;
	f->m.n = f->m.room = 0;
	for (size_t i = 0; i < n && !rc; i++) {
		struct file_item *it = &old[i];
		int fd = file_dirs_fd(&f->dirs, it->dir);
		const char *name = path_base(it->path);

		if (fd < 0)
			return err_sys(e, "%s", text_safe(f, it->path));
		if (it->whole) {
			rc = files_keep_tree(f, it, fd, e);
			f->expanded =
			    have(talloc_realloc(f, f->expanded, const char *,
						(unsigned)f->nexpanded + 1));
			f->expanded[f->nexpanded++] = it->path;
			continue;
		}
		if (it->kept != KEPT_NOT)
			rc = files_keep_object(f, it, fd, name, e);
		*file_entry_add(&f->m, it->kind, it->path) = *it;
	}
	talloc_free(old);
	return rc;
}

/* --- moving ------------------------------------------------------------ */

/* It went with a folder that was named before it. */
static bool
gone_already(const struct files *f, size_t i)
{
	const struct file_item *it = &f->m.v[i];

	for (size_t k = 0; k < i; k++)
		if (f->m.v[k].kept == KEPT_SELF &&
		    (f->m.v[k].whole ||
		     f->m.v[k].before.ino == it->before.ino) &&
		    path_is_under(it->path, f->m.v[k].path))
			return true;
	return false;
}

static int
move_back(struct files *f, size_t n)
{
	char slot[24];
	int rc = 0;

	while (n-- > 0) {
		struct file_item *it = &f->m.v[n];
		int fd = file_dirs_fd(&f->dirs, it->dir);

		if (it->kept != KEPT_SELF)
			continue;
		if (fd < 0 ||
		    renameat2(f->stashes[it->stash].fd,
			      slot_name(it->slot, slot), fd,
			      path_base(it->path), RENAME_NOREPLACE) < 0)
			rc = -1;
	}
	return rc;
}

static int
move_one(struct files *f, struct file_item *it)
{
	int fd = file_dirs_fd(&f->dirs, it->dir);
	int stash = f->stashes[it->stash].fd;
	char slot[24];
	struct stat st;
	int rc;

	if (fd < 0)
		return -1;
	slot_name(it->slot, slot);
	rc = renameat2(fd, path_base(it->path), stash, slot, RENAME_NOREPLACE);
	if (rc < 0 && errno == EINVAL) /* a file system without the flag */
		rc = renameat(fd, path_base(it->path), stash, slot);
	if (rc < 0)
		return -1;
	/* it is in our hands now: is it what was judged? */
	if (fstatat(stash, slot, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_ino == it->before.ino &&
	    !((st.st_mode ^ it->before.mode) & S_IFMT))
		return 0;
	renameat2(stash, slot, fd, path_base(it->path), RENAME_NOREPLACE);
	errno = ESTALE;
	return -1;
}

/* A mount below a directory goes with it; what is in it must not lie in the
 * vault, which is emptied one day. */
static int
moved_mount(struct files *f, struct err *e)
{
	const char *mount = NULL;

	TALLOC_FREE(f->dirs.mounts);
	f->dirs.nmounts = 0;
	for (size_t i = 0; i < f->m.nstashes && !mount; i++)
		mount = file_dirs_mount(&f->dirs,
					path_resolve(f, "/", f->m.stashes[i]));
	if (!mount)
		return 0;
	f->stuck = move_back(f, f->m.n) < 0;
	return err_set(e, ERR_UNKNOWN,
		       "something has been mounted there since it was judged%s",
		       f->stuck ? "; not all of it could be moved back, "
				  "automode undo does that"
				: "");
}

/* 0, or 1 when the tool has to do it after all: its own messages then say
 * why it cannot. */
static int
move_all(struct files *f, struct err *e)
{
	for (size_t i = 0; i < f->m.n; i++) {
		struct file_item *it = &f->m.v[i];
		bool busy;

		if (it->kept != KEPT_SELF || move_one(f, it) == 0)
			continue;
		if (errno == ESTALE) {
			err_set(e, ERR_UNKNOWN,
				"%s is no longer what it was when it was "
				"judged",
				text_safe(f, it->path));
			f->stuck = move_back(f, i) < 0;
			return ERR_UNKNOWN;
		}
		busy = errno == EBUSY;
		f->stuck = move_back(f, i) < 0;
		if (busy && !f->stuck)
			return err_set(e, ERR_UNKNOWN,
				       "%s has become a mount point since it "
				       "was judged",
				       text_safe(f, it->path));
		if (f->stuck)
			return err_set(e, ERR_SYSTEM,
				       "%s could not be moved, nor what was "
				       "before it moved back; automode undo "
				       "%" PRIu64 " does that",
				       text_safe(f, it->path), f->m.id);
		return 1;
	}
	return moved_mount(f, e);
}

static int
plan_moves(struct files *f, struct err *e)
{
	size_t n = 0;

	for (size_t i = 0; i < f->m.n; i++) {
		struct file_item it = f->m.v[i];

		if (it.kept == KEPT_SELF && gone_already(f, i))
			continue;
		if (it.kept == KEPT_SELF) {
			int rc = files_stash_fd(f, it.dir, &it.stash, e);

			if (rc < 0)
				return rc;
			it.slot = ++f->slots;
		}
		it.after.what = it.kind == FILE_REMOVED ? '-' : '?';
		f->m.v[n++] = it;
	}
	f->m.n = n;
	return 0;
}

/* --- the entry --------------------------------------------------------- */

static bool
changes_folder(const struct file_item *it)
{
	return it->kind != FILE_ATTRIBUTES && it->kind != FILE_PARENT;
}

/* Folders whose times the command will change, as they are before we make
 * anything there ourselves. */
static int
note_parents(struct files *f, struct err *e)
{
	size_t n = f->m.n, ndirs = f->dirs.n;
	bool *wanted = have(talloc_zero_array(f, bool, ndirs + n + 1));
	int rc = 0;

	for (size_t i = 0; i < n; i++) {
		int to;

		if (changes_folder(&f->m.v[i]))
			wanted[f->m.v[i].dir] = true;
		if (!f->m.v[i].to)
			continue;
		to = file_dirs_add(&f->dirs, path_parent(f, f->m.v[i].to));
		if (to >= 0)
			wanted[to] = true;
	}
	for (unsigned i = 0; i < f->dirs.n && !rc; i++) {
		int fd = wanted[i] ? file_dirs_fd(&f->dirs, i) : -1;
		struct file_item *it;

		if (fd < 0)
			continue;
		it = file_entry_add(&f->m, FILE_PARENT, f->dirs.v[i].path);
		it->dir = i;
		rc = file_state_take(f, fd, ".", false, &it->before, e);
	}
	/* they go back last: undo works from the end */
	if (f->m.n > n) {
		size_t k = f->m.n - n;
		struct file_item *v =
		    have(talloc_array(f, struct file_item, (unsigned)f->m.n));

		memcpy(v, f->m.v + n, k * sizeof(*v));
		memcpy(v + k, f->m.v, n * sizeof(*v));
		talloc_free(f->m.v);
		f->m.v = v;
		f->m.room = f->m.n;
	}
	return rc;
}

static int
open_entry(struct files *f, struct channel *monitor, struct err *e)
{
	struct reversal *r = f->r;
	char *entries = have(talloc_asprintf(f, "%s/entries", f->vault_dir));
	const char *session = r->in->session ? r->in->session->id : "";
	struct repository *none = have(talloc_zero(f, struct repository));
	int rc;

	none->id = "files";
	none->gitdir = none->commondir = "";
	rc = vault_open_folder(f, none, true, &f->vault, e);
	if (rc < 0)
		return rc;
	if (mkdir(entries, 0700) < 0 && errno != EEXIST)
		return err_sys(e, "making the vault");
	f->m.command = r->cmd->summary ? r->cmd->summary : "";
	f->m.session = session;
	f->m.time = time(NULL);
	rc = channel_entry_new(monitor, session,
			       r->cmd->repo ? r->cmd->repo->id : "files",
			       f->vault_dir, f->m.command, &f->m.id, e);
	if (rc < 0)
		return err_wrap(e, "asking for a vault entry");
	f->entry_dir =
	    have(talloc_asprintf(f, "%s/%" PRIu64, entries, f->m.id));
	if (mkdir(f->entry_dir, 0700) < 0)
		return err_sys(e, "making a vault entry");
	return 0;
}

/* The tool would go into what has been mounted since the look. */
static int
mounted_since(struct files *f, struct err *e)
{
	const char *mount = NULL;

	TALLOC_FREE(f->dirs.mounts);
	f->dirs.nmounts = 0;
	for (size_t i = 0; i < f->nexpanded && !mount; i++)
		mount = file_dirs_mount(&f->dirs, f->expanded[i]);
	return mount
		   ? err_set(e, ERR_UNKNOWN,
			     "%s has become a mount point since it was judged",
			     text_safe(f, mount))
		   : 0;
}

static int
write_entry(struct files *f, struct channel *monitor, struct err *e)
{
	int rc = open_entry(f, monitor, e);

	if (rc == 0)
		rc = note_parents(f, e);
	if (rc == 0 && f->may_move)
		rc = plan_moves(f, e);
	if (rc == 0 && !f->may_move)
		rc = keep_all(f, e);
	if (rc == 0)
		rc = file_entry_write(&f->m, f->entry_dir, e);
	if (rc == 0 && !f->may_move)
		rc = mounted_since(f, e);
	if (rc < 0 || !f->may_move)
		return rc;
	rc = move_all(f, e);
	f->moved = rc == 0;
	if (rc <= 0)
		return rc;
	for (size_t i = 0; i < f->m.n; i++)
		f->m.v[i].after.what = '?';
	rc = keep_all(f, e);
	if (rc == 0)
		rc = file_entry_write(&f->m, f->entry_dir, e);
	return rc < 0 ? rc : mounted_since(f, e);
}

int
files_keep(struct files *f, struct channel *monitor, struct err *e)
{
	int rc;

	if (!f || !f->wanted || f->r->check_only)
		return 0;
	rc = write_entry(f, monitor, e);
	f->kept = rc == 0;
	if (rc < 0 && !f->stuck)
		files_abandon(f, monitor);
	/* a person said that it may go although it cannot be kept */
	return rc < 0 && f->trouble && !f->stuck ? 0 : rc;
}

void
files_abandon(struct files *f, struct channel *monitor)
{
	if (!f || !f->m.id)
		return;
	f->kept = false;
	files_drop_stashes(&f->m, NULL);
	files_drop(f->vault_dir, f->m.id, NULL);
	channel_entry_state(monitor, f->m.id, "dropped", "", 0, NULL);
	f->m.id = 0;
}
