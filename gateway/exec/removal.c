/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What rm(1), rmdir(1) and unlink(1) of coreutils 9.1 would do, as far as
 * they would do it silently.
 */
#include "exec/removal.h"
#include "base/own.h"
#include "base/path.h"
#include "exec/removal_tree.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct manner {
	bool force, recursive, empty_dirs, one_fs;
	const char *const *operands;
	size_t n;
};

/* --- arguments --------------------------------------------------------- */

static bool
read_cluster(const char *s, struct manner *m)
{
	for (; *s; s++)
		switch (*s) {
		case 'f':
			m->force = true;
			break;
		case 'r':
		case 'R':
			m->recursive = true;
			break;
		case 'd':
			m->empty_dirs = true;
			break;
		default: /* -i -I -v: words, or questions */
			return false;
		}
	return true;
}

static bool
read_long(const char *s, struct manner *m)
{
	if (!strcmp(s, "force"))
		m->force = true;
	else if (!strcmp(s, "recursive"))
		m->recursive = true;
	else if (!strcmp(s, "dir"))
		m->empty_dirs = true;
	else if (!strcmp(s, "one-file-system"))
		m->one_fs = true;
	else if (strcmp(s, "preserve-root") != 0)
		return false;
	return true;
}

/* Canonical: all options before "--".  What is not known is the tool's. */
static bool
read_arguments(const char *const *argv, struct manner *m)
{
	size_t i = 1;

	for (; argv[i] && strcmp(argv[i], "--") != 0; i++) {
		const char *s = argv[i];

		if (s[0] != '-' || !s[1] ||
		    !(s[1] == '-' ? read_long(s + 2, m)
				  : read_cluster(s + 1, m)))
			return false;
	}
	if (!argv[i])
		return false;
	m->operands = argv + i + 1;
	while (m->operands[m->n])
		m->n++;
	return m->n > 0;
}

/* --- operands ---------------------------------------------------------- */

/* Not ours, but everybody's: /tmp.  What is ours may be taken out. */
static bool
may_take(int dir, const struct stat *parent, const struct stat *st)
{
	if (may_empty_folder(parent))
		return true;
	if (faccessat(dir, ".", W_OK | X_OK, AT_EACCESS) < 0)
		return false;
	return !(parent->st_mode & S_ISVTX) || st->st_uid == geteuid();
}

/* rm(1) has words for it. */
static bool
is_mount(int dir, const char *name)
{
	struct statx x;

	return statx(dir, name, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &x) < 0 ||
	       x.stx_attributes & STATX_ATTR_MOUNT_ROOT;
}

static bool
is_empty(int parent, const char *name)
{
	int fd = openat(parent, name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *all = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *d;
	bool empty = all != NULL;

	if (!all && fd >= 0)
		close(fd);
	while (empty && (d = readdir(all)))
		empty = !strcmp(d->d_name, ".") || !strcmp(d->d_name, "..");
	if (all)
		closedir(all);
	return empty;
}

/* "." and "..", "x/." and so on, and what is written with a slash at its
 * end: rm has words for some of them. */
static bool
plain_name(const char *s)
{
	size_t n = strlen(s);
	const char *base = path_base(s);

	return n && s[n - 1] != '/' && strcmp(base, ".") && strcmp(base, "..");
}

static bool
plain_operand(const struct invocation *in, const struct manner *m,
	      const char *operand, bool asks)
{
	void *ctx = talloc_new(NULL);
	char *parent = path_parent(ctx, operand);
	struct stat at, st;
	bool fine = false;
	int dir = openat(in->cwd_fd, parent ? parent : ".",
			 O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *name = path_base(operand);

	if (!plain_name(operand))
		goto out;
	if (dir < 0 || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		fine = m->force && (errno == ENOENT || errno == ENOTDIR);
		goto out;
	}
	if (fstat(dir, &at) < 0 || !may_take(dir, &at, &st) ||
	    is_mount(dir, name))
		goto out;
	/* a question for what is write-protected; within directories too */
	if (asks && (S_ISDIR(st.st_mode) ||
		     (!S_ISLNK(st.st_mode) &&
		      faccessat(dir, name, W_OK, AT_EACCESS) < 0)))
		goto out;
	if (!S_ISDIR(st.st_mode)) {
		fine = true;
	} else if (st.st_dev != at.st_dev || !may_empty_folder(&st)) {
		fine = false;
	} else if (m->recursive) {
		fine = may_empty_tree(dir, name, st.st_dev);
	} else {
		fine = m->empty_dirs && is_empty(dir, name);
	}
out:
	if (dir >= 0)
		close(dir);
	talloc_free(ctx);
	return fine;
}

/* Without -f, an operand within another one is missed when its turn comes. */
static bool
nested(const struct command *cmd)
{
	for (size_t i = 0; i < cmd->losses.nfiles; i++)
		for (size_t k = 0; k < i; k++)
			if (path_is_under(cmd->losses.files[i].path,
					  cmd->losses.files[k].path))
				return true;
	return false;
}

bool
removal_is_plain(const struct invocation *in, const struct command *cmd)
{
	struct manner m = {0};
	const char *tool = path_base(cmd->argv[0]);
	bool asks;

	if (!cmd->losses.removal || cmd->before)
		return false;
	if (!read_arguments(cmd->argv, &m))
		return false;
	if (!strcmp(tool, "rmdir")) {
		if (m.force || m.recursive || m.empty_dirs)
			return false;
		m.empty_dirs = true;
	} else if (!strcmp(tool, "unlink")) {
		if (m.n != 1 || m.force || m.recursive || m.empty_dirs)
			return false;
	} else if (strcmp(tool, "rm") != 0) {
		return false;
	}
	asks = !strcmp(tool, "rm") && !m.force && in->stdio[0] >= 0 &&
	       isatty(in->stdio[0]);
	for (size_t i = 0; i < m.n; i++) {
		struct stat st;

		if (!plain_operand(in, &m, m.operands[i], asks))
			return false;
		if (!strcmp(tool, "rmdir") &&
		    (fstatat(in->cwd_fd, m.operands[i], &st,
			     AT_SYMLINK_NOFOLLOW) < 0 ||
		     !S_ISDIR(st.st_mode)))
			return false;
	}
	/* up to a thousand operands are compared with each other */
	return m.force || (m.n <= 1000 && !nested(cmd));
}
