/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Undo where the objects are sha256: what libgit2 1.5 cannot look up is asked
 * of the git binary, and the entry's own pack goes back only when the project
 * has lost something of it.
 */
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/spawn.h"
#include "base/text.h"
#include "reversal/by_git_run.h"
#include "reversal/undo_work.h"
#include <dirent.h>
#include <fcntl.h>
#include <string.h>

static char *
entry_objects(struct undo *u)
{
	return have(talloc_asprintf(u->ctx, "%s/objects", u->entry_dir));
}

/* Of ids, one a line, how many the project (with more objects) has not. */
static int
count_missing(struct undo *u, const char *ids, const char *objects,
	      size_t *missing, struct err *e)
{
	const char *argv[] = {"cat-file", "--batch-check=%(objectname)", NULL};
	struct by_git b = {.argv = argv,
			   .gitdir = u->m.commondir,
			   .objects = objects,
			   .input = ids};
	size_t len;
	char *out;
	int status, rc = by_git_run(u->ctx, &b, &out, &len, &status, e);

	if (rc < 0 || status)
		return rc < 0 ? rc : ERR_UNKNOWN;
	*missing = 0;
	for (const char *p = out; p && *p; p = strchr(p, '\n')) {
		p += *p == '\n';
		*missing += strcspn(p, "\n") > 64;
	}
	return 0;
}

int
restore_by_git_has(struct undo *u, const char *hex, struct err *e)
{
	char *line = have(talloc_asprintf(u->ctx, "%s\n", hex));
	char *objects = entry_objects(u);
	size_t missing = 0;
	int rc = count_missing(u, line, path_exists(objects) ? objects : NULL,
			       &missing, e);

	if (rc < 0)
		return err_wrap(e, "object %s", hex);
	return missing ? err_set(e, ERR_UNKNOWN, "object %s is gone", hex) : 0;
}

/* "<offset> <id> (<crc>)" a line; the ids alone. */
static char *
ids_of(struct undo *u, const char *idx, struct err *e)
{
	static const char *const argv[] = {"git", "show-index",
					   "--object-format=sha256", NULL};
	struct spawn s = {.program = "/usr/bin/git",
			  .argv = argv,
			  .env = restore_git_env,
			  .max_output = 256u << 20};
	char *ids = have(talloc_strdup(u->ctx, "")), *bytes = NULL;
	size_t len = 0;

	if (file_read(u->ctx, AT_FDCWD, idx, 1u << 30, &bytes, &len, e) != 0)
		return NULL;
	s.input = bytes;
	s.input_len = len;
	if (spawn_run(u->ctx, &s, e) < 0 || s.status)
		return NULL;
	for (const char *p = s.output; p && *p; p = strchr(p, '\n')) {
		const char *id;

		p += *p == '\n';
		id = strchr(p, ' ');
		if (id && strcspn(id + 1, " \n") == 64)
			ids =
			    have(talloc_strndup_append_buffer(ids, id + 1, 64)),
			ids = have(talloc_strdup_append_buffer(ids, "\n"));
	}
	return ids;
}

bool
restore_by_git_complete(struct undo *u)
{
	char *dir = have(talloc_asprintf(u->ctx, "%s/pack", entry_objects(u)));
	DIR *d = opendir(dir);
	const struct dirent *entry;
	bool complete = d != NULL;

	while (complete && (entry = readdir(d))) {
		const char *dot = strrchr(entry->d_name, '.');
		size_t missing = 1;
		char *ids;

		if (!dot || strcmp(dot, ".idx") != 0)
			continue;
		ids = ids_of(
		    u,
		    have(talloc_asprintf(u->ctx, "%s/%s", dir, entry->d_name)),
		    NULL);
		complete = ids &&
			   count_missing(u, ids, NULL, &missing, NULL) == 0 &&
			   missing == 0;
	}
	if (d)
		closedir(d);
	return complete;
}
