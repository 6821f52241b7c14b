/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Before the verdict: what each named thing is, whether it would be lost,
 * how it can be kept, and what that would take.  Nothing is written.
 */
#include "base/limits.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/files.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

static void __attribute__((format(printf, 2, 3)))
trouble(struct files *f, const char *fmt, ...)
{
	va_list ap;

	if (f->trouble)
		return; /* one is enough to ask */
	va_start(ap, fmt);
	f->trouble = have(talloc_vasprintf(f, fmt, ap));
	va_end(ap);
}

static void
note_lost(struct files *f, const char *path)
{
	for (size_t i = 0; i < f->lost && i < 3; i++)
		if (!strcmp(f->names[i], path))
			return;
	if (f->lost < 3)
		f->names[f->lost] = path;
	f->lost++;
}

static struct file_item *
add(struct files *f, int kind, unsigned dir, const char *path,
    const struct file_state *s)
{
	struct file_item *it = file_entry_add(&f->m, kind, path);

	it->dir = dir;
	it->before = *s;
	return it;
}

/* Our own, or one that we may read and write: fs.protected_hardlinks.  A
 * symbolic link of somebody else's is restored from its text. */
static bool
may_link(int dir, const char *name, const struct file_state *s)
{
	if (s->uid == geteuid() || geteuid() == 0)
		return true;
	return S_ISREG(s->mode) && !(s->mode & (S_ISUID | S_ISGID)) &&
	       faccessat(dir, name, R_OK | W_OK, AT_EACCESS) == 0;
}

/* Bytes that a copy of all regular files below would take. */
static void
weigh(struct files *f, int dir, const char *name, unsigned depth, size_t *n)
{
	int fd = depth ? file_open_dir(dir, name) : -1;
	DIR *all = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *d;
	struct stat st;

	if (!all) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((d = readdir(all))) {
		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, "..") ||
		    fstatat(fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		++*n;
		if (S_ISDIR(st.st_mode))
			weigh(f, fd, d->d_name, depth - 1, n);
		else if (S_ISREG(st.st_mode))
			f->copy_bytes += (uint64_t)st.st_blocks * 512;
	}
	closedir(all);
}

/* A file that is to be copied. */
static void
look_copied(struct files *f, int fd, const char *name, struct file_item *it)
{
	struct stat st;

	if (S_ISREG(it->before.mode)) {
		it->kept = KEPT_COPY;
		if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			f->copy_bytes += (uint64_t)st.st_blocks * 512;
		if (it->before.size)
			note_lost(f, it->path);
	} else if (!S_ISDIR(it->before.mode)) {
		it->kept = KEPT_SELF;
		note_lost(f, it->path);
	}
}

static void
look_tree(struct files *f, const struct file_change *c, int fd,
	  const char *name, struct file_item *it)
{
	size_t n = 0;

	it->whole = true; /* expanded when it is kept */
	if (c->kind == FILE_REWRITTEN)
		weigh(f, fd, name, 200, &n);
	note_lost(f, it->path);
	f->tops = have(
	    talloc_realloc(f, f->tops, const char *, (unsigned)f->ntops + 1));
	f->tops[f->ntops++] = it->path;
}

static void
look_there(struct files *f, const struct file_change *c, unsigned dir, int fd,
	   const char *name, struct file_item *it)
{
	bool is_dir = S_ISDIR(it->before.mode);

	switch (c->kind) {
	case FILE_REMOVED:
	case FILE_MOVED:
		if (is_dir && file_dirs_mount(&f->dirs, it->path)) {
			trouble(
			    f, "%s is mounted at or below %s",
			    text_safe(f, file_dirs_mount(&f->dirs, it->path)),
			    text_safe(f, it->path));
			return;
		}
		if (it->kind == FILE_MOVED)
			return;
		it->kept = KEPT_SELF;
		it->whole = is_dir;
		if (f->may_move)
			note_lost(f, it->path);
		else if (is_dir)
			look_tree(f, c, fd, name, it);
		else
			note_lost(f, it->path);
		break;
	case FILE_REPLACED:
		if (is_dir && c->tree) {
			look_tree(f, c, fd, name, it);
		} else if (!is_dir) {
			it->kept = KEPT_SELF;
			note_lost(f, it->path);
		}
		break;
	case FILE_REWRITTEN:
	case FILE_MADE:
		if (is_dir && c->tree)
			look_tree(f, c, fd, name, it);
		else
			look_copied(f, fd, name, it);
		break;
	case FILE_ATTRIBUTES:
		it->whole = is_dir && c->tree;
		break;
	}
	if (it->kept == KEPT_SELF && !is_dir &&
	    !may_link(fd, name, &it->before))
		look_copied(f, fd, name, it);
	if (it->kept != KEPT_NOT && !f->dirs.v[dir].path)
		BUG("a folder without a name");
}

/* Where it goes is on another mount: mv copies, then removes. */
static bool
moves_far(struct files *f, const struct file_change *c, unsigned dir)
{
	char *parent = path_parent(f, c->to);
	int to = file_dirs_add(&f->dirs, parent);

	return to < 0 || f->dirs.v[to].dev != f->dirs.v[dir].dev ||
	       f->dirs.v[to].mount != f->dirs.v[dir].mount;
}

/* How much of it is kept; 0: not written to by itself. */
static int
written(const struct file_change *c)
{
	return c->tree			   ? 0
	       : c->kind == FILE_MADE	   ? 1
	       : c->kind == FILE_REPLACED  ? 2
	       : c->kind == FILE_REWRITTEN ? 3
					   : 0;
}

static int look(struct files *f, const struct file_change *c, struct err *e);

/* What is to be made where no folder is comes with its folder, if the tool
 * makes one, and with all above that is not there either. */
static int
look_absent(struct files *f, const char *path, struct err *e)
{
	struct file_change made = {.kind = FILE_MADE, .path = path};
	struct stat st;
	int dir;

	for (size_t i = 0; i < f->nabsent; i++)
		if (path_is_under(path, f->absent[i]))
			return 0;
	do {
		made.path = path_parent(f, made.path);
		dir = file_dirs_add(&f->dirs, path_parent(f, made.path));
	} while (dir < 0 && errno == ENOENT && made.path[1]);
	if (dir < 0 ||
	    fstatat(file_dirs_fd(&f->dirs, (unsigned)dir), path_base(made.path),
		    &st, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	GROW(f, f->absent, f->nabsent, f->room_absent);
	f->absent[f->nabsent++] = made.path;
	for (size_t i = 0; i < f->m.n; i++)
		if (!strcmp(f->m.v[i].path, made.path))
			return 0; /* the tool said so */
	return look(f, &made, e);
}

/* ... and something new takes its place. */
static bool
moves_away(const struct files *f, const char *path)
{
	for (size_t i = f->m.n; i-- > 0 && f->m.v[i].kind == FILE_MOVED;)
		if (!strcmp(f->m.v[i].path, path))
			return true;
	return false;
}

static int
look(struct files *f, const struct file_change *c, struct err *e)
{
	struct file_change here = *c;
	const char *path = path_clean(f, c->path), *name = path_base(path);
	struct file_state s;
	struct file_item *it;
	int dir, fd, rc;

	if (*path != '/' || !path[1]) {
		trouble(f, "%s cannot be kept", text_safe(f, path));
		return 0;
	}
	dir = file_dirs_add(&f->dirs, path_parent(f, path));
	if (dir < 0 && errno == ENOENT && written(c))
		return look_absent(f, path, e);
	if (dir < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0; /* nothing there, nothing made there */
	if (dir < 0 || (fd = file_dirs_fd(&f->dirs, (unsigned)dir)) < 0) {
		trouble(f, "%s: %s", text_safe(f, path), strerror(errno));
		return 0;
	}
	rc = file_state_take(f, fd, name,
			     c->kind != FILE_REMOVED && c->kind != FILE_MOVED,
			     &s, e);
	if (rc < 0)
		return rc;
	if (here.kind == FILE_MOVED && s.what == '+' &&
	    moves_far(f, c, (unsigned)dir)) {
		struct file_change made = {.kind = FILE_MADE, .path = c->to};

		rc = look(f, &made, e);
		here.kind = FILE_REMOVED;
		f->may_move = false;
	}
	if (c->kind == FILE_MADE && moves_away(f, path))
		s = (struct file_state){.what = '-'};
	if (s.what == '-' &&
	    (c->kind == FILE_REMOVED || c->kind == FILE_MOVED ||
	     c->kind == FILE_ATTRIBUTES))
		return rc;
	it = add(f, s.what == '-' ? FILE_MADE : (int)here.kind, (unsigned)dir,
		 path, &s);
	if (here.kind == FILE_MOVED)
		it->to = path_clean(f, c->to);
	if (s.what == '+')
		look_there(f, &here, (unsigned)dir, fd, name, it);
	/* it was there: what the tool would make takes its place */
	if (s.what == '+' && it->kind == FILE_MADE)
		it->kind = FILE_REWRITTEN;
	return rc;
}

/* --- limits ------------------------------------------------------------ */

/* What is moved or linked frees nothing when it goes: on a file system that
 * is nearly full, and for more than a little, a person should know. */
static void
check_room(struct files *f)
{
	for (size_t i = 0; i < f->m.n && !f->trouble; i++) {
		struct file_item *it = &f->m.v[i];
		uint64_t avail, all, before = f->copy_bytes;
		struct statvfs v;
		size_t n = 0;
		int fd;

		if (it->kept == KEPT_NOT ||
		    (i && f->m.v[i - 1].dir == it->dir && !it->whole))
			continue;
		fd = file_dirs_fd(&f->dirs, it->dir);
		if (fd < 0 || fstatvfs(fd, &v) < 0)
			continue;
		avail = (uint64_t)v.f_bavail * v.f_frsize;
		all = (uint64_t)v.f_blocks * v.f_frsize;
		if (it->kept == KEPT_COPY || avail >= all / 20)
			continue;
		if (it->whole)
			weigh(f, fd, path_base(it->path), 200, &n);
		else
			f->copy_bytes += it->before.size;
		n = f->copy_bytes - before;
		f->copy_bytes = before;
		if (n > 16u << 20 && n > avail / 10)
			trouble(f,
				"%s of %s would stay in the vault, and only %s "
				"of %s are free there",
				text_bytes(f, n), text_safe(f, it->path),
				text_bytes(f, avail), text_bytes(f, all));
	}
}

/* The vault's own file system takes the copies, unless a reflink does. */
static void
check_copies(struct files *f)
{
	uint64_t avail;
	struct statvfs v;
	char *at = have(talloc_strdup(f, f->vault_dir));

	if (!f->copy_bytes || f->trouble)
		return;
	if (f->copy_bytes > LIMIT_COPY_BYTES) {
		trouble(f, "%s to copy, and %s is the limit",
			text_bytes(f, f->copy_bytes),
			text_bytes(f, LIMIT_COPY_BYTES));
		return;
	}
	while (statvfs(at, &v) < 0 && strcmp(at, "/"))
		at = path_parent(f, at);
	if (statvfs(at, &v) < 0)
		return;
	avail = (uint64_t)v.f_bavail * v.f_frsize;
	if (f->copy_bytes + (uint64_t)v.f_blocks * v.f_frsize / 50 > avail)
		trouble(f, "%s to copy, and only %s are free for the vault",
			text_bytes(f, f->copy_bytes), text_bytes(f, avail));
}

/* --- the verdict's part ------------------------------------------------ */

/* Nothing more than the effect itself says: then nothing. */
static char *
lost_text(struct files *f, void *ctx, const char *object)
{
	char *s = have(talloc_strdup(ctx, ""));

	if (!f->lost || (f->lost == 1 && object &&
			 !strcmp(object, text_safe(ctx, f->names[0]))))
		return s;
	for (size_t i = 0; i < f->lost && i < 3; i++)
		s = have(talloc_asprintf_append(s, "%s%s", i ? ", " : "",
						text_safe(ctx, f->names[i])));
	return have(talloc_asprintf(ctx, "%s (%s%s)",
				    text_count(ctx, f->lost, "path"), s,
				    f->lost > 3 ? ", ..." : ""));
}

void
files_judge(struct files *f)
{
	struct effects *fx = f->r->fx;
	enum undo undo = f->trouble  ? UNDO_NO
			 : f->wanted ? UNDO_SNAPSHOT
				     : UNDO_YES;

	for (size_t i = 0; i < fx->n; i++) {
		struct effect *x = &fx->v[i];
		char *why;

		if (!(x->losses & LOSS_FILES))
			continue;
		if (x->losses == LOSS_FILES || x->undo < undo ||
		    x->undo == UNDO_UNSET)
			x->undo = undo;
		why = lost_text(f, fx->ctx, x->object);
		if (f->trouble)
			why =
			    have(talloc_asprintf(fx->ctx, "%s%s%s", why,
						 *why ? ", " : "", f->trouble));
		if (*why && (!x->why || f->trouble))
			x->why = x->why ? have(talloc_asprintf(
					      fx->ctx, "%s: %s", x->why, why))
					: why;
	}
}

/* Where would what is to be moved go?  Without a place it is copied by link
 * or byte, and the tool does the rest. */
static void
check_places(struct files *f)
{
	for (size_t i = 0; i < f->m.n; i++) {
		struct file_item *it = &f->m.v[i];

		if (it->kept != KEPT_SELF ||
		    file_stash_place(f, f, &f->dirs, it->dir, false))
			continue;
		f->may_move = false;
		if (it->whole)
			trouble(f,
				"no folder for the vault on the file "
				"system of %s",
				text_safe(f, it->path));
		else if (S_ISREG(it->before.mode))
			look_copied(f, file_dirs_fd(&f->dirs, it->dir),
				    path_base(it->path), it);
		else
			it->kept = KEPT_NOT;
	}
}

/* One file under two operands (a link and what it leads to) is written to
 * twice, and was one thing before: it is kept once. */
static int
by_path(const void *a, const void *b)
{
	const struct file_change *x = *(const struct file_change *const *)a;
	const struct file_change *y = *(const struct file_change *const *)b;
	int n = strcmp(x->path, y->path);

	return n ? n : (x > y) - (x < y);
}

static int
look_all(struct files *f, const struct command *c, struct err *e)
{
	size_t n = c->losses.nfiles, nv = 0;
	const struct file_change **v =
	    have(talloc_array(f, const struct file_change *, (unsigned)n + 1));
	bool *again = have(talloc_zero_array(f, bool, n + 1));
	int rc = 0;

	for (size_t i = 0; i < n; i++)
		if (written(&c->losses.files[i]))
			v[nv++] = &c->losses.files[i];
	qsort(v, nv, sizeof(*v), by_path);
	for (size_t i = 1; i < nv; i++) {
		if (strcmp(v[i - 1]->path, v[i]->path) != 0)
			continue;
		/* v[i] is the one that stays, and may meet the next */
		if (written(v[i]) < written(v[i - 1])) {
			const struct file_change *other = v[i - 1];

			v[i - 1] = v[i];
			v[i] = other;
		}
		again[v[i - 1] - c->losses.files] = true;
	}
	for (size_t i = 0; i < n && !rc; i++)
		if (!again[i])
			rc = look(f, &c->losses.files[i], e);
	talloc_free(v);
	talloc_free(again);
	return rc;
}

/* A folder that is moved takes along whoever stands in it: the caller's shell
 * would go on in the vault, read what is gone there and write to what is kept.
 * Kept by name, it is removed by the tool, and nobody is anywhere. */
static bool
caller_is_inside(struct files *f)
{
	const struct reversal *r = f->r;

	if (r->in->gone)
		return false;
	for (size_t i = 0; i < r->cmd->losses.nfiles; i++) {
		const struct file_change *c = &r->cmd->losses.files[i];

		if (c->kind == FILE_REMOVED &&
		    path_is_under(r->in->cwd, path_clean(f, c->path)))
			return true;
	}
	return false;
}

int
files_assess(struct reversal *r, struct err *e)
{
	struct files *f = have(talloc_zero(r, struct files));
	const struct command *c;
	int rc = 0;

	r->files = f;
	f->r = r;
	f->may_move = r->cmd->losses.removal && !r->cmd->before &&
		      !r->journal && r->what == LOSS_FILES &&
		      !caller_is_inside(f);
	f->vault_dir =
	    have(talloc_asprintf(f, "%s/vault/files", vault_state_dir()));
	file_entry_init(f, &f->m);
	if (r->root_fd < 0) {
		r->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (r->root_fd < 0)
			return err_sys(e, "opening /");
		own_fd(r, r->root_fd);
	}
	file_dirs_init(f, &f->dirs, r->root_fd);
	for (c = r->cmd; c && !rc; c = c->before)
		rc = look_all(f, c, e);
	if (rc < 0)
		return rc;
	check_places(f);
	check_room(f);
	check_copies(f);
	for (size_t i = 0; i < f->m.n; i++)
		f->wanted |= f->m.v[i].kind != FILE_MADE;
	return 0;
}
