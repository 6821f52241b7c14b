/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files: read with a limit, written so that a crash leaves old or new. */
#ifndef AUTOMODE_BASE_FILE_H
#define AUTOMODE_BASE_FILE_H

#include "base/err.h"
#include <stddef.h>
#include <sys/types.h>

/* Reads a regular file (not a FIFO or device) of at most max bytes; the
 * buffer is NUL-terminated beyond *len.  dirfd may be AT_FDCWD.  Returns 0;
 * 1 when there is no such file (*buf NULL); negative on error. */
int file_read(void *ctx, int dirfd, const char *path, size_t max, char **buf,
	      size_t *len, struct err *e);
/* Opens a regular file, not through a link; one of ours that its mode locks is
 * given that permission for the moment. */
int file_open_own(int dirfd, const char *rel, int flags, mode_t need,
		  struct err *e);
/* Writes to path.tmp-PID, fsyncs, renames over path. */
int file_write(int dirfd, const char *path, const void *buf, size_t len,
	       mode_t mode, struct err *e);
/* Writes all of buf to fd, however often write(2) comes back short. */
int file_write_all(int fd, const void *buf, size_t len);
/* Copies the rest of in to out: FICLONE where possible, else
 * copy_file_range, else read and write.  Keeps holes. */
int file_copy_fd(int in, int out, struct err *e);

#endif
