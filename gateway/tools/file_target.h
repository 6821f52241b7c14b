/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where cp, mv, install and ln put things: -t, -T, the last operand, and what
 * lies there already.
 */
#ifndef AUTOMODE_TOOLS_FILE_TARGET_H
#define AUTOMODE_TOOLS_FILE_TARGET_H

#include "tools/file_call.h"

struct file_target {
	const char *const *sources;
	size_t nsources;
	const char *dir; /* things go into it under their own names */
	const char *to;	 /* or the one thing goes by this name */
};

/* no_follow: a link to a directory is no directory (ln -n).  ERR_SYNTAX where
 * the tools refuse. */
int file_target_find(struct file_call *c, bool no_follow, struct file_target *t,
		     struct err *e);
/* The name under which source arrives, as the tool would put it together. */
const char *file_target_name(struct file_call *c, const struct file_target *t,
			     const char *source, bool with_parents);
/* A backup of what is there is made (-b, --backup, VERSION_CONTROL): its name
 * may be taken as well.  False: none is made. */
bool file_target_backup(struct file_call *c, const struct operand *there);
/* What is replaced is put there first. */
void file_target_saved(struct file_call *c, const char *path);
/* Do both name the same file? */
bool file_target_same(const struct operand *a, const struct operand *b);

#endif
