/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames on a stream socket, with descriptors, deadlines and hard limits; and
 * the fields inside, for which the sender is never trusted.
 */
#include "wire/frame.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/own.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define HEADER 8 /* u32 length, u32 type; the length counts the type */

union control {
	char bytes[CMSG_SPACE(FRAME_MAX_FDS * sizeof(int))];
	struct cmsghdr align;
};

struct deadline {
	int64_t at; /* -1: none; monotonic milliseconds, set at first wait */
	int timeout_ms;
};

/* Waits until the socket is ready or the deadline has passed.  The clock is
 * read only when there is something to wait for. */
static int
wait_ready(int sock, short what, struct deadline *d, struct err *e)
{
	struct pollfd p = {sock, what, 0};
	int64_t left = -1;
	int rc;

	for (;;) {
		if (d->timeout_ms >= 0) {
			if (d->at < 0)
				d->at = now_ms() + d->timeout_ms;
			left = d->at - now_ms();
			if (left <= 0 && d->timeout_ms > 0)
				return err_set(e, ERR_LIMIT,
					       "the other side was silent for "
					       "%d ms",
					       d->timeout_ms);
		}
		rc = poll(&p, 1, (int)left);
		if (rc > 0)
			return 0;
		if (rc == 0 && d->timeout_ms == 0)
			return err_set(e, ERR_LIMIT, "nothing to read yet");
		if (rc < 0 && errno != EINTR)
			return err_sys(e, "waiting for the other side");
	}
}

static void
take_fds(void *ctx, struct msghdr *m, struct frame *f)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		size_t n;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int),
			       sizeof(int));
			if (f->nfds == FRAME_MAX_FDS)
				close(fd);
			else
				f->fds[f->nfds++] = own_fd(ctx, fd);
		}
	}
}

/* Reads exactly len bytes.  0; 1 at an end of file before the first byte. */
static int
read_bytes(void *ctx, int sock, void *buf, size_t len, struct frame *f,
	   struct deadline *d, struct err *e)
{
	size_t got = 0;
	ssize_t n;
	int rc;

	while (got < len) {
		union control control;
		struct iovec iov = {(char *)buf + got, len - got};
		struct msghdr m = {
		    .msg_iov = &iov,
		    .msg_iovlen = 1,
		    .msg_control = &control,
		    .msg_controllen = sizeof(control),
		};

		n = recvmsg(sock, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
		if (n > 0) {
			take_fds(ctx, &m, f);
			got += (size_t)n;
			continue;
		}
		if (n == 0 && got == 0)
			return 1;
		if (n == 0)
			return err_set(e, ERR_SYNTAX,
				       "the other side went away in the "
				       "middle of a frame");
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return err_sys(e, "receiving");
		rc = wait_ready(sock, POLLIN, d, e);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int
frame_read(void *ctx, int sock, int timeout_ms, struct frame *f, struct err *e)
{
	struct deadline d = {-1, timeout_ms};
	uint32_t header[2];
	int rc;

	memset(f, 0, sizeof(*f));
	rc = read_bytes(ctx, sock, header, HEADER, f, &d, e);
	if (rc)
		return rc;
	if (header[0] < sizeof(uint32_t))
		return err_set(e, ERR_SYNTAX, "a frame without a type");
	if (header[0] > LIMIT_FRAME)
		return err_set(e, ERR_LIMIT, "a frame of %u bytes; at most %u",
			       header[0], LIMIT_FRAME);
	f->type = (enum frame_type)header[1];
	f->len = header[0] - sizeof(uint32_t);
	f->body = talloc_array(ctx, char, f->len + 1);
	if (!f->body)
		BUG("out of memory");
	f->body[f->len] = '\0';
	rc = read_bytes(ctx, sock, f->body, f->len, f, &d, e);
	if (rc == 1)
		return err_set(e, ERR_SYNTAX,
			       "the other side went away in the middle of a "
			       "frame");
	return rc;
}

void
fields_init(struct fields *f, const void *body, size_t len)
{
	f->p = body ? body : "";
	f->end = f->p + len;
	f->bad = false;
}

/* The bytes of the next field, in place; NULL when it is not whole. */
static const char *
next_field(struct fields *f, size_t *len)
{
	const char *p;
	uint32_t n;

	if (f->bad || (size_t)(f->end - f->p) < sizeof(n))
		goto bad;
	memcpy(&n, f->p, sizeof(n));
	if ((size_t)(f->end - f->p) - sizeof(n) < n)
		goto bad;
	p = f->p + sizeof(n);
	f->p = p + n;
	*len = n;
	return p;
bad:
	f->bad = true;
	return NULL;
}

uint64_t
fields_u64(struct fields *f)
{
	const char *p;
	uint64_t v;
	size_t n;

	p = next_field(f, &n);
	if (!p)
		return 0;
	if (n != sizeof(v)) {
		f->bad = true;
		return 0;
	}
	memcpy(&v, p, sizeof(v));
	return v;
}

char *
fields_bytes(void *ctx, struct fields *f, size_t *len)
{
	const char *p;
	char *copy;
	size_t n;

	if (len)
		*len = 0;
	p = next_field(f, &n);
	if (!p)
		return NULL;
	if (!len && memchr(p, '\0', n)) {
		f->bad = true;
		return NULL;
	}
	copy = talloc_array(ctx, char, n + 1);
	if (!copy)
		BUG("out of memory");
	memcpy(copy, p, n);
	copy[n] = '\0';
	if (len)
		*len = n;
	return copy;
}

bool
fields_done(const struct fields *f)
{
	return !f->bad && f->p == f->end;
}

void
frame_out_init(void *ctx, struct frame_out *f, enum frame_type type)
{
	f->type = type;
	f->len = 0;
	f->body = talloc_array(ctx, char, 1024);
	if (!f->body)
		BUG("out of memory");
}

void
frame_out_bytes(struct frame_out *f, const void *p, size_t len)
{
	size_t room = talloc_get_size(f->body), need;
	uint32_t n = (uint32_t)len;

	if (len > UINT32_MAX)
		BUG("a field of %zu bytes", len);
	need = f->len + sizeof(n) + len;
	if (need > room) {
		f->body = talloc_realloc(NULL, f->body, char, 2 * need);
		if (!f->body)
			BUG("out of memory");
	}
	memcpy(f->body + f->len, &n, sizeof(n));
	if (len)
		memcpy(f->body + f->len + sizeof(n), p, len);
	f->len = need;
}

void
frame_out_u64(struct frame_out *f, uint64_t v)
{
	frame_out_bytes(f, &v, sizeof(v));
}

void
frame_out_str(struct frame_out *f, const char *s)
{
	frame_out_bytes(f, s, s ? strlen(s) : 0);
}

static void
put_fds(struct msghdr *m, union control *control, const int *fds, size_t nfds)
{
	struct cmsghdr *c;

	memset(control, 0, sizeof(*control));
	m->msg_control = control;
	m->msg_controllen = CMSG_SPACE(nfds * sizeof(int));
	c = CMSG_FIRSTHDR(m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(nfds * sizeof(int));
	memcpy(CMSG_DATA(c), fds, nfds * sizeof(int));
}

int
frame_send(int sock, const struct frame_out *f, const int *fds, size_t nfds,
	   int timeout_ms, struct err *e)
{
	struct deadline d = {-1, timeout_ms};
	uint32_t header[2];
	size_t sent = 0;
	ssize_t n;
	int rc;

	if (f->len > LIMIT_FRAME - sizeof(uint32_t))
		return err_set(e, ERR_LIMIT, "a frame of %zu bytes; at most %u",
			       f->len + sizeof(uint32_t), LIMIT_FRAME);
	if (nfds > FRAME_MAX_FDS)
		return err_set(e, ERR_LIMIT, "%zu descriptors; at most %d",
			       nfds, FRAME_MAX_FDS);
	header[0] = (uint32_t)(f->len + sizeof(uint32_t));
	header[1] = f->type;
	while (sent < HEADER + f->len) {
		struct iovec iov[2] = {{header, HEADER}, {f->body, f->len}};
		struct msghdr m = {.msg_iov = iov, .msg_iovlen = 2};
		union control control;

		if (sent < HEADER) {
			iov[0].iov_base = (char *)header + sent;
			iov[0].iov_len = HEADER - sent;
		} else {
			iov[1].iov_base = f->body + (sent - HEADER);
			iov[1].iov_len = f->len - (sent - HEADER);
			m.msg_iov = iov + 1;
			m.msg_iovlen = 1;
		}
		/* They travel with the first byte, once. */
		if (nfds && sent == 0)
			put_fds(&m, &control, fds, nfds);
		n = sendmsg(sock, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n >= 0) {
			sent += (size_t)n;
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return err_sys(e, "sending");
		rc = wait_ready(sock, POLLOUT, &d, e);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int
frame_peer(int sock, struct peer *p, struct err *e)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return err_sys(e, "asking who is at the other end");
	p->uid = cred.uid;
	p->gid = cred.gid;
	p->pid = cred.pid;
	return 0;
}
