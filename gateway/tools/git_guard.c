/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the line's configuration and environment add to whatever command:
 * programs that the caller names for this one run, checks it would skip,
 * transports it would weaken.
 */
#include "base/file.h"
#include "base/listed.h"
#include "base/mutant.h"
#include "base/path.h"
#include "base/text.h"
#include "invocation/git_config_text.h"
#include "tools/git_keys.h"
#include "tools/git_words.h"
#include <dirent.h>
#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>

/* The hooks that a project uses as checks. */
static const char *const checks[] = {
    "pre-commit",     "commit-msg", "prepare-commit-msg", "pre-merge-commit",
    "applypatch-msg", "pre-rebase", "pre-push",		  "pre-applypatch"};

static bool
runs_checks(const char *word)
{
	static const char *const words[] = {"commit", "merge", "push",
					    "rebase", "am",    "cherry-pick",
					    "revert", "pull"};

	return is_one_of(word, words, sizeof(words) / sizeof(*words));
}

/* The check of this word that is there and would not run now. */
static const char *
skipped_check(struct git_call *g, bool all)
{
	size_t i;
	bool push = !strcmp(g->word, "push");

	if (!runs_checks(g->word))
		return NULL;
	for (i = 0; i < sizeof(checks) / sizeof(*checks); i++)
		if (push == !strcmp(checks[i], "pre-push") &&
		    git_had_hook(g, checks[i]) &&
		    (all || !git_has_hook(g, checks[i])))
			return checks[i];
	return NULL;
}

static void
bypass(struct git_call *g, const char *hook, const char *how)
{
	struct effect *fx;

	if (mutant("checks"))
		return;
	fx = git_effect(g, EFFECT_REVIEW_BYPASS, hook);
	fx->undo = UNDO_NO;
	fx->why = git_text(g, "%s skips the project's %s check", how, hook);
	fx->instead = git_text(g,
			       "git %s without it; read what the hook says "
			       "and mend that",
			       g->word);
}

/* Names that other programs know, too, count where the hook is of a manager
 * that does. */
static bool
hook_mentions(struct git_call *g, const char *hook, const char *of)
{
	const char *dir = git_hooks_dir(g), *word, *rest;
	char *text = NULL;
	size_t len = 0;

	if (!of)
		return true;
	if (!dir || file_read(g->ctx, AT_FDCWD, git_text(g, "%s/%s", dir, hook),
			      1 << 16, &text, &len, NULL) != 0)
		return true;
	for (word = of; *word; word = rest + (*rest == ' ')) {
		rest = strchrnul(word, ' ');
		if (memmem(text, len, word, (size_t)(rest - word)))
			return true;
	}
	return false;
}

/* Switches of hook managers: the hook runs and does nothing. */
static void
hook_managers(struct git_call *g)
{
	static const struct {
		const char *name;
		const char *values; /* NULL: anything but empty */
		const char *of;	    /* words of such a hook; NULL: any */
	} table[] = {{"HUSKY", " 0 ", NULL},
		     {"HUSKY_SKIP_HOOKS", NULL, NULL},
		     {"LEFTHOOK", " 0 false ", NULL},
		     {"LEFTHOOK_EXCLUDE", NULL, NULL},
		     {"OVERCOMMIT_DISABLE", NULL, NULL},
		     {"PRE_COMMIT_ALLOW_NO_CONFIG", NULL, NULL},
		     {"SKIP", NULL, "pre-commit pre_commit overcommit SKIP"},
		     {"SKIP_HOOKS", NULL, "SKIP_HOOKS"},
		     {"SKIP_SIMPLE_GIT_HOOKS", NULL, NULL}};
	const char *value, *hook;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		value = invocation_env(g->in, table[i].name);
		if (!value || !*value ||
		    (table[i].values &&
		     !strstr(table[i].values, git_text(g, " %s ", value))))
			continue;
		hook = skipped_check(g, true);
		if (hook && hook_mentions(g, hook, table[i].of)) {
			bypass(g, hook,
			       git_text(g, "%s=%s", table[i].name,
					text_safe(g->ctx, value)));
			return;
		}
	}
}

static bool
contacts(const char *word)
{
	static const char *const words[] = {"push",	 "fetch",  "pull",
					    "clone",	 "remote", "submodule",
					    "ls-remote", "archive"};

	return is_one_of(word, words, sizeof(words) / sizeof(*words));
}

/* --output=FILE opens a name in the read-only box, or its folder. */
static bool
box_writes(const struct git_call *g)
{
	return strcmp(g->cmd->need.box, GIT_BOX_READ) != 0 ||
	       g->cmd->need.nwrite > 0;
}

static bool
since_start(struct git_call *g, const struct stat *st)
{
	return (int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec >
	       g->in->session->started_ns;
}

static void
command_key(struct git_call *g, const struct git_setting *s)
{
	struct effect *fx;

	if (!strncmp(s->key, "alias.", 6))
		return; /* judged as the command that it stands for */
	switch (git_key_does(s->key, s->value)) {
	case GIT_KEY_PLAIN:
	case GIT_KEY_LOOSENS: /* what is lost by it is found out anyway */
		return;
	case GIT_KEY_RUNS:
		git_sees_program(g, s->value);
		g->cmd->need.runs_code = true;
		/* In the read-only box it can harm nothing and nobody. */
		if (box_writes(g))
			git_runs(g, s->key);
		return;
	case GIT_KEY_REDIRECTS: /* the destination is judged as it comes out */
		return;
	case GIT_KEY_WEAKENS:
		if (!contacts(g->word) ||
		    !strcmp(s->key, "protocol.file.allow"))
			return;
		fx = effects_add(g->fx, EFFECT_GUARD_WEAKEN, SCOPE_OUTSIDE,
				 s->key);
		fx->undo = UNDO_NO;
		fx->why = git_text(g, "%s changes how a host is trusted",
				   git_setting_place(g, s));
		fx->instead = "the same command without that setting";
		return;
	}
}

/* Does the command open an editor, so that what the environment names as one
 * runs? */
static bool
opens_editor(const struct git_call *g)
{
	static const char *const never[] = {"message", "file", "reuse-message",
					    "no-edit", "fixup"};
	static const char *const words[] = {
	    "am",    "branch", "cherry-pick", "commit", "config", "merge",
	    "notes", "rebase", "revert",      "tag",	"pull",	  "replace"};
	size_t i;

	if (!is_one_of(g->word, words, sizeof(words) / sizeof(*words)))
		return false;
	if (!strcmp(g->word, "branch"))
		return options_on(&g->opt, "edit-description");
	if (!strcmp(g->word, "config"))
		return options_on(&g->opt, "edit");
	if (!strcmp(g->word, "tag") && !options_on(&g->opt, "annotate") &&
	    !options_on(&g->opt, "sign") && !options_on(&g->opt, "local-user"))
		return false;
	if (options_on(&g->opt, "edit"))
		return true;
	for (i = 0; i < sizeof(never) / sizeof(*never); i++)
		if (options_on(&g->opt, never[i]))
			return false;
	return !options_off(&g->opt, "edit");
}

static void
environment_programs(struct git_call *g)
{
	static const char *const editors[] = {"GIT_EDITOR", "VISUAL", "EDITOR",
					      "GIT_SEQUENCE_EDITOR"};
	const char *value;
	bool sequence = !strcmp(g->word, "rebase");
	size_t i;

	if (!box_writes(g) || !(opens_editor(g) || sequence))
		return;
	for (i = 0; i < sizeof(editors) / sizeof(*editors); i++) {
		value = invocation_env(g->in, editors[i]);
		if (!value || git_program_is_editor(value))
			continue;
		if (i == 3 && !sequence)
			continue;
		git_runs(g, editors[i]);
		return;
	}
}

/* A link of today may name an old program, and an old file keeps its ctime
 * when the folder that holds it is moved here. */
static bool
is_new_hook(struct git_call *g, int dir, const char *name,
	    const struct stat *file)
{
	struct stat st;

	if (since_start(g, file))
		return true;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    since_start(g, &st))
		return true;
	return fstat(dir, &st) < 0 || since_start(g, &st);
}

/* Does an older hook name commands that discard? */
static bool
discards(struct git_call *g, int dir, const char *name)
{
	static const char *const words[] = {
	    "git branch",     "git checkout", "git clean",  "git gc",
	    "git read-tree",  "git rebase",   "git reflog", "git reset",
	    "git restore",    "git rm",	      "git stash",  "git switch",
	    "git update-ref", "git worktree", "rm -"};
	char *text = NULL;
	size_t len = 0;

	if (file_read(g->ctx, dir, name, 1 << 16, &text, &len, NULL) != 0)
		return false; /* a program */
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (memmem(text, len, words[i], strlen(words[i])))
			return true;
	return false;
}

/* A hook that came or changed during the session may be the agent's own, made
 * to be run by git: then everything is kept first, as for the person's older
 * ones that discard something by what they say. */
static void
look_at_hooks(struct git_call *g, const char *dir, const char *const *only,
	      size_t nonly)
{
	struct dirent *d;
	struct stat st;
	DIR *stream = dir ? opendir(dir) : NULL;
	size_t n;
	bool push = !strcmp(g->word, "push"), new;

	while (stream && (d = readdir(stream))) {
		n = strlen(d->d_name);
		if (*d->d_name == '.' ||
		    (n > 7 && !strcmp(d->d_name + n - 7, ".sample")) ||
		    (only && !is_one_of(d->d_name, only, nonly)))
			continue;
		if (fstatat(dirfd(stream), d->d_name, &st, 0) < 0 ||
		    !S_ISREG(st.st_mode) || !(st.st_mode & 0111))
			continue;
		g->cmd->need.runs_code = true;
		new = is_new_hook(g, dirfd(stream), d->d_name, &st);
		if (!new && (push != !strcmp(d->d_name, "pre-push") ||
			     !discards(g, dirfd(stream), d->d_name)))
			continue;
		git_runs(g,
			 git_text(g, "hook %s%s", text_safe(g->ctx, d->d_name),
				  new ? ", new in this session" : ""));
		break;
	}
	if (stream)
		closedir(stream);
}

void
git_runs_hooks_of(struct git_call *g, const char *dir)
{
	look_at_hooks(g, dir, NULL, 0);
}

static void
own_hooks(struct git_call *g)
{
	/* these run with commands that know nothing else of hooks */
	static const char *const always[] = {
	    "reference-transaction", "post-index-change", "post-checkout"};

	if (!g->repo || !strcmp(g->cmd->need.box, GIT_BOX_READ) ||
	    (g->cmd->losses.what & LOSS_ANYTHING) == LOSS_ANYTHING)
		return;
	if (g->cmd->need.runs_code)
		look_at_hooks(g, git_hooks_dir(g), NULL, 0);
	else
		look_at_hooks(g, git_hooks_dir(g), always,
			      sizeof(always) / sizeof(*always));
}

/* With an index that is not there every tracked file is untracked. */
static int
other_index(struct git_call *g, struct err *e)
{
	static const char *const words[] = {"checkout", "clean", "restore",
					    "stash", "switch"};
	const char *file = g->repo ? g->repo->index_file : NULL;
	bool harms;

	if (!file || !g->hints.index_file || !*g->hints.index_file)
		return 0;
	if (strcmp(file, git_text(g, "%s/index", g->repo->gitdir)) != 0)
		g->cmd->losses.what &= ~(unsigned)LOSS_STAGED;
	if (!box_writes(g)) {
		git_reads_file(g, file);
		return 0;
	}
	harms = is_one_of(g->word, words, sizeof(words) / sizeof(*words)) ||
		(!strcmp(g->word, "reset") && options_on(&g->opt, "hard")) ||
		(!strcmp(g->word, "read-tree") && options_on(&g->opt, "u"));
	if (harms && !path_exists(file) && !mutant("index"))
		return err_set(e, ERR_UNKNOWN,
			       "GIT_INDEX_FILE=%s does not exist, so git would "
			       "treat every tracked file as untracked; "
			       "instead: unset GIT_INDEX_FILE",
			       text_safe(g->ctx, g->hints.index_file));
	if (path_is_under(file, g->repo->gitdir))
		return 0;
	need_write(g->ctx, &g->cmd->need, file);
	/* one that a script has made for its own use is nobody's work */
	if (path_exists(file) &&
	    scope_of_path(g->in, g->t->rules, g->repo, file) != SCOPE_SCRATCH) {
		git_loses(g, NULL, LOSS_PATHS);
		losses_add_path(g->ctx, &g->cmd->losses, file);
	}
	return 0;
}

/* Like a new hook: a program named in the repository's own configuration, which
 * has changed since the session began. */
static bool
is_planted(struct git_call *g, const struct git_setting *s)
{
	struct stat st;

	return s->level >= SETTING_LOCAL && stat(s->origin, &st) == 0 &&
	       since_start(g, &st);
}

/* Programs of the configuration and environment that any command may start,
 * reads too: pagers, diff drivers, filters. */
static void
usual_programs(struct git_call *g)
{
	static const char *const keys[] = {
	    "core.fsmonitor", "core.pager",   "diff.",	"filter.",
	    "gpg.",	      "interactive.", "merge.", "pager."};
	static const char *const names[] = {"GIT_PAGER", "PAGER",
					    "GIT_EXTERNAL_DIFF"};
	const struct git_setting *s;
	const char *value;
	size_t i, k;
	bool lfs = false;

	for (i = 0; i < g->settings->n; i++) {
		s = &g->settings->v[i];
		lfs |= !strncmp(s->key, "filter.lfs.", 11);
		for (k = 0; k < sizeof(keys) / sizeof(*keys); k++)
			if (!strncmp(s->key, keys[k], strlen(keys[k])))
				break;
		if (k == sizeof(keys) / sizeof(*keys) ||
		    git_key_does(s->key, s->value) != GIT_KEY_RUNS)
			continue;
		git_sees_program(g, s->value);
		g->cmd->need.runs_code = true;
		if (s->level != SETTING_COMMAND && box_writes(g) &&
		    is_planted(g, s))
			git_runs(g, git_setting_place(g, s));
	}
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		value = invocation_env(g->in, names[i]);
		if (value && !git_program_is_plain(value))
			g->cmd->need.runs_code = true;
	}
	/* Its clean filter, which status and diff run as well, works there. */
	if (lfs && g->repo && !box_writes(g)) {
		value = git_text(g, "%s/lfs", g->repo->commondir);
		if (path_exists(value))
			need_write(g->ctx, &g->cmd->need, value);
	}
}

/* What stands for git on PATH may be a file of the project's, or one made in
 * this session: that it does what git would is not known. */
static void
unknown_git(struct git_call *g)
{
	const char *program = g->cmd->program;
	struct stat st;
	bool own;

	if (!g->repo || !program || stat(program, &st) < 0 ||
	    (st.st_uid == 0 && g->in->uid != 0))
		return;
	own = g->repo->worktree &&
	      path_is_under(path_resolve(g->ctx, "/", program),
			    g->repo->worktree);
	if (!own && !since_start(g, &st))
		return;
	g->cmd->need.runs_code = true;
	if (box_writes(g))
		git_runs(g, git_text(g, "%s, in the place of git",
				     text_safe(g->ctx, program)));
}

int
git_guard(struct git_call *g, struct err *e)
{
	const struct git_setting *s;
	const char *hook = NULL;
	size_t i;

	if (other_index(g, e) < 0)
		return e->code;
	for (i = 0; i < g->ncommands; i++) {
		s = &g->commands[i];
		command_key(g, s);
		if (!strcmp(s->key, "core.hookspath") && !hook) {
			hook = skipped_check(g, false);
			if (hook)
				bypass(g, hook, "-c core.hooksPath");
		}
	}
	git_judge_identity(g);
	unknown_git(g);
	usual_programs(g);
	hook_managers(g);
	environment_programs(g);
	own_hooks(g);
	return 0;
}
