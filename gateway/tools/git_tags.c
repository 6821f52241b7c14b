/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refs that are not branches, and plumbing that sets any ref: tag,
 * update-ref, symbolic-ref, refs, replace, notes.
 */
#include "base/text.h"
#include "tools/git_local.h"

static void
set_tag(struct git_call *g, const char *name)
{
	const char *ref = git_text(g, "refs/tags/%s", name);

	if (options_on(&g->opt, "force") && local_ref_exists(g, ref)) {
		git_loses(g, git_effect(g, EFFECT_REF_OVERWRITE, ref),
			  LOSS_REFS);
		g->cmd->losses.journal = true;
	} else {
		local_note(g, EFFECT_REF_CREATE, ref);
	}
}

GIT_DO(tag)
{
	static const char *const filters[] = {
	    "list",    "n",	 "contains",  "no-contains", "with",
	    "without", "merged", "no-merged", "points-at",   "verify",
	};
	const struct options *o = &g->opt;

	(void)e;
	if (options_on(o, "delete")) {
		for (size_t i = 0; i < o->noperands; i++)
			git_loses(g,
				  git_effect(g, EFFECT_REF_DELETE,
					     git_text(g, "refs/tags/%s",
						      o->operands[i])),
				  LOSS_REFS);
		return 0;
	}
	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++)
		if (options_on(o, filters[i]))
			return local_reads(g);
	if (!o->noperands)
		return local_reads(g);
	set_tag(g, o->operands[0]);
	if (options_value(o, "file"))
		git_reads_file(g, options_value(o, "file"));
	return 0;
}

/* Any ref, as read from standard input or a stream. */
static void
any_ref(struct git_call *g, const char *shown)
{
	local_ref(g, EFFECT_REF_OVERWRITE, NULL, shown, LOSS_REFS);
	local_journal(g, LOSS_REFS);
}

static const char *
full_name(struct git_call *g, const char *name, bool deref)
{
	/* The one name outside refs/ that stands for a branch. */
	if (!strcmp(name, "HEAD") && deref) {
		const char *head = local_head(g);

		return head ? head : name;
	}
	return deref ? local_follow(g, name) : name;
}

static void
delete_ref(struct git_call *g, const char *ref)
{
	local_ref(g, EFFECT_REF_DELETE, ref, NULL, LOSS_REFS);
	local_journal(g,
		      LOSS_REFS | (strncmp(ref, "refs/", 5) ? LOSS_STATE : 0));
}

static void
update_one(struct git_call *g, const char *name, const char *to, bool deref)
{
	const char *ref = full_name(g, name, deref);

	if (to[0] && !to[strspn(to, "0")] && strlen(to) >= 40) {
		delete_ref(g, ref);
		return;
	}
	local_set_ref(g, ref, to, EFFECT_REF_OVERWRITE);
	if (strncmp(ref, "refs/", 5) != 0)
		local_journal(g, LOSS_STATE);
}

GIT_DO(update_ref)
{
	const struct options *o = &g->opt;
	bool deref = !options_on(o, "no-deref") && !options_off(o, "deref");

	(void)e;
	if (options_on(o, "stdin"))
		any_ref(g, "refs from standard input");
	else if (!o->noperands)
		return 0;
	else if (options_on(o, "d"))
		delete_ref(g, full_name(g, o->operands[0], deref));
	else if (o->noperands > 1)
		update_one(g, o->operands[0], o->operands[1], deref);
	return 0;
}

GIT_DO(symbolic_ref)
{
	const struct options *o = &g->opt;
	const char *name = local_operand(g, 0), *to = local_operand(g, 1);
	struct effect *fx;

	(void)e;
	if (options_on(o, "delete")) {
		if (name)
			delete_ref(g, name);
		return 0;
	}
	if (!to)
		return local_reads(g);
	if (!strncmp(name, "refs/heads/", 11)) {
		fx = local_note(g, EFFECT_GUARD_WEAKEN, name);
		fx->why = git_text(g,
				   "makes a branch another name of %s; what "
				   "is done to the one happens to the other",
				   text_safe(g->ctx, to));
		fx->instead = git_text(g, "git branch %s %s", name + 11, to);
	}
	local_journal(g, LOSS_REFS);
	if (!strcmp(name, "HEAD")) {
		local_note(g, EFFECT_REF_MOVE, "HEAD");
	} else if (local_ref_exists(g, name)) {
		local_ref(g, EFFECT_REF_OVERWRITE, name, NULL, LOSS_REFS);
	} else {
		local_note(g, EFFECT_REF_CREATE, name);
	}
	return 0;
}

/* Newer than git 2.39. */
GIT_DO(refs)
{
	const struct options *o = &g->opt;
	size_t at;
	const char *sub = local_subcommand(g, &at);
	const char *ref = local_operand(g, at), *to = local_operand(g, at + 1);
	bool deref = !options_on(o, "no-deref") && !options_off(o, "deref");

	if (!sub || !strcmp(sub, "list") || !strcmp(sub, "exists") ||
	    !strcmp(sub, "verify"))
		return local_reads(g);
	if (!strcmp(sub, "optimize"))
		return 0;
	if (!strcmp(sub, "migrate")) {
		if (options_on(o, "dry-run"))
			return 0;
		any_ref(g, "all refs (another storage format)");
		git_loses(g, &g->fx->v[g->fx->n - 1], LOSS_OBJECTS);
		local_config_box(g);
		need_config_key(g->ctx, &g->cmd->need, "extensions.refstorage");
		need_config_key(g->ctx, &g->cmd->need,
				"core.repositoryformatversion");
	} else if (!strcmp(sub, "delete")) {
		if (ref)
			delete_ref(g, full_name(g, ref, deref));
	} else if (!strcmp(sub, "create")) {
		local_note(g, EFFECT_REF_CREATE, ref);
	} else if (!strcmp(sub, "update")) {
		if (ref && to)
			update_one(g, ref, to, deref);
	} else if (!strcmp(sub, "rename")) {
		if (ref)
			delete_ref(g, ref);
		if (to)
			local_note(g, EFFECT_REF_CREATE, to);
	} else {
		return err_set(e, ERR_UNKNOWN, "git refs %s is not known",
			       text_safe(g->ctx, sub));
	}
	return 0;
}

GIT_DO(replace)
{
	const struct options *o = &g->opt;
	const char *what = local_operand(g, 0);
	struct effect *fx;

	(void)e;
	if (options_on(o, "delete")) {
		for (size_t i = 0; i < o->noperands; i++)
			delete_ref(
			    g, git_text(g, "refs/replace/%s", o->operands[i]));
		return 0;
	}
	if (options_on(o, "list") ||
	    (!o->noperands && !options_on(o, "convert-graft-file")))
		return local_reads(g);
	fx = local_note(g, EFFECT_GUARD_WEAKEN, what ? what : "info/grafts");
	fx->why = "git would show another object in its place: the history "
		  "that a reviewer sees is no longer the one that is there";
	fx->instead = "git notes add";
	local_journal(g, LOSS_REFS | LOSS_STATE);
	return 0;
}

GIT_DO(notes)
{
	const struct options *o = &g->opt;
	size_t at;
	const char *sub = local_subcommand(g, &at);
	const char *ref = options_value(o, "ref"), *file;

	(void)e;
	if (!sub || !strcmp(sub, "list") || !strcmp(sub, "show") ||
	    !strcmp(sub, "get-ref") || options_on(o, "dry-run"))
		return local_reads(g);
	if (!ref)
		ref = git_setting(g, "core.notesref");
	if (!ref)
		ref = "refs/notes/commits";
	else if (strncmp(ref, "refs/", 5) != 0)
		ref = git_text(
		    g, strncmp(ref, "notes/", 6) ? "refs/notes/%s" : "refs/%s",
		    ref);
	for (size_t i = 0; (file = options_nth(o, "file", i)); i++)
		git_reads_file(g, file);
	/* Each change is a commit on the notes ref; its reflog keeps the old
	 * one where reflogs of notes are kept. */
	local_ref(g, EFFECT_REF_MOVE, ref, NULL, 0);
	if (options_on(o, "abort") || !strcmp(sub, "merge"))
		local_journal(g, LOSS_STATE | LOSS_REFS);
	else if (!strcmp(sub, "remove") || !strcmp(sub, "prune") ||
		 options_on(o, "force"))
		local_journal(g, LOSS_REFS);
	return 0;
}
