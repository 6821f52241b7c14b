/* SPDX-License-Identifier: Apache-2.0 */
/* What was fetched: written down, and asked for. */
#include "effects/origin.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "effects/origin_code.h"
#include "effects/origin_derived.h"
#include "effects/origin_lines.h"
#include "effects/origin_list.h"
#include "effects/origin_pipeline.h"
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#define PIPELINE    8	/* programs behind a fetch */
#define START_TRIES 100 /* for the next one to be started */
#define START_US    2000
#define UNKNOWN	    32 /* files that are looked at for one command */
#define DAY_MS	    (24 * 3600 * INT64_C(1000))

uint64_t
origin_parent(const struct invocation *in)
{
	char path[64], text[512], *p;
	int fd OWNED_FD = -1;
	ssize_t n;

	if (!in->pid)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/stat", in->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	p = strrchr(text, ')'); /* the name may hold anything */
	return p && strlen(p) > 4 ? strtoull(p + 4, NULL, 10) : 0;
}

int64_t
origin_now(bool end)
{
	struct timespec t;

	clock_gettime(end ? CLOCK_REALTIME : CLOCK_REALTIME_COARSE, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* since: of what is complete, when the fetch began. */
static void
note(const char *runtime, int fd, const char *path, bool complete,
     int64_t since, const char *host)
{
	void *ctx = talloc_new(NULL);
	struct origin_entry e = {0};
	/* as the files' own times are taken */
	int64_t time = (since ? since : origin_now(false)) / 1000000;
	const char *hash;

	/* a name that breaks the line is known by its inode alone */
	if (strpbrk(path, "\n"))
		path = "-";
	if (fd < 0 || origin_identify(fd, &e))
		origin_append(runtime, ORIGIN_FILES,
			      talloc_asprintf(
				  ctx,
				  "%" PRId64 " %" PRIu64 " %" PRIu64 " %" PRIu64
				  " %" PRIu64 " %s %s %s\n",
				  time, e.dev, e.ino, e.born, e.size,
				  complete ? origin_hash(ctx, fd, e.size) : "-",
				  host, path));
	if (complete && (hash = origin_derived_hash(ctx, fd, &e.size)))
		origin_append(runtime, ORIGIN_FILES,
			      talloc_asprintf(ctx,
					      "%" PRId64 " 0 0 0 %" PRIu64
					      " %s %s -\n",
					      time, e.size, hash, host));
	if (complete)
		origin_code_note(runtime, fd, since, host);
	talloc_free(ctx);
}

void
origin_note_file(const char *runtime, const char *path, bool complete,
		 int64_t since, const char *host)
{
	int fd OWNED_FD = -1;
	struct stat st;
	bool there = stat(path, &st) == 0;

	if (there && !S_ISREG(st.st_mode))
		return;
	/* nothing came */
	if (complete && (!there || !st.st_size || (fd = origin_open(path)) < 0))
		return;
	note(runtime, fd, path, complete, since, host);
}

void
origin_note_folder(const char *runtime, const char *path, int64_t from,
		   int64_t to, const char *host)
{
	void *ctx = talloc_new(NULL);
	const char *real = path_resolve(ctx, "/", path);

	if (real && !strpbrk(real, "\n"))
		origin_append(runtime, ORIGIN_FILES,
			      talloc_asprintf(ctx,
					      "%" PRId64 " 0 0 %" PRId64
					      " %" PRId64 " / %s %s\n",
					      wall_ms(), from, to, host, real));
	talloc_free(ctx);
}

/* Is it where the parent writes itself? */
static bool
is_of_parent(uint64_t parent, const struct stat *st)
{
	char path[64];
	struct stat theirs;

	for (int fd = 1; parent && fd < 3; fd++) {
		snprintf(path, sizeof(path), "/proc/%" PRIu64 "/fd/%d", parent,
			 fd);
		if (stat(path, &theirs) == 0 && theirs.st_dev == st->st_dev &&
		    theirs.st_ino == st->st_ino)
			return true;
	}
	return false;
}

static void
note_link(const char *runtime, const char *link, int fd, const char *host)
{
	char path[PATH_MAX];
	ssize_t n = readlink(link, path, sizeof(path) - 1);

	path[n < 0 ? 0 : n] = '\0';
	note(runtime, fd, n > 0 ? path : "-", false, 0, host);
}

static void
note_pipe(const char *runtime, const struct stat *st, uint64_t parent,
	  const char *host)
{
	char *line = talloc_asprintf(
	    NULL, "%" PRId64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %s\n",
	    wall_ms(), (uint64_t)st->st_dev, (uint64_t)st->st_ino, parent,
	    host);

	origin_append(runtime, PIPES, line);
	talloc_free(line);
}

/* curl ... | gunzip >f: as if it had been written there itself. */
static void
follow(const char *runtime, const struct invocation *in, uint64_t parent,
       struct stat pipe, const char *host)
{
	void *ctx = talloc_new(NULL);
	char link[64];

	for (int i = 0; parent && i < PIPELINE; i++) {
		struct stat st;
		int fd OWNED_FD = origin_reader_writes(ctx, parent, &pipe, link,
						       sizeof(link));

		for (int k = 0;
		     fd < 0 && i == 0 && k < START_TRIES &&
		     origin_still_starts(ctx, parent, in->pid, &pipe);
		     k++) {
			usleep(START_US);
			fd = origin_reader_writes(ctx, parent, &pipe, link,
						  sizeof(link));
		}
		if (fd < 0 || fstat(fd, &st) != 0)
			break;
		if (S_ISREG(st.st_mode) && !is_of_parent(parent, &st))
			note_link(runtime, link, fd, host);
		if (!S_ISFIFO(st.st_mode) || st.st_ino == pipe.st_ino ||
		    is_of_parent(parent, &st))
			break;
		note_pipe(runtime, &st, parent, host);
		pipe = st;
	}
	talloc_free(ctx);
}

void
origin_note_stdout(const char *runtime, const struct invocation *in,
		   const char *host)
{
	int fd = in->stdio[1];
	uint64_t parent = origin_parent(in);
	char link[64];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return;
	if (S_ISREG(st.st_mode) && is_of_parent(parent, &st))
		return; /* where a whole session's output goes */
	if (S_ISREG(st.st_mode)) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		note_link(runtime, link, fd, host);
		return;
	}
	if (!S_ISFIFO(st.st_mode) && !S_ISSOCK(st.st_mode))
		return;
	if (is_of_parent(parent, &st)) {
		note_pipe(runtime, &st, 0, host);
		return;
	}
	note_pipe(runtime, &st, parent, host);
	follow(runtime, in, parent, st, host);
}

void
origin_note_written(const char *runtime, const struct invocation *in,
		    int64_t since, const char *host)
{
	char link[64], path[PATH_MAX];
	struct stat st;
	ssize_t n;

	if (in->stdio[1] < 0 || fstat(in->stdio[1], &st) != 0 ||
	    !S_ISREG(st.st_mode) || is_of_parent(origin_parent(in), &st))
		return;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", in->stdio[1]);
	n = readlink(link, path, sizeof(path) - 1);
	path[n < 0 ? 0 : n] = '\0';
	origin_note_file(runtime, path, true, since, host);
}

/* --- asking ----------------------------------------------------------------
 */

/* Where the content was not known when it was written down. */
static bool
is_copy(void *ctx, const struct origin_entry *was,
	const struct origin_entry *is, int fd)
{
	int source OWNED_FD = origin_open(was->path);
	struct origin_entry now = {0};
	const char *hash;

	if (source < 0 || is->changed < was->time ||
	    !origin_identify(source, &now) ||
	    (was->ino && !origin_same(was, &now)) || !is->size ||
	    is->size > MAX_HASH)
		return false;
	if (now.size == is->size && !strcmp(origin_hash(ctx, source, now.size),
					    origin_hash(ctx, fd, is->size)))
		return true;
	hash = origin_derived_hash(ctx, source, &now.size);
	return hash && now.size == is->size &&
	       !strcmp(hash, origin_hash(ctx, fd, is->size));
}

/* was: a line of a folder. */
static bool
came_with(const struct origin_entry *was, const struct origin_entry *is, int fd)
{
	char link[64], path[PATH_MAX];
	ssize_t n;

	if (is->born < was->born || is->born > was->size ||
	    is->written > was->size)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n < 0 ? 0 : n] = '\0';
	return path_is_under(path, was->path);
}

static const char *
find(void *ctx, const char *runtime, int fd)
{
	char *text = origin_list(ctx, runtime, ORIGIN_FILES), *line;
	const char *hash = NULL, *host = NULL;
	struct origin_entry is = {0}, was;

	if (!text || !origin_identify(fd, &is))
		return NULL;
	while ((line = strsep(&text, "\n"))) {
		bool yes;

		if (!origin_read(line, &was))
			continue;
		if (*was.hash == '/') {
			yes = came_with(&was, &is, fd);
		} else if (*was.hash == '-') {
			yes = origin_same(&was, &is) ||
			      is_copy(ctx, &was, &is, fd);
		} else if (is.changed < was.time) {
			yes = false;
		} else {
			if (was.size == is.size && !hash)
				hash = origin_hash(ctx, fd, is.size);
			yes = was.size == is.size && !strcmp(hash, was.hash);
		}
		if (yes)
			host = was.host;
	}
	return host;
}

const char *
origin_of_file(void *ctx, const char *runtime, const char *path)
{
	int fd OWNED_FD = origin_open(path);

	return fd < 0 ? NULL : find(ctx, runtime, fd);
}

/* Does the text begin with the bytes, or (whole) is it them? */
static bool
is_text(const char *text, size_t size, const char *bytes, size_t len,
	bool whole)
{
	/* "#!/bin/sh" is the beginning of many */
	if (size < len || (!whole && len < 128 && size != len) ||
	    (whole && size > len + 64) || memcmp(text, bytes, len) != 0)
		return false;
	return !whole || strspn(text + len, "\r\n") == size - len;
}

/* Does the file that was fetched there, or what it becomes? */
static bool
begins_with(void *ctx, const struct origin_entry *was, const char *bytes,
	    size_t len, bool whole)
{
	struct origin_entry now = {0};
	char *text, *other;
	size_t size, more;
	int fd OWNED_FD = origin_open(was->path);

	if (fd < 0 || !origin_identify(fd, &now) ||
	    (now.size < len && now.size > ORIGIN_DERIVED_MAX) ||
	    file_read(ctx, AT_FDCWD, was->path, MAX_HASH, &text, &size, NULL) !=
		0)
		return false;
	if (!is_text(text, size, bytes, len, whole)) {
		other = origin_derived(ctx, text, size, &more);
		if (!other || !is_text(other, more, bytes, len, whole))
			return false;
	}
	/* what was written there since is another's */
	return *was->hash == '-' ||
	       !strcmp(origin_hash(ctx, fd, now.size), was->hash);
}

/* The file where it was, unless its content was written down since. */
static int
open_unknown(const struct origin_entry *all, size_t n,
	     const struct origin_entry *was)
{
	struct origin_entry now;
	int fd;

	for (size_t i = 0; i < n && was->ino; i++)
		if (*all[i].hash != '-' && origin_same(&all[i], was))
			return -1;
	fd = origin_open(was->path);
	if (fd >= 0 && (!origin_identify(fd, &now) ||
			(was->ino && !origin_same(was, &now)))) {
		close(fd);
		return -1;
	}
	return fd;
}

const char *
origin_each_unknown(void *ctx, const char *runtime, origin_unknown *each,
		    void *data)
{
	char *text = origin_list(ctx, runtime, ORIGIN_FILES), *line;
	struct origin_entry *all = NULL, e;
	size_t n = 0, room = 0, opened = 0, seen = 0;

	while (text && (line = strsep(&text, "\n")))
		if (origin_read(line, &e) && *e.hash != '/') {
			GROW(ctx, all, n, room);
			all[n++] = e;
		}
	for (size_t i = n; i-- > 0 && opened < UNKNOWN && seen < 8 * UNKNOWN;) {
		int fd OWNED_FD =
		    *all[i].hash == '-' ? open_unknown(all, n, &all[i]) : -1;

		seen += *all[i].hash == '-';
		opened += fd >= 0;
		if (fd >= 0 && each(data, fd, all[i].time * INT64_C(1000000)))
			return all[i].host;
	}
	return NULL;
}

const char *
origin_of_bytes(void *ctx, const char *runtime, const char *bytes, size_t len,
		bool whole)
{
	char *text = origin_list(ctx, runtime, ORIGIN_FILES), *line;
	const char *host = NULL;
	struct origin_entry was;

	while (text && len && (line = strsep(&text, "\n")))
		if (origin_read(line, &was) && *was.hash != '/' &&
		    begins_with(ctx, &was, bytes, len, whole))
			host = was.host;
	return host;
}

/* The last line of PIPES that fits: this pipe, or this parent since then. */
static const char *
find_pipe(void *ctx, const char *runtime, const struct stat *st,
	  uint64_t parent, uint64_t self, int64_t since)
{
	char *text = origin_list(ctx, runtime, PIPES), *line;
	const char *host = NULL;

	while (text && (line = strsep(&text, "\n"))) {
		char *field[4], *rest = line;
		int i = 0;

		while (i < 4 && (field[i] = strsep(&rest, " ")))
			i++;
		if (i < 4 || !rest || strtoll(field[0], NULL, 10) < since)
			continue;
		if (st ? strtoull(field[1], NULL, 10) == st->st_dev &&
			     strtoull(field[2], NULL, 10) == st->st_ino
		       : strtoull(field[3], NULL, 10) == parent ||
			     strtoull(field[3], NULL, 10) == self)
			host = rest;
	}
	return host;
}

const char *
origin_of_fd(void *ctx, const char *runtime, int fd)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return NULL;
	if (S_ISREG(st.st_mode))
		return find(ctx, runtime, fd);
	return find_pipe(ctx, runtime, &st, 0, 0, wall_ms() - DAY_MS);
}

const char *
origin_of_sibling(void *ctx, const char *runtime, const struct invocation *in,
		  int64_t ms)
{
	uint64_t parent = origin_parent(in);

	/* a shell becomes the last of its commands */
	return parent ? find_pipe(ctx, runtime, NULL, parent, (uint64_t)in->pid,
				  wall_ms() - ms)
		      : NULL;
}

void
origin_tidy(const char *runtime)
{
	void *ctx = talloc_new(NULL);
	char *path = path_join(ctx, runtime, ORIGIN_FILES);
	char *text = origin_list(ctx, runtime, ORIGIN_FILES), *line;
	char *kept = talloc_strdup(ctx, "");

	while (text && (line = strsep(&text, "\n")))
		if (strtoll(line, NULL, 10) > wall_ms() - DAY_MS)
			kept =
			    talloc_asprintf_append_buffer(kept, "%s\n", line);
	if (*kept)
		(void)file_write(AT_FDCWD, path, kept, strlen(kept), 0600,
				 NULL);
	else
		(void)unlink(path);
	(void)unlink(path_join(ctx, runtime, PIPES));
	origin_lines_tidy(runtime, wall_ms() - DAY_MS);
	talloc_free(ctx);
}
