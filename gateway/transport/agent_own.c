/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An ssh-agent of our own for key files that are not encrypted: started with
 * the request, loaded by ssh-add while the connection is being made, ended
 * with the request.  It runs outside of every box.
 */
#include "base/own.h"
#include "transport/agent_private.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define AGENT_PROGRAM "/usr/bin/ssh-agent"
#define ADD_PROGRAM   "/usr/bin/ssh-add"
#define LOAD_MS	      5000

struct own_agent {
	struct sockaddr_un at;
	pid_t agent, loader;
	int agent_fd, loader_fd; /* pidfds */
};

/* In the child: no terminal to ask for passphrases at, no descriptor of ours,
 * and ended when we are.  Without new privileges ssh-agent is not
 * set-group-ID, which would undo the death signal. */
static void
settle_child(pid_t parent)
{
	int null = open("/dev/null", O_RDWR);

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || null < 0)
		_exit(127);
	setsid();
	for (int i = 0; i < 3; i++)
		if (dup2(null, i) < 0)
			_exit(127);
	close_range(3, ~0u, 0);
	for (int n = 1; n < 32; n++)
		signal(n, SIG_DFL);
}

static bool
answers(const struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool yes = fd >= 0 &&
		   connect(fd, (const struct sockaddr *)at, sizeof *at) == 0;

	if (fd >= 0)
		close(fd);
	return yes;
}

static void __attribute__((noreturn))
run_loader(const struct own_agent *a, const char *const *argv, pid_t parent,
	   const char *const *env)
{
	const struct timespec nap = {.tv_nsec = 500000};

	settle_child(parent);
	for (int i = 0; i < LOAD_MS * 2 && !answers(&a->at); i++)
		nanosleep(&nap, NULL);
	execve(ADD_PROGRAM, (char *const *)argv, (char *const *)env);
	_exit(127);
}

static void __attribute__((noreturn))
run_agent(const struct own_agent *a, pid_t parent)
{
	const char *argv[] = {"ssh-agent", "-D", "-a", a->at.sun_path, NULL};
	static const char *const env[] = {NULL};

	settle_child(parent);
	umask(077);
	execve(AGENT_PROGRAM, (char *const *)argv, (char *const *)env);
	_exit(127);
}

static void
end(pid_t *pid, int fd)
{
	if (*pid <= 0)
		return;
	if (fd >= 0)
		pidfd_send_signal(fd, SIGKILL, NULL, 0);
	else
		kill(*pid, SIGKILL);
	while (waitpid(*pid, NULL, 0) < 0 && errno == EINTR)
		;
	*pid = 0;
}

static int
destroy(struct own_agent *a)
{
	end(&a->loader, a->loader_fd);
	end(&a->agent, a->agent_fd);
	unlink(a->at.sun_path);
	return 0;
}

int
own_agent_start(void *ctx, const char *path, const char *const *keys,
		struct own_agent **out, struct err *e)
{
	struct own_agent *a = talloc_zero(ctx, struct own_agent);
	const char **argv, *sock;
	/* an askpass that fails: an encrypted key is left out, not asked for */
	const char *env[] = {NULL, "SSH_ASKPASS=/bin/false",
			     "SSH_ASKPASS_REQUIRE=force", NULL};
	size_t n = 0, k = 0;
	pid_t self = getpid();

	while (keys[n])
		n++;
	argv = talloc_zero_array(a, const char *, (unsigned)n + 4);
	sock = talloc_asprintf(a, "SSH_AUTH_SOCK=%s", path);
	if (!a || !argv || !sock)
		BUG("out of memory");
	if (strlen(path) >= sizeof a->at.sun_path)
		return err_set(e, ERR_LIMIT,
			       "the name of the agent's socket is too long");
	a->at.sun_family = AF_UNIX;
	memcpy(a->at.sun_path, path, strlen(path) + 1);
	a->agent_fd = a->loader_fd = -1;
	argv[k++] = "ssh-add";
	argv[k++] = "-q";
	argv[k++] = "--";
	for (size_t i = 0; i < n; i++)
		argv[k++] = keys[i];
	env[0] = sock;
	talloc_set_destructor(a, destroy);
	a->agent = fork();
	if (a->agent == 0)
		run_agent(a, self);
	if (a->agent > 0)
		a->agent_fd = own_fd(a, pidfd_open(a->agent, 0));
	a->loader = a->agent > 0 ? fork() : -1;
	if (a->loader == 0)
		run_loader(a, argv, self, env);
	if (a->loader > 0)
		a->loader_fd = own_fd(a, pidfd_open(a->loader, 0));
	if (a->agent < 0 || a->loader < 0 || a->loader_fd < 0) {
		err_sys(e, "starting ssh-agent");
		talloc_free(a);
		return e ? e->code : ERR_SYSTEM;
	}
	*out = a;
	return 0;
}

int
own_agent_fd(const struct own_agent *a)
{
	return a->loader_fd;
}

void
own_agent_loaded(struct own_agent *a)
{
	end(&a->loader, -1);
}
