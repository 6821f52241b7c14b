/* SPDX-License-Identifier: Apache-2.0 */
/*
 * While the command runs: the shim's signals go to its process group, stop and
 * continue too, the helper's questions are answered, and when the shim goes
 * away the box is killed.  The command's input and output do not come by here.
 */
#include "base/clock.h"
#include "exec/running.h"
#include "wire/frame.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <talloc.h>
#include <unistd.h>

#define CLIENT_MS 1000	/* for the rest of a frame that has begun */
#define GRACE_MS  30	/* to restore the terminal before it is stopped */
#define RETRY_MS  2	/* the command is being started */
#define END_MS	  10000 /* for the box's processes to be gone */

struct relay {
	struct running *r;
	int client, status; /* -1: at its end */
	uint64_t pending;   /* bit n-1: signal n, to be delivered */
	int64_t stop_at;    /* ms; 0: no */
};

/* The command, child of the box's first process; 0: none yet; -1: this kernel
 * does not tell (CONFIG_PROC_CHILDREN). */
static pid_t
command_pid(pid_t first)
{
	char path[64], text[32];
	ssize_t n;
	int fd;

	snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", (long)first,
		 (long)first);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof text - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return (pid_t)strtol(text, NULL, 10);
}

/* True when there was somebody to receive it. */
static bool
deliver(const struct running *r, int number)
{
	pid_t group = getpgid(r->first), command = command_pid(r->first);

	if (group < 0)
		return true; /* gone: so is the command */
	if (command == 0)
		return false;
	if (group == r->first)
		return kill(-group, number) == 0;
	/* not yet in a session of its own, or never to be: its group is then
	 * bwrap's too */
	return command > 0 && kill(command, number) == 0;
}

static void
tell(struct relay *l, enum frame_type type)
{
	void *ctx = talloc_new(l->r);
	struct frame_out f;

	frame_out_init(ctx, &f, type);
	/* a client that does not listen is found out by its next silence */
	frame_send(l->client, &f, NULL, 0, CLIENT_MS, NULL);
	talloc_free(ctx);
}

static void
end_box(struct relay *l)
{
	l->r->killed = true;
	running_kill(l->r);
	l->client = -1;
}

static void
take_signal(struct relay *l, uint64_t number)
{
	switch (number) {
	case SIGTSTP:
		if (!l->r->stopped && !l->stop_at)
			l->stop_at = now_ms() + GRACE_MS;
		break;
	case SIGCONT:
		l->stop_at = 0;
		l->pending &= ~(1ull << (SIGTSTP - 1));
		break;
	case SIGHUP:
	case SIGINT:
	case SIGQUIT:
	case SIGTERM:
	case SIGUSR1:
	case SIGUSR2:
	case SIGWINCH:
		break;
	default:
		return; /* not one that a shim forwards */
	}
	l->pending |= 1ull << (number - 1);
}

static void
read_client(struct relay *l)
{
	void *ctx = talloc_new(l->r);
	struct fields fields;
	struct frame f;
	uint64_t number;

	if (frame_read(ctx, l->client, CLIENT_MS, &f, NULL) != 0) {
		end_box(l);
	} else if (f.type == FRAME_SIGNAL) {
		fields_init(&fields, f.body, f.len);
		number = fields_u64(&fields);
		if (fields_done(&fields))
			take_signal(l, number);
	}
	talloc_free(ctx);
}

static void
deliver_pending(struct relay *l)
{
	for (int n = 1; n < 64 && l->pending; n++) {
		uint64_t bit = 1ull << (n - 1);

		if (!(l->pending & bit) || !deliver(l->r, n))
			continue;
		l->pending &= ~bit;
		if (n == SIGCONT) {
			l->r->stopped = false;
			tell(l, FRAME_CONTINUED);
		}
	}
	/* Its process group has no parent in the session, so that SIGTSTP does
	 * not stop it by default (the orphaned process groups of POSIX); a
	 * handler had its chance. */
	if (l->stop_at && now_ms() >= l->stop_at) {
		l->stop_at = 0;
		if (deliver(l->r, SIGSTOP)) {
			l->r->stopped = true;
			tell(l, FRAME_STOPPED);
		}
	}
}

static int
timeout(const struct relay *l)
{
	int64_t left;

	if (l->pending)
		return RETRY_MS;
	if (!l->stop_at)
		return -1;
	left = l->stop_at - now_ms();
	return left > 0 ? (int)left : 0;
}

/* When bwrap has ended: its last words, and the end of everybody whom the
 * command has left behind and who could still write: with bwrap's death they
 * are as good as dead, but to take the mounts apart costs the kernel a tenth
 * of a command's time.  It lets pid 1 of a namespace end last. */
void
relay_finish(struct running *r)
{
	struct pollfd last = {.fd = r->status, .events = POLLIN};
	struct pollfd first = {.fd = r->first_pidfd, .events = POLLIN};

	while (poll(&last, 1, 0) > 0 && running_listen(r) == 0)
		;
	while (!r->plan->reads_only && r->first_pidfd >= 0 &&
	       poll(&first, 1, END_MS) < 0 && errno == EINTR)
		;
}

int
relay_run(struct running *r, int client, struct err *e)
{
	struct relay l = {.r = r, .client = client, .status = r->status};

	for (;;) {
		struct pollfd p[] = {
		    {.fd = r->bwrap_pidfd, .events = POLLIN},
		    {.fd = l.status, .events = POLLIN},
		    {.fd = l.client, .events = POLLIN},
		    {.fd = watch_fd(&r->watch), .events = POLLIN},
		};

		if (poll(p, sizeof p / sizeof *p, timeout(&l)) < 0) {
			if (errno == EINTR)
				continue;
			end_box(&l);
			return err_sys(e, "waiting for the command");
		}
		if (p[3].revents)
			watch_answer(&r->watch, p[3].revents);
		if (p[1].revents && !p[0].revents && running_listen(r) != 0)
			l.status = -1;
		if (p[0].revents)
			break;
		if (p[2].revents)
			read_client(&l);
		deliver_pending(&l);
	}
	return 0;
}
