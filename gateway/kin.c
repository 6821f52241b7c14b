/* SPDX-License-Identifier: Apache-2.0 */
/* Marks by RLIMIT_LOCKS, and what proc(5) says. */
#include "kin.h"
#include "base/err.h"
#include "base/file.h"
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <talloc.h>

#define MARK	 0x6175746f /* a number that nobody else sets */
#define FURTHEST 64	    /* ancestors; a chain that is longer is no chain */

static char *
proc_text(void *ctx, pid_t pid, const char *name, size_t *len)
{
	char *text;

	if (file_read(ctx, AT_FDCWD,
		      talloc_asprintf(ctx, "/proc/%d/%s", pid, name), 1 << 20,
		      &text, len, NULL) != 0)
		return NULL;
	return text;
}

/* Field n of /proc/PID/stat behind the name, counted as proc(5) does. */
static long
stat_field(void *ctx, pid_t pid, int n)
{
	size_t len;
	char *p = proc_text(ctx, pid, "stat", &len);

	p = p ? strrchr(p, ')') : NULL;
	for (int i = 2; p && i < n; i++)
		p = strchr(p + 1, ' ');
	return p ? strtol(p + 1, NULL, 10) : -1;
}

static pid_t
parent_of(void *ctx, pid_t pid)
{
	return (pid_t)stat_field(ctx, pid, 4);
}

/* What its environment says; NULL: nothing. */
static const char *
session_of(void *ctx, pid_t pid)
{
	static const char name[] = "\0AUTOMODE_SESSION=";
	size_t len;
	const char *env = proc_text(ctx, pid, "environ", &len), *at;

	if (!env)
		return NULL;
	if (strncmp(env, name + 1, sizeof(name) - 2) == 0)
		return env + sizeof(name) - 2;
	at = memmem(env, len, name, sizeof(name) - 1);
	return at ? at + sizeof(name) - 1 : NULL;
}

static bool
has_session(void *ctx, pid_t pid)
{
	return session_of(ctx, pid) != NULL;
}

static bool
is_shell(void *ctx, pid_t pid)
{
	static const char *const names[] = {"bash\n", "sh\n",	  "dash\n",
					    "zsh\n",  "ksh\n",	  "mksh\n",
					    "fish\n", "busybox\n"};
	size_t len;
	const char *comm = proc_text(ctx, pid, "comm", &len);

	for (size_t i = 0; comm && i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(comm, names[i]) == 0)
			return true;
	return false;
}

/* A shell that forked without an exec: $(...) */
static bool
same_image(void *ctx, pid_t a, pid_t b)
{
	size_t la = 0, lb = 0;
	const char *ta = proc_text(ctx, a, "cmdline", &la);
	const char *tb = proc_text(ctx, b, "cmdline", &lb);

	return ta && tb && la && la == lb && memcmp(ta, tb, la) == 0;
}

static bool
is_marked(pid_t pid)
{
	struct rlimit now;

	return prlimit(pid, RLIMIT_LOCKS, NULL, &now) == 0 &&
	       now.rlim_max == MARK;
}

static void
mark(pid_t pid)
{
	static const struct rlimit to = {MARK, MARK};

	(void)prlimit(pid, RLIMIT_LOCKS, &to, NULL);
}

void
kin_mark(void *ctx, pid_t shim)
{
	void *tmp = talloc_new(ctx);
	pid_t p, below;

	if (shim <= 1 || is_marked(shim)) {
		talloc_free(tmp);
		return;
	}
	p = parent_of(tmp, shim);
	/* a shell that took the session over by eval has it not in the
	 * environment that it began with */
	if (p > 1 && !has_session(tmp, p) && is_shell(tmp, p)) {
		do {
			mark(p);
			below = p;
			p = parent_of(tmp, p);
		} while (p > 1 && same_image(tmp, p, below));
	}
	for (int i = 0; p > 1 && i < FURTHEST && has_session(tmp, p); i++) {
		mark(p);
		p = parent_of(tmp, p);
	}
	talloc_free(tmp);
}

bool
kin_inside(void *ctx, pid_t pid)
{
	void *tmp = talloc_new(ctx);
	bool inside = is_marked(pid);

	/* the mark of an ancestor says nothing: what it had started before
	 * has none */
	for (int i = 0; pid > 1 && i < FURTHEST && !inside; i++) {
		inside = has_session(tmp, pid);
		pid = parent_of(tmp, pid);
	}
	talloc_free(tmp);
	return inside || pid > 1;
}

const char *
kin_session(void *ctx, pid_t pid)
{
	const char *id = NULL, *none = is_marked(pid) ? "" : NULL;

	for (int i = 0; pid > 1 && i < FURTHEST && !id; i++) {
		id = session_of(ctx, pid);
		pid = parent_of(ctx, pid);
	}
	return id ? id : none;
}

/* A unit that `systemd-run` named: nobody opened a window. */
static bool
in_transient_unit(void *ctx, pid_t pid)
{
	size_t len;
	char *text = proc_text(ctx, pid, "cgroup", &len), *last;

	if (!text)
		return false;
	text[strcspn(text, "\n")] = '\0';
	last = strrchr(text, '/');
	return last && strncmp(last, "/run-", 5) == 0;
}

const char *
kin_scheduler(void *ctx, pid_t pid)
{
	static const char *const names[] = {"cron",  "crond",	"atd",
					    "fcron", "anacron", "at"};
	void *tmp = talloc_new(ctx);
	const char *found = NULL, *comm;
	size_t len;

	if (in_transient_unit(tmp, pid))
		found = "systemd-run";
	for (int i = 0; pid > 1 && i < FURTHEST && !found; i++) {
		comm = proc_text(tmp, pid, "comm", &len);
		for (size_t k = 0; comm && k < sizeof(names) / sizeof(*names);
		     k++)
			if (strncmp(comm, names[k], strlen(names[k])) == 0 &&
			    strcmp(comm + strlen(names[k]), "\n") == 0)
				found = names[k];
		pid = parent_of(tmp, pid);
	}
	talloc_free(tmp);
	return found;
}

bool
kin_has_terminal(void *ctx, pid_t pid)
{
	void *tmp = talloc_new(ctx);
	bool has = stat_field(tmp, pid, 7) != 0;

	talloc_free(tmp);
	return has;
}
