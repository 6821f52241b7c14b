/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of the configuration as they are written: programs that later commands
 * would start, destinations and protections that would change, hooks that
 * would no more be found.
 */
#include "base/file.h"
#include "base/limits.h"
#include "base/mutant.h"
#include "base/path.h"
#include "base/text.h"
#include "invocation/git_config_text.h"
#include "tools/git_keys.h"
#include "tools/git_remotes.h"
#include "tools/git_words.h"
#include <fcntl.h>
#include <unistd.h>

/* The hooks that a project uses as checks. */
static const char *const checks[] = {
    "pre-commit",     "commit-msg", "prepare-commit-msg", "pre-merge-commit",
    "applypatch-msg", "pre-rebase", "pre-push",		  "pre-applypatch"};

const char *
git_setting_place(struct git_call *g, const struct git_setting *s)
{
	const char *file = s->origin ? s->origin : "-c", *shown;
	char *text = NULL;
	size_t len = 0;
	unsigned line = 0;

	if (*file != '/')
		return git_text(g, "%s (%s)", text_safe(g->ctx, s->key), file);
	if (file_read(g->ctx, AT_FDCWD, file, LIMIT_CONFIG_FILE, &text, &len,
		      NULL) == 0)
		line = git_config_line(g->ctx, text, len, s->key, s->value);
	shown = g->repo && g->repo->worktree
		    ? path_below(file, g->repo->worktree)
		    : NULL;
	return git_text(g, line ? "%s (%s line %u)" : "%s (%s)",
			text_safe(g->ctx, s->key),
			text_safe(g->ctx, shown ? shown : file), line);
}

static struct effect *
key_effect(struct git_call *g, enum effect_kind kind, const char *key)
{
	struct effect *fx =
	    effects_add(g->fx, kind, g->repo ? g->scope : SCOPE_UNKNOWN, key);

	fx->undo = UNDO_NO;
	return fx;
}

static bool
has_in(struct git_call *g, const char *dir, const char *name)
{
	return dir && access(git_text(g, "%s/%s", dir, name), X_OK) == 0;
}

/* Hooks come from another folder from now on, NULL: from .git/hooks.  Checks
 * that run today and are not there are skipped by it. */
static void
hooks_from(struct git_call *g, const char *dir)
{
	const char *now = git_hooks_dir(g), *lost = NULL;
	struct effect *fx;
	size_t i;

	if (!g->repo)
		return;
	if (!dir)
		dir = git_text(g, "%s/hooks", g->repo->commondir);
	for (i = 0; i < sizeof(checks) / sizeof(*checks); i++)
		if (has_in(g, now, checks[i]) && !has_in(g, dir, checks[i]))
			lost = lost ? git_text(g, "%s, %s", lost, checks[i])
				    : checks[i];
	if (!lost)
		return;
	fx = key_effect(g, EFFECT_REVIEW_BYPASS, "core.hookspath");
	fx->why = git_text(g,
			   "git would no more run the project's hook: %s; its "
			   "output says what to mend",
			   lost);
	fx->instead = "leave the hooks where they are";
}

/* `.husky`, `.githooks`: in the work tree, under everybody's eyes. */
static bool
is_of_the_project(struct git_call *g, const char *dir)
{
	const char *real =
	    dir && *dir ? path_resolve(g->ctx, g->dir, dir) : NULL;

	if (!real || !g->repo)
		return false;
	if (!strcmp(real, git_text(g, "%s/hooks", g->repo->commondir)))
		return true;
	return g->repo->worktree && path_is_under(real, g->repo->worktree) &&
	       strcmp(real, g->repo->worktree) != 0 &&
	       !path_is_under(real, g->repo->commondir);
}

static void
sets_hooks(struct git_call *g, const char *value)
{
	const char *dir = *value ? git_setting_path(g, value) : NULL;
	struct effect *fx;

	hooks_from(g, dir ? dir : "/dev/null");
	if (!strcmp(value, "/dev/null"))
		return;
	if (is_of_the_project(g, dir)) {
		if (g->scope == SCOPE_SCRATCH)
			return;
		g->cmd->notice =
		    git_text(g,
			     "automode: hooks of this repository come "
			     "from %s now",
			     text_safe(g->ctx, value));
		return;
	}
	fx = key_effect(g, EFFECT_PERSIST, "core.hookspath");
	fx->why = git_text(g,
			   "core.hookspath makes git run \"%s\" in later "
			   "commands",
			   text_safe(g->ctx, value));
	fx->instead = "a folder of the work tree, such as .githooks";
}

static void
sets_identity(struct git_call *g, const char *key, const char *value)
{
	struct effect *fx;

	if (!strchr(value, '@') || !git_is_colleague(g, value))
		return;
	fx = key_effect(g, EFFECT_GUARD_WEAKEN, key);
	fx->why =
	    git_text(g, "%s is not your identity", text_safe(g->ctx, value));
	fx->instead = "the configured author; put \"Co-authored-by:\" in the "
		      "message";
}

static bool
is_url_of_remote(const char *key, const char *end)
{
	size_t n = strlen(key), k = strlen(end);

	return !strncmp(key, "remote.", 7) && n > 7 + k &&
	       !strcmp(key + n - k, end);
}

static void
weakens(struct git_call *g, const char *key, const char *value,
	enum git_key does)
{
	struct effect *fx = key_effect(g, EFFECT_GUARD_WEAKEN, key);
	const char *safe = text_safe(g->ctx, key);

	if (git_key_matches("safe.*", key)) {
		fx->why = git_text(g,
				   "%s makes git trust repositories of "
				   "other users",
				   safe);
		fx->instead = "git -c safe.directory=DIR for one command";
	} else if (does == GIT_KEY_WEAKENS) {
		fx->why = git_text(g,
				   "%s weakens how later transports are "
				   "checked",
				   safe);
		if (!strcmp(key, "protocol.file.allow"))
			fx->instead = "git -c protocol.file.allow=always ... "
				      "for one command";
	} else if (does == GIT_KEY_LOOSENS) {
		fx->why =
		    git_text(g,
			     "%s = %s switches a protection off for "
			     "all later commands",
			     safe, value ? text_safe(g->ctx, value) : "true");
	} else {
		fx->why = git_text(g,
				   "%s sends later pushes and fetches to "
				   "another place: %s",
				   safe, value ? text_safe(g->ctx, value) : "");
		fx->instead = "git remote add NEW-NAME URL";
	}
}

void
git_judge_set(struct git_call *g, const char *key, const char *value)
{
	const char *present = git_setting(g, key);
	enum git_key does = git_key_does(key, value);
	struct effect *fx;
	bool url;

	if (mutant("keys") || (present && value && !strcmp(present, value)))
		return;
	if (!strcmp(key, "core.hookspath") && value) {
		sets_hooks(g, value);
		return;
	}
	if (git_key_is_identity(key) && value) {
		sets_identity(g, key, value);
		return;
	}
	/* The first URL of a name makes a remote; another moves it, unless it
	 * was made since the session began. */
	url = is_url_of_remote(key, ".pushurl") ||
	      (is_url_of_remote(key, ".url") && present &&
	       !git_remote_came(g, present));
	if (does == GIT_KEY_RUNS) {
		fx = key_effect(g, EFFECT_PERSIST, key);
		fx->why = git_text(g,
				   "%s makes git run \"%s\" in later "
				   "commands",
				   text_safe(g->ctx, key),
				   value ? text_safe(g->ctx, value) : "true");
		fx->instead = "run that program directly";
	} else if (does != GIT_KEY_PLAIN || url) {
		weakens(g, key, value, does);
	}
}

void
git_judge_unset(struct git_call *g, const char *key)
{
	static const char *const guards[] = {
	    "commit.gpgsign",	  "tag.gpgsign",
	    "push.gpgsign",	  "transfer.fsckobjects",
	    "fetch.fsckobjects",  "receive.denynonfastforwards",
	    "receive.denydeletes"};
	const struct git_setting *s = git_setting_entry(g, key);
	struct effect *fx;
	size_t i;

	if (!s || mutant("keys"))
		return;
	if (!strcmp(key, "core.hookspath")) {
		hooks_from(g, NULL);
		return;
	}
	for (i = 0; i < sizeof(guards) / sizeof(*guards); i++)
		if (!strcmp(key, guards[i]) &&
		    git_config_truth(s->value) == 1) {
			fx = git_effect(g, EFFECT_GUARD_WEAKEN, key);
			fx->undo = UNDO_NO;
			fx->why = git_text(g, "%s is a check of this project",
					   git_setting_place(g, s));
		}
}
