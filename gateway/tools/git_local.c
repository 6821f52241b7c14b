/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the words for local work share: HEAD and branches, protected ones,
 * settings, and the bundles of effects that recur.
 */
#include "tools/git_local.h"
#include "base/file.h"
#include "base/path.h"
#include <fcntl.h>
#include <talloc.h>

git_repository *
local_repo(struct git_call *g)
{
	if (!g->repo)
		return NULL;
	if (!g->repo->git && !g->repo->unreadable)
		repository_open(g->ctx, g->repo);
	return g->repo->git;
}

/* The text of $GIT_DIR/HEAD without its newline.  Read as a file, because it
 * is needed for most writes and libgit2 is not. */
static const char *
head_text(struct git_call *g)
{
	const char *path;
	char *text;
	size_t len;

	if (!g->repo)
		return NULL;
	path = git_text(g, "%s/HEAD", g->repo->gitdir);
	if (file_read(g->ctx, AT_FDCWD, path, 4096, &text, &len, NULL) != 0)
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	return text;
}

const char *
local_head(struct git_call *g)
{
	const char *text = head_text(g);

	if (!text || strncmp(text, "ref:", 4) != 0)
		return NULL;
	text += 4 + strspn(text + 4, " \t");
	/* What reftable repositories have there for old readers. */
	if (!strcmp(text, "refs/heads/.invalid"))
		return NULL;
	return text;
}

bool
local_head_detached(struct git_call *g)
{
	const char *text = head_text(g);

	return text && strncmp(text, "ref:", 4) != 0;
}

const char *
local_follow(struct git_call *g, const char *ref)
{
	git_repository *r = local_repo(g);

	for (int depth = 0; r && depth < 5; depth++) {
		git_reference *found;
		const char *next;

		if (git_reference_lookup(&found, r, ref) != 0)
			break;
		next = git_reference_symbolic_target(found);
		if (next)
			ref = talloc_strdup(g->ctx, next);
		git_reference_free(found);
		if (!next)
			break;
	}
	return ref;
}

bool
local_ref_exists(struct git_call *g, const char *ref)
{
	git_repository *r = local_repo(g);
	git_reference *found;

	if (!r)
		return true;
	if (git_reference_lookup(&found, r, ref) != 0)
		return false;
	git_reference_free(found);
	return true;
}

bool
local_protected(struct git_call *g, const char *ref)
{
	const struct scope_rules *rules = g->t ? g->t->rules : NULL;

	if (!rules || !rules->nprotected_branches)
		return false;
	if (!ref)
		return true;
	/* Neither a commit id nor a name that is to be seen. */
	if (!strcmp(ref, "HEAD"))
		return !local_head_detached(g);
	if (!strncmp(ref, "refs/", 5) && strncmp(ref, "refs/heads/", 11) != 0)
		return false;
	return scope_branch_protected(rules, ref);
}

bool
local_contains(struct git_call *g, const git_oid *newer, const git_oid *older)
{
	git_repository *r = local_repo(g);

	if (git_oid_equal(newer, older))
		return true;
	return r && git_graph_descendant_of(r, newer, older) == 1;
}

const char *
local_operand(const struct git_call *g, size_t i)
{
	return i < g->opt.noperands ? g->opt.operands[i] : NULL;
}

const char *
local_rev(struct git_call *g, size_t i)
{
	const char *s = local_operand(g, i);

	return s && !strcmp(s, "-") ? "@{-1}" : s;
}

size_t
local_times(const struct options *o, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n; i++)
		if (!strcmp(o->v[i].name, name))
			n = o->v[i].negated ? 0 : n + 1;
	return n;
}

const char *
local_last(const struct options *o, const char *const *names)
{
	const char *last = NULL;

	for (size_t i = 0; i < o->n; i++)
		for (const char *const *n = names; *n; n++)
			if (!strcmp(o->v[i].name, *n))
				last = o->v[i].negated ? NULL : *n;
	return last;
}

const char *
local_subcommand(struct git_call *g, size_t *first_operand)
{
	*first_operand = 0;
	if (g->opt.subcommand)
		return g->opt.subcommand;
	if (g->opt.noperands)
		*first_operand = 1;
	return local_operand(g, 0);
}

bool
local_truth(const char *value)
{
	static const char *const no[] = {"", "false", "no", "off", "0", NULL};

	for (size_t i = 0; value && no[i]; i++)
		if (!strcasecmp(value, no[i]))
			return false;
	return true;
}

const char *
local_setting_below(struct git_call *g, const char *key)
{
	const char *value = NULL;
	struct err e;

	if (!g->settings && git_settings_load(g, &e) < 0)
		return NULL;
	for (size_t i = 0; g->settings && i < g->settings->n; i++) {
		const struct git_setting *s = &g->settings->v[i];

		if (s->level != SETTING_COMMAND && !strcmp(s->key, key))
			value = s->value ? s->value : "true";
	}
	return value;
}

struct effect *
local_note(struct git_call *g, enum effect_kind kind, const char *object)
{
	struct effect *fx = git_effect(g, kind, object);

	fx->undo = UNDO_YES;
	return fx;
}

struct effect *
local_lose(struct git_call *g, enum effect_kind kind, const char *object,
	   unsigned losses)
{
	struct effect *fx = git_effect(g, kind, object);
	const char *elsewhere;

	git_loses(g, fx, losses);
	elsewhere = losses & ~(LOSS_REFS | LOSS_OBJECTS | LOSS_CONFIG |
			       LOSS_STATE | LOSS_RERERE)
			? git_worktree_elsewhere(g)
			: NULL;
	if (elsewhere) {
		fx->scope = SCOPE_OUTSIDE;
		fx->why = elsewhere;
	}
	return fx;
}

struct effect *
local_ref(struct git_call *g, enum effect_kind kind, const char *ref,
	  const char *shown, unsigned losses)
{
	struct effect *fx = git_effect(g, kind, ref ? ref : shown);

	if (losses)
		git_loses(g, fx, losses);
	else
		fx->undo = UNDO_YES;
	if (local_protected(g, ref))
		fx->scope = SCOPE_PROTECTED;
	return fx;
}

void
local_set_ref(struct git_call *g, const char *ref, const char *to,
	      enum effect_kind kind)
{
	const char *end = local_follow(g, ref);
	git_oid was, will;
	bool known;

	if (!local_ref_exists(g, end)) {
		local_note(g, EFFECT_REF_CREATE, end);
		return;
	}
	known = git_resolves(g, end, &was) && git_resolves(g, to, &will);
	if (known && git_oid_equal(&was, &will))
		return;
	g->cmd->losses.journal = true;
	/* A protected branch may go forward as by a merge, and nowhere else. */
	if (local_protected(g, end) &&
	    !(known && local_contains(g, &will, &was))) {
		struct effect *fx =
		    local_ref(g, EFFECT_REF_OVERWRITE, end, NULL, LOSS_REFS);

		fx->instead = git_text(g, "git switch -c %s-new %s",
				       path_base(end), known ? to : "HEAD");
		return;
	}
	git_loses(g, git_effect(g, kind, end), LOSS_REFS);
}

void
local_advance(struct git_call *g)
{
	const char *head = local_head(g);

	local_note(g, EFFECT_REF_MOVE, head ? head : "HEAD");
}

void
local_journal(struct git_call *g, unsigned losses)
{
	g->cmd->losses.what |= losses;
	g->cmd->losses.journal = true;
}

int
local_reads(struct git_call *g)
{
	g->cmd->need.box = GIT_BOX_READ;
	return 0;
}

void
local_config_box(struct git_call *g)
{
	g->cmd->need.box = GIT_BOX_CONFIG;
	g->cmd->need.config_write = true;
}

void
local_branch_keys(struct git_call *g, const char *branch)
{
	struct need *n = &g->cmd->need;

	local_config_box(g);
	/* "*" stays within one component of a branch's name. */
	if (branch && !strpbrk(branch, "*?[\\")) {
		need_config_key(g->ctx, n, git_text(g, "branch.%s.*", branch));
		return;
	}
	need_config_key(g->ctx, n, "branch.*");
	need_config_key(g->ctx, n, "branch.*/*");
	need_config_key(g->ctx, n, "branch.*/**/*");
}

bool
local_tracks(struct git_call *g, const char *start)
{
	const char *auto_setup = git_setting(g, "branch.autosetupmerge");
	git_repository *r = local_repo(g);
	git_reference *ref = NULL;
	bool remote;

	if (options_off(&g->opt, "track"))
		return false;
	if (options_count(&g->opt, "track"))
		return true;
	if (auto_setup && (!strcasecmp(auto_setup, "always") ||
			   !strcasecmp(auto_setup, "inherit")))
		return true;
	if (!start || (auto_setup && !local_truth(auto_setup)))
		return false;
	if (!r)
		return true;
	if (git_reference_dwim(&ref, r, start) != 0)
		return strstr(start, "@{") != NULL;
	remote = git_reference_is_remote(ref);
	git_reference_free(ref);
	return remote;
}

bool
local_plain_path(struct git_call *g, const char *operand)
{
	for (size_t i = 0; i < g->nglobals; i++)
		if (!strcmp(g->globals[i], "--icase-pathspecs"))
			return false;
	if (invocation_env(g->in, "GIT_ICASE_PATHSPECS"))
		return false;
	return operand[0] && operand[0] != ':' && !strpbrk(operand, "*?[\\");
}

void
local_pathspec_file(struct git_call *g)
{
	const char *name = options_value(&g->opt, "pathspec-from-file");

	if (name)
		git_reads_file(g, name);
}

enum scope
local_paths_scope(struct git_call *g, size_t from)
{
	const struct scope_rules *rules = g->t ? g->t->rules : NULL;

	if (!rules || !rules->nprotected_paths)
		return g->scope;
	for (size_t i = from; i < g->opt.noperands; i++) {
		const char *op = g->opt.operands[i];

		if (local_plain_path(g, op) &&
		    scope_of_path(g->in, rules, g->repo, git_path(g, op)) ==
			SCOPE_PROTECTED)
			return SCOPE_PROTECTED;
	}
	return g->scope;
}

const char *
local_paths_text(struct git_call *g, size_t from)
{
	char *s = NULL;

	for (size_t i = from; i < g->opt.noperands; i++) {
		if (i - from == 3)
			return talloc_strdup_append_buffer(s, " ...");
		s = s ? talloc_asprintf_append_buffer(s, " %s",
						      g->opt.operands[i])
		      : talloc_strdup(g->ctx, g->opt.operands[i]);
	}
	return s;
}

bool
local_autostash(struct git_call *g, const char *key)
{
	if (options_count(&g->opt, "autostash"))
		return options_on(&g->opt, "autostash");
	return git_setting_bool(g, key, false);
}
