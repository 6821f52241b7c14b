/* SPDX-License-Identifier: Apache-2.0 */
/*
 * git push: where to, what the remote would become, and the line that is run:
 * the one that was judged, with each forced or deleted ref held to the value
 * that was seen (--force-with-lease=REF:OID), never with a plain force.
 */
#include "tools/git_push.h"
#include "base/text.h"
#include "tools/git_local.h"

/* Options whose meaning goes into explicit refspecs and leases. */
static bool
is_replaced(const char *option)
{
	static const char *const names[] = {"--force",
					    "--no-force",
					    "--mirror",
					    "--no-mirror",
					    "--all",
					    "--no-all",
					    "--branches",
					    "--no-branches",
					    "--tags",
					    "--no-tags",
					    "--prune",
					    "--no-prune",
					    "--delete",
					    "--no-delete",
					    "--force-with-lease",
					    "--no-force-with-lease",
					    "--force-if-includes",
					    "--no-force-if-includes"};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(option, names[i]))
			return true;
	return !strncmp(option, "--force-with-lease=", 19) ||
	       !strncmp(option, "--repo=", 7);
}

static void
add(const char **v, size_t *n, const char *s)
{
	v[(*n)++] = s;
}

static const char **
room(struct git_call *g, size_t more)
{
	const char **v =
	    talloc_array(g->ctx, const char *, g->opt.ncanonical + more + 4);

	if (!v)
		BUG("out of memory");
	return v;
}

/* The options of the line that `keep` wants, in their order. */
static void
add_options(struct git_call *g, const char **v, size_t *n,
	    bool (*drop)(const char *option))
{
	size_t i;

	for (i = 0; i < g->opt.ncanonical; i++) {
		if (!strcmp(g->opt.canonical[i], "--"))
			return;
		if (g->opt.canonical[i][0] == '-' && !drop(g->opt.canonical[i]))
			add(v, n, g->opt.canonical[i]);
	}
}

static bool
is_force(const char *option)
{
	return !strcmp(option, "--force") || !strcmp(option, "--no-force");
}

/* As the caller put it, only without the means to force. */
static void
same_without_force(struct push *p, bool dry)
{
	struct git_call *g = p->g;
	const char **v = room(g, 1), *s;
	size_t i, n = 0;

	if (dry)
		add(v, &n, "--dry-run");
	add_options(g, v, &n, is_force);
	if (g->opt.noperands)
		add(v, &n, "--");
	for (i = 0; i < g->opt.noperands; i++) {
		s = g->opt.operands[i];
		add(v, &n, i > 0 && *s == '+' ? s + 1 : s);
	}
	git_argv(g, v, n);
}

static const char *
lease(struct push *p, const struct push_line *l)
{
	char hex[GIT_OID_HEXSZ + 1];

	if (l->pinned) {
		git_oid_tostr(hex, sizeof(hex), &l->was);
		return git_text(p->g, "--force-with-lease=%s:%s", l->to, hex);
	}
	/* The caller's own lease did not hold; neither does this one. */
	if (l->flag == '!' && strstr(l->text, "(stale info)"))
		return git_text(p->g, "--force-with-lease=%s:%040d", l->to, 0);
	return NULL;
}

/* The lines of the oracle as refspecs. */
static void
explicit_refspecs(struct push *p, const char *where)
{
	struct git_call *g = p->g;
	const char **v = room(g, 2 * p->nlines + 3), *s;
	size_t i, n = 0;

	add_options(g, v, &n, is_replaced);
	for (i = 0; i < p->nlines; i++)
		if ((s = lease(p, &p->lines[i])))
			add(v, &n, s);
	add(v, &n, "--");
	add(v, &n, where);
	for (i = 0; i < p->nlines; i++)
		add(v, &n,
		    git_text(g, "%s:%s", p->lines[i].from, p->lines[i].to));
	git_argv(g, v, n);
}

/* Does a setting force, so that only explicit refspecs are safe? */
static bool
settings_force(struct push *p)
{
	struct git_call *g = p->g;
	const char *name = p->remote.name, *spec;
	/* What --prune removes is said now, not found anew. */
	bool forces = options_on(&g->opt, "mirror") ||
		      options_on(&g->opt, "prune") ||
		      options_on(&g->opt, "delete");
	size_t i;

	if (!name)
		return forces;
	if (git_setting_bool(g, git_text(g, "remote.%s.mirror", name), false)) {
		g->globals = talloc_realloc(g->ctx, g->globals, const char *,
					    g->nglobals + 2);
		if (!g->globals)
			BUG("out of memory");
		g->globals[g->nglobals++] = "-c";
		g->globals[g->nglobals++] =
		    git_text(g, "remote.%s.mirror=false", name);
		return true;
	}
	for (i = 0; (spec = git_setting_nth(
			 g, git_text(g, "remote.%s.push", name), i));
	     i++)
		if (*spec == '+')
			return true;
	return forces;
}

/* What was to be written is only looked at. */
static void
only_sees(struct need *n, void *ctx)
{
	for (size_t i = 0; i < n->nwrite; i++)
		need_read(ctx, n, n->write[i]);
	n->nwrite = 0;
}

/* What was refused when it was asked for, and no longer is. */
static const char *
not_pushed(struct push *p, const char *where)
{
	struct git_call *g = p->g;

	return git_text(g,
			"automode: nothing was pushed to %s: it could not be "
			"found out beforehand what the push would do there "
			"(git push --dry-run ended with %d); run it again, and "
			"if it stays so, git ls-remote %s says what is wrong",
			git_url_safe(g, where), p->status,
			git_url_safe(g, where));
}

static int
compose(struct push *p, const char *where, struct err *e)
{
	bool forced = false;
	size_t i;

	for (i = 0; i < p->nlines; i++)
		forced |= p->lines[i].flag == '+' || p->lines[i].flag == '-';
	/* Nothing to do, or git refuses by itself: its own words, and no way
	 * for anything else to happen meanwhile. */
	if (!p->nlines) {
		same_without_force(p, true);
		only_sees(&p->g->cmd->need, p->g->ctx);
		if (p->status)
			p->g->cmd->not_done = not_pushed(p, where);
		return 0;
	}
	if (!forced && !settings_force(p)) {
		same_without_force(p, false);
		return 0;
	}
	if (forced)
		settings_force(p); /* a mirror must not add its own */
	if (p->remote.npush > 1)
		return err_set(e, ERR_UNKNOWN,
			       "remote %s has several push URLs; a forced push "
			       "goes to one at a time",
			       text_safe(p->g->ctx, where));
	explicit_refspecs(p, where);
	return 0;
}

static void
sets_upstream(struct push *p)
{
	struct git_call *g = p->g;
	const char *from;
	size_t i;

	if (!options_on(&g->opt, "set-upstream") &&
	    !git_setting_bool(g, "push.autosetupremote", false))
		return;
	for (i = 0; i < p->nlines; i++) {
		from = p->lines[i].from;
		if (!strcmp(from, "HEAD") && git_current_branch(g))
			from =
			    git_text(g, "refs/heads/%s", git_current_branch(g));
		if (strncmp(from, "refs/heads/", 11))
			continue;
		g->cmd->need.box = GIT_BOX_CONFIG;
		git_config_changes(g,
				   git_text(g, "branch.%s.remote", from + 11));
		git_config_changes(g,
				   git_text(g, "branch.%s.merge", from + 11));
		git_config_changes(g,
				   git_text(g, "branch.%s.rebase", from + 11));
	}
}

static void
push_option(struct git_call *g, const char *value, const char *from)
{
	struct effect *fx = git_effect(g, EFFECT_REVIEW_BYPASS, value);

	fx->undo = UNDO_NO;
	fx->why = git_text(g,
			   "push option \"%s\"%s changes what the server does "
			   "(merge, skip checks)",
			   text_safe(g->ctx, value), from);
	fx->instead = "git push without it";
}

/* Those of the line are instead of those of the configuration, where an empty
 * one takes back all before it (git-config(1)). */
static void
judge_push_options(struct git_call *g)
{
	const char *value;
	size_t i, from = 0;

	for (i = 0; (value = options_nth(&g->opt, "push-option", i)); i++)
		push_option(g, value, "");
	if (i > 0 || git_settings_load(g, NULL) < 0)
		return;
	for (i = 0; i < g->settings->n; i++)
		if (!strcmp(g->settings->v[i].key, "push.pushoption") &&
		    g->settings->v[i].value && !*g->settings->v[i].value)
			from = i + 1;
	for (i = from; i < g->settings->n; i++) {
		const struct git_setting *s = &g->settings->v[i];

		/* the person's own, for all that they push, is no news */
		if (!strcmp(s->key, "push.pushoption") &&
		    s->level > SETTING_GLOBAL)
			push_option(
			    g, s->value ? s->value : "",
			    git_text(
				g, " of %s",
				text_safe(g->ctx, git_setting_place(g, s))));
	}
}

static void
judge_options(struct push *p)
{
	static const char *const ends[] = {"receive-pack", "exec", NULL};
	static const char *const hooks[] = {"pre-push", NULL};
	struct git_call *g = p->g;

	git_other_end_runs(g, &p->remote, ends, "receivepack");
	judge_push_options(g);
	if (options_on(&g->opt, "no-verify"))
		local_skips_hooks(g, hooks);
	else if (git_has_hook(g, "pre-push"))
		g->cmd->need.runs_code = true;
}

static int
submodules_too(struct git_call *g, struct err *e)
{
	const char *how = options_value(&g->opt, "recurse-submodules");

	if (!options_count(&g->opt, "recurse-submodules"))
		how = git_setting(g, "push.recursesubmodules");
	if (how && (!strcmp(how, "on-demand") || !strcmp(how, "only")))
		return err_set(e, ERR_UNKNOWN,
			       "a push that pushes submodules by itself; "
			       "instead: git -C SUBMODULE push, then git push "
			       "--recurse-submodules=check");
	return 0;
}

/* Nothing is pushed, but the remote is asked. */
static void
judge_question(struct push *p)
{
	struct git_call *g = p->g;
	const char *why;
	size_t i;

	for (i = 0; !p->nlines && i < p->remote.npush; i++) {
		const struct git_url *u = &p->remote.push[i];
		struct effect *fx;

		if (u->transport != GIT_URL_HOST)
			continue;
		fx = effects_add(g->fx, EFFECT_NET_FETCH,
				 git_remote_scope(g, &p->remote, u, true, &why),
				 git_url_safe(g, u->text));
		fx->undo = UNDO_YES;
		fx->why = p->status ? "git refuses the push by itself, or does "
				      "not reach the remote"
				    : "everything is there already";
		why = git_url_why(g, &p->remote, u);
		if (why)
			fx->why = git_text(g, "%s; %s", fx->why, why);
	}
}

int
git_do_push(struct git_call *g, struct err *e)
{
	struct push p = {.g = g};
	const char *where = options_value(&g->opt, "repo"), *why;
	const struct git_url *u;
	bool dry = options_on(&g->opt, "dry-run");
	size_t i;
	int rc;

	if (g->opt.noperands)
		where = g->opt.operands[0];
	if (!where)
		where = git_default_remote(g, true);
	rc = git_remote_look(g, where, &p.remote, e);
	for (i = 0; rc == 0 && i < p.remote.npush; i++) {
		u = &p.remote.push[i];
		/* of a host even a dry run asks who may write there */
		rc = git_url_reach(g, u, !dry || u->transport == GIT_URL_HOST,
				   e);
		if (rc == 0 && git_remote_scope(g, &p.remote, u, true, &why) ==
				   SCOPE_TRUSTED)
			git_permit_named(g, u);
	}
	if (rc == 0)
		rc = submodules_too(g, e);
	if (rc < 0)
		return rc;
	judge_options(&p);
	if (dry)
		return 0;
	rc = push_ask(&p, e);
	for (i = 0; rc == 0 && i < p.remote.npush; i++)
		rc = push_judge(&p, i, e);
	if (rc < 0)
		return rc;
	judge_question(&p);
	push_permit(&p);
	sets_upstream(&p);
	return compose(&p, where, e);
}
