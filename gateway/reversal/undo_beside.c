/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a thing goes whose own place is taken: beside, under a name that
 * nothing has.
 */
#include "reversal/undo_beside.h"
#include "base/own.h"
#include "base/path.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static bool
taken(int dirfd, const char *name)
{
	int parent OWNED_FD = -1;
	const char *base;
	struct stat st;

	parent = undo_parent(dirfd, name, &base);
	if (parent < 0)
		return errno != ENOENT;
	return fstatat(parent, base, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* stem, stem-2, stem-3 ... */
static char *
free_name(struct undo *u, int dirfd, const char *stem)
{
	char *name = talloc_strdup(u->ctx, stem);

	for (unsigned i = 2; name && taken(dirfd, name); i++) {
		talloc_free(name);
		name = talloc_asprintf(u->ctx, "%s-%u", stem, i);
	}
	if (!name)
		BUG("out of memory");
	return name;
}

/* The git dir of a linked work tree keeps its own things. */
static size_t
git_dir_length(const char *name)
{
	const char *slash;

	if (strncmp(name, "worktrees/", 10) != 0)
		return 0;
	slash = strchr(name + 10, '/');
	return slash ? (size_t)(slash - name) + 1 : 0;
}

static const char *
detour_of(struct undo *u, int dirfd, const char *blocked)
{
	struct detour *d;
	char *stem;

	for (size_t i = 0; i < u->ndetours; i++)
		if (u->detours[i].dirfd == dirfd &&
		    strcmp(u->detours[i].from, blocked) == 0)
			return u->detours[i].to;
	u->detours = talloc_realloc(u->ctx, u->detours, struct detour,
				    (unsigned)u->ndetours + 1);
	stem = talloc_asprintf(u->ctx, "%s.automode-restored", blocked);
	if (!u->detours || !stem)
		BUG("out of memory");
	d = &u->detours[u->ndetours++];
	*d = (struct detour){dirfd, blocked, free_name(u, dirfd, stem)};
	return d->to;
}

const char *
undo_beside(struct undo *u, const struct item *it)
{
	int dirfd = undo_dirfd(u, it);
	char *stem;

	/* what lay in it follows it there */
	if (it->before.kind == VALUE_DIR)
		return detour_of(u, dirfd, it->name);
	if (it->kind != ITEM_GITFILE) {
		stem =
		    talloc_asprintf(u->ctx, "%s.automode-restored", it->name);
	} else {
		size_t n = git_dir_length(it->name);

		stem = talloc_asprintf(
		    u->ctx, "%.*sautomode-restored-%llu-%s", (int)n, it->name,
		    (unsigned long long)u->m.id, it->name + n);
		for (char *p = stem ? stem + n : NULL; p && *p; p++)
			if (*p == '/')
				*p = '-';
	}
	if (!stem)
		BUG("out of memory");
	return free_name(u, dirfd, stem);
}

const char *
undo_detour(struct undo *u, const struct item *it)
{
	int dirfd = undo_dirfd(u, it);
	const char *name = it->name;
	char *to;

	for (const char *p = strchr(name + 1, '/'); p; p = strchr(p + 1, '/')) {
		char *dir = talloc_strndup(u->ctx, name, (size_t)(p - name));
		struct seen seen;

		if (!dir)
			BUG("out of memory");
		if (undo_see(u, dirfd, dir, &seen, NULL) < 0 ||
		    (seen.kind != SEEN_DIR && seen.kind != SEEN_ABSENT)) {
			to = talloc_asprintf(u->ctx, "%s%s",
					     detour_of(u, dirfd, dir), p);
			if (!to)
				BUG("out of memory");
			return free_name(u, dirfd, to);
		}
		talloc_free(dir);
	}
	return undo_beside(u, it);
}

int
undo_beside_ref(struct undo *u, struct step *s, struct err *e)
{
	const char *name = s->it->name;
	char *stem =
	    talloc_asprintf(u->ctx, "refs/automode/restored/%llu/%s",
			    (unsigned long long)u->m.id,
			    strncmp(name, "refs/", 5) == 0 ? name + 5 : name);
	struct value v;

	if (!stem)
		BUG("out of memory");
	s->as = stem;
	for (unsigned i = 2; i < 100; i++) {
		int rc = restore_ref_read(u, s->as, &v, e);

		if (rc < 0)
			return rc;
		if (v.kind == VALUE_ABSENT)
			return 0;
		s->as = talloc_asprintf(u->ctx, "%s-%u", stem, i);
		if (!s->as)
			BUG("out of memory");
	}
	return err_set(e, ERR_LIMIT, "too many refs named %s", stem);
}
