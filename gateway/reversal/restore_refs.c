/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refs put back as git stores them in files: a loose file of its own, else a
 * line of packed-refs.  Not through git or libgit2, since both would write to
 * the reflogs, which are restored as they were.
 *
 * Order: deletions (a packed line first, or it would show through), then
 * writes: refs/heads/a may have to go for refs/heads/a/b.
 */
#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/undo_beside.h"
#include "reversal/undo_work.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define PACKED_MAX (240u << 20)

struct packed_line {
	const char *name, *hex;
};

/* packed-refs of one repository: "" or "modules/x/". */
struct packed {
	struct packed *next;
	char *base;
	struct packed_line *v; /* sorted */
	size_t n;
};

static int
by_name(const void *a, const void *b)
{
	const struct packed_line *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* Length of the part of an item's name that is the repository's own: 0 for
 * refs/x, 10 for modules/x/refs/y. */
static size_t
base_length(const char *name)
{
	const char *refs = strstr(name, "/refs/");

	if (strncmp(name, "refs/", 5) == 0 || !refs)
		return 0;
	return (size_t)(refs - name) + 1;
}

static char *
packed_path(void *ctx, const char *base)
{
	char *path = talloc_asprintf(ctx, "%spacked-refs", base);

	if (!path)
		BUG("out of memory");
	return path;
}

static int
packed_bytes(struct undo *u, void *ctx, const char *base, char **buf,
	     size_t *len, struct err *e)
{
	char *path = packed_path(ctx, base);
	int parent OWNED_FD = -1;
	const char *name;

	*buf = NULL;
	parent = undo_parent(u->common_fd, path, &name);
	if (parent < 0)
		return 1;
	return file_read(ctx, parent, name, PACKED_MAX, buf, len, e);
}

static struct packed *
packed_parse(struct undo *u, struct packed *p, char *buf, size_t len)
{
	size_t room = 0;

	for (char *s = buf, *end; s && s < buf + len; s = end) {
		char *space;

		end = memchr(s, '\n', (size_t)(buf + len - s));
		if (end)
			*end++ = '\0';
		space = strchr(s, ' ');
		if (*s == '#' || *s == '^' || !space)
			continue;
		*space = '\0';
		if (p->n == room) {
			room = room ? room * 2 : 64;
			p->v = talloc_realloc(p, p->v, struct packed_line,
					      (unsigned)room);
			if (!p->v)
				BUG("out of memory");
		}
		p->v[p->n++] = (struct packed_line){space + 1, s};
	}
	if (p->n)
		qsort(p->v, p->n, sizeof(*p->v), by_name);
	p->next = u->packed;
	u->packed = p;
	return p;
}

static int
packed_load(struct undo *u, const char *name, struct packed **out,
	    struct err *e)
{
	size_t n = base_length(name), len = 0;
	struct packed *p;
	char *buf;
	int rc;

	for (p = u->packed; p; p = p->next)
		if (strlen(p->base) == n && strncmp(p->base, name, n) == 0)
			break;
	*out = p;
	if (p)
		return 0;
	p = talloc_zero(u->ctx, struct packed);
	if (!p || !(p->base = talloc_strndup(p, name, n)))
		BUG("out of memory");
	rc = packed_bytes(u, p, p->base, &buf, &len, e);
	if (rc < 0)
		return rc;
	*out = packed_parse(u, p, buf, len);
	return 0;
}

static int
packed_find(struct undo *u, const char *name, const char **hex, struct err *e)
{
	struct packed_line key = {name + base_length(name), NULL}, *hit;
	struct packed *p;
	int rc;

	*hex = NULL;
	if (strncmp(key.name, "refs/", 5) != 0)
		return 0;
	rc = packed_load(u, name, &p, e);
	if (rc < 0 || !p->n)
		return rc;
	hit = bsearch(&key, p->v, p->n, sizeof(key), by_name);
	if (hit)
		*hex = hit->hex;
	return 0;
}

static bool
is_hex(const char *s)
{
	size_t n = strspn(s, "0123456789abcdef");

	return s[n] == '\0' && (n == 40 || n == 64);
}

static void
parse_loose(void *ctx, char *buf, size_t len, struct value *out)
{
	while (len && strchr(" \t\r\n", buf[len - 1]))
		buf[--len] = '\0';
	if (strncmp(buf, "ref:", 4) == 0) {
		out->kind = VALUE_SYMREF;
		buf += 4 + strspn(buf + 4, " \t");
	} else if (is_hex(buf)) {
		out->kind = VALUE_OID;
	} else {
		out->kind = VALUE_OTHER;
	}
	out->text = talloc_strdup(ctx, buf);
	if (!out->text)
		BUG("out of memory");
}

int
restore_ref_read(struct undo *u, const char *name, struct value *out,
		 struct err *e)
{
	int parent OWNED_FD = -1;
	const char *base, *hex;
	size_t len;
	char *buf;
	int rc;

	memset(out, 0, sizeof(*out));
	parent = undo_parent(u->common_fd, name, &base);
	if (parent >= 0) {
		struct stat st;

		/* A folder of that name is one of other refs. */
		if (fstatat(parent, base, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    !S_ISDIR(st.st_mode)) {
			if (!S_ISREG(st.st_mode)) {
				out->kind = VALUE_OTHER;
				out->text = "not a file";
				return 0;
			}
			rc = file_read(u->ctx, parent, base, 65536, &buf, &len,
				       e);
			if (rc == 0)
				parse_loose(u->ctx, buf, len, out);
			if (rc <= 0)
				return rc;
		}
	}
	rc = packed_find(u, name, &hex, e);
	out->kind = hex ? VALUE_OID : VALUE_ABSENT;
	out->text = hex;
	return rc;
}

/* --- deletions --------------------------------------------------------- */

static bool
is_deletion(const struct step *s)
{
	return s->it->kind == ITEM_REF && s->what == STEP_BACK &&
	       s->it->before.kind == VALUE_ABSENT &&
	       s->now.kind != VALUE_ABSENT;
}

/* Is the ref of this line (not terminated) one to be deleted? */
static bool
line_goes(struct undo *u, const char *base, const char *line, size_t len)
{
	const char *space = memchr(line, ' ', len);
	const struct step *s;
	char *name;
	bool goes;

	if (!space || *line == '#' || *line == '^')
		return false;
	name = talloc_asprintf(NULL, "%s%.*s", base,
			       (int)(line + len - space - 1), space + 1);
	if (!name)
		BUG("out of memory");
	s = undo_step(u, ITEM_REF, name);
	goes = s && is_deletion(s);
	talloc_free(name);
	return goes;
}

static int
open_packed_lock(struct undo *u, const char *base, char **lock, struct err *e)
{
	struct timespec pause = {.tv_nsec = 50000000};
	int fd = -1;

	*lock = talloc_asprintf(u->ctx, "%spacked-refs.lock", base);
	if (!*lock)
		BUG("out of memory");
	for (int i = 0; i < 40; i++) {
		fd = path_open_beneath(u->common_fd, *lock,
				       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
				       0666, e);
		if (fd >= 0 || errno != EEXIST)
			break;
		nanosleep(&pause, NULL);
	}
	return fd;
}

/* Rewrites packed-refs without the refs that are to go. */
static int
packed_drop(struct undo *u, const char *base, struct err *e)
{
	void *own = talloc_new(u->ctx);
	int fd OWNED_FD = -1, parent OWNED_FD = -1;
	char *lock = NULL, *buf = NULL, *to;
	size_t len = 0, n = 0;
	bool skip = false;
	const char *name;
	int rc;

	fd = open_packed_lock(u, base, &lock, e);
	if (fd < 0) {
		talloc_free(own);
		return fd;
	}
	parent = undo_parent(u->common_fd, lock, &name);
	rc = packed_bytes(u, own, base, &buf, &len, e);
	to = buf;
	for (char *s = buf, *end; rc == 0 && s < buf + len; s = end) {
		end = memchr(s, '\n', (size_t)(buf + len - s));
		end = end ? end + 1 : buf + len;
		/* "^" lines belong to the ref above them */
		if (*s != '^')
			skip = line_goes(u, base, s,
					 (size_t)(end - s) - (end[-1] == '\n'));
		if (!skip) {
			memmove(to + n, s, (size_t)(end - s));
			n += (size_t)(end - s);
		}
	}
	if (rc == 0 && n < len) {
		if (file_write_all(fd, buf, n) < 0 ||
		    renameat(parent, name, parent, "packed-refs") < 0)
			rc = err_sys(e, "writing packed-refs");
	} else {
		unlinkat(parent, name, 0);
	}
	if (rc < 0)
		unlinkat(parent, name, 0);
	talloc_free(own);
	return rc < 0 ? rc : 0;
}

/* Empty folders above a deleted ref, up to refs/heads and its like. */
static void
prune_above(struct undo *u, const char *name)
{
	size_t root = base_length(name) + 5; /* "refs/" */
	char *dir = path_parent(u->ctx, name);

	while (strlen(dir) > root && strchr(dir + root, '/')) {
		int parent OWNED_FD = -1;
		const char *base;

		parent = undo_parent(u->common_fd, dir, &base);
		if (parent < 0 || unlinkat(parent, base, AT_REMOVEDIR) < 0)
			break;
		dir = path_parent(u->ctx, dir);
	}
}

static int
delete_loose(struct undo *u, struct step *s, struct err *e)
{
	int parent OWNED_FD = -1;
	struct stat st;
	const char *base;
	char *lock;

	parent = undo_parent(u->common_fd, s->as, &base);
	if (parent < 0 && errno != ENOENT)
		return err_sys(e, "deleting %s", s->as);
	if (parent >= 0) {
		if (fstatat(parent, base, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    !S_ISDIR(st.st_mode) && unlinkat(parent, base, 0) < 0)
			return err_sys(e, "deleting %s", s->as);
		if (s->lock_fd >= 0) {
			lock = talloc_asprintf(u->ctx, "%s.lock", base);
			if (!lock)
				BUG("out of memory");
			unlinkat(parent, lock, 0);
		}
	}
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	s->lock_fd = -1;
	s->done = true;
	if (strncmp(s->as + base_length(s->as), "refs/", 5) == 0)
		prune_above(u, s->as);
	return 0;
}

static int
delete_refs(struct undo *u, struct err *e)
{
	const char *hex;
	int rc = 0;

	for (size_t i = 0; i < u->n && rc == 0; i++) {
		struct step *s = &u->steps[i];
		struct packed *p;

		if (!is_deletion(s))
			continue;
		rc = packed_find(u, s->as, &hex, e);
		if (rc < 0 || !hex)
			continue;
		rc = packed_load(u, s->as, &p, e);
		if (rc == 0)
			rc = packed_drop(u, p->base, e);
		u->packed = NULL;
	}
	u->packed = NULL;
	for (size_t i = 0; i < u->n && rc == 0; i++) {
		if (!is_deletion(&u->steps[i]))
			continue;
		rc = delete_loose(u, &u->steps[i], e);
		undo_tick(u);
	}
	return rc;
}

/* --- writes ------------------------------------------------------------ */

/* Removes name if it is a tree of nothing but folders. */
static void
remove_folders(int parent, const char *name, unsigned depth)
{
	int fd = openat(parent, name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct dirent *d;
	DIR *dir;

	if (fd < 0)
		return;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return;
	}
	while (depth && (d = readdir(dir)))
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			remove_folders(fd, d->d_name, depth - 1);
	closedir(dir);
	unlinkat(parent, name, AT_REMOVEDIR);
}

static int
write_ref(struct undo *u, struct step *s, struct err *e)
{
	const struct value *v = &s->it->before;
	int parent OWNED_FD = -1;
	const char *base;
	char *text;
	int rc;

	if (s->lock_fd < 0) {
		struct value now;

		rc = restore_lock(u, s, e);
		if (rc < 0)
			return rc;
		rc = restore_ref_read(u, s->as, &now, e);
		if (rc < 0)
			return rc;
		if (s->what == STEP_BACK && !value_equal(&now, &s->now))
			return err_set(e, ERR_SYSTEM,
				       "%s is being changed by somebody; try "
				       "again",
				       s->as);
	}
	text = talloc_asprintf(u->ctx, "%s%s\n",
			       v->kind == VALUE_SYMREF ? "ref: " : "", v->text);
	if (!text)
		BUG("out of memory");
	parent = undo_parent(u->common_fd, s->as, &base);
	if (parent >= 0)
		remove_folders(parent, base, 64);
	rc = restore_commit(u, s, text, strlen(text), 0, e);
	undo_tick(u);
	return rc;
}

int
restore_refs(struct undo *u, struct err *e)
{
	int rc = delete_refs(u, e);

	for (size_t i = 0; i < u->n && rc == 0; i++) {
		struct step *s = &u->steps[i];

		if (s->it->kind != ITEM_REF || s->done ||
		    (s->what != STEP_BACK && s->what != STEP_BESIDE))
			continue;
		if (s->it->before.kind == VALUE_ABSENT)
			continue;
		if (s->what == STEP_BESIDE)
			rc = undo_beside_ref(u, s, e);
		if (rc == 0)
			rc = write_ref(u, s, e);
	}
	u->packed = NULL;
	return rc;
}
