/* SPDX-License-Identifier: Apache-2.0 */
/* The monitor's workers. */
#include "workers.h"
#include "exec/exec.h"
#include "log.h"
#include "worker.h"
#include <errno.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define REPORT_MAX	 (1u << 20)
#define SPARE_DEATHS_MAX 3 /* then each caller gets a fresh process */

/* Forks a worker; client -1: a spare.  Its channel and pid go to *out. */
static int
start(struct workers *w, int client, const struct peer *peer, bool control,
      struct worker *out, struct err *e)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return err_sys(e, "socketpair");
	pid = fork();
	if (pid == 0) {
		if (client >= 0)
			worker_main(w->house, client, pair[1], control, peer);
		worker_wait(w->house, pair[1]);
	}
	close(pair[1]);
	if (pid < 0) {
		err_sys(e, "fork");
		close(pair[0]);
		return ERR_SYSTEM;
	}
	*out = (struct worker){.pid = pid, .fd = pair[0]};
	return 0;
}

/* It says so by a byte, once.  One that is still warming up is left to it: a
 * fresh process answers sooner. */
static bool
is_warm(const struct worker *spare)
{
	char byte;

	return recv(spare->fd, &byte, 1, MSG_DONTWAIT) == 1;
}

/* Gives the connection to the spare. */
static bool
wake(const struct worker *spare, int client, const struct peer *peer,
     bool control)
{
	struct worker_call call = {.peer = *peer, .control = control};
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} fds = {0};
	struct iovec iov = {&call, sizeof(call)};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = &fds,
			   .msg_controllen = sizeof(fds)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &client, sizeof(client));
	return sendmsg(spare->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT) ==
	       (ssize_t)sizeof(call);
}

/* The first that is warm; those after it move up. */
static bool
take_spare(struct workers *w, int client, const struct peer *peer, bool control,
	   uint64_t generation, struct worker *one)
{
	if (w->spares_know != generation)
		return false;
	for (size_t i = 0; i < SPARES; i++) {
		if (w->spares[i].pid == 0 || !is_warm(&w->spares[i]) ||
		    !wake(&w->spares[i], client, peer, control))
			continue;
		*one = w->spares[i];
		for (; i + 1 < SPARES; i++)
			w->spares[i] = w->spares[i + 1];
		w->spares[SPARES - 1] = (struct worker){.fd = -1};
		return true;
	}
	return false;
}

int
workers_serve(struct workers *w, int client, const struct peer *peer,
	      bool control, uint64_t generation, struct err *e)
{
	struct worker one;

	if (!take_spare(w, client, peer, control, generation, &one) &&
	    start(w, client, peer, control, &one, e) < 0)
		return ERR_SYSTEM;
	close(client);
	one.uid = peer->uid;
	one.control = control;
	w->v = talloc_realloc(w->ctx, w->v, struct worker, w->n + 1);
	if (w->v == NULL)
		BUG("out of memory");
	w->v[w->n++] = one;
	return 0;
}

static void
end_spare(struct worker *spare)
{
	/* It ends at the end of file; reaping finds no name for it. */
	if (spare->pid != 0)
		worker_drop(spare);
	*spare = (struct worker){.fd = -1};
}

void
workers_end_spares(struct workers *w)
{
	for (size_t i = 0; i < SPARES; i++)
		end_spare(&w->spares[i]);
}

bool
workers_lack_spares(const struct workers *w)
{
	for (size_t i = 0; i < SPARES; i++)
		if (w->spares[i].pid != 0)
			return false;
	return true;
}

void
workers_prepare(struct workers *w, uint64_t generation)
{
	struct err e = {0};

	if (w->spares_know != generation)
		workers_end_spares(w);
	w->spares_know = generation;
	for (size_t i = 0; i < SPARES; i++) {
		if (w->spares[i].pid != 0)
			continue;
		if (w->spare_deaths >= SPARE_DEATHS_MAX)
			return;
		if (start(w, -1, NULL, false, &w->spares[i], &e) < 0) {
			log_line("a spare worker: %s", e.msg);
			return;
		}
	}
}

/* A worker that died may have left a box that waits, unrun, for its word. */
static void
end_its_boxes(const struct workers *w)
{
	pid_t *known = talloc_array(w->ctx, pid_t, (unsigned)w->n + SPARES);
	size_t n = 0;

	if (known == NULL)
		BUG("out of memory");
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].pid != 0)
			known[n++] = w->v[i].pid;
	for (size_t i = 0; i < SPARES; i++)
		if (w->spares[i].pid != 0)
			known[n++] = w->spares[i].pid;
	exec_end_orphans(known, n, "bwrap");
	talloc_free(known);
}

static bool
spare_ended(struct workers *w, pid_t pid, int status)
{
	for (size_t i = 0; i < SPARES; i++)
		if (w->spares[i].pid == pid) {
			log_line("a spare worker ended (status %d)", status);
			w->spare_deaths++;
			end_spare(&w->spares[i]);
			return true;
		}
	return false;
}

void
workers_reap(struct workers *w,
	     void (*crashed)(void *data, const struct worker *one, int status),
	     void *data)
{
	bool died = false;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		bool bad =
		    !WIFEXITED(status) || WEXITSTATUS(status) > WORKER_REFUSED;

		died |= bad;

		if (spare_ended(w, pid, status))
			continue;
		for (size_t i = 0; i < w->n; i++)
			if (w->v[i].pid == pid) {
				if (bad)
					crashed(data, &w->v[i], status);
				w->v[i].pid = 0;
				break;
			}
	}
	if (died)
		end_its_boxes(w);
}

void
workers_forget(struct workers *w)
{
	for (size_t i = 0; i < w->n;) {
		if (w->v[i].pid == 0 && w->v[i].fd < 0)
			w->v[i] = w->v[--w->n];
		else
			i++;
	}
}

size_t
workers_of(const struct workers *w, uint32_t uid)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++)
		n += w->v[i].uid == uid && w->v[i].pid != 0;
	return n;
}

int
worker_read(struct worker *one)
{
	size_t want;
	ssize_t n;

	for (;;) {
		char *to = (char *)one->header + one->have;

		want = sizeof(one->header);
		if (one->have >= sizeof(one->header)) {
			if (one->body == NULL) {
				if (one->header[0] < sizeof(uint32_t) ||
				    one->header[0] > REPORT_MAX)
					return -1;
				one->body = talloc_size(NULL, one->header[0]);
				if (one->body == NULL)
					return -1;
			}
			want += one->header[0] - sizeof(uint32_t);
			to = one->body + (one->have - sizeof(one->header));
		}
		if (one->have == want)
			return 1;
		n = recv(one->fd, to, want - one->have, MSG_DONTWAIT);
		if (n > 0)
			one->have += (size_t)n;
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			return -1;
		else if (errno == EAGAIN)
			return 0;
	}
}

void
worker_next(struct worker *one)
{
	TALLOC_FREE(one->body);
	one->have = 0;
}

void
worker_drop(struct worker *one)
{
	if (one->fd >= 0)
		close(one->fd);
	one->fd = -1;
	TALLOC_FREE(one->body);
}
