/* SPDX-License-Identifier: Apache-2.0 */
/*
 * git lfs (git-lfs 3.3 of Debian 12 and later ones): which of its words only
 * look, which change this repository, and which speak to the remote.  The last
 * run in the box "lfs", whose network reaches the remote's host alone, with
 * a credential broker instead of credentials and a configuration made for
 * them; custom transfer agents are in none.
 */
#include "tools/git_lfs.h"
#include "base/path.h"
#include "base/text.h"
#include "invocation/git_config_text.h"
#include "tools/forge.h"
#include "tools/git_globals.h"
#include "tools/git_remotes.h"
#include "tools/git_words.h"
#include <string.h>

#define LFS_BOX "lfs"

struct lfs_word {
	struct cobra_command c;
	int (*understand)(struct lfs_call *l, struct err *e);
};

static int
looks(struct lfs_call *l, struct err *e)
{
	(void)l;
	(void)e;
	return 0;
}

static void
writes(struct lfs_call *l)
{
	l->g->cmd->need.box = l->g->repo ? GIT_BOX_WRITE : GIT_BOX_READ;
	l->g->cmd->need.runs_code = true;
	l->g->cmd->losses.journal = l->g->repo != NULL;
}

/* Filters, hooks and what refreshes the index: they write objects of their
 * own and nothing else.  Also what an unboxed git starts by the shim's name. */
static int
serves(struct lfs_call *l, struct err *e)
{
	(void)e;
	writes(l);
	l->g->cmd->losses.journal = false;
	return 0;
}

static int
attributes(struct lfs_call *l, struct err *e)
{
	(void)e;
	if (!l->line.noperands || cobra_on(&l->line, "dry-run"))
		return 0;
	writes(l);
	git_writes_file(l->g, ".gitattributes");
	return 0;
}

/* Its own hooks and filters, always the same.  Without --local it writes into
 * the person's configuration. */
static int
install(struct lfs_call *l, struct err *e)
{
	bool here =
	    cobra_on(&l->line, "local") || cobra_on(&l->line, "worktree");
	struct git_call *g = l->g;
	struct effect *fx;

	(void)e;
	writes(l);
	g->cmd->need.box = g->repo ? GIT_BOX_CONFIG : GIT_BOX_READ;
	g->cmd->need.hooks_write = true;
	git_config_glob(g, "filter.lfs.*");
	git_config_glob(g, "lfs.repositoryformatversion");
	if (!here && !git_setting(g, "filter.lfs.clean") &&
	    strcmp(l->line.cmd->path, "update") != 0) {
		fx = effects_add(g->fx, EFFECT_PERSIST, SCOPE_HOME,
				 "filter.lfs");
		fx->undo = UNDO_NO;
		fx->why = "it holds for every repository of the person";
		fx->instead = "git lfs install --local";
	}
	fx = git_effect(g, EFFECT_EXEC_UNKNOWN, "git-lfs");
	git_loses(g, fx, LOSS_ANYTHING);
	return 0;
}

/* What is not known in detail: everything is kept. */
static int
changes(struct lfs_call *l, struct err *e)
{
	struct effect *fx;

	(void)e;
	writes(l);
	if (!l->g->repo)
		return 0;
	fx = git_effect(l->g, EFFECT_EXEC_UNKNOWN,
			git_text(l->g, "git-lfs %s", l->line.cmd->path));
	git_loses(l->g, fx, LOSS_ANYTHING);
	return 0;
}

/* Only pointers that stand unchanged in the work tree are replaced. */
static int
checkout(struct lfs_call *l, struct err *e)
{
	const char *to = cobra_value(&l->line, "to");

	(void)e;
	writes(l);
	if (to)
		git_writes_file(l->g, to);
	return 0;
}

static int
migrate(struct lfs_call *l, struct err *e)
{
	struct effect *fx;
	int rc = changes(l, e);

	if (rc < 0 || !l->g->repo)
		return rc;
	fx = git_effect(l->g, EFFECT_HISTORY_REWRITE, "git-lfs migrate");
	git_loses(l->g, fx, LOSS_ANYTHING);
	fx->instead = "git lfs migrate info, which only looks";
	return 0;
}

/* --- the remote ----------------------------------------------------------- */

static int
elsewhere(struct lfs_call *l, const char *host, const char *key,
	  const char *value, const char *origin, struct err *e)
{
	struct transport_permit p;
	struct err why = {0};

	if (!value || !*value)
		return 0;
	if (permit_from_url(l->g->ctx, value, &p, &why) == 0 &&
	    p.scheme == PERMIT_HTTPS && !strcmp(p.host, host))
		return 0;
	return err_set(e, ERR_UNKNOWN,
		       "%s in %s sends git-lfs to %s, which is not the "
		       "remote's host %s",
		       key, text_safe(l->g->ctx, origin),
		       text_safe(l->g->ctx, git_url_safe(l->g, value)), host);
}

struct lfsconfig {
	struct lfs_call *l;
	const char *host, *path;
	struct err *e;
};

static int
each_tracked(void *data, const char *key, const char *value)
{
	struct lfsconfig *c = data;

	if (strcmp(key, "lfs.url") != 0 && strcmp(key, "lfs.pushurl") != 0 &&
	    (strncmp(key, "remote.", 7) != 0 || strlen(key) < 7 ||
	     strcmp(key + strlen(key) - 7, ".lfsurl") != 0))
		return 0;
	return elsewhere(c->l, c->host, key, value, c->path, c->e) < 0;
}

/* lfs.url and its like, of the configuration and of the tracked .lfsconfig:
 * the network would not reach another host, but the reason is better said. */
static int
check_endpoint(struct lfs_call *l, const char *host, struct err *e)
{
	struct git_call *g = l->g;
	const char *keys[] = {"lfs.url", "lfs.pushurl",
			      git_text(g, "remote.%s.lfsurl",
				       l->remote.name ? l->remote.name : "")};
	struct lfsconfig c = {l, host, NULL, e};
	int rc;

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		const struct git_setting *s = git_setting_entry(g, keys[i]);

		rc =
		    s ? elsewhere(l, host, keys[i], s->value, s->origin, e) : 0;
		if (rc < 0)
			return rc;
	}
	if (!g->repo->worktree)
		return 0;
	c.path = path_join(g->ctx, g->repo->worktree, ".lfsconfig");
	rc = git_config_file(g->ctx, c.path, each_tracked, &c, e);
	return rc != 0 ? (e->code ? e->code : ERR_SYNTAX) : 0;
}

/* As for gh: a made configuration, listed variables, one host. */
static int
furnish(struct lfs_call *l, struct transport_permit *p, struct err *e)
{
	static const char *const none[] = {NULL};
	static const char *const stores[] = {
	    "lfs.github.com", "media.githubusercontent.com",
	    "github-cloud.githubusercontent.com",
	    "github-cloud.s3.amazonaws.com"};
	static const struct forge kind = {
	    .name = "git-lfs", .keep_env = none, .set_env = none};
	struct forge_call f = {.ctx = l->g->ctx,
			       .t = l->g->t,
			       .in = l->g->in,
			       .cmd = l->g->cmd,
			       .fx = l->g->fx,
			       .kind = &kind,
			       .repo = l->g->repo,
			       .git = l->g,
			       .dir = l->g->dir};
	struct need *need = &l->g->cmd->need;
	size_t i;

	for (i = 0; i < l->g->nglobals; i += 2)
		if (strcmp(l->g->globals[i], "-C") != 0)
			return err_set(e, ERR_UNKNOWN,
				       "git %s is not used together with the "
				       "network of git lfs",
				       text_safe(l->g->ctx, l->g->globals[i]));
	need->box = LFS_BOX;
	need->runs_code = false;
	need->credential = talloc_memdup(l->g->ctx, p, sizeof(*p));
	forge_environ(&f);
	need_egress(l->g->ctx, need,
		    &(struct need_egress){.host = p->host,
					  .port = p->port ? p->port : 443,
					  .named = p->named});
	for (i = 0; !strcmp(p->host, "github.com") &&
		    i < sizeof(stores) / sizeof(*stores);
	     i++)
		need_egress(l->g->ctx, need,
			    &(struct need_egress){.host = stores[i],
						  .port = 443,
						  .optional = true});
	return forge_repository(
	    &f,
	    "[credential]\n\thelper = \"cache --socket=" NEED_CREDENTIAL
	    "\"\n[filter \"lfs\"]\n\tclean = git-lfs clean -- %f\n"
	    "\tsmudge = git-lfs smudge -- %f\n"
	    "\tprocess = git-lfs filter-process\n\trequired = true\n",
	    e);
}

static int
reach(struct lfs_call *l, const struct git_url *u, bool push, struct err *e)
{
	struct git_call *g = l->g;
	struct transport_permit p;
	const char *why = NULL;
	int rc;

	if (u->transport == GIT_URL_PATH || u->transport == GIT_URL_SELF) {
		/* git-lfs itself copies between folders */
		rc = changes(l, e);
		return rc < 0 ? rc : git_url_reach(g, u, push, e);
	}
	rc = permit_from_url(g->ctx, u->text, &p, e);
	if (rc < 0)
		return rc;
	if (p.scheme != PERMIT_HTTPS)
		return err_set(e, ERR_UNKNOWN,
			       "git lfs is carried over https only, and the "
			       "remote is %s; instead: git config "
			       "remote.NAME.url with its https address",
			       git_url_safe(g, u->text));
	p.fetch = true;
	p.named =
	    git_remote_scope(g, &l->remote, u, push, &why) == SCOPE_TRUSTED;
	rc = check_endpoint(l, p.host, e);
	return rc < 0 ? rc : furnish(l, &p, e);
}

int
lfs_contact(struct lfs_call *l, const char *name, bool push, struct err *e)
{
	struct git_call *g = l->g;
	const struct git_url *u;
	const char *why = NULL;
	struct effect *fx;
	int rc;

	if (!g->repo)
		return 0; /* git-lfs says so */
	if (!name)
		name = git_default_remote(g, push);
	rc = git_remote_look(g, name, &l->remote, e);
	if (rc < 0)
		return rc;
	u = push && l->remote.npush ? l->remote.push : l->remote.fetch;
	if (!u || (push ? l->remote.npush : l->remote.nfetch) > 1)
		return err_set(e, ERR_UNKNOWN,
			       "the remote %s has not one address but several",
			       text_safe(g->ctx, name));
	rc = reach(l, u, push, e);
	if (rc < 0)
		return rc;
	g->cmd->losses.journal = true;
	fx = effects_add(g->fx, push ? EFFECT_NET_SEND : EFFECT_NET_FETCH,
			 git_remote_scope(g, &l->remote, u, push, &why),
			 git_url_safe(g, u->text));
	fx->undo = push ? UNDO_NO : UNDO_YES;
	fx->why = why;
	return 0;
}

/* "git lfs fetch [REMOTE] [REF...]" */
static int
fetch(struct lfs_call *l, struct err *e)
{
	return lfs_contact(l, cobra_operand(&l->line, 0), false, e);
}

static int
push(struct lfs_call *l, struct err *e)
{
	const char *remote = cobra_operand(&l->line, 0);

	if (!remote)
		return err_set(e, ERR_SYNTAX, "no remote");
	if (cobra_on(&l->line, "dry-run"))
		return 0;
	return lfs_contact(l, remote, true, e);
}

static int
locks(struct lfs_call *l, struct err *e)
{
	if (cobra_on(&l->line, "local") || cobra_on(&l->line, "cached"))
		return 0;
	return lfs_contact(l, cobra_value(&l->line, "remote"), false, e);
}

static int
lock(struct lfs_call *l, struct err *e)
{
	bool force = cobra_on(&l->line, "force");
	int rc = lfs_contact(l, cobra_value(&l->line, "remote"), false, e);
	struct effect *fx;

	if (rc < 0)
		return rc;
	fx = effects_add(
	    l->g->fx, force ? EFFECT_RESOURCE_DELETE : EFFECT_RESOURCE_CHANGE,
	    SCOPE_TRUSTED,
	    git_text(l->g, "lock on %s",
		     l->line.noperands ? l->line.operands[0] : "a file"));
	fx->undo = UNDO_NO;
	fx->why = force ? "--force takes a lock from whoever holds it"
			: "others see it, in the person's name";
	return 0;
}

/* Objects here that the remote should have too; whether it has them is asked
 * for when --verify-remote says so. */
static int
prune(struct lfs_call *l, struct err *e)
{
	const char *dir;
	struct effect *fx;
	int rc = 0;

	if (cobra_on(&l->line, "dry-run") || !l->g->repo)
		return 0;
	if (cobra_on(&l->line, "verify-remote"))
		rc = lfs_contact(l, NULL, false, e);
	else
		writes(l);
	dir = path_join(l->g->ctx, l->g->repo->commondir, "lfs/objects");
	fx = git_effect(l->g, EFFECT_FILE_DELETE, "objects of git-lfs");
	fx->undo = UNDO_YES;
	if (path_exists(dir)) {
		git_loses(l->g, fx, LOSS_PATHS);
		losses_add_path(l->g->ctx, &l->g->cmd->losses, dir);
	}
	fx->instead = "git lfs prune --dry-run";
	return rc;
}

/* Called by hooks; in a hook's box it runs as part of the hook. */
static int
pre_push(struct lfs_call *l, struct err *e)
{
	return lfs_contact(l, cobra_operand(&l->line, 0), true, e);
}

static int
clone(struct lfs_call *l, struct err *e)
{
	(void)l;
	return err_set(e, ERR_UNKNOWN,
		       "git lfs clone is git clone and git lfs pull in one; "
		       "instead: git clone, then git lfs pull");
}

#define PATHS "include|I= exclude|X="
#define HISTORY                                                                \
	PATHS                                                                  \
	" include-ref= exclude-ref= skip-fetch everything yes|y "              \
	"verbose object-map= remote= above= fixup no-rewrite message|m= "      \
	"top= unit= pointers="

/* what a row leaves out is zero */
static const struct lfs_word words[] = {
    {{"", NULL, "version|v"}, looks},
    {{"checkout", NULL, "to= base ours theirs"}, checkout},
    {{"clean", NULL, NULL}, serves},
    {{"clone", NULL, PATHS " skip-repo"}, clone},
    {{"completion", NULL, NULL}, looks},
    {{"dedup", NULL, "test|t"}, changes},
    {{"env", NULL, NULL}, looks},
    {{"ext", NULL, NULL}, looks},
    {{"ext list", NULL, NULL}, looks},
    {{"fetch", NULL,
      PATHS " recent|r all|a prune|p refetch dry-run|d json|j stdin"},
     fetch},
    {{"filter-process", NULL, "skip|s"}, serves},
    {{"fsck", NULL, "objects pointers dry-run|d"}, changes},
    {{"install", NULL,
      "force|f local|l worktree|w manual|m system skip-smudge|s skip-repo "
      "file="},
     install},
    {{"lock", NULL, "remote|r= json|j refspec="}, lock},
    {{"locks", NULL,
      "remote|r= id|i= path|p= local cached verify limit|l= json|j refspec="},
     locks},
    {{"logs", NULL, NULL}, looks},
    {{"logs last", NULL, NULL}, looks},
    {{"logs show", NULL, NULL}, looks},
    {{"ls-files", NULL,
      "long|l size|s debug|d all|a deleted name-only|n json|j " PATHS},
     looks},
    {{"migrate", NULL, "^" PATHS}, changes},
    {{"migrate export", NULL, HISTORY}, migrate},
    {{"migrate import", NULL, HISTORY}, migrate},
    {{"migrate info", NULL, HISTORY}, looks},
    {{"pointer", NULL, "file|f= pointer|p= stdin check strict no-strict"},
     looks},
    {{"post-checkout", NULL, NULL}, serves},
    {{"post-commit", NULL, NULL}, serves},
    {{"post-merge", NULL, NULL}, serves},
    {{"pre-push", NULL, "dry-run|d"}, pre_push},
    {{"prune", NULL,
      "dry-run|d force|f recent verify-remote|c no-verify-remote verbose|v "
      "verify-unreachable no-verify-unreachable when-unverified="},
     prune},
    {{"pull", NULL, PATHS}, fetch},
    {{"push", NULL, "dry-run|d object-id|o all|a stdin"}, push},
    {{"smudge", NULL, "skip|s"}, serves},
    {{"status", NULL, "porcelain|p json|j"}, serves},
    {{"track", NULL,
      "verbose|v dry-run|d filename lockable|l not-lockable no-excluded "
      "no-modify-attrs json|j"},
     attributes},
    {{"uninstall", NULL, "local|l worktree|w system skip-repo file="}, changes},
    {{"unlock", NULL, "remote|r= force|f id|i= json|j refspec="}, lock},
    {{"untrack", NULL, NULL}, attributes},
    {{"update", NULL, "manual|m force|f"}, install},
    {{"version", NULL, NULL}, looks},
};

int
git_lfs(struct git_call *g, const struct git_line *line,
	const char *const **args, size_t *nargs, struct err *e)
{
	struct lfs_call l = {.g = g};
	int rc = cobra_read(g->ctx, words, sizeof(words) / sizeof(*words),
			    sizeof(*words), line->v + 1, &l.line, e);
	const struct lfs_word *w;

	if (rc < 0)
		return err_wrap(e, "git lfs");
	w = (const struct lfs_word *)(const void *)l.line.cmd;
	if (l.line.help)
		return 0;
	if (!*w->c.path && l.line.noperands)
		return err_set(e, ERR_UNKNOWN, "git lfs has no command %s",
			       text_safe(g->ctx, l.line.operands[0]));
	rc = w->understand(&l, e);
	if (rc < 0)
		return rc;
	*args = l.line.words;
	for (*nargs = 0; l.line.words[*nargs];)
		++*nargs;
	return 0;
}
