/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loaded (LD_PRELOAD) into a program that fetches files by ssh: scp, sftp and
 * rsync.  AUTOMODE_CONFINE is the descriptor of a Landlock domain
 * (gateway/exec/confine.h), which the program enters as soon as it has started
 * its ssh: that one may go on to write what it will (known_hosts, sockets,
 * whatever a ProxyCommand keeps), and the program itself only where its files
 * are to arrive.  With AUTOMODE_CONFINE_NOW it does so at once.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int domain = -1;

static void
enter(void)
{
	int fd = domain;

	domain = -1;
	if (fd < 0)
		return;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    syscall(SYS_landlock_restrict_self, fd, 0) < 0) {
		dprintf(STDERR_FILENO, "automode: confining it: %s\n",
			strerror(errno));
		_exit(125);
	}
	close(fd);
}

/* Nothing of this is for those that the program starts. */
static void __attribute__((constructor)) begin(void)
{
	const char *number = getenv("AUTOMODE_CONFINE");
	const char *before = getenv("AUTOMODE_PRELOAD");

	if (!number)
		return;
	domain = (int)strtol(number, NULL, 10);
	if (domain < 3 || fcntl(domain, F_SETFD, FD_CLOEXEC) < 0)
		domain = -1;
	if (before)
		setenv("LD_PRELOAD", before, 1);
	else
		unsetenv("LD_PRELOAD");
	unsetenv("AUTOMODE_PRELOAD");
	unsetenv("AUTOMODE_CONFINE");
	if (getenv("AUTOMODE_CONFINE_NOW"))
		enter();
	unsetenv("AUTOMODE_CONFINE_NOW");
}

pid_t
fork(void)
{
	static pid_t (*next)(void);
	pid_t pid;

	if (!next)
		next = (pid_t(*)(void))(uintptr_t)dlsym(RTLD_NEXT, "fork");
	if (!next) {
		errno = ENOSYS;
		return -1;
	}
	pid = next();
	if (pid > 0)
		enter();
	return pid;
}
