/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What git would write when it checks out a blob at a path: line endings and
 * $Id$ by libgit2; filter drivers and other encodings, which libgit2 1.5 does
 * not know, by git itself in a box, since a driver is somebody's program.
 */
#include "base/own.h"
#include "reversal/undo_work.h"

static bool
attribute_set(git_repository *git, const char *path, const char *name)
{
	const char *value = NULL;

	if (git_attr_get(&value, git, GIT_ATTR_CHECK_FILE_THEN_INDEX, path,
			 name) < 0)
		return true;
	return git_attr_value(value) == GIT_ATTR_VALUE_STRING;
}

static int
by_git(struct undo *u, void *ctx, const char *path, const char *hex,
       char **bytes, size_t *len, struct err *e)
{
	const char *argv[] = {"git",
			      "-c",
			      "safe.directory=*",
			      "-C",
			      u->m.worktree,
			      talloc_asprintf(ctx, "--git-dir=%s", u->m.gitdir),
			      "cat-file",
			      "--filters",
			      talloc_asprintf(ctx, "--path=%s", path),
			      hex,
			      NULL};
	struct restore_box b = {
	    .argv = argv, .read = u->m.worktree, .max_output = 256u << 20};
	int rc;

	if (!argv[5] || !argv[8])
		BUG("out of memory");
	rc = restore_box_run(u, ctx, &b, e);
	*bytes = b.output;
	*len = b.output_len;
	return rc;
}

int
restore_filter(struct undo *u, void *ctx, const char *path, const char *hex,
	       char **bytes, size_t *len, struct err *e)
{
	git_repository *git = undo_git(u);
	git_filter_list *filters = NULL;
	git_buf out = GIT_BUF_INIT;
	char *raw;
	int rc;

	if (!git || attribute_set(git, path, "filter") ||
	    attribute_set(git, path, "working-tree-encoding"))
		return by_git(u, ctx, path, hex, bytes, len, e);
	rc = vault_get(ctx, u->vault, hex, bytes, len, e);
	if (rc < 0)
		return rc;
	if (git_filter_list_load(&filters, git, NULL, path,
				 GIT_FILTER_TO_WORKTREE,
				 GIT_FILTER_DEFAULT) < 0)
		return err_git(e, "the filters of %s", path);
	if (!filters)
		return 0;
	raw = *bytes;
	if (git_filter_list_apply_to_buffer(&out, filters, raw, *len) < 0) {
		rc = err_git(e, "filtering %s", path);
	} else {
		*bytes = talloc_memdup(ctx, out.ptr ? out.ptr : "", out.size);
		if (!*bytes)
			BUG("out of memory");
		*len = out.size;
		talloc_free(raw);
	}
	git_buf_dispose(&out);
	git_filter_list_free(filters);
	return rc;
}
