/* SPDX-License-Identifier: Apache-2.0 */
/*
 * remote: the settings it changes, the refs it removes, whom it contacts.
 */
#include "base/path.h"
#include "base/text.h"
#include "tools/git_local.h"
#include "tools/git_remotes.h"

static void
remote_key(struct git_call *g, const char *name, const char *rest)
{
	git_config_glob(g,
			git_text(g, "remote.%s.%s",
				 strpbrk(name, "*?[\\") ? "**" : name, rest));
}

static void
config_box(struct git_call *g)
{
	g->cmd->need.box = GIT_BOX_CONFIG;
	if (g->scope != SCOPE_WORKSPACE && g->scope != SCOPE_SCRATCH)
		git_loses(g, git_effect(g, EFFECT_FILE_OVERWRITE, "config"),
			  LOSS_CONFIG);
}

static int
remote_add(struct git_call *g, const char *name, struct err *e)
{
	struct git_remote r;
	int rc;

	config_box(g);
	remote_key(g, name, "*");
	if (g->opt.noperands > 1)
		git_secrets_kept(g, g->opt.operands[1]);
	if (!options_on(&g->opt, "fetch") || g->opt.noperands < 2)
		return 0;
	rc = git_remote_look(g, g->opt.operands[1], &r, e);
	if (rc < 0)
		return rc;
	git_fetch_sends(g, &r);
	return git_contact(g, &r, e);
}

static int
remote_gone(struct git_call *g, const char *name, const char *new)
{
	config_box(g);
	remote_key(g, name, "*");
	if (new)
		remote_key(g, new, "*");
	need_config_key(g->ctx, &g->cmd->need, "branch.**");
	need_config_key(g->ctx, &g->cmd->need, "remote.pushdefault");
	git_loses(g,
		  git_effect(g, new ? EFFECT_REF_MOVE : EFFECT_REF_DELETE,
			     git_text(g, "refs/remotes/%s/*", name)),
		  LOSS_REFS | LOSS_CONFIG);
	local_journal(g, LOSS_REFS);
	return 0;
}

static int
remote_set_url(struct git_call *g, const char *name)
{
	const char *new = g->opt.noperands > 1 ? g->opt.operands[1] : NULL,
		   *now = git_setting(g, git_text(g, "remote.%s.url", name));
	struct effect *fx;

	config_box(g);
	remote_key(g, name, "url");
	remote_key(g, name, "pushurl");
	if (new)
		git_secrets_kept(g, new);
	if (!now || !new || !strcmp(now, new) || git_remote_came(g, now))
		return 0;
	fx = git_effect(g, EFFECT_GUARD_WEAKEN,
			git_text(g, "remote.%s.url", name));
	fx->undo = UNDO_NO;
	fx->why = git_text(g,
			   "later pushes and fetches of %s would go to %s, "
			   "not %s",
			   text_safe(g->ctx, name), git_url_safe(g, new),
			   git_url_safe(g, now));
	fx->instead =
	    git_text(g, "git remote add NEW-NAME %s", git_url_safe(g, new));
	return 0;
}

static int
remote_one(struct git_call *g, const struct git_remote *r, size_t first,
	   struct err *e)
{
	int rc = git_contact(g, r, e);

	(void)first;
	if (rc == 0 && !strcmp(g->opt.subcommand, "update"))
		git_judge_fetch(g, r, SIZE_MAX);
	return rc;
}

/* "default", which is meant when nothing is named, is every remote unless it
 * is a group of its own. */
static bool
means_all(struct git_call *g)
{
	const struct options *o = &g->opt;

	return !o->noperands ||
	       (!strcmp(o->operands[o->noperands - 1], "default") &&
		!git_setting(g, "remotes.default"));
}

static int
remote_contacts(struct git_call *g, const char *sub, struct err *e)
{
	const struct options *o = &g->opt;
	struct git_remote r;
	size_t i;
	int rc = 0;

	if (!strcmp(sub, "update"))
		return git_every_remote(g, remote_one, means_all(g), true, e);
	for (i = 0; rc == 0 && i < o->noperands; i++) {
		rc = git_remote_look(g, o->operands[i], &r, e);
		if (rc == 0)
			rc = git_contact(g, &r, e);
		if (!strcmp(sub, "set-head"))
			break;
	}
	if (rc == 0 && !strcmp(sub, "prune") && !options_on(o, "dry-run")) {
		git_loses(g,
			  git_effect(g, EFFECT_REF_DELETE,
				     "refs that are gone there"),
			  LOSS_REFS);
		local_journal(g, LOSS_REFS);
	}
	return rc;
}

int
git_do_remote(struct git_call *g, struct err *e)
{
	const char *sub = g->opt.subcommand,
		   *name = g->opt.noperands ? g->opt.operands[0] : NULL;

	if (!sub || !name || !strcmp(sub, "get-url")) {
		if (sub && !strcmp(sub, "update"))
			return remote_contacts(g, sub, e);
		g->cmd->need.box = GIT_BOX_READ;
		return 0;
	}
	if (!strcmp(sub, "add"))
		return remote_add(g, name, e);
	if (!strcmp(sub, "remove") || !strcmp(sub, "rm"))
		return remote_gone(g, name, NULL);
	if (!strcmp(sub, "rename"))
		return remote_gone(
		    g, name, g->opt.noperands > 1 ? g->opt.operands[1] : name);
	if (!strcmp(sub, "set-url"))
		return remote_set_url(g, name);
	if (!strcmp(sub, "set-branches")) {
		config_box(g);
		remote_key(g, name, "fetch");
		return 0;
	}
	if (!strcmp(sub, "set-head")) {
		local_note(g, EFFECT_REF_MOVE,
			   git_text(g, "refs/remotes/%s/HEAD", name));
		local_journal(g, LOSS_REFS);
		if (!options_on(&g->opt, "auto"))
			return 0;
	}
	if (!strcmp(sub, "show") && options_on(&g->opt, "n")) {
		g->cmd->need.box = GIT_BOX_READ;
		return 0;
	}
	return remote_contacts(g, sub, e);
}
