/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Would gc, with the settings git ships, find anything to drop?  It looks for
 * reflog entries older than a month and for objects older than two weeks; a
 * repository of this week has neither, and nothing need be kept.
 */
#include "base/text.h"
#include "tools/git_local.h"
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY	    (24 * 60 * 60)
#define MAX_ENTRIES 20000 /* then it is assumed that there is something */
#define MAX_DEPTH   32

struct search {
	time_t entries, objects; /* what is older goes */
	unsigned left;
};

/* The oldest entry stands first: "old new who <mail> seconds zone\tmessage". */
static bool
old_entry(int dir, const char *name, time_t before)
{
	char line[1024], *end;
	int fd =
	    openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, line, sizeof(line) - 1);

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return false;
	line[n] = '\0';
	end = strstr(line, "> ");
	return !end || strtoll(end + 2, NULL, 10) < before;
}

static bool
old_object(int dir, const char *name, time_t before)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(st.st_mode) && st.st_mtime < before;
}

typedef bool look(int dir, const char *name, time_t before);

static bool
any_below(struct search *s, int at, const char *name, look *old, time_t before,
	  int depth)
{
	int fd =
	    openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	bool found = false;

	while (d && !found && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		if (s->left-- == 0 || depth == MAX_DEPTH)
			found = true;
		else if (e->d_type == DT_DIR)
			found = any_below(s, dirfd(d), e->d_name, old, before,
					  depth + 1);
		else
			found = old(dirfd(d), e->d_name, before);
	}
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
	return found;
}

/* Loose objects lie in folders of two hex digits; a pack with a list of
 * mtimes holds unreachable ones. */
static bool
old_objects(struct search *s, int common)
{
	char name[sizeof("objects/ff")];
	bool found = false;
	DIR *d;
	int fd;

	for (int i = 0; i < 256 && !found; i++) {
		snprintf(name, sizeof(name), "objects/%02x", (unsigned)i);
		found = any_below(s, common, name, old_object, s->objects, 1);
	}
	fd = openat(common, "objects/pack", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd < 0 ? NULL : fdopendir(fd);
	for (struct dirent *e; d && !found && (e = readdir(d));)
		found = strlen(e->d_name) > 7 &&
			!strcmp(e->d_name + strlen(e->d_name) - 7, ".mtimes");
	if (d)
		closedir(d);
	return found;
}

bool
local_stale(struct git_call *g)
{
	time_t now = time(NULL);
	struct search s = {.entries = now - 30 * DAY,
			   .objects = now - 14 * DAY,
			   .left = MAX_ENTRIES};
	bool found;
	int common;

	if (!g->repo)
		return false;
	common = open(g->repo->commondir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (common < 0)
		return true;
	found = any_below(&s, common, "logs", old_entry, s.entries, 0) ||
		any_below(&s, common, "worktrees", old_entry, s.entries, 0) ||
		old_objects(&s, common);
	close(common);
	return found;
}
