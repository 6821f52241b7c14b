/* SPDX-License-Identifier: Apache-2.0 */
/* What load.c (one profile's text), load_entry.c (one key of it) and layers.c
 * (which files) share. */
#ifndef AUTOMODE_POLICY_LOAD_WORK_H
#define AUTOMODE_POLICY_LOAD_WORK_H

#include "policy/keys.h"
#include "policy/policy.h"
#include <git2.h>

#define SYSTEM_POLICY	  "/etc/automode/policy"
#define USER_POLICY	  ".config/automode/policy"
#define REPOSITORY_POLICY ".automode"

void policy_add_text(struct policy *p, const char ***list, size_t *n,
		     const char *value);
/* trusted: a repository's file that the owner has read. */
int policy_read_bytes(struct policy *p, const char *file, const char *text,
		      size_t len, enum layer layer, const char *home,
		      bool trusted, struct err *e);

/* One text, while it is read. */
struct reading {
	struct policy *p;
	enum layer layer;
	const char *file;
	const char *text;
	const char *home;
	struct err *e;
	bool trusted; /* a repository's file that the owner has read */
};

/* ERR_SYNTAX, with the file and the line of that key. */
int policy_complain(struct reading *rd, const struct policy_name *n,
		    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* For git_config_foreach(); data: the reading. */
int policy_read_entry(const git_config_entry *entry, void *data);

#endif
