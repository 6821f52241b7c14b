/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The real program behind a shim: the first executable of that name on the
 * caller's PATH that is not a shim of any installation, else in the standard
 * folders (/usr/local/bin /usr/bin /bin ...).  Outside the workspace and not
 * writable by the caller counts as the system's own.
 */
#ifndef AUTOMODE_INVOCATION_PROGRAM_H
#define AUTOMODE_INVOCATION_PROGRAM_H

#include "invocation/invocation.h"

/* The absolute path, or ERR_UNKNOWN "no NAME behind the shim on PATH".
 * A shim is known by the marker string that every build carries in its
 * .note.automode section, not by its folder. */
int program_find(void *ctx, const struct invocation *in, const char *name,
		 const char **path, struct err *e);
/* Folders of this installation, from /proc/self/exe: <prefix>/bin/automode,
 * <prefix>/lib/automode/shims, <prefix>/share/automode. */
const char *program_shim_dir(void);
const char *program_share_dir(void);
bool program_is_shim(const char *path);

#endif
