/* SPDX-License-Identifier: Apache-2.0 */
/* What rm(1) meets below a directory; see removal_tree.h. */
#include "exec/removal_tree.h"
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define DEPTH 200
#define TAKEN 16 /* names that a thread takes at once */

/* chattr(1): what is immutable cannot be taken out of its folder, nor
 * anything out of what is. */
#define FIXED (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND)

/* A directory whose names are shared out. */
struct folder {
	DIR *all;
	dev_t dev;
	bool counts; /* the file system has such attributes */
	unsigned depth;
	pthread_mutex_t reading;
	atomic_bool fine;
};

bool
may_empty_folder(const struct stat *dir)
{
	if (geteuid() == 0)
		return true;
	if (dir->st_uid == geteuid())
		return (dir->st_mode & 0700) == 0700;
	return false; /* groups, lists, sticky bits: the tool knows */
}

/* *counts, unless it is NULL: the file system has such attributes. */
static bool
is_fixed(int dir, const char *name, bool *counts)
{
	struct statx x;

	if (statx(dir, name, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, STATX_TYPE,
		  &x) < 0)
		return true;
	if (counts)
		*counts = (x.stx_attributes_mask & FIXED) != 0;
	return (x.stx_attributes & FIXED) != 0;
}

static bool
may_empty_within(int parent, const char *name, dev_t dev, unsigned depth);

/* One thing of a folder.  Files need no look but for their attributes. */
static bool
may_go(const struct folder *f, const struct dirent *d)
{
	int dir = dirfd(f->all);
	struct stat st;

	if (f->counts && is_fixed(dir, d->d_name, NULL))
		return false;
	if (d->d_type != DT_DIR && d->d_type != DT_UNKNOWN)
		return true;
	if (fstatat(dir, d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	if (!S_ISDIR(st.st_mode))
		return true;
	/* two links: no directory within, on file systems that count them */
	return may_empty_folder(&st) && st.st_dev == f->dev &&
	       ((!f->counts && st.st_nlink == 2) ||
		may_empty_within(dir, d->d_name, f->dev, f->depth - 1));
}

/* The next names: a directory, in which there may be much, is the last of
 * those that one thread takes. */
static size_t
take(struct folder *f, struct dirent *v)
{
	const struct dirent *d;
	size_t n = 0;

	pthread_mutex_lock(&f->reading);
	while (n < TAKEN && (d = readdir(f->all))) {
		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
			continue;
		memcpy(&v[n++], d, d->d_reclen);
		if (d->d_type == DT_DIR)
			break;
	}
	pthread_mutex_unlock(&f->reading);
	return n;
}

static void *
look(void *data)
{
	struct folder *f = data;
	struct dirent v[TAKEN];
	size_t n;

	while (f->fine && (n = take(f, v)))
		for (size_t i = 0; i < n && f->fine; i++)
			if (!may_go(f, &v[i]))
				f->fine = false;
	return NULL;
}

/* Signals are for the thread that was there. */
static bool
start_helper(pthread_t *t, struct folder *f)
{
	sigset_t all, before;
	bool started;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	started = pthread_create(t, NULL, look, f) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}

/* Opens it; false where it may not be emptied. */
static bool
open_folder(int parent, const char *name, struct folder *f, struct stat *st)
{
	int fd = openat(parent, name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return false;
	f->all = fdopendir(fd);
	if (!f->all) {
		close(fd);
		return false;
	}
	return f->depth && fstat(fd, st) == 0 && st->st_dev == f->dev &&
	       !is_fixed(fd, "", &f->counts);
}

/* Worth a second thread: two directories within, or many names. */
static bool
is_wide(const struct stat *st)
{
	return st->st_nlink > 3 || st->st_nlink == 1 || st->st_size > 4096;
}

static bool
may_empty_within(int parent, const char *name, dev_t dev, unsigned depth)
{
	struct folder f = {
	    .dev = dev, .depth = depth, .reading = PTHREAD_MUTEX_INITIALIZER};
	bool helped = false;
	pthread_t helper;
	struct stat st;

	f.fine = open_folder(parent, name, &f, &st);
	if (f.fine && depth == DEPTH && is_wide(&st))
		helped = start_helper(&helper, &f);
	if (f.fine)
		look(&f);
	if (helped)
		pthread_join(helper, NULL);
	if (f.all)
		closedir(f.all);
	return f.fine;
}

bool
may_empty_tree(int parent, const char *name, dev_t dev)
{
	return may_empty_within(parent, name, dev, DEPTH);
}
