/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long things stay in a vault: entries too old or beyond the size of the
 * whole go, oldest first; then what only they held is cleared from kept.git.
 */
#include "base/limits.h"
#include "base/own.h"
#include "base/path.h"
#include "base/spawn.h"
#include "base/text.h"
#include "reversal/files_entry.h"
#include "reversal/undo_work.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct aged {
	uint64_t id, bytes;
	int64_t time;
	bool stays; /* holds the only copy of what a remote lost */
};

static int
by_id(const void *a, const void *b)
{
	const struct aged *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

uint64_t
vault_folder_bytes(int dirfd, const char *name, unsigned depth)
{
	int fd = openat(dirfd, name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct dirent *d;
	uint64_t n = 0;
	struct stat st;
	DIR *dir;

	if (fd < 0)
		return 0;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return 0;
	}
	while ((d = readdir(dir))) {
		if (strcmp(d->d_name, ".") == 0 ||
		    strcmp(d->d_name, "..") == 0 ||
		    fstatat(fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (S_ISDIR(st.st_mode)) {
			if (depth)
				n += vault_folder_bytes(fd, d->d_name,
							depth - 1);
		} else if (st.st_nlink == 1) {
			n += (uint64_t)st.st_blocks * 512;
		}
	}
	closedir(dir);
	return n;
}

/* A damaged entry counts by the age of its folder. */
static void
weigh(struct vault *v, struct aged *a)
{
	void *own = talloc_new(NULL);
	char *name =
	    talloc_asprintf(own, "entries/%llu", (unsigned long long)a->id);
	struct manifest m;
	struct stat st;

	if (!name)
		BUG("out of memory");
	a->bytes = vault_folder_bytes(v->dir_fd, name, 256);
	if (file_entry_is(vault_entry_dir(own, v, a->id))) {
		uint64_t beside;

		files_weigh(v->dir, a->id, &a->time, &a->stays, &beside);
		a->bytes += beside;
	} else if (manifest_read(own, vault_entry_dir(own, v, a->id), &m,
				 NULL) == 0) {
		a->time = m.time;
		for (size_t i = 0; i < m.n; i++) {
			if (m.items[i].before.kind == VALUE_BLOB)
				a->bytes += m.items[i].before.size;
			if (m.items[i].kind == ITEM_REMOTE &&
			    strcmp(m.state, "undone") != 0)
				a->stays = true;
		}
	} else if (fstatat(v->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		a->time = st.st_mtim.tv_sec;
	}
	talloc_free(own);
}

static int
list_entries(void *ctx, struct vault *v, struct aged **out, size_t *n,
	     struct err *e)
{
	int fd = openat(v->dir_fd, "entries",
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	size_t room = 0;
	struct dirent *d;
	DIR *dir;

	*out = NULL;
	*n = 0;
	if (fd < 0)
		return errno == ENOENT ? 0 : err_sys(e, "listing the vault");
	dir = fdopendir(fd);
	if (!dir)
		BUG("out of memory");
	while ((d = readdir(dir))) {
		int64_t id;

		if (text_number(d->d_name, 1, INT64_MAX, &id, NULL) < 0)
			continue;
		if (*n == room) {
			room = room ? room * 2 : 64;
			*out = talloc_realloc(ctx, *out, struct aged,
					      (unsigned)room);
			if (!*out)
				BUG("out of memory");
		}
		(*out)[(*n)++] = (struct aged){.id = (uint64_t)id};
	}
	closedir(dir);
	if (*n)
		qsort(*out, *n, sizeof(**out), by_id);
	return 0;
}

static int
kept_git(void *ctx, const struct vault *v, const char *const *words,
	 struct err *e)
{
	const char *argv[12] = {"git", "-c", "safe.directory=*", NULL};
	struct spawn s = {.program = "/usr/bin/git",
			  .argv = argv,
			  .env = restore_git_env,
			  .timeout_ms = 600000};
	size_t n = 4;
	int rc;

	argv[3] = talloc_asprintf(ctx, "--git-dir=%s/kept.git", v->dir);
	if (!argv[3])
		BUG("out of memory");
	for (; *words && n < 11; words++)
		argv[n++] = *words;
	rc = spawn_run(ctx, &s, e);
	if (rc == 0 && s.status != 0)
		rc = err_set(e, ERR_SYSTEM, "git %s: %s", argv[4],
			     text_safe(ctx, s.errors));
	return rc < 0 ? err_wrap(e, "clearing the vault") : 0;
}

/* -l: what is borrowed from the project stays there. */
static int
clear(void *ctx, const struct vault *v, struct err *e)
{
	static const char *const repack[] = {"repack", "-a", "-d",
					     "-l",     "-q", NULL};
	static const char *const prune[] = {"prune", "--expire=now", NULL};
	int rc = kept_git(ctx, v, repack, e);

	return rc < 0 ? rc : kept_git(ctx, v, prune, e);
}

static int
drop_some(struct vault *v, struct aged *a, size_t n, uint64_t *dropped,
	  size_t *ndropped, struct err *e)
{
	int64_t oldest = time(NULL) - LIMIT_VAULT_DAYS * 86400LL;
	uint64_t total = 0;
	int rc = 0;

	for (size_t i = 0; i < n; i++) {
		weigh(v, &a[i]);
		total += a[i].bytes;
	}
	for (size_t i = 0; i + LIMIT_VAULT_NEWEST < n && rc == 0; i++) {
		if (a[i].stays ||
		    (a[i].time >= oldest && total <= LIMIT_VAULT_BYTES))
			continue;
		rc = file_entry_is(vault_entry_dir(a, v, a[i].id))
			 ? files_drop(v->dir, a[i].id, e)
			 : vault_drop(v, a[i].id, e);
		if (rc == 0) {
			total -= a[i].bytes;
			dropped[(*ndropped)++] = a[i].id;
		}
	}
	return rc;
}

int
vault_expire(void *ctx, struct vault *v, uint64_t **dropped, size_t *ndropped,
	     struct err *e)
{
	bool locked = v->lock_fd >= 0;
	void *own = talloc_new(ctx);
	struct aged *a;
	size_t n;
	int rc;

	*dropped = NULL;
	*ndropped = 0;
	/* Somebody is at work here: another time. */
	if (!locked && vault_lock(v, 0, NULL) < 0) {
		talloc_free(own);
		return 0;
	}
	rc = list_entries(own, v, &a, &n, e);
	if (rc == 0 && n > LIMIT_VAULT_NEWEST) {
		*dropped = talloc_array(ctx, uint64_t, (unsigned)n);
		if (!*dropped)
			BUG("out of memory");
		rc = drop_some(v, a, n, *dropped, ndropped, e);
		if (rc == 0 && *ndropped &&
		    faccessat(v->dir_fd, "kept.git/HEAD", F_OK, 0) == 0)
			rc = clear(own, v, e);
	}
	if (!locked)
		vault_unlock(v);
	talloc_free(own);
	return rc;
}
