/* SPDX-License-Identifier: Apache-2.0 */
/* Writes an entry: the files that were found. */
#include "base/limits.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/text.h"
#include "reversal/dir_state.h"
#include "reversal/reversal_work.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

void
keep_pin(struct reversal *r, const struct value *v)
{
	if (v->kind != VALUE_BLOB && v->kind != VALUE_LINK)
		return;
	GROW(r, r->pins, r->npins, r->pins_room);
	r->pins[r->npins++] = v->text;
	r->bytes += v->size;
}

/* Linked (or copied) under a number: what its name was is in the manifest. */
static int
keep_link(struct reversal *r, struct found *f, struct value *v, struct err *e)
{
	struct places *p = assess_places(r, f->kind);
	char name[16];
	struct stat st;
	int rc;

	snprintf(name, sizeof(name), "%u", r->nfiles);
	rc = places_link(p, item_rel(f->kind, f->name), f->tier == TIER_COPY,
			 r->files_fd, name, e);
	if (rc < 0)
		return rc;
	if (fstatat(r->files_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(e, "keeping %s", text_safe(r, f->name));
	r->nfiles++;
	/* it may have been replaced since it was looked at */
	if (S_ISREG(st.st_mode) && st.st_ino == f->at.ino)
		mark_set(&f->at, &st);
	else if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_UNKNOWN, "%s keeps changing",
			       text_safe(r, f->name));
	v->kind = VALUE_KEPT;
	v->mode = f->tier == TIER_COPY ? f->at.mode : st.st_mode;
	v->size = (uint64_t)st.st_size;
	v->text = have(talloc_strdup(r->m.ctx, name));
	/* a link, too: once the name is gone nothing else holds it */
	r->bytes += v->size;
	return 0;
}

int
keep_one(struct reversal *r, struct item *it, struct found *f, struct err *e)
{
	struct places *p = assess_places(r, f->kind);
	const char *rel = item_rel(f->kind, f->name);
	int rc;

	/* TIER_NONE: directories, special files, and what is not there */
	if (f->tier == TIER_LINK || f->tier == TIER_COPY) {
		rc = keep_link(r, f, &it->before, e);
		/* gone since it was looked at */
		if (rc == 0 || (errno != ENOENT && errno != ENOTDIR))
			return rc;
	}
	rc = places_store(r, p, rel, r->vault, &it->before, &f->at, e);
	if (rc == 0 && it->before.kind == VALUE_DIR)
		it->before.text = dir_state(r->m.ctx, p, rel);
	if (rc == 0)
		keep_pin(r, &it->before);
	return rc;
}

int
keep_files(struct reversal *r, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < r->finds.n && !rc; i++) {
		struct found *f = &r->finds.v[i];
		struct item *it;

		/* Whether it is made will show afterwards; should the gateway
		 * die before, undo finds it named. */
		if (f->what == FOUND_ABSENT && !f->losses) {
			if (r->m.n < LIMIT_KEEP_FILES)
				manifest_add(&r->m, f->kind, f->name)
				    ->before.kind = VALUE_ABSENT;
			continue;
		}
		/* Nobody relies on it: the verdict did not. */
		if (f->problem && !f->losses)
			continue;
		it = manifest_add(&r->m, f->kind, f->name);
		/* The person said that it may go although it cannot be kept. */
		if (f->problem) {
			it->before.kind = VALUE_OTHER;
			it->before.text = "not kept";
			continue;
		}
		rc = keep_one(r, it, f, e);
	}
	return rc;
}

/* Clean files that the command is known to change: should the gateway die in
 * between, undo finds them named. */
static void
name_clean(struct reversal *r, const char *path)
{
	const struct index_entry *ie = index_find(&r->main.x, path);
	size_t i = ie ? (size_t)(ie - r->main.x.v) : 0;
	struct item *it;

	if (!ie || r->main.state[i] != TRACKED_CLEAN ||
	    finds_find(&r->finds, ITEM_FILE, path) ||
	    (index_mode(ie) & 0170000) == 0160000)
		return;
	it = manifest_add(&r->m, ITEM_FILE, path);
	tracked_before(r, &r->main, i, &it->before);
}

void
keep_clean(struct reversal *r)
{
	if (!r->main.state || r->nchanging > LIMIT_KEEP_FILES)
		return;
	for (size_t i = 0; i < r->nchanging; i++)
		name_clean(r, r->changing[i]);
}
