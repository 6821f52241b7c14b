/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carries one request: asks who knows the transport for the command, puts it
 * into a box whose network reaches one host and port, and runs the brokers
 * beside it until it has ended.
 */
#include "transport/carrier.h"
#include "base/file.h"
#include "base/own.h"
#include "base/text.h"
#include "transport/attendant.h"
#include "transport/park.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

void
carrier_say(struct carrier *c, const char *text)
{
	char *line = talloc_asprintf(c->ctx, "automode: transport: %s",
				     text_safe(c->ctx, text));

	if (c->parked)
		return;
	if (c->setting->silent)
		send(c->report, line, strlen(line), MSG_NOSIGNAL);
	else
		(void)file_write_all(c->rq->stdio[2],
				     talloc_asprintf(c->ctx, "%s\n", line),
				     strlen(line) + 1);
}

static void
end_loop_when_idle(struct carrier *c)
{
	if (c->ended && c->busy == 0)
		loop_stop(c->loop);
}

static void
drained(struct loop *l, void *data)
{
	(void)data;
	loop_stop(l);
}

void
carrier_done(struct carrier *c)
{
	if (c->busy > 0)
		c->busy--;
	end_loop_when_idle(c);
}

void
carrier_ended(struct carrier *c)
{
	c->ended = true;
	loop_timer(c->loop, ATTEND_DRAIN_MS, drained, c);
	end_loop_when_idle(c);
}

void
carrier_refuse(struct carrier *c, const char *text)
{
	char *line = talloc_asprintf(c->ctx, "automode: refused: %s",
				     text_safe(c->ctx, text));

	send(c->report, line, strlen(line), MSG_NOSIGNAL);
	c->status = ATTEND_STATUS_FAIL;
	if (c->running && !c->ended)
		exec_kill(c->running);
	else
		loop_stop(c->loop);
}

/* A program that speaks to the network gets nothing of the agent's. */
static void
short_environment(struct carrier *c)
{
	static const char *const kept[] = {"LANG",     "LC_ALL", "LC_MESSAGES",
					   "LC_CTYPE", "TERM",	 "TZ"};
	size_t n = 0;
	const char **v;

	v = talloc_array(c->ctx, const char *,
			 sizeof(kept) / sizeof(*kept) + 3);
	if (!v)
		BUG("out of memory");
	v[n++] = "PATH=/usr/bin:/bin";
	v[n++] = "HOME=/tmp";
	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++) {
		const char *value = invocation_env(c->in, kept[i]);

		if (value)
			v[n++] =
			    talloc_asprintf(c->ctx, "%s=%s", kept[i], value);
	}
	v[n] = NULL;
	c->as.env = v;
	c->as.envc = n;
}

static int
understand(struct carrier *c, struct err *e)
{
	if (mkdir(c->folder, 0700) < 0)
		return err_sys(e, "a private folder");
	c->as = *c->in;
	c->as.cwd = "/tmp";
	memcpy(c->as.stdio, c->rq->stdio, sizeof(c->as.stdio));
	short_environment(c);
	if (c->service == SERVICE_SIGN)
		return sign_carry(c, e);
	c->parks = c->park >= 0 && c->setting->silent &&
		   c->permit->scheme == PERMIT_SSH && !c->permit->nupdates;
	if (c->parks && park_prepare(c, e) < 0)
		return e->code;
	if (c->permit->scheme == PERMIT_SSH)
		return ssh_carry(c, e);
	return https_carry(c, e);
}

/* The only names that the box can look up. */
static int
pin_hosts(struct carrier *c, const struct egress_address *v, size_t n,
	  struct err *e)
{
	const char *text = egress_hosts(c->ctx, &c->target, v, n);
	const char *path = talloc_asprintf(c->ctx, "%s/hosts", c->folder);
	int fd OWNED_FD =
	    open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	/* not file_write(): nobody wants it on a disk */
	if (fd < 0 || file_write_all(fd, text, strlen(text)) < 0)
		return err_sys(e, "pinning the address");
	need_bind(c->ctx, &c->cmd.need, path, "/etc/hosts", false);
	return 0;
}

static void
close_stdio(struct carrier *c)
{
	for (int i = 0; i < 3; i++)
		/* our own messages go there */
		if (c->as.stdio[i] >= 0 && c->as.stdio[i] != c->rq->stdio[2])
			close(c->as.stdio[i]);
}

static int
start(struct carrier *c, struct err *e)
{
	const struct box *box = boxes_find(c->setting->boxes, "transport");
	struct bwrap_plan *plan = talloc_zero(c->ctx, struct bwrap_plan);
	bool network = c->target.host && *c->target.host;
	struct egress_address *v = NULL;
	size_t n = 0;

	if (!plan)
		BUG("out of memory");
	if (!box)
		return err_set(e, ERR_UNKNOWN, "no box transport");
	c->cmd.need.box = "transport";
	if (network && (egress_resolve(c->ctx, &c->target, &v, &n, e) < 0 ||
			pin_hosts(c, v, n, e) < 0))
		return e->code;
	if (bwrap_compose(c->ctx, box, &c->as, &c->cmd, plan, e) < 0 ||
	    exec_prepare(c->ctx, &c->as, &c->cmd, plan, &c->running, e) < 0)
		return e->code;
	close_stdio(c);
	if (!network)
		return 0;
	if (exec_first(c->running) <= 0)
		return err_set(e, ERR_SYSTEM, "its box did not start");
	return egress_listen(c->ctx, c->loop, exec_first(c->running),
			     &c->target, v, n, &c->egress, e);
}

static void
box_ended(struct loop *l, struct watch *w, short revents, void *data)
{
	struct carrier *c = data;

	(void)revents;
	loop_drop(l, w);
	carrier_ended(c);
}

/* box-transport says nothing more: it has been ended. */
static void
guest_left(struct loop *l, struct watch *w, short revents, void *data)
{
	struct carrier *c = data;

	(void)revents;
	loop_drop(l, w);
	if (c->running && !c->ended)
		exec_kill(c->running);
	else
		loop_stop(l);
}

static int
run(struct carrier *c, struct err *e)
{
	struct err late = {0};
	bool ran;
	int status, rc;

	c->guest = loop_add(c->loop, c->conn, POLLIN, guest_left, c);
	if (!c->running)
		return loop_run(c->loop, e);
	loop_add(c->loop, exec_end_fd(c->running), POLLIN, box_ended, c);
	if (exec_go(c->running, e) < 0)
		return e->code;
	rc = loop_run(c->loop, e);
	if (rc < 0)
		exec_kill(c->running);
	if (exec_ended(c->running, &status, &ran, &late) == 0 && !ran)
		rc = err_set(e, ERR_SYSTEM, "its box did not start");
	if (c->status == 0)
		c->status = status;
	return rc;
}

static bool
takes_over(const struct carrier *c)
{
	return c->park >= 0 && !c->setting->silent && c->permit &&
	       c->permit->scheme == PERMIT_SSH;
}

int
carrier_run(struct carrier *c)
{
	struct err e = {0};
	uint64_t status;
	int rc;

	c->loop = loop_new(c->ctx);
	rc = takes_over(c) ? park_take(c, &e) : 1;
	if (rc > 0)
		rc = understand(c, &e);
	if (rc == 0 && c->cmd.program)
		rc = start(c, &e);
	if (rc == 0)
		rc = run(c, &e);
	if (rc < 0) {
		carrier_say(c, e.msg);
		c->status = c->status ? c->status : ATTEND_STATUS_FAIL;
	} else if (c->status && c->egress && egress_failed(c->egress)) {
		carrier_say(c, egress_failed(c->egress));
	}
	status = (uint64_t)c->status;
	if (c->conn >= 0) {
		send(c->conn, &status, sizeof(status), MSG_NOSIGNAL);
		close(c->conn);
	}
	park_end(c);
	transport_remove(c->folder);
	talloc_free(c->ctx);
	return 0;
}
