/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads .case files, lets the tool understand each command line in a real
 * repository and compares what it says; prints TAP.
 *
 *	repo: dirty				built by repos.sh NAME DIR
 *	cd: sub					below DIR/place
 *	env: GIT_EDITOR=true			any number
 *	facts: remote origin /x			any number, as in session.h
 *	protect: guarded/x			[protect] branch of the profile
 *	session: old				hooks etc. are newer than it
 *	$ git push --force origin main
 *	effects: ref.overwrite origin/main protected; net.send * trusted
 *	losses: remote_ref
 *	box: git-remote
 *	argv: git -c * push --force-with-lease=refs/heads/x:* -- origin *
 *	undo: no				over all effects
 *	why: removes 2 commits			part of some effect's why
 *	need: write $DIR/origin.git		any number: read, write, key,
 *						egress HOST:PORT, file PATH
 *	permit: fetch https://x/y any_path	any number, then there is no
 *						other; none: no permit at all;
 *						push URL REF:WAS:WILL ..., named
 *	! not supported				denied, with that in the message
 *	~ ambiguous				git is to refuse the line itself
 *
 * An effect is "kind scope" or "kind object scope", the object a glob; their
 * order does not count.  $DIR stands for the folder.  argv is a glob as a
 * whole.  Of the expected lines each may be left out.
 *
 *	run_git FILE.case...
 *	run_git --show REPO WORD...	what is said about one command line
 */
#include "base/path.h"
#include "tests/git_case.h"
#include <fcntl.h>
#include <fnmatch.h>
#include <talloc.h>
#include <unistd.h>

static size_t tests, failures;
static const char *const loss_names[] = {
    "refs",    "tracked", "index",	"in_the_way", "untracked",
    "ignored", "nested",  "objects",	"config",     "state",
    "paths",   "rerere",  "submodules", "remote_ref", "worktree_admin",
    NULL,      NULL,	  "staged"}; /* files and databases: elsewhere */

static char *
words_of_losses(void *ctx, unsigned what)
{
	char *s = talloc_strdup(ctx, "");
	size_t i;

	for (i = 0; i < sizeof(loss_names) / sizeof(*loss_names); i++)
		if (loss_names[i] && (what & (1u << i)))
			s = talloc_asprintf_append(s, "%s%s", *s ? " " : "",
						   loss_names[i]);
	return *s ? s : talloc_strdup(ctx, "none");
}

static char *
joined(void *ctx, const char *const *v)
{
	char *s = talloc_strdup(ctx, "");

	for (; v && *v; v++)
		s = talloc_asprintf_append(
		    s, strpbrk(*v, " '\"") || !**v ? "%s'%s'" : "%s%s",
		    *s ? " " : "", *v);
	return s;
}

static char *
show_effects(void *ctx, const struct said *s)
{
	char *out = talloc_strdup(ctx, "");
	size_t i;

	for (i = 0; i < s->fx.n; i++)
		out = talloc_asprintf_append(
		    out, "%s%s %s %s", *out ? "; " : "",
		    effect_name(s->fx.v[i].kind),
		    s->fx.v[i].object ? s->fx.v[i].object : "-",
		    scope_name(s->fx.v[i].scope));
	return *out ? out : talloc_strdup(ctx, "none");
}

static bool
same_effect(const struct effect *fx, const char *want, void *ctx)
{
	const char *v[64], *first, *last;
	char *middle;
	size_t n = case_split(ctx, want, v, 60);

	if (n < 2)
		return false;
	first = v[0];
	last = v[n - 1];
	if (strcmp(first, effect_name(fx->kind)) ||
	    strcmp(last, scope_name(fx->scope)))
		return false;
	if (n == 2)
		return true;
	middle = talloc_strdup(ctx, "");
	for (size_t i = 1; i + 1 < n; i++)
		middle = talloc_asprintf_append(middle, "%s%s",
						*middle ? " " : "", v[i]);
	return fnmatch(middle, fx->object ? fx->object : "", 0) == 0;
}

/* Each wanted one is there once, and nothing else. */
static bool
same_effects(void *ctx, const struct said *s, const char *want)
{
	char *copy = talloc_strdup(ctx, want), *save = NULL, *one;
	bool *used = talloc_zero_array(ctx, bool, s->fx.n + 1);
	size_t i, found = 0;

	if (!strcmp(want, "none"))
		return s->fx.n == 0;
	for (one = strtok_r(copy, ";", &save); one;
	     one = strtok_r(NULL, ";", &save)) {
		while (*one == ' ')
			one++;
		for (i = 0; i < s->fx.n; i++)
			if (!used[i] && same_effect(&s->fx.v[i], one, ctx))
				break;
		if (i == s->fx.n)
			return false;
		used[i] = true;
		found++;
	}
	return found == s->fx.n;
}

static unsigned
read_losses(void *ctx, const char *text)
{
	const char *v[32];
	size_t n = case_split(ctx, text, v, 30), i, k;
	unsigned what = 0;

	for (i = 0; i < n; i++)
		for (k = 0; k < sizeof(loss_names) / sizeof(*loss_names); k++)
			if (loss_names[k] && !strcmp(v[i], loss_names[k]))
				what |= 1u << k;
	return what;
}

static const char *
overall(const struct said *s)
{
	enum undo worst = UNDO_YES;
	size_t i;

	for (i = 0; i < s->fx.n; i++) {
		enum undo u =
		    s->fx.v[i].losses ? UNDO_SNAPSHOT : s->fx.v[i].undo;

		if (u == UNDO_UNSET)
			u = UNDO_NO;
		if (u > worst)
			worst = u;
	}
	return undo_name(worst);
}

static bool
has_why(const struct said *s, const char *part)
{
	size_t i;

	for (i = 0; i < s->fx.n; i++)
		if (s->fx.v[i].why && strstr(s->fx.v[i].why, part))
			return true;
	return false;
}

static bool
has_need(void *ctx, const struct said *s, const char *want, const char *dir)
{
	const char *const *v = s->cmd.need.read, *name = strchr(want, ' ');
	size_t i, n = s->cmd.need.nread;
	const char *at = strstr(want, "$DIR");

	if (!strncmp(want, "write ", 6)) {
		v = s->cmd.need.write;
		n = s->cmd.need.nwrite;
	} else if (!strncmp(want, "key ", 4)) {
		v = s->cmd.need.config_keys;
		n = s->cmd.need.nconfig_keys;
	}
	if (!strcmp(want, "code"))
		return s->cmd.need.runs_code;
	if (!strcmp(want, "no egress"))
		return s->cmd.need.negress == 0;
	for (i = 0; i < s->cmd.need.negress; i++)
		if (!strcmp(want,
			    talloc_asprintf(
				ctx, "egress %s:%u", s->cmd.need.egress[i].host,
				(unsigned)s->cmd.need.egress[i].port)))
			return true;
	for (i = 0; i < s->cmd.need.nfiles; i++)
		if (!strncmp(want, "file ", 5) &&
		    fnmatch(want + 5, s->cmd.need.files[i].to, 0) == 0)
			return true;
	if (!strcmp(want, "hooks"))
		return s->cmd.need.hooks_write;
	if (!name)
		return false;
	name = at ? talloc_asprintf(ctx, "%s%s", dir, at + 4) : name + 1;
	for (i = 0; i < n; i++)
		if (!strcmp(v[i], name))
			return true;
	return false;
}

static char *
show_permit(void *ctx, const struct transport_permit *p)
{
	char *s = talloc_asprintf(
	    ctx, "%s %s%s%s%s%s", p->push ? "push" : "fetch", p->url,
	    p->any_path ? " any_path" : "", p->named ? " named" : "",
	    p->ssh_command ? " by " : "", p->ssh_command ? p->ssh_command : "");

	for (size_t i = 0; i < p->nupdates; i++)
		s = talloc_asprintf_append(
		    s, " %s:%s:%s", p->updates[i].ref,
		    p->updates[i].was ? p->updates[i].was : "",
		    p->updates[i].will ? p->updates[i].will : "");
	return s;
}

static bool
has_permit(void *ctx, const struct said *s, const char *want)
{
	for (size_t i = 0; i < s->cmd.need.npermits; i++)
		if (fnmatch(want, show_permit(ctx, &s->cmd.need.permits[i]),
			    0) == 0)
			return true;
	return !strcmp(want, "none") && !s->cmd.need.npermits;
}

static char *
show_permits(void *ctx, const struct said *s)
{
	char *out = talloc_strdup(ctx, "");

	for (size_t i = 0; i < s->cmd.need.npermits; i++)
		out = talloc_asprintf_append(
		    out, "%s%s", *out ? "; " : "",
		    show_permit(ctx, &s->cmd.need.permits[i]));
	return *out ? out : talloc_strdup(ctx, "none");
}

static void
complain(const char *what, const char *want, const char *got)
{
	printf("#   %s: wanted %s\n#   %*s: got    %s\n", what, want,
	       (int)strlen(what), "", got);
}

static void
run_case(const struct wanted *w, const char *file, size_t number)
{
	void *ctx = talloc_new(NULL);
	struct said s = {0};
	const char *dir = case_dir(ctx, w->repo ? w->repo : "dirty");
	char *text;
	bool ok = true;
	size_t i;
#define CHECK(name, want, got, holds)                                          \
	do {                                                                   \
		if ((want) && !(holds)) {                                      \
			if (ok)                                                \
				printf("not ok %zu - %s:%zu %s\n", ++tests,    \
				       path_base(file), number, w->line);      \
			ok = false;                                            \
			complain(name, want, got);                             \
		}                                                              \
	} while (0)

	case_ask(ctx, w, dir, &s);
	if (w->denied || w->syntax) {
		CHECK("denied", w->denied, s.rc < 0 ? s.e.msg : "not denied",
		      s.rc < 0 && s.rc != ERR_SYNTAX &&
			  strstr(s.e.msg, w->denied));
		CHECK("syntax", w->syntax, s.rc < 0 ? s.e.msg : "accepted",
		      s.rc == ERR_SYNTAX && strstr(s.e.msg, w->syntax));
	} else {
		CHECK("error", s.rc < 0 ? "none" : NULL, s.e.msg, false);
		CHECK("effects", w->effects, show_effects(ctx, &s),
		      same_effects(ctx, &s, w->effects));
		text = words_of_losses(ctx, s.cmd.losses.what);
		CHECK("losses", w->losses, text,
		      read_losses(ctx, w->losses) == s.cmd.losses.what);
		CHECK("box", w->box, s.cmd.need.box,
		      !strcmp(w->box, s.cmd.need.box));
		text = joined(ctx, s.cmd.argv);
		CHECK("argv", w->argv, text, fnmatch(w->argv, text, 0) == 0);
		CHECK("undo", w->undo, overall(&s),
		      !strcmp(w->undo, overall(&s)));
		CHECK("why", w->why, "no such", has_why(&s, w->why));
		for (i = 0; i < w->nneed; i++)
			CHECK("need", w->need[i], "not there",
			      has_need(ctx, &s, w->need[i], dir));
		text = show_permits(ctx, &s);
		for (i = 0; i < w->npermit; i++)
			CHECK("permit", w->permit[i], text,
			      has_permit(ctx, &s, w->permit[i]));
		if (w->npermit && strcmp(w->permit[0], "none"))
			CHECK("permits", "no other", text,
			      s.cmd.need.npermits == w->npermit);
	}
#undef CHECK
	if (ok)
		printf("ok %zu - %s\n", ++tests, w->line);
	else
		failures++;
	talloc_free(ctx);
}

static void
run_file(const char *file)
{
	void *ctx = talloc_new(NULL);
	struct wanted w = {0};
	FILE *f = fopen(file, "re");
	char *line = NULL, *repo = NULL;
	size_t size = 0, number = 0, at = 0;
	ssize_t n;

	if (!f) {
		perror(file);
		exit(1);
	}
	for (;;) {
		n = getline(&line, &size, f);
		number++;
		if (n > 0 && line[n - 1] == '\n')
			line[--n] = '\0';
		if (n > 0 && *line == '#')
			continue;
		/* An empty line, or the next command, ends a case. */
		if (n <= 0 || (w.line && !strncmp(line, "$ ", 2))) {
			if (w.line)
				run_case(&w, file, at);
			if (w.repo)
				repo = w.repo;
			w = (struct wanted){.repo = repo};
		}
		if (n < 0)
			break;
		if (n == 0)
			continue;
		if (!strncmp(line, "$ ", 2))
			at = number;
		case_line(ctx, &w, line);
	}
	free(line);
	fclose(f);
	talloc_free(ctx);
}

static int
show(char **words)
{
	void *ctx = talloc_new(NULL);
	struct wanted w = {.repo = words[0]};
	struct said s = {0};
	size_t i;

	for (words++;
	     !strncmp(*words, "GIT_", 4) || !strncmp(*words, "HOME=", 5) ||
	     !strncmp(*words, "GH_", 3);
	     words++)
		w.env[w.nenv++] = *words;
	w.line = joined(ctx, (const char *const *)words);
	case_ask(ctx, &w, case_dir(ctx, w.repo), &s);
	if (s.rc < 0)
		printf("error %d: %s\n", s.rc, s.e.msg);
	for (i = 0; i < s.fx.n; i++)
		printf("%s %s %s undo=%s losses=%s\n   why: %s\n   instead: "
		       "%s\n",
		       effect_name(s.fx.v[i].kind),
		       s.fx.v[i].object ? s.fx.v[i].object : "-",
		       scope_name(s.fx.v[i].scope), undo_name(s.fx.v[i].undo),
		       words_of_losses(ctx, s.fx.v[i].losses),
		       s.fx.v[i].why ? s.fx.v[i].why : "-",
		       s.fx.v[i].instead ? s.fx.v[i].instead : "-");
	printf("losses: %s%s\n", words_of_losses(ctx, s.cmd.losses.what),
	       s.cmd.losses.trees_unknown ? " (trees unknown)" : "");
	for (i = 0; i < s.cmd.losses.npaths; i++)
		printf("  path %s\n", s.cmd.losses.paths[i]);
	for (i = 0; i < s.cmd.losses.nremotes; i++)
		printf("  remote %s %s %s -> %s\n", s.cmd.losses.remotes[i].url,
		       s.cmd.losses.remotes[i].ref, s.cmd.losses.remotes[i].was,
		       s.cmd.losses.remotes[i].will
			   ? s.cmd.losses.remotes[i].will
			   : "-");
	for (i = 0; i < s.cmd.need.nread; i++)
		printf("  read %s\n", s.cmd.need.read[i]);
	for (i = 0; i < s.cmd.need.nwrite; i++)
		printf("  write %s\n", s.cmd.need.write[i]);
	for (i = 0; i < s.cmd.need.nconfig_keys; i++)
		printf("  key %s\n", s.cmd.need.config_keys[i]);
	if (s.cmd.need.npermits)
		printf("permits: %s\n", show_permits(ctx, &s));
	for (i = 0; i < s.cmd.need.negress; i++)
		printf("  egress %s:%u%s%s\n", s.cmd.need.egress[i].host,
		       (unsigned)s.cmd.need.egress[i].port,
		       s.cmd.need.egress[i].named ? " named" : "",
		       s.cmd.need.egress[i].optional ? " optional" : "");
	for (i = 0; i < s.cmd.need.nfiles; i++)
		printf("  file %s\n%s", s.cmd.need.files[i].to,
		       s.cmd.need.files[i].bytes);
	printf("box: %s%s\nargv: %s\n", s.cmd.need.box,
	       s.cmd.need.runs_code ? " code" : "", joined(ctx, s.cmd.argv));
	return 0;
}

int
main(int argc, char **argv)
{
	char name[] = "/tmp/automode-git-cases-XXXXXX";
	char *keep = getenv("RUN_GIT_DIR");
	struct err e;
	int i, rc = 0;

	setlinebuf(stdout);
	case_top = keep ? keep : mkdtemp(name);
	if (!case_top)
		return 1;
	if (argc > 3 && !strcmp(argv[1], "--show")) {
		rc = show(argv + 2);
	} else {
		for (i = 1; i < argc; i++)
			run_file(argv[i]);
		printf("1..%zu\n", tests);
		rc = failures ? 1 : 0;
	}
	if (!keep)
		path_remove_tree(AT_FDCWD, case_top, &e);
	return rc;
}
