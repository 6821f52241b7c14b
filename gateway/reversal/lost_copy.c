/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Once refs are gone: what only their old values reach is copied into the
 * vault, since a gc in the project may drop it long before the entry
 * expires.
 */
#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include "reversal/lost_commits.h"
#include "reversal/reach.h"
#include <string.h>
#include <time.h>

#define COPY_OBJECTS 20000u
#define COPY_MS	     2000
#define MAX_LOG	     (16u << 20)

void
lost_add_hex(struct oids *o, const char *hex)
{
	GROW(o->ctx, o->v, o->n, o->room);
	if (hex && strlen(hex) == 40 && strspn(hex, "0") != 40 &&
	    git_oid_fromstr(&o->v[o->n], hex) == 0)
		o->n++;
}

/* "old new who when\tmessage" */
void
lost_add_lines(struct oids *o, const char *text, size_t len)
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
		lost_add_hex(o, hex);
	}
}

void
lost_add_log(struct reversal *r, struct oids *o, const char *name)
{
	struct mark m;
	char *bytes;
	size_t len, from;

	if (places_read(o->ctx, r->common, name, MAX_LOG, &m, &bytes, &len,
			NULL) < 0)
		return;
	/* a line that was cut is passed over */
	from = len > 65536 ? len - 65536 : 0;
	lost_add_lines(o, bytes + from, len - from);
	talloc_free(bytes);
}

/* --- copying ----------------------------------------------------------- */

struct copy {
	struct reversal *r;
	git_odb *odb;
	size_t objects;
	struct timespec until;
};

static bool
enough(const struct copy *c)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return c->objects > COPY_OBJECTS || now.tv_sec > c->until.tv_sec;
}

static bool
adopt(struct copy *c, const git_oid *id)
{
	c->objects++;
	return vault_adopt(c->r->vault, c->odb, id, NULL) == 0;
}

/* A tree with all below it that the other tree has not at the same place. */
static bool
copy_tree(struct copy *c, const git_oid *id, const git_oid *other, int depth)
{
	git_tree *tree = NULL, *base = NULL;
	bool ok;

	if (other && git_oid_equal(id, other))
		return true;
	if (depth > 512 || enough(c) ||
	    git_tree_lookup(&tree, c->r->repo->git, id) < 0)
		return false;
	if (other && git_tree_lookup(&base, c->r->repo->git, other) < 0)
		base = NULL;
	ok = adopt(c, id);
	for (size_t i = 0; ok && i < git_tree_entrycount(tree); i++) {
		const git_tree_entry *t = git_tree_entry_byindex(tree, i);
		const git_tree_entry *b =
		    base ? git_tree_entry_byname(base, git_tree_entry_name(t))
			 : NULL;
		git_object_t type = git_tree_entry_type(t);

		if (type == GIT_OBJECT_TREE)
			ok = copy_tree(c, git_tree_entry_id(t),
				       b && git_tree_entry_type(b) == type
					   ? git_tree_entry_id(b)
					   : NULL,
				       depth + 1);
		else if (type == GIT_OBJECT_BLOB &&
			 !(b && git_oid_equal(git_tree_entry_id(t),
					      git_tree_entry_id(b))))
			ok = adopt(c, git_tree_entry_id(t));
	}
	git_tree_free(base);
	git_tree_free(tree);
	return ok;
}

/* With what its first parent has not: that parent is copied too, or stays. */
static bool
copy_commit(struct copy *c, const git_oid *id)
{
	git_commit *commit = NULL, *parent = NULL;
	bool ok;

	if (git_commit_lookup(&commit, c->r->repo->git, id) < 0)
		return false;
	if (git_commit_parentcount(commit) &&
	    git_commit_parent(&parent, commit, 0) < 0)
		parent = NULL;
	ok = !enough(c) && adopt(c, id) &&
	     copy_tree(c, git_commit_tree_id(commit),
		       parent ? git_commit_tree_id(parent) : NULL, 0);
	git_commit_free(parent);
	git_commit_free(commit);
	return ok;
}

static bool
copy_all(struct reversal *r, const struct reach *reach)
{
	struct copy c = {.r = r};
	bool ok = git_repository_odb(&c.odb, r->repo->git) == 0;

	clock_gettime(CLOCK_MONOTONIC, &c.until);
	c.until.tv_sec += COPY_MS / 1000;
	for (size_t i = 0; ok && i < reach->lost; i++)
		ok = copy_commit(&c, &reach->ids[i]);
	git_odb_free(c.odb);
	return ok;
}

/* --- what to copy ------------------------------------------------------ */

static bool
has(const struct oids *o, const char *hex)
{
	git_oid id;

	if (git_oid_fromstr(&id, hex) < 0)
		return false;
	for (size_t i = 0; i < o->n; i++)
		if (git_oid_equal(&o->v[i], &id))
			return true;
	return false;
}

char *
lost_log_of(void *ctx, const char *ref)
{
	const char *slash = strrchr(ref, '/');

	if (slash && refs_is_head(ref))
		return have(talloc_asprintf(ctx, "%.*s/logs/HEAD",
					    (int)(slash - ref), ref));
	return have(talloc_asprintf(ctx, "logs/%s", ref));
}

bool
lost_stash_log(struct reversal *r, char **bytes, size_t *len)
{
	const struct item *stash =
	    manifest_find(&r->m, ITEM_GITFILE, "logs/refs/stash");

	return stash && stash->before.kind == VALUE_BLOB &&
	       vault_get(r, r->vault, stash->before.text, bytes, len, NULL) ==
		   0;
}

/* A ref that only moved has its old value in its reflog, where it lives for
 * 30 days; with the ref its reflog goes too. */
static bool
in_own_log(struct reversal *r, const struct item *it)
{
	struct oids log = {.ctx = r};

	if (it->after.kind == VALUE_ABSENT || it->kind != ITEM_REF)
		return false;
	lost_add_log(r, &log, lost_log_of(r, it->name));
	return has(&log, it->before.text);
}

/* Ids that an entry's items say were there before. */
static void
add_before(struct reversal *r, struct oids *tips)
{
	char *bytes;
	size_t len;

	for (size_t i = 0; i < r->m.n; i++) {
		const struct item *it = &r->m.items[i];

		if ((it->kind == ITEM_REF || it->kind == ITEM_REMOTE) &&
		    it->before.kind == VALUE_OID && !in_own_log(r, it))
			lost_add_hex(tips, it->before.text);
	}
	if (lost_stash_log(r, &bytes, &len))
		lost_add_lines(tips, bytes, len);
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
	if (!tips.n)
		return;
	for (size_t i = 0; i < now->n; i++)
		if (now->v[i].value.kind == VALUE_OID)
			lost_add_hex(&others, now->v[i].value.text);
	lost_add_log(r, &others, "logs/refs/stash");
	reach_lost(r, r->repo->git, tips.v, tips.n, others.v, others.n,
		   LIMIT_WALK_MS, &reach);
	/* What cannot be copied stays in the project until a gc there, with
	 * git's own settings for two weeks. */
	if (!reach.known || (reach.lost && !copy_all(r, &reach)))
		return;
	*commits = have(talloc_array(r, const char *, tips.n));
	for (size_t i = 0; i < tips.n; i++)
		if (reach.lost || !lost_is_commit(r->repo->git, &tips.v[i]))
			(*commits)[(*n)++] =
			    have(talloc_strdup(r, git_oid_tostr_s(&tips.v[i])));
}
