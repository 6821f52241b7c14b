/* SPDX-License-Identifier: Apache-2.0 */
/* One call of tar: tar.c reads it and what it unpacks, tar_create.c what it
 * packs. */
#ifndef AUTOMODE_TOOLS_TAR_H
#define AUTOMODE_TOOLS_TAR_H

#include "tools/file_call.h"

struct taring {
	struct file_call *c;
	char op;	     /* t x c r u A d, D: --delete */
	const char *archive; /* NULL: stdin or stdout */
	const char **args;
	const char *made; /* the last that is to be made, with all below it */
	const char **members; /* where they go; for --recursive-unlink */
	size_t nmembers;
	bool boxed; /* packs in its box: there is something to lose */
};

/* Files that any operation writes beside; true: there is one. */
bool tar_writes(struct file_call *c);
/* Nothing in TAR_OPTIONS (may be NULL) changes what is written where. */
bool tar_harmless_default(void *ctx, const char *options);
/* Into an archive that is made or changed. */
int tar_create(struct taring *t, struct err *e);

#endif
