/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The object store by hard links: git never rewrites its files in place
 * (git-effects.md 4.2(f)).  Afterwards only what the store no longer has
 * stays.
 */
#include "base/limits.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/by_git.h"
#include "reversal/reversal_work.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIM_MOST 20000u /* lost objects that are written one by one */

struct store {
	struct reversal *r;
	struct places *from;
	int to; /* entries/<id>/objects */
	uint64_t bytes;
	bool copy;
};

static bool
skipped(const char *dir, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(name, "tmp_", 4) ||
	       (n > 5 && !strcmp(name + n - 5, ".lock")) ||
	       (!strcmp(dir, "info") && !strcmp(name, "alternates"));
}

static int
link_one(struct store *s, const char *rel, const struct stat *st, struct err *e)
{
	if (s->copy) {
		s->bytes += (uint64_t)st->st_size;
		if (s->bytes > LIMIT_COPY_BYTES)
			return err_set(e, ERR_LIMIT,
				       "the object store is too large to copy");
	}
	return places_link(s->from, rel, s->copy, s->to, rel, e);
}

static int
link_dir(struct store *s, int fd, const char *dir, int depth, struct err *e)
{
	int sub = openat(fd, *dir ? path_base(dir) : ".",
			 O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = sub < 0 ? NULL : fdopendir(sub);
	const struct dirent *entry;
	struct stat st;
	int rc = 0;

	if (!d) {
		if (sub >= 0)
			close(sub);
		return err_sys(e, "reading the object store");
	}
	while (!rc && (entry = readdir(d))) {
		char *rel;

		if (entry->d_name[0] == '.' || skipped(dir, entry->d_name) ||
		    fstatat(sub, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		rel = have(talloc_asprintf(s->r, "%s%s%s", dir, *dir ? "/" : "",
					   entry->d_name));
		if (S_ISREG(st.st_mode)) {
			rc = link_one(s, rel, &st, e);
			/* gone meanwhile: packed by another process, and the
			 * pack comes or has come */
			if (rc < 0 && errno == ENOENT)
				rc = 0;
		} else if (S_ISDIR(st.st_mode) && depth < 4) {
			if (mkdirat(s->to, rel, 0700) < 0 && errno != EEXIST)
				rc = err_sys(e, "keeping the object store");
			else
				rc = link_dir(s, sub, rel, depth + 1, e);
		}
		talloc_free(rel);
	}
	closedir(d);
	return rc;
}

int
keep_objects(struct reversal *r, struct err *e)
{
	char *from = have(talloc_asprintf(r, "%s/objects", r->repo->commondir));
	char *to = have(talloc_asprintf(r, "%s/objects", r->dir));
	int from_fd OWNED_FD = -1, to_fd OWNED_FD = -1, rc;
	struct store s = {.r = r, .copy = !r->can_link};
	struct item *it;

	if (mkdir(to, 0700) < 0)
		return err_sys(e, "keeping the object store");
	from_fd = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	to_fd = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (from_fd < 0 || to_fd < 0)
		return err_sys(e, "keeping the object store");
	s.from = places_new(r, from_fd);
	s.to = to_fd;
	rc = link_dir(&s, from_fd, "", 0, e);
	TALLOC_FREE(s.from);
	if (rc < 0)
		return err_wrap(e, "keeping the object store");
	it = manifest_add(&r->m, ITEM_OBJECTS, "objects");
	it->before = (struct value){.kind = VALUE_KEPT,
				    .mode = 040755,
				    .size = s.bytes,
				    .text = "objects"};
	r->bytes += s.bytes;
	if (by_git_wanted(r))
		return 0;
	return vault_borrow(r->vault, to, e);
}

/* --- afterwards -------------------------------------------------------- */

struct missing {
	struct reversal *r;
	git_odb *now;
	git_oid *v;
	size_t n, room;
	bool too_many;
};

static int
check_one(const git_oid *id, void *data)
{
	struct missing *m = data;

	if (git_odb_exists_ext(m->now, id, GIT_ODB_LOOKUP_NO_REFRESH))
		return 0;
	if (m->n >= TRIM_MOST) {
		m->too_many = true;
		return GIT_EUSER;
	}
	GROW(m->r, m->v, m->n, m->room);
	m->v[m->n++] = *id;
	return 0;
}

static int
find_missing(struct missing *m, struct err *e)
{
	struct reversal *r = m->r;
	git_odb *kept = NULL;
	int rc;

	rc =
	    git_odb_open(&kept, have(talloc_asprintf(r, "%s/objects", r->dir)));
	if (rc == 0)
		rc = git_odb_open(
		    &m->now,
		    have(talloc_asprintf(r, "%s/objects", r->repo->commondir)));
	if (rc == 0)
		rc = git_odb_foreach(kept, check_one, m);
	/* a store that is gone or damaged has lost all that we cannot see */
	m->too_many |= rc < 0 && rc != GIT_EUSER && kept != NULL;
	git_odb_free(kept);
	git_odb_free(m->now);
	if (m->too_many)
		return 0;
	if (rc < 0)
		return err_git(e, "comparing the object store");
	return 0;
}

/* A folder with the lost objects alone takes the place of the whole store's
 * links. */
static int
replace_store(struct reversal *r, const struct missing *m, struct err *e)
{
	char *few = have(talloc_asprintf(r, "%s/few", r->dir));
	char *all = have(talloc_asprintf(r, "%s/objects", r->dir));
	int fd OWNED_FD = -1, dir OWNED_FD = -1, rc = 0;

	if (mkdir(few, 0700) < 0)
		return err_sys(e, "keeping lost objects");
	fd = open(few, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = open(r->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < m->n && !rc; i++) {
		char hex[41], path[42], sub[3];

		git_oid_tostr(hex, sizeof(hex), &m->v[i]);
		snprintf(path, sizeof(path), "%.2s/%.38s", hex, hex + 2);
		snprintf(sub, sizeof(sub), "%.2s", hex);
		rc = vault_adopt(r->vault, NULL, &m->v[i], e);
		if (rc == 0 && mkdirat(fd, sub, 0700) < 0 && errno != EEXIST)
			rc = err_sys(e, "keeping lost objects");
		if (rc == 0 && linkat(vault_inner(r->vault)->objects_fd, path,
				      fd, path, 0) < 0)
			rc = err_sys(e, "keeping lost objects");
	}
	if (rc == 0)
		rc = vault_settle(r->vault, e);
	if (rc == 0 &&
	    renameat2(AT_FDCWD, few, AT_FDCWD, all, RENAME_EXCHANGE) < 0)
		rc = err_sys(e, "keeping lost objects");
	if (dir >= 0)
		path_remove_tree(dir, "few", NULL);
	return rc;
}

int
keep_objects_trim(struct reversal *r, size_t *left, struct err *e)
{
	struct missing m = {.r = r};
	int rc;

	if (by_git_wanted(r))
		return by_git_trim(r, left, e);
	rc = find_missing(&m, e);

	*left = m.too_many ? TRIM_MOST : m.n;
	/* when in doubt all of it stays */
	if (rc < 0 || m.too_many || !m.n)
		return rc;
	replace_store(r, &m, NULL);
	return 0;
}
