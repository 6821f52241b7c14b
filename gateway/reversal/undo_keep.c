/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The new entry, which undoes the undo: before anything is changed, the
 * present of whatever will be; afterwards, what was put there.  The second
 * part is also the verification.
 */
#include "base/file.h"
#include "base/limits.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/undo_work.h"
#include "reversal/vault_store.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Beyond so many files or so many bytes in one, hard links instead of blobs:
 * a link takes 13 us, a small blob 80 us (ext4). */
#define KEEP_BLOBS	2000
#define KEEP_BLOB_BYTES (1u << 20)

static void
add_text(void *ctx, const char ***list, size_t *n, const char *text)
{
	if ((*n & (*n - 1)) == 0) {
		size_t room = *n ? *n * 2 : 1;

		*list =
		    talloc_realloc(ctx, *list, const char *, (unsigned)room);
		if (!*list)
			BUG("out of memory");
	}
	(*list)[(*n)++] = text;
}

/* The file itself goes into the new entry, by link where possible.  What
 * replaces it comes by rename, so nobody but a process that holds it open
 * can still write to it. */
static int
keep_file(struct undo *u, struct step *s, struct value *v, struct err *e)
{
	char *to = talloc_asprintf(u->ctx, "%u", u->serial++);
	int dir OWNED_FD = -1, parent OWNED_FD = -1, in OWNED_FD = -1;
	int out OWNED_FD = -1;
	char *path = talloc_asprintf(u->ctx, "%s/files", u->new_dir);
	const char *base;

	if (!to || !path)
		BUG("out of memory");
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return err_sys(e, "making %s", path);
	dir = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	parent = undo_parent(undo_dirfd(u, s->it), s->it->name, &base);
	if (dir < 0 || parent < 0)
		return err_sys(e, "keeping %s", base);
	v->kind = VALUE_KEPT;
	v->text = to;
	if (s->seen.st.st_nlink == 1 && linkat(parent, base, dir, to, 0) == 0)
		return 0;
	in = openat(parent, base,
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	out = openat(dir, to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (in < 0 || out < 0)
		return err_sys(e, "keeping %s", base);
	return file_copy_fd(in, out, e);
}

static int
keep_blob(struct undo *u, struct step *s, struct value *v, struct err *e)
{
	char *hex = talloc_zero_size(u->ctx, 41);
	int parent OWNED_FD = -1;
	const char *base;
	int rc;

	if (!hex)
		BUG("out of memory");
	parent = undo_parent(undo_dirfd(u, s->it), s->it->name, &base);
	if (parent < 0)
		rc = err_sys(e, "opening the folder of %s", s->it->name);
	else if (s->seen.kind == SEEN_LINK)
		rc = vault_put(u->vault, s->seen.link, strlen(s->seen.link),
			       hex, e);
	else
		rc = vault_put_file(u->vault, parent, base, hex, e);
	if (rc < 0)
		return rc;
	v->kind = s->seen.kind == SEEN_LINK ? VALUE_LINK : VALUE_BLOB;
	v->text = hex;
	add_text(u->ctx, &u->blobs, &u->nblobs, hex);
	return 0;
}

static int
keep_step(struct undo *u, struct step *s, bool many, struct err *e)
{
	const struct seen *seen = &s->seen;
	struct item *it = manifest_add(&u->now, s->it->kind, s->it->name);
	struct value v = {.mode = seen->st.st_mode,
			  .size = (uint64_t)seen->st.st_size};
	int rc = 0;

	s->kept = true;
	if (!undo_is_file(s->it->kind)) {
		it->before = s->now;
		if (s->now.kind == VALUE_OID && s->it->kind == ITEM_REF)
			add_text(u->ctx, &u->commits, &u->ncommits,
				 s->now.text);
		return 0;
	}
	switch (seen->kind) {
	case SEEN_FILE:
		rc = many || v.size > KEEP_BLOB_BYTES ? keep_file(u, s, &v, e)
						      : keep_blob(u, s, &v, e);
		break;
	case SEEN_LINK:
		rc = keep_blob(u, s, &v, e);
		break;
	case SEEN_ABSENT:
	case SEEN_DIR:
	case SEEN_OTHER:
		rc = undo_value(u, s, &v, e);
		break;
	}
	v.mtime_s = (uint64_t)seen->st.st_mtim.tv_sec;
	v.mtime_ns = (uint64_t)seen->st.st_mtim.tv_nsec;
	it->before = v;
	return rc < 0 ? err_wrap(e, "keeping what is there now") : 0;
}

int
undo_keep(struct undo *u, struct err *e)
{
	size_t files = 0;
	int rc = 0;

	for (size_t i = 0; i < u->n; i++)
		files += u->steps[i].what == STEP_BACK &&
			 u->steps[i].seen.kind == SEEN_FILE;
	for (size_t i = 0; i < u->n && rc == 0; i++) {
		struct step *s = &u->steps[i];

		if (s->what != STEP_BACK || s->it->kind == ITEM_OBJECTS)
			continue;
		rc = keep_step(u, s, files > KEEP_BLOBS, e);
	}
	if (rc == 0)
		rc = vault_pin(u->vault, u->now.id, u->blobs, u->nblobs,
			       u->commits, u->ncommits, e);
	/* the manifest's fsync comes last and covers the rest */
	if (rc == 0)
		rc = vault_settle(u->vault, e);
	if (rc == 0)
		rc = manifest_write(&u->now, u->new_dir, e);
	return rc;
}

/* What stands at the place now. */
static int
look_again(struct undo *u, struct step *s, struct value *v, struct err *e)
{
	int rc;

	if (s->it->kind == ITEM_REF)
		return restore_ref_read(u, s->as, v, e);
	if (s->it->kind == ITEM_REMOTE)
		return restore_remote_read(u, s->as, v, e);
	rc = undo_see(u, undo_dirfd(u, s->it), s->as, &s->seen, e);
	return rc < 0 ? rc : undo_value(u, s, v, e);
}

/* Is it what was to be put there?  Bytes by their hash, which was taken of
 * what was written, or by the inode of what was linked. */
static bool
is_right(const struct step *s, const struct value *v)
{
	const struct value *b = &s->it->before;

	switch (b->kind) {
	case VALUE_BLOB:
	case VALUE_KEPT:
	case VALUE_INDEX:
		return v->kind == VALUE_BLOB &&
		       ((v->mode ^ b->mode) & 07777) == 0 &&
		       (!s->wrote[0] || strcmp(s->wrote, v->text) == 0);
	default:
		return value_equal(v, b);
	}
}

int
undo_keep_after(struct undo *u, struct err *e)
{
	size_t wrong = 0;
	char *first = NULL;
	int rc = 0;

	for (size_t i = 0; i < u->n && rc == 0; i++) {
		struct step *s = &u->steps[i];
		struct value v = {0};
		struct item *it;

		if (!s->done || s->it->kind == ITEM_OBJECTS)
			continue;
		rc = look_again(u, s, &v, e);
		if (rc < 0)
			break;
		if (!is_right(s, &v) && wrong++ == 0)
			first = text_safe(u->ctx, s->as);
		it = manifest_add(&u->now, s->it->kind, s->as);
		if (s->what == STEP_BESIDE)
			it->before.kind = VALUE_ABSENT;
		it->after = v;
	}
	if (rc == 0)
		rc = manifest_write(&u->now, u->new_dir, e);
	if (rc == 0 && wrong)
		rc = err_set(e, ERR_SYSTEM, "%s is not what was put there%s",
			     first, wrong > 1 ? ", nor are others" : "");
	return rc < 0 ? err_wrap(e, "verifying") : 0;
}
