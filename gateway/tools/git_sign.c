/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures: which commands make or look at them, and with which of the
 * person's programs.  Keys and key rings are outside of every box; gpg and
 * ssh-keygen are run there by transport/sign.c.
 */
#include "base/path.h"
#include "tools/git_words.h"
#include "wire/carry.h"
#include <string.h>

static bool
is_one(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

static bool
signs(struct git_call *g)
{
	static const char *const makers[] = {"commit",	    "merge",  "rebase",
					     "cherry-pick", "revert", "am",
					     "pull",	    NULL};

	if (options_on(&g->opt, "gpg-sign"))
		return true;
	if (!strcmp(g->word, "tag"))
		return options_on(&g->opt, "sign") ||
		       options_on(&g->opt, "local-user") ||
		       (!options_off(&g->opt, "sign") &&
			(git_setting_bool(g, "tag.gpgsign", false) ||
			 git_setting_bool(g, "tag.forcesignannotated", false)));
	return is_one(g->word, makers) && !options_off(&g->opt, "gpg-sign") &&
	       git_setting_bool(g, "commit.gpgsign", false);
}

/* Formats with %G, on the line or in the configuration. */
static bool
shows_signers(struct git_call *g)
{
	for (size_t i = 1; i < g->in->argc; i++)
		if (strstr(g->in->argv[i], "%G") ||
		    strstr(g->in->argv[i], "%(signature"))
			return true;
	for (size_t i = 0; g->settings && i < g->settings->n; i++) {
		const struct git_setting *s = &g->settings->v[i];

		if ((!strncmp(s->key, "pretty.", 7) ||
		     !strcmp(s->key, "format.pretty")) &&
		    s->value && strstr(s->value, "%G"))
			return true;
	}
	return false;
}

static bool
verifies(struct git_call *g)
{
	static const char *const always[] = {"verify-commit", "verify-tag",
					     NULL};
	static const char *const merges[] = {"merge", "pull", NULL};
	static const char *const shows[] = {
	    "log",	"show",	  "whatchanged", "reflog",	 "rev-list",
	    "shortlog", "branch", "tag",	 "for-each-ref", NULL};

	if (is_one(g->word, always) ||
	    options_on(&g->opt, "verify-signatures") ||
	    options_on(&g->opt, "show-signature"))
		return true;
	if (!strcmp(g->word, "tag") && options_on(&g->opt, "verify"))
		return true;
	if (is_one(g->word, merges))
		return git_setting_bool(g, "merge.verifysignatures", false);
	return is_one(g->word, shows) &&
	       (shows_signers(g) ||
		git_setting_bool(g, "log.showsignature", false));
}

/* The last value that the person's own files have. */
static const char *
own_setting(struct git_call *g, const char *key, const char *alias)
{
	const char *value = NULL;

	for (size_t i = 0; g->settings && i < g->settings->n; i++) {
		const struct git_setting *s = &g->settings->v[i];

		if (s->level <= SETTING_GLOBAL &&
		    (!strcmp(s->key, key) || !strcmp(s->key, alias)))
			value = s->value;
	}
	return value && *value ? value : NULL;
}

/* A key ring that lies in the workspace or was made in this session is a test
 * suite's: none of the person's keys are in it, and gpg uses it in the box. */
static bool
own_ring(struct git_call *g)
{
	const char *dir = invocation_env(g->in, "GNUPGHOME");
	const char *format = git_setting(g, "gpg.format");
	enum scope s;

	if (!dir || *dir != '/' || !path_exists(dir) ||
	    (format && strcmp(format, "openpgp") != 0))
		return false;
	dir = path_resolve(g->ctx, "/", dir);
	s = scope_of_path(g->in, g->t->rules, g->repo,
			  path_join(g->ctx, dir, "pubring.kbx"));
	return s == SCOPE_WORKSPACE || s == SCOPE_SCRATCH;
}

static void
global(struct git_call *g, const char *setting)
{
	g->globals =
	    talloc_realloc(g->ctx, g->globals, const char *, g->nglobals + 2);
	if (!g->globals)
		BUG("out of memory");
	g->globals[g->nglobals++] = "-c";
	g->globals[g->nglobals++] = setting;
}

void
git_signs(struct git_call *g)
{
	struct need *n = &g->cmd->need;

	if (!g->repo || (!signs(g) && !verifies(g)))
		return;
	if (own_ring(g)) {
		global(g, "gpg.program=gpg");
		return;
	}
	n->signs = true;
	n->signing.makes = signs(g);
	n->signing.gpg = own_setting(g, "gpg.program", "gpg.openpgp.program");
	n->signing.ssh = own_setting(g, "gpg.ssh.program", "gpg.ssh.program");
	n->signing.key = own_setting(g, "user.signingkey", "user.signingkey");
	/* behind those of the line: the last one counts, for the commands
	 * that git runs itself, too */
	global(g, "gpg.program=" CARRY_GPG);
	global(g, "gpg.ssh.program=" CARRY_KEYGEN);
}
