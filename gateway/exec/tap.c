/* SPDX-License-Identifier: Apache-2.0 */
/* Passes on, then shows. */
#include "exec/tap.h"
#include "base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

#define PIECE (256u << 10)

struct tap {
	pid_t pid;
	int write; /* -1: closed */
};

/* Blocking, whatever the caller made of the descriptor: it is not ours to
 * change. */
static int
pass_on(int to, const char *bytes, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = write(to, bytes + done, len - done);

		if (n > 0) {
			done += (size_t)n;
		} else if (errno == EAGAIN) {
			usleep(500);
		} else if (errno != EINTR) {
			return -1;
		}
	}
	return 0;
}

static void
work(const struct tap_sink *sink, int from, int to)
{
	static char bytes[PIECE];
	ssize_t n;

	/* the reader has gone: the command is to learn it as it would without
	 * us, at its next write */
	while ((n = read(from, bytes, sizeof(bytes))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || pass_on(to, bytes, (size_t)n) < 0)
			break;
		sink->see(sink->data, bytes, (size_t)n);
	}
	close(from);
	sink->see(sink->data, bytes, 0);
}

/* Terminal signals are for the command; its end is ours. */
static void
become_tap(const struct tap_sink *sink, int from, int to, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || (from = dup3(from, 3, 0)) < 0)
		_exit(1);
	setpgid(0, 0);
	signal(SIGPIPE, SIG_IGN);
	if (to > 2 && (to = dup2(to, 1)) < 0)
		_exit(1);
	close_range(4, ~0u, 0);
	work(sink, from, to);
	_exit(0);
}

int
tap_open(void *ctx, const struct tap_sink *sink, int to, struct tap **out,
	 int *fd, struct err *e)
{
	pid_t parent = getpid();
	struct tap *t;
	int pair[2];

	*out = NULL;
	*fd = to;
	if (!sink || to < 0 || isatty(to))
		return 0;
	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_sys(e, "pipe");
	(void)fcntl(pair[1], F_SETPIPE_SZ, (int)PIECE);
	t = talloc_zero(ctx, struct tap);
	if (!t)
		BUG("out of memory");
	t->pid = fork();
	if (t->pid == 0) {
		if (pair[0] == 3) /* dup3() refuses the same number */
			pair[0] = fcntl(3, F_DUPFD, 10);
		if (to == 3)
			to = fcntl(3, F_DUPFD, 10);
		become_tap(sink, pair[0], to, parent);
	}
	close(pair[0]);
	if (t->pid < 0) {
		close(pair[1]);
		return err_sys(e, "fork");
	}
	t->write = pair[1];
	*out = t;
	*fd = pair[1];
	return 0;
}

void
tap_started(struct tap *t)
{
	if (!t || t->write < 0)
		return;
	close(t->write);
	t->write = -1;
}

void
tap_end(struct tap *t)
{
	if (!t)
		return;
	tap_started(t);
	while (waitpid(t->pid, NULL, 0) < 0 && errno == EINTR)
		;
}
