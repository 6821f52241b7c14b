/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two files of lines:
 *	fetched		TIME DEV INO BORN SIZE HASH HOST PATH
 *	fetched		TIME 0 0 FROM TO / HOST FOLDER
 *	fetched-pipes	TIME DEV INO PARENT HOST
 * Times are CLOCK_REALTIME in milliseconds, when a fetch began; BORN is in
 * nanoseconds; INO 0: it was not there yet; HASH -: its content is not known.
 * Each line is one write(2).  What was changed before a fetch began is no copy
 * of what came with it, even where it is the same.
 */
#ifndef AUTOMODE_EFFECTS_ORIGIN_LIST_H
#define AUTOMODE_EFFECTS_ORIGIN_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PIPES	 "fetched-pipes"
#define MAX_HASH (32u << 20) /* of a file whose content is compared */

struct origin_entry {
	int64_t time;
	uint64_t dev, ino, born, size, parent, written;
	int64_t changed;
	const char *hash, *host, *path;
};

/* A regular file; -1: it is none.  Whoever waits at a named pipe goes on
 * waiting. */
int origin_open(const char *path);
bool origin_identify(int fd, struct origin_entry *out);
/* "-": it is not known. */
const char *origin_hash(void *ctx, int fd, uint64_t size);
void origin_append(const char *runtime, const char *name, const char *line);
/* All of a list; NULL: there is none. */
char *origin_list(void *ctx, const char *runtime, const char *name);
/* A line of ORIGIN_FILES, taken apart. */
bool origin_read(char *line, struct origin_entry *e);
bool origin_same(const struct origin_entry *a, const struct origin_entry *b);

#endif
