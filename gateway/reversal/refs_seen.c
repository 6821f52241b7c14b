/* SPDX-License-Identifier: Apache-2.0 */
/* Reads refs from their files. */
#include "reversal/refs_seen.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_PACKED (240u << 20)
#define DEPTH	   100

struct reader {
	void *ctx;
	struct refs_seen *out;
	int fd; /* common directory */
};

static bool
is_hex(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strchr("0123456789abcdefABCDEF", s[i]) || !s[i])
			return false;
	return true;
}

/* Length of an object id at s: 40, 64, or 0. */
static size_t
id_length(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && n < 65 && is_hex(s + n, 1))
		n++;
	return n == 40 || n == 64 ? n : 0;
}

static void
add(struct reader *r, const char *name, enum value_kind kind, const char *text,
    size_t len)
{
	struct ref_seen *s;

	GROW(r->ctx, r->out->v, r->out->n, r->out->room);
	s = &r->out->v[r->out->n++];
	memset(s, 0, sizeof(*s));
	s->name = name;
	s->value.kind = kind;
	s->value.text = have(talloc_strndup(r->ctx, text, len));
}

/* Lines "id SP name"; "^id" is what the tag above it names. */
static int
read_packed(struct reader *r, struct err *e)
{
	char *text = NULL, *p, *end;
	size_t len = 0, n;
	int rc =
	    file_read(r->ctx, r->fd, "packed-refs", MAX_PACKED, &text, &len, e);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	for (p = text; p < text + len; p = end + 1) {
		end = memchr(p, '\n', (size_t)(text + len - p));
		if (!end)
			end = text + len;
		if (*p == '#' || *p == '^')
			continue;
		n = id_length(p, (size_t)(end - p));
		if (!n || p[n] != ' ' || p + n + 1 == end)
			return err_set(e, ERR_SYNTAX, "packed-refs is damaged");
		add(r,
		    have(talloc_strndup(r->ctx, p + n + 1,
					(size_t)(end - p) - n - 1)),
		    VALUE_OID, p, n);
	}
	talloc_free(text);
	return 0;
}

static void
read_symlink(struct reader *r, int dir, const char *leaf, const char *name)
{
	char to[PATH_MAX];
	ssize_t n = readlinkat(dir, leaf, to, sizeof(to));

	/* the old form of a symbolic ref */
	if (n > 5 && !memcmp(to, "refs/", 5))
		add(r, name, VALUE_SYMREF, to, (size_t)n);
	else
		add(r, name, VALUE_OTHER, "link", 4);
}

static void
read_loose(struct reader *r, int dir, const char *leaf, const char *name)
{
	int fd =
	    openat(dir, leaf, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	char text[PATH_MAX];
	ssize_t len;
	size_t n, skip = 5;

	if (fd < 0) {
		if (errno == ELOOP)
			read_symlink(r, dir, leaf, name);
		else if (errno != ENOENT)
			add(r, name, VALUE_OTHER, "unreadable", 10);
		return;
	}
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[len > 0 ? len : 0] = '\0';
	if (len >= 5 && !memcmp(text, "ref:", 4)) {
		for (skip = 4; text[skip] == ' ' || text[skip] == '\t';)
			skip++;
		n = strlen(text + skip);
		while (n && strchr(" \n\r\t", text[skip + n - 1]))
			n--;
		add(r, name, VALUE_SYMREF, text + skip, n);
		return;
	}
	n = len > 0 ? id_length(text, (size_t)len) : 0;
	if (n)
		add(r, name, VALUE_OID, text, n);
	else
		add(r, name, VALUE_OTHER, "broken", 6);
}

static bool
is_lock(const char *name)
{
	size_t n = strlen(name);

	return n > 5 && !strcmp(name + n - 5, ".lock");
}

/* All files below the directory `path` of the common directory. */
static void
read_dir(struct reader *r, int parent, const char *leaf, const char *path,
	 int depth)
{
	int fd = openat(parent, leaf,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *d;
	struct stat st;

	if (!dir && fd >= 0)
		close(fd);
	while (dir && (d = readdir(dir))) {
		unsigned char type = d->d_type;
		char *name;

		if (d->d_name[0] == '.' || is_lock(d->d_name))
			continue;
		name = have(talloc_asprintf(r->ctx, "%s/%s", path, d->d_name));
		if (type == DT_UNKNOWN &&
		    fstatat(fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			type = S_ISDIR(st.st_mode) ? DT_DIR : DT_REG;
		if (type != DT_DIR)
			read_loose(r, fd, d->d_name, name);
		else if (depth < DEPTH)
			read_dir(r, fd, d->d_name, name, depth + 1);
	}
	if (dir)
		closedir(dir);
}

/* HEAD and the refs that each linked work tree has for itself. */
static void
read_worktrees(struct reader *r)
{
	int fd = openat(r->fd, "worktrees",
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *d;

	if (!dir && fd >= 0)
		close(fd);
	while (dir && (d = readdir(dir))) {
		int sub OWNED_FD = -1;
		char *name;

		if (d->d_name[0] == '.')
			continue;
		sub = openat(fd, d->d_name,
			     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub < 0)
			continue;
		name = have(
		    talloc_asprintf(r->ctx, "worktrees/%s/HEAD", d->d_name));
		read_loose(r, sub, "HEAD", name);
		name = have(
		    talloc_asprintf(r->ctx, "worktrees/%s/refs", d->d_name));
		read_dir(r, sub, "refs", name, 0);
	}
	if (dir)
		closedir(dir);
}

/* Loose ones are added later and hide packed ones of the same name. */
static int
by_name(const void *a, const void *b)
{
	const struct ref_seen *p = a, *q = b;
	int cmp = strcmp(p->name, q->name);

	return cmp ? cmp
		   : (p->value.mode < q->value.mode) -
			 (p->value.mode > q->value.mode);
}

static void
settle(struct refs_seen *r)
{
	size_t k = 0;

	if (r->n)
		qsort(r->v, r->n, sizeof(*r->v), by_name);
	for (size_t i = 0; i < r->n; i++)
		if (!k || strcmp(r->v[k - 1].name, r->v[i].name))
			r->v[k++] = r->v[i];
	r->n = k;
	for (size_t i = 0; i < r->n; i++)
		r->v[i].value.mode = 0;
}

int
refs_read(void *ctx, const char *commondir, struct refs_seen *out,
	  struct err *e)
{
	struct reader r = {.ctx = ctx, .out = out};
	int fd OWNED_FD = -1, rc;
	size_t packed;

	memset(out, 0, sizeof(*out));
	fd = open(commondir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, "opening the repository");
	r.fd = fd;
	if (faccessat(fd, "reftable", F_OK, 0) == 0)
		return err_set(e, ERR_UNKNOWN, "refs are in a reftable");
	rc = read_packed(&r, e);
	if (rc < 0)
		return err_wrap(e, "refs");
	packed = out->n;
	read_loose(&r, fd, "HEAD", "HEAD");
	read_dir(&r, fd, "refs", "refs", 0);
	read_worktrees(&r);
	/* mode serves as the rank for by_name() */
	for (size_t i = packed; i < out->n; i++)
		out->v[i].value.mode = 1;
	settle(out);
	return 0;
}

const struct ref_seen *
refs_find(const struct refs_seen *r, const char *name)
{
	size_t lo = 0, hi = r->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int cmp = strcmp(r->v[mid].name, name);

		if (cmp == 0)
			return &r->v[mid];
		if (cmp < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

const char *
refs_resolve(const struct refs_seen *r, const char *name)
{
	/* as deep as git goes: SYMREF_MAXDEPTH of refs.c */
	for (int i = 0; i < 5; i++) {
		const struct ref_seen *s = refs_find(r, name);

		if (!s)
			return NULL;
		if (s->value.kind == VALUE_OID)
			return s->value.text;
		if (s->value.kind != VALUE_SYMREF)
			return NULL;
		name = s->value.text;
	}
	return NULL;
}

bool
refs_is_head(const char *name)
{
	return !strcmp(path_base(name), "HEAD") &&
	       (!strcmp(name, "HEAD") || !strncmp(name, "worktrees/", 10)) &&
	       !strstr(name, "/refs/");
}
