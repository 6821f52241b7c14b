/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Staged versions that neither HEAD nor the file on disk has: the index is
 * the only place where they have a name, and staging the file again takes it
 * away.  Where nothing is staged this costs reading the index.
 */
#include "base/memory.h"
#include "base/own.h"
#include "base/text.h"
#include "reversal/by_git.h"
#include "reversal/reversal_work.h"
#include <string.h>

/* Entries of the index that HEAD has not, conflicts left out: their blobs
 * are in commits. */
struct staged {
	struct reversal *r;
	struct index_entry *v;
	size_t n, room;
};

static int
note(void *data, const char *path, const struct tree_entry *in_tree,
     const struct index_entry *in_index)
{
	struct staged *s = data;

	(void)path;
	(void)in_tree;
	if (!in_index || index_stage(in_index) ||
	    index_intent_to_add(in_index) ||
	    ((index_mode(in_index) & 0170000) != 0100000 &&
	     (index_mode(in_index) & 0170000) != 0120000))
		return 0;
	GROW(s->r, s->v, s->n, s->room);
	s->v[s->n++] = *in_index;
	return 0;
}

static int
compare_with_head(struct staged *s, struct err *e)
{
	struct reversal *r = s->r;
	git_object *tree = NULL;
	git_odb *odb = NULL;
	int rc;

	if (by_git_wanted(r)) {
		rc = by_git_diff(r, "HEAD", note, s, e);
		for (size_t i = 0; rc == 1 && i < r->main.x.n; i++)
			note(s, NULL, NULL, &r->main.x.v[i]);
		return rc < 0 ? rc : 0;
	}
	if (!r->repo->git || r->main.x.id_len != 20 || !r->main.x.v ||
	    git_repository_odb(&odb, r->repo->git) < 0)
		return 0;
	if (git_revparse_single(&tree, r->repo->git, "HEAD^{tree}") < 0)
		tree = NULL;
	rc = tree_diff(odb, tree ? git_object_id(tree) : NULL, &r->main.x, note,
		       s, e);
	git_object_free(tree);
	git_odb_free(odb);
	return rc;
}

/* Looks at those files only; an index of their entries stands for all. */
static int
only_in_index(struct staged *s, struct err *e)
{
	struct reversal *r = s->r;
	struct scan part = r->main;
	struct finds ignored = {.ctx = r};
	int rc;

	part.x.v = s->v;
	part.x.n = s->n;
	rc = scan_tracked(r, &part, r->tree, 0, &ignored, e);
	for (size_t i = 0; i < s->n && !rc; i++) {
		char *hex;

		if (part.state[i] == TRACKED_CLEAN ||
		    index_skip_worktree(&s->v[i]))
			continue;
		hex = text_hex(r, index_id(&s->v[i]), r->main.x.id_len);
		GROW(r, r->alone, r->nalone, r->alone_room);
		r->alone[r->nalone].path = have(talloc_strdup(r, s->v[i].path));
		r->alone[r->nalone++].id = hex;
	}
	return rc;
}

int
assess_staged(struct reversal *r, struct err *e)
{
	struct staged s = {.r = r};
	int rc = 0;

	r->what &= ~(unsigned)LOSS_STAGED;
	/* whoever discards the index keeps it anyway */
	if (!r->common || !r->tree || (r->what & LOSS_INDEX))
		return 0;
	rc = assess_index(r, e);
	if (rc == 0 && !r->main.x.split)
		rc = compare_with_head(&s, e);
	if (rc == 0 && s.n)
		rc = only_in_index(&s, e);
	/* read again under the lock */
	memset(&r->main, 0, sizeof(r->main));
	r->indexed = false;
	r->ntrouble = 0;
	if (r->nalone)
		r->what |= LOSS_INDEX;
	return rc;
}

bool
staged_gone(const struct reversal *r, const struct index_file *now)
{
	for (size_t i = 0; i < r->nalone; i++) {
		const struct index_entry *ie =
		    index_find(now, r->alone[i].path);
		char *hex =
		    ie ? text_hex(NULL, index_id(ie), now->id_len) : NULL;
		bool same = hex && !strcmp(hex, r->alone[i].id);

		talloc_free(hex);
		if (!same)
			return true;
	}
	return false;
}
