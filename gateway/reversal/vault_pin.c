/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What keeps an entry's objects alive: refs/entries/<id> points at a commit
 * whose tree holds the blobs and whose parents are the commits; objects of
 * other kinds (tags) get a ref each below refs/objects/<id>/.
 */
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "reversal/vault_store.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* parents of one commit; more are chained, so that no object grows huge */
#define PARENTS 64

static int
by_hex(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, each once. */
static const char **
sorted(void *ctx, const char *const *v, size_t *n)
{
	const char **s = have(talloc_array(ctx, const char *, *n + 1));
	size_t k = 0;

	if (*n)
		memcpy(s, v, *n * sizeof(*s));
	qsort(s, *n, sizeof(*s), by_hex);
	for (size_t i = 0; i < *n; i++)
		if (i == 0 || strcmp(s[i], s[i - 1]))
			s[k++] = s[i];
	*n = k;
	return s;
}

/* A tree that names each blob by its own id. */
static int
put_tree(struct vault *v, const char *const *blobs, size_t n, char hex[41],
	 struct err *e)
{
	void *ctx = have(talloc_new(NULL));
	const char **s = sorted(ctx, blobs, &n);
	/* "100644 " + 40 + NUL + 20 */
	char *buf = have(talloc_array(ctx, char, n * 68 + 1)), *p = buf;
	git_oid id;
	int rc = 0;

	for (size_t i = 0; i < n && !rc; i++) {
		if (strlen(s[i]) != 40 || git_oid_fromstr(&id, s[i]) < 0)
			BUG("pin of \"%s\"", s[i]);
		memcpy(p, "100644 ", 7);
		memcpy(p + 7, s[i], 41);
		memcpy(p + 48, id.id, 20);
		p += 68;
	}
	rc = vault_put_object(v, GIT_OBJECT_TREE, buf, (size_t)(p - buf), hex,
			      e);
	talloc_free(ctx);
	return rc;
}

static int
put_commit(struct vault *v, uint64_t id, const char *tree,
	   const char *const *parents, size_t n, const char *next, char hex[41],
	   struct err *e)
{
	char *text = have(talloc_asprintf(NULL, "tree %s\n", tree));
	int rc;

	for (size_t i = 0; i < n; i++)
		text = have(
		    talloc_asprintf_append(text, "parent %s\n", parents[i]));
	if (next)
		text = have(talloc_asprintf_append(text, "parent %s\n", next));
	text = have(talloc_asprintf_append(
	    text,
	    "author automode <automode@localhost> 0 +0000\n"
	    "committer automode <automode@localhost> 0 +0000\n\n"
	    "entry %" PRIu64 "\n",
	    id));
	rc = vault_put_object(v, GIT_OBJECT_COMMIT, text, strlen(text), hex, e);
	talloc_free(text);
	return rc;
}

/* No fsync of its own: the manifest's comes after it and, on one file
 * system, covers it. */
static int
put_ref(struct vault *v, const char *dir, const char *name, const char *hex,
	struct err *e)
{
	char *path =
	    have(talloc_asprintf(NULL, "kept.git/refs/%s/%s", dir, name));
	char *lock = have(talloc_asprintf(path, "%s.lock", path)), line[42];
	int fd OWNED_FD =
	    openat(v->dir_fd, lock,
		   O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	int rc = 0;

	snprintf(line, sizeof(line), "%s\n", hex);
	if (fd < 0 || file_write_all(fd, line, 41) < 0 ||
	    renameat(v->dir_fd, lock, v->dir_fd, path) < 0)
		rc = err_sys(e, "pinning in the vault");
	talloc_free(path);
	return rc;
}

/* Only commits can be parents; what a tag names is pinned too. */
static int
pin_other(struct vault *v, const char *dir, const char *hex,
	  const char **commit, void *ctx, struct err *e)
{
	git_object *o = NULL, *peeled = NULL;
	git_oid id;
	int rc = 0;

	*commit = NULL;
	if (git_oid_fromstr(&id, hex) < 0 ||
	    git_object_lookup(&o, v->git, &id, GIT_OBJECT_ANY) < 0)
		return 0; /* a ref that was broken before */
	if (git_object_type(o) == GIT_OBJECT_COMMIT) {
		*commit = hex;
	} else {
		rc = vault_adopt(v, NULL, &id, e);
		if (!rc && mkdirat(v->dir_fd, dir, 0700) < 0 && errno != EEXIST)
			rc = err_sys(e, "pinning in the vault");
		if (!rc)
			rc = put_ref(v, dir + strlen("kept.git/refs/"), hex,
				     hex, e);
		if (!rc && git_object_peel(&peeled, o, GIT_OBJECT_COMMIT) == 0)
			*commit = have(talloc_strdup(
			    ctx, git_oid_tostr_s(git_object_id(peeled))));
	}
	git_object_free(peeled);
	git_object_free(o);
	return rc;
}

int
vault_pin(struct vault *v, uint64_t id, const char *const *blobs, size_t nblobs,
	  const char *const *commits, size_t ncommits, struct err *e)
{
	void *ctx = have(talloc_new(NULL));
	char tree[41], none[41], hex[41], next[41] = "";
	char *dir =
	    have(talloc_asprintf(ctx, "kept.git/refs/objects/%" PRIu64, id));
	const char **parents, **list = sorted(ctx, commits, &ncommits);
	size_t n = 0;
	int rc;

	parents = have(talloc_array(ctx, const char *, ncommits + 1));
	rc = put_tree(v, blobs, nblobs, tree, e);
	for (size_t i = 0; i < ncommits && !rc; i++) {
		rc = pin_other(v, dir, list[i], &parents[n], ctx, e);
		if (!rc && parents[n])
			n++;
	}
	if (!rc && n > PARENTS)
		rc = put_tree(v, NULL, 0, none, e);
	while (!rc && n > PARENTS) {
		n -= PARENTS;
		rc = put_commit(v, id, none, parents + n, PARENTS,
				*next ? next : NULL, hex, e);
		memcpy(next, hex, sizeof(next));
	}
	if (!rc)
		rc = put_commit(v, id, tree, parents, n, *next ? next : NULL,
				hex, e);
	if (!rc) {
		char name[24];

		snprintf(name, sizeof(name), "%" PRIu64, id);
		rc = put_ref(v, "entries", name, hex, e);
	}
	talloc_free(ctx);
	return rc;
}

/* The alternates without the line of an entry's objects. */
static int
return_borrowed(struct vault *v, const char *objects_dir, struct err *e)
{
	char *text = NULL, *line, *at;
	size_t len = 0, n;
	int fd = vault_inner(v)->objects_fd, rc;

	rc = file_read(v, fd, "info/alternates", 1 << 20, &text, &len, e);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	line = have(talloc_asprintf(v, "%s\n", objects_dir));
	at = strstr(text, line);
	n = strlen(line);
	if (!at)
		return 0;
	memmove(at, at + n, strlen(at + n) + 1);
	return file_write(fd, "info/alternates", text, strlen(text), 0600, e);
}

int
vault_drop(struct vault *v, uint64_t id, struct err *e)
{
	void *ctx = have(talloc_new(NULL));
	char *dir = vault_entry_dir(ctx, v, id);
	char *rel = have(talloc_asprintf(ctx, "entries/%" PRIu64, id));
	char *ref =
	    have(talloc_asprintf(ctx, "kept.git/refs/entries/%" PRIu64, id));
	char *refs =
	    have(talloc_asprintf(ctx, "kept.git/refs/objects/%" PRIu64, id));
	char *objects = have(talloc_asprintf(ctx, "%s/objects", dir));
	int rc = 0;

	if (unlinkat(v->dir_fd, ref, 0) < 0 && errno != ENOENT)
		rc = err_sys(e, "dropping entry %" PRIu64, id);
	if (!rc)
		rc = path_remove_tree(v->dir_fd, refs, e);
	if (!rc && path_exists(objects) && vault_open_kept(v, e) == 0)
		rc = return_borrowed(v, objects, e);
	if (!rc)
		rc = path_remove_tree(v->dir_fd, rel, e);
	talloc_free(ctx);
	return rc < 0 ? err_wrap(e, "entry %" PRIu64, id) : 0;
}
