/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What came from hosts that nothing here trusts: files and pipes, written down
 * in the runtime folder when a command fetches, asked for when something is to
 * be run.  A file is known by its content, wherever it is copied to; while the
 * content is not known yet (the shell redirects into it) by its inode.
 */
#ifndef AUTOMODE_EFFECTS_ORIGIN_H
#define AUTOMODE_EFFECTS_ORIGIN_H

#include "invocation/invocation.h"

/* Lies in the runtime folder once a file was fetched; shims/run.c looks. */
#define ORIGIN_FILES "fetched"

/* Nothing that fails here is an error: it is then not known where it is from.
 * complete: the file is there as it was fetched, since so many nanoseconds. */
void origin_note_file(const char *runtime, const char *path, bool complete,
		      int64_t since, const char *host);
/* Whatever begins to be below the folder between the two times (in
 * nanoseconds), and is not written to after them. */
void origin_note_folder(const char *runtime, const char *path, int64_t from,
			int64_t to, const char *host);
/* In nanoseconds: no later than the time that a file gets which is made from
 * here on; end: no earlier than that of files which are there. */
int64_t origin_now(bool end);
/* The caller's stdout, whatever it is. */
void origin_note_stdout(const char *runtime, const struct invocation *in,
			const char *host);

/* The file that it was, once it has been written. */
void origin_note_written(const char *runtime, const struct invocation *in,
			 int64_t since, const char *host);

/* The host, or NULL. */
const char *origin_of_file(void *ctx, const char *runtime, const char *path);
/* A file or a pipe. */
const char *origin_of_fd(void *ctx, const char *runtime, int fd);
/* The beginning of a program, or (whole) all of it but line ends. */
const char *origin_of_bytes(void *ctx, const char *runtime, const char *bytes,
			    size_t len, bool whole);
/* Files whose content was not written down: the host of the first one where
 * true comes back.  since: in nanoseconds. */
typedef bool origin_unknown(void *data, int fd, int64_t since);
const char *origin_each_unknown(void *ctx, const char *runtime,
				origin_unknown *each, void *data);
/* The parent of the caller's process; 0: not known. */
uint64_t origin_parent(const struct invocation *in);
/* A fetch that the caller's parent (or the caller, before it became what it is)
 * started, too, into another pipe than its own stdout, no more than so many
 * milliseconds ago. */
const char *origin_of_sibling(void *ctx, const char *runtime,
			      const struct invocation *in, int64_t ms);
/* Drops what is older than a day. */
void origin_tidy(const char *runtime);

#endif
