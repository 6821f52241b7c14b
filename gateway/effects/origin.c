/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two files of lines:
 *	fetched		TIME DEV INO BORN SIZE HASH HOST PATH
 *	fetched		TIME 0 0 FROM TO / HOST FOLDER
 *	fetched-pipes	TIME DEV INO PARENT HOST
 * Times are CLOCK_REALTIME in milliseconds, BORN nanoseconds; INO 0: it was not
 * there yet; HASH -: its content is not known.  Each line is one write(2).
 */
#include "effects/origin.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "effects/origin_derived.h"
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

#define PIPES	    "fetched-pipes"
#define MAX_BYTES   (1u << 20)	/* of a list */
#define MAX_HASH    (32u << 20) /* of a file whose content is compared */
#define PIPELINE    8		/* programs behind a fetch */
#define START_TRIES 100		/* for the next one to be started */
#define START_US    2000
#define DAY_MS	    (24 * 3600 * INT64_C(1000))

struct entry {
	int64_t time;
	uint64_t dev, ino, born, size, parent, written;
	const char *hash, *host, *path;
};

static bool
identify(int fd, struct entry *out)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME,
		  &st) != 0)
		return false;
	out->dev = (uint64_t)st.stx_dev_major << 32 | st.stx_dev_minor;
	out->ino = st.stx_ino;
	out->size = st.stx_size;
	out->born =
	    (uint64_t)st.stx_btime.tv_sec * 1000000000u + st.stx_btime.tv_nsec;
	out->written =
	    (uint64_t)st.stx_mtime.tv_sec * 1000000000u + st.stx_mtime.tv_nsec;
	return true;
}

static const char *
hash_of(void *ctx, int fd, uint64_t size)
{
	unsigned char sum[16], buf[65536];
	char *text = talloc_size(ctx, 2 * sizeof(sum) + 1);
	crypto_generichash_state s;
	ssize_t n;
	off_t at = 0;

	if (!text)
		BUG("out of memory");
	if (size > MAX_HASH)
		return "-";
	crypto_generichash_init(&s, NULL, 0, sizeof(sum));
	while ((n = pread(fd, buf, sizeof(buf), at)) > 0) {
		crypto_generichash_update(&s, buf, (size_t)n);
		at += n;
	}
	crypto_generichash_final(&s, sum, sizeof(sum));
	sodium_bin2hex(text, 2 * sizeof(sum) + 1, sum, sizeof(sum));
	return n < 0 ? "-" : text;
}

/* The parent of the caller's process; 0: not known. */
static uint64_t
parent_of(const struct invocation *in)
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

static void
append(const char *runtime, const char *name, const char *line)
{
	char *path = path_join(NULL, runtime, name);
	int fd OWNED_FD = open(
	    path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat st;

	/* a list that is full is begun again: the oldest are forgotten */
	if (fd >= 0 && fstat(fd, &st) == 0 &&
	    (st.st_size < (off_t)MAX_BYTES || ftruncate(fd, 0) == 0))
		(void)file_write_all(fd, line, strlen(line));
	talloc_free(path);
}

static void
note(const char *runtime, int fd, const char *path, bool complete,
     const char *host)
{
	void *ctx = talloc_new(NULL);
	struct entry e = {0};
	const char *hash;

	/* a name that breaks the line is known by its inode alone */
	if (strpbrk(path, "\n"))
		path = "-";
	if (fd < 0 || identify(fd, &e))
		append(
		    runtime, ORIGIN_FILES,
		    talloc_asprintf(ctx,
				    "%" PRId64 " %" PRIu64 " %" PRIu64
				    " %" PRIu64 " %" PRIu64 " %s %s %s\n",
				    wall_ms(), e.dev, e.ino, e.born, e.size,
				    complete ? hash_of(ctx, fd, e.size) : "-",
				    host, path));
	if (complete && (hash = origin_derived_hash(ctx, fd, &e.size)))
		append(runtime, ORIGIN_FILES,
		       talloc_asprintf(
			   ctx, "%" PRId64 " 0 0 0 %" PRIu64 " %s %s -\n",
			   wall_ms(), e.size, hash, host));
	talloc_free(ctx);
}

void
origin_note_file(const char *runtime, const char *path, bool complete,
		 const char *host)
{
	int fd OWNED_FD =
	    open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)))
		return;
	/* nothing came */
	if (complete && (fd < 0 || !st.st_size))
		return;
	note(runtime, complete ? fd : -1, path, complete, host);
}

int64_t
origin_now(bool end)
{
	struct timespec t;

	clock_gettime(end ? CLOCK_REALTIME : CLOCK_REALTIME_COARSE, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void
origin_note_folder(const char *runtime, const char *path, int64_t from,
		   int64_t to, const char *host)
{
	void *ctx = talloc_new(NULL);
	const char *real = path_resolve(ctx, "/", path);

	if (real && !strpbrk(real, "\n"))
		append(runtime, ORIGIN_FILES,
		       talloc_asprintf(ctx,
				       "%" PRId64 " 0 0 %" PRId64 " %" PRId64
				       " / %s %s\n",
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
	note(runtime, fd, n > 0 ? path : "-", false, host);
}

static void
note_pipe(const char *runtime, const struct stat *st, uint64_t parent,
	  const char *host)
{
	char *line = talloc_asprintf(
	    NULL, "%" PRId64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %s\n",
	    wall_ms(), (uint64_t)st->st_dev, (uint64_t)st->st_ino, parent,
	    host);

	append(runtime, PIPES, line);
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
	uint64_t parent = parent_of(in);
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

/* --- asking ----------------------------------------------------------------
 */

static char *
list(void *ctx, const char *runtime, const char *name)
{
	char *text;
	size_t len;

	if (!runtime || file_read(ctx, AT_FDCWD, path_join(ctx, runtime, name),
				  MAX_BYTES + 8192, &text, &len, NULL) != 0)
		return NULL;
	return text;
}

/* A line of ORIGIN_FILES, taken apart. */
static bool
read_file_line(char *line, struct entry *e)
{
	char *field[8], *rest = line;

	for (int i = 0; i < 7; i++)
		if (!(field[i] = strsep(&rest, " ")))
			return false;
	if (!rest)
		return false;
	*e = (struct entry){.time = strtoll(field[0], NULL, 10),
			    .dev = strtoull(field[1], NULL, 10),
			    .ino = strtoull(field[2], NULL, 10),
			    .born = strtoull(field[3], NULL, 10),
			    .size = strtoull(field[4], NULL, 10),
			    .hash = field[5],
			    .host = field[6],
			    .path = rest};
	return true;
}

static bool
same_file(const struct entry *a, const struct entry *b)
{
	return a->ino && a->dev == b->dev && a->ino == b->ino &&
	       a->born == b->born;
}

/* Where the content was not known when it was written down. */
static bool
is_copy(void *ctx, const struct entry *was, const struct entry *is, int fd)
{
	int source OWNED_FD =
	    open(was->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct entry now = {0};
	const char *hash;

	if (source < 0 || !identify(source, &now) ||
	    (was->ino && !same_file(was, &now)) || !is->size ||
	    is->size > MAX_HASH)
		return false;
	if (now.size == is->size &&
	    !strcmp(hash_of(ctx, source, now.size), hash_of(ctx, fd, is->size)))
		return true;
	hash = origin_derived_hash(ctx, source, &now.size);
	return hash && now.size == is->size &&
	       !strcmp(hash, hash_of(ctx, fd, is->size));
}

/* was: a line of a folder. */
static bool
came_with(const struct entry *was, const struct entry *is, int fd)
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
	char *text = list(ctx, runtime, ORIGIN_FILES), *line;
	const char *hash = NULL, *host = NULL;
	struct entry is = {0}, was;

	if (!text || !identify(fd, &is))
		return NULL;
	while ((line = strsep(&text, "\n"))) {
		bool yes;

		if (!read_file_line(line, &was))
			continue;
		if (*was.hash == '/') {
			yes = came_with(&was, &is, fd);
		} else if (*was.hash == '-') {
			yes =
			    same_file(&was, &is) || is_copy(ctx, &was, &is, fd);
		} else {
			if (was.size == is.size && !hash)
				hash = hash_of(ctx, fd, is.size);
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
	int fd OWNED_FD =
	    open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return NULL;
	return find(ctx, runtime, fd);
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
begins_with(void *ctx, const struct entry *was, const char *bytes, size_t len,
	    bool whole)
{
	struct entry now = {0};
	char *text, *other;
	size_t size, more;
	int fd OWNED_FD =
	    open(was->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0 || !identify(fd, &now) ||
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
	       !strcmp(hash_of(ctx, fd, now.size), was->hash);
}

const char *
origin_of_bytes(void *ctx, const char *runtime, const char *bytes, size_t len,
		bool whole)
{
	char *text = list(ctx, runtime, ORIGIN_FILES), *line;
	const char *host = NULL;
	struct entry was;

	while (text && len && (line = strsep(&text, "\n")))
		if (read_file_line(line, &was) && *was.hash != '/' &&
		    begins_with(ctx, &was, bytes, len, whole))
			host = was.host;
	return host;
}

/* The last line of PIPES that fits: this pipe, or this parent since then. */
static const char *
find_pipe(void *ctx, const char *runtime, const struct stat *st,
	  uint64_t parent, uint64_t self, int64_t since)
{
	char *text = list(ctx, runtime, PIPES), *line;
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
	uint64_t parent = parent_of(in);

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
	char *text = list(ctx, runtime, ORIGIN_FILES), *line;
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
	talloc_free(ctx);
}
