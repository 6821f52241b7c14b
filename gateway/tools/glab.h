/* SPDX-License-Identifier: Apache-2.0 */
/* glab, shared by glab.c and glab_table.c. */
#ifndef AUTOMODE_TOOLS_GLAB_H
#define AUTOMODE_TOOLS_GLAB_H

#include "tools/gh.h"

extern const struct forge_word glab_words[];
extern const size_t glab_nwords;

/* glab.c: each for the commands of its name */
int glab_prints_secret(struct forge_call *f, struct err *e);
int glab_auth_status(struct forge_call *f, struct err *e);
int glab_artifact(struct forge_call *f, struct err *e);
int glab_download(struct forge_call *f, struct err *e);
int glab_archive(struct forge_call *f, struct err *e);
int glab_approve(struct forge_call *f, struct err *e);
int glab_checkout(struct forge_call *f, struct err *e);
int glab_merge(struct forge_call *f, struct err *e);
int glab_mr_create(struct forge_call *f, struct err *e);
int glab_repo_clone(struct forge_call *f, struct err *e);
int glab_repo_create(struct forge_call *f, struct err *e);
int glab_repo_fork(struct forge_call *f, struct err *e);
int glab_token(struct forge_call *f, struct err *e);
int glab_variable_list(struct forge_call *f, struct err *e);

#endif
