/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refs that go away: which commits nothing else reaches, and, once they are
 * gone, a copy of those in the vault: a gc in the project may drop them long
 * before the entry expires.
 */
#include "base/limits.h"
#include "base/text.h"
#include "reversal/memory.h"
#include "reversal/reach.h"
#include "reversal/reversal_work.h"
#include <string.h>

/* For a text one need not know it all; and when it is not known, the ref is
 * kept all the same. */
#define LOCAL_MS  300
#define COPY_MOST 20000u /* commits that are copied */

struct oids {
	void *ctx;
	git_oid *v;
	size_t n, room;
};

static void
add_hex(struct oids *o, const char *hex)
{
	GROW(o->ctx, o->v, o->n, o->room);
	if (hex && strlen(hex) == 40 && git_oid_fromstr(&o->v[o->n], hex) == 0)
		o->n++;
}

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

/* New ids of a reflog: "old new who when\tmessage". */
static void
add_log(struct oids *o, const char *text, size_t len)
{
	const char *p = text, *end = text + len, *nl;

	for (; p < end; p = nl + 1) {
		char hex[41];

		nl = memchr(p, '\n', (size_t)(end - p));
		if (!nl)
			nl = end;
		if (nl - p < 82 || p[40] != ' ')
			continue;
		memcpy(hex, p + 41, 40);
		hex[40] = '\0';
		add_hex(o, hex);
	}
}

static void
add_stash(struct reversal *r, struct oids *o)
{
	struct mark m;
	char *bytes;
	size_t len;

	if (places_read(o->ctx, r->common, "logs/refs/stash", 16u << 20, &m,
			&bytes, &len, NULL) == 0)
		add_log(o, bytes, len);
}

/* Everything that stays: refs but those that go in this command. */
static void
add_others(struct reversal *r, struct oids *o, bool stash)
{
	const char *gone[64];
	size_t ngone = 0;

	for (size_t i = 0; i < r->fx->n && ngone < 64; i++)
		if (goes_away(&r->fx->v[i])) {
			gone[ngone] = full_name(r, o->ctx,
						r->fx->v[i].object);
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
			add_hex(o, s->value.text);
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
		    r, "%s (tip %s \"%s\"; what else reaches it cannot be "
		       "told in time)",
		    shown, hex, subject));
	if (!reach->lost)
		return have(talloc_asprintf(r, "%s (object %s)", shown, hex));
	return have(talloc_asprintf(r, "%s only on %s (tip %s \"%s\")",
				    text_count(r, reach->lost, "commit"),
				    shown, hex, subject));
}

static bool
is_commit(git_repository *git, const git_oid *id)
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
		char *subject = reach_subject(r, r->repo->git,
					      git_object_id(o));
		char hex[8];

		git_oid_tostr(hex, sizeof(hex), git_object_id(o));
		out = have(talloc_asprintf(r, "stash entry %s \"%s\"", hex,
					   subject));
		git_object_free(o);
		return out;
	}
	add_stash(r, &all);
	add_others(r, &others, true);
	if (!all.n && !refs_find(&r->refs, "refs/stash"))
		return NULL;
	return all.n ? have(talloc_asprintf(
			   r, "%zu stash %s", all.n,
			   all.n == 1 ? "entry" : "entries"))
		     : have(talloc_strdup(r, "the stash"));
}

char *
lost_by(struct reversal *r, const struct effect *x)
{
	struct oids others = {.ctx = r};
	struct reach reach;
	struct err e = {0};
	const char *name, *hex;
	git_oid tip;

	if (assess_refs(r, &e) < 0 || !r->repo->git)
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
	reach_lost(r->repo->git, &tip, 1, others.v, others.n, 0, LOCAL_MS,
		   &reach);
	/* a tag object, or what is no commit at all, is lost by itself */
	if (reach.known && !reach.lost && is_commit(r->repo->git, &tip))
		return NULL;
	return describe(r, !strncmp(name, "refs/heads/", 11) ? name + 11 : name,
			&tip, &reach);
}

bool
lost_between(struct reversal *r, const char *was, const char *now)
{
	struct reach reach;
	git_oid a, b;

	if (!r->repo->git || strlen(was) != 40 || strlen(now) != 40 ||
	    git_oid_fromstr(&a, was) < 0 || git_oid_fromstr(&b, now) < 0)
		return true;
	reach_lost(r->repo->git, &a, 1, &b, 1, 1, LOCAL_MS, &reach);
	return !reach.known || reach.lost > 0;
}

/* --- copies ------------------------------------------------------------ */

static int
write_pack(struct reversal *r, const struct oids *tips,
	   const struct oids *others)
{
	char *path = have(
	    talloc_asprintf(r, "%s/kept.git/objects/pack", r->vault->dir));
	git_packbuilder *pb = NULL;
	git_revwalk *walk = NULL;
	int rc = git_revwalk_new(&walk, r->repo->git);

	for (size_t i = 0; i < tips->n && !rc; i++)
		if (is_commit(r->repo->git, &tips->v[i]))
			rc = git_revwalk_push(walk, &tips->v[i]);
	for (size_t i = 0; i < others->n && !rc; i++)
		git_revwalk_hide(walk, &others->v[i]);
	if (!rc)
		rc = git_packbuilder_new(&pb, r->repo->git);
	if (!rc)
		git_packbuilder_set_threads(pb, 1);
	if (!rc)
		rc = git_packbuilder_insert_walk(pb, walk);
	if (!rc && git_packbuilder_object_count(pb))
		rc = git_packbuilder_write(pb, path, 0400, NULL, NULL);
	git_packbuilder_free(pb);
	git_revwalk_free(walk);
	return rc;
}

/* Ids that an entry's items say were there before. */
static void
add_before(struct reversal *r, struct oids *tips)
{
	const struct item *stash =
	    manifest_find(&r->m, ITEM_GITFILE, "logs/refs/stash");
	char *bytes;
	size_t len;

	for (size_t i = 0; i < r->m.n; i++) {
		const struct item *it = &r->m.items[i];

		if ((it->kind == ITEM_REF || it->kind == ITEM_REMOTE) &&
		    it->before.kind == VALUE_OID)
			add_hex(tips, it->before.text);
	}
	if (stash && stash->before.kind == VALUE_BLOB &&
	    vault_get(r, r->vault, stash->before.text, &bytes, &len, NULL) ==
		0)
		add_log(tips, bytes, len);
}

void
lost_copy(struct reversal *r, const struct refs_seen *now,
	  const char ***commits, size_t *n)
{
	struct oids tips = {.ctx = r}, others = {.ctx = r};
	struct reach reach;

	if (!r->repo->git)
		return;
	add_before(r, &tips);
	for (size_t i = 0; i < now->n; i++)
		if (now->v[i].value.kind == VALUE_OID)
			add_hex(&others, now->v[i].value.text);
	add_stash(r, &others);
	if (!tips.n)
		return;
	reach_lost(r->repo->git, tips.v, tips.n, others.v, others.n, 0,
		   LIMIT_WALK_MS, &reach);
	/* What cannot be copied stays in the project until a gc there, which
	 * is later than entries expire with git's own settings. */
	if (!reach.known || reach.lost > COPY_MOST ||
	    (reach.lost && write_pack(r, &tips, &others) < 0))
		return;
	*commits = have(talloc_array(r, const char *, tips.n));
	for (size_t i = 0; i < tips.n; i++)
		if (reach.lost || !is_commit(r->repo->git, &tips.v[i]))
			(*commits)[(*n)++] =
			    have(talloc_strdup(r, git_oid_tostr_s(&tips.v[i])));
}
