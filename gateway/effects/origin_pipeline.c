/* SPDX-License-Identifier: Apache-2.0 */
/* The programs behind one in a pipeline. */
#include "effects/origin_pipeline.h"
#include "base/file.h"
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CHILDREN (1u << 20) /* bytes of their numbers */
#define FEW	     16		/* where a shell keeps a pipe for a moment */

static bool
is_same(const char *path, const struct stat *st)
{
	struct stat other;

	return stat(path, &other) == 0 && other.st_dev == st->st_dev &&
	       other.st_ino == st->st_ino;
}

/* Its numbers, one a word. */
static char *
children_of(void *ctx, uint64_t parent)
{
	char path[64], *text;
	size_t len;

	snprintf(path, sizeof(path),
		 "/proc/%" PRIu64 "/task/%" PRIu64 "/children", parent, parent);
	return file_read(ctx, AT_FDCWD, path, MAX_CHILDREN, &text, &len,
			 NULL) == 0
		   ? text
		   : NULL;
}

int
origin_reader_writes(void *ctx, uint64_t parent, const struct stat *pipe,
		     char *link, size_t room)
{
	char *text = children_of(ctx, parent), *save = NULL;

	for (char *w = text ? strtok_r(text, " \n", &save) : NULL; w;
	     w = strtok_r(NULL, " \n", &save)) {
		snprintf(link, room, "/proc/%.20s/fd/0", w);
		if (!is_same(link, pipe))
			continue;
		snprintf(link, room, "/proc/%.20s/fd/1", w);
		return open(link, O_PATH | O_CLOEXEC);
	}
	return -1;
}

/* The shell that was forked, and holds the pipe anywhere. */
static bool
is_forked(const char *pid, const struct stat *shell, const struct stat *pipe)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%.20s/exe", pid);
	if (!is_same(path, shell))
		return false;
	for (int fd = 0; fd < FEW; fd++) {
		snprintf(path, sizeof(path), "/proc/%.20s/fd/%d", pid, fd);
		if (is_same(path, pipe))
			return true;
	}
	return false;
}

bool
origin_still_starts(void *ctx, uint64_t parent, int caller,
		    const struct stat *pipe)
{
	char path[64], *text, *save = NULL;
	struct stat shell;
	size_t len;

	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/stat", parent);
	if (file_read(ctx, AT_FDCWD, path, MAX_CHILDREN, &text, &len, NULL) !=
	    0)
		return false;
	text = strrchr(text, ')'); /* the name may hold anything */
	if (text && !strncmp(text, ") R", 3))
		return true;
	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/exe", parent);
	if (stat(path, &shell) != 0)
		return false;
	text = children_of(ctx, parent);
	for (char *w = text ? strtok_r(text, " \n", &save) : NULL; w;
	     w = strtok_r(NULL, " \n", &save))
		if (strtol(w, NULL, 10) != caller && is_forked(w, &shell, pipe))
			return true;
	return false;
}
