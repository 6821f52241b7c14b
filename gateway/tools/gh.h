/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gh, shared by its files: gh.c (the tool), gh_table.c (its commands),
 * gh_more.c and gh_repo.c (what depends on flags), gh_api.c (requests as such).
 */
#ifndef AUTOMODE_TOOLS_GH_H
#define AUTOMODE_TOOLS_GH_H

#include "tools/forge.h"

extern const struct forge_word gh_words[];
extern const size_t gh_nwords;

/* gh_api.c: gh api, glab api */
int forge_api(struct forge_call *f, struct err *e);

/* "gh pr checkout WHY; instead: ..." */
int gh_refuse(struct forge_call *f, struct err *e, const char *why,
	      const char *instead);

/* gh_more.c, gh_repo.c: each for the commands of its name */
int gh_merge(struct forge_call *f, struct err *e);
int gh_close(struct forge_call *f, struct err *e);
int gh_checkout(struct forge_call *f, struct err *e);
int gh_develop(struct forge_call *f, struct err *e);
int gh_dry_run(struct forge_call *f, struct err *e);
int gh_review(struct forge_call *f, struct err *e);
int gh_repo_clone(struct forge_call *f, struct err *e);
int gh_repo_create(struct forge_call *f, struct err *e);
int gh_repo_edit(struct forge_call *f, struct err *e);
int gh_repo_fork(struct forge_call *f, struct err *e);
int gh_repo_sync(struct forge_call *f, struct err *e);
int gh_repo_default(struct forge_call *f, struct err *e);
int gh_repo_operand(struct forge_call *f, struct err *e);
int gh_release_create(struct forge_call *f, struct err *e);
int gh_release_upload(struct forge_call *f, struct err *e);
int gh_release_delete(struct forge_call *f, struct err *e);
int gh_release_download(struct forge_call *f, struct err *e);
int gh_run_view(struct forge_call *f, struct err *e);
int gh_run_download(struct forge_call *f, struct err *e);
int gh_workflow_disable(struct forge_call *f, struct err *e);
int gh_gist_create(struct forge_call *f, struct err *e);
int gh_gist_clone(struct forge_call *f, struct err *e);
int gh_gist_host(struct forge_call *f, struct err *e);
int gh_secret_set(struct forge_call *f, struct err *e);
int gh_auth_status(struct forge_call *f, struct err *e);
int gh_auth_token(struct forge_call *f, struct err *e);
int gh_browse(struct forge_call *f, struct err *e);
int gh_extension_list(struct forge_call *f, struct err *e);
int gh_attestation(struct forge_call *f, struct err *e);
int gh_issue_transfer(struct forge_call *f, struct err *e);

#endif
