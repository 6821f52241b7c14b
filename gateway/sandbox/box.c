/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads profiles/NAME.box.  The format is in box.h; whatever is not in it is
 * an error, and so is a box that does not say its network and session.
 */
#include "sandbox/box.h"
#include "base/path.h"
#include "base/text.h"
#include <dirent.h>
#include <errno.h>
#include <git2.h>
#include <talloc.h>

struct reading {
	void *ctx;
	struct box *box;
	bool network, session; /* said */
	struct err *e;
};

static void
add_mount(struct reading *r, enum box_mount_kind kind, bool code,
	  const char *path)
{
	struct box *b = r->box;

	b->mounts =
	    talloc_realloc(r->ctx, b->mounts, struct box_mount, b->nmounts + 1);
	if (!b->mounts)
		BUG("out of memory");
	b->mounts[b->nmounts++] = (struct box_mount){
	    .kind = kind, .path = talloc_strdup(r->ctx, path), .code = code};
}

static int
bad_value(struct reading *r, const char *key, const char *value)
{
	return err_set(r->e, ERR_UNKNOWN, "%s does not take the value %s", key,
		       text_safe(r->ctx, value));
}

/* box.network, box.session, env.set */
static int
read_plain(struct reading *r, const char *key, const char *value)
{
	struct box *b = r->box;

	if (strcmp(key, "box.network") == 0) {
		b->network_namespace = strcmp(value, "none") == 0;
		b->open_network = strcmp(value, "open") == 0;
		if (!b->network_namespace && !b->open_network &&
		    strcmp(value, "filter") != 0)
			return bad_value(r, key, value);
		r->network = true;
		return 0;
	}
	if (strcmp(key, "box.session") == 0) {
		b->new_session = strcmp(value, "new") == 0;
		if (!b->new_session && strcmp(value, "keep") != 0)
			return bad_value(r, key, value);
		r->session = true;
		return 0;
	}
	if (strcmp(key, "env.set") == 0) {
		if (strchr(value, '=') == NULL || *value == '=')
			return bad_value(r, key, value);
		b->env =
		    talloc_realloc(r->ctx, b->env, const char *, b->nenv + 1);
		if (!b->env)
			BUG("out of memory");
		b->env[b->nenv++] = talloc_strdup(r->ctx, value);
		return 0;
	}
	return err_set(r->e, ERR_UNKNOWN, "unknown key %s",
		       text_safe(r->ctx, key));
}

static int
read_entry(const git_config_entry *entry, void *data)
{
	static const struct {
		const char *name;
		enum box_mount_kind kind;
	} kinds[] = {{"read", MOUNT_READ},
		     {"write", MOUNT_WRITE},
		     {"file", MOUNT_FILE},
		     {"hide", MOUNT_HIDE}};
	struct reading *r = data;
	const char *key = entry->name, *value = entry->value, *last;
	bool code;

	if (value == NULL || *value == '\0')
		return err_set(r->e, ERR_SYNTAX, "%s has no value",
			       text_safe(r->ctx, key));
	code = strncmp(key, "mount.code.", 11) == 0;
	if (!code && strncmp(key, "mount.", 6) != 0)
		return read_plain(r, key, value);
	last = key + (code ? 11 : 6);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (strcmp(last, kinds[i].name) != 0)
			continue;
		if (*value != '/' && *value != '$')
			return bad_value(r, key, value);
		add_mount(r, kinds[i].kind, code, value);
		return 0;
	}
	return err_set(r->e, ERR_UNKNOWN, "unknown key %s",
		       text_safe(r->ctx, key));
}

static int
read_box(void *ctx, const char *path, struct box *b, struct err *e)
{
	struct reading r = {.ctx = ctx, .box = b, .e = e};
	git_config *config;
	int rc;

	if (git_config_open_ondisk(&config, path) < 0)
		return err_git(e, "%s", path);
	rc = git_config_foreach(config, read_entry, &r);
	git_config_free(config);
	if (rc == 0 && (!r.network || !r.session))
		rc = err_set(e, ERR_SYNTAX,
			     "box.network and box.session must be set");
	else if (rc < 0 && e && e->code == ERR_NONE)
		rc = err_git(e, "reading it"); /* not one of ours */
	return rc < 0 ? err_wrap(e, "%s", path) : 0;
}

/* The gateway's state folder, from the gateway's own environment. */
static const char *
cache_folder(void *ctx)
{
	const char *state = getenv("AUTOMODE_STATE_DIR");
	const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (state != NULL && *state == '/')
		return talloc_asprintf(ctx, "%s/cache", state);
	if (xdg != NULL && *xdg == '/')
		return talloc_asprintf(ctx, "%s/automode/cache", xdg);
	if (home != NULL && *home == '/')
		return talloc_asprintf(ctx, "%s/.local/state/automode/cache",
				       home);
	return NULL;
}

static int
by_name(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return d->d_name[0] != '.' && len > 4 &&
	       strcmp(d->d_name + len - 4, ".box") == 0;
}

int
boxes_load(void *ctx, const char *dir, struct boxes *out, struct err *e)
{
	struct dirent **names = NULL;
	const char *cache = cache_folder(ctx);
	int n, rc = 0;

	*out = (struct boxes){0};
	if (e)
		e->code = ERR_NONE;
	n = scandir(dir, &names, by_name, alphasort);
	if (n < 0)
		return err_sys(e, "the boxes in %s", dir);
	git_libgit2_init();
	out->v = talloc_zero_array(ctx, struct box, (unsigned)n + 1);
	if (!out->v)
		BUG("out of memory");
	for (int i = 0; i < n; i++) {
		const char *name = names[i]->d_name;
		struct box *b = &out->v[out->n];

		b->name = talloc_strndup(ctx, name, strlen(name) - 4);
		b->cache = cache;
		if (rc == 0)
			rc = read_box(ctx, path_join(ctx, dir, name), b, e);
		if (rc == 0)
			out->n++;
		free(names[i]);
	}
	free(names);
	git_libgit2_shutdown();
	if (rc == 0 && out->n == 0)
		rc = err_set(e, ERR_SYSTEM, "no boxes in %s", dir);
	return rc;
}

const struct box *
boxes_find(const struct boxes *b, const char *name)
{
	for (size_t i = 0; i < b->n; i++)
		if (strcmp(b->v[i].name, name) == 0)
			return &b->v[i];
	return NULL;
}
