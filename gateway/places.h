/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gateway's two folders, found alike by the gateway and the command line
 * (shims/shim.c knows the first by the same rule).
 *
 * Runtime folder, for sockets, lock and pid: $XDG_RUNTIME_DIR/automode when
 * XDG_RUNTIME_DIR is ours and 0700, else /run/user/UID/automode likewise,
 * else /tmp/automode-UID.
 *
 * State folder, for audit and vaults: what was asked for (--state-dir), else
 * what the file `state-dir` in the runtime folder says, else
 * $AUTOMODE_STATE_DIR, else $XDG_STATE_HOME/automode, else
 * ~/.local/state/automode, else, where that cannot be made, `state` in the
 * runtime folder.  What another user has of these is left aside.  The file
 * comes before the environment because a gateway is also started on demand by
 * a shim, in an environment that an agent controls.
 *
 * Home: what the file `home` in the runtime folder says, else the password
 * database's; not HOME, for the same reason.  `automode env`, run by the
 * person, writes HOME there when it starts a gateway.
 */
#ifndef AUTOMODE_PLACES_H
#define AUTOMODE_PLACES_H

#include "base/err.h"
#include <stdbool.h>
#include <sys/un.h>

/* make: makes it, 0700; else ERR_UNKNOWN when it is not there.  Whatever is
 * there must be a directory of ours that nobody else can enter. */
int places_runtime(void *ctx, bool make, char **dir, struct err *e);
/* runtime may be NULL.  preferred: instead of the password database's, NULL:
 * none. */
char *places_home(void *ctx, const char *runtime, const char *preferred);
/* Names the state folder, absolute and real; makes nothing. */
int places_state(void *ctx, const char *runtime, const char *asked,
		 const char *home, char **dir, struct err *e);
/* Makes it, 0700. */
int places_make_state(const char *dir, struct err *e);
/* Writes the file `state-dir` or `home`. */
int places_remember(const char *runtime, const char *name, const char *path,
		    struct err *e);
/* The address of a socket in the runtime folder, by way of a descriptor where
 * the path is too long for sun_path; *dir: -1, or to be closed afterwards. */
int places_address(const char *runtime, const char *name,
		   struct sockaddr_un *out, int *dir, struct err *e);
/* Process at the other end of that socket in the runtime folder; *sock is
 * connected (the caller closes it).  ERR_UNKNOWN: nobody listens; other
 * errors: somebody who is not us does. */
int places_connect(const char *runtime, const char *name, int *sock, int *pid,
		   struct err *e);
/* Does that process run the same file as we do? */
bool places_same_program(int pid);
/* An upgrade has put another file in our program's place. */
bool places_program_replaced(void);

#endif
