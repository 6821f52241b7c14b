/* SPDX-License-Identifier: Apache-2.0 */
/*
 * After the command: what is there now, item by item.  Items that are as
 * before go; whether what is left matters to anybody decides about the entry.
 */
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "invocation/git_config_text.h"
#include "reversal/reversal_work.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Directories may have been replaced: descriptors from before are of no use. */
static void
fresh_places(struct reversal *r)
{
	talloc_free(r->root);
	r->root = places_new(r, r->root_fd);
	if (r->common) {
		talloc_free(r->common);
		r->common = places_new(r, r->common_fd);
	}
	if (r->tree) {
		talloc_free(r->tree);
		r->tree = places_new(r, r->tree_fd);
	}
}

/* --- refs -------------------------------------------------------------- */

/* Without a journal only what is lost counts: gone, or moved to where the
 * old value cannot be reached from. */
static bool
ref_matters(struct reversal *r, const struct item *it)
{
	if (r->journal)
		return true;
	if (it->before.kind == VALUE_ABSENT)
		return false;
	if (it->after.kind == VALUE_ABSENT || it->after.kind == VALUE_OTHER)
		return true;
	if (it->before.kind == VALUE_OID && it->after.kind == VALUE_OID)
		return !refs_is_head(it->name) &&
		       lost_between(r, it->before.text, it->after.text);
	return false;
}

static int
compare_refs(struct reversal *r, bool *matters, struct err *e)
{
	struct refs_seen now;
	int rc;

	if (!r->refs_known)
		return 0;
	rc = refs_read(r, r->repo->commondir, &now, e);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < now.n; i++) {
		struct item *it = manifest_add(&r->m, ITEM_REF, now.v[i].name);

		if (it->before.kind == VALUE_UNKNOWN)
			it->before.kind = VALUE_ABSENT;
		it->after = now.v[i].value;
	}
	for (size_t i = 0; i < r->m.n; i++) {
		struct item *it = &r->m.items[i];

		if (it->kind != ITEM_REF)
			continue;
		if (it->after.kind == VALUE_UNKNOWN)
			it->after.kind = VALUE_ABSENT;
		if (!*matters && !value_equal(&it->before, &it->after))
			*matters = ref_matters(r, it);
	}
	return 0;
}

/* --- files of the git dir ---------------------------------------------- */

/* A reflog that only grew has lost nothing. */
static bool
log_lost(struct reversal *r, const struct item *it)
{
	char *bytes, hex[41];
	struct mark m;
	size_t len;
	bool lost = true;

	if (it->before.kind != VALUE_BLOB)
		return false;
	if (it->after.kind != VALUE_BLOB ||
	    places_read(r, r->common, it->name, 256u << 20, &m, &bytes, &len,
			NULL) < 0)
		return true;
	if (len >= it->before.size) {
		vault_hash(bytes, it->before.size, GIT_OBJECT_BLOB, hex);
		lost = strcmp(hex, it->before.text) != 0;
	}
	talloc_free(bytes);
	return lost;
}

struct settings {
	void *ctx;
	const char **v;
	size_t n;
	bool missing; /* one that is asked for is not in v */
};

static int
note_setting(void *data, const char *key, const char *value)
{
	struct settings *s = data;

	s->v = have(talloc_realloc(s->ctx, s->v, const char *, s->n + 1));
	s->v[s->n++] =
	    have(talloc_asprintf(s->ctx, "%s=%s", key, value ? value : ""));
	return 0;
}

static int
ask_setting(void *data, const char *key, const char *value)
{
	struct settings *s = data;
	char *line =
	    have(talloc_asprintf(s->ctx, "%s=%s", key, value ? value : ""));

	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->v[i], line))
			return 0;
	s->missing = true;
	return 0;
}

/* A configuration to which something was added has lost nothing. */
static bool
config_lost(struct reversal *r, const struct item *it)
{
	void *ctx = talloc_new(r);
	struct settings s = {.ctx = ctx};
	char *before, *after;
	struct mark m;
	size_t nbefore, nafter;
	bool unread;

	unread =
	    it->before.kind != VALUE_ABSENT &&
	    (it->before.kind != VALUE_BLOB || it->after.kind != VALUE_BLOB ||
	     vault_get(ctx, r->vault, it->before.text, &before, &nbefore,
		       NULL) < 0 ||
	     places_read(r, r->common, it->name, 1u << 20, &m, &after, &nafter,
			 NULL) < 0 ||
	     git_config_text(ctx, after, nafter, note_setting, &s, NULL) < 0 ||
	     git_config_text(ctx, before, nbefore, ask_setting, &s, NULL) < 0);
	talloc_free(ctx);
	return unread || s.missing;
}

static bool
gitfile_matters(struct reversal *r, const struct item *it)
{
	static const char *const passing[] = {"FETCH_HEAD", "ORIG_HEAD",
					      "COMMIT_EDITMSG", NULL};
	bool gone =
	    it->before.kind != VALUE_ABSENT && it->after.kind == VALUE_ABSENT;
	const char *base = path_base(it->name);

	for (size_t i = 0; passing[i]; i++)
		if (!strcmp(base, passing[i]))
			return false;
	if (!strncmp(it->name, "logs/", 5) || strstr(it->name, "/logs/"))
		return (r->what & (LOSS_REFS | LOSS_OBJECTS)) &&
		       log_lost(r, it);
	if (!strcmp(base, "config") || !strcmp(base, "config.worktree"))
		return (r->what & LOSS_CONFIG) && config_lost(r, it);
	if (!strcmp(base, "shallow")) /* cuts off what gc then drops */
		return true;
	if (!strncmp(it->name, "rr-cache/", 9))
		return it->before.kind != VALUE_ABSENT;
	return gone;
}

/* Also stored, so that undo can compare by meaning: git rewrites its index
 * whenever it refreshes stat data. */
static int
compare_index(struct reversal *r, struct item *it, struct index_file *now,
	      bool *matters, struct err *e)
{
	struct index_file *was = &r->main.x;
	struct mark m;
	char hex[41];
	int rc = index_read(r, r->repo->index_file, was->id_len, now, e);

	if (rc == 0 && now->split)
		rc = fallback_split(r, now, e);
	if (rc < 0)
		return rc;
	places_mark(assess_places(r, it->kind), item_rel(it->kind, it->name),
		    &m);
	if (!now->raw) {
		it->after.kind = VALUE_ABSENT;
	} else if (was->raw && was->raw_len == now->raw_len &&
		   !memcmp(was->raw, now->raw, now->raw_len)) {
		it->after = it->before;
	} else {
		rc = vault_put(r->vault, now->raw, now->raw_len, hex, e);
		if (rc < 0)
			return rc;
		it->after = (struct value){.kind = VALUE_BLOB,
					   .mode = m.mode,
					   .size = now->raw_len,
					   .text = have(talloc_strdup(r, hex))};
		GROW(r, r->pins, r->npins, r->pins_room);
		r->pins[r->npins++] = it->after.text;
	}
	if (r->nalone && !r->journal)
		*matters |= staged_gone(r, now);
	else if (!index_same(was, now) &&
		 (r->journal ||
		  ((r->what & LOSS_INDEX) &&
		   (r->main.staged || r->main.unmerged || r->main.intended))))
		*matters = true;
	return 0;
}

static int
compare_gitfiles(struct reversal *r, struct index_file *now, bool *matters,
		 struct err *e)
{
	const char *index;
	enum item_kind kind = assess_name(r, r->repo->index_file, &index);
	int rc = keep_git_new(r, e);

	for (size_t i = 0; i < r->m.n && !rc; i++) {
		struct item *it = &r->m.items[i];
		struct mark m;

		if ((r->scanned || index_alone(r)) && it->kind == kind &&
		    !strcmp(it->name, index)) {
			rc = compare_index(r, it, now, matters, e);
			continue;
		}
		if (it->kind != ITEM_GITFILE ||
		    finds_find(&r->finds, it->kind, it->name))
			continue;
		rc = places_value(r, r->common, it->name, &it->after, &m, e);
		if (rc == 0 && !*matters &&
		    !value_equal(&it->before, &it->after))
			*matters = gitfile_matters(r, it);
	}
	return rc;
}

/* --- files that were found before -------------------------------------- */

/* The kept link is the very file that is there now. */
static int
still_linked(struct reversal *r, struct item *it, const struct found *f,
	     const struct mark *now, struct err *e)
{
	struct places *p = assess_places(r, f->kind);
	struct mark m;

	if (now->size == f->at.size && now->mtime_s == f->at.mtime_s &&
	    now->mtime_ns == f->at.mtime_ns) {
		if (now->mode == f->at.mode) {
			it->after = it->before;
			return 0;
		}
		return places_value(r, p, item_rel(f->kind, f->name),
				    &it->after, &m, e);
	}
	/* written in place: what we hold has changed with it */
	it->before.kind = VALUE_OTHER;
	it->before.text = "written in place";
	return places_value(r, p, item_rel(f->kind, f->name), &it->after, &m,
			    e);
}

/* The same bytes and permissions in another file are no change. */
static int
same_as_kept(struct reversal *r, struct item *it, struct err *e)
{
	struct value kept;
	struct places *p;
	struct mark m;
	int rc;

	if (it->after.kind != VALUE_BLOB || it->before.kind != VALUE_KEPT ||
	    it->after.size != it->before.size ||
	    (it->after.mode & 07777) != (it->before.mode & 07777))
		return 0;
	p = places_new(r, r->files_fd);
	rc = places_value(r, p, it->before.text, &kept, &m, e);
	if (rc == 0 && kept.kind == VALUE_BLOB &&
	    !strcmp(kept.text, it->after.text))
		it->after = it->before;
	talloc_free(p);
	return rc;
}

static int
compare_found(struct reversal *r, struct found *f, bool *matters, struct err *e)
{
	struct item *it = manifest_find(&r->m, f->kind, f->name);
	struct places *p = assess_places(r, f->kind);
	bool linked = f->tier == TIER_LINK;
	struct mark now, m;
	int rc;

	if (!it)
		return 0;
	rc = places_mark(p, item_rel(f->kind, f->name), &now);
	if (rc && rc != ENOENT && rc != ENOTDIR && rc != ELOOP) {
		errno = rc;
		return err_sys(e, "%s", text_safe(r, f->name));
	}
	if (it->before.kind == VALUE_KEPT && linked && now.mode &&
	    now.ino == f->at.ino)
		rc = still_linked(r, it, f, &now, e);
	else if (it->before.kind != VALUE_DIR &&
		 it->before.kind != VALUE_OTHER && now.mode &&
		 mark_same(&now, &f->at, true)) {
		it->after = it->before;
		rc = 0;
	} else {
		rc = places_value(r, p, item_rel(f->kind, f->name), &it->after,
				  &m, e);
		if (rc == 0)
			rc = same_as_kept(r, it, e);
	}
	if (rc == 0 && it->before.kind == VALUE_OTHER &&
	    mark_same(&now, &f->at, true))
		it->after = it->before;
	if (rc == 0 && it->before.kind != VALUE_ABSENT &&
	    it->before.kind != VALUE_OTHER &&
	    !value_equal(&it->before, &it->after) && (f->losses || r->journal))
		*matters = true;
	return rc;
}

static int
compare_finds(struct reversal *r, bool *matters, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < r->finds.n && !rc; i++) {
		struct found *f = &r->finds.v[i];
		struct item *it;
		struct mark m;

		if (f->what != FOUND_ABSENT || f->losses) {
			rc = compare_found(r, f, matters, e);
			continue;
		}
		it = manifest_find(&r->m, ITEM_FILE, f->name);
		if (it && it->before.kind != VALUE_ABSENT)
			continue;
		if (places_mark(r->tree, f->name, &m) != 0 || S_ISDIR(m.mode)) {
			if (it)
				it->after.kind = VALUE_ABSENT;
			continue;
		}
		it = manifest_add(&r->m, ITEM_FILE, f->name);
		it->before.kind = VALUE_ABSENT;
		rc = places_value(r, r->tree, f->name, &it->after, &m, e);
	}
	return rc;
}

/* --- the entry --------------------------------------------------------- */

/* Kept files of items that went. */
static void
let_go(struct reversal *r, const struct item *it)
{
	if (it->before.kind == VALUE_KEPT && it->kind != ITEM_OBJECTS)
		unlinkat(r->files_fd, it->before.text, 0);
}

static void
drop_unchanged(struct reversal *r)
{
	struct manifest old = r->m;

	manifest_init(r, &r->m);
	r->m.id = old.id;
	r->m.time = old.time;
	r->m.session = old.session;
	r->m.commondir = old.commondir;
	r->m.gitdir = old.gitdir;
	r->m.worktree = old.worktree;
	r->m.command = old.command;
	r->m.state = old.state;
	for (size_t i = 0; i < old.n; i++) {
		const struct item *it = &old.items[i];

		if (value_equal(&it->before, &it->after)) {
			let_go(r, it);
			continue;
		}
		*manifest_add(&r->m, it->kind, it->name) = *it;
		if (it->before.kind == VALUE_OTHER)
			let_go(r, it);
	}
}

static int
compare_objects(struct reversal *r, bool *matters, struct err *e)
{
	struct item *it = manifest_find(&r->m, ITEM_OBJECTS, "objects");
	size_t left = 0;
	int rc;

	if (!it)
		return 0;
	rc = keep_objects_trim(r, &left, e);
	if (rc < 0)
		return rc;
	if (left)
		*matters = true;
	else
		it->after = it->before;
	return 0;
}

int
finish_compare(struct reversal *r, bool *matters, struct err *e)
{
	struct index_file now = {0};
	int rc;

	fresh_places(r);
	rc = compare_refs(r, matters, e);
	if (rc == 0 && r->common)
		rc = compare_gitfiles(r, &now, matters, e);
	if (rc == 0)
		rc = compare_finds(r, matters, e);
	if (rc == 0 && r->scanned)
		rc = finish_tracked(r, &now, matters, e);
	if (rc == 0)
		rc = compare_objects(r, matters, e);
	remotes_after(r);
	for (size_t i = 0; i < r->m.n; i++)
		if (r->m.items[i].kind == ITEM_REMOTE &&
		    !value_equal(&r->m.items[i].before, &r->m.items[i].after))
			*matters = true;
	if (rc == 0) {
		drop_unchanged(r);
		finish_parents(r);
	}
	return rc;
}
