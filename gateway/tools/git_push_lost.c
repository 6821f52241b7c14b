/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commits that a push would take from a remote: those that only the ref in
 * question holds there and its new value does not, with their authors.
 */
#include "tools/git_push.h"

#define AUTHORS_SHOWN 3
#define COMMITS_SEEN  1000

/* Will another ref of the remote still hold what it holds? */
static bool
stays(const struct push *p, const struct push_line *l, const char *name)
{
	size_t i;

	if (!strcmp(name, l->to))
		return false;
	for (i = 0; i < p->nlines; i++)
		if (p->lines[i].url == l->url &&
		    !strcmp(p->lines[i].to, name) &&
		    strchr("+-", p->lines[i].flag))
			return false;
	return true;
}

static void
hide_others(const struct push *p, const struct push_there *there,
	    git_revwalk *walk, const struct push_line *l)
{
	git_object *object, *commit;
	size_t i;

	for (i = 0; i < there->nrefs; i++) {
		object = commit = NULL;
		if (stays(p, l, there->refs[i].name) &&
		    git_object_lookup(&object, there->git, &there->refs[i].oid,
				      GIT_OBJECT_ANY) == 0 &&
		    git_object_peel(&commit, object, GIT_OBJECT_COMMIT) == 0)
			git_revwalk_hide(walk, git_object_id(commit));
		git_object_free(commit);
		git_object_free(object);
	}
}

static void
note_author(struct push_lost *lost, const git_signature *who)
{
	size_t used = strlen(lost->authors);

	lost->others++;
	if (!who || lost->nauthors >= AUTHORS_SHOWN ||
	    strstr(lost->authors, who->email))
		return;
	snprintf(lost->authors + used, sizeof(lost->authors) - used,
		 "%s%s <%s>", used ? ", " : "", who->name, who->email);
	lost->nauthors++;
}

static void
note_commit(git_repository *git, struct push_owner *owner, const git_oid *oid,
	    struct push_lost *lost)
{
	git_commit *commit = NULL;
	const char *summary;
	char hex[8];

	lost->commits++;
	if (git_commit_lookup(&commit, git, oid) < 0) {
		lost->unknown = true;
		return;
	}
	if (lost->commits == 1) {
		summary = git_commit_summary(commit);
		git_oid_tostr(hex, sizeof(hex), oid);
		snprintf(lost->newest, sizeof(lost->newest), "%s \"%s\"", hex,
			 summary ? summary : "");
	}
	if (!push_owner_made(owner, commit))
		note_author(lost, git_commit_author(commit));
	git_commit_free(commit);
}

void
push_find_lost(struct push *p, const struct push_there *there,
	       struct push_owner *owner, const struct push_line *l,
	       const git_oid *new, struct push_lost *lost)
{
	git_revwalk *walk = NULL;
	git_oid oid;
	int rc;

	*lost = (struct push_lost){.unknown = true};
	if (!there->git || git_revwalk_new(&walk, there->git) < 0)
		return;
	git_revwalk_sorting(walk, GIT_SORT_TIME);
	if (git_revwalk_push(walk, &l->was) < 0 ||
	    (new &&git_revwalk_hide(walk, new) < 0)) {
		git_revwalk_free(walk);
		return;
	}
	hide_others(p, there, walk, l);
	lost->unknown = false;
	while ((rc = git_revwalk_next(&oid, walk)) == 0 &&
	       lost->commits < COMMITS_SEEN)
		note_commit(there->git, owner, &oid, lost);
	if (rc < 0 && rc != GIT_ITEROVER)
		lost->unknown = true;
	git_revwalk_free(walk);
}
