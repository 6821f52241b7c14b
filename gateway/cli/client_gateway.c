/* SPDX-License-Identifier: Apache-2.0 */
/* Starting and ending the gateway from the command line. */
#include "base/own.h"
#include "base/path.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "places.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define END_MS 10000 /* running commands get 2 s; a loaded machine longer */

/* What a gateway may take from the environment of who starts it. */
static char **
gateway_environment(void *ctx)
{
	static const char *const pass[] = {
	    "HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "AUTOMODE_STATE_DIR"};
	char **env = talloc_zero_array(ctx, char *, 6);
	size_t n = 0;

	env[n++] = talloc_strdup(env, "PATH=/usr/local/bin:/usr/bin:/bin");
	for (size_t i = 0; i < sizeof(pass) / sizeof(pass[0]); i++)
		if (getenv(pass[i]) != NULL)
			env[n++] = talloc_asprintf(env, "%s=%s", pass[i],
						   getenv(pass[i]));
	return env;
}

/* Reads what the process says, one line without our name in front, until it
 * ends; the exit status. */
static int
wait_for(pid_t pid, int from, char *text, size_t size)
{
	static const char name[] = "automode: ";
	size_t n = 0;
	ssize_t got;
	int status;

	while ((got = read(from, text + n, size - 1 - n)) != 0) {
		if (got < 0 && errno != EINTR)
			break;
		n += got > 0 ? (size_t)got : 0;
	}
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	if (strncmp(text, name, strlen(name)) == 0)
		memmove(text, text + strlen(name),
			strlen(text + strlen(name)) + 1);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int
client_gateway(void *ctx, const char *const *args, struct err *e)
{
	char **env = gateway_environment(ctx);
	char **argv = talloc_zero_array(ctx, char *, 16);
	char self[PATH_MAX];
	size_t n = 0;
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int said[2], status;
	char text[512];
	pid_t pid;

	if (len < 0)
		return err_sys(e, "reading /proc/self/exe");
	self[len] = '\0';
	argv[n++] = self;
	argv[n++] = talloc_strdup(argv, "gateway");
	for (; *args != NULL && n < 14; args++)
		argv[n++] = talloc_strdup(argv, *args);
	if (pipe2(said, O_CLOEXEC) != 0)
		return err_sys(e, "pipe");
	pid = fork();
	if (pid < 0) {
		close(said[0]);
		close(said[1]);
		return err_sys(e, "fork");
	}
	if (pid == 0) {
		/* stdout may be what `eval "$(automode env)"` reads */
		dup2(said[1], STDOUT_FILENO);
		dup2(said[1], STDERR_FILENO);
		/* by its name, which is then also the process's */
		execve(self, argv, env);
		_exit(EXIT_UNAVAILABLE);
	}
	close(said[1]);
	status = wait_for(pid, said[0], text, sizeof(text));
	close(said[0]);
	if (status == 0)
		return 0;
	return err_set(e, ERR_SYSTEM, "%s",
		       text[0] != '\0' ? text
				       : "the gateway could not be started");
}

int
client_stop(void *ctx, struct err *e)
{
	int sock OWNED_FD = -1, process OWNED_FD = -1;
	struct cli_places places;
	struct pollfd p;
	int pid, r;

	if (cli_places(ctx, &places, e) < 0)
		return e->code;
	r = places_connect(places.runtime, CONTROL_SOCKET, &sock, &pid, e);
	if (r == ERR_UNKNOWN)
		return 1;
	if (r < 0)
		return r;
	process = (int)syscall(SYS_pidfd_open, pid, 0);
	if (process < 0)
		return err_sys(e, "the gateway's process %d", pid);
	if (syscall(SYS_pidfd_send_signal, process, SIGTERM, NULL, 0) != 0)
		return err_sys(e, "ending the gateway (pid %d)", pid);
	close(sock);
	sock = -1;
	p = (struct pollfd){process, POLLIN, 0};
	if (poll(&p, 1, END_MS) != 1)
		return err_set(e, ERR_LIMIT,
			       "the gateway (pid %d) does not end", pid);
	return 0;
}

/* HOME of the person, where it is a folder of theirs. */
static const char *
own_home(void)
{
	const char *home = getenv("HOME");
	struct stat st;

	return home != NULL && home[0] == '/' && stat(home, &st) == 0 &&
		       S_ISDIR(st.st_mode) && st.st_uid == geteuid()
		   ? home
		   : NULL;
}

/* Another state folder was asked for than the one that is in use. */
static bool
state_differs(void *ctx, const struct cli_places *p)
{
	const char *own = getenv("AUTOMODE_STATE_DIR");

	/* a session's own shell has no say in where its record is */
	if (getenv("AUTOMODE_SESSION") != NULL)
		return false;
	return own != NULL && own[0] == '/' &&
	       strcmp(path_resolve(ctx, "/", own), p->state) != 0;
}

int
client_ensure(void *ctx, bool person, struct err *e)
{
	const char *args[8] = {0}, *home = own_home();
	struct cli_places places;
	int sock, pid, r;
	size_t n = 0;

	if (cli_places(ctx, &places, e) < 0)
		return e->code;
	r = places_connect(places.runtime, CONTROL_SOCKET, &sock, &pid, e);
	if (r < 0 && r != ERR_UNKNOWN)
		return r;
	args[n++] = "--background";
	if (r == 0) {
		close(sock);
		if (places_same_program(pid) &&
		    !(person && state_differs(ctx, &places)))
			return 0;
		args[n++] = "--restart";
	}
	if (person && state_differs(ctx, &places)) {
		args[n++] = "--state-dir";
		args[n++] = getenv("AUTOMODE_STATE_DIR");
	}
	if (person && r != 0 && home != NULL) {
		args[n++] = "--home";
		args[n++] = home;
	}
	return client_gateway(ctx, args, e);
}
