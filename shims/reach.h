/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reaching the gateway: where this installation and its socket lie, starting
 * the gateway when nobody listens, and making sure who answers.  Part of
 * shim.c, which is one translation unit; included nowhere else.
 */
#ifndef AUTOMODE_SHIMS_REACH_H
#define AUTOMODE_SHIMS_REACH_H

#include "wire/proto.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START_MS    5000
#define PATIENCE_MS 500 /* while another shim starts the gateway */
#define HERE	    "/lib/automode/"

static char prefix[PATH_MAX];  /* of the installation we belong to */
static char base[PATH_MAX];    /* a folder only we can write, or /tmp */
static char runtime[PATH_MAX]; /* where the socket lies */

static void __attribute__((noreturn, format(printf, 1, 2)))
refuse(const char *fmt, ...)
{
	char text[2 * PATH_MAX + 512] = "automode: ";
	size_t n = strlen(text), room = sizeof(text) - n - 1;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(text + n, room, fmt, ap);
	va_end(ap);
	n += len < 0 ? 0 : (size_t)len < room ? (size_t)len : room - 1;
	/* Folder names may hold anything. */
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] < 32 || text[i] == 127 ||
		    (unsigned char)text[i] >= 128)
			text[i] = '?';
	text[n++] = '\n';
	if (write(STDERR_FILENO, text, n) < 0)
		_exit(EXIT_NO_GATEWAY);
	_exit(EXIT_NO_GATEWAY);
}

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
sleep_ms(long ms)
{
	struct timespec ts = {ms / 1000, ms % 1000 * 1000000};

	nanosleep(&ts, NULL);
}

static void __attribute__((format(printf, 2, 3)))
put_path(char *out, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(out, PATH_MAX, fmt, ap);
	va_end(ap);
	if (n < 0 || n >= PATH_MAX)
		refuse("a path of its installation is too long");
}

/* Where are we installed?  /proc/self/exe is the kernel's word; argv[0] would
 * be the caller's. */
static void
find_prefix(void)
{
	char *at = NULL, *p;
	ssize_t n = readlink("/proc/self/exe", prefix, sizeof(prefix) - 1);

	if (n <= 0)
		refuse("cannot read /proc/self/exe (%s); is /proc mounted?",
		       strerror(errno));
	prefix[n] = '\0';
	for (p = prefix; (p = strstr(p, HERE)); p++)
		at = p;
	if (!at || (strncmp(at + strlen(HERE), "shim", 4) != 0))
		refuse("this shim is not where it was installed (%s is not "
		       "below a folder lib/automode); reinstall automode or "
		       "take it off PATH",
		       prefix);
	*at = '\0';
}

/* A directory, ours alone?  1 yes, 0 no, -1 there is none. */
static int
is_private(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? -1 : 0;
	return S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
	       (st.st_mode & 077) == 0;
}

/* The agent can set XDG_RUNTIME_DIR; whoever answers there is still looked at
 * in check_peer(). */
static void
find_runtime(void)
{
	const char *xdg = getenv("XDG_RUNTIME_DIR");
	unsigned int uid = geteuid();

	if (xdg && xdg[0] == '/' && is_private(xdg) == 1) {
		put_path(base, "%s", xdg);
		put_path(runtime, "%s/automode", xdg);
		return;
	}
	put_path(base, "/run/user/%u", uid);
	if (is_private(base) == 1) {
		put_path(runtime, "/run/user/%u/automode", uid);
		return;
	}
	put_path(base, "/tmp");
	put_path(runtime, "/tmp/automode-%u", uid);
	if (is_private(runtime) == 0)
		refuse("%s is not a folder of yours alone (somebody else may "
		       "have made it); remove it, or set XDG_RUNTIME_DIR",
		       runtime);
}

/* HOME of the gateway comes from the system, not from the agent.  By hand:
 * getpwuid() of a static libc loads shared libraries. */
static const char *
find_home(char *line, size_t size)
{
	const char *home = getenv("HOME");
	FILE *f = fopen("/etc/passwd", "re");

	while (f && fgets(line, (int)size, f)) {
		char *field[6], *rest = line;
		int i = 0;

		while (i < 6 && (field[i] = strsep(&rest, ":")))
			i++;
		if (i == 6 && *field[2] && field[5][0] == '/' &&
		    strtoul(field[2], &rest, 10) == geteuid() && !*rest)
			return field[5];
	}
	return home ? home : "/";
}

static void __attribute__((noreturn)) become_gateway(const char *program)
{
	static char home[PATH_MAX + 8], line[8192];
	static const char *const pass[] = {
	    "XDG_RUNTIME_DIR=",
	    "XDG_STATE_HOME=",
	    "AUTOMODE_STATE_DIR=",
	};
	char name[] = "automode", word[] = "gateway", how[] = "--background";
	char *argv[] = {name, word, how, NULL};
	char path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
	char *env[8] = {home, path};
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	sigset_t none;
	size_t n = 2;
	int fd;

	put_path(home, "HOME=%s", find_home(line, sizeof(line)));
	for (size_t i = 0; i < sizeof(pass) / sizeof(*pass); i++)
		for (char **e = environ; *e; e++)
			if (strncmp(*e, pass[i], strlen(pass[i])) == 0) {
				env[n++] = *e;
				break;
			}
	setsid();
	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &dfl, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	fd = open("/dev/null", O_RDWR);
	if (fd < 0 || chdir("/") < 0 || dup2(fd, 0) < 0 || dup2(fd, 1) < 0 ||
	    dup2(fd, 2) < 0 || close_range(3, ~0u, 0) < 0)
		_exit(EXIT_NO_GATEWAY);
	umask(077);
	execve(program, argv, env);
	_exit(EXIT_NO_GATEWAY);
}

/* 0, or -1 with errno. */
static int
try_connect(int *sock)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	struct timeval limit = {START_MS / 1000, 0};
	int rc, dir = -1, n;

	n = snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/%s", runtime,
		     SHIM_SOCKET);
	if (n >= (int)sizeof(addr.sun_path)) {
		dir = open(runtime, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (dir < 0)
			return -1;
		snprintf(addr.sun_path, sizeof(addr.sun_path),
			 "/proc/self/fd/%d/%s", dir, SHIM_SOCKET);
	}
	*sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*sock < 0)
		refuse("cannot make a socket: %s", strerror(errno));
	/* Holds for connect() too (a full queue), unix(7). */
	setsockopt(*sock, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	do
		rc = connect(*sock, (struct sockaddr *)&addr, sizeof(addr));
	while (rc < 0 && errno == EINTR);
	n = errno;
	if (dir >= 0)
		close(dir);
	if (rc < 0)
		close(*sock);
	errno = n;
	return rc;
}

static void __attribute__((noreturn)) no_gateway(const char *why)
{
	refuse("the gateway at %s/%s cannot be reached: %s; nothing was run. "
	       "%s/bin/automode doctor says what to mend",
	       runtime, SHIM_SOCKET, why, prefix);
}

/* Nobody listens.  Of many shims at once one starts the gateway (the lock is
 * only a hint: whoever waits too long starts another, and the gateway's own
 * lock lets one win), the others wait for the socket. */
static int
start_gateway(void)
{
	char program[PATH_MAX], why[128];
	int64_t begin = now_ms(), now;
	int lock = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int sock, status, error;
	pid_t pid = 0;

	put_path(program, "%s/bin/automode", prefix);
	if (access(program, X_OK) < 0)
		refuse("no gateway is running and %s cannot be started: %s",
		       program, strerror(errno));
	for (;;) {
		now = now_ms();
		if (!pid && (flock(lock, LOCK_EX | LOCK_NB) == 0 ||
			     now - begin > PATIENCE_MS)) {
			pid = fork();
			if (pid == 0)
				become_gateway(program);
			if (pid < 0)
				no_gateway("it cannot be started (fork)");
		}
		if (pid > 0 && waitpid(pid, &status, WNOHANG) == pid) {
			if (status != 0 && try_connect(&sock) < 0) {
				snprintf(why, sizeof(why),
					 "it was started and failed (status "
					 "%d)",
					 WIFEXITED(status)
					     ? WEXITSTATUS(status)
					     : 128 + WTERMSIG(status));
				no_gateway(why);
			}
			if (status != 0)
				break;
			pid = -1;
		}
		if (try_connect(&sock) == 0)
			break;
		error = errno;
		if (error != ENOENT && error != ECONNREFUSED)
			no_gateway(strerror(error));
		if (now - begin > START_MS)
			no_gateway("it was started and did not answer in time");
		sleep_ms(3);
	}
	if (lock >= 0)
		close(lock);
	return sock;
}

/* The path of a program whose file has since been replaced: as proc(5) gives
 * it. */
static bool
is_former(const char *path, const char *program)
{
	size_t n = strlen(program);

	return strncmp(path, program, n) == 0 &&
	       strcmp(path + n, " (deleted)") == 0;
}

/* Is it our gateway that answers?  Its program must be the very file beside
 * which we were installed, or the one that was there before an upgrade: that
 * gateway ends as soon as it has nothing to do.  A process that hides its
 * program (not dumpable, another uid's, another PID namespace's) counts as the
 * gateway only when nobody but us can have put the socket there. */
static void
check_peer(int sock)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);
	char program[PATH_MAX], proc[32], path[PATH_MAX] = "?";
	struct stat theirs, ours;
	ssize_t n;
	bool hidden;

	if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		no_gateway(strerror(errno));
	if (peer.uid != geteuid() && peer.uid != 0)
		refuse("who answers at %s is uid %u, neither you nor root; "
		       "nothing was run",
		       runtime, peer.uid);
	put_path(program, "%s/bin/automode", prefix);
	snprintf(proc, sizeof(proc), "/proc/%d/exe", peer.pid);
	if (peer.pid && stat(proc, &theirs) == 0) {
		if (stat(program, &ours) == 0 && ours.st_dev == theirs.st_dev &&
		    ours.st_ino == theirs.st_ino)
			return;
		n = readlink(proc, path, sizeof(path) - 1);
		path[n > 0 ? n : 1] = '\0';
		if (is_former(path, program))
			return;
		refuse("the gateway that answers is not this installation's "
		       "(PID %d, %s); restart it: automode gateway --restart",
		       peer.pid, path);
	}
	/* ENOENT: /proc may hide others' processes (hidepid, proc(5)); of our
	 * own it means that who began to listen has gone. */
	hidden = !peer.pid || errno == EACCES || errno == EPERM ||
		 (errno == ENOENT && peer.uid == 0 && geteuid() != 0);
	if (!hidden || is_private(runtime) != 1)
		refuse("cannot tell who answers at %s (PID %d); restart the "
		       "gateway: automode gateway --restart",
		       runtime, peer.pid);
}

#endif
