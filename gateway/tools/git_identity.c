/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commits in another person's name: of somebody who has commits here.  What
 * files say at every level is the person's own.  A name that nobody here goes
 * by (a build's, a newcomer's) is taken from nobody.
 */
#include "base/mutant.h"
#include "base/text.h"
#include "tools/git_local.h"
#include <strings.h>

#define LOOK_AT 3000 /* commits */

static const char *const keys[] = {"user.email",      "user.name",
				   "author.email",    "author.name",
				   "committer.email", "committer.name"};

bool
git_key_is_identity(const char *key)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (!strcmp(keys[i], key))
			return true;
	return false;
}

const char *
git_own_email(struct git_call *g)
{
	return local_setting_below(g, "user.email");
}

/* Any file says so. */
static bool
is_own(struct git_call *g, const char *text)
{
	const struct git_setting *s;

	if (git_settings_load(g, NULL) < 0)
		return false;
	for (size_t i = 0; i < g->settings->n; i++) {
		s = &g->settings->v[i];
		if (s->level != SETTING_COMMAND && s->value &&
		    git_key_is_identity(s->key) && !strcasecmp(s->value, text))
			return true;
	}
	return false;
}

/* Programs that commit under their own name, which is nobody's. */
static bool
is_robot(const char *email)
{
	return !strncasecmp(email, "noreply@", 8) ||
	       !strncasecmp(email, "no-reply@", 9) || strstr(email, "[bot]@");
}

static bool
has_name(const git_signature *s, const char *text)
{
	return s && (!strcasecmp(s->email, text) || !strcmp(s->name, text));
}

bool
git_is_colleague(struct git_call *g, const char *text)
{
	git_repository *r = local_repo(g);
	git_revwalk *walk = NULL;
	git_commit *commit;
	bool found = false;
	git_oid oid;

	if (!r || !*text || is_own(g, text) || is_robot(text) ||
	    git_revwalk_new(&walk, r) < 0)
		return false;
	git_revwalk_sorting(walk, GIT_SORT_TIME);
	git_revwalk_push_head(walk);
	git_revwalk_push_glob(walk, "refs/remotes/*");
	for (int i = 0; i < LOOK_AT && !found; i++) {
		if (git_revwalk_next(&oid, walk) != 0 ||
		    git_commit_lookup(&commit, r, &oid) < 0)
			break;
		found = has_name(git_commit_author(commit), text) ||
			has_name(git_commit_committer(commit), text);
		git_commit_free(commit);
	}
	git_revwalk_free(walk);
	return found;
}

/* Where commits cannot be read, all but the own names are others'. */
static bool
is_other(struct git_call *g, const char *text)
{
	return local_repo(g)
		   ? git_is_colleague(g, text)
		   : strchr(text, '@') && !is_own(g, text) && !is_robot(text);
}

static void
spoofs(struct git_call *g, const char *who, const char *how)
{
	struct effect *fx = git_effect(g, EFFECT_GUARD_WEAKEN, "identity");

	fx->undo = UNDO_NO;
	fx->why = git_text(g, "%s is not your identity (%s)",
			   text_safe(g->ctx, who), how);
	fx->instead = git_text(g,
			       "git %s as the configured author; put "
			       "\"Co-authored-by:\" in the message",
			       g->word);
}

static bool
makes_commits(const char *word)
{
	static const char *const words[] = {
	    "am",     "cherry-pick", "commit",	    "commit-tree",
	    "merge",  "notes",	     "pull",	    "rebase",
	    "revert", "tag",	     "fast-import", "stash"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(words[i], word))
			return true;
	return false;
}

/* "Name <mail>", or a pattern that finds one of somebody's commits. */
static void
author_option(struct git_call *g)
{
	const char *author = strcmp(g->word, "commit") != 0
				 ? NULL
				 : options_value(&g->opt, "author"),
		   *open, *mail, *name, *own;

	if (!author)
		return;
	open = strchr(author, '<');
	if (open) {
		mail =
		    git_text(g, "%.*s", (int)strcspn(open + 1, ">"), open + 1);
		while (open > author && open[-1] == ' ')
			open--;
		name = git_text(g, "%.*s", (int)(open - author), author);
		if (!is_robot(mail) && (is_other(g, mail) || is_other(g, name)))
			spoofs(g, author, "--author");
		return;
	}
	own = git_text(g, "%s <%s>",
		       local_setting_below(g, "user.name")
			   ? local_setting_below(g, "user.name")
			   : "",
		       git_own_email(g));
	if (!strcasestr(own, author))
		spoofs(g, author, "--author");
}

void
git_judge_identity(struct git_call *g)
{
	static const char *const names[] = {
	    "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_NAME", "GIT_COMMITTER_EMAIL",
	    "GIT_COMMITTER_NAME"};
	const struct git_setting *s;
	const char *value;
	size_t i;

	if (!g->repo || !makes_commits(g->word) || !git_own_email(g) ||
	    mutant("identity"))
		return;
	author_option(g);
	for (i = 0; i < g->ncommands; i++) {
		s = &g->commands[i];
		if (git_key_is_identity(s->key) && s->value &&
		    is_other(g, s->value)) {
			spoofs(g, s->value,
			       git_text(g, "%s of %s", s->key, s->origin));
			return;
		}
	}
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		value = invocation_env(g->in, names[i]);
		if (value && git_is_colleague(g, value)) {
			spoofs(g, value, names[i]);
			return;
		}
	}
}
