/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Before anything is changed: is everything readable that the entry will be
 * asked for.  Whole objects are read, so that a damaged one shows now.
 */
#include "base/file.h"
#include "base/limits.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "reversal/undo_work.h"
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

int
undo_kept_fd(struct undo *u, const struct value *v, struct err *e)
{
	struct stat st;
	int fd;

	if (u->files_fd < 0)
		return err_set(e, ERR_SYNTAX, "its files are not there");
	fd = file_open_own(u->files_fd, v->text, O_RDONLY, S_IRUSR, e);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    (uint64_t)st.st_size == v->size)
		return fd;
	close(fd);
	return err_set(e, ERR_SYNTAX, "the kept file %s is not what it was",
		       v->text);
}

static bool
has_blob(const struct step *s)
{
	return s->it->before.kind == VALUE_BLOB ||
	       s->it->before.kind == VALUE_LINK;
}

static int
kept_bytes(struct undo *u, const struct value *v, void *ctx, char **bytes,
	   size_t *len, struct err *e)
{
	int fd OWNED_FD = undo_kept_fd(u, v, e);
	ssize_t n;

	if (fd < 0)
		return fd;
	if (v->size > LIMIT_KEEP_BYTES)
		return err_set(e, ERR_LIMIT, "%s is too large", v->text);
	*len = (size_t)v->size;
	*bytes = talloc_size(ctx, *len + 1);
	if (!*bytes)
		BUG("out of memory");
	n = pread(fd, *bytes, *len, 0);
	if (n != (ssize_t)*len)
		return err_sys(e, "reading %s", v->text);
	return 0;
}

int
undo_bytes(struct undo *u, struct step *s, void *ctx, char **bytes, size_t *len,
	   struct err *e)
{
	const struct value *v = &s->it->before;

	if (s->bytes) {
		*bytes = s->bytes;
		*len = s->len;
		return 0;
	}
	if (v->kind == VALUE_INDEX)
		return restore_filter(u, ctx, s->it->name, v->text, bytes, len,
				      e);
	if (v->kind == VALUE_KEPT)
		return kept_bytes(u, v, ctx, bytes, len, e);
	if (!has_blob(s))
		BUG("value of kind %d has no bytes", (int)v->kind);
	return vault_get(ctx, u->vault, v->text, bytes, len, e);
}

static int
check_blob(struct undo *u, struct step *s, struct err *e)
{
	const struct value *v = &s->it->before;
	char *bytes;
	size_t len;
	int rc;

	rc = vault_get(u->ctx, u->vault, v->text, &bytes, &len, e);
	if (rc < 0)
		return rc;
	if (v->kind == VALUE_BLOB && len != v->size)
		rc = err_set(e, ERR_SYNTAX, "%zu bytes, not %llu", len,
			     (unsigned long long)v->size);
	else if (v->kind == VALUE_LINK &&
		 (len == 0 || len >= PATH_MAX || memchr(bytes, 0, len)))
		rc = err_set(e, ERR_SYNTAX, "not the text of a link");
	if (rc == 0 && has_blob(s) && u->held + len <= UNDO_HOLD) {
		u->held += len;
		s->bytes = bytes;
		s->len = len;
	} else {
		talloc_free(bytes);
	}
	return rc;
}

/* The object itself, whole; not what it leads to: that is what the entry's
 * pin in the vault is for. */
static int
check_object(struct undo *u, const char *hex, struct err *e)
{
	git_odb_object *object;
	git_oid oid;

	if (strlen(hex) == 64)
		return restore_by_git_has(u, hex, e);
	if (git_oid_fromstr(&oid, hex) < 0 ||
	    git_odb_read(&object, u->vault->odb, &oid) < 0)
		return err_git(e, "object %s", hex);
	git_odb_object_free(object);
	return 0;
}

static int
check_step(struct undo *u, struct step *s, struct err *e)
{
	const struct value *v = &s->it->before;
	int fd OWNED_FD = -1;

	switch (v->kind) {
	case VALUE_BLOB:
	case VALUE_LINK:
	case VALUE_INDEX:
		return check_blob(u, s, e);
	case VALUE_OID:
		return check_object(u, v->text, e);
	case VALUE_KEPT:
		if (s->it->kind == ITEM_OBJECTS)
			return 0;
		fd = undo_kept_fd(u, v, e);
		return fd < 0 ? fd : 0;
	case VALUE_ABSENT:
	case VALUE_SYMREF:
	case VALUE_DIR:
	case VALUE_NODE:
		return 0;
	case VALUE_UNKNOWN:
	case VALUE_OTHER:
		break;
	}
	BUG("step with a value of kind %d", (int)v->kind);
}

/* Does the value suit the kind of item?  A hand-made manifest may lie. */
static bool
suits(const struct item *it)
{
	enum value_kind k = it->before.kind;

	switch (it->kind) {
	case ITEM_REF:
	case ITEM_REMOTE:
		return k == VALUE_OID || k == VALUE_ABSENT ||
		       (k == VALUE_SYMREF && it->kind == ITEM_REF);
	case ITEM_OBJECTS:
		return k == VALUE_KEPT;
	case ITEM_FILE:
		return k != VALUE_OID && k != VALUE_SYMREF;
	case ITEM_GITFILE:
	case ITEM_PATH:
		return k != VALUE_OID && k != VALUE_SYMREF && k != VALUE_INDEX;
	}
	return false;
}

int
undo_check(struct undo *u, struct err *e)
{
	for (size_t i = 0; i < u->n; i++) {
		struct step *s = &u->steps[i];
		int rc = 0;

		if (s->what != STEP_BACK && s->what != STEP_BESIDE)
			continue;
		if (!suits(s->it))
			rc = err_set(e, ERR_SYNTAX, "not a value it can have");
		else
			rc = check_step(u, s, e);
		if (rc < 0) {
			char *name = text_safe(u->ctx, s->it->name);

			err_wrap(e, "entry %llu is damaged: %s",
				 (unsigned long long)u->m.id, name);
			if (e)
				e->code = ERR_SYNTAX;
			return ERR_SYNTAX;
		}
	}
	return 0;
}
