/* SPDX-License-Identifier: Apache-2.0 */
#include "effects/origin_list.h"
#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#define MAX_BYTES (1u << 20) /* of a list */

int
origin_open(const char *path)
{
	struct stat st;
	int fd;

	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))) {
		close(fd);
		return -1;
	}
	return fd;
}

bool
origin_identify(int fd, struct origin_entry *out)
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
	out->changed =
	    (st.stx_ctime.tv_sec * INT64_C(1000000000) + st.stx_ctime.tv_nsec) /
	    1000000;
	out->written =
	    (uint64_t)st.stx_mtime.tv_sec * 1000000000u + st.stx_mtime.tv_nsec;
	return true;
}

const char *
origin_hash(void *ctx, int fd, uint64_t size)
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

void
origin_append(const char *runtime, const char *name, const char *line)
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

char *
origin_list(void *ctx, const char *runtime, const char *name)
{
	char *text;
	size_t len;

	if (!runtime || file_read(ctx, AT_FDCWD, path_join(ctx, runtime, name),
				  MAX_BYTES + 8192, &text, &len, NULL) != 0)
		return NULL;
	return text;
}

bool
origin_read(char *line, struct origin_entry *e)
{
	char *field[8], *rest = line;

	for (int i = 0; i < 7; i++)
		if (!(field[i] = strsep(&rest, " ")))
			return false;
	if (!rest)
		return false;
	*e = (struct origin_entry){.time = strtoll(field[0], NULL, 10),
				   .dev = strtoull(field[1], NULL, 10),
				   .ino = strtoull(field[2], NULL, 10),
				   .born = strtoull(field[3], NULL, 10),
				   .size = strtoull(field[4], NULL, 10),
				   .hash = field[5],
				   .host = field[6],
				   .path = rest};
	return true;
}

bool
origin_same(const struct origin_entry *a, const struct origin_entry *b)
{
	return a->ino && a->dev == b->dev && a->ino == b->ino &&
	       a->born == b->born;
}
