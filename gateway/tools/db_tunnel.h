/* SPDX-License-Identifier: Apache-2.0 */
/* Does a port of this machine lead to another one? */
#ifndef AUTOMODE_TOOLS_DB_TUNNEL_H
#define AUTOMODE_TOOLS_DB_TUNNEL_H

/* Safe text of the command line that listens there, when it is one that
 * carries connections elsewhere; NULL: it is none, or another user's. */
const char *db_tunnel(void *ctx, unsigned port);

#endif
