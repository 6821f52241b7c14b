/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refs that would go away: which commits nothing else reaches, and a text
 * about them.
 */
#include "reversal/lost_commits.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include "reversal/by_git.h"
#include "reversal/reach.h"
#include "reversal/reversal_work.h"
#include <string.h>

/* It is for a text: where it is not known in time, the ref is kept all the
 * same.  A tip older than 10,000 commits of others takes longer. */
#define LOCAL_MS 70

/* Full name of the ref that an effect's object means. */
static const char *
full_name(const struct reversal *r, void *ctx, const char *object)
{
	static const char *const before[] = {"", "refs/", "refs/heads/",
					     "refs/tags/", "refs/remotes/"};

	for (size_t i = 0; object && i < sizeof(before) / sizeof(*before);
	     i++) {
		char *name =
		    have(talloc_asprintf(ctx, "%s%s", before[i], object));
		const struct ref_seen *s = refs_find(&r->refs, name);

		if (s)
			return s->name;
		/* effects carry safe text: compare likewise */
		for (size_t k = 0; strchr(object, '\\') && k < r->refs.n; k++)
			if (!strcmp(text_safe(name, r->refs.v[k].name), name))
				return r->refs.v[k].name;
	}
	return NULL;
}

static bool
goes_away(const struct effect *x)
{
	return (x->losses & LOSS_REFS) && (x->kind == EFFECT_REF_DELETE ||
					   x->kind == EFFECT_REF_OVERWRITE);
}

static void
add_stash(struct reversal *r, struct oids *o)
{
	lost_add_log(r, o, "logs/refs/stash");
}

/* Everything that stays: refs but those that go in this command. */
static void
add_others(struct reversal *r, struct oids *o, bool stash)
{
	const char *gone[64];
	size_t ngone = 0;

	for (size_t i = 0; i < r->fx->n && ngone < 64; i++)
		if (goes_away(&r->fx->v[i])) {
			gone[ngone] = full_name(r, o->ctx, r->fx->v[i].object);
			ngone += gone[ngone] != NULL;
		}
	for (size_t i = 0; i < r->refs.n; i++) {
		const struct ref_seen *s = &r->refs.v[i];
		bool out = s->value.kind != VALUE_OID ||
			   !strncmp(s->name, "refs/notes/", 11) ||
			   (stash && !strcmp(s->name, "refs/stash"));

		for (size_t k = 0; k < ngone && !out; k++)
			out = !strcmp(gone[k], s->name);
		if (!out)
			lost_add_hex(o, s->value.text);
	}
}

static char *
describe(struct reversal *r, const char *name, const git_oid *tip,
	 const struct reach *reach)
{
	char hex[8], *subject = reach_subject(r, r->repo->git, tip);
	char *shown = text_safe(r, name);

	git_oid_tostr(hex, sizeof(hex), tip);
	if (!reach->known)
		return have(talloc_asprintf(
		    r, "%s (tip %s \"%s\"), as far as can be told in time",
		    shown, hex, subject));
	if (!reach->lost)
		return have(talloc_asprintf(r, "%s (object %s)", shown, hex));
	return have(talloc_asprintf(r, "%s only on %s (tip %s \"%s\")",
				    text_count(r, reach->lost, "commit"), shown,
				    hex, subject));
}

bool
lost_is_commit(git_repository *git, const git_oid *id)
{
	git_odb *odb = NULL;
	git_object_t type = GIT_OBJECT_INVALID;
	size_t len;

	if (git_repository_odb(&odb, git) == 0)
		git_odb_read_header(&len, &type, odb, id);
	git_odb_free(odb);
	return type == GIT_OBJECT_COMMIT;
}

static char *
lost_stash(struct reversal *r, const struct effect *x)
{
	struct oids all = {.ctx = r}, others = {.ctx = r};
	git_object *o = NULL;
	char *out;

	if (git_revparse_single(&o, r->repo->git, x->object ? x->object : "") ==
	    0) {
		char *subject =
		    reach_subject(r, r->repo->git, git_object_id(o));
		char hex[8];

		git_oid_tostr(hex, sizeof(hex), git_object_id(o));
		out = have(
		    talloc_asprintf(r, "stash entry %s \"%s\"", hex, subject));
		git_object_free(o);
		return out;
	}
	add_stash(r, &all);
	add_others(r, &others, true);
	if (!all.n && !refs_find(&r->refs, "refs/stash"))
		return NULL;
	return all.n ? have(talloc_asprintf(r, "%zu stash %s", all.n,
					    all.n == 1 ? "entry" : "entries"))
		     : have(talloc_strdup(r, "the stash"));
}

/* The same for objects that libgit2 cannot read. */
static char *
lost_by_git(struct reversal *r, const struct effect *x)
{
	const char *name = full_name(r, r, x->object);
	const struct ref_seen *at = name ? refs_find(&r->refs, name) : NULL;
	const char **others;
	size_t n = 0;

	if (x->kind == EFFECT_STASH_DROP || !at || at->value.kind != VALUE_OID)
		return have(talloc_strdup(r, x->object ? x->object : "refs"));
	others = have(talloc_array(r, const char *, r->refs.n + 1));
	for (size_t i = 0; i < r->refs.n; i++) {
		const struct ref_seen *s = &r->refs.v[i];
		bool out = s->value.kind != VALUE_OID || s == at;

		for (size_t k = 0; k < r->fx->n && !out; k++)
			if (goes_away(&r->fx->v[k])) {
				const char *gone =
				    full_name(r, r, r->fx->v[k].object);

				out = gone && !strcmp(gone, s->name);
			}
		if (!out)
			others[n++] = s->value.text;
	}
	return by_git_lost_by(
	    r, name, !strncmp(name, "refs/heads/", 11) ? name + 11 : name,
	    at->value.text, others, n);
}

char *
lost_by(struct reversal *r, const struct effect *x)
{
	struct oids others = {.ctx = r};
	struct reach reach;
	struct err e = {0};
	const char *name, *hex;
	git_oid tip;

	if (assess_refs(r, &e) == 0 && by_git_wanted(r))
		return lost_by_git(r, x);
	if (!r->refs_known || !r->repo->git)
		return have(talloc_asprintf(r, "refs that cannot be read"));
	if (x->kind == EFFECT_STASH_DROP)
		return lost_stash(r, x);
	name = full_name(r, r, x->object);
	hex = name ? refs_find(&r->refs, name)->value.text : NULL;
	if (!hex || strlen(hex) != 40 || git_oid_fromstr(&tip, hex) < 0)
		return have(talloc_strdup(r, x->object ? x->object : "refs"));
	add_others(r, &others, false);
	for (size_t i = 0; i < others.n; i++)
		if (git_oid_equal(&others.v[i], &tip))
			return NULL;
	reach_lost(NULL, r->repo->git, &tip, 1, others.v, others.n, LOCAL_MS,
		   &reach);
	/* a tag object, or what is no commit at all, is lost by itself */
	if (reach.known && !reach.lost && lost_is_commit(r->repo->git, &tip))
		return NULL;
	return describe(r, !strncmp(name, "refs/heads/", 11) ? name + 11 : name,
			&tip, &reach);
}

bool
lost_between(struct reversal *r, const char *was, const char *now)
{
	struct reach reach;
	git_oid a, b;

	if (!r->repo->git && strlen(was) == 64 && strlen(now) == 64)
		return by_git_lost_between(r, was, now);
	if (!r->repo->git || strlen(was) != 40 || strlen(now) != 40 ||
	    git_oid_fromstr(&a, was) < 0 || git_oid_fromstr(&b, now) < 0)
		return true;
	reach_lost(NULL, r->repo->git, &a, 1, &b, 1, LOCAL_MS, &reach);
	return !reach.known || reach.lost > 0;
}
