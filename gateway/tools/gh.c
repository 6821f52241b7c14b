/* SPDX-License-Identifier: Apache-2.0 */
/* gh: the program of github.com and GitHub Enterprise. */
#include "tools/gh.h"
#include "base/path.h"
#include "base/spawn.h"
#include "base/text.h"
#include <string.h>

/* github.com has a host for each thing; a tenant NAME.ghe.com likewise; a
 * server of one's own is one host (go-gh's pkg/ghinstance). */
static void
reach(struct forge_call *f, const char *host, uint16_t port)
{
	static const char *const in_front[] = {"api.", "uploads.", ""};
	size_t len = strlen(host);
	bool many = !strcmp(host, "github.com") ||
		    (len > 8 && !strcmp(host + len - 8, ".ghe.com"));
	struct need_egress to = {.port = port,
				 .named = forge_knows_host(f, host)};

	for (size_t i = many ? 0 : 2; i < 3; i++) {
		to.host = forge_text(f, "%s%s", in_front[i], host);
		/* the port is no part of the name */
		if (!many && strrchr(to.host, ':') && !strchr(to.host, ']'))
			to.host = talloc_strndup(
			    f->ctx, to.host,
			    (size_t)(strrchr(to.host, ':') - to.host));
		to.optional = many && i == 1;
		need_egress(f->ctx, &f->cmd->need, &to);
	}
}

static bool
is_kept(const char *path)
{
	static const char *const keys[] = {"git_protocol", "prompt",
					   "prefer_editor_prompt", "spinner",
					   "color_labels"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (!strcmp(path, keys[i]))
			return true;
	return false;
}

/* gh keeps tokens in the person's keyring since 2.26: no box reaches that, so
 * that gh itself is asked for the one of this host. */
static void
ask_keyring(struct forge_call *f)
{
	static const char *const passed[] = {"HOME", "XDG_CONFIG_HOME",
					     "XDG_RUNTIME_DIR",
					     "DBUS_SESSION_BUS_ADDRESS"};
	const char *argv[] = {"gh",	    "auth",  "token",
			      "--hostname", f->host, NULL};
	const char *env[6] = {"PATH=/usr/local/bin:/usr/bin:/bin"};
	struct spawn s = {.program = f->cmd->program,
			  .argv = argv,
			  .env = env,
			  .cwd = "/",
			  .timeout_ms = 5000};
	char *key = forge_text(f, "%s\noauth_token", f->host);
	struct err e = {0};
	size_t n = 1;

	if (!forge_setting(f->hosts, f->host) || forge_setting(f->hosts, key) ||
	    f->scope != SCOPE_TRUSTED)
		return;
	for (size_t i = 0; i < sizeof(passed) / sizeof(*passed); i++) {
		const char *value = invocation_env(f->in, passed[i]);

		if (value)
			env[n++] = forge_text(f, "%s=%s", passed[i], value);
	}
	if (spawn_run(f->ctx, &s, &e) < 0 || s.status != 0 || !s.output)
		return; /* gh will say that there is none */
	s.output[strcspn(s.output, "\r\n")] = '\0';
	if (!*s.output)
		return;
	/* behind the host's own line, where its other keys are */
	for (size_t i = 0; i < f->hosts->n; i++) {
		if (strcmp(f->hosts->v[i].path, f->host) != 0)
			continue;
		f->hosts->v =
		    talloc_realloc(f->ctx, f->hosts->v, struct forge_setting,
				   (unsigned)f->hosts->n + 1);
		if (!f->hosts->v)
			BUG("out of memory");
		memmove(&f->hosts->v[i + 2], &f->hosts->v[i + 1],
			(f->hosts->n - i - 1) * sizeof(*f->hosts->v));
		f->hosts->v[i + 1] = (struct forge_setting){key, s.output};
		f->hosts->n++;
		return;
	}
}

/* hosts.yml as it is; of config.yml what names no program and no socket. */
static int
config(struct forge_call *f, struct err *e)
{
	char *text, *hosts;
	int rc = forge_config_file(f, "hosts.yml", &f->hosts, e);

	if (rc == 0)
		rc = forge_config_file(f, "config.yml", &f->config, e);
	if (rc < 0)
		return rc;
	if (f->word->cls == FORGE_LOCAL) {
		/* gh config get, gh alias list: the person's own words */
		need_read(f->ctx, &f->cmd->need,
			  path_join(f->ctx, f->config_dir, "config.yml"));
		return 0;
	}
	ask_keyring(f);
	hosts = forge_dump(f, f->hosts, NULL);
	text = forge_text(f, "version: \"1\"\n%s",
			  forge_dump(f, f->config, is_kept));
	if (*hosts)
		need_file(f->ctx, &f->cmd->need,
			  path_join(f->ctx, f->config_dir, "hosts.yml"), hosts,
			  strlen(hosts));
	need_file(f->ctx, &f->cmd->need,
		  path_join(f->ctx, f->config_dir, "config.yml"), text,
		  strlen(text));
	return 0;
}

static const char *
alias(struct forge_call *f, const char *word)
{
	struct err e = {0};
	const char *text;

	if (forge_config_file(f, "config.yml", &f->config, &e) < 0)
		return NULL;
	text = forge_setting(f->config, forge_text(f, "aliases\n%s", word));
	if (!text && !strcmp(word, "co"))
		return "pr checkout"; /* there from the start */
	return text;
}

/* An extension is a program gh-WORD below the data folder; without one gh says
 * itself that it does not know the word. */
static int
other(struct forge_call *f, const char *word, struct err *e)
{
	const char *data = invocation_env(f->in, "XDG_DATA_HOME");
	const char *home = invocation_env(f->in, "HOME");

	if (!data || *data != '/')
		data = forge_text(f, "%s/.local/share", home ? home : "");
	if (!strchr(word, '/') &&
	    path_exists(forge_text(f, "%s/gh/extensions/gh-%s", data, word)))
		return err_set(e, ERR_UNKNOWN,
			       "gh %s is an extension: a program of others, "
			       "which would run with the person's token",
			       text_safe(f->ctx, word));
	return err_set(e, ERR_SYNTAX, "no command %s", text_safe(f->ctx, word));
}

static const char *const host_env[] = {"GH_HOST", NULL};
static const char *const repo_env[] = {"GH_REPO", NULL};
static const char *const token_env[] = {"GH_TOKEN", "GITHUB_TOKEN", NULL};
static const char *const other_token_env[] = {"GH_ENTERPRISE_TOKEN",
					      "GITHUB_ENTERPRISE_TOKEN", NULL};
static const char *const keep_env[] = {"GH_HOST",
				       "GH_REPO",
				       "GH_PROMPT_DISABLED",
				       "GH_FORCE_TTY",
				       "GH_MDWIDTH",
				       "GH_SPINNER_DISABLED",
				       "GH_CONFIG_DIR",
				       "GH_TOKEN",
				       "GITHUB_TOKEN",
				       "GH_ENTERPRISE_TOKEN",
				       "GITHUB_ENTERPRISE_TOKEN",
				       NULL};
static const char *const set_env[] = {"GH_PAGER=cat",
				      "GH_EDITOR=/bin/false",
				      "GH_BROWSER=/bin/false",
				      "GH_NO_UPDATE_NOTIFIER=1",
				      "GH_NO_EXTENSION_UPDATE_NOTIFIER=1",
				      "GH_TELEMETRY=false",
				      "XDG_STATE_HOME=/tmp",
				      "XDG_CACHE_HOME=/tmp",
				      NULL};
static const char *const file_flags[] = {
    "body-file", "notes-file", "recover", "input", "add", "from-file", NULL};
static const char *const field_flags[] = {"field", NULL};
static const char *const web_flags[] = {"web", "editor", NULL};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	struct forge gh = {
	    .name = "gh",
	    .family = "github",
	    .words = gh_words,
	    .nwords = gh_nwords,
	    .host = "github.com",
	    .host_env = host_env,
	    .repo_env = repo_env,
	    .token_env = token_env,
	    .other_token_env = other_token_env,
	    .keep_env = keep_env,
	    .set_env = set_env,
	    .dir_env = "GH_CONFIG_DIR",
	    .dir = "gh",
	    .file_flags = file_flags,
	    .field_flags = field_flags,
	    .web_flags = web_flags,
	    .reach = reach,
	    .config = config,
	    .alias = alias,
	    .other = other,
	};

	return forge_understand(ctx, t, &gh, cmd, fx, e);
}

static const char *const names[] = {"gh", NULL};

const struct tool tool_gh = {
    .name = "gh",
    .names = names,
    .understand = understand,
};
