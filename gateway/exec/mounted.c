/* SPDX-License-Identifier: Apache-2.0 */
/* The table of mounts, compared; and the box cut off from later ones. */
#include "exec/mounted.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TABLE	  "/proc/self/mountinfo"
#define TABLE_MAX (16u << 20)

struct mounted {
	int fd; /* poll(2) says when the table has changed: proc(5) */
	char *text;
};

/* --- the table --------------------------------------------------------- */

/* All of it, or NULL. */
static char *
read_table(void *ctx, int fd)
{
	size_t room = 16384, len = 0;
	char *text = talloc_size(ctx, room);

	for (;;) {
		ssize_t n;

		if (!text)
			BUG("out of memory");
		n = read(fd, text + len, room - len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || len > TABLE_MAX)
			return NULL;
		len += (size_t)n;
		text[len] = '\0';
		if (n == 0)
			return text;
		if (room - len < 4096)
			text = talloc_realloc_size(ctx, text, room *= 2);
	}
}

struct mounted *
mounted_note(void *ctx)
{
	struct mounted *m = talloc_zero(ctx, struct mounted);

	if (!m)
		BUG("out of memory");
	m->fd = own_fd(m, open(TABLE, O_RDONLY | O_CLOEXEC));
	if (m->fd >= 0)
		m->text = read_table(m, m->fd);
	return m;
}

/* The fifth word, where it is mounted, with "\040" and so on undone. */
static char *
point_of(void *ctx, const char *line, size_t len)
{
	char *at = talloc_strndup(ctx, line, len), *s, *to;

	if (!at)
		BUG("out of memory");
	for (int i = 0; i < 4; i++) {
		at = strchr(at, ' ');
		if (!at)
			return NULL;
		at++;
	}
	at[strcspn(at, " ")] = '\0';
	for (s = to = at; *s; s++, to++) {
		*to = *s;
		if (*s != '\\' || !s[1] || !s[2] || !s[3])
			continue;
		*to = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 |
			     (s[3] - '0'));
		s += 3;
	}
	*to = '\0';
	return at;
}

static bool
has_line(const char *text, const char *line, size_t len)
{
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
		if (strcspn(text, "\n") == len && !memcmp(text, line, len))
			return true;
	return false;
}

static bool
concerns(void *ctx, const struct command *cmd, const char *point)
{
	for (const struct command *c = cmd; c; c = c->before)
		for (size_t i = 0; i < c->losses.nfiles; i++) {
			const struct file_change *f = &c->losses.files[i];
			const char *path = path_clean(ctx, f->path);

			if (path_is_under(path, point) ||
			    path_is_under(point, path) ||
			    (f->to && (path_is_under(f->to, point) ||
				       path_is_under(point, f->to))))
				return true;
		}
	return false;
}

/* A mount of the one table that is not in the other. */
static const char *
difference(void *ctx, const struct command *cmd, const char *a, const char *b)
{
	for (; *a; a += strcspn(a, "\n"), a += *a == '\n') {
		size_t len = strcspn(a, "\n");
		const char *point;

		if (has_line(b, a, len))
			continue;
		point = point_of(ctx, a, len);
		if (!point || concerns(ctx, cmd, point))
			return point ? point : "/";
	}
	return NULL;
}

/* --- the box ----------------------------------------------------------- */

/* bwrap makes its mounts slaves of ours: what is mounted on one of ours later
 * would come into the box (mount_namespaces(7)).  In a child, because a
 * process does not come back from there; system calls only. */
static void __attribute__((noreturn)) cut_off(int mounts, int user)
{
	struct stat own, theirs;

	if (stat("/proc/self/ns/user", &own) == 0 &&
	    fstat(user, &theirs) == 0 &&
	    (own.st_ino != theirs.st_ino || own.st_dev != theirs.st_dev) &&
	    setns(user, CLONE_NEWUSER) < 0)
		_exit(1);
	if (setns(mounts, CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		_exit(1);
	_exit(0);
}

static int
seal(struct running *r, struct err *e)
{
	pid_t first = exec_first(r), child;
	int mounts OWNED_FD = -1, user OWNED_FD = -1, status;
	char name[64];

	snprintf(name, sizeof(name), "/proc/%d/ns/mnt", (int)first);
	mounts = open(name, O_RDONLY | O_CLOEXEC);
	if (mounts >= 0)
		user = ioctl(mounts, NS_GET_USERNS);
	if (user < 0)
		return err_sys(e, "looking at the box's mounts");
	child = fork();
	if (child == 0)
		cut_off(mounts, user);
	if (child < 0)
		return err_sys(e, "fork");
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return err_sys(e, "waitpid");
	return status ? err_set(e, ERR_SYSTEM,
				"the box could not be cut off from later "
				"mounts")
		      : 0;
}

int
mounted_same(struct mounted *m, const struct command *cmd, struct running *r,
	     struct err *e)
{
	struct pollfd p = {.fd = m->fd, .events = POLLPRI};
	const char *point;
	char *now;
	int rc;

	if (!m->text)
		return 0; /* no /proc: nothing would have been boxed */
	/* what comes before bwrap has cloned is in its namespace, too */
	if (!exec_first(r))
		return 0; /* it has failed, and will say so */
	if (strstr(m->text, " shared:") || strstr(m->text, " master:")) {
		rc = seal(r, e);
		if (rc < 0)
			return rc;
	}
	rc = poll(&p, 1, 0);
	if (rc == 0)
		return 0;
	if (rc < 0 || lseek(m->fd, 0, SEEK_SET) < 0)
		return err_sys(e, "looking at mounts");
	now = read_table(m, m->fd);
	if (!now)
		return err_sys(e, "reading " TABLE);
	point = difference(m, cmd, now, m->text);
	if (!point)
		point = difference(m, cmd, m->text, now);
	return point ? err_set(e, ERR_UNKNOWN,
			       "what is mounted at %s has changed since it was "
			       "judged",
			       text_safe(m, point))
		     : 0;
}
