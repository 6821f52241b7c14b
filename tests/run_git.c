/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads .case files, lets the tool understand each command line in a real
 * repository and compares what it says; prints TAP.
 *
 *	repo: dirty				built by repos.sh NAME DIR
 *	cd: sub					below DIR/work
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
#include "base/spawn.h"
#include "tools/tool.h"
#include <fcntl.h>
#include <fnmatch.h>
#include <stddef.h>
#include <talloc.h>
#include <unistd.h>

extern char **environ;

static size_t tests, failures;
static char *top; /* folder of this run */

struct wanted {
	char *repo, *cd, *env[32], *facts, *line, *protect;
	char *effects, *losses, *box, *argv, *undo, *why, *denied, *syntax;
	char *need[8], *permit[8];
	size_t nenv, nneed, npermit;
	bool old_session;
};

static const char *const loss_names[] = {
    "refs",    "tracked", "index",	"in_the_way", "untracked",
    "ignored", "nested",  "objects",	"config",     "state",
    "paths",   "rerere",  "submodules", "remote_ref", "worktree_admin"};

static char *
words_of_losses(void *ctx, unsigned what)
{
	char *s = talloc_strdup(ctx, "");
	size_t i;

	for (i = 0; i < sizeof(loss_names) / sizeof(*loss_names); i++)
		if (what & (1u << i))
			s = talloc_asprintf_append(s, "%s%s", *s ? " " : "",
						   loss_names[i]);
	return *s ? s : talloc_strdup(ctx, "none");
}

/* Words as a shell would divide them; ' and " group, nothing else counts. */
static size_t
split(void *ctx, const char *line, const char **v, size_t max)
{
	char *copy = talloc_strdup(ctx, line), *to = copy, quoted = 0;
	const char *from = line;
	size_t n = 0;
	bool in = false;

	for (;; from++) {
		if (!*from || (!quoted && *from == ' ')) {
			*to++ = '\0';
			in = false;
			if (!*from)
				break;
			continue;
		}
		if (!in && n < max) {
			v[n++] = to;
			in = true;
		}
		if (quoted ? *from == quoted : *from == '\'' || *from == '"')
			quoted = quoted ? 0 : *from;
		else if (*from == '\\' && from[1] == 'n')
			*to++ = '\n', from++;
		else
			*to++ = *from;
	}
	v[n] = NULL;
	return n;
}

static const char *
dir_of(void *ctx, const char *repo)
{
	char *dir = talloc_asprintf(ctx, "%s/%s", top, repo);
	const char *argv[] = {"sh", "tests/cases/git/repos.sh", repo, dir,
			      NULL};
	char *cwd = getcwd(NULL, 0);
	struct spawn s = {.program = "/bin/sh",
			  .argv = argv,
			  .env = (const char *const *)environ,
			  .cwd = cwd,
			  .timeout_ms = 60000};
	struct err e = {0};

	if (!path_exists(dir) &&
	    (spawn_run(ctx, &s, &e) < 0 || s.status != 0)) {
		fprintf(stderr, "repos.sh %s: %s %s\n", repo, e.msg,
			s.errors ? s.errors : "");
		exit(1);
	}
	free(cwd);
	return dir;
}

/* The oracle without a box; an ssh that goes to no host but runs the service
 * here, in the folder of the repositories. */
static int
run_oracle(void *ctx, const struct tool_context *t, const struct command *like,
	   const char *const *argv, char **output, int *status, struct err *e)
{
	const char **env = talloc_array(ctx, const char *, t->in->envc + 3);
	struct spawn s = {.program = like->program,
			  .argv = argv,
			  .env = env,
			  .cwd = t->in->cwd};
	int rc;

	memcpy(env, t->in->env, t->in->envc * sizeof(*env));
	env[t->in->envc] = "GIT_SSH_COMMAND=cd \"$HOME/..\" && sh -c "
			   "'for last; do :; done; eval \"$last\"' ssh";
	env[t->in->envc + 1] = "GIT_SSH_VARIANT=ssh";
	env[t->in->envc + 2] = NULL;
	rc = spawn_run(ctx, &s, e);

	*output = s.output;
	*status = s.status;
	return rc;
}

static int
new_folder(void *ctx, const struct tool_context *t, char **path, struct err *e)
{
	(void)t;
	*path = talloc_asprintf(ctx, "%s/fetched.XXXXXX", top);
	return mkdtemp(*path) ? 0 : err_sys(e, "%s", *path);
}

struct said {
	struct command cmd;
	struct effects fx;
	struct err e;
	int rc;
};

static char *
project_of(void *ctx, const char *cwd)
{
	struct repository_hints h = {.cwd = path_resolve(ctx, "/", cwd)};
	struct repository *r = NULL;

	repository_find(ctx, &h, getuid(), &r, NULL);
	return r ? talloc_strdup(ctx, r->id) : NULL;
}

static void
ask(void *ctx, const struct wanted *w, const char *dir, struct said *out)
{
	const char **words = talloc_array(ctx, const char *, 512);
	const char **env = talloc_array(ctx, const char *, w->nenv + 8);
	struct project_facts *facts = talloc_zero(ctx, struct project_facts);
	struct session *s = talloc_zero(ctx, struct session);
	struct scope_rules *rules = talloc_zero(ctx, struct scope_rules);
	struct invocation *in = talloc_zero(ctx, struct invocation);
	struct tool_context *t = talloc_zero(ctx, struct tool_context);
	const char **roots = talloc_array(ctx, const char *, 1);
	const char **branches = talloc_array(ctx, const char *, 1);
	const struct tool *tool;
	char cwd[4096];
	size_t i;

	if (!getcwd(cwd, sizeof(cwd)))
		*cwd = '\0';
	s->id = "test";
	s->start_dir = dir;
	s->started_ns = w->old_session ? 1 : 4000000000000000000;
	s->uid = getuid();
	in->cwd = talloc_asprintf(ctx, "%s/work%s%s", dir, w->cd ? "/" : "",
				  w->cd ? w->cd : "");
	if (w->facts) {
		facts->project = project_of(ctx, in->cwd);
		facts->text = w->facts;
		s->projects = facts;
		s->nprojects = facts->project ? 1 : 0;
	}
	for (i = 0; i < w->nenv; i++)
		env[i] = w->env[i];
	env[i++] = talloc_asprintf(ctx, "HOME=%s/home", dir);
	env[i++] = "GIT_CONFIG_NOSYSTEM=1";
	env[i++] = talloc_asprintf(
	    ctx, "PATH=/usr/local/bin:/usr/bin:/bin:%s",
	    getenv("CASES_BIN")
		? getenv("CASES_BIN")
		: talloc_asprintf(ctx, "%s/tests/cases/bin", cwd));
	env[i] = NULL;
	in->argv = words;
	in->argc = split(ctx, w->line, words, 500);
	in->tool = words[0] ? words[0] : "git";
	in->env = env;
	in->envc = i;
	in->cwd_fd = open(in->cwd, O_PATH | O_CLOEXEC);
	in->uid = getuid();
	in->gid = getgid();
	in->session = s;
	roots[0] = talloc_asprintf(ctx, "%s/work", dir);
	branches[0] = w->protect;
	*rules =
	    (struct scope_rules){.roots = roots,
				 .nroots = 1,
				 .protected_branches = branches,
				 .nprotected_branches = w->protect ? 1 : 0};
	*t = (struct tool_context){.in = in,
				   .rules = rules,
				   .oracle = run_oracle,
				   .folder = new_folder};
	effects_init(ctx, &out->fx);
	tool = toolbox_find(in->tool);
	out->rc = tool ? tool->understand(ctx, t, &out->cmd, &out->fx, &out->e)
		       : err_set(&out->e, ERR_UNKNOWN, "no tool %s", in->tool);
	close(in->cwd_fd);
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
	size_t n = split(ctx, want, v, 60);

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
	size_t n = split(ctx, text, v, 30), i, k;
	unsigned what = 0;

	for (i = 0; i < n; i++)
		for (k = 0; k < sizeof(loss_names) / sizeof(*loss_names); k++)
			if (!strcmp(v[i], loss_names[k]))
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
	const char *dir = dir_of(ctx, w->repo ? w->repo : "dirty");
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

	ask(ctx, w, dir, &s);
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

static char *
replace_dir(void *ctx, const char *value, const char *repo)
{
	const char *at = strstr(value, "$DIR");
	char *out;

	if (!at)
		return talloc_strdup(ctx, value);
	out = talloc_asprintf(ctx, "%.*s%s/%s%s", (int)(at - value), value, top,
			      repo ? repo : "dirty", at + 4);
	return replace_dir(ctx, out, repo);
}

static void
read_line(void *ctx, struct wanted *w, char *line)
{
	static const struct {
		const char *name;
		size_t at;
	} fields[] = {
	    {"repo: ", offsetof(struct wanted, repo)},
	    {"cd: ", offsetof(struct wanted, cd)},
	    {"protect: ", offsetof(struct wanted, protect)},
	    {"effects: ", offsetof(struct wanted, effects)},
	    {"losses: ", offsetof(struct wanted, losses)},
	    {"box: ", offsetof(struct wanted, box)},
	    {"argv: ", offsetof(struct wanted, argv)},
	    {"undo: ", offsetof(struct wanted, undo)},
	    {"why: ", offsetof(struct wanted, why)},
	    {"! ", offsetof(struct wanted, denied)},
	    {"~ ", offsetof(struct wanted, syntax)},
	};
	size_t i, n;
	char *value;

	for (i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		n = strlen(fields[i].name);
		if (strncmp(line, fields[i].name, n))
			continue;
		value = replace_dir(ctx, line + n, w->repo);
		memcpy((char *)w + fields[i].at, &value, sizeof(value));
		return;
	}
	if (!strncmp(line, "$ ", 2))
		w->line = replace_dir(ctx, line + 2, w->repo);
	else if (!strncmp(line, "env: ", 5) && w->nenv < 32)
		w->env[w->nenv++] = replace_dir(ctx, line + 5, w->repo);
	else if (!strncmp(line, "need: ", 6) && w->nneed < 8)
		w->need[w->nneed++] = talloc_strdup(ctx, line + 6);
	else if (!strncmp(line, "permit: ", 8) && w->npermit < 8)
		w->permit[w->npermit++] = replace_dir(ctx, line + 8, w->repo);
	else if (!strncmp(line, "facts: ", 7))
		w->facts =
		    talloc_asprintf(ctx, "%s%s\n", w->facts ? w->facts : "",
				    replace_dir(ctx, line + 7, w->repo));
	else if (!strcmp(line, "session: old"))
		w->old_session = true;
	else
		printf("# not understood: %s\n", line);
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
		read_line(ctx, &w, line);
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
	ask(ctx, &w, dir_of(ctx, w.repo), &s);
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
	top = keep ? keep : mkdtemp(name);
	if (!top)
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
		path_remove_tree(AT_FDCWD, top, &e);
	return rc;
}
