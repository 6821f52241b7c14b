/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock domains.  See confine.h. */
#include "exec/confine.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <talloc.h>
#include <unistd.h>

#ifndef LANDLOCK_ACCESS_FS_TRUNCATE /* Linux 6.2 */
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#define TRUNCATES 3 /* the version of the interface that has it */
#define REFERS	  2 /* before it nothing is renamed from folder to folder */

#define FILES LANDLOCK_ACCESS_FS_WRITE_FILE
#define FOLDERS                                                                \
	(LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |      \
	 LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |          \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |          \
	 LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |        \
	 LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER)

static int
let(int domain, int object, uint64_t rights, struct err *e)
{
	struct landlock_path_beneath_attr a = {
	    .allowed_access = rights,
	    .parent_fd = object,
	};

	return syscall(SYS_landlock_add_rule, domain,
		       LANDLOCK_RULE_PATH_BENEATH, &a, 0) < 0
		   ? err_sys(e, "landlock_add_rule")
		   : 0;
}

static int
let_dir(int domain, const char *dir, uint64_t rights, char **folders,
	struct err *e)
{
	struct stat st;
	int root OWNED_FD = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd OWNED_FD = path_open_beneath(
	    root, dir + 1, O_PATH | O_DIRECTORY | O_CLOEXEC, 0, e);

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return err_sys(e, "%s", dir);
	*folders = talloc_asprintf_append(*folders, "%llu:%llu ",
					  (unsigned long long)st.st_dev,
					  (unsigned long long)st.st_ino);
	if (!*folders)
		BUG("out of memory");
	return let(domain, fd, rights, e);
}

int
confine_open(void *ctx, const char *const *dirs, size_t n, int *fd,
	     char **folders, struct err *e)
{
	static const char *const devices[] = {"/dev/null", "/dev/tty"};
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
			       LANDLOCK_CREATE_RULESET_VERSION);
	uint64_t files =
	    FILES | (version < TRUNCATES ? 0 : LANDLOCK_ACCESS_FS_TRUNCATE);
	struct landlock_ruleset_attr a = {.handled_access_fs = files | FOLDERS};
	int rc = 0;

	*fd = -1;
	*folders = talloc_strdup(ctx, "");
	if (version < REFERS)
		return 0;
	*fd = own_fd(
	    ctx, (int)syscall(SYS_landlock_create_ruleset, &a, sizeof(a), 0));
	if (*fd < 0)
		return 0;
	for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++) {
		int device OWNED_FD = open(devices[i], O_PATH | O_CLOEXEC);

		if (device >= 0 && rc == 0)
			rc = let(*fd, device, files, e);
	}
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = let_dir(*fd, dirs[i], files | FOLDERS, folders, e);
	return rc < 0 ? err_wrap(e, "what it would write to is not what it was")
		      : 0;
}
