/* SPDX-License-Identifier: Apache-2.0 */
/* Reads git's index; every length in it is believed only after a check. */
#include "reversal/index_read.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_INDEX (240u << 20) /* talloc's largest block, less a little */
#define DEPTH	  2048	       /* directories within each other: PATH_MAX */

struct reader {
	void *ctx;
	struct index_file *x;
	const unsigned char *p, *end;
	bool odd; /* names are empty or out of order, as in a split index */
	char *previous; /* version 4: the path before */
	size_t previous_len, previous_room;
};

/* git's varint of the pack format (varint.c): each byte but the last adds
 * one.  False: it does not end, or is absurd. */
static bool
read_varint(struct reader *r, size_t *out)
{
	size_t v = 0;
	unsigned char c;

	do {
		if (r->p >= r->end || v > MAX_INDEX)
			return false;
		c = *r->p++;
		v = (v << 7) + (c & 127);
		if (c & 128)
			v++;
	} while (c & 128);
	*out = v;
	return true;
}

/* Version 4: cut so many bytes from the previous path, append the rest. */
static bool
read_compressed_path(struct reader *r, struct index_entry *e)
{
	size_t cut, len, total;
	const unsigned char *nul;

	if (!read_varint(r, &cut) || cut > r->previous_len)
		return false;
	nul = memchr(r->p, 0, (size_t)(r->end - r->p));
	if (!nul)
		return false;
	len = (size_t)(nul - r->p);
	total = r->previous_len - cut + len;
	if (total + 1 > r->previous_room) {
		r->previous_room = total * 2 + 64;
		r->previous = have(talloc_realloc(r->ctx, r->previous, char,
						  r->previous_room));
	}
	memcpy(r->previous + r->previous_len - cut, r->p, len + 1);
	r->previous_len = total;
	r->p = nul + 1;
	e->path = have(talloc_strndup(r->x->v, r->previous, total));
	e->len = (uint32_t)total;
	return true;
}

static bool
read_entry(struct reader *r, struct index_entry *e)
{
	const unsigned char *start = r->p, *nul;
	size_t head = 40 + r->x->id_len, size;

	if ((size_t)(r->end - r->p) < head + 4)
		return false;
	e->raw = start;
	e->flags = (uint16_t)(start[head] << 8 | start[head + 1]);
	e->more = 0;
	r->p += head + 2;
	if (e->flags & 0x4000) {
		if (r->x->version < 3)
			return false;
		e->more = (uint16_t)(r->p[0] << 8 | r->p[1]);
		r->p += 2;
	}
	if (r->x->version == 4)
		return read_compressed_path(r, e);
	nul = memchr(r->p, 0, (size_t)(r->end - r->p));
	if (!nul)
		return false;
	e->path = (const char *)r->p;
	e->len = (uint32_t)(nul - r->p);
	size = ((size_t)(nul - start) + 8) & ~(size_t)7;
	if (size > (size_t)(r->end - start))
		return false;
	r->p = start + size;
	return true;
}

/* One directory of the cache tree and all below it.  False: damaged. */
static bool
read_tree(struct reader *r, const unsigned char **p, const unsigned char *end,
	  uint32_t *n, uint32_t room, int depth)
{
	struct index_tree *t;
	const unsigned char *nul = memchr(*p, 0, (size_t)(end - *p)), *nl;
	long count, subtrees;
	uint32_t at = *n;
	char *stop;

	if (!nul || at >= room || depth > DEPTH)
		return false;
	nl = memchr(nul, '\n', (size_t)(end - nul));
	if (!nl)
		return false;
	t = &r->x->trees[at];
	t->name = (const char *)*p;
	/* cannot run away: file_read() put a NUL behind the last byte */
	count = strtol((const char *)nul + 1, &stop, 10);
	subtrees = strtol(stop, &stop, 10);
	if (stop != (const char *)nl || subtrees < 0 || subtrees > (long)room)
		return false;
	*p = nl + 1;
	t->id = NULL;
	if (count >= 0) {
		if ((size_t)(end - *p) < r->x->id_len)
			return false;
		t->id = *p;
		*p += r->x->id_len;
	}
	t->subtrees = (uint32_t)subtrees;
	++*n;
	for (long i = 0; i < subtrees; i++)
		if (!read_tree(r, p, end, n, room, depth + 1))
			return false;
	r->x->trees[at].end = *n;
	return true;
}

static void
read_cache_tree(struct reader *r, const unsigned char *p, size_t len)
{
	uint32_t room = 0, n = 0;
	const unsigned char *end = p + len;

	for (size_t i = 0; i < len; i++)
		room += p[i] == '\n';
	r->x->trees =
	    have(talloc_zero_array(r->ctx, struct index_tree, room + 1));
	if (read_tree(r, &p, end, &n, room + 1, 0) && p == end)
		r->x->ntrees = n;
	else
		TALLOC_FREE(r->x->trees);
}

/* An extension whose name begins with a small letter must be understood. */
static int
read_extensions(struct reader *r, struct err *e)
{
	while ((size_t)(r->end - r->p) >= 8) {
		const unsigned char *name = r->p;
		uint32_t len = be32(r->p + 4);

		r->p += 8;
		if (len > (size_t)(r->end - r->p))
			return err_set(e, ERR_SYNTAX, "the index is damaged");
		if (!memcmp(name, "TREE", 4))
			read_cache_tree(r, r->p, len);
		else if (!memcmp(name, "link", 4))
			r->x->split = true;
		else if (memcmp(name, "sdir", 4) && name[0] >= 'a')
			return err_set(e, ERR_UNKNOWN,
				       "the index has an extension %.4s",
				       (const char *)name);
		r->p += len;
	}
	return 0;
}

static bool
read_entries(struct reader *r, uint32_t n)
{
	struct index_file *x = r->x;

	if (n > x->raw_len / (40 + x->id_len))
		return false;
	x->v = have(talloc_array(r->ctx, struct index_entry, n + 1));
	for (uint32_t i = 0; i < n; i++) {
		struct index_entry *e = &x->v[i];

		if (!read_entry(r, e))
			return false;
		/* everything here relies on the order */
		if (!e->len || (i && (strcmp(e[-1].path, e->path) > 0 ||
				      (!strcmp(e[-1].path, e->path) &&
				       index_stage(e - 1) >= index_stage(e)))))
			r->odd = true;
		x->n++;
	}
	return true;
}

static int
load(struct reader *r, const char *path, struct err *e)
{
	int fd OWNED_FD = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	char self[32], *raw = NULL;
	int rc;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 1;
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, "opening the index");
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	rc = file_read(r->ctx, AT_FDCWD, self, MAX_INDEX, &raw, &r->x->raw_len,
		       e);
	r->x->raw = raw;
	r->x->mtime = st.st_mtim;
	return rc;
}

int
index_read(void *ctx, const char *path, unsigned id_len, struct index_file *out,
	   struct err *e)
{
	struct reader r = {.ctx = ctx, .x = out};
	int rc;

	memset(out, 0, sizeof(*out));
	out->id_len = id_len;
	rc = load(&r, path, e);
	if (rc != 0)
		return rc < 0 ? err_wrap(e, "the index") : 0;
	if (out->raw_len == 0)
		return 0; /* git reads an empty file as an empty index */
	r.p = (const unsigned char *)out->raw;
	if (out->raw_len < 12 + id_len || memcmp(r.p, "DIRC", 4))
		return err_set(e, ERR_SYNTAX, "the index is damaged");
	r.end = r.p + out->raw_len - id_len;
	out->version = be32(r.p + 4);
	if (out->version < 2 || out->version > 4)
		return err_set(e, ERR_UNKNOWN, "the index has version %u",
			       out->version);
	r.p += 12;
	if (!read_entries(&r, be32((const unsigned char *)out->raw + 8)))
		return err_set(e, ERR_SYNTAX, "the index is damaged");
	rc = read_extensions(&r, e);
	if (rc == 0 && r.odd && !out->split)
		return err_set(e, ERR_SYNTAX, "the index is damaged");
	return rc;
}

bool
index_same(const struct index_file *a, const struct index_file *b)
{
	if (a->n != b->n || a->split || b->split)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const struct index_entry *p = &a->v[i], *q = &b->v[i];

		if (p->flags != q->flags || p->more != q->more ||
		    index_mode(p) != index_mode(q) ||
		    memcmp(index_id(p), index_id(q), a->id_len) ||
		    strcmp(p->path, q->path))
			return false;
	}
	return true;
}

size_t
index_lower(const struct index_file *x, size_t from, size_t to,
	    const char *path, size_t len)
{
	while (from < to) {
		size_t mid = from + (to - from) / 2;
		const struct index_entry *e = &x->v[mid];
		size_t n = e->len < len ? e->len : len;
		int cmp = memcmp(e->path, path, n);

		if (cmp < 0 || (cmp == 0 && e->len < len))
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

const struct index_entry *
index_find(const struct index_file *x, const char *path)
{
	size_t i = index_lower(x, 0, x->n, path, strlen(path));

	return i < x->n && !strcmp(x->v[i].path, path) ? &x->v[i] : NULL;
}

bool
index_has_below(const struct index_file *x, const char *dir)
{
	size_t n = strlen(dir), i;
	char *key = have(talloc_asprintf(NULL, "%s/", dir));

	i = index_lower(x, 0, x->n, key, n + 1);
	talloc_free(key);
	return i < x->n && x->v[i].len > n && !memcmp(x->v[i].path, dir, n) &&
	       x->v[i].path[n] == '/';
}
