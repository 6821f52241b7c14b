/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Golden bwrap options.  A case:
 *
 *	case NAME
 *	dir PATH | file PATH [TEXT] | link PATH TEXT	made below the case's
 *					folder, $T; missing folders are made
 *	repo WORKTREE GITDIR [COMMONDIR]	"-" for no work tree
 *	cwd PATH		env NAME=VALUE		box NAME
 *	code | network | config-write | hooks-write | read PATH | write PATH
 *	argv WORD...
 *	expect
 *	(one option a line, with its operands)
 *	end
 *
 * $T stands for the case's folder everywhere, $HOME is $T/home.  Left out of
 * the comparison is what differs between machines: places of the system.
 */
#include "base/file.h"
#include "base/path.h"
#include "sandbox/bwrap.h"
#include <errno.h>
#include <fcntl.h>
#include <git2.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#define MAX 32

struct golden {
	void *ctx;
	const char *top, *name, *box;
	struct invocation in;
	struct command cmd;
	struct repository repo;
	struct session session;
	const char *env[MAX], *argv[MAX], *read[MAX], *write[MAX];
	char *want;
};

static int count, failures;
static struct boxes boxes;

static void
result(bool ok, const char *name, const char *got, const char *want)
{
	printf("%sok %d - %s\n", ok ? "" : "not ", ++count, name);
	if (!ok)
		printf("# wanted\n%s# got\n%s", want, got);
	failures += !ok;
}

/* $T and the like; text is replaced by its value or the other way round. */
static char *
replace(void *ctx, const char *s, const char *from, const char *to)
{
	char *out = talloc_strdup(ctx, "");
	const char *at;

	while ((at = strstr(s, from))) {
		out =
		    talloc_asprintf_append(out, "%.*s%s", (int)(at - s), s, to);
		s = at + strlen(from);
	}
	return talloc_asprintf_append(out, "%s", s);
}

static const char *
expand(struct golden *g, const char *s)
{
	return replace(g->ctx, s, "$T", g->top);
}

static void
make(struct golden *g, const char *what, const char *path, const char *text)
{
	struct err e = {0};
	const char *dir =
	    strcmp(what, "dir") == 0 ? path : path_parent(g->ctx, path);
	int rc = path_make_dirs(dir, 0755, &e);

	if (rc == 0 && strcmp(what, "file") == 0)
		rc = file_write(AT_FDCWD, path, text ? text : "",
				text ? strlen(text) : 0, 0644, &e);
	if (rc == 0 && strcmp(what, "link") == 0)
		rc = symlink(text, path);
	if (rc < 0) {
		printf("Bail out! %s: %s\n", path, e.msg);
		exit(1);
	}
}

static void
begin(struct golden *g, const char *name)
{
	static char dir[] = "/tmp/automode-bwrap-XXXXXX";
	static int number;

	talloc_free(g->ctx);
	memset(g, 0, sizeof *g);
	g->ctx = talloc_new(NULL);
	if (number++ == 0 && !mkdtemp(dir))
		exit(1);
	g->top = talloc_asprintf(g->ctx, "%s/%d", dir, number);
	g->name = talloc_strdup(g->ctx, name);
	make(g, "dir", talloc_asprintf(g->ctx, "%s/home", g->top), NULL);
	g->env[0] = talloc_asprintf(g->ctx, "HOME=%s/home", g->top);
	g->env[1] = "PATH=/usr/bin:/bin";
	g->in.envc = 2;
	g->argv[0] = "git";
	g->session.id = "test";
	g->in.session = &g->session;
	g->in.uid = 12345; /* the same options for root and others */
	g->in.gid = 12345;
	g->in.cwd = g->top;
	g->cmd.program = "/usr/bin/git";
	g->want = talloc_strdup(g->ctx, "");
	invocation_set_home(g->in.uid,
			    talloc_asprintf(g->ctx, "%s/home", g->top));
}

static void
set(struct golden *g, const char *key, const char *a, const char *b,
    const char *c)
{
	struct need *n = &g->cmd.need;

	if (strcmp(key, "repo") == 0) {
		g->repo.worktree = strcmp(a, "-") == 0 ? NULL : a;
		g->repo.gitdir = b;
		g->repo.commondir = c ? c : b;
		g->repo.id = "0123456789abcdef";
		g->cmd.repo = &g->repo;
	} else if (strcmp(key, "cwd") == 0) {
		g->in.cwd = a;
	} else if (strcmp(key, "env") == 0) {
		size_t i = 0, len = strcspn(a, "=") + 1;

		while (i < g->in.envc && strncmp(g->env[i], a, len) != 0)
			i++;
		g->env[i] = a;
		g->in.envc += i == g->in.envc;
	} else if (strcmp(key, "box") == 0) {
		g->box = a;
	} else if (strcmp(key, "code") == 0) {
		n->runs_code = true;
	} else if (strcmp(key, "network") == 0) {
		n->network = true;
	} else if (strcmp(key, "config-write") == 0) {
		n->config_write = true;
	} else if (strcmp(key, "hooks-write") == 0) {
		n->hooks_write = true;
	} else if (strcmp(key, "read") == 0) {
		g->read[n->nread++] = a;
	} else if (strcmp(key, "write") == 0) {
		g->write[n->nwrite++] = a;
	} else if (strcmp(key, "private") == 0) {
		need_file(g->ctx, n, a, "text", 4);
	} else if (strcmp(key, "bind") == 0 && b) {
		need_bind(g->ctx, n, a, b, false);
	} else if (strcmp(key, "bind-write") == 0 && b) {
		need_bind(g->ctx, n, a, b, true);
	} else if (strcmp(key, "program") == 0) {
		g->cmd.program = a;
	} else {
		make(g, key, a, b);
	}
}

/* Places of the machine, not of the case. */
static bool
of_the_machine(const char *place)
{
	static const char *const roots[] = {
	    "/usr",	    "/bin",   "/sbin",	 "/lib",
	    "/lib32",	    "/lib64", "/libx32", "/etc",
	    "/dev",	    "/opt",   "/nix",	 "/home/linuxbrew",
	    "/run/automode"};

	for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
		if (path_is_under(place, roots[i]))
			return true;
	return false;
}

/* One option a line; what comes before the mounts is the same for all and is
 * compared by the first case only. */
static char *
describe(struct golden *g, const struct bwrap_plan *p)
{
	char *out = talloc_strdup(g->ctx, "");
	size_t i = 0;

	while (i < p->noptions) {
		const char *last = "", *first = p->options[i];
		char *line = talloc_strdup(g->ctx, first);
		bool file = strcmp(first, "--file") == 0;

		for (i++; i < p->noptions && (strncmp(p->options[i], "--", 2) ||
					      !strcmp(first, "--perms"));
		     i++) {
			last = p->options[i];
			line = talloc_asprintf_append(
			    line, " %s", file && *last != '/' ? "FD" : last);
			if (strcmp(last, "--tmpfs") == 0 ||
			    strcmp(last, "--file") == 0 ||
			    strcmp(last, "--ro-bind-data") == 0) {
				file = strcmp(last, "--tmpfs") != 0;
				first = last;
			}
		}
		if (!of_the_machine(last))
			out = talloc_asprintf_append(out, "%s\n", line);
	}
	for (i = 0; i < p->nstages; i++)
		for (size_t k = 0; p->stages[i].names[k]; k++)
			out = talloc_asprintf_append(out, "stage %s/%s\n",
						     p->stages[i].place,
						     p->stages[i].names[k]);
	for (i = 0; p->env[i]; i++)
		if (strncmp(p->env[i], "TMP", 3) == 0 ||
		    strncmp(p->env[i], "XDG_", 4) == 0 ||
		    strncmp(p->env[i], "GIT_", 4) == 0)
			out =
			    talloc_asprintf_append(out, "env %s\n", p->env[i]);
	out = talloc_asprintf_append(out, "seccomp %s\nchdir %s\n", p->seccomp,
				     p->chdir);
	out = replace(g->ctx, out, g->top, "$T");
	for (char *at = out; (at = strstr(at, "/.automode-")); at += 11)
		for (char *x = at + 11; *x && *x != ' ' && *x != '\n'; x++)
			*x = 'X';
	return out;
}

/* The part that never changes is one word in a case. */
static char *
shorten(void *ctx, char *text)
{
	static const char always[] =
	    "--unshare-user\n--unshare-pid\n--unshare-ipc\n--unshare-uts\n"
	    "--unshare-cgroup-try\n--disable-userns\n--cap-drop ALL\n"
	    "--die-with-parent\n--new-session\n";

	return replace(ctx, text, always, "(always)\n");
}

static void
end(struct golden *g)
{
	const struct box *found = g->box ? boxes_find(&boxes, g->box) : NULL;
	struct bwrap_plan plan;
	struct err e = {0};
	struct box box;
	char *got;

	if (!found) {
		result(false, g->name, "no such box\n", "");
		return;
	}
	box = *found;
	box.cache = talloc_asprintf(g->ctx, "%s/cache", g->top);
	g->in.env = g->env;
	g->cmd.argv = g->argv;
	g->cmd.need.box = g->box;
	g->cmd.need.read = g->read;
	g->cmd.need.write = g->write;
	if (bwrap_compose(g->ctx, &box, &g->in, &g->cmd, &plan, &e) < 0)
		got = replace(g->ctx,
			      talloc_asprintf(g->ctx, "error %s\n", e.msg),
			      g->top, "$T");
	else
		got = shorten(g->ctx, describe(g, &plan));
	result(strcmp(got, g->want) == 0, g->name, got, g->want);
}

static void
run_file(const char *path)
{
	struct golden g = {0};
	FILE *f = fopen(path, "r");
	char line[4096];
	bool expecting = false;

	while (f && fgets(line, sizeof line, f)) {
		char *save, *key, *a, *b, *c;

		line[strcspn(line, "\n")] = '\0';
		if (expecting && strcmp(line, "end") != 0) {
			g.want = talloc_asprintf_append(g.want, "%s\n", line);
			continue;
		}
		if (*line == '#' || *line == '\0')
			continue;
		key = strtok_r(line, " ", &save);
		if (strcmp(key, "case") == 0) {
			begin(&g, talloc_asprintf(NULL, "%s: %s",
						  path_base(path), save));
			continue;
		}
		if (strcmp(key, "expect") == 0 || strcmp(key, "end") == 0) {
			expecting = strcmp(key, "expect") == 0;
			if (!expecting)
				end(&g);
			continue;
		}
		a = strtok_r(NULL, " ", &save);
		b = a ? strtok_r(NULL, " ", &save) : NULL;
		c = b ? strtok_r(NULL, " ", &save) : NULL;
		set(&g, key, a ? expand(&g, a) : NULL, b ? expand(&g, b) : NULL,
		    c ? expand(&g, c) : NULL);
	}
	if (!f)
		result(false, path, strerror(errno), "");
	else
		fclose(f);
	if (g.top)
		path_remove_tree(
		    open(path_parent(g.ctx, path_parent(g.ctx, g.top)),
			 O_PATH | O_CLOEXEC),
		    path_base(path_parent(g.ctx, g.top)), NULL);
	talloc_free(g.ctx);
}

int
main(int argc, char **argv)
{
	struct err e = {0};

	git_libgit2_init();
	if (boxes_load(talloc_new(NULL), "profiles", &boxes, &e) < 0) {
		printf("Bail out! %s\n", e.msg);
		return 1;
	}
	for (int i = 1; i < argc; i++)
		run_file(argv[i]);
	printf("1..%d\n", count);
	return failures != 0;
}
