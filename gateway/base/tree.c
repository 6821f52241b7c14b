/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Removing a tree that somebody may be changing meanwhile: everything goes
 * through descriptors, no link is followed, no other file system entered.
 */
#include "base/own.h"
#include "base/path.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
is_self_or_up(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Opens the directory name below dirfd for reading.  One of ours that its
 * mode locks is unlocked first: package caches are kept read-only. */
static int
open_to_empty(int dirfd, const char *name)
{
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(dirfd, name, flags), place;
	char proc[40];

	if (fd >= 0 || errno != EACCES)
		return fd;
	place = openat(dirfd, name, O_PATH | (flags & ~O_RDONLY));
	if (place < 0)
		return -1;
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", place);
	if (chmod(proc, 0700) == 0)
		fd = openat(dirfd, name, flags);
	close(place);
	return fd;
}

/* A removal on its way.  Below depth MAX_DEPTH a directory is first moved up
 * beside its tree's top, so that no tree is too deep for our descriptors. */
#define MAX_DEPTH 96
struct removal {
	uint64_t mount;
	int top;
	unsigned moved;
	bool again;
};

static int
remove_name(int dir, const char *name, int flag)
{
	int rc = unlinkat(dir, name, flag);

	if (rc < 0 && errno == EACCES && fchmod(dir, 0700) == 0)
		rc = unlinkat(dir, name, flag);
	return rc < 0 && errno == ENOENT ? 0 : rc;
}

static int
move_up(struct removal *r, int dir, const char *name)
{
	char to[64];

	for (int tries = 0; tries < 1000; tries++) {
		snprintf(to, sizeof(to), "automode-removing-%u", r->moved++);
		if (renameat2(dir, name, r->top, to, RENAME_NOREPLACE) == 0) {
			r->again = true;
			return 0;
		}
		if (errno != EEXIST)
			return -1;
	}
	return -1;
}

/* Empties the directory and closes fd.  0, or -1 with errno. */
static int
empty_dir(struct removal *r, int fd, int depth)
{
	DIR *d = fdopendir(fd);
	const struct dirent *entry;
	int rc = 0, sub;

	if (!d) {
		close(fd);
		return -1;
	}
	/* a bind of the same file system is not part of it either */
	if (path_mount_of(fd) != r->mount) {
		closedir(d);
		errno = EXDEV;
		return -1;
	}
	while (rc == 0 && (errno = 0, entry = readdir(d))) {
		const char *name = entry->d_name;

		if (is_self_or_up(name))
			continue;
		if (entry->d_type != DT_DIR &&
		    (rc = remove_name(fd, name, 0)) == 0)
			continue;
		if (rc < 0 && errno != EISDIR && errno != EPERM)
			break;
		if (depth >= MAX_DEPTH) {
			rc = move_up(r, fd, name);
			continue;
		}
		sub = open_to_empty(fd, name);
		rc = sub < 0 ? -1 : empty_dir(r, sub, depth + 1);
		if (rc == 0)
			rc = remove_name(fd, name, AT_REMOVEDIR);
	}
	if (rc == 0 && errno != 0)
		rc = -1;
	sub = errno;
	closedir(d);
	errno = sub;
	return rc;
}

int
path_remove_tree(int dirfd, const char *rel, struct err *e)
{
	char *parent = path_parent(NULL, rel), *all = path_clean(parent, rel);
	const char *name = path_base(all);
	int dir OWNED_FD =
	    path_open_beneath(dirfd, parent, O_RDONLY | O_DIRECTORY, 0, NULL);
	struct removal r = {0};
	struct stat st;
	int fd, rc = -1;

	if (is_self_or_up(name) || !*name)
		errno = EINVAL;
	else if (dir < 0)
		rc = errno == ENOENT ? 0 : -1;
	else if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		rc = errno == ENOENT ? 0 : -1;
	else if (!S_ISDIR(st.st_mode))
		rc = remove_name(dir, name, 0);
	else {
		r.mount = path_mount_of(dir);
		do {
			fd = open_to_empty(dir, name);
			r.again = false;
			r.top = fd;
			rc = fd < 0 ? -1 : empty_dir(&r, fd, 0);
		} while (rc == 0 && r.again);
		if (rc == 0)
			rc = remove_name(dir, name, AT_REMOVEDIR);
	}
	if (rc < 0)
		rc = err_sys(e, "removing %s", rel);
	talloc_free(parent);
	return rc;
}
