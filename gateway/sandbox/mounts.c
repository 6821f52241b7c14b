/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of what a box shows.  Every bind costs bwrap another reading of
 * /proc/self/mountinfo, so what a bind further up shows already is dropped,
 * and small files are copied instead.
 */
#include "sandbox/mounts.h"
#include "base/path.h"
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#define MAX_LINKS    40
#define COPY_AT_MOST 131072 /* larger files are bound */

void
mounts_init(struct mounts *m, void *ctx)
{
	*m = (struct mounts){.ctx = ctx};
}

struct entry *
mounts_add(struct mounts *m, enum entry_kind kind, const char *place)
{
	if (m->n == m->room) {
		m->room = m->room ? m->room * 2 : 64;
		m->v = talloc_realloc(m->ctx, m->v, struct entry,
				      (unsigned)m->room);
		if (!m->v)
			BUG("out of memory");
	}
	m->v[m->n] =
	    (struct entry){.kind = kind, .place = talloc_strdup(m->ctx, place)};
	return &m->v[m->n++];
}

void
mounts_real(struct mounts *m, const char *path)
{
	m->real[m->nreal++ % (sizeof m->real / sizeof *m->real)] = path;
}

static bool
is_real(const struct mounts *m, const char *path)
{
	for (size_t i = 0; i < sizeof m->real / sizeof *m->real; i++)
		if (m->real[i] && path_is_under(m->real[i], path))
			return true;
	return false;
}

const char *
mounts_reach(struct mounts *m, const char *path)
{
	const char *done = "", *rest = path;
	char text[PATH_MAX];
	unsigned links = 0;

	/* done is real at every step, so ".." behind it means its parent */
	while (*(rest += strspn(rest, "/")) != '\0') {
		size_t len = strcspn(rest, "/");
		const char *next;
		ssize_t n;

		if (len == 1 && rest[0] == '.') {
			rest += len;
			continue;
		}
		if (len == 2 && rest[0] == '.' && rest[1] == '.') {
			/* who goes back through it has to find it */
			if (*done && !is_real(m, done))
				mounts_add(m, ENTRY_FOLDER, done);
			done = path_parent(m->ctx, *done ? done : "/");
			done = strcmp(done, "/") == 0 ? "" : done;
			rest += len;
			continue;
		}
		next = talloc_asprintf(m->ctx, "%s/%.*s", done, (int)len, rest);
		rest += len;
		if (is_real(m, next)) {
			done = next;
			continue;
		}
		n = readlink(next, text, sizeof text - 1);
		if (n <= 0 && errno != EINVAL) /* not there, or not for us */
			return path_join(m->ctx, next,
					 rest + strspn(rest, "/"));
		if (n <= 0) {
			done = next;
			continue;
		}
		if (++links > MAX_LINKS)
			return next;
		text[n] = '\0';
		mounts_add(m, ENTRY_LINK, next)->source =
		    talloc_strdup(m->ctx, text);
		if (*text == '/')
			done = "";
		rest = talloc_asprintf(m->ctx, "%s%s", text, rest);
	}
	if (*done == '\0')
		return "/";
	if (!is_real(m, done))
		mounts_real(m, done);
	return done;
}

void
mounts_bind(struct mounts *m, enum entry_kind kind, const char *path)
{
	const char *real = mounts_reach(m, path);

	if (path_exists(real))
		mounts_add(m, kind, real);
}

void
mounts_show(struct mounts *m, const char *path)
{
	const char *real = mounts_reach(m, path);
	struct entry *n;
	struct stat st;

	if (lstat(real, &st) < 0)
		return;
	if (!S_ISREG(st.st_mode) || st.st_size > COPY_AT_MOST ||
	    access(real, R_OK) < 0) {
		mounts_add(m, ENTRY_READ, real);
		return;
	}
	n = mounts_add(m, ENTRY_FILE, real);
	n->source = n->place;
	n->mode = st.st_mode & 0777;
}

/* A parent comes before what is below it: the slash sorts before all. */
static int
compare_places(const char *a, const char *b)
{
	while (*a == *b && *a != '\0') {
		a++;
		b++;
	}
	if (*a == *b)
		return 0;
	if (*a == '\0' || *b == '\0')
		return *a == '\0' ? -1 : 1;
	if (*a == '/' || *b == '/')
		return *a == '/' ? -1 : 1;
	return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
}

static int
compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int by_place = compare_places(x->place, y->place);

	/* the strongest of a place first; the others are then dropped */
	return by_place ? by_place : (int)y->kind - (int)x->kind;
}

bool
entry_is_bind(const struct entry *n)
{
	return n->kind == ENTRY_READ || n->kind == ENTRY_WRITE ||
	       n->kind == ENTRY_PIN || n->kind == ENTRY_PROTECT;
}

bool
entry_is_writable(const struct entry *n)
{
	return n->kind == ENTRY_WRITE || n->kind == ENTRY_PIN ||
	       n->kind == ENTRY_STAND || n->kind == ENTRY_TMPFS;
}

/* Does a mount at around already show what n would, as n would? */
static bool
superfluous(const struct entry *around, const struct entry *n)
{
	bool bind;

	if (!around)
		return n->kind == ENTRY_HIDE; /* nothing to hide */
	bind = entry_is_bind(around);
	switch (n->kind) {
	case ENTRY_FOLDER:
	case ENTRY_TMPFS:
	case ENTRY_LINK:
	case ENTRY_FILE:
	case ENTRY_READ:
	case ENTRY_STAND: /* would make a folder in what is shown */
		return bind;
	case ENTRY_WRITE:
		return around->kind == ENTRY_WRITE || around->kind == ENTRY_PIN;
	case ENTRY_PROTECT:
		return around->kind == ENTRY_READ ||
		       around->kind == ENTRY_PROTECT;
	case ENTRY_HIDE:
		return !bind;
	case ENTRY_PIN:
	case ENTRY_DEVICE:
		break;
	}
	return false;
}

static bool
covers(const struct entry *n, const char *place)
{
	return n->kind != ENTRY_LINK && n->kind != ENTRY_FILE &&
	       n->kind != ENTRY_FOLDER && path_is_under(place, n->place);
}

void
mounts_settle(struct mounts *m)
{
	size_t *open, nopen = 0, kept = 0;

	if (m->n == 0)
		return;
	qsort(m->v, m->n, sizeof *m->v, compare);
	open = talloc_array(m->ctx, size_t, (unsigned)m->n);
	if (!open)
		BUG("out of memory");
	for (size_t i = 0; i < m->n; i++) {
		struct entry *n = &m->v[i];

		/* v[i - 1] is still what it was: kept <= i */
		if (i && strcmp(m->v[i - 1].place, n->place) == 0)
			continue;
		while (nopen && !covers(&m->v[open[nopen - 1]], n->place))
			nopen--;
		if (superfluous(nopen ? &m->v[open[nopen - 1]] : NULL, n))
			continue;
		m->v[kept] = *n;
		open[nopen++] = kept++;
	}
	m->n = kept;
	talloc_free(open);
}

const struct entry *
mounts_around(const struct mounts *m, const char *path)
{
	const struct entry *last = NULL;

	/* sorted, so that the last that covers it lies deepest */
	for (size_t i = 0; i < m->n; i++)
		if (covers(&m->v[i], path))
			last = &m->v[i];
	return last;
}
