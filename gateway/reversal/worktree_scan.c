/* SPDX-License-Identifier: Apache-2.0 */
/* Tracked files against the index. */
#include "reversal/worktree_scan.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "effects/losses.h"
#include "reversal/by_git.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Reading costs 1 s for 200 MB; beyond this a file that may have changed
 * counts as changed. */
#define LIMIT_COMPARE	   (256ull << 20)
#define LIMIT_COMPARE_FILE (64ull << 20)

const char *
scan_name(void *ctx, const struct scan *s, const char *path)
{
	return *s->prefix ? have(talloc_asprintf(ctx, "%s%s", s->prefix, path))
			  : path;
}

static bool
same_type(const struct scan *s, uint32_t mode, uint32_t disk)
{
	switch (mode & 0170000) {
	case 0100000:
		return S_ISREG(disk) &&
		       (s->any_mode || !(mode & 0100) == !(disk & 0100));
	case 0120000:
		return S_ISLNK(disk);
	case 0160000:
	case 0040000:
		return S_ISDIR(disk);
	}
	return false;
}

/* An entry as young as the index may hide a change in the same tick. */
bool
scan_stat_clean(const struct index_file *x, const struct index_entry *ie,
		const struct mark *m)
{
	const unsigned char *raw = ie->raw;
	uint32_t sec = be32(raw + 8), ns = be32(raw + 12);
	struct timespec t = x->mtime;

	if (be32(raw) != (uint32_t)m->ctime_s || be32(raw + 4) != m->ctime_ns ||
	    sec != (uint32_t)m->mtime_s || ns != m->mtime_ns ||
	    be32(raw + 20) != (uint32_t)m->ino ||
	    be32(raw + 36) != (uint32_t)m->size)
		return false;
	return sec < (uint32_t)t.tv_sec ||
	       (sec == (uint32_t)t.tv_sec && ns < (uint32_t)t.tv_nsec);
}

/* Raw bytes hash to the entry's blob?  *known: it could be told. */
static bool
content_same(void *ctx, struct scan *s, struct places *p, const char *name,
	     const struct index_entry *ie, struct mark *m)
{
	char *bytes;
	size_t len;
	unsigned char id256[32];
	git_oid id;
	bool same;

	if (m->size > LIMIT_COMPARE_FILE || s->hashed + m->size > LIMIT_COMPARE)
		return false;
	s->hashed += m->size;
	if (places_read(ctx, p, name, LIMIT_COMPARE_FILE, m, &bytes, &len,
			NULL) < 0)
		return false;
	if (s->x.id_len == 32) {
		by_git_hash(bytes, len, id256);
		same = !memcmp(id256, index_id(ie), 32);
	} else {
		same = git_odb_hash(&id, bytes, len, GIT_OBJECT_BLOB) == 0 &&
		       !memcmp(id.id, index_id(ie), 20);
	}
	talloc_free(bytes);
	return same;
}

/* Not the blob, but what git would store for it: its line ends differ.
 * Filters are not run. */
static bool
filtered_same(struct scan *s, const struct index_entry *ie,
	      const struct mark *m)
{
	git_oid id;

	if (!s->conversions || !s->git || !S_ISREG(m->mode) ||
	    m->size > LIMIT_COMPARE_FILE)
		return false;
	s->hashed += m->size;
	return s->hashed <= LIMIT_COMPARE &&
	       git_repository_hashfile(&id, s->git, ie->path, GIT_OBJECT_BLOB,
				       NULL) == 0 &&
	       !memcmp(id.id, index_id(ie), 20);
}

static void
dirty(void *ctx, struct scan *s, size_t i, enum tracked_state state,
      unsigned losses, struct finds *out)
{
	const struct index_entry *ie = &s->x.v[i];
	const char *name = scan_name(ctx, s, ie->path);

	s->state[i] = (unsigned char)state;
	if (state == TRACKED_DELETED)
		s->deleted++;
	else
		s->modified++;
	finds_add(out, ITEM_FILE, name,
		  state == TRACKED_DELETED ? FOUND_DELETED : FOUND_MODIFIED,
		  losses, &s->marks[i]);
}

static void
look(void *ctx, struct scan *s, struct places *p, size_t i, int rc,
     unsigned losses, struct finds *out)
{
	const struct index_entry *ie = &s->x.v[i];
	struct mark *m = &s->marks[i];
	uint32_t mode = index_mode(ie);
	const char *name = ie->path;
	char *made = NULL;

	if (*s->prefix)
		name = made =
		    have(talloc_asprintf(ctx, "%s%s", s->prefix, ie->path));
	if (rc == ENOTDIR || rc == ELOOP) {
		dirty(ctx, s, i, TRACKED_BLOCKED, losses, out);
	} else if (rc) {
		if (index_skip_worktree(ie) || (mode & 0170000) == 0160000)
			s->state[i] = TRACKED_SPARSE;
		else
			dirty(ctx, s, i, TRACKED_DELETED, losses, out);
	} else if ((mode & 0170000) == 0160000 || (mode & 0170000) == 0040000) {
		/* what is in a submodule is its own repository's */
		if (!S_ISDIR(m->mode))
			dirty(ctx, s, i, TRACKED_MODIFIED, losses, out);
	} else if (S_ISDIR(m->mode)) {
		dirty(ctx, s, i, TRACKED_BLOCKED, losses, out);
	} else if (index_stage(ie) || index_intent_to_add(ie) ||
		   !same_type(s, mode, m->mode)) {
		dirty(ctx, s, i, TRACKED_MODIFIED, losses, out);
	} else if (!scan_stat_clean(&s->x, ie, m) &&
		   !content_same(ctx, s, p, name, ie, m)) {
		if (*s->prefix || !filtered_same(s, ie, m))
			dirty(ctx, s, i, TRACKED_MODIFIED, losses, out);
	}
	talloc_free(made);
}

/* The directory of an entry, seen for the first time: attributes in it, and
 * its mode where git would not make it with that one. */
static void
new_directory(void *ctx, struct scan *s, struct places *p, size_t i,
	      struct finds *out)
{
	const char *path = s->x.v[i].path, *slash = strrchr(path, '/');
	const char *name = scan_name(ctx, s, path);
	const char *leaf;
	struct mark m;
	struct stat st;
	int dir = places_parent(p, name, &leaf);

	if (dir < 0)
		return;
	if (faccessat(dir, ".gitattributes", F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		s->conversions = true;
		GROW(ctx, s->attributes, s->nattributes, s->room);
		s->attributes[s->nattributes++] =
		    slash ? have(talloc_strndup(ctx, path,
						(size_t)(slash - path)))
			  : "";
	}
	if (!slash || fstat(dir, &st) < 0 ||
	    (st.st_mode & 07777) == (0777 & ~s->umask))
		return;
	mark_set(&m, &st);
	name = have(
	    talloc_strndup(ctx, name, (size_t)(strrchr(name, '/') - name)));
	finds_add(out, ITEM_FILE, name, FOUND_DIR, 0, &m);
}

int
scan_tracked(void *ctx, struct scan *s, struct places *p, unsigned losses,
	     struct finds *out, struct err *e)
{
	const char *last = NULL;
	unsigned char *errors;
	size_t last_len = 0;

	if (s->x.split)
		return err_set(e, ERR_UNKNOWN, "the index is split");
	s->marks = have(talloc_zero_array(ctx, struct mark, s->x.n + 1));
	s->state = have(talloc_zero_array(ctx, unsigned char, s->x.n + 1));
	errors = have(talloc_zero_array(ctx, unsigned char, s->x.n + 1));
	marks_take(s, p->root, s->marks, errors);
	/* attributes first: they decide what "same content" means */
	for (size_t i = 0; i < s->x.n; i++) {
		const char *path = s->x.v[i].path;
		const char *slash = strrchr(path, '/');
		size_t n = slash ? (size_t)(slash - path) : 0;

		if (!last || n != last_len || memcmp(last, path, n))
			new_directory(ctx, s, p, i, out);
		last = path;
		last_len = n;
		if (index_stage(&s->x.v[i]) && i &&
		    !strcmp(s->x.v[i - 1].path, path)) {
			s->marks[i] = s->marks[i - 1];
			s->state[i] = s->state[i - 1];
			continue;
		}
		s->unmerged += index_stage(&s->x.v[i]) != 0;
		s->intended += index_intent_to_add(&s->x.v[i]);
		look(ctx, s, p, i, errors[i], losses, out);
	}
	talloc_free(errors);
	return 0;
}

void
scan_count_staged(struct scan *s, const char *path,
		  const struct index_entry *in_index)
{
	if (in_index && index_stage(in_index) > 1 && in_index > s->x.v &&
	    !strcmp(in_index[-1].path, in_index->path))
		return;
	s->staged++;
	if (s->nstaged_names < 5)
		s->staged_names[s->nstaged_names++] =
		    have(talloc_strdup(s->x.v, path));
}

static int
count_staged(void *data, const char *path, const struct tree_entry *in_tree,
	     const struct index_entry *in_index)
{
	(void)in_tree;
	scan_count_staged(data, path, in_index);
	return 0;
}

int
scan_staged(void *ctx, struct scan *s, const git_oid *head_tree, struct err *e)
{
	git_odb *odb = NULL;
	int rc;

	if (!s->x.v)
		s->x.v = have(talloc_zero_array(ctx, struct index_entry, 1));
	if (s->x.split || s->x.id_len != 20 || !s->git)
		return err_set(e, ERR_UNKNOWN, "the index cannot be compared");
	if (git_repository_odb(&odb, s->git) < 0)
		return err_git(e, "opening the object store");
	s->staged = s->nstaged_names = 0;
	rc = tree_diff(odb, head_tree, &s->x, count_staged, s, e);
	git_odb_free(odb);
	return rc;
}
