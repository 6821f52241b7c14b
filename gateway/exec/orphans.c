/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a worker dies while its box waits to be released, bwrap dies with it
 * (--die-with-parent), but the box's first process does not: bubblewrap 0.8
 * arms that only after --block-fd.  It would wait for ever, unrun, with the
 * caller's pipe in its hands.  The monitor inherits such processes and ends
 * them.  Others that it inherits are none of its business: the program that
 * tells the owner of a question outlives its worker.
 */
#include "exec/exec.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

int
exec_adopt_orphans(struct err *e)
{
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return err_sys(e, "PR_SET_CHILD_SUBREAPER");
	return 0;
}

static bool
is_known(const pid_t *known, size_t n, pid_t pid)
{
	for (size_t i = 0; i < n; i++)
		if (known[i] == pid)
			return true;
	return false;
}

/* By the name that the kernel gives it: /proc/PID/exe may not be read of a
 * process that has changed its rights. */
static bool
is_named(pid_t pid, const char *name)
{
	char path[64], comm[32];
	ssize_t len;
	int fd;

	if (!name)
		return true;
	snprintf(path, sizeof path, "/proc/%ld/comm", (long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = read(fd, comm, sizeof comm - 1);
	close(fd);
	if (len < 1)
		return false;
	comm[len - 1] = '\0'; /* its newline */
	return strcmp(comm, name) == 0;
}

size_t
exec_end_orphans(const pid_t *known, size_t n, const char *name)
{
	char path[64], text[8192], *at = text, *end;
	size_t ended = 0;
	ssize_t len;
	long pid;
	int fd;

	snprintf(path, sizeof path, "/proc/self/task/%ld/children",
		 (long)getpid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	len = read(fd, text, sizeof text - 1);
	close(fd);
	text[len > 0 ? len : 0] = '\0';
	/* a number that was cut off at the end has no blank behind it */
	while ((pid = strtol(at, &end, 10)) > 0 && *end == ' ') {
		if (!is_known(known, n, (pid_t)pid) &&
		    is_named((pid_t)pid, name) &&
		    kill((pid_t)pid, SIGKILL) == 0)
			ended++;
		at = end;
	}
	return ended;
}
