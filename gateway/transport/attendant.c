/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The attendant: takes requests from one box, refuses what its command may
 * not ask for, and forks a carrier for the rest.  It ends, and everything that
 * it started, when the worker says so or is gone.
 */
#include "transport/attendant.h"
#include "base/own.h"
#include "base/text.h"
#include "wire/frame.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

#define LISTEN_FD  3
#define CONTROL_FD 4
#define PARK_FD	   5

/* A connection that has not sent its request, or the carrier for it. */
struct guest {
	struct attend *a;
	int fd; /* the connection; later the carrier's pidfd */
	pid_t carrier;
	struct watch *watch;
	struct timer *late;
};

struct attend {
	const struct attending *with;
	struct invocation in;
	struct loop *loop;
	struct watch *door;
	bool known; /* the box is */
	struct attend_box box;
	struct guest *guests[ATTEND_GUESTS];
	size_t nguests;
	unsigned number; /* of carriers so far */
	bool may_park;	 /* or take over: the first push */
	pid_t parked;	 /* a carrier that is to outlive us */
	int report[2];	 /* from carriers */
	char *text;	 /* what is to be reported */
	size_t nlines;
};

static void
note(struct attend *a, const char *line)
{
	size_t len = a->text ? strlen(a->text) : 0;

	if (a->nlines++ >= ATTEND_LINES ||
	    len + strlen(line) + 64 > ATTEND_REPORT)
		return;
	a->text =
	    talloc_asprintf_append(a->text ? a->text : talloc_strdup(a, ""),
				   "%s%s", len ? "\n" : "", line);
}

static void
let_in_or_wait(struct attend *a)
{
	loop_pause(a->door, !a->known || a->nguests == ATTEND_GUESTS);
}

/* Frees the place, not the descriptor. */
static void
leave(struct guest *g)
{
	struct attend *a = g->a;

	loop_drop(a->loop, g->watch);
	loop_timer_drop(a->loop, g->late);
	for (size_t i = 0; i < a->nguests; i++)
		if (a->guests[i] == g)
			a->guests[i--] = a->guests[--a->nguests];
	talloc_free(g);
	let_in_or_wait(a);
}

static void
turn_out(struct guest *g)
{
	close(g->fd);
	leave(g);
}

static void
too_late(struct loop *l, void *data)
{
	struct guest *g = data;

	(void)l;
	g->late = NULL;
	turn_out(g);
}

static void
process_ended(struct loop *l, struct watch *w, short revents, void *data)
{
	struct guest *g = data;

	(void)l;
	(void)w;
	(void)revents;
	while (waitpid(g->carrier, NULL, 0) < 0 && errno == EINTR)
		;
	turn_out(g);
}

static void __attribute__((noreturn))
carry(struct guest *g, struct transport_request *rq,
      struct transport_permit *permit, enum transport_service service)
{
	struct attend *a = g->a;
	void *ctx = talloc_new(NULL);
	struct carrier *c = talloc_zero(ctx, struct carrier);

	if (!c)
		BUG("out of memory");
	/* another request's connection must end with its own carrier */
	for (size_t i = 0; i < a->nguests; i++)
		if (a->guests[i] != g)
			close(a->guests[i]->fd);
	close(LISTEN_FD);
	close(CONTROL_FD);
	close(a->report[0]);
	c->ctx = ctx;
	c->setting = a->with->setting;
	c->in = &a->in;
	c->of = a->with->of;
	c->rq = rq;
	c->permit = permit;
	c->service = service;
	c->folder = talloc_asprintf(ctx, "%s/%u", a->with->folder, a->number);
	c->conn = g->fd;
	c->park = service == SERVICE_PUSH && a->may_park ? PARK_FD : -1;
	if (c->park < 0 && a->may_park)
		close(PARK_FD);
	c->report = a->report[1];
	_exit(carrier_run(c));
}

static void
answer(int conn, uint64_t status)
{
	send(conn, &status, sizeof(status), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void
take_request(struct loop *l, struct watch *w, short revents, void *data)
{
	struct guest *g = data;
	struct attend *a = g->a;
	void *ctx = talloc_new(NULL); /* with what the request brought */
	struct transport_request rq;
	struct transport_permit *permit;
	enum transport_service service;
	struct err e = {0};
	int fds[3 + CARRY_MAX_FILES];
	size_t nfds;

	(void)w;
	(void)revents;
	if (request_receive(ctx, g->fd, &rq, fds, &nfds, &e) < 0) {
		turn_out(g);
		goto out;
	}
	if (match_request(ctx, &rq, &a->with->of->need, &permit, &service, &e) <
	    0) {
		note(a, talloc_asprintf(ctx, "automode: refused: %s",
					text_safe(ctx, e.msg)));
		answer(g->fd, ATTEND_STATUS_FAIL);
		turn_out(g);
		goto out;
	}
	a->number++;
	g->carrier = fork();
	if (g->carrier == 0)
		carry(g, &rq, permit, service);
	if (service == SERVICE_PUSH && a->may_park) {
		close(PARK_FD); /* it must end with that carrier */
		a->may_park = false;
	}
	close(g->fd); /* its end is the carrier's end from here on */
	loop_drop(l, g->watch);
	loop_timer_drop(l, g->late);
	g->late = NULL;
	g->watch = NULL;
	g->fd = g->carrier < 0 ? -1 : pidfd_open(g->carrier, 0);
	if (g->fd < 0) {
		note(a, "automode: the transport cannot start a process");
		leave(g);
	} else {
		g->watch = loop_add(l, g->fd, POLLIN, process_ended, g);
	}
out:
	talloc_free(ctx);
}

/* Only the box is served: the socket can also be reached through /proc by
 * whoever may look at the box's processes. */
static bool
is_of_box(const struct attend *a, int conn)
{
	struct peer peer;
	struct stat st;
	char path[64];

	if (frame_peer(conn, &peer, NULL) < 0 || peer.pid <= 0 ||
	    peer.uid != geteuid())
		return false;
	snprintf(path, sizeof(path), "/proc/%ld/ns/pid", (long)peer.pid);
	return stat(path, &st) == 0 && st.st_dev == a->box.dev &&
	       st.st_ino == a->box.ino;
}

static void
let_in(struct loop *l, struct watch *w, short revents, void *data)
{
	struct attend *a = data;
	struct guest *g;
	int fd = accept4(LISTEN_FD, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)w;
	(void)revents;
	if (fd < 0)
		return;
	if (!is_of_box(a, fd)) {
		close(fd);
		return;
	}
	/* who is in the box has it; nobody else needs its name */
	unlink(talloc_asprintf(a, "%s/socket", a->with->folder));
	g = talloc_zero(a, struct guest);
	if (!g)
		BUG("out of memory");
	g->a = a;
	g->fd = fd;
	g->watch = loop_add(l, fd, POLLIN, take_request, g);
	g->late = loop_timer(l, ATTEND_REQUEST_MS, too_late, g);
	a->guests[a->nguests++] = g;
	let_in_or_wait(a);
}

static void
listen_to_worker(struct loop *l, struct watch *w, short revents, void *data)
{
	struct attend *a = data;
	ssize_t n = recv(CONTROL_FD, &a->box, sizeof(a->box), MSG_DONTWAIT);

	(void)w;
	(void)revents;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n != (ssize_t)sizeof(a->box)) {
		loop_stop(l);
		return;
	}
	a->known = true;
	let_in_or_wait(a);
}

/* It waits for another command, and is no guest's any more. */
static void
let_go(struct attend *a, pid_t pid)
{
	for (size_t i = 0; i < a->nguests; i++)
		if (a->guests[i]->carrier == pid) {
			a->parked = pid;
			turn_out(a->guests[i]);
			return;
		}
}

static void
collect_lines(struct attend *a)
{
	char text[1024];
	ssize_t n;

	while ((n = recv(a->report[0], text, sizeof(text) - 1, MSG_DONTWAIT)) >
	       0) {
		text[n] = '\0';
		if (*text == ATTEND_PARKED)
			let_go(a, (pid_t)strtol(text + 1, NULL, 10));
		else
			note(a, text);
	}
}

static void
hear_carrier(struct loop *l, struct watch *w, short revents, void *data)
{
	(void)l;
	(void)w;
	(void)revents;
	collect_lines(data);
}

/* The command is over, and with it whoever could still wait for an answer.
 * What carriers have started comes to us when they are gone. */
static void
end_carriers(struct attend *a)
{
	for (size_t i = 0; i < a->nguests; i++)
		if (a->guests[i]->carrier > 0)
			kill(a->guests[i]->carrier, SIGKILL);
	for (size_t i = 0; i < a->nguests; i++)
		if (a->guests[i]->carrier > 0)
			waitpid(a->guests[i]->carrier, NULL, 0);
	for (int i = 0; a->number && i < 100; i++)
		if (exec_end_orphans(&a->parked, 1, NULL) == 0 ||
		    waitpid(-1, NULL, 0) < 0)
			break;
}

/* The worker's descriptors stay its own: the caller's pipes, the channel to
 * the monitor, boxes that wait. */
static void
shed(struct attend *a)
{
	int l = fcntl(a->with->listen, F_DUPFD_CLOEXEC, 10);
	int c = fcntl(a->with->control, F_DUPFD_CLOEXEC, 10);
	int p =
	    a->with->park < 0 ? -1 : fcntl(a->with->park, F_DUPFD_CLOEXEC, 10);

	if (l < 0 || c < 0 || dup3(l, LISTEN_FD, O_CLOEXEC) < 0 ||
	    dup3(c, CONTROL_FD, O_CLOEXEC) < 0 ||
	    (p >= 0 && dup3(p, PARK_FD, O_CLOEXEC) < 0) ||
	    close_range(p >= 0 ? PARK_FD + 1 : CONTROL_FD + 1, ~0U, 0) < 0)
		_exit(1);
	a->may_park = p >= 0;
	a->in = *a->with->in;
	a->in.cwd_fd = -1;
	a->in.stdio[0] = a->in.stdio[1] = a->in.stdio[2] = -1;
	a->in.npassed = 0;
}

void
attendant_main(struct attending *with)
{
	struct attend *a = talloc_zero(NULL, struct attend);
	struct err e = {0};

	if (!a)
		_exit(1);
	a->with = with;
	shed(a);
	signal(SIGPIPE, SIG_IGN);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 ||
	    socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		       a->report) < 0)
		_exit(1);
	a->loop = loop_new(a);
	a->door = loop_add(a->loop, LISTEN_FD, POLLIN, let_in, a);
	let_in_or_wait(a);
	loop_add(a->loop, CONTROL_FD, POLLIN, listen_to_worker, a);
	loop_add(a->loop, a->report[0], POLLIN, hear_carrier, a);
	if (loop_run(a->loop, &e) < 0)
		note(a, e.msg);
	collect_lines(a);
	end_carriers(a);
	collect_lines(a);
	transport_remove(with->folder);
	if (a->nlines > ATTEND_LINES)
		a->text = talloc_asprintf_append(a->text, "\nand %zu more",
						 a->nlines - ATTEND_LINES);
	if (a->text)
		send(CONTROL_FD, a->text, strlen(a->text), MSG_NOSIGNAL);
	_exit(0);
}
