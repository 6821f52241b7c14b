/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one place that starts bwrap: vfork, the caller's descriptors, limits,
 * umask and signal dispositions, and execve with an empty environment
 * (/proc/1/environ of a box shows what bwrap itself was started with).
 *
 * After vfork() the child runs on our memory: it makes system calls, writes to
 * struct launch, and nothing else.
 */
#include "exec/running.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOVE_ABOVE 512 /* no number of ours or the caller's is wanted there */

static void __attribute__((noreturn))
give_up(struct launch *l, const char *what)
{
	l->error = errno;
	l->failed = what;
	_exit(127);
}

/* A source that lies on another's number is moved away first. */
static void
place_fds(struct launch *l)
{
	int last = -1;

	for (size_t i = 0; i < l->nfds; i++)
		for (size_t k = 0; k < l->nfds; k++) {
			if (k == i || l->fds[i].fd != l->fds[k].number)
				continue;
			l->fds[i].fd =
			    fcntl(l->fds[i].fd, F_DUPFD_CLOEXEC, MOVE_ABOVE);
			if (l->fds[i].fd < 0)
				give_up(l, "moving a descriptor");
			break;
		}
	for (size_t i = 0; i < l->nfds; i++) {
		int fd = l->fds[i].fd, number = l->fds[i].number;

		if (fd == number ? fcntl(fd, F_SETFD, 0) < 0
				 : dup2(fd, number) < 0)
			give_up(l, "placing a descriptor");
	}
	/* everything between and behind them is closed; they are sorted by
	 * number */
	for (size_t i = 0; i < l->nfds; i++) {
		if (l->fds[i].number > last + 1 &&
		    syscall(SYS_close_range, (unsigned)last + 1,
			    (unsigned)l->fds[i].number - 1, 0) < 0)
			give_up(l, "closing descriptors");
		last = l->fds[i].number;
	}
	if (syscall(SYS_close_range, (unsigned)last + 1, ~0u, 0) < 0)
		give_up(l, "closing descriptors");
}

/* What the caller has set; a hard limit above ours stays ours. */
static void
set_limits(const struct invocation *in)
{
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit want = in->limits[i], own;

		if (!(in->limits_given & (1u << i)))
			continue;
		if (getrlimit((__rlimit_resource_t)i, &own) < 0 ||
		    (own.rlim_cur == want.rlim_cur &&
		     own.rlim_max == want.rlim_max))
			continue;
		if (setrlimit((__rlimit_resource_t)i, &want) == 0)
			continue;
		if (want.rlim_max > own.rlim_max)
			want.rlim_max = own.rlim_max;
		if (want.rlim_cur > want.rlim_max)
			want.rlim_cur = want.rlim_max;
		setrlimit((__rlimit_resource_t)i, &want);
	}
}

/* SIGCHLD is bwrap's own business. */
static void
set_signals(uint64_t ignored)
{
	struct sigaction sa = {0};
	sigset_t none;

	for (int n = 1; n < 32; n++) {
		bool ignore = n != SIGCHLD && (ignored >> (n - 1) & 1);

		sa.sa_handler = ignore ? SIG_IGN : SIG_DFL;
		sigaction(n, &sa, NULL);
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void __attribute__((noreturn, noinline))
child(struct launch *l, pid_t parent)
{
	static char *const no_environment[] = {NULL};

	/* bwrap does this too, but only after it has started */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		give_up(l, "prctl");
	if (getppid() != parent)
		_exit(127);
	if (setpgid(0, 0) < 0) /* see running_kill() */
		give_up(l, "setpgid");
	place_fds(l);
	set_limits(l->in);
	if (l->in->nice != 0)
		setpriority(PRIO_PROCESS, 0, l->in->nice);
	umask(l->in->mask);
	set_signals(l->in->ignored_signals);
	execve(BWRAP_PATH, (char *const *)l->argv, no_environment);
	give_up(l, BWRAP_PATH);
}

int
launch_bwrap(struct launch *l, pid_t *pid, struct err *e)
{
	sigset_t all, old;
	pid_t self = getpid(), p;

	for (size_t i = 1; i < l->nfds; i++) /* sort: at most forty of them */
		for (size_t k = i;
		     k > 0 && l->fds[k].number < l->fds[k - 1].number; k--) {
			struct placed_fd t = l->fds[k];

			l->fds[k] = l->fds[k - 1];
			l->fds[k - 1] = t;
		}
	for (size_t i = 1; i < l->nfds; i++)
		if (l->fds[i].number == l->fds[i - 1].number)
			return err_set(e, ERR_LIMIT,
				       "descriptor %d is needed here and was "
				       "passed by the caller",
				       l->fds[i].number);
	l->error = 0;
	l->failed = NULL;
	/* a handler must not run in the child, on our memory */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	p = vfork();
	if (p == 0)
		child(l, self);
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (p < 0)
		return err_sys(e, "starting bwrap");
	*pid = p;
	if (l->failed) {
		errno = l->error;
		return err_sys(e, "starting bwrap: %s", l->failed);
	}
	return 0;
}
