/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is there now.  Steps that an earlier one makes room for, or brings
 * something to, see the place as it will be then.
 */
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/files_undo.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
vacated(const struct file_undo *u, const char *path)
{
	for (size_t i = 0; i < u->nvacated; i++)
		if (!strcmp(u->vacated[i], path))
			return true;
	return false;
}

bool
file_is_vacated(const struct file_undo *u, const char *path)
{
	for (size_t i = 0; i < u->nvacated; i++)
		if (path_is_under(path, u->vacated[i]))
			return true;
	return false;
}

void
file_undo_arrives(struct file_undo *u, struct file_step *s)
{
	bool moves = false;

	for (size_t i = 0; i < u->m.n && !moves; i++)
		moves = u->m.v[i].kind == FILE_MOVED &&
			!strcmp(u->m.v[i].to, s->as);
	if (!moves || S_ISDIR(s->it->before.mode))
		return;
	GROW(u, u->arrived, u->narrived, u->room_arrived);
	u->arrived[u->narrived++] = s;
}

static const struct file_state *
arrived(const struct file_undo *u, const char *path)
{
	for (size_t i = u->narrived; i-- > 0;)
		if (!strcmp(u->arrived[i]->as, path))
			return &u->arrived[i]->it->before;
	return NULL;
}

/* What an earlier step moves there, and none takes from there again. */
static const struct file_state *
moved_in(const struct file_undo *u, const char *path)
{
	for (size_t i = u->nvacated ? u->n : 0; i-- > 0;) {
		const struct file_step *s = &u->steps[i];

		if (s->act == ACT_MOVE && !strcmp(s->as, path))
			return &s->now;
		if ((s->act == ACT_MOVE && !strcmp(s->it->to, path)) ||
		    (s->act == ACT_REMOVE && !strcmp(s->as, path)))
			return NULL;
	}
	return NULL;
}

void
file_undo_vacate(struct file_undo *u, const char *path)
{
	for (size_t i = u->narrived; i-- > 0;)
		if (!strcmp(u->arrived[i]->as, path)) {
			u->arrived[i]->gone_on = true;
			u->arrived[i] = u->arrived[--u->narrived];
		}
	u->vacated = have(talloc_realloc(u, u->vacated, const char *,
					 (unsigned)u->nvacated + 1));
	u->vacated[u->nvacated++] = path;
}

/* Directories of ours on the way that their mode locks are opened until the
 * undo is over: `now` of each was taken before. */
bool
file_undo_unlock(struct file_undo *u, const char *path)
{
	size_t before = u->nunlocked;

	for (const char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		char *dir = have(talloc_strndup(u, path, (size_t)(p - path)));
		int fd OWNED_FD = path_open_beneath(
		    u->root, dir + 1, O_PATH | O_DIRECTORY, 0, NULL);
		struct stat st;
		char self[32];

		snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
		if (fd < 0 || fstat(fd, &st) < 0 || st.st_uid != geteuid() ||
		    (st.st_mode & 0700) == 0700 ||
		    chmod(self, (st.st_mode & 07777) | 0700) < 0)
			continue;
		u->unlocked = have(talloc_realloc_size(
		    u, u->unlocked, (u->nunlocked + 1) * sizeof(*u->unlocked)));
		u->unlocked[u->nunlocked].path = dir;
		u->unlocked[u->nunlocked++].mode = st.st_mode & 07777;
	}
	return u->nunlocked > before;
}

/* As they were, or as they are to be. */
void
file_undo_relock(struct file_undo *u)
{
	while (u->nunlocked-- > 0) {
		const char *path = u->unlocked[u->nunlocked].path;
		int fd OWNED_FD = path_open_beneath(
		    u->root, path + 1, O_PATH | O_DIRECTORY, 0, NULL);
		mode_t mode = u->unlocked[u->nunlocked].mode;
		char self[32];

		for (size_t i = 0; i < u->n; i++)
			if (u->steps[i].done &&
			    u->steps[i].it->kind != FILE_PARENT &&
			    S_ISDIR(u->steps[i].it->before.mode) &&
			    !strcmp(u->steps[i].as, path))
				mode = u->steps[i].it->before.mode & 07777;
		snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
		if (fd >= 0)
			(void)chmod(self, mode);
	}
	u->nunlocked = 0;
}

int
file_undo_see(struct file_undo *u, const char *path, bool xattrs,
	      struct file_state *out, struct err *e)
{
	for (bool again = true;; again = false) {
		const char *name;
		struct err why = {0};
		int dir, rc = 0;

		memset(out, 0, sizeof(*out));
		out->what = '-';
		if (arrived(u, path)) {
			*out = *arrived(u, path);
			return 0;
		}
		if (moved_in(u, path)) {
			*out = *moved_in(u, path);
			return 0;
		}
		if (vacated(u, path))
			return 0;
		dir = file_parent(u, path, &name);
		/* a folder that is a link now leads elsewhere: here is
		 * nothing */
		if (dir < 0 &&
		    (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
			return 0;
		if (dir < 0)
			rc = err_sys(&why, "%s", text_safe(u, path));
		else
			rc = file_state_take(u, dir, *name ? name : ".", xattrs,
					     out, &why);
		if (rc == 0)
			return 0;
		if (!again || !file_undo_unlock(u, path)) {
			if (e)
				*e = why;
			return rc;
		}
		file_forget(u);
	}
}

bool
file_same_attributes(const struct file_state *a, const struct file_state *b)
{
	return a->what == '+' && b->what == '+' && a->mode == b->mode &&
	       a->uid == b->uid && a->gid == b->gid &&
	       (!a->xattrs || !b->xattrs || !strcmp(a->xattrs, b->xattrs));
}

bool
file_same_times(const struct file_state *a, const struct file_state *b)
{
	return a->mtime == b->mtime && a->mtime_ns == b->mtime_ns;
}
