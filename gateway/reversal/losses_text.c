/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far each effect can be undone, and a text that says what would be
 * lost: "2 modified files (src/a.c, b.c), 1 untracked file (notes)".
 */
#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include "reversal/reversal_work.h"
#include <string.h>

/* Findings of one kind within an effect. */
struct tally {
	const char *noun;
	size_t n;
	const char *names[5];
	size_t nnames;
};

enum {
	TALLY_MODIFIED,
	TALLY_DELETED,
	TALLY_UNTRACKED,
	TALLY_IGNORED,
	TALLY_WAY,
	TALLY_NESTED,
	TALLY_PATH,
	TALLY_COUNT
};

static const char *const nouns[TALLY_COUNT] = {
    "modified file", "deleted tracked file",	  "untracked file",
    "ignored file",  "untracked file in its way", "file of a nested repository",
    "file"};

static int
tally_of(enum found_what what)
{
	switch (what) {
	case FOUND_MODIFIED:
		return TALLY_MODIFIED;
	case FOUND_DELETED:
		return TALLY_DELETED;
	case FOUND_UNTRACKED:
		return TALLY_UNTRACKED;
	case FOUND_IGNORED:
		return TALLY_IGNORED;
	case FOUND_IN_THE_WAY:
		return TALLY_WAY;
	case FOUND_NESTED:
		return TALLY_NESTED;
	case FOUND_PATH:
		return TALLY_PATH;
	case FOUND_CONVERTED:
	case FOUND_DIR:
	case FOUND_ABSENT:
		break;
	}
	return -1;
}

static char *
add_part(char *text, const char *part)
{
	return have(
	    talloc_asprintf_append(text, "%s%s", *text ? ", " : "", part));
}

static char *
names_text(void *ctx, const char *const *names, size_t n, size_t total,
	   size_t show)
{
	char *s = have(talloc_strdup(ctx, ""));

	for (size_t i = 0; i < n && i < show; i++)
		s = add_part(s, text_safe(ctx, names[i]));
	if (total > show)
		s = have(talloc_asprintf_append(s, ", ..."));
	return s;
}

static char *
tally_text(void *ctx, const struct tally *t, size_t show)
{
	return have(
	    talloc_asprintf(ctx, "%s (%s)", text_count(ctx, t->n, t->noun),
			    names_text(ctx, t->names, t->nnames, t->n, show)));
}

static void
count_files(const struct reversal *r, unsigned losses,
	    struct tally tally[TALLY_COUNT], bool *something)
{
	memset(tally, 0, sizeof(*tally) * TALLY_COUNT);
	for (int i = 0; i < TALLY_COUNT; i++)
		tally[i].noun = nouns[i];
	for (size_t i = 0; i < r->finds.n; i++) {
		const struct found *f = &r->finds.v[i];
		int at = tally_of(f->what);

		if (!(f->losses & losses) || f->what == FOUND_ABSENT)
			continue;
		*something = true;
		if (at < 0)
			continue;
		if (tally[at].nnames < 5)
			tally[at].names[tally[at].nnames++] = f->name;
		tally[at].n++;
	}
}

/* What cannot be kept, with sizes and the first paths; NULL: all can. */
static char *
problems(const struct reversal *r, void *ctx, unsigned losses)
{
	char *text = have(talloc_strdup(ctx, ""));
	const char *names[5];
	size_t n = 0, total = 0;
	uint64_t bytes = 0;

	for (size_t i = 0; i < r->ntrouble; i++)
		if (r->trouble[i].losses & losses)
			text = add_part(text, r->trouble[i].why);
	for (size_t i = 0; i < r->finds.n; i++) {
		const struct found *f = &r->finds.v[i];

		if (!(f->losses & losses) || !f->problem)
			continue;
		if (n < 5)
			names[n++] =
			    talloc_asprintf(ctx, "%s %s", f->name, f->problem);
		total++;
		bytes += f->at.size;
	}
	if (total)
		text = add_part(
		    text,
		    have(talloc_asprintf(ctx, "%s of %s cannot be kept: %s",
					 text_count(ctx, total, "file"),
					 text_bytes(ctx, bytes),
					 names_text(ctx, names, n, total, 5))));
	return *text ? text : NULL;
}

static char *
staged_text(const struct reversal *r, void *ctx)
{
	const struct scan *s = &r->main;

	if (s->unmerged)
		return have(
		    talloc_asprintf(ctx, "%s in conflict",
				    text_count(ctx, s->unmerged, "file")));
	if (s->staged)
		return have(talloc_asprintf(
		    ctx, "%s (%s)", text_count(ctx, s->staged, "staged change"),
		    names_text(ctx, s->staged_names, s->nstaged_names,
			       s->staged, 3)));
	return s->intended
		   ? text_count(ctx, s->intended, "file marked intent-to-add")
		   : NULL;
}

static bool
drops_ref(const struct effect *x)
{
	return x->kind == EFFECT_REF_DELETE ||
	       x->kind == EFFECT_REF_OVERWRITE || x->kind == EFFECT_STASH_DROP;
}

/* Records of the repository beside files: true when there is something. */
static bool
records(struct reversal *r, void *ctx, const struct effect *x, char **text)
{
	unsigned l = x->losses;
	bool something = (l & (LOSS_OBJECTS | LOSS_CONFIG | LOSS_RERERE |
			       LOSS_WORKTREE_ADMIN)) != 0;
	char *part;

	if ((l & LOSS_STATE) && r->common && keep_git_busy(r))
		something = true;

	if ((l & LOSS_INDEX) && (part = staged_text(r, ctx))) {
		*text = add_part(*text, part);
		something = true;
	}
	if (l & LOSS_REFS) {
		if (!drops_ref(x)) {
			something = true;
		} else if ((part = lost_by(r, x))) {
			*text = add_part(*text, part);
			something = true;
		}
	}
	if (l & LOSS_OBJECTS)
		*text = add_part(*text, "unreachable objects and reflogs");
	return something;
}

static void
judge_one(struct reversal *r, struct effect *x)
{
	void *ctx = have(talloc_new(r));
	char *text = have(talloc_strdup(ctx, "")), *bad, *part;
	struct tally tally[TALLY_COUNT];
	bool something = false;

	x->undo = UNDO_YES;
	count_files(r, x->losses, tally, &something);
	something |= records(r, ctx, x, &text);
	for (int i = 0; i < TALLY_COUNT; i++)
		if (tally[i].n)
			text = add_part(text, tally_text(ctx, &tally[i], 3));
	if (something)
		x->undo = UNDO_SNAPSHOT;
	if (x->losses & LOSS_REMOTE_REF) {
		part = remotes_why(r, &x->undo);
		if (part)
			text = add_part(text, part);
	}
	bad = problems(r, ctx, x->losses);
	if (bad) {
		x->undo = UNDO_NO;
		text = add_part(text, bad);
	}
	if (!x->why && *text)
		x->why = have(talloc_strdup(r->fx->ctx, text));
	talloc_free(ctx);
}

void
losses_judge(struct reversal *r)
{
	for (size_t i = 0; i < r->fx->n; i++)
		if (r->fx->v[i].losses)
			judge_one(r, &r->fx->v[i]);
}
