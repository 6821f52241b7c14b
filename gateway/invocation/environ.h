/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The caller's environment, as far as it may reach a boxed command.
 * One table of names: keep, drop, secret.  git's own variables are judged by
 * tools/git_environ.c; this is everything else.
 */
#ifndef AUTOMODE_INVOCATION_ENVIRON_H
#define AUTOMODE_INVOCATION_ENVIRON_H

#include "invocation/invocation.h"

enum environ_fate {
	ENVIRON_KEEP,	/* harmless in a box without network and credentials */
	ENVIRON_DROP,	/* changes what code runs before main(), or ours */
	ENVIRON_SECRET, /* holds or reaches a credential */
	ENVIRON_URL,	/* kept when what it names is on this machine */
};
enum environ_fate environ_fate(const char *name);

/* The environment for a boxed command: what may be kept, PATH without our
 * own shim folder.  set: "NAME=value" entries that replace or add. */
const char **
environ_build(void *ctx, const struct invocation *in, const char *const *set);
/* PATH of the caller without the folders that hold our shims. */
char *environ_path(void *ctx, const struct invocation *in);

#endif
