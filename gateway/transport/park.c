/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps a connection from question to push: see park.h. */
#include "transport/park.h"
#include "base/file.h"
#include "base/own.h"
#include "transport/attendant.h"
#include "transport/push_filter.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <talloc.h>
#include <unistd.h>

#define CHUNK 65536
#define FDS   5 /* to, from, errors, announced, said */

struct kept {
	char *bytes;
	size_t len, room;
};

struct park {
	struct carrier *c;
	int to, from, errors; /* ssh's 0, 1, 2 */
	struct watch *asks, *says, *complains;
	struct kept announced, said;
	size_t line; /* where the next pkt-line of it begins */
	bool whole;  /* its flush packet has come, and nothing behind it */
	bool broken; /* it will never be */
};

/* Everything that makes it the same connection. */
static char *
key_of(void *ctx, const struct carrier *c)
{
	const struct transport_permit *p = c->permit;

	return talloc_asprintf(ctx, "%s\n%s\n%u\n%s\n%s\n%s",
			       p->user ? p->user : "", p->host, p->port,
			       p->path, c->rq->protocol ? c->rq->protocol : "",
			       p->ssh_command ? p->ssh_command : "");
}

static bool
keep(void *ctx, struct kept *k, const char *bytes, size_t len, size_t max)
{
	if (k->len + len > max)
		return false;
	if (k->len + len > k->room) {
		k->room = (k->len + len) * 2;
		k->bytes = talloc_realloc_size(ctx, k->bytes, k->room);
		if (!k->bytes)
			BUG("out of memory");
	}
	memcpy(k->bytes + k->len, bytes, len);
	k->len += len;
	return true;
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* gitprotocol-common(5) */
static void
follow_lines(struct park *p)
{
	while (!p->broken && p->announced.len - p->line >= 4) {
		const char *at = p->announced.bytes + p->line;
		int n = 0;

		p->broken = p->whole; /* more behind the flush */
		for (int i = 0; i < 4 && n >= 0; i++)
			n = hex(at[i]) < 0 ? -1 : n * 16 + hex(at[i]);
		if (n == 0) {
			p->whole = true;
			p->line += 4;
			continue;
		}
		p->broken |= n < 4;
		if (p->announced.len - p->line < (size_t)n)
			return;
		p->line += (size_t)n;
	}
}

/* Moves what there is from one end to the other; false at its end. */
static bool
pass(int from, int to, char *buf, size_t *len)
{
	ssize_t n = read(from, buf, CHUNK);

	*len = 0;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (n <= 0)
		return false;
	*len = (size_t)n;
	return file_write_all(to, buf, *len) == 0;
}

static void
ssh_says(struct loop *l, struct watch *w, short revents, void *data)
{
	struct park *p = data;
	char buf[CHUNK];
	size_t len;

	(void)revents;
	if (!pass(p->from, p->c->rq->stdio[1], buf, &len)) {
		loop_drop(l, w);
		p->says = NULL;
		p->broken = true;
		own_close_fd(&p->from);
		carrier_done(p->c);
		return;
	}
	if (!p->broken && !keep(p, &p->announced, buf, len, PARK_ANNOUNCED))
		p->broken = true;
	follow_lines(p);
}

static void
ssh_complains(struct loop *l, struct watch *w, short revents, void *data)
{
	struct park *p = data;
	char buf[CHUNK];
	size_t len;

	(void)revents;
	if (!pass(p->errors, p->c->rq->stdio[2], buf, &len)) {
		loop_drop(l, w);
		p->complains = NULL;
		own_close_fd(&p->errors);
		carrier_done(p->c);
		return;
	}
	(void)keep(p, &p->said, buf, len, PARK_SAID);
}

static int
in_memory(const struct kept *k)
{
	int fd = memfd_create("automode", MFD_CLOEXEC);

	if (fd >= 0 &&
	    (file_write_all(fd, k->len ? k->bytes : "", k->len) < 0 ||
	     lseek(fd, 0, SEEK_SET) < 0))
		own_close_fd(&fd);
	return fd;
}

static void
send_fds(int sock, const int *fds)
{
	union {
		char bytes[CMSG_SPACE(FDS * sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	char yes = 'y';
	struct iovec iov = {&yes, 1};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = &control,
			   .msg_controllen = sizeof(control)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(FDS * sizeof(int));
	memcpy(CMSG_DATA(c), fds, FDS * sizeof(int));
	sendmsg(sock, &m, MSG_NOSIGNAL);
}

static void
hand_over(struct park *p)
{
	int fds[FDS] = {p->to, p->from, p->errors, in_memory(&p->announced),
			in_memory(&p->said)};

	if (fds[3] >= 0 && fds[4] >= 0) {
		send_fds(p->c->park, fds);
		p->c->taken = true;
	} else {
		exec_kill(p->c->running);
	}
	own_close_fd(&p->to);
	own_close_fd(&p->from);
	own_close_fd(&p->errors);
	own_close_fd(&fds[3]);
	own_close_fd(&fds[4]);
}

/* The second carrier, or the end of the worker. */
static void
somebody_asks(struct loop *l, struct watch *w, short revents, void *data)
{
	struct park *p = data;
	char text[8192];
	ssize_t n = recv(p->c->park, text, sizeof(text) - 1, MSG_DONTWAIT);

	(void)revents;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || p->c->taken) {
		loop_drop(l, w);
		if (!p->c->ended)
			exec_kill(p->c->running);
		return;
	}
	text[n] = '\0';
	if (strcmp(text, key_of(p, p->c)) == 0)
		hand_over(p);
	else
		send(p->c->park, "n", 1, MSG_NOSIGNAL);
}

/* git has heard what it wanted and hangs up: for it this is over. */
static void
park(struct park *p)
{
	struct carrier *c = p->c;
	uint64_t status = 0;
	char note[32];
	int n = snprintf(note, sizeof(note), "%c%ld", ATTEND_PARKED,
			 (long)getpid());

	loop_drop(c->loop, p->says);
	loop_drop(c->loop, p->complains);
	loop_drop(c->loop, c->guest);
	c->busy = 0;
	/* before the answer, upon which the attendant may be told to end */
	send(c->report, note, (size_t)n, MSG_NOSIGNAL);
	send(c->conn, &status, sizeof(status), MSG_NOSIGNAL);
	own_close_fd(&c->conn);
	close(c->report);
	c->report = -1;
	close(c->rq->stdio[1]);
	close(c->rq->stdio[2]);
	c->parked = true;
	loop_add(c->loop, c->park, POLLIN, somebody_asks, p);
}

/* Not one byte of it goes on: nothing was judged yet. */
static void
git_asks(struct loop *l, struct watch *w, short revents, void *data)
{
	struct park *p = data;
	char buf[4096];
	ssize_t n = read(p->c->rq->stdio[0], buf, sizeof(buf));

	(void)revents;
	if (n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN)))
		return;
	loop_drop(l, w);
	close(p->c->rq->stdio[0]);
	if (p->whole && !p->broken && !p->c->ended) {
		park(p);
	} else {
		own_close_fd(&p->to); /* ssh's turn to end */
	}
}

int
park_prepare(struct carrier *c, struct err *e)
{
	struct park *p = talloc_zero(c->ctx, struct park);
	int to[2], from[2], errors[2];

	if (!p)
		BUG("out of memory");
	if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0 ||
	    pipe2(errors, O_CLOEXEC) < 0)
		return err_sys(e, "a pipe");
	*p = (struct park){
	    .c = c, .to = to[1], .from = from[0], .errors = errors[0]};
	c->as.stdio[0] = to[0];
	c->as.stdio[1] = from[1];
	c->as.stdio[2] = errors[1];
	c->busy = 2;
	p->asks = loop_add(c->loop, c->rq->stdio[0], POLLIN, git_asks, p);
	p->says = loop_add(c->loop, p->from, POLLIN, ssh_says, p);
	p->complains = loop_add(c->loop, p->errors, POLLIN, ssh_complains, p);
	return 0;
}

/* The second carrier. */
struct pump {
	struct carrier *c;
	int from, to;
};

static void
pump(struct loop *l, struct watch *w, short revents, void *data)
{
	struct pump *p = data;
	char buf[CHUNK];
	size_t len;

	(void)revents;
	if (pass(p->from, p->to, buf, &len))
		return;
	loop_drop(l, w);
	own_close_fd(&p->from);
	if (p->to != p->c->rq->stdio[2])
		own_close_fd(&p->to);
	carrier_done(p->c);
}

static void
add_pump(struct carrier *c, int from, int to)
{
	struct pump *p = talloc_zero(c->ctx, struct pump);

	if (!p)
		BUG("out of memory");
	*p = (struct pump){.c = c, .from = from, .to = to};
	c->busy++;
	loop_add(c->loop, from, POLLIN, pump, p);
}

static void
status_came(struct loop *l, struct watch *w, short revents, void *data)
{
	struct carrier *c = data;
	uint64_t status;
	ssize_t n = recv(c->park, &status, sizeof(status), MSG_DONTWAIT);

	(void)revents;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	loop_drop(l, w);
	if (!c->status)
		c->status = n == (ssize_t)sizeof(status) ? (int)status
							 : ATTEND_STATUS_FAIL;
	carrier_ended(c);
}

static bool
receive_fds(int sock, int *fds)
{
	union {
		char bytes[CMSG_SPACE(FDS * sizeof(int))];
		struct cmsghdr align;
	} control;
	char yes = 0;
	struct iovec iov = {&yes, 1};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = &control,
			   .msg_controllen = sizeof(control)};
	struct pollfd p = {.fd = sock, .events = POLLIN};
	struct cmsghdr *c;

	if (poll(&p, 1, PARK_TAKE_MS) <= 0 ||
	    recvmsg(sock, &m, MSG_CMSG_CLOEXEC) != 1 || yes != 'y')
		return false;
	c = CMSG_FIRSTHDR(&m);
	if (!c || c->cmsg_type != SCM_RIGHTS ||
	    c->cmsg_len != CMSG_LEN(FDS * sizeof(int)))
		return false;
	memcpy(fds, CMSG_DATA(c), FDS * sizeof(int));
	return true;
}

static void
play(int from, int to)
{
	while (sendfile(to, from, NULL, 1 << 20) > 0)
		;
	close(from);
}

static void
refused(const char *why, void *data)
{
	carrier_refuse(data, why);
}

int
park_take(struct carrier *c, struct err *e)
{
	const char *key = key_of(c->ctx, c);
	struct push_filter *f;
	int fds[FDS];

	if (send(c->park, key, strlen(key), MSG_NOSIGNAL) < 0 ||
	    !receive_fds(c->park, fds))
		return 1;
	c->taken = true;
	play(fds[3], c->rq->stdio[1]);
	play(fds[4], c->rq->stdio[2]);
	if (push_filter_start(c->ctx, c->loop, c->rq->stdio[0], fds[0],
			      c->permit, refused, c, &f, e) < 0)
		return e ? e->code : ERR_SYSTEM;
	add_pump(c, fds[1], c->rq->stdio[1]);
	add_pump(c, fds[2], c->rq->stdio[2]);
	loop_add(c->loop, c->park, POLLIN, status_came, c);
	return 0;
}

void
park_end(struct carrier *c)
{
	uint64_t status = (uint64_t)c->status;

	if (c->park < 0)
		return;
	if (c->parked && c->taken)
		send(c->park, &status, sizeof(status), MSG_NOSIGNAL);
	else if (c->taken)
		shutdown(c->park, SHUT_RDWR);
	own_close_fd(&c->park);
}
