/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plainest of the everyday pushes, `git push` and `git push origin BRANCH`,
 * read without running git: branches of this repository that each have an
 * upstream of their own name, which they contain.  Whatever could mean
 * anything else is left to the dry run.
 *
 * A mistake here loses nothing: git itself finds out what it pushes, and the
 * transport passes on what these lines say and nothing beside.
 */
#include "tools/git_push.h"
#include "tools/git_words.h"

/* May "tags/v1", "remotes/x" or their like be meant, as well as or instead of
 * the branch?  (git 2.39, count_refspec_match) */
static bool
is_ambiguous(struct git_call *g, const char *name)
{
	const char *const others[] = {
	    git_text(g, "refs/%s", name), git_text(g, "refs/tags/%s", name),
	    git_text(g, "refs/remotes/%s", name),
	    git_text(g, "refs/remotes/%s/HEAD", name)};
	git_reference *ref = NULL;

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		if (git_reference_lookup(&ref, g->repo->git, others[i]) !=
		    GIT_ENOTFOUND) {
			git_reference_free(ref);
			return true;
		}
	}
	return false;
}

/* The value of a ref that is no other name of another. */
static bool
value_of(git_repository *git, const char *full, git_oid *out)
{
	git_reference *ref = NULL;
	bool direct;

	if (git_reference_lookup(&ref, git, full) < 0)
		return false;
	direct = git_reference_type(ref) == GIT_REFERENCE_DIRECT;
	if (direct)
		git_oid_cpy(out, git_reference_target(ref));
	git_reference_free(ref);
	return direct;
}

static bool
add_branch(struct push *p, const char *branch, const char *from)
{
	struct git_call *g = p->g;
	git_repository *git = g->repo->git;
	struct push_line l = {.flag = ' ',
			      .text = "",
			      .to = git_text(g, "refs/heads/%s", branch)};

	l.from = from ? from : l.to;
	if (is_ambiguous(g, from ? from : branch) ||
	    !value_of(git, l.to, &l.will) ||
	    !value_of(git,
		      git_text(g, "refs/remotes/%s/%s", p->remote.name, branch),
		      &l.was) ||
	    git_graph_descendant_of(git, &l.will, &l.was) != 1)
		return false;
	for (size_t i = 0; i < p->nlines; i++)
		if (!strcmp(p->lines[i].to, l.to))
			return false;
	p->lines =
	    talloc_realloc(g->ctx, p->lines, struct push_line, p->nlines + 1);
	if (!p->lines)
		BUG("out of memory");
	p->lines[p->nlines++] = l;
	return true;
}

static bool
is_setting(struct git_call *g, const char *key, const char *value)
{
	const char *is = git_setting(g, key);

	return is && !strcmp(is, value) && !git_setting_nth(g, key, 1);
}

/* push.default: the current branch, to its upstream. */
static bool
add_current(struct push *p, const char *branch)
{
	struct git_call *g = p->g;

	return branch &&
	       is_setting(g, git_text(g, "branch.%s.remote", branch),
			  p->remote.name) &&
	       is_setting(g, git_text(g, "branch.%s.merge", branch),
			  git_text(g, "refs/heads/%s", branch)) &&
	       add_branch(p, branch, NULL);
}

bool
push_plain(struct push *p)
{
	struct git_call *g = p->g;
	const char *how = git_setting(g, "push.default"), *branch, *name;
	size_t i;

	p->lines = NULL;
	p->nlines = 0;
	if (options_count(&g->opt, "repo") ||
	    (how && strcmp(how, "simple") && strcmp(how, "current")))
		return false;
	branch = git_current_branch(g);
	if (g->opt.noperands <= 1)
		return add_current(p, branch);
	for (i = 1; i < g->opt.noperands; i++) {
		name = g->opt.operands[i];
		if (!strcmp(name, "HEAD")) {
			git_oid unused;

			if (!branch ||
			    value_of(g->repo->git, "refs/heads/HEAD",
				     &unused) ||
			    !add_branch(p, branch, "HEAD"))
				return false;
		} else if (!strcmp(name, "tag") || !add_branch(p, name, NULL)) {
			return false;
		}
	}
	return true;
}
