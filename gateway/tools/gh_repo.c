/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gh repo, gh gist clone: repositories as a whole, and what becomes a command
 * of git's.
 */
#include "base/path.h"
#include "base/text.h"
#include "tools/gh.h"
#include <string.h>

extern const struct tool tool_git;

/* What git would do itself is done by git. */
static int
as_git(struct forge_call *f, const char **argv, struct err *e)
{
	struct tool_context *t = talloc_memdup(f->ctx, f->t, sizeof(*t));
	struct invocation *in = talloc_memdup(f->ctx, f->in, sizeof(*in));
	size_t n = 0;
	int rc;

	if (!t || !in)
		BUG("out of memory");
	while (argv[n])
		n++;
	in->tool = "git";
	in->argv = argv;
	in->argc = n;
	t->in = in;
	*f->cmd = (struct command){0};
	rc = tool_git.understand(f->ctx, t, f->cmd, f->fx, e);
	if (rc == ERR_SYNTAX)
		rc = e->code = ERR_UNKNOWN; /* git would read gh's own words */
	if (rc < 0)
		return err_wrap(e, "%s", text_command(f->ctx, argv, 200));
	return FORGE_DONE;
}

static const char *
git_protocol(struct forge_call *f)
{
	struct err e = {0};
	const char *value = NULL;

	if (forge_config_file(f, "hosts.yml", &f->hosts, &e) == 0)
		value = forge_setting(
		    f->hosts, forge_text(f, "%s\ngit_protocol", f->host));
	if (!value && forge_config_file(f, "config.yml", &f->config, &e) == 0)
		value = forge_setting(f->config, "git_protocol");
	return value && !strcmp(value, "ssh") ? "ssh" : "https";
}

/* git clone [FLAGS] URL [DIRECTORY]: the operands behind the first are the
 * folder, if there is one, and git's flags. */
static int
clone_url(struct forge_call *f, const char *url, struct err *e)
{
	const char **rest = f->line.operands + 1, *dir = NULL, **v;
	size_t n = 0;

	v = talloc_array(f->ctx, const char *, f->line.noperands + 5);
	if (!v)
		BUG("out of memory");
	if (*rest && **rest != '-')
		dir = *rest++;
	v[n++] = "git";
	v[n++] = "clone";
	while (*rest)
		v[n++] = *rest++;
	v[n++] = "--";
	v[n++] = url;
	if (dir)
		v[n++] = dir;
	v[n] = NULL;
	return as_git(f, v, e);
}

static bool
is_slug(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv"
			     "wxyz0123456789-_./");

	return *s && !s[n] && *s != '-' && *s != '/' && *s != '.';
}

int
gh_repo_clone(struct forge_call *f, struct err *e)
{
	const char *what = cobra_operand(&f->line, 0), *slug, *host, *user;

	if (!what || f->line.dash == 0)
		return err_set(e, ERR_SYNTAX, "no repository");
	if (strstr(what, "://") || strchr(what, ':'))
		return clone_url(f, what, e);
	host = forge_host_of(f, what, &slug);
	if (host)
		f->host = host;
	if (!slug && !strchr(what, '/')) {
		struct err ignored = {0};

		user =
		    forge_config_file(f, "hosts.yml", &f->hosts, &ignored) < 0
			? NULL
			: forge_setting(f->hosts,
					forge_text(f, "%s\nuser", f->host));
		if (user && *user)
			slug = forge_text(f, "%s/%s", user, what);
	}
	if (!slug || !is_slug(slug) || !is_slug(f->host))
		return err_set(e, ERR_UNKNOWN,
			       "gh repo clone %s: say whose it is: OWNER/NAME",
			       text_safe(f->ctx, what));
	return clone_url(
	    f,
	    !strcmp(git_protocol(f), "ssh")
		? forge_text(f, "git@%s:%s.git", f->host, slug)
		: forge_text(f, "https://%s/%s.git", f->host, slug),
	    e);
}

int
gh_gist_clone(struct forge_call *f, struct err *e)
{
	const char *what = cobra_operand(&f->line, 0);

	if (!what || f->line.dash == 0)
		return err_set(e, ERR_SYNTAX, "no gist");
	if (strstr(what, "://"))
		return clone_url(f, what, e);
	if (!is_slug(what))
		return err_set(e, ERR_UNKNOWN, "\"%s\" names no gist",
			       text_safe(f->ctx, what));
	return clone_url(
	    f, forge_text(f, "https://gist.%s/%s.git", f->host, what), e);
}

/* The first operand is a repository. */
int
gh_repo_operand(struct forge_call *f, struct err *e)
{
	const char *what = cobra_operand(&f->line, 0), *slug, *host;

	if (!what)
		return 0;
	host = forge_host_of(f, what, &slug);
	f->slug = slug ? slug : text_safe(f->ctx, what);
	return host ? forge_names_host(f, host, e) : 0;
}

int
gh_issue_transfer(struct forge_call *f, struct err *e)
{
	const char *to = cobra_operand(&f->line, 1), *slug, *host;

	host = to ? forge_host_of(f, to, &slug) : NULL;
	return host ? forge_names_host(f, host, e) : 0;
}

int
gh_repo_create(struct forge_call *f, struct err *e)
{
	const char *name = cobra_operand(&f->line, 0);
	struct effect *fx;

	if (cobra_on(&f->line, "push") || cobra_on(&f->line, "clone") ||
	    cobra_given(&f->line, "source"))
		return gh_refuse(f, e,
				 "--source, --push and --clone run git "
				 "with the person's token",
				 "gh repo create NAME without them, then git "
				 "remote add and git push, or git clone");
	f->slug = name ? text_safe(f->ctx, name) : f->slug;
	fx = forge_effect(f,
			  cobra_on(&f->line, "public") ? EFFECT_PUBLISH
						       : EFFECT_RESOURCE_CHANGE,
			  "new repository");
	fx->why = "it is made in the person's name";
	return 0;
}

int
gh_repo_edit(struct forge_call *f, struct err *e)
{
	const char *visible = cobra_value(&f->line, "visibility");
	int rc = gh_repo_operand(f, e);
	struct effect *fx;

	if (rc == 0 && visible) {
		fx = forge_effect(f, EFFECT_PUBLISH, "visibility");
		fx->why =
		    forge_text(f, "it becomes %s", text_safe(f->ctx, visible));
	}
	return rc;
}

int
gh_repo_fork(struct forge_call *f, struct err *e)
{
	if (cobra_on(&f->line, "clone") || cobra_on(&f->line, "remote"))
		return gh_refuse(
		    f, e,
		    "--clone and --remote run git with the "
		    "person's token",
		    "gh repo fork --clone=false --remote=false, then "
		    "git clone or git remote add");
	return gh_repo_operand(f, e);
}

int
gh_repo_sync(struct forge_call *f, struct err *e)
{
	struct effect *fx;
	int rc = gh_repo_operand(f, e);

	if (!cobra_operand(&f->line, 0))
		return gh_refuse(f, e, "without a repository changes this one",
				 "git fetch && git merge --ff-only");
	if (cobra_on(&f->line, "force")) {
		fx = forge_effect(f, EFFECT_RESOURCE_DELETE, "commits");
		fx->why = "--force drops the commits that only the fork has";
	}
	return rc;
}

int
gh_repo_default(struct forge_call *f, struct err *e)
{
	if (!cobra_on(&f->line, "view"))
		return gh_refuse(f, e, "changes .git/config by itself",
				 "git config remote.origin.gh-resolved base");
	return 0;
}
