/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folder with the shims of interpreters: links to shims/run.c's program in
 * the runtime folder, only for those that are there, since scripts ask whether
 * there is a python or a node.  Its name says which, so that it never changes.
 */
#include "base/path.h"
#include "base/text.h"
#include "cli/env.h"
#include "invocation/program.h"
#include "places.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#define FOLDER "interpreters-"
#define DIGITS 8 /* of its sum */

bool
env_is_interpreters(const char *entry, size_t len)
{
	const char *base = memrchr(entry, '/', len);

	return base &&
	       len - (size_t)(base - entry) == sizeof(FOLDER) + DIGITS &&
	       !strncmp(base + 1, FOLDER, sizeof(FOLDER) - 1) &&
	       strspn(base + sizeof(FOLDER), "0123456789abcdef") >= DIGITS;
}

/* Is there a real one on this PATH? */
static bool
is_there(void *ctx, const char *path, const char *name)
{
	struct stat st;
	size_t len;

	for (;; path += len + 1) {
		char *dir, *file;

		len = strcspn(path, ":");
		dir = talloc_strndup(ctx, path, len);
		file = talloc_asprintf(ctx, "%s/%s", *dir ? dir : ".", name);
		if (!env_is_interpreters(path, len) && stat(file, &st) == 0 &&
		    S_ISREG(st.st_mode) && access(file, X_OK) == 0 &&
		    !program_is_shim(file))
			return true;
		if (!path[len])
			return false;
	}
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Those that are there, sorted. */
static size_t
those_there(void *ctx, const char *asking, const char *path,
	    const char *names[64])
{
	DIR *d = opendir(asking);
	struct dirent *ent;
	size_t n = 0;

	while (d && n < 64 && (ent = readdir(d)))
		if (*ent->d_name != '.' && is_there(ctx, path, ent->d_name))
			names[n++] = talloc_strdup(ctx, ent->d_name);
	if (d)
		closedir(d);
	qsort(names, n, sizeof(*names), by_name);
	return n;
}

static bool
link_to(const char *run, const char *link)
{
	char to[4096];
	ssize_t n = readlink(link, to, sizeof(to) - 1);

	if (n > 0) {
		to[n] = '\0';
		if (!strcmp(to, run))
			return true;
	}
	return (n < 0 || unlink(link) == 0) && symlink(run, link) == 0;
}

char *
env_interpreters(void *ctx, const char *path)
{
	const char *lib = path_parent(ctx, program_shim_dir()), *names[64];
	char *run = path_join(ctx, lib, "run"), *runtime, *dir;
	uint32_t sum = 2166136261u;
	struct err e = {0};
	size_t n;

	if (access(run, X_OK) != 0 ||
	    places_runtime(ctx, false, &runtime, &e) < 0)
		return NULL;
	n = those_there(ctx, path_join(ctx, lib, "shims-run"), path, names);
	for (size_t i = 0; i <= n; i++)
		for (const char *p = i < n ? names[i] : run;; p++) {
			sum = (sum ^ (unsigned char)*p) * 16777619u;
			if (!*p)
				break;
		}
	dir = talloc_asprintf(ctx, "%s/" FOLDER "%08x", runtime, sum);
	if (!n || strchr(dir, ':') ||
	    (mkdir(dir, 0700) != 0 && errno != EEXIST))
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (!link_to(run, path_join(ctx, dir, names[i])))
			return NULL;
	return dir;
}
