/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clean files whose bytes on disk are not the blob's: line ends were
 * converted, a filter such as LFS put something else there.  Only their raw
 * bytes can bring them back exactly.
 */
#include "base/file.h"
#include "base/memory.h"
#include "base/own.h"
#include "reversal/worktree_scan.h"
#include <string.h>
#include <sys/stat.h>

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Without "filter" or an encoding anywhere, a conversion changes the size:
 * it adds or takes away carriage returns, or expands $Id$. */
static bool
may_keep_size(git_repository *git, const char *path)
{
	const char *names[] = {"filter", "working-tree-encoding"}, *v[2];

	if (git_attr_get_many(v, git, GIT_ATTR_CHECK_FILE_THEN_INDEX, path, 2,
			      names) < 0)
		return true;
	return git_attr_value(v[0]) == GIT_ATTR_VALUE_STRING ||
	       git_attr_value(v[1]) == GIT_ATTR_VALUE_STRING;
}

static bool
is_converted(struct scan *s, git_odb *odb, const struct index_entry *ie,
	     const struct mark *m, bool attributes)
{
	git_object_t type;
	git_oid id;
	size_t size;

	git_oid_fromraw(&id, index_id(ie));
	if (git_odb_read_header(&size, &type, odb, &id) < 0 || size != m->size)
		return true;
	return attributes && may_keep_size(s->git, ie->path);
}

int
scan_converted(void *ctx, struct scan *s, struct places *p,
	       const char *const *only, size_t n, struct finds *out,
	       struct err *e)
{
	const char **sorted = NULL;
	git_odb *odb = NULL;

	(void)p;
	if (s->git && git_repository_odb(&odb, s->git) < 0)
		return err_git(e, "opening the object store");
	if (only) {
		sorted = have(talloc_array(ctx, const char *, n + 1));
		if (n) {
			memcpy(sorted, only, n * sizeof(*sorted));
			qsort(sorted, n, sizeof(*sorted), by_text);
		}
	}
	for (size_t i = 0; i < s->x.n; i++) {
		const struct index_entry *ie = &s->x.v[i];

		if (s->state[i] != TRACKED_CLEAN || !S_ISREG(s->marks[i].mode))
			continue;
		if (only && !(n && bsearch(&ie->path, sorted, n,
					   sizeof(*sorted), by_text)))
			continue;
		/* the vault borrows from the project's object store, not from
		 * those of its submodules */
		if (!odb || *s->prefix ||
		    is_converted(s, odb, ie, &s->marks[i],
				 s->nattributes || s->conversions))
			finds_add(out, ITEM_FILE, scan_name(ctx, s, ie->path),
				  FOUND_CONVERTED, 0, &s->marks[i]);
	}
	git_odb_free(odb);
	talloc_free(sorted);
	return 0;
}
