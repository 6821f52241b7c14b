/* SPDX-License-Identifier: Apache-2.0 */
#include "effects/origin_code.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "effects/origin.h"
#include "effects/origin_derived.h"
#include "effects/origin_lines.h"
#include "effects/origin_list.h"
#include "effects/origin_pipeline.h"
#include "effects/secrets_packed.h"
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#define UNPACKED ((size_t)4 << 20) /* bytes of one archive */
#define TRIES	 250		   /* of TRY_US each */
#define TRY_US	 2000
#define IDLE	 3     /* times that nobody was at work */
#define NEARLY	 4096  /* bytes that are free in a pipe that is full */
#define MEMBERS	 1000u /* of its names and files */

/* What is looked at, in bytes and in the files of an archive. */
struct look {
	void *ctx;
	const char *runtime, *host; /* to be written down; or what was found */
	const char *list;	    /* of lines; NULL: to be written down */
	int64_t since;		    /* or when it was changed */
	size_t left, members;
};

struct known {
	void *ctx;
	const struct origin_lines *code;
	int64_t changed;
};

static void
one_text(struct look *k, const char *bytes, size_t len)
{
	void *ctx = talloc_new(NULL);
	struct origin_lines *l = origin_lines_read(ctx, bytes, len);

	if (l && !k->list)
		origin_lines_note(k->runtime, l, k->since, k->host);
	else if (l)
		k->host = origin_lines_host(k->ctx, k->list, l, k->since);
	talloc_free(ctx);
}

static bool
one_member(void *data, const char *path, const char *p, size_t len)
{
	struct look *k = data;

	(void)path;
	one_text(k, p, len);
	k->left -= len < k->left ? len : k->left;
	return k->left && --k->members && (!k->list || !k->host);
}

static void
all_members(struct look *k, const char *bytes, size_t len)
{
	const char *nl = len ? memchr(bytes, '\n', len) : NULL;

	/* zipapp -p writes a line before it */
	if (nl && !strncmp(bytes, "#!", 2) &&
	    packed_is(nl + 1, (size_t)(bytes + len - nl - 1))) {
		len -= (size_t)(nl + 1 - bytes);
		bytes = nl + 1;
	}
	k->left = UNPACKED;
	k->members = MEMBERS;
	if (packed_is(bytes, len))
		(void)packed_each(bytes, len, one_member, k);
}

/* All of a file that is no longer than a script. */
static char *
read_all(void *ctx, int fd, size_t *len)
{
	char link[64], *text;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return file_read(ctx, AT_FDCWD, link, ORIGIN_DERIVED_MAX, &text, len,
			 NULL) == 0
		   ? text
		   : NULL;
}

/* An origin_unknown: a file that was fetched, of which only the place is
 * known. */
static bool
shares(void *data, int fd, int64_t since)
{
	const struct known *k = data;
	size_t len, more;
	char *text, *other;

	if (k->changed && k->changed < since)
		return false;
	text = read_all(k->ctx, fd, &len);
	if (!text)
		return false;
	if (origin_lines_share(k->code, origin_lines_read(k->ctx, text, len)))
		return true;
	other = origin_derived(k->ctx, text, len, &more);
	return other && origin_lines_share(
			    k->code, origin_lines_read(k->ctx, other, more));
}

void
origin_code_note(const char *runtime, int fd, int64_t since, const char *host)
{
	void *ctx = talloc_new(NULL);
	struct look k = {
	    .ctx = ctx, .runtime = runtime, .host = host, .since = since};
	size_t len, more;
	char *text = read_all(ctx, fd, &len), *other;

	if (text) {
		one_text(&k, text, len);
		all_members(&k, text, len);
	}
	if (text && !packed_is(text, len) &&
	    (other = origin_derived(ctx, text, len, &more))) {
		one_text(&k, other, more);
		all_members(&k, other, more);
	}
	talloc_free(ctx);
}

/* changed: 0 where that is not known. */
static const char *
by_parts(void *ctx, const char *runtime, const char *bytes, size_t len,
	 int64_t changed)
{
	void *own = talloc_new(ctx);
	struct look k = {.ctx = ctx,
			 .runtime = runtime,
			 .list = origin_lines_list(own, runtime),
			 .since = changed};
	struct known known = {own, origin_lines_read(own, bytes, len), changed};

	if (!k.list)
		k.list = "";
	if (known.code)
		k.host = origin_lines_host(ctx, k.list, known.code, changed);
	if (known.code && !k.host)
		k.host = origin_each_unknown(ctx, runtime, shares, &known);
	if (!k.host && *k.list)
		all_members(&k, bytes, len);
	talloc_free(own);
	return k.host;
}

const char *
origin_of_code(void *ctx, const char *runtime, const char *bytes, size_t len)
{
	return by_parts(ctx, runtime, bytes, len, 0);
}

const char *
origin_of_code_fd(void *ctx, const char *runtime, int fd)
{
	const char *host = origin_of_fd(ctx, runtime, fd);
	struct stat st;
	size_t len;
	char *text;

	if (host || fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    !(text = read_all(ctx, fd, &len)))
		return host;
	return by_parts(ctx, runtime, text, len,
			st.st_ctim.tv_sec * INT64_C(1000000000) +
			    st.st_ctim.tv_nsec);
}

const char *
origin_of_code_file(void *ctx, const char *runtime, const char *path)
{
	int fd OWNED_FD = origin_open(path);

	return fd < 0 ? NULL : origin_of_code_fd(ctx, runtime, fd);
}

void
origin_code_wait(const char *runtime, const struct invocation *in, int fd)
{
	uint64_t parent = runtime ? origin_parent(in) : 0;
	char *list = path_join(NULL, runtime ? runtime : "/", ORIGIN_FILES);
	bool fetched = path_exists(list);
	struct pollfd p = {.fd = fd, .events = POLLIN};
	struct stat st;
	int idle = 0, have = 0, room = fcntl(fd, F_GETPIPE_SZ);

	talloc_free(list);
	if (!parent || !fetched || fstat(fd, &st) != 0)
		return;
	for (int i = 0; i < TRIES && idle < IDLE; i++) {
		if (poll(&p, 1, 0) < 0 || (p.revents & POLLHUP) ||
		    ioctl(fd, FIONREAD, &have) != 0 || have > room - NEARLY)
			return;
		idle = origin_writer_works(parent, in->pid, &st) ? 0 : idle + 1;
		usleep(TRY_US);
	}
}
