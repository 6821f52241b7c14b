/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command may change that runs outside of any box, where another one
 * writes what it fetches: a Landlock domain (landlock(7)) in which only these
 * folders, as they are now, and no name that leads to them later, can be
 * written to.
 */
#ifndef AUTOMODE_EXEC_CONFINE_H
#define AUTOMODE_EXEC_CONFINE_H

#include "base/err.h"
#include <stddef.h>

/* The domain's descriptor for who is to enter it (shims/confine.c), or -1
 * where this kernel has none that would do.  Negative otherwise: a folder is
 * not what it was.  *folders: "DEVICE:INODE" of each, with blanks; no domain
 * knows of modes, owners and times that are set by a name. */
int confine_open(void *ctx, const char *const *dirs, size_t n, int *fd,
		 char **folders, struct err *e);

#endif
