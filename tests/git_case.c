/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the lines of a case, makes its repository and lets the tool understand
 * its command line there.
 */
#include "tests/git_case.h"
#include "base/path.h"
#include "base/spawn.h"
#include <fcntl.h>
#include <stddef.h>
#include <talloc.h>
#include <unistd.h>

extern char **environ;

char *case_top;

size_t
case_split(void *ctx, const char *line, const char **v, size_t max)
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

const char *
case_dir(void *ctx, const char *repo)
{
	char *dir = talloc_asprintf(ctx, "%s/%s", case_top, repo);
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
	*path = talloc_asprintf(ctx, "%s/fetched.XXXXXX", case_top);
	return mkdtemp(*path) ? 0 : err_sys(e, "%s", *path);
}

static char *
project_of(void *ctx, const char *cwd)
{
	struct repository_hints h = {.cwd = path_resolve(ctx, "/", cwd)};
	struct repository *r = NULL;

	repository_find(ctx, &h, getuid(), &r, NULL);
	return r ? talloc_strdup(ctx, r->id) : NULL;
}

void
case_ask(void *ctx, const struct wanted *w, const char *dir, struct said *out)
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
	in->cwd = talloc_asprintf(ctx, "%s/place%s%s", dir, w->cd ? "/" : "",
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
	in->argc = case_split(ctx, w->line, words, 500);
	in->tool = words[0] ? words[0] : "git";
	in->env = env;
	in->envc = i;
	in->cwd_fd = open(in->cwd, O_PATH | O_CLOEXEC);
	in->uid = getuid();
	in->gid = getgid();
	in->session = s;
	roots[0] = talloc_asprintf(ctx, "%s/place", dir);
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
replace_dir(void *ctx, const char *value, const char *repo)
{
	const char *at = strstr(value, "$DIR");
	char *out;

	if (!at)
		return talloc_strdup(ctx, value);
	out = talloc_asprintf(ctx, "%.*s%s/%s%s", (int)(at - value), value,
			      case_top, repo ? repo : "dirty", at + 4);
	return replace_dir(ctx, out, repo);
}

void
case_line(void *ctx, struct wanted *w, char *line)
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
