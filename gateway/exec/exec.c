/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a plan: holds the box back until it is released (start.c starts it), and
 * says how the command ended.
 * See exec.h; running.h has the picture of the processes.
 */
#include "exec/exec.h"
#include "base/own.h"
#include "exec/running.h"
#include "exec/tap.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int
destroy(struct running *r)
{
	exec_abort(r);
	return 0;
}

static const struct tap_sink *sink;

void
exec_tap(const struct tap_sink *new_sink)
{
	sink = new_sink;
}

int
exec_prepare(void *ctx, const struct invocation *in, const struct command *cmd,
	     const struct bwrap_plan *plan, struct running **out, struct err *e)
{
	struct running *r = talloc_zero(ctx, struct running);
	int rc, stdio[3];

	if (!r)
		BUG("out of memory");
	r->plan = plan;
	r->bwrap_pidfd = r->first_pidfd = r->block = r->status = -1;
	watch_init(&r->watch, false, false);
	talloc_set_destructor(r, destroy);
	memcpy(stdio, in->stdio, sizeof(stdio));
	rc = stages_make(plan, e);
	if (rc == 0)
		rc = tap_open(r, sink, in->stdio[1], &r->tap, &stdio[1], e);
	if (rc == 0)
		rc = running_start(r, in, cmd, true, stdio, e);
	tap_started(r->tap);
	if (rc < 0) {
		talloc_free(r);
		return err_wrap(e, "the box");
	}
	*out = r;
	return 0;
}

int
running_reap(struct running *r)
{
	int status = 0;

	while (waitpid(r->bwrap, &status, 0) < 0 && errno == EINTR)
		;
	r->reaped = true;
	return status;
}

/*
 * --die-with-parent takes hold of the box's first process only after
 * --block-fd (bubblewrap 0.8), so bwrap's death alone would leave it waiting
 * for ever, with the caller's terminal or pipe in its hands.  Until it makes a
 * session of its own it is in bwrap's process group, which is ours to kill;
 * later its descriptor is known.
 */
void
running_kill(struct running *r)
{
	struct pollfd p = {.fd = r->status, .events = POLLIN};

	kill(-r->bwrap, SIGKILL);
	if (r->first_pidfd < 0 && poll(&p, 1, 0) > 0)
		running_listen(r);
	if (r->first_pidfd >= 0)
		pidfd_send_signal(r->first_pidfd, SIGKILL, NULL, 0);
}

void
exec_abort(struct running *r)
{
	talloc_set_destructor(r, NULL);
	if (r->bwrap > 0 && !r->reaped) {
		running_kill(r);
		running_reap(r);
	}
	watch_finish(r, &r->watch);
	stages_remove(r->plan);
}

/* The number behind a name in what bwrap has said. */
static bool
said_number(const struct running *r, const char *name, long *number)
{
	const char *at = strstr(r->said, name);
	char *end;

	if (!at)
		return false;
	*number = strtol(at + strlen(name), &end, 10);
	return end != at + strlen(name) && (*end == ',' || *end == ' ');
}

int
running_listen(struct running *r)
{
	size_t room = sizeof r->said - 1 - r->nsaid;
	ssize_t n = room ? read(r->status, r->said + r->nsaid, room) : 0;
	long number;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n <= 0)
		return 1;
	r->nsaid += (size_t)n;
	r->said[r->nsaid] = '\0';
	if (!r->first && said_number(r, "\"child-pid\": ", &number)) {
		r->first = (pid_t)number;
		r->first_pidfd = own_fd(r, pidfd_open(r->first, 0));
	}
	if (!r->has_exit && said_number(r, "\"exit-code\": ", &number)) {
		r->exit_status = (int)number;
		r->has_exit = true;
	}
	return 0;
}

pid_t
exec_first(struct running *r)
{
	while (!r->first)
		if (running_listen(r) != 0)
			break;
	return r->first;
}

/* The first process is there before it waits for us, and cannot go before it
 * is released: its number is safe to use here. */
int
exec_go(struct running *r, struct err *e)
{
	if (exec_first(r))
		watch_open_counters(&r->watch, r->first);
	if (send(r->block, "", 1, MSG_NOSIGNAL) < 0 && r->first)
		return err_sys(e, "releasing the box");
	return 0;
}

int
exec_end_fd(const struct running *r)
{
	return r->bwrap_pidfd;
}

void
exec_kill(struct running *r)
{
	r->killed = true;
	running_kill(r);
}

int
exec_ended(struct running *r, int *status, bool *ran, struct err *e)
{
	int ended, rc = 0;

	relay_finish(r);
	ended = running_reap(r);
	tap_end(r->tap);
	talloc_set_destructor(r, NULL);
	watch_finish(r, &r->watch);
	*ran = r->has_exit || r->killed || WIFSIGNALED(ended);
	if (r->has_exit)
		*status = r->exit_status;
	else
		*status = WIFSIGNALED(ended) ? 128 + WTERMSIG(ended)
					     : WEXITSTATUS(ended);
	if (stages_deliver(r, r->plan, e) < 0)
		rc = e ? e->code : ERR_SYSTEM;
	stages_remove(r->plan);
	return rc;
}

int
exec_release(struct running *r, int client, int *status, bool *ran,
	     struct err *e)
{
	struct err late = {0};
	int rc = exec_go(r, e);

	if (rc < 0)
		return rc;
	rc = relay_run(r, client, e);
	if (exec_ended(r, status, ran, &late) < 0 && rc == 0) {
		rc = late.code;
		if (e)
			*e = late;
	}
	return rc;
}

const char *
exec_network_attempts(const struct running *r)
{
	return r->watch.report;
}
