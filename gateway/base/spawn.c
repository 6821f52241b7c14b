/* SPDX-License-Identifier: Apache-2.0 */
/* Helper programs: fork, exec, feed, collect, within a deadline and limits. */
#include "base/spawn.h"
#include "base/clock.h"
#include "base/own.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEFAULT_OUTPUT	(1u << 20)
#define DEFAULT_TIMEOUT 10000
#define MAX_ERRORS	4096

/* What the child of vfork() needs, and where it says what went wrong: it
 * shares our memory until it execs. */
struct child {
	const struct spawn *s;
	int in, out, err;
	int *keep; /* ascending */
	size_t nkeep;
	volatile int error;
	const char *volatile failed;
};

static void __attribute__((noreturn)) fail(struct child *c, const char *what)
{
	c->error = errno;
	c->failed = what;
	_exit(127);
}

/* Only async-signal-safe calls, and nothing that outlives exec in memory. */
static void __attribute__((noreturn, noinline)) run_child(struct child *c)
{
	static const char *const none[] = {NULL};
	/* The kernel's own shape, all zero: SIG_DFL.  glibc's sigaction()
	 * refuses 32 and 33, which make(1) leaves ignored. */
	static const unsigned long dfl[4];
	unsigned int from = 3;
	sigset_t empty;

	sigemptyset(&empty);
	for (int n = 1; n < NSIG; n++)
		if (n != SIGKILL && n != SIGSTOP)
			syscall(SYS_rt_sigaction, n, dfl, NULL, 8);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	if (dup2(c->in, 0) < 0 || dup2(c->out, 1) < 0 || dup2(c->err, 2) < 0)
		fail(c, "setting up descriptors of");
	for (size_t i = 0; i < c->nkeep; i++) {
		unsigned int fd = (unsigned int)c->keep[i];

		if (fd < 3)
			continue;
		if (fcntl((int)fd, F_SETFD, 0) < 0)
			fail(c, "passing a descriptor to");
		if (fd > from && close_range(from, fd - 1, 0) < 0)
			fail(c, "closing descriptors for");
		from = fd + 1;
	}
	if (close_range(from, ~0u, 0) < 0)
		fail(c, "closing descriptors for");
	if (chdir(c->s->cwd ? c->s->cwd : "/") < 0)
		fail(c, "entering the directory for");
	sigprocmask(SIG_SETMASK, &empty, NULL);
	execve(c->s->program, (char *const *)c->s->argv,
	       (char *const *)(c->s->env ? c->s->env : none));
	fail(c, "running");
}

/* All descriptors are made above 2, so that dup2() onto 0-2 cannot hit one
 * that is still needed. */
static int
above_stdio(int fd)
{
	int high;

	if (fd < 0 || fd > 2)
		return fd;
	high = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	close(fd);
	return high;
}

static int
make_pipe(int p[2])
{
	if (pipe2(p, O_CLOEXEC) < 0)
		return -1;
	p[0] = above_stdio(p[0]);
	p[1] = above_stdio(p[1]);
	return p[0] < 0 || p[1] < 0 ? -1 : 0;
}

struct collected {
	char *p;
	size_t len, room, max;
};

/* Reads what is there.  1: more may come; 0: end of file; -1: error; -2: over
 * the limit. */
static int
collect(int fd, struct collected *c, bool discard)
{
	char waste[4096];
	ssize_t n;

	if (discard && c->len == c->max) {
		n = read(fd, waste, sizeof(waste));
	} else {
		if (c->len == c->room) {
			c->room = c->room ? c->room * 2 : 4096;
			if (c->room > c->max + !discard)
				c->room = c->max + !discard;
			c->p = talloc_realloc(NULL, c->p, char, c->room + 1);
			if (!c->p)
				BUG("out of memory");
		}
		n = read(fd, c->p + c->len, c->room - c->len);
		if (n > 0)
			c->len += (size_t)n;
	}
	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 1 : -1;
	if (c->len > c->max)
		return -2;
	return n > 0;
}

static void
close_at(int *fd)
{
	own_close_fd(fd);
}

enum { IN, OUT, ERR, PID, NPIPES };

static void
feed(const struct spawn *s, int *fd, size_t *fed)
{
	ssize_t n =
	    write(*fd, (const char *)s->input + *fed, s->input_len - *fed);

	if (n > 0)
		*fed += (size_t)n;
	/* A program may well not want its input (EPIPE). */
	if (*fed == s->input_len ||
	    (n < 0 && errno != EAGAIN && errno != EINTR))
		close_at(fd);
}

/* Until the program has ended and what it wrote is read.  What its own
 * children still hold open is not waited for. */
static int
converse(struct spawn *s, int fds[NPIPES], struct collected got[2],
	 struct err *e)
{
	int timeout = s->timeout_ms ? s->timeout_ms : DEFAULT_TIMEOUT;
	int64_t deadline = now_ms() + timeout, left;
	bool ended = false;
	size_t fed = 0;
	int rc;

	while (!ended || fds[OUT] >= 0 || fds[ERR] >= 0) {
		struct pollfd p[NPIPES] = {
		    {fds[IN], POLLOUT, 0},
		    {fds[OUT], POLLIN, 0},
		    {fds[ERR], POLLIN, 0},
		    {ended ? -1 : fds[PID], POLLIN, 0},
		};

		left = deadline - now_ms();
		if (left <= 0)
			return err_set(e, ERR_LIMIT,
				       "%s took longer than %d ms", s->program,
				       timeout);
		rc = poll(p, NPIPES, ended ? 0 : (int)left);
		if (rc < 0 && errno != EINTR)
			return err_sys(e, "waiting for %s", s->program);
		if (rc == 0 && ended)
			break;
		if (rc <= 0)
			continue;
		if (p[IN].revents)
			feed(s, &fds[IN], &fed);
		for (int i = OUT; i <= ERR; i++) {
			if (!p[i].revents)
				continue;
			rc = collect(fds[i], &got[i - OUT], i == ERR);
			if (rc == -1)
				return err_sys(e, "reading from %s",
					       s->program);
			if (rc == -2)
				return err_set(e, ERR_LIMIT,
					       "%s wrote more than %zu bytes",
					       s->program, got[0].max);
			if (rc == 0)
				close_at(&fds[i]);
		}
		if (p[PID].revents)
			ended = true;
	}
	return 0;
}

static int
compare_fds(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static pid_t
start(struct child *c)
{
	sigset_t all, before;
	pid_t pid;

	/* No handler of ours may run in the child: it shares our memory. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = vfork();
	if (pid == 0)
		run_child(c);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}

static int
wait_for(pid_t pid, int *status)
{
	int st;

	while (waitpid(pid, &st, 0) < 0)
		if (errno != EINTR)
			return -1;
	*status = WIFSIGNALED(st) ? 128 + WTERMSIG(st) : WEXITSTATUS(st);
	return 0;
}

static int
open_pipes(const struct spawn *s, int theirs[3], int fds[NPIPES])
{
	int p[2];

	if (s->input_len) {
		if (make_pipe(p) < 0)
			return -1;
		theirs[IN] = p[0];
		fds[IN] = p[1];
		fcntl(p[1], F_SETFL, O_NONBLOCK);
	} else {
		theirs[IN] =
		    above_stdio(open("/dev/null", O_RDONLY | O_CLOEXEC));
		if (theirs[IN] < 0)
			return -1;
	}
	for (int i = OUT; i <= ERR; i++) {
		if (make_pipe(p) < 0)
			return -1;
		fds[i] = p[0];
		theirs[i] = p[1];
		fcntl(p[0], F_SETFL, O_NONBLOCK);
	}
	return 0;
}

static char *
keep_text(void *ctx, struct collected *c)
{
	if (!c->p && !(c->p = talloc_array(NULL, char, 1)))
		BUG("out of memory");
	c->p[c->len] = '\0';
	return talloc_steal(ctx, c->p);
}

int
spawn_run(void *ctx, struct spawn *s, struct err *e)
{
	struct collected got[2] = {
	    {.max = s->max_output ? s->max_output : DEFAULT_OUTPUT},
	    {.max = MAX_ERRORS},
	};
	struct sigaction ignore = {.sa_handler = SIG_IGN}, old;
	int theirs[3] = {-1, -1, -1}, fds[NPIPES] = {-1, -1, -1, -1};
	struct child c = {.s = s, .nkeep = s->nkeep_fds};
	pid_t pid = -1;
	int rc = 0;

	s->output = s->errors = NULL;
	s->output_len = 0;
	s->status = -1;
	c.keep = talloc_array(NULL, int, c.nkeep + 1);
	if (!c.keep)
		BUG("out of memory");
	if (c.nkeep)
		memcpy(c.keep, s->keep_fds, c.nkeep * sizeof(int));
	qsort(c.keep, c.nkeep, sizeof(int), compare_fds);
	sigaction(SIGPIPE, &ignore, &old);
	if (open_pipes(s, theirs, fds) < 0) {
		rc = err_sys(e, "making pipes for %s", s->program);
		goto out;
	}
	c.in = theirs[IN];
	c.out = theirs[OUT];
	c.err = theirs[ERR];
	pid = start(&c);
	if (pid < 0) {
		rc = err_sys(e, "starting %s", s->program);
		goto out;
	}
	for (int i = IN; i <= ERR; i++)
		close_at(&theirs[i]);
	fds[PID] = pidfd_open(pid, 0);
	if (c.error) {
		errno = c.error;
		rc = err_sys(e, "%s %s", c.failed, s->program);
	} else if (fds[PID] < 0) {
		rc = err_sys(e, "watching %s", s->program);
	} else {
		rc = converse(s, fds, got, e);
	}
	/* Its whole session: it made one of its own, see run_child(). */
	if (rc < 0 && !c.error)
		kill(-pid, SIGKILL);
	if (wait_for(pid, &s->status) < 0 && !rc)
		rc = err_sys(e, "waiting for %s", s->program);
out:
	for (int i = 0; i < NPIPES; i++)
		close_at(&fds[i]);
	for (int i = IN; i <= ERR; i++)
		close_at(&theirs[i]);
	sigaction(SIGPIPE, &old, NULL);
	talloc_free(c.keep);
	s->output = keep_text(ctx, &got[0]);
	s->output_len = got[0].len;
	s->errors = keep_text(ctx, &got[1]);
	return rc;
}
