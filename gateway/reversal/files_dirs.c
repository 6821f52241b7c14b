/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Folders of what a command touches, held open from the look to the deed:
 * what was judged is what is acted on, wherever a racing process has moved
 * its name.  And where on each mount kept things lie.
 */
#include "base/file.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/files.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIRS_OPEN 400 /* descriptors; the others are opened again */

static int
close_all(struct file_dirs *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].fd >= 0)
			close(d->v[i].fd);
	return 0;
}

struct dirs_owner {
	struct file_dirs *d;
};

static int
owner_gone(struct dirs_owner *o)
{
	return close_all(o->d);
}

void
file_dirs_init(void *ctx, struct file_dirs *d, int root)
{
	struct dirs_owner *o = have(talloc_zero(ctx, struct dirs_owner));

	memset(d, 0, sizeof(*d));
	/* below the owner: what it looks through goes after it */
	d->ctx = o;
	d->root = root;
	o->d = d;
	talloc_set_destructor(o, owner_gone);
}

static int
open_at(const struct file_dirs *d, const char *path)
{
	return path_open_beneath(d->root, path[1] ? path + 1 : ".",
				 O_PATH | O_DIRECTORY, 0, NULL);
}

int
file_dirs_add(struct file_dirs *d, const char *path)
{
	struct file_dir *new;
	struct stat st;
	int fd;

	/* names come in runs of the same folder */
	for (size_t i = d->n; i-- > 0;)
		if (!strcmp(d->v[i].path, path))
			return (int)i;
	fd = open_at(d, path);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0) {
		close(fd);
		return -1;
	}
	GROW(d->ctx, d->v, d->n, d->room);
	new = &d->v[d->n];
	*new = (struct file_dir){.path = have(talloc_strdup(d->ctx, path)),
				 .fd = fd,
				 .dev = st.st_dev,
				 .ino = st.st_ino,
				 .mount = path_mount_of(fd),
				 .stash = -1};
	if (d->open < DIRS_OPEN) {
		d->open++;
	} else {
		close(fd);
		new->fd = -1;
	}
	return (int)d->n++;
}

/* Beyond those that stay open one at a time is, the last. */
int
file_dirs_fd(struct file_dirs *d, unsigned i)
{
	static int last = -1;
	struct stat st;

	if (d->v[i].fd >= 0)
		return d->v[i].fd;
	if (last >= 0)
		close(last);
	last = open_at(d, d->v[i].path);
	if (last >= 0 && (fstat(last, &st) < 0 || st.st_ino != d->v[i].ino ||
			  st.st_dev != d->v[i].dev)) {
		close(last);
		last = -1;
		errno = ENOENT;
	}
	return last;
}

/* --- mounts ------------------------------------------------------------ */

/* "\040" and so on: proc(5) */
static void
unescape(char *s)
{
	char *to = s;

	for (; *s; s++, to++) {
		*to = *s;
		if (*s != '\\' || !s[1] || !s[2] || !s[3])
			continue;
		*to = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 |
			     (s[3] - '0'));
		s += 3;
	}
	*to = '\0';
}

static void
read_mounts(struct file_dirs *d)
{
	char *text = NULL, *line, *next;
	size_t len, room = 0;

	d->mounts = have(talloc_zero_array(d->ctx, char *, 1));
	if (file_read(d->ctx, AT_FDCWD, "/proc/self/mountinfo", 16u << 20,
		      &text, &len, NULL) != 0)
		return;
	for (line = text; line && *line; line = next) {
		char *word = line;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		for (int i = 0; i < 4 && word; i++) {
			word = strchr(word, ' ');
			word = word ? word + 1 : NULL;
		}
		if (!word)
			continue;
		word[strcspn(word, " ")] = '\0';
		unescape(word);
		GROW(d->ctx, d->mounts, d->nmounts, room);
		d->mounts[d->nmounts++] = word;
	}
}

const char *
file_dirs_mount(struct file_dirs *d, const char *path)
{
	if (!d->mounts)
		read_mounts(d);
	for (size_t i = 0; i < d->nmounts; i++)
		if (path_is_under(d->mounts[i], path))
			return d->mounts[i];
	return NULL;
}

/* --- where kept things lie --------------------------------------------- */

/* Ours alone, or made so. */
static bool
private_dir(const char *path, bool make)
{
	struct stat st;

	if (make && mkdir(path, 0700) < 0 && errno != EEXIST)
		return false;
	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
	       st.st_uid == geteuid() && !(st.st_mode & 077);
}

static bool
same_mount(const char *path, const struct file_dir *as)
{
	int fd OWNED_FD = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && st.st_dev == as->dev &&
	       path_mount_of(fd) == as->mount;
}

/* The highest folder of that mount that we may write to: as far as can be
 * from where an agent works, and the same for all of its projects. */
char *
file_stash_place(void *ctx, const struct files *f, struct file_dirs *d,
		 unsigned dir, bool make)
{
	const struct file_dir *at = &d->v[dir];
	char *path, *best = NULL;

	if (same_mount(f->vault_dir, at))
		return have(talloc_asprintf(ctx, "%s/entries", f->vault_dir));
	for (path = have(talloc_strdup(ctx, at->path)); same_mount(path, at);
	     path = path_parent(ctx, path)) {
		char *place = have(talloc_asprintf(
		    ctx, "%s/.automode-vault-%u", strcmp(path, "/") ? path : "",
		    (unsigned)geteuid()));

		if (private_dir(place, false) ||
		    (!path_exists(place) &&
		     faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) == 0))
			best = place;
		if (!strcmp(path, "/"))
			break;
	}
	if (best && make && !private_dir(best, true))
		return NULL;
	return best;
}
