/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boxes: profiles/NAME.box, git-config syntax, read once by the gateway.
 *
 *	[box]
 *		network = none | filter | open   none: own network namespace;
 *		                            filter: seccomp refuses all but
 *		                            AF_UNIX, no namespace (faster);
 *		                            open: the machine's own network
 *		session = new | keep        --new-session or not
 *	[mount]
 *		read = /usr                 absent sources are skipped
 *		write = $WORKTREE
 *		file = /etc/passwd          synthetic: see bwrap.c
 *		hide = $COMMONDIR/automode-vault
 *	[mount "code"]              the same kinds, only where foreign code
 *		read = /etc/ssl             may run (struct need, runs_code)
 *	[env]
 *		set = GIT_OPTIONAL_LOCKS=0
 *
 * Variables: $WORKTREE $GITDIR $COMMONDIR $HOME $CACHE $SHARE.  A line whose
 * variable has no value here is skipped.
 */
#ifndef AUTOMODE_SANDBOX_BOX_H
#define AUTOMODE_SANDBOX_BOX_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

enum box_mount_kind { MOUNT_READ, MOUNT_WRITE, MOUNT_FILE, MOUNT_HIDE };
struct box_mount {
	enum box_mount_kind kind;
	const char *path; /* with variables */
	bool code;	  /* of [mount "code"] */
};
struct box {
	const char *name;
	bool network_namespace;
	bool open_network;
	bool new_session;
	struct box_mount *mounts;
	size_t nmounts;
	const char **env; /* "NAME=value" */
	size_t nenv;
	const char *cache; /* folder of the projects' private caches, in the
			    * gateway's state folder */
};
struct boxes {
	struct box *v;
	size_t n;
};
int boxes_load(void *ctx, const char *dir, struct boxes *out, struct err *e);
const struct box *boxes_find(const struct boxes *b, const char *name);

#endif
