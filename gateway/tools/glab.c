/* SPDX-License-Identifier: Apache-2.0 */
/* glab: the program of gitlab.com and GitLab servers of one's own. */
#include "tools/glab.h"
#include "base/path.h"
#include "base/text.h"
#include <string.h>

static void
reach_one(struct forge_call *f, const char *host, uint16_t port)
{
	const char *colon = strrchr(host, ':');
	struct need_egress to = {
	    .host = colon && !strchr(colon, ']')
			? talloc_strndup(f->ctx, host, (size_t)(colon - host))
			: host,
	    .port = port,
	    .named = forge_knows_host(f, host)};

	need_egress(f->ctx, &f->cmd->need, &to);
}

static const char *
of_host(struct forge_call *f, const char *host, const char *key)
{
	struct err e = {0};

	if (forge_config_file(f, "config.yml", &f->config, &e) < 0)
		return NULL;
	return forge_setting(f->config,
			     forge_text(f, "hosts\n%s\n%s", host, key));
}

/* The person may have said that the interface is elsewhere. */
static void
reach(struct forge_call *f, const char *host, uint16_t port)
{
	const char *api = of_host(f, host, "api_host"), *colon;
	long other;

	reach_one(f, host, port);
	if (!api || !*api || !strcmp(api, host) || !forge_knows_host(f, host))
		return;
	colon = strrchr(api, ':');
	other = colon ? strtol(colon + 1, NULL, 10) : 0;
	reach_one(f, api, other > 0 && other < 65536 ? (uint16_t)other : port);
}

static bool
is_kept(const char *path)
{
	static const char *const keys[] = {
	    "git_protocol",  "host",	  "hosts",	 "no_prompt",
	    "glamour_style", "telemetry", "check_update"};

	if (!strncmp(path, "hosts\n", 6))
		return true;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (!strcmp(path, keys[i]))
			return true;
	return false;
}

static int
config(struct forge_call *f, struct err *e)
{
	const char *file = path_join(f->ctx, f->config_dir, "config.yml");
	const char *ca = of_host(f, f->host ? f->host : "", "ca_cert");
	const char *own;
	char *text;
	int rc = forge_config_file(f, "config.yml", &f->config, e);

	if (rc < 0)
		return rc;
	if (f->word->cls == FORGE_LOCAL) {
		need_read(f->ctx, &f->cmd->need,
			  path_join(f->ctx, f->config_dir, "aliases.yml"));
		return 0;
	}
	text = forge_dump(f, f->config, is_kept);
	need_file(f->ctx, &f->cmd->need, file, text, strlen(text));
	if (ca && *ca == '/')
		need_read(f->ctx, &f->cmd->need, ca);
	/* a repository may have one too, which would win */
	own = f->repo
		  ? path_join(f->ctx, f->repo->gitdir, "glab-cli/config.yml")
		  : NULL;
	if (own && path_exists(own))
		need_file(f->ctx, &f->cmd->need, own, "", 0);
	return 0;
}

static const char *
alias(struct forge_call *f, const char *word)
{
	struct forge_settings *s = NULL;
	struct err e = {0};
	const char *text;

	if (forge_config_file(f, "aliases.yml", &s, &e) < 0)
		return NULL;
	text = forge_setting(s, word);
	if (!text && !strcmp(word, "co"))
		return "mr checkout"; /* there from the start */
	return text;
}

static int
other(struct forge_call *f, const char *word, struct err *e)
{
	return err_set(e, ERR_SYNTAX, "no command %s", text_safe(f->ctx, word));
}

int
glab_prints_secret(struct forge_call *f, struct err *e)
{
	static const char *const plain[] = {"git_protocol", "host", "editor",
					    "browser", "glamour_style"};
	const char *what = cobra_operand(&f->line, 0);
	struct effect *fx;

	(void)e;
	for (size_t i = 0; what && i < sizeof(plain) / sizeof(*plain); i++)
		if (!strcmp(f->word->c.path, "config get") &&
		    !strcmp(what, plain[i]))
			return 0;
	fx = effects_add(f->fx, EFFECT_SECRET_PRINT, SCOPE_SECRET,
			 what ? what : f->host);
	fx->undo = UNDO_NO;
	fx->why = "it would print what is a secret, or holds one";
	fx->instead = "glab api PATH, which uses the token unseen";
	return 0;
}

int
glab_auth_status(struct forge_call *f, struct err *e)
{
	return cobra_on(&f->line, "show-token") ? glab_prints_secret(f, e) : 0;
}

int
glab_token(struct forge_call *f, struct err *e)
{
	return glab_prints_secret(f, e);
}

int
glab_variable_list(struct forge_call *f, struct err *e)
{
	const char *output = cobra_value(&f->line, "output");

	return output && !strcmp(output, "json") ? glab_prints_secret(f, e) : 0;
}

int
glab_artifact(struct forge_call *f, struct err *e)
{
	const char *dir = cobra_value(&f->line, "path");

	(void)e;
	if (!cobra_on(&f->line, "list-paths"))
		forge_writes(f, dir ? dir : ".", true, true);
	return 0;
}

int
glab_download(struct forge_call *f, struct err *e)
{
	const char *dir = cobra_value(&f->line, "dir");

	(void)e;
	forge_writes(f, dir ? dir : ".", true, true);
	return 0;
}

int
glab_archive(struct forge_call *f, struct err *e)
{
	(void)e;
	forge_writes(f, ".", true, true);
	return 0;
}

int
glab_approve(struct forge_call *f, struct err *e)
{
	struct effect *fx =
	    forge_effect(f, EFFECT_REVIEW_BYPASS, "approval of merge request");

	(void)e;
	fx->why = "an approval stands for a person who has read it";
	return 0;
}

int
glab_checkout(struct forge_call *f, struct err *e)
{
	const char *mr = cobra_operand(&f->line, 0);

	if (!mr || !*mr || mr[strspn(mr, "0123456789")])
		mr = "NUMBER";
	return err_set(e, ERR_UNKNOWN,
		       "glab mr checkout runs git with the person's token; "
		       "instead: git fetch origin merge-requests/%s/head:mr-%s "
		       "&& git switch mr-%s",
		       mr, mr, mr);
}

int
glab_merge(struct forge_call *f, struct err *e)
{
	struct effect *fx =
	    forge_effect(f, EFFECT_RESOURCE_CHANGE, "merge of merge request");

	(void)e;
	fx->why = "a merge is for everybody who works on the branch";
	fx->instead = "leave it open, and tell the person that it is ready";
	if (cobra_on(&f->line, "remove-source-branch"))
		forge_effect(f, EFFECT_RESOURCE_DELETE,
			     "branch of merge request")
		    ->why = "the branch goes from the remote";
	return 0;
}

int
glab_mr_create(struct forge_call *f, struct err *e)
{
	if (cobra_on(&f->line, "push") ||
	    cobra_on(&f->line, "create-source-branch"))
		return err_set(e, ERR_UNKNOWN,
			       "glab mr create --push runs git with the "
			       "person's token; instead: git push -u origin "
			       "BRANCH, then glab mr create without it");
	return 0;
}

int
glab_repo_clone(struct forge_call *f, struct err *e)
{
	if (cobra_given(&f->line, "group"))
		return err_set(e, ERR_UNKNOWN,
			       "glab repo clone --group clones whatever the "
			       "group holds; instead: git clone, one by one");
	return gh_repo_clone(f, e);
}

int
glab_repo_create(struct forge_call *f, struct err *e)
{
	struct effect *fx;

	if (!cobra_on(&f->line, "skipGitInit"))
		return err_set(e, ERR_UNKNOWN,
			       "glab repo create runs git with the person's "
			       "token; instead: glab repo create "
			       "--skipGitInit, then git remote add");
	fx = forge_effect(f,
			  cobra_on(&f->line, "public") ? EFFECT_PUBLISH
						       : EFFECT_RESOURCE_CHANGE,
			  "new project");
	fx->why = "it is made in the person's name";
	return 0;
}

int
glab_repo_fork(struct forge_call *f, struct err *e)
{
	if (cobra_on(&f->line, "clone") || cobra_on(&f->line, "remote"))
		return err_set(e, ERR_UNKNOWN,
			       "glab repo fork --clone and --remote run git "
			       "with the person's token; instead: glab repo "
			       "fork --clone=false --remote=false, then git "
			       "remote add");
	return gh_repo_operand(f, e);
}

static const char *const host_env[] = {"GITLAB_HOST", "GL_HOST", "GITLAB_URI",
				       NULL};
static const char *const token_env[] = {"GITLAB_TOKEN", "GITLAB_ACCESS_TOKEN",
					"OAUTH_TOKEN", NULL};
static const char *const keep_env[] = {
    "GITLAB_HOST",	"GL_HOST",
    "GITLAB_URI",	"NO_PROMPT",
    "FORCE_HYPERLINKS", "GLAB_CONFIG_DIR",
    "GITLAB_TOKEN",	"GITLAB_ACCESS_TOKEN",
    "OAUTH_TOKEN",	NULL};
static const char *const set_env[] = {"PAGER=cat",
				      "GLAB_PAGER=cat",
				      "EDITOR=/bin/false",
				      "VISUAL=/bin/false",
				      "BROWSER=/bin/false",
				      "GLAB_CHECK_UPDATE=false",
				      "GLAB_SEND_TELEMETRY=false",
				      "XDG_STATE_HOME=/tmp",
				      "XDG_CACHE_HOME=/tmp",
				      NULL};
static const char *const file_flags[] = {"notes-file", "input",
					 "variables-from", NULL};
static const char *const field_flags[] = {"field", "form", NULL};
static const char *const web_flags[] = {"web", NULL};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	const struct forge glab = {
	    .name = "glab",
	    .family = "gitlab",
	    .words = glab_words,
	    .nwords = glab_nwords,
	    .host = "gitlab.com",
	    .host_env = host_env,
	    .token_env = token_env,
	    .other_token_env = token_env,
	    .keep_env = keep_env,
	    .set_env = set_env,
	    .dir_env = "GLAB_CONFIG_DIR",
	    .dir = "glab-cli",
	    .file_flags = file_flags,
	    .field_flags = field_flags,
	    .web_flags = web_flags,
	    .reach = reach,
	    .config = config,
	    .alias = alias,
	    .other = other,
	};

	return forge_understand(ctx, t, &glab, cmd, fx, e);
}

static const char *const names[] = {"glab", NULL};

const struct tool tool_glab = {
    .name = "glab",
    .names = names,
    .understand = understand,
};
