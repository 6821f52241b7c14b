/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of a file into the vault and back, holes included. */
#include "base/file.h"
#include "base/own.h"
#include "reversal/files.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_FLAGS (O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

static bool
regular(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

int
file_copy_in(int dir, const char *name, int stash, const char *slot,
	     struct err *e)
{
	int in OWNED_FD = file_open_own(dir, name, O_RDONLY, S_IRUSR, NULL);
	int out OWNED_FD = -1;
	int rc;

	if (in < 0)
		return err_sys(e, "reading %s", name);
	if (!regular(in))
		return err_set(e, ERR_UNKNOWN, "%s is not a regular file",
			       name);
	out =
	    openat(stash, slot, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0)
		return err_sys(e, "keeping %s", name);
	rc = file_copy_fd(in, out, e);
	if (rc == 0 && fdatasync(out) < 0)
		rc = err_sys(e, "keeping %s", name);
	if (rc < 0)
		unlinkat(stash, slot, 0);
	return rc;
}

int
file_copy_out(int stash, const char *slot, int dir, const char *name, bool over,
	      struct err *e)
{
	int in OWNED_FD = openat(stash, slot, READ_FLAGS);
	int out OWNED_FD = -1;
	int rc;

	if (in < 0)
		return err_sys(e, "reading what was kept of %s", name);
	if (over)
		out = file_open_own(dir, name, O_WRONLY, S_IWUSR, NULL);
	else
		out = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			     0600);
	if (out < 0)
		return err_sys(e, "writing %s", name);
	if (!regular(out))
		return err_set(e, ERR_UNKNOWN, "%s is not a regular file",
			       name);
	if (over && ftruncate(out, 0) < 0)
		return err_sys(e, "writing %s", name);
	rc = file_copy_fd(in, out, e);
	if (rc < 0 && !over)
		unlinkat(dir, name, 0);
	return rc;
}
