/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gh commands whose flags and operands say more than the command word: each
 * adds its effects to that of the class in the table.
 */
#include "base/path.h"
#include "base/text.h"
#include "tools/gh.h"
#include <string.h>

int
gh_refuse(struct forge_call *f, struct err *e, const char *why,
	  const char *instead)
{
	return err_set(e, ERR_UNKNOWN, "%s %s %s; instead: %s", f->kind->name,
		       f->word->c.path, why, instead);
}

#define RUNS_GIT "runs git with the person's token"

/* Hosts that api.github.com sends downloads to. */
static void
reach_also(struct forge_call *f, const char *const *hosts)
{
	if (strcmp(f->host, f->kind->host) != 0)
		return;
	for (; *hosts; hosts++)
		need_egress(f->ctx, &f->cmd->need,
			    &(struct need_egress){
				.host = *hosts, .port = 443, .optional = true});
}

static const char *
operand_text(struct forge_call *f, size_t i, const char *without)
{
	const char *s = cobra_operand(&f->line, i);

	return text_safe(f->ctx, s ? s : without);
}

/* The branch that goes with it: here gh would run git for it. */
static int
deletes_branch(struct forge_call *f, struct err *e)
{
	struct effect *fx;

	if (!cobra_on(&f->line, "delete-branch"))
		return 0;
	if (f->repo && !cobra_given(&f->line, "repo"))
		return gh_refuse(
		    f, e, "--delete-branch " RUNS_GIT,
		    forge_text(f, "the same without it, then git push "
				  "origin --delete BRANCH and git "
				  "branch -d BRANCH"));
	fx = forge_effect(f, EFFECT_RESOURCE_DELETE, "branch of pull request");
	fx->why = "the branch goes from the remote";
	return 0;
}

int
gh_merge(struct forge_call *f, struct err *e)
{
	struct effect *fx;

	if (cobra_on(&f->line, "admin")) {
		fx = forge_effect(f, EFFECT_REVIEW_BYPASS, "pull request");
		fx->why = "--admin merges without the reviews and checks that "
			  "the branch asks for";
		fx->instead = forge_text(f, "gh pr checks %s",
					 operand_text(f, 0, "NUMBER"));
	}
	fx = forge_effect(f, EFFECT_RESOURCE_CHANGE,
			  cobra_on(&f->line, "disable-auto")
			      ? "automatic merge of pull request"
			      : "merge of pull request");
	fx->why = "a merge is for everybody who works on the branch";
	fx->instead = "leave it open, and tell the person that it is ready";
	return deletes_branch(f, e);
}

int
gh_close(struct forge_call *f, struct err *e)
{
	return deletes_branch(f, e);
}

int
gh_checkout(struct forge_call *f, struct err *e)
{
	const char *pr = cobra_operand(&f->line, 0);

	if (!pr || pr[strspn(pr, "0123456789")] || !*pr)
		pr = "NUMBER";
	return gh_refuse(
	    f, e, RUNS_GIT,
	    forge_text(f,
		       "git fetch origin pull/%s/head:pr-%s && git "
		       "switch pr-%s",
		       pr, pr, pr));
}

int
gh_develop(struct forge_call *f, struct err *e)
{
	if (cobra_on(&f->line, "list")) {
		forge_effect_on(f, EFFECT_NET_FETCH, f->host);
		return 0;
	}
	if (cobra_on(&f->line, "checkout"))
		return gh_refuse(f, e, "--checkout " RUNS_GIT,
				 "the same without it, then git fetch && git "
				 "switch BRANCH");
	forge_effect(f, EFFECT_RESOURCE_CHANGE, "branch for issue");
	return 0;
}

int
gh_dry_run(struct forge_call *f, struct err *e)
{
	(void)e;
	if (!cobra_on(&f->line, "dry-run"))
		return 0;
	forge_effect_on(f, EFFECT_NET_FETCH, f->host);
	return FORGE_SAID;
}

int
gh_review(struct forge_call *f, struct err *e)
{
	struct effect *fx;

	(void)e;
	if (!cobra_on(&f->line, "approve"))
		return 0;
	fx = forge_effect(f, EFFECT_REVIEW_BYPASS, "approval of pull request");
	fx->why = "an approval stands for a person who has read it";
	fx->instead = forge_text(f, "gh pr review %s --comment --body TEXT",
				 operand_text(f, 0, "NUMBER"));
	return 0;
}

int
gh_release_create(struct forge_call *f, struct err *e)
{
	struct effect *fx;

	(void)e;
	fx = forge_effect(f,
			  cobra_on(&f->line, "draft") ? EFFECT_RESOURCE_CHANGE
						      : EFFECT_PUBLISH,
			  "release");
	fx->why = "a release is there for all who can see the repository";
	if (!cobra_on(&f->line, "draft"))
		fx->instead = "the same with --draft, for the person to "
			      "publish";
	return 0;
}

int
gh_release_upload(struct forge_call *f, struct err *e)
{
	struct effect *fx;

	(void)e;
	if (!cobra_on(&f->line, "clobber"))
		return 0;
	fx = forge_effect(f, EFFECT_RESOURCE_DELETE, "assets of release");
	fx->why = "--clobber deletes those of the same name first";
	return 0;
}

int
gh_release_delete(struct forge_call *f, struct err *e)
{
	struct effect *fx;

	(void)e;
	if (!cobra_on(&f->line, "cleanup-tag"))
		return 0;
	fx = forge_effect(f, EFFECT_RESOURCE_DELETE, "tag");
	fx->why = "--cleanup-tag deletes the tag on the remote";
	return 0;
}

static const char *const download_hosts[] = {
    "objects.githubusercontent.com", "release-assets.githubusercontent.com",
    "codeload.github.com", NULL};

int
gh_release_download(struct forge_call *f, struct err *e)
{
	const char *out = cobra_value(&f->line, "output");
	const char *dir = cobra_value(&f->line, "dir");

	(void)e;
	reach_also(f, download_hosts);
	if (out)
		forge_writes(f, out, false, true);
	else
		forge_writes(f, dir ? dir : ".", true,
			     cobra_on(&f->line, "clobber"));
	return 0;
}

/* Logs and artifacts come from one of twenty accounts of a store. */
static void
reach_results(struct forge_call *f)
{
	static const char *const hosts[] = {
	    "pipelines.actions.githubusercontent.com",
	    "results-receiver.actions.githubusercontent.com", NULL};

	reach_also(f, hosts);
	if (strcmp(f->host, f->kind->host) != 0)
		return;
	for (unsigned i = 0; i < 20; i++)
		need_egress(
		    f->ctx, &f->cmd->need,
		    &(struct need_egress){
			.host = forge_text(
			    f, "productionresultssa%u.blob.core.windows.net",
			    i),
			.port = 443,
			.optional = true});
}

int
gh_run_view(struct forge_call *f, struct err *e)
{
	(void)e;
	if (cobra_on(&f->line, "log") || cobra_on(&f->line, "log-failed"))
		reach_results(f);
	return 0;
}

int
gh_run_download(struct forge_call *f, struct err *e)
{
	const char *dir = cobra_value(&f->line, "dir");

	(void)e;
	reach_results(f);
	forge_writes(f, dir ? dir : ".", true, true);
	return 0;
}

int
gh_workflow_disable(struct forge_call *f, struct err *e)
{
	struct effect *fx;

	(void)e;
	fx = forge_effect(f, EFFECT_REVIEW_BYPASS, "workflow");
	fx->why = "a disabled workflow checks nothing any more";
	return 0;
}

int
gh_gist_host(struct forge_call *f, struct err *e)
{
	static const char *const hosts[] = {"gist.github.com",
					    "gist.githubusercontent.com", NULL};

	(void)e;
	f->slug = NULL;
	reach_also(f, hosts);
	return 0;
}

int
gh_gist_create(struct forge_call *f, struct err *e)
{
	bool public = cobra_on(&f->line, "public");
	const char *first = cobra_operand(&f->line, 0);
	struct effect *fx;

	gh_gist_host(f, e);
	fx = forge_effect(f, public ? EFFECT_PUBLISH : EFFECT_NET_SEND, "gist");
	/* every file of it counts, and what comes on the standard input */
	if (first && !strcmp(first, "-"))
		fx->object = forge_text(f, "%s -", fx->object);
	for (size_t i = 1; cobra_operand(&f->line, i); i++)
		fx->object = forge_text(f, "%s %s", fx->object,
					cobra_operand(&f->line, i));
	fx->scope = SCOPE_FOREIGN;
	fx->why = "whoever has its address can read a gist, a secret one too";
	fx->instead = "leave the text in a file of the workspace";
	return 0;
}

int
gh_secret_set(struct forge_call *f, struct err *e)
{
	const char *file = cobra_value(&f->line, "env-file");
	struct effect *fx;

	(void)e;
	if (file && git_is_file_name(file)) {
		fx = effects_add(f->fx, EFFECT_SECRET_READ, SCOPE_SECRET, file);
		fx->undo = UNDO_NO;
		fx->why = "every line of it becomes a secret";
		need_read(f->ctx, &f->cmd->need,
			  path_resolve(f->ctx, f->dir, file));
	}
	if (cobra_on(&f->line, "no-store")) {
		forge_effect_on(f, EFFECT_NET_FETCH, f->host);
		return 0;
	}
	forge_effect(f, EFFECT_SECRET_WRITE, "secret");
	return 0;
}

int
gh_auth_token(struct forge_call *f, struct err *e)
{
	struct effect *fx;

	(void)e;
	fx = effects_add(f->fx, EFFECT_SECRET_PRINT, SCOPE_SECRET, f->host);
	fx->undo = UNDO_NO;
	fx->why =
	    forge_text(f, "the person's token for %s would be shown", f->host);
	fx->instead =
	    forge_text(f, "%s api PATH, which uses it unseen", f->kind->name);
	return 0;
}

int
gh_auth_status(struct forge_call *f, struct err *e)
{
	int rc = forge_config_file(f, "hosts.yml", &f->hosts, e);

	if (rc < 0)
		return rc;
	if (cobra_on(&f->line, "show-token"))
		return gh_auth_token(f, e);
	for (size_t i = 0; i < f->hosts->n; i++) {
		const char *host = f->hosts->v[i].path;

		if (!strchr(host, '\n') && forge_knows_host(f, host))
			f->kind->reach(f, host, 443);
	}
	return 0;
}

int
gh_browse(struct forge_call *f, struct err *e)
{
	if (!cobra_on(&f->line, "no-browser"))
		return err_set(e, ERR_UNKNOWN,
			       "gh browse would start a program on the "
			       "person's screen; instead: gh browse -n, which "
			       "prints the address");
	return 0;
}

int
gh_extension_list(struct forge_call *f, struct err *e)
{
	const char *data = invocation_env(f->in, "XDG_DATA_HOME");
	const char *home = invocation_env(f->in, "HOME");

	(void)e;
	if (!data || *data != '/')
		data = forge_text(f, "%s/.local/share", home ? home : "");
	need_read(f->ctx, &f->cmd->need,
		  forge_text(f, "%s/gh/extensions", data));
	return 0;
}

int
gh_attestation(struct forge_call *f, struct err *e)
{
	static const char *const hosts[] = {
	    "tuf-repo.github.com", "tuf-repo-cdn.sigstore.dev",
	    "tmaproduction.blob.core.windows.net", NULL};
	const char *file = cobra_operand(&f->line, 0);
	const char *bundle = cobra_value(&f->line, "bundle");
	const char *root = cobra_value(&f->line, "custom-trusted-root");

	(void)e;
	reach_also(f, hosts);
	if (file && strncmp(file, "oci://", 6) != 0)
		forge_reads_file(f, file, false);
	if (bundle)
		forge_reads_file(f, bundle, false);
	if (root)
		forge_reads_file(f, root, false);
	if (strstr(f->word->c.path, "download"))
		forge_writes(f, ".", true, false);
	return 0;
}
