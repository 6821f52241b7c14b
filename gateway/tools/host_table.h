/* SPDX-License-Identifier: Apache-2.0 */
/* The machine's own table of names, /etc/hosts (hosts(5)). */
#ifndef AUTOMODE_TOOLS_HOST_TABLE_H
#define AUTOMODE_TOOLS_HOST_TABLE_H

#include <stdbool.h>

/* It gives the name 127.0.0.1 or ::1 and nothing else. */
bool host_table_local(void *ctx, const char *name);
/* An address of loopback that it gives to somebody else (a tunnel, a
 * container, a stand-in): those names, with spaces between them; NULL: it is
 * this machine's, as 127.0.0.1 always is. */
const char *host_table_other(void *ctx, const char *loopback);

#endif
