/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stages: a command that writes one file in the home folder or in /tmp gets an
 * empty folder there instead of the whole one (sandbox/needs.c).  What it left
 * under the name it was to write is renamed to its place when the box has
 * ended; the rest was temporary and goes.
 */
#include "base/file.h"
#include "base/limits.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "exec/running.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
stages_make(const struct bwrap_plan *plan, struct err *e)
{
	for (size_t i = 0; i < plan->nstages; i++)
		if (mkdir(plan->stages[i].dir, 0700) < 0)
			return err_sys(e, "making %s", plan->stages[i].dir);
	return 0;
}

/* The same file as before, which bwrap had copied there? */
static bool
unchanged(void *ctx, int from, int to, const char *name)
{
	char *a = NULL, *b = NULL;
	size_t alen = 0, blen = 0;
	bool same;

	same =
	    file_read(ctx, from, name, LIMIT_CONFIG_FILE, &a, &alen, NULL) ==
		0 &&
	    file_read(ctx, to, name, LIMIT_CONFIG_FILE, &b, &blen, NULL) == 0 &&
	    alen == blen && memcmp(a, b, alen) == 0;
	talloc_free(a);
	talloc_free(b);
	return same;
}

/* An existing file is replaced, as it was by the command inside; where a
 * folder or something else has come to lie meanwhile, that stays. */
static int
deliver(void *ctx, const struct bwrap_stage *s, const char *name, int from,
	int to, struct err *e)
{
	struct stat made, there;
	char *path;

	if (fstatat(from, name, &made, AT_SYMLINK_NOFOLLOW) < 0)
		return 0; /* the command did not make it */
	if (fstatat(to, name, &there, AT_SYMLINK_NOFOLLOW) == 0) {
		if (S_ISREG(made.st_mode) && S_ISREG(there.st_mode)) {
			if (unchanged(ctx, from, to, name))
				return 0;
			if (renameat(from, name, to, name) == 0)
				return 0;
		} else {
			errno = EEXIST;
		}
	} else if (renameat2(from, name, to, name, RENAME_NOREPLACE) == 0 ||
		   (errno == EINVAL && /* not every file system has it */
		    renameat(from, name, to, name) == 0)) {
		return 0;
	}
	path = talloc_asprintf(ctx, "%s/%s", s->place, name);
	err_sys(e, "%s was written, but not put in place",
		text_safe(ctx, path));
	return ERR_SYSTEM;
}

int
stages_deliver(void *ctx, const struct bwrap_plan *plan, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < plan->nstages; i++) {
		const struct bwrap_stage *s = &plan->stages[i];
		int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
		int from OWNED_FD = open(s->dir, flags);
		int to OWNED_FD = open(s->place, flags);

		if (from < 0 || to < 0) {
			rc =
			    err_sys(e, "the folder %s", text_safe(ctx, s->dir));
			continue;
		}
		for (size_t k = 0; s->names[k]; k++)
			if (deliver(ctx, s, s->names[k], from, to, e) < 0)
				rc = ERR_SYSTEM;
	}
	return rc;
}

void
stages_remove(const struct bwrap_plan *plan)
{
	for (size_t i = 0; i < plan->nstages; i++) {
		const struct bwrap_stage *s = &plan->stages[i];
		int place OWNED_FD = -1;

		if (rmdir(s->dir) == 0 || errno == ENOENT)
			continue;
		place = open(s->place, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (place >= 0)
			path_remove_tree(place, path_base(s->dir), NULL);
	}
}
