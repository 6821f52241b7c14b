/* SPDX-License-Identifier: Apache-2.0 */
/* branch: list, create, reset, rename, copy, delete, configure. */
#include "tools/git_local.h"

static bool
lists(const struct options *o)
{
	static const char *const filters[] = {
	    "list",   "contains",  "no-contains", "with",   "without",
	    "merged", "no-merged", "points-at",	  "forked",
	};

	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++)
		if (options_on(o, filters[i]))
			return true;
	return false;
}

/* refs/heads/NAME as git would make it of an operand ("@{-1}" is one). */
static const char *
branch_ref(struct git_call *g, const char *name)
{
	const char *full;

	if (strchr(name, '@')) {
		full = git_full_ref(g, name);
		if (full && !strncmp(full, "refs/heads/", 11))
			return full;
		if (strstr(name, "@{"))
			return NULL;
	}
	return git_text(g, "refs/heads/%s", name);
}

/* Does the configuration say something about the branch that would go with
 * it? */
static bool
configured(struct git_call *g, const char *short_name)
{
	const char *section = git_text(g, "branch.%s.", short_name);
	size_t len = strlen(section);

	if (!g->settings && git_settings_load(g, NULL) < 0)
		return true;
	for (size_t i = 0; g->settings && i < g->settings->n; i++)
		if (g->settings->v[i].level == SETTING_LOCAL &&
		    !strncmp(g->settings->v[i].key, section, len))
			return true;
	return false;
}

static void
delete_one(struct git_call *g, const char *name, bool remote)
{
	const char *ref, *short_name;
	unsigned more = 0;
	struct effect *fx;

	if (remote) {
		/* git looks for a section of that name all the same */
		local_branch_keys(g, name);
		fx =
		    local_lose(g, EFFECT_REF_DELETE,
			       git_text(g, "refs/remotes/%s", name), LOSS_REFS);
		fx->instead = git_text(
		    g, "git branch keep-%s refs/remotes/%s",
		    strrchr(name, '/') ? strrchr(name, '/') + 1 : name, name);
		return;
	}
	ref = branch_ref(g, name);
	short_name = ref ? ref + 11 : NULL;
	local_branch_keys(g, short_name);
	if (short_name && configured(g, short_name))
		more = LOSS_CONFIG;
	fx = local_ref(g, EFFECT_REF_DELETE, ref, name, LOSS_REFS | more);
	if (fx->scope == SCOPE_PROTECTED)
		fx->instead = "git branch --list --verbose";
}

static void
rename_or_copy(struct git_call *g, bool copy, bool force)
{
	const struct options *o = &g->opt;
	const char *head = local_head(g), *from, *to;

	if (!o->noperands)
		return;
	if (o->noperands > 1)
		from = branch_ref(g, o->operands[0]);
	else
		from = head;
	to = branch_ref(g, o->operands[o->noperands > 1 ? 1 : 0]);
	local_branch_keys(
	    g, from && !strncmp(from, "refs/heads/", 11) ? from + 11 : NULL);
	local_branch_keys(g, to ? to + 11 : NULL);
	if (!copy || force)
		local_journal(g, LOSS_REFS | LOSS_CONFIG);
	if (!copy) {
		/* For whoever protects it, a branch renamed is one gone. */
		if (local_protected(g, from))
			local_ref(g, EFFECT_REF_DELETE, from, "HEAD", 0);
		else
			local_note(g, EFFECT_REF_MOVE, from ? from : "HEAD");
	}
	if (force &&
	    (!to || (local_ref_exists(g, to) && !(from && !strcmp(from, to)))))
		local_ref(g, EFFECT_REF_OVERWRITE, to, "a branch", LOSS_REFS);
	else
		local_note(g, EFFECT_REF_CREATE, to);
}

static void
create(struct git_call *g, bool force)
{
	const struct options *o = &g->opt;
	const char *start = local_operand(g, 1);
	const char *ref = branch_ref(g, o->operands[0]);

	if (force && ref)
		local_set_ref(g, ref, start ? start : "HEAD",
			      EFFECT_REF_OVERWRITE);
	else if (force)
		local_ref(g, EFFECT_REF_OVERWRITE, NULL, o->operands[0],
			  LOSS_REFS);
	else
		local_note(g, EFFECT_REF_CREATE, ref ? ref : o->operands[0]);
	if (options_on(o, "set-upstream") || local_tracks(g, start))
		local_branch_keys(g, ref ? ref + 11 : NULL);
}

/* -u, --unset-upstream, --edit-description */
static void
configure(struct git_call *g)
{
	const char *name = local_operand(g, 0);
	const char *ref = name ? branch_ref(g, name) : local_head(g);
	const char *branch =
	    ref && !strncmp(ref, "refs/heads/", 11) ? ref + 11 : NULL;

	local_branch_keys(g, branch);
	if (!branch || configured(g, branch))
		local_journal(g, LOSS_CONFIG);
}

GIT_DO(branch)
{
	const struct options *o = &g->opt;
	bool force = options_on(o, "force");
	const char *pattern;

	(void)e;
	if (options_on(o, "show-current"))
		return local_reads(g);
	if (options_on(o, "delete") || options_on(o, "D")) {
		for (size_t i = 0; i < o->noperands; i++)
			delete_one(g, o->operands[i], options_on(o, "remotes"));
	} else if (options_on(o, "delete-merged")) {
		for (size_t i = 0;
		     !options_on(o, "dry-run") &&
		     (pattern = options_nth(o, "delete-merged", i));
		     i++)
			local_ref(g, EFFECT_REF_DELETE, NULL, pattern,
				  LOSS_REFS | LOSS_CONFIG);
		local_branch_keys(g, NULL);
	} else if (options_on(o, "move") || options_on(o, "M")) {
		rename_or_copy(g, false, force || options_on(o, "M"));
	} else if (options_on(o, "copy") || options_on(o, "C")) {
		rename_or_copy(g, true, force || options_on(o, "C"));
	} else if (options_on(o, "edit-description") ||
		   options_value(o, "set-upstream-to") ||
		   options_on(o, "unset-upstream")) {
		configure(g);
	} else if (lists(o) || !o->noperands) {
		return local_reads(g);
	} else {
		create(g, force);
	}
	return 0;
}
