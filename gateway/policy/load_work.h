/* SPDX-License-Identifier: Apache-2.0 */
/* What load.c (one profile's text) and layers.c (which files) share. */
#ifndef AUTOMODE_POLICY_LOAD_WORK_H
#define AUTOMODE_POLICY_LOAD_WORK_H

#include "policy/policy.h"

#define SYSTEM_POLICY	  "/etc/automode/policy"
#define USER_POLICY	  ".config/automode/policy"
#define REPOSITORY_POLICY ".automode"

void policy_add_text(struct policy *p, const char ***list, size_t *n,
		     const char *value);
/* trusted: a repository's file that the owner has read. */
int policy_read_bytes(struct policy *p, const char *file, const char *text,
		      size_t len, enum layer layer, const char *home,
		      bool trusted, struct err *e);

#endif
