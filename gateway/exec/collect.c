/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command in its box for what it prints: the gateway's own questions
 * (oracles).  No terminal, no signals, a deadline and a limit.
 */
#include "base/clock.h"
#include "base/own.h"
#include "exec/running.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct collecting {
	char *bytes;
	size_t len, room, max;
};

/* 0, 1 at the end, or negative. */
static int
take(void *ctx, struct collecting *c, int fd, struct err *e)
{
	ssize_t n;

	if (c->len + 4096 > c->room) {
		c->room = c->room ? c->room * 2 : 16384;
		c->bytes = talloc_realloc_size(ctx, c->bytes, c->room);
		if (!c->bytes)
			BUG("out of memory");
	}
	n = read(fd, c->bytes + c->len, c->room - c->len - 1);
	if (n < 0)
		return errno == EINTR ? 0 : err_sys(e, "reading its output");
	if (n == 0)
		return 1;
	c->len += (size_t)n;
	if (c->len > c->max)
		return err_set(e, ERR_LIMIT, "it printed more than %zu bytes",
			       c->max);
	return 0;
}

static int
collect(void *ctx, struct running *r, struct collecting *c, int out,
	int64_t deadline, struct err *e)
{
	for (;;) {
		struct pollfd p[] = {
		    {.fd = out, .events = POLLIN},
		    {.fd = watch_fd(&r->watch), .events = POLLIN},
		};
		int64_t left = deadline - now_ms();
		int rc;

		if (left <= 0)
			return err_set(e, ERR_LIMIT, "it took too long");
		if (poll(p, 2, (int)left) < 0 && errno != EINTR)
			return err_sys(e, "poll");
		if (p[1].revents)
			watch_answer(&r->watch, p[1].revents);
		if (!p[0].revents)
			continue;
		rc = take(ctx, c, out, e);
		if (rc != 0)
			return rc < 0 ? rc : 0;
	}
}

/* Its output has ended; it should, too. */
static int
await(struct running *r, int64_t deadline, struct err *e)
{
	for (;;) {
		struct pollfd p[] = {
		    {.fd = r->bwrap_pidfd, .events = POLLIN},
		    {.fd = watch_fd(&r->watch), .events = POLLIN},
		};
		int64_t left = deadline - now_ms();
		int rc = poll(p, 2, left > 0 ? (int)left : 0);

		if (rc > 0 && p[1].revents)
			watch_answer(&r->watch, p[1].revents);
		if (rc > 0 && p[0].revents)
			return 0;
		if (rc == 0 || (rc < 0 && errno != EINTR))
			return err_set(e, ERR_LIMIT, "it does not end");
	}
}

int
exec_collect(void *ctx, const struct invocation *in, const struct command *cmd,
	     const struct bwrap_plan *plan, const struct exec_collecting *how,
	     char **output, size_t *len, int *status, struct err *e)
{
	struct invocation alone = *in;
	struct running *r = talloc_zero(ctx, struct running);
	struct collecting c = {.max = how->max};
	int64_t deadline = now_ms() + how->timeout_ms;
	int null, pair[2], stdio[3], rc;

	if (!r)
		BUG("out of memory");
	alone.npassed = 0;
	r->plan = plan;
	r->bwrap_pidfd = r->first_pidfd = r->block = r->status = -1;
	watch_init(&r->watch, false, false);
	null = own_fd(r, open("/dev/null", O_RDWR | O_CLOEXEC));
	if (null < 0 || pipe2(pair, O_CLOEXEC) < 0) {
		talloc_free(r);
		return err_sys(e, "a pipe");
	}
	own_fd(r, pair[0]);
	stdio[0] = stdio[2] = null;
	stdio[1] = pair[1];
	rc = stages_make(plan, e);
	if (rc == 0)
		rc = running_start(r, &alone, cmd, false, stdio, e);
	close(pair[1]);
	if (rc == 0 && how->started && exec_first(r) > 0)
		rc = how->started(r->first, how->data, e);
	if (rc == 0)
		rc = collect(ctx, r, &c, pair[0], deadline, e);
	if (rc == 0)
		rc = await(r, deadline, e);
	if (rc < 0) {
		exec_abort(r);
		talloc_free(c.bytes);
		talloc_free(r);
		return err_wrap(e, "%s", cmd->argv[0]);
	}
	*status = running_reap(r);
	*status = WIFSIGNALED(*status) ? 128 + WTERMSIG(*status)
				       : WEXITSTATUS(*status);
	running_listen(r);
	if (!r->has_exit)
		running_listen(r);
	if (!r->has_exit)
		rc = err_set(e, ERR_SYSTEM, "%s: its box did not start",
			     cmd->argv[0]);
	exec_abort(r);
	if (c.bytes)
		c.bytes[c.len] = '\0';
	else
		c.bytes = talloc_zero_size(ctx, 1);
	*output = c.bytes;
	*len = c.len;
	talloc_free(r);
	return rc;
}
