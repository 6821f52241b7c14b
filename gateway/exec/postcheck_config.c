/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration file before and after a command, key by key.  Where a key
 * has changed that the command was not to touch, the file is made again from
 * what it was and the changes that were allowed: nothing of the new text but
 * the values of those keys is taken over.
 */
#include "base/file.h"
#include "base/limits.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "exec/kept.h"
#include "invocation/git_config_text.h"
#include "tools/git_keys.h"
#include <errno.h>
#include <fcntl.h>
#include <git2.h>
#include <string.h>
#include <unistd.h>

struct pair {
	const char *key, *value; /* value NULL: no "=" */
};
struct pairs {
	void *ctx;
	struct pair *v;
	size_t n, room;
};

static int
add_pair(void *data, const char *key, const char *value)
{
	struct pairs *all = data;

	if (all->n == all->room) {
		all->room = all->room ? all->room * 2 : 64;
		all->v = talloc_realloc(all->ctx, all->v, struct pair,
					(unsigned)all->room);
		if (!all->v)
			BUG("out of memory");
	}
	/* the reader uses its memory again */
	all->v[all->n++] =
	    (struct pair){talloc_strdup(all->ctx, key),
			  value ? talloc_strdup(all->ctx, value) : NULL};
	return 0;
}

static bool
same_value(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* The i-th value of key; false: there are fewer. */
static bool
nth(const struct pairs *all, const char *key, size_t i, const char **value)
{
	for (size_t k = 0; k < all->n; k++)
		if (strcmp(all->v[k].key, key) == 0 && i-- == 0) {
			*value = all->v[k].value;
			return true;
		}
	return false;
}

static bool
differs(const struct pairs *a, const struct pairs *b, const char *key)
{
	for (size_t i = 0;; i++) {
		const char *x, *y;
		bool in_a = nth(a, key, i, &x), in_b = nth(b, key, i, &y);

		if (in_a != in_b || (in_a && !same_value(x, y)))
			return true;
		if (!in_a)
			return false;
	}
}

static bool
first_of_key(const struct pairs *all, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(all->v[k].key, all->v[i].key) == 0)
			return false;
	return true;
}

/* May the key become what it now is?  other: whatever starts no program. */
static bool
may_change(const struct need *need, bool other, const char *key,
	   const struct pairs *is)
{
	const char *value;

	for (size_t i = 0; i < need->nconfig_keys; i++)
		if (path_glob_match(need->config_keys[i], key))
			return true;
	for (size_t i = 0; other && nth(is, key, i, &value); i++)
		if (git_key_does(key, value) == GIT_KEY_RUNS)
			return false;
	return other;
}

/* Every key whose values differ, once. */
static void
changed_keys(const struct pairs *was, const struct pairs *is, struct pairs *out)
{
	for (size_t i = 0; i < was->n; i++)
		if (first_of_key(was, i) && differs(was, is, was->v[i].key))
			add_pair(out, was->v[i].key, NULL);
	for (size_t i = 0; i < is->n; i++) {
		const char *value;

		if (first_of_key(is, i) && !nth(was, is->v[i].key, 0, &value))
			add_pair(out, is->v[i].key, NULL);
	}
}

/* Sets the allowed keys in a copy of the old text, by libgit2. */
static int
apply(struct postcheck *p, bool other, const char *copy,
      const struct pairs *changed, const struct pairs *is, struct err *e)
{
	git_config *config;
	int rc = 0;

	if (git_config_open_ondisk(&config, copy) < 0)
		return err_git(e, "reading the old config");
	for (size_t i = 0; i < changed->n && rc == 0; i++) {
		const char *key = changed->v[i].key, *value;

		if (!may_change(&p->cmd->need, other, key, is))
			continue;
		rc = git_config_delete_multivar(config, key, ".*");
		if (rc == GIT_ENOTFOUND)
			rc = 0;
		for (size_t k = 0; rc == 0 && nth(is, key, k, &value); k++)
			rc = git_config_set_multivar(config, key, "$^",
						     value ? value : "true");
		if (rc < 0)
			rc = err_git(e, "keeping %s", text_safe(p->ctx, key));
	}
	git_config_free(config);
	return rc;
}

static int
make_again(struct postcheck *p, bool other, const struct kept *before,
	   const struct pairs *changed, const struct pairs *is, struct err *e)
{
	char *copy =
	    talloc_asprintf(p->ctx, "%s.automode-XXXXXX", before->path);
	struct kept made = *before;
	int rc, fd;

	if (before->st.st_mode == 0)
		made.bytes = talloc_strdup(p->ctx, "");
	if (!made.bytes || S_ISLNK(before->st.st_mode))
		return kept_restore(before, e);
	fd = mkostemp(copy, O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, "a copy of %s",
			       text_safe(p->ctx, before->path));
	rc = file_write_all(fd, made.bytes, made.len);
	close(fd);
	if (rc < 0)
		rc = err_sys(e, "writing a copy of the config");
	else
		rc = apply(p, other, copy, changed, is, e);
	if (rc == 0)
		rc = file_read(p->ctx, AT_FDCWD, copy, LIMIT_CONFIG_FILE,
			       &made.bytes, &made.len, e);
	unlink(copy);
	if (rc != 0) /* then at least nothing that was not allowed */
		return kept_restore(before, NULL) < 0 ? ERR_SYSTEM : rc;
	if (made.len == 0 && before->st.st_mode == 0)
		return kept_restore(before, e);
	made.st.st_mode =
	    S_IFREG | (before->st.st_mode ? before->st.st_mode & 07777 : 0644);
	return kept_restore(&made, e);
}

/* The command was to move the repository, and .git is a file now: where its
 * config is by that. */
static const char *
moved_to(struct postcheck *p, const char *path)
{
	const struct need *need = &p->cmd->need;
	struct stat st;

	if (!need->moves_repository || lstat(path, &st) == 0 ||
	    errno != ENOTDIR)
		return NULL;
	for (size_t i = 0; i < need->nwrite; i++)
		if (path_exists(
			talloc_asprintf(p->ctx, "%s/HEAD", need->write[i])))
			return talloc_asprintf(p->ctx, "%s/%s", need->write[i],
					       path_base(path));
	return NULL;
}

static int
check(struct postcheck *p, bool other, const struct kept *before, struct err *e)
{
	struct kept there = *before;
	struct pairs was = {.ctx = p->ctx}, is = {.ctx = p->ctx};
	struct pairs changed = {.ctx = p->ctx};
	struct kept now;
	bool bad = false;

	there.path = moved_to(p, before->path);
	if (there.path)
		before = &there;
	kept_look(p->ctx, before->path, LIMIT_CONFIG_FILE, &now);
	if (kept_same(before, &now))
		return 0;
	if (S_ISREG(before->st.st_mode) && before->bytes &&
	    git_config_text(p->ctx, before->bytes, before->len, add_pair, &was,
			    NULL) < 0)
		was.n = 0; /* it was broken: then nothing of it is a key */
	if (now.st.st_mode && (!S_ISREG(now.st.st_mode) || !now.bytes))
		bad = true;
	else if (now.bytes && git_config_text(p->ctx, now.bytes, now.len,
					      add_pair, &is, NULL) < 0)
		bad = true;
	if (bad || S_ISLNK(before->st.st_mode)) {
		if (kept_restore(before, e) < 0)
			return ERR_SYSTEM;
		postcheck_say(p, "put back", before->path, NULL);
		return 0;
	}
	changed_keys(&was, &is, &changed);
	for (size_t i = 0; i < changed.n; i++) {
		if (may_change(&p->cmd->need, other, changed.v[i].key, &is))
			continue;
		bad = true;
		postcheck_say(p, "put back", before->path,
			      text_safe(p->ctx, changed.v[i].key));
	}
	return bad ? make_again(p, other, before, &changed, &is, e) : 0;
}

int
postcheck_config(struct postcheck *p, const struct kept *before, struct err *e)
{
	return check(p, false, before, e);
}

int
postcheck_config_other(struct postcheck *p, const struct kept *before,
		       struct err *e)
{
	return check(p, true, before, e);
}
