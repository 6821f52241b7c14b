/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packed-refs: looked up, and rewritten without the refs that are to go.
 */
#include "reversal/restore_packed.h"
#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
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

size_t
packed_base(const char *name)
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
	size_t n = packed_base(name), len = 0;
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

int
packed_find(struct undo *u, const char *name, const char **hex, struct err *e)
{
	struct packed_line key = {name + packed_base(name), NULL}, *hit;
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

/* The line of that name, or where it would be. */
static size_t
packed_lower(const struct packed *p, const char *name)
{
	size_t from = 0, to = p->n;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (strcmp(p->v[mid].name, name) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

int
packed_in_the_way(struct undo *u, const char *name, bool *blocked,
		  struct err *e)
{
	const char *rel = name + packed_base(name), *hex;
	char *below, *dir;
	struct packed *p;
	size_t at;
	int rc;

	*blocked = false;
	if (strncmp(rel, "refs/", 5) != 0)
		return 0;
	rc = packed_load(u, name, &p, e);
	if (rc < 0 || !p->n)
		return rc;
	below = talloc_asprintf(u->ctx, "%s/", rel);
	if (!below)
		BUG("out of memory");
	at = packed_lower(p, below);
	*blocked =
	    at < p->n && strncmp(p->v[at].name, below, strlen(below)) == 0;
	dir = path_parent(u->ctx, name);
	while (rc == 0 && !*blocked && strlen(dir) > packed_base(name) + 5) {
		rc = packed_find(u, dir, &hex, e);
		*blocked = hex != NULL;
		dir = path_parent(u->ctx, dir);
	}
	return rc;
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
	goes = s && restore_is_deletion(s);
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
drop_lines(struct undo *u, const char *base, struct err *e)
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

int
packed_drop(struct undo *u, const char *name, struct err *e)
{
	const char *hex;
	struct packed *p;
	int rc = packed_find(u, name, &hex, e);

	if (rc < 0 || !hex)
		return rc;
	rc = packed_load(u, name, &p, e);
	if (rc == 0)
		rc = drop_lines(u, p->base, e);
	u->packed = NULL;
	return rc;
}
