/* SPDX-License-Identifier: Apache-2.0 */
/* A request from the box, as it comes from the socket: wire/carry.h. */
#include "base/own.h"
#include "transport/attendant.h"
#include "wire/frame.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <talloc.h>
#include <unistd.h>

#define MAX_FDS (3 + CARRY_MAX_FILES)

/* Words are bytes, but none of the programs that are asked for is ever given
 * control characters by git. */
static bool
is_plain(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	return true;
}

static int
parse_files(struct fields *f, struct transport_request *rq, struct err *e)
{
	uint64_t n = fields_u64(f);

	if (n > CARRY_MAX_FILES)
		return err_set(e, ERR_LIMIT, "a request with too many files");
	for (rq->nfiles = 0; rq->nfiles < n; rq->nfiles++) {
		rq->files[rq->nfiles].word = fields_u64(f);
		rq->files[rq->nfiles].fd = -1;
	}
	return 0;
}

static int
parse_words(void *ctx, struct fields *f, struct transport_request *rq,
	    struct err *e)
{
	uint64_t n = fields_u64(f);

	if (f->bad || n > CARRY_MAX_WORDS)
		return err_set(e, ERR_LIMIT, "a request with too many words");
	rq->argv = talloc_zero_array(ctx, const char *, (unsigned)n + 1);
	if (!rq->argv)
		BUG("out of memory");
	for (rq->argc = 0; rq->argc < n; rq->argc++) {
		const char *word = fields_bytes(ctx, f, NULL);

		if (!word || !is_plain(word))
			return err_set(e, ERR_SYNTAX, "a malformed request");
		rq->argv[rq->argc] = word;
	}
	for (size_t i = 0; i < rq->nfiles; i++)
		if (rq->files[i].word > rq->argc)
			return err_set(e, ERR_SYNTAX, "a malformed request");
	return 0;
}

int
request_parse(void *ctx, const void *bytes, size_t len,
	      struct transport_request *rq, struct err *e)
{
	const char *dir, *protocol;
	struct fields f;
	uint64_t has;
	int rc;

	*rq = (struct transport_request){.stdio = {-1, -1, -1}};
	if (len > CARRY_MAX_BYTES)
		return err_set(e, ERR_LIMIT, "a request that is too long");
	fields_init(&f, bytes, len);
	if (fields_u64(&f) != CARRY_VERSION)
		return err_set(e, ERR_SYNTAX, "a malformed request");
	rq->name = fields_bytes(ctx, &f, NULL);
	has = fields_u64(&f);
	dir = fields_bytes(ctx, &f, NULL);
	protocol = fields_bytes(ctx, &f, NULL);
	if (f.bad || !is_plain(rq->name) || !is_plain(dir) ||
	    !is_plain(protocol) ||
	    (has & ~(uint64_t)(CARRY_HAS_GIT_DIR | CARRY_HAS_PROTOCOL)))
		return err_set(e, ERR_SYNTAX, "a malformed request");
	rq->git_dir = has & CARRY_HAS_GIT_DIR ? dir : NULL;
	/* what a later git may say instead is for a later version of us */
	if (has & CARRY_HAS_PROTOCOL && (strcmp(protocol, "version=1") == 0 ||
					 strcmp(protocol, "version=2") == 0))
		rq->protocol = protocol;
	rc = parse_files(&f, rq, e);
	if (rc == 0)
		rc = parse_words(ctx, &f, rq, e);
	if (rc == 0 && !fields_done(&f))
		rc = err_set(e, ERR_SYNTAX, "a malformed request");
	return rc;
}

/* All that came are ours to close, wanted or not. */
static bool
take_fds(void *ctx, struct msghdr *m, int *fds, size_t *nfds)
{
	bool good = !(m->msg_flags & (MSG_TRUNC | MSG_CTRUNC));

	*nfds = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int),
			       sizeof(int));
			own_fd(ctx, fd);
			if (*nfds < MAX_FDS)
				fds[(*nfds)++] = fd;
			else
				good = false;
		}
	}
	return good;
}

int
request_receive(void *ctx, int conn, struct transport_request *rq, int *fds,
		size_t *nfds, struct err *e)
{
	union {
		char bytes[CMSG_SPACE(MAX_FDS * sizeof(int))];
		struct cmsghdr align;
	} control;
	char *bytes = talloc_size(ctx, CARRY_MAX_BYTES);
	struct iovec iov = {bytes, CARRY_MAX_BYTES};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = &control,
			   .msg_controllen = sizeof(control)};
	ssize_t n;
	bool good;

	if (!bytes)
		BUG("out of memory");
	*nfds = 0;
	n = recvmsg(conn, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (n < 0)
		return err_sys(e, "receiving a request");
	good = take_fds(ctx, &m, fds, nfds);
	if (n == 0)
		return err_set(e, ERR_SYNTAX, "a request that was not sent");
	if (!good)
		return err_set(e, ERR_LIMIT, "a request that is too long");
	if (request_parse(ctx, bytes, (size_t)n, rq, e) < 0)
		return e->code;
	if (*nfds != 3 + rq->nfiles)
		return err_set(e, ERR_SYNTAX, "a malformed request");
	memcpy(rq->stdio, fds, sizeof(rq->stdio));
	for (size_t i = 0; i < rq->nfiles; i++)
		rq->files[i].fd = fds[3 + i];
	return 0;
}
