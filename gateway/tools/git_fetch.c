/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch and ls-remote: what they contact, and which local refs they replace.
 */
#include "base/path.h"
#include "base/text.h"
#include "tools/git_local.h"
#include "tools/git_remotes.h"

/* What git runs anyway: its name alone, without a word of a shell behind. */
static bool
is_usual_end(const char *value, const char *key)
{
	return !strcmp(value, !strcmp(key, "receivepack") ? "git-receive-pack"
							  : "git-upload-pack");
}

/* --upload-pack and its setting start a program in the remote's place. */
void
git_other_end_runs(struct git_call *g, const struct git_remote *r,
		   const char *const *options, const char *key)
{
	const struct git_setting *s = NULL;
	const char *value = NULL, *what = NULL;
	struct effect *fx;

	for (; *options && !value; options++) {
		value = options_value(&g->opt, *options);
		what = git_text(g, "--%s", *options);
	}
	if (!value && r && r->name) {
		what = git_text(g, "remote.%s.%s", r->name, key);
		s = git_setting_entry(g, what);
		value = s && s->level > SETTING_GLOBAL ? s->value : NULL;
	}
	if (!value || is_usual_end(value, key))
		return;
	fx = effects_add(g->fx, EFFECT_EXEC_CONFIG, SCOPE_OUTSIDE, what);
	fx->undo = UNDO_NO;
	fx->why =
	    git_text(g, "%s runs \"%s\" in place of the other end",
		     s ? git_setting_place(g, s) : text_safe(g->ctx, what),
		     text_safe(g->ctx, value));
	fx->instead = git_text(g, "git %s without it", g->word);
	g->cmd->need.runs_code = true;
}

/* What a line gives along for the host: as good as any other way to send. */
static void
gives_along(struct git_call *g, const struct git_remote *r,
	    const struct git_url *u, enum scope scope)
{
	const char *value = options_nth(&g->opt, "server-option", 0);
	struct effect *fx;

	if (!value && r->name) /* git 2.48 */
		value = git_setting(
		    g, git_text(g, "remote.%s.serveroption", r->name));
	if (!value || scope != SCOPE_FOREIGN || u->transport != GIT_URL_HOST)
		return;
	fx = effects_add(g->fx, EFFECT_NET_SEND, scope,
			 git_url_safe(g, u->text));
	fx->undo = UNDO_NO;
	fx->why = git_text(g, "the server option \"%s\" goes there",
			   text_safe(g->ctx, value));
	fx->instead = "the same without --server-option";
}

int
git_contact(struct git_call *g, const struct git_remote *r, struct err *e)
{
	static const char *const ends[] = {"upload-pack", "exec", NULL};
	struct effect *fx;
	const struct git_url *u = r->fetch;
	enum scope scope;
	const char *why;
	int rc;

	git_other_end_runs(g, r, ends, "uploadpack");
	if (!r->nfetch)
		return 0;
	/* Of several URLs none but the first is fetched from. */
	rc = git_url_reach(g, u, false, e);
	scope = git_remote_scope(g, r, u, false, &why);
	fx = effects_add(g->fx, EFFECT_NET_FETCH, scope,
			 git_url_safe(g, u->text));
	fx->undo = UNDO_YES;
	fx->why = git_url_why(g, r, u);
	if (!fx->why)
		fx->why = why;
	gives_along(g, r, u, scope);
	if (scope == SCOPE_TRUSTED)
		git_permit_named(g, u);
	return rc;
}

/* One refspec of a fetch: what it does to refs that are not tracking refs. */
static void
judge_refspec(struct git_call *g, const char *spec, bool force)
{
	const char *dst = strrchr(spec, ':');
	struct effect *fx;

	if (*spec == '^')
		return;
	if (*spec == '+')
		force = true;
	if (!dst || !dst[1])
		return;
	dst++;
	if (!strncmp(dst, "refs/remotes/", 13))
		return;
	if (strncmp(dst, "refs/", 5))
		dst = git_text(g, "refs/heads/%s", dst);
	if (!force) {
		local_note(g, EFFECT_REF_MOVE, dst);
		local_journal(g, LOSS_REFS);
		return;
	}
	fx = local_ref(g, EFFECT_REF_OVERWRITE, dst, NULL, LOSS_REFS);
	fx->instead = "git fetch with a refspec into refs/remotes/";
	local_journal(g, LOSS_REFS);
}

static void
judge_refspecs(struct git_call *g, const struct git_remote *r, size_t first,
	       bool force)
{
	const char *spec;
	size_t i;

	if (g->opt.noperands > first) {
		for (i = first; i < g->opt.noperands; i++)
			judge_refspec(g, g->opt.operands[i], force);
		return;
	}
	if (!r->name)
		return;
	for (i = 0; (spec = git_setting_nth(
			 g, git_text(g, "remote.%s.fetch", r->name), i));
	     i++)
		judge_refspec(g, spec, force);
}

static bool
prunes(struct git_call *g, const struct git_remote *r, const char *what)
{
	bool on = git_setting_bool(g, git_text(g, "fetch.%s", what), false);

	if (r->name)
		on = git_setting_bool(
		    g, git_text(g, "remote.%s.%s", r->name, what), on);
	if (!strcmp(what, "prune") && options_count(&g->opt, "prune"))
		on = options_on(&g->opt, "prune");
	if (!strcmp(what, "prunetags") && options_count(&g->opt, "prune-tags"))
		on = options_on(&g->opt, "prune-tags");
	return on;
}

/* Is it ours to give: of this work, or of the person's home for a place that
 * is not? */
static bool
is_ours(struct git_call *g, const struct git_url *u)
{
	struct repository *there = NULL;
	const char *home = invocation_home(g->in), *real;
	enum scope lies;

	if (repository_at(g->ctx, u->path, g->in->uid, &there, NULL) < 0)
		return true;
	if (there && !strcmp(there->commondir, g->repo->commondir))
		return false;
	home = home ? path_resolve(g->ctx, "/", home) : NULL;
	real = path_resolve(g->ctx, "/", path_clean(g->ctx, u->path));
	lies = there ? scope_of_repository(g->in, g->t->rules, there)
		     : scope_of_path(g->in, g->t->rules, NULL, real);
	return lies == SCOPE_WORKSPACE || lies == SCOPE_SCRATCH ||
	       (home && path_is_under(real, home) &&
		!path_is_under(g->repo->commondir, home));
}

/* A fetch from our work into a repository that is not is a push from the
 * other end; what the person set up there before is the person's. */
void
git_fetch_sends(struct git_call *g, const struct git_remote *r)
{
	const char *place, *why;
	struct effect *fx;

	if (!g->repo || !r->nfetch || r->fetch[0].transport != GIT_URL_PATH ||
	    (g->scope != SCOPE_OUTSIDE && g->scope != SCOPE_HOME) ||
	    git_remote_scope(g, r, &r->fetch[0], false, &why) ==
		SCOPE_TRUSTED ||
	    !is_ours(g, &r->fetch[0]))
		return;
	place = g->repo->worktree ? g->repo->worktree : g->repo->gitdir;
	fx = effects_add(g->fx, EFFECT_NET_SEND, SCOPE_FOREIGN, place);
	fx->undo = UNDO_NO;
	fx->why = git_text(g,
			   "%s is not one of this work's repositories; "
			   "fetching %s into it is a push to it",
			   text_safe(g->ctx, place),
			   git_url_safe(g, r->fetch[0].text));
	fx->instead = "git push to one of the project's own remotes; "
		      "the person can add another";
}

void
git_judge_fetch(struct git_call *g, const struct git_remote *r, size_t first)
{
	const struct options *o = &g->opt;
	bool force = options_on(o, "force");
	struct effect *fx;

	git_fetch_sends(g, r);
	judge_refspecs(g, r, first, force);
	if (prunes(g, r, "prune")) {
		git_loses(g,
			  git_effect(g, EFFECT_REF_DELETE,
				     git_text(g,
					      "refs of %s that are gone "
					      "there",
					      r->name ? r->name : "it")),
			  LOSS_REFS);
		local_journal(g, LOSS_REFS);
	}
	if (prunes(g, r, "prunetags")) {
		fx = git_effect(g, EFFECT_REF_DELETE,
				"tags that the remote does not have");
		git_loses(g, fx, LOSS_REFS);
		fx->instead = "git fetch --prune";
		local_journal(g, LOSS_REFS);
	}
	if (force && options_on(o, "tags")) {
		git_loses(g, git_effect(g, EFFECT_REF_OVERWRITE, "tags"),
			  LOSS_REFS);
		local_journal(g, LOSS_REFS);
	}
	if ((options_value(o, "depth") || options_value(o, "shallow-since") ||
	     options_value(o, "shallow-exclude")) &&
	    !path_exists(git_text(g, "%s/shallow", g->repo->commondir))) {
		fx = git_effect(g, EFFECT_REFLOG_EXPIRE,
				"history beyond the depth");
		git_loses(g, fx, LOSS_REFS | LOSS_STATE | LOSS_OBJECTS);
		fx->instead = "git fetch without --depth";
	}
	if (options_on(o, "set-upstream")) {
		local_branch_keys(g, git_current_branch(g));
		git_loses(g, NULL, LOSS_CONFIG);
	}
}

/* Calls each with every remote that the operands mean. */
int
git_every_remote(struct git_call *g,
		 int (*each)(struct git_call *g, const struct git_remote *r,
			     size_t first, struct err *e),
		 bool all, bool multiple, struct err *e)
{
	const struct options *o = &g->opt;
	const char *key, *group;
	struct git_remote r;
	char *names, *name, *save;
	size_t i, n;
	int rc = 0;

	if (all) {
		for (i = 0; rc == 0 && i < g->settings->n; i++) {
			key = g->settings->v[i].key;
			n = strlen(key);
			if (strncmp(key, "remote.", 7) || n <= 11 ||
			    strcmp(key + n - 4, ".url"))
				continue;
			rc = git_remote_look(
			    g, git_text(g, "%.*s", (int)(n - 11), key + 7), &r,
			    e);
			if (rc == 0)
				rc = each(g, &r, SIZE_MAX, e);
		}
		return rc;
	}
	if (o->noperands == 0) {
		rc = git_remote_look(g, git_default_remote(g, false), &r, e);
		return rc < 0 ? rc : each(g, &r, SIZE_MAX, e);
	}
	for (i = 0; rc == 0 && i < (multiple ? o->noperands : 1); i++) {
		group =
		    git_setting(g, git_text(g, "remotes.%s", o->operands[i]));
		names = git_text(g, "%s", group ? group : o->operands[i]);
		for (name = group ? strtok_r(names, " \t\n", &save) : names;
		     rc == 0 && name;
		     name = group ? strtok_r(NULL, " \t\n", &save) : NULL) {
			rc = git_remote_look(g, name, &r, e);
			if (rc == 0)
				rc = each(g, &r,
					  multiple || group ? SIZE_MAX : 1, e);
		}
	}
	return rc;
}

int
git_fetch_one(struct git_call *g, const struct git_remote *r, size_t first,
	      struct err *e)
{
	int rc = git_contact(g, r, e);

	if (rc == 0)
		git_judge_fetch(g, r, first);
	return rc;
}

/* The first fetch with a filter makes the remote one that may be asked for
 * what is missing (list-objects-filter-options.c of git 2.39). */
static void
makes_partial(struct git_call *g)
{
	const char *name = g->opt.noperands ? g->opt.operands[0]
					    : git_default_remote(g, false);

	g->cmd->need.box = GIT_BOX_CONFIG;
	git_config_changes(g, "core.repositoryformatversion");
	git_config_changes(g, "extensions.partialclone");
	git_config_changes(g, git_text(g, "remote.%s.promisor", name));
	git_config_changes(g,
			   git_text(g, "remote.%s.partialclonefilter", name));
}

int
git_do_fetch(struct git_call *g, struct err *e)
{
	if (options_on(&g->opt, "stdin"))
		return err_set(e, ERR_UNKNOWN,
			       "git fetch --stdin takes refspecs that cannot "
			       "be seen; instead: give them as arguments");
	git_binds_submodules(g);
	if (options_value(&g->opt, "filter"))
		makes_partial(g);
	return git_every_remote(g, git_fetch_one, options_on(&g->opt, "all"),
				options_on(&g->opt, "multiple"), e);
}

int
git_do_ls_remote(struct git_call *g, struct err *e)
{
	struct git_remote r;
	int rc;

	if (options_on(&g->opt, "get-url")) {
		g->cmd->need.box = GIT_BOX_READ;
		return 0;
	}
	rc = git_remote_look(g,
			     g->opt.noperands ? g->opt.operands[0]
					      : git_default_remote(g, false),
			     &r, e);
	return rc < 0 ? rc : git_contact(g, &r, e);
}

/* Asks the second operand what it has, by ls-remote. */
int
git_do_request_pull(struct git_call *g, struct err *e)
{
	struct git_remote r;
	int rc;

	if (g->opt.noperands < 2)
		return 0;
	rc = git_remote_look(g, g->opt.operands[1], &r, e);
	return rc < 0 ? rc : git_contact(g, &r, e);
}
