/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What reviewers rely on: hooks that would be skipped, signatures that would
 * be left out, commits that are already on a remote.  State decides: without
 * a hook there is nothing to skip.
 */
#include "base/mutant.h"
#include "base/text.h"
#include "tools/git_local.h"
#include <talloc.h>

const char *
local_without(struct git_call *g, const char *option)
{
	const char **argv = talloc_zero_array(
	    g->ctx, const char *, g->nglobals + g->opt.ncanonical + 3);
	size_t n = 0, len = strlen(option);

	argv[n++] = "git";
	for (size_t i = 0; i < g->nglobals; i++)
		argv[n++] = g->globals[i];
	argv[n++] = g->word;
	for (size_t i = 0; i < g->opt.ncanonical; i++) {
		const char *a = g->opt.canonical[i];

		if (strncmp(a, "--", 2) != 0 ||
		    strncmp(a + 2, option, len) != 0 ||
		    (a[2 + len] && a[2 + len] != '='))
			argv[n++] = a;
	}
	return text_command(g->ctx, argv, 200);
}

void
local_skips_hooks(struct git_call *g, const char *const *hooks)
{
	const char *found = NULL;

	if (!options_on(&g->opt, "no-verify") &&
	    !options_off(&g->opt, "verify"))
		return;
	for (; *hooks && !mutant("checks"); hooks++) {
		if (!git_has_hook(g, *hooks))
			continue;
		found = found ? git_text(g, "%s, %s", found, *hooks) : *hooks;
	}
	if (found) {
		struct effect *fx =
		    local_note(g, EFFECT_REVIEW_BYPASS, "--no-verify");

		fx->why = git_text(g,
				   "skips the project's hook: %s; its "
				   "output says what to mend",
				   found);
		fx->instead = local_without(g, "no-verify");
	}
}

void
local_unsigned(struct git_call *g)
{
	const char *wanted;
	struct effect *fx;
	bool by_option = options_off(&g->opt, "gpg-sign");

	if (!by_option && (options_on(&g->opt, "gpg-sign") ||
			   git_setting_bool(g, "commit.gpgsign", false)))
		return;
	wanted = local_setting_below(g, "commit.gpgsign");
	if (!wanted || !local_truth(wanted) || mutant("signing"))
		return;
	fx = local_note(g, EFFECT_GUARD_WEAKEN, "commit.gpgsign");
	if (fx->scope != SCOPE_SCRATCH)
		fx->scope = SCOPE_WORKSPACE;
	fx->why = "commits are signed here";
	fx->instead = by_option ? local_without(g, "no-gpg-sign") : NULL;
}

static bool
has(struct git_call *g, const char *ref, const git_oid *oid)
{
	git_oid tip;

	return git_reference_name_to_id(&tip, local_repo(g), ref) == 0 &&
	       local_contains(g, &tip, oid);
}

/* Looks where the branch would have been pushed to, and at the default
 * branches; not at every remote ref, which takes a second in large clones. */
const char *
local_published(struct git_call *g, const git_oid *oid)
{
	git_repository *r = local_repo(g);
	const char *head = local_head(g), *found = NULL;
	git_strarray remotes = {0};
	git_buf up = {0};

	if (!r)
		return NULL;
	if (head && git_branch_upstream_name(&up, r, head) == 0 &&
	    !strncmp(up.ptr, "refs/remotes/", 13) && has(g, up.ptr, oid))
		found = talloc_strdup(g->ctx, up.ptr + 13);
	git_buf_dispose(&up);
	if (found || git_remote_list(&remotes, r) != 0)
		return found;
	for (size_t i = 0; i < remotes.count && !found; i++) {
		const char *ref = NULL;

		if (head && !strncmp(head, "refs/heads/", 11))
			ref = git_text(g, "refs/remotes/%s/%s",
				       remotes.strings[i], head + 11);
		if (!ref || !has(g, ref, oid))
			ref = git_text(g, "refs/remotes/%s/HEAD",
				       remotes.strings[i]);
		if (has(g, ref, oid))
			found = local_follow(g, ref) + 13;
	}
	git_strarray_dispose(&remotes);
	return found;
}
