/* SPDX-License-Identifier: Apache-2.0 */
/*
 * submodule: other repositories that come into this one.
 */
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "invocation/git_config_text.h"
#include "tools/git_keys.h"
#include "tools/git_local.h"
#include "tools/git_remotes.h"
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#define MODULES_DEEP 5 /* submodules of submodules */
#define FAR_DEEP     2 /* likewise, asked of hosts */
#define FAR_MODULES  32
#define MAX_BRANCHES 64 /* whose .gitmodules is looked at */

struct urls {
	struct git_call *g;
	const char *base; /* what "./" and "../" are relative to */
	const char **v;
	size_t n;
};

static void
add_text(struct urls *u, const char *url)
{
	u->v = talloc_realloc(u->g->ctx, u->v, const char *, u->n + 1);
	if (!u->v)
		BUG("out of memory");
	u->v[u->n++] = url;
}

/* "../lib.git" beside the superproject's own URL (git-submodule(1)). */
static const char *
relative_url(struct git_call *g, const char *base, const char *url)
{
	char *out = git_text(g, "%s", base), *slash;
	const char *join = "/"; /* host:a and ../b make host:b */

	for (;;) {
		if (!strncmp(url, "./", 2)) {
			url += 2;
		} else if (!strncmp(url, "../", 3)) {
			url += 3;
			while (*out && out[strlen(out) - 1] == '/')
				out[strlen(out) - 1] = '\0';
			slash = strrchr(out, '/');
			if (!slash && (slash = strrchr(out, ':')))
				join = ":";
			if (!slash)
				return url;
			*slash = '\0';
		} else {
			return git_text(g, "%s%s%s", out, join, url);
		}
	}
}

static int
each_url(void *data, const char *key, const char *value)
{
	struct urls *u = data;
	size_t n = strlen(key);

	if (!value || n < 5 || strcmp(key + n - 4, ".url") ||
	    (strncmp(key, "submodule.", 10) && strncmp(key, "remote.", 7)))
		return 0;
	if (!strncmp(value, "./", 2) || !strncmp(value, "../", 3))
		value = relative_url(u->g, u->base, value);
	add_text(u, git_text(u->g, "%s", value));
	return 0;
}

/* URLs in .git/modules/NAME/config, at any depth. */
static void
module_urls(struct urls *u, const char *dir, int depth)
{
	DIR *stream = depth > 0 ? opendir(dir) : NULL;
	struct dirent *d;
	char *below;

	while (stream && (d = readdir(stream))) {
		if (*d->d_name == '.' ||
		    (d->d_type != DT_DIR && d->d_type != DT_UNKNOWN))
			continue;
		below = git_text(u->g, "%s/%s", dir, d->d_name);
		if (path_exists(git_text(u->g, "%s/HEAD", below))) {
			git_config_file(u->g->ctx,
					git_text(u->g, "%s/config", below),
					each_url, u, NULL);
			below = git_text(u->g, "%s/modules", below);
		}
		module_urls(u, below, depth - 1);
	}
	if (stream)
		closedir(stream);
}

/* The URL that relative ones of .gitmodules start from. */
static const char *
own_url(struct git_call *g)
{
	struct git_remote r;

	if (git_remote_look(g, git_default_remote(g, false), &r, NULL) == 0 &&
	    r.name && r.nfetch)
		return r.fetch[0].raw;
	return g->repo && g->repo->worktree ? g->repo->worktree : g->dir;
}

static void binds_of(struct git_call *g, const struct git_url *from, int depth);

/* Which repositories the next level of submodules names is not known before
 * they are here; most stand beside their superproject.  deep: there may be
 * such a level. */
static void
permits_host(struct git_call *g, const struct git_url *url, bool deep)
{
	struct transport_permit *p = git_permit(g, url, false, NULL);
	struct git_remote own;
	const char *why;

	if (!p)
		return;
	p->any_path |= deep;
	/* The host that is good for the project is good for its parts. */
	if (git_remote_look(g, git_default_remote(g, false), &own, NULL) == 0 &&
	    own.nfetch && own.fetch[0].transport == GIT_URL_HOST &&
	    git_remote_scope(g, &own, &own.fetch[0], false, &why) ==
		SCOPE_TRUSTED)
		git_permit_named(g, &own.fetch[0]);
}

/* Those on this machine become visible, those on hosts may be fetched; others
 * cannot be reached, and git says so. */
static void
bind_all(struct git_call *g, const struct urls *u, int depth)
{
	struct git_remote r;
	const char *box = g->cmd->need.box;
	size_t i;

	for (i = 0; i < u->n; i++) {
		if (git_remote_look(g, u->v[i], &r, NULL) < 0 || !r.nfetch)
			continue;
		if (r.fetch[0].transport == GIT_URL_PATH) {
			git_url_reach(g, &r.fetch[0], false, NULL);
			binds_of(g, &r.fetch[0], depth - 1);
		} else if (r.fetch[0].transport == GIT_URL_HOST) {
			permits_host(g, &r.fetch[0], depth > 1);
		}
	}
	g->cmd->need.box = box;
}

void
git_binds_submodules(struct git_call *g)
{
	struct urls u = {.g = g};
	const char *modules;

	if (!g->repo || options_off(&g->opt, "recurse-submodules"))
		return;
	modules = git_text(g, "%s/modules", g->repo->commondir);
	if (!path_exists(modules))
		return;
	u.base = own_url(g);
	module_urls(&u, modules, MODULES_DEEP);
	bind_all(g, &u, 1);
}

/* .gitmodules of the work tree and the settings made from it. */
static void
binds_configured(struct git_call *g)
{
	struct urls u = {.g = g, .base = own_url(g)};
	size_t i;

	for (i = 0; i < g->settings->n; i++)
		if (!strncmp(g->settings->v[i].key, "submodule.", 10))
			each_url(&u, g->settings->v[i].key,
				 g->settings->v[i].value);
	if (g->repo->worktree)
		git_config_file(
		    g->ctx, git_text(g, "%s/.gitmodules", g->repo->worktree),
		    each_url, &u, NULL);
	bind_all(g, &u, MODULES_DEEP);
}

static void
urls_at(struct urls *u, git_repository *there, const char *ref)
{
	git_object *blob = NULL;

	if (git_revparse_single(&blob, there,
				git_text(u->g, "%s:.gitmodules", ref)) < 0)
		return;
	if (git_object_type(blob) == GIT_OBJECT_BLOB)
		git_config_text(u->g->ctx,
				git_blob_rawcontent((git_blob *)blob),
				(size_t)git_blob_rawsize((git_blob *)blob),
				each_url, u, NULL);
	git_object_free(blob);
}

/* .gitmodules as HEAD and the branches of the other repository have it (which
 * of its commits will be wanted is not known), and so on from there. */
static void
binds_of(struct git_call *g, const struct git_url *from, int depth)
{
	struct urls u = {.g = g, .base = from->raw};
	struct repository *there = NULL;
	git_branch_iterator *branches = NULL;
	git_reference *ref;
	git_branch_t type;

	if (depth <= 0 || from->transport != GIT_URL_PATH ||
	    repository_at(g->ctx, from->path, g->in->uid, &there, NULL) < 0 ||
	    !there)
		return;
	repository_open(g->ctx, there);
	if (!there->git)
		return;
	urls_at(&u, there->git, "HEAD");
	if (git_branch_iterator_new(&branches, there->git, GIT_BRANCH_LOCAL) ==
	    0)
		for (int i = 0; i < MAX_BRANCHES &&
				git_branch_next(&ref, &type, branches) == 0;
		     i++) {
			urls_at(&u, there->git, git_reference_name(ref));
			git_reference_free(ref);
		}
	git_branch_iterator_free(branches);
	bind_all(g, &u, depth);
}

/* The same for a repository on a host: what its submodules are fetched from is
 * an effect like any other.  Those on its own host are most of them, and in
 * turn name none elsewhere. */
static void
looks_ahead(struct git_call *g, const struct git_url *from, const char *ref,
	    int depth)
{
	struct urls u = {.g = g, .base = from->raw};
	struct transport_permit here, there;
	struct err unsaid = {0};
	struct git_remote r;
	char *text = git_far_modules(g, from, ref);

	if (!text || permit_from_url(g->ctx, from->text, &here, &unsaid) < 0)
		return;
	git_config_text(g->ctx, text, strlen(text), each_url, &u, NULL);
	for (size_t i = 0; i < u.n && i < FAR_MODULES; i++) {
		if (git_remote_look(g, u.v[i], &r, &unsaid) < 0 || !r.nfetch ||
		    r.fetch[0].transport != GIT_URL_HOST ||
		    permit_from_url(g->ctx, r.fetch[0].text, &there, &unsaid) <
			0 ||
		    (!strcmp(here.host, there.host) &&
		     here.scheme == there.scheme && here.port == there.port))
			continue;
		if (git_contact(g, &r, &unsaid) < 0)
			continue;
		permits_host(g, &r.fetch[0], true);
		if (depth > 1)
			looks_ahead(g, &r.fetch[0], NULL, depth - 1);
	}
}

void
git_binds_of_clone(struct git_call *g, const struct git_url *from,
		   const char *branch)
{
	binds_of(g, from, MODULES_DEEP);
	if (from->transport != GIT_URL_HOST)
		return;
	permits_host(g, from, true);
	looks_ahead(g, from, branch, FAR_DEEP);
}

static void
update_commands(struct git_call *g)
{
	const struct git_setting *s;
	size_t i;

	for (i = 0; i < g->settings->n; i++) {
		s = &g->settings->v[i];
		if (!strncmp(s->key, "submodule.", 10) && s->value &&
		    *s->value == '!' &&
		    !strcmp(s->key + strlen(s->key) - 7, ".update"))
			git_runs(g, s->key);
	}
}

static int
submodule_add(struct git_call *g, struct err *e)
{
	const char *url = local_operand(g, 0), *base;
	struct git_remote r;
	int rc;

	if (!url)
		return 0;
	base = own_url(g);
	if (!strncmp(url, "./", 2) || !strncmp(url, "../", 3))
		url = relative_url(g, base, url);
	rc = git_remote_look(g, url, &r, e);
	if (rc < 0)
		return rc;
	local_journal(g, LOSS_INDEX);
	git_loses(g, NULL, LOSS_CONFIG);
	return git_contact(g, &r, e);
}

/* Some words of git bring the git dir of a submodule that has it inside, as
 * old ones did (or one further down has), to .git/modules: a rename, which does
 * not cross mounts.  No foreign code runs meanwhile. */
void
git_moves_modules(struct git_call *g)
{
	struct stat st;
	bool moves = !g->opt.noperands;

	for (size_t i = 0; i < g->opt.noperands && !moves; i++)
		moves = lstat(git_text(g, "%s/.git",
				       git_path(g, g->opt.operands[i])),
			      &st) == 0;
	if (!moves)
		return;
	g->cmd->need.moves_repository = true;
	g->cmd->need.runs_code = false;
}

static int
submodule_deinit(struct git_call *g)
{
	const char *operand;
	struct effect *fx;
	size_t i;

	git_moves_modules(g);
	for (i = 0; (operand = local_operand(g, i)); i++)
		losses_add_path(g->ctx, &g->cmd->losses, git_path(g, operand));
	fx = local_lose(g, EFFECT_WORKTREE_DISCARD, "submodules",
			LOSS_SUBMODULES | LOSS_CONFIG |
			    (i ? LOSS_PATHS : LOSS_IGNORED));
	fx->instead = "commit in the submodule and push its branch, or git -C "
		      "SUBMODULE stash -u";
	return 0;
}

static int
submodule_set_url(struct git_call *g)
{
	const char *url = local_operand(g, 1);
	struct effect *fx = git_effect(g, EFFECT_GUARD_WEAKEN, ".gitmodules");

	fx->undo = UNDO_NO;
	fx->why = git_text(g, "later updates would come from %s",
			   url ? git_url_safe(g, url) : "another place");
	return 0;
}

int
git_do_submodule(struct git_call *g, struct err *e)
{
	const char *sub = g->opt.subcommand;

	if (!sub || !strcmp(sub, "status") || !strcmp(sub, "summary"))
		return local_reads(g);
	for (size_t i = 0; options_nth(&g->opt, "reference", i); i++)
		git_reads_file(g, options_nth(&g->opt, "reference", i));
	if (!strcmp(sub, "foreach")) {
		g->cmd->need.box = GIT_BOX_WRITE;
		git_runs(g, "submodule foreach");
		git_loses(g, NULL, LOSS_SUBMODULES);
		git_binds_submodules(g);
		return 0;
	}
	if (!strcmp(sub, "absorbgitdirs")) {
		g->cmd->need.box = GIT_BOX_WRITE;
		git_moves_modules(g);
		return 0;
	}
	git_config_glob(g, "submodule.**");
	binds_configured(g);
	git_binds_submodules(g);
	if (!strcmp(sub, "add"))
		return submodule_add(g, e);
	if (!strcmp(sub, "deinit"))
		return submodule_deinit(g);
	if (!strcmp(sub, "set-url"))
		return submodule_set_url(g);
	if (!strcmp(sub, "update")) {
		update_commands(g);
		local_lose(g, EFFECT_WORKTREE_DISCARD, "submodules",
			   LOSS_SUBMODULES);
	}
	return 0;
}
