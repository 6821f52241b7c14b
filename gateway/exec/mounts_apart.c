/* SPDX-License-Identifier: Apache-2.0 */
/* Two tables of mounts, compared where a command reaches. */
#include "exec/mounts_apart.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include <fcntl.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#define TABLE_MAX (16u << 20)

struct mount {
	const char *device, *root, *point;
};

struct table {
	struct mount *v;
	size_t n;
};

struct apart {
	void *ctx;
	struct table here, there;
	const char *what; /* the first that differs */
};

/* Another namespace, or another root in the same one. */
static bool
is_apart(pid_t pid)
{
	char name[48], here[64], there[64], root[4];
	ssize_t n, k;

	snprintf(name, sizeof(name), "/proc/%d/ns/mnt", (int)pid);
	n = readlink("/proc/self/ns/mnt", here, sizeof(here));
	k = readlink(name, there, sizeof(there));
	if (n > 0 && k > 0 && (n != k || memcmp(here, there, (size_t)n) != 0))
		return true;
	snprintf(name, sizeof(name), "/proc/%d/root", (int)pid);
	k = readlink(name, root, sizeof(root));
	return k > 0 && (k != 1 || *root != '/');
}

/* "\040" and so on, in place. */
static char *
plain(char *text)
{
	char *to = text;

	for (const char *s = text; *s; s++) {
		if (*s == '\\' && s[1] && s[2] && s[3]) {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 |
				       (s[3] - '0'));
			s += 3;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
	return text;
}

/* ID PARENT DEVICE ROOT POINT ...: proc(5) */
static int
read_table(void *ctx, const char *name, struct table *t, struct err *e)
{
	size_t len, room = 0;
	char *text, *line, *next;

	if (file_read(ctx, AT_FDCWD, name, TABLE_MAX, &text, &len, e) != 0)
		return err_set(e, ERR_UNKNOWN,
			       "which mounts the caller has cannot be told");
	for (line = text; *line; line = next) {
		char *word[5], *at = line;
		size_t k = 0;

		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		while (k < 5 && at) {
			word[k++] = at;
			at = strchr(at, ' ');
			if (at)
				*at++ = '\0';
		}
		if (k < 5)
			continue;
		if (t->n == room) {
			room = room ? room * 2 : 64;
			t->v = talloc_realloc(ctx, t->v, struct mount,
					      (unsigned)room);
			if (!t->v)
				BUG("out of memory");
		}
		t->v[t->n++] =
		    (struct mount){word[2], plain(word[3]), plain(word[4])};
	}
	return 0;
}

/* The device and the place on it that a path leads to. */
static const char *
object_of(void *ctx, const struct table *t, const char *path)
{
	const struct mount *m = NULL;
	const char *rest;
	char *s;

	for (size_t i = 0; i < t->n; i++)
		if (path_is_under(path, t->v[i].point) &&
		    (!m || strlen(t->v[i].point) >= strlen(m->point)))
			m = &t->v[i];
	if (!m)
		return "";
	rest = path + (m->point[1] ? strlen(m->point) : 0);
	s = talloc_asprintf(ctx, "%s %s%s", m->device,
			    m->root[1] ? m->root : "",
			    rest[0] == '/' && !rest[1] ? "" : rest);
	if (!s)
		BUG("out of memory");
	return s;
}

static void
compare(struct apart *a, const char *path)
{
	if (a->what || !path || *path != '/')
		return;
	path = path_clean(a->ctx, path);
	if (strcmp(object_of(a->ctx, &a->here, path),
		   object_of(a->ctx, &a->there, path)) != 0)
		a->what = path;
}

static void
compare_all(struct apart *a, const char *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		compare(a, v[i]);
}

/* ... and all that is mounted below it. */
static void
compare_below(struct apart *a, const char *path)
{
	const struct table *tables[] = {&a->here, &a->there};

	compare(a, path);
	for (size_t k = 0; k < 2 && path; k++)
		for (size_t i = 0; i < tables[k]->n; i++)
			if (path_is_under(tables[k]->v[i].point, path))
				compare(a, tables[k]->v[i].point);
}

static void
compare_command(struct apart *a, const struct command *cmd)
{
	const struct need *need = &cmd->need;

	compare_all(a, need->write, need->nwrite);
	compare_all(a, need->real, need->nreal);
	compare_all(a, need->judged, need->njudged);
	compare_all(a, need->folders, need->nfolders);
	for (size_t i = 0; i < cmd->losses.nfiles; i++) {
		const struct file_change *f = &cmd->losses.files[i];

		if (f->tree || f->kind == FILE_REMOVED || f->kind == FILE_MOVED)
			compare_below(a, f->path);
		else
			compare(a, f->path);
		compare(a, f->to);
	}
	/* git looks at all of it */
	if (cmd->repo && !cmd->losses.nfiles)
		compare_below(a, cmd->repo->worktree);
	if (cmd->repo)
		compare(a, cmd->repo->commondir);
}

int
mounts_apart(const struct invocation *in, const struct command *cmd,
	     struct err *e)
{
	struct apart a = {0};
	char name[48];
	int rc;

	if (!in->pid || !is_apart(in->pid))
		return 0;
	a.ctx = talloc_new(NULL);
	if (!a.ctx)
		BUG("out of memory");
	snprintf(name, sizeof(name), "/proc/%d/mountinfo", (int)in->pid);
	rc = read_table(a.ctx, "/proc/self/mountinfo", &a.here, e);
	if (rc == 0)
		rc = read_table(a.ctx, name, &a.there, e);
	if (rc == 0)
		compare(&a, in->cwd);
	for (const struct command *c = cmd; c && rc == 0; c = c->before)
		compare_command(&a, c);
	if (rc == 0 && a.what)
		rc = err_set(e, ERR_UNKNOWN,
			     "%s is something else for the caller, who has "
			     "mounts of its own; start automode there, or run "
			     "it outside",
			     text_safe(a.ctx, a.what));
	talloc_free(a.ctx);
	return rc;
}
