/* SPDX-License-Identifier: Apache-2.0 */
/* The programs behind one in a pipeline. */
#include "effects/origin_pipeline.h"
#include "base/file.h"
#include "base/own.h"
#include "invocation/program.h"
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#define MAX_CHILDREN (1u << 20) /* bytes of their numbers */
#define FEW	     16		/* where a shell keeps a pipe for a moment */
#define DEEP	     4		/* shells in shells */

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

static bool
works(const char *pid)
{
	char path[64], text[512], *end;
	int fd OWNED_FD = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%.20s/exe", pid);
	if (program_is_shim(path))
		return true;
	snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	text[n < 0 ? 0 : n] = '\0';
	end = strrchr(text, ')');
	return end && (!strncmp(end, ") R", 3) || !strncmp(end, ") D", 3));
}

/* Another one's than its input. */
static bool
has_pipe(const char *pid, const struct stat *pipe)
{
	char path[64];

	for (int fd = 1; fd < FEW; fd++) {
		snprintf(path, sizeof(path), "/proc/%.20s/fd/%d", pid, fd);
		if (is_same(path, pipe))
			return true;
	}
	return false;
}

/* pipe NULL: all of them, wherever they write. */
static bool
some_work(void *ctx, uint64_t parent, int caller, const struct stat *pipe,
	  int deep)
{
	char *text = deep ? children_of(ctx, parent) : NULL, *save = NULL;

	for (char *w = text ? strtok_r(text, " \n", &save) : NULL; w;
	     w = strtok_r(NULL, " \n", &save)) {
		bool writes = !pipe || has_pipe(w, pipe);

		if (strtol(w, NULL, 10) == caller)
			continue;
		if (writes && works(w))
			return true;
		if (some_work(ctx, strtoull(w, NULL, 10), caller,
			      writes ? NULL : pipe, deep - 1))
			return true;
	}
	return false;
}

bool
origin_writer_works(uint64_t parent, int caller, const struct stat *pipe)
{
	void *ctx = talloc_new(NULL);
	bool yes = some_work(ctx, parent, caller, pipe, DEEP) ||
		   some_work(ctx, (uint64_t)caller, caller, pipe, DEEP);

	talloc_free(ctx);
	return yes;
}
