/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tree against the index, directory by directory.  Where the index's cache
 * tree names the same tree, nothing below can differ and nothing is read:
 * in a clean work tree the cost is that of what differs.
 */
#include "base/memory.h"
#include "reversal/index_read.h"
#include <string.h>

#define DEPTH 2048

struct diff {
	git_odb *odb;
	const struct index_file *x;
	tree_diff_fn fn;
	void *data;
	struct err *e;
	char *path; /* of the directory at hand, with its slash */
	size_t len, room;
};

/* An entry of a tree object: "mode SP name NUL id". */
struct cursor {
	const unsigned char *p, *end;
	const char *name;
	size_t len;
	struct tree_entry t;
	bool dir;
};

/* 1: there is one; 0: the end; -1: damaged. */
static int
next(struct cursor *c)
{
	const unsigned char *nul;
	uint32_t mode = 0;

	c->name = NULL;
	if (c->p == c->end)
		return 0;
	while (c->p < c->end && *c->p >= '0' && *c->p <= '7')
		mode = mode << 3 | (uint32_t)(*c->p++ - '0');
	if (c->p == c->end || *c->p++ != ' ')
		return -1;
	nul = memchr(c->p, 0, (size_t)(c->end - c->p));
	if (!nul || nul == c->p || (size_t)(c->end - nul) < 21 ||
	    memchr(c->p, '/', (size_t)(nul - c->p)))
		return -1;
	c->name = (const char *)c->p;
	c->len = (size_t)(nul - c->p);
	c->t.mode = mode;
	c->t.id = nul + 1;
	c->dir = (mode & 0170000) == 0040000;
	c->p = nul + 21;
	return 1;
}

static void
push(struct diff *d, const char *name, size_t len, bool slash)
{
	if (d->len + len + 2 > d->room) {
		d->room = (d->len + len + 2) * 2;
		d->path = have(talloc_realloc(NULL, d->path, char, d->room));
	}
	memcpy(d->path + d->len, name, len);
	d->len += len;
	if (slash)
		d->path[d->len++] = '/';
	d->path[d->len] = '\0';
}

/* The child of that name in the cache tree. */
static const struct index_tree *
subtree(const struct index_file *x, const struct index_tree *t,
	const char *name, size_t len)
{
	uint32_t at;

	if (!t)
		return NULL;
	at = (uint32_t)(t - x->trees) + 1;
	for (uint32_t i = 0; i < t->subtrees && at < x->ntrees; i++) {
		const struct index_tree *s = &x->trees[at];

		if (!strncmp(s->name, name, len) && !s->name[len])
			return s;
		at = s->end;
	}
	return NULL;
}

/* Name of an index entry within the directory of depth len; *dir: it is
 * below a directory of that name. */
static size_t
component(const struct index_entry *ie, size_t len, bool *dir)
{
	const char *slash = memchr(ie->path + len, '/', ie->len - len);

	*dir = slash != NULL;
	return slash ? (size_t)(slash - ie->path) - len : ie->len - len;
}

/* Order of names in a tree: directories as if a slash followed. */
static int
compare(const char *a, size_t alen, bool adir, const char *b, size_t blen,
	bool bdir)
{
	size_t n = alen < blen ? alen : blen;
	int cmp = memcmp(a, b, n);
	unsigned char ca, cb;

	if (cmp)
		return cmp;
	ca = alen > n ? (unsigned char)a[n] : adir ? '/' : 0;
	cb = blen > n ? (unsigned char)b[n] : bdir ? '/' : 0;
	return ca < cb ? -1 : ca > cb;
}

static int
walk(struct diff *d, const unsigned char *id, const struct index_tree *cached,
     size_t lo, size_t hi, int depth);

static int
only_index(struct diff *d, size_t from, size_t to)
{
	int rc = 0;

	for (size_t i = from; i < to && !rc; i++)
		rc = d->fn(d->data, d->x->v[i].path, NULL, &d->x->v[i]);
	return rc;
}

/* The tree's entry, with the range of index entries that have its name. */
static int
one(struct diff *d, const struct cursor *c, const struct index_tree *cached,
    size_t lo, size_t hi, int depth)
{
	const struct index_tree *s;
	size_t keep = d->len;
	int rc = 0;

	if (c->dir) {
		bool sparse = lo < hi && index_mode(&d->x->v[lo]) == 0040000;

		s = lo < hi ? subtree(d->x, cached, c->name, c->len) : NULL;
		if ((s && s->id && !memcmp(s->id, c->t.id, 20)) ||
		    (sparse && !memcmp(index_id(&d->x->v[lo]), c->t.id, 20)))
			return 0;
		push(d, c->name, c->len, true);
		rc = walk(d, c->t.id, s, sparse ? hi : lo, hi, depth + 1);
	} else {
		const struct index_entry *ie = lo < hi ? &d->x->v[lo] : NULL;

		if (ie && !index_stage(ie) && index_mode(ie) == c->t.mode &&
		    !index_intent_to_add(ie) &&
		    !memcmp(index_id(ie), c->t.id, 20))
			return 0;
		push(d, c->name, c->len, false);
		rc = d->fn(d->data, d->path, &c->t, ie);
	}
	d->len = keep;
	return rc;
}

/* End of the entries whose name at this level is that of entry lo. */
static size_t
range_end(struct diff *d, size_t lo, size_t hi, size_t n, bool dir)
{
	const char *path = d->x->v[lo].path;
	size_t end = lo + 1;
	char *key;

	if (!dir) {
		while (end < hi && !strcmp(d->x->v[end].path, path))
			end++;
		return end;
	}
	key = have(talloc_strndup(NULL, path, d->len + n + 1));
	key[d->len + n] = '/' + 1;
	end = index_lower(d->x, lo, hi, key, d->len + n + 1);
	talloc_free(key);
	return end;
}

static int
merge(struct diff *d, struct cursor *c, const struct index_tree *cached,
      size_t lo, size_t hi, int depth)
{
	int rc = 0, more = next(c);

	while (!rc && (more > 0 || lo < hi)) {
		bool dir = false;
		size_t n = 0, end = lo;
		int cmp = -1;

		if (more < 0)
			break;
		if (lo < hi) {
			n = component(&d->x->v[lo], d->len, &dir);
			end = range_end(d, lo, hi, n, dir);
			cmp = more ? compare(c->name, c->len, c->dir,
					     d->x->v[lo].path + d->len, n, dir)
				   : 1;
		}
		if (cmp > 0) {
			rc = only_index(d, lo, end);
			lo = end;
			continue;
		}
		rc = one(d, c, cached, lo, cmp ? lo : end, depth);
		if (cmp == 0)
			lo = end;
		more = next(c);
	}
	if (more < 0)
		return err_set(d->e, ERR_SYNTAX, "a tree object is damaged");
	return rc;
}

static int
walk(struct diff *d, const unsigned char *id, const struct index_tree *cached,
     size_t lo, size_t hi, int depth)
{
	git_odb_object *o = NULL;
	struct cursor c = {0};
	git_oid oid;
	int rc;

	if (depth > DEPTH)
		return err_set(d->e, ERR_LIMIT, "a tree is too deep");
	git_oid_fromraw(&oid, id);
	if (git_odb_read(&o, d->odb, &oid) < 0)
		return err_git(d->e, "reading a tree");
	if (git_odb_object_type(o) != GIT_OBJECT_TREE) {
		git_odb_object_free(o);
		return err_set(d->e, ERR_SYNTAX, "a tree is no tree");
	}
	c.p = git_odb_object_data(o);
	c.end = c.p + git_odb_object_size(o);
	rc = merge(d, &c, cached, lo, hi, depth);
	git_odb_object_free(o);
	return rc;
}

int
tree_diff(git_odb *odb, const git_oid *tree, const struct index_file *x,
	  tree_diff_fn fn, void *data, struct err *e)
{
	struct diff d = {.odb = odb, .x = x, .fn = fn, .data = data, .e = e};
	const struct index_tree *root = x->trees;
	int rc;

	if (!tree)
		return only_index(&d, 0, x->n);
	if (root && root->id && !memcmp(root->id, tree->id, 20))
		return 0;
	push(&d, "", 0, false);
	rc = walk(&d, tree->id, root, 0, x->n, 0);
	talloc_free(d.path);
	return rc;
}
