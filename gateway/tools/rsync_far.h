/* SPDX-License-Identifier: Apache-2.0 */
/* rsync between this machine and another. */
#ifndef AUTOMODE_TOOLS_RSYNC_FAR_H
#define AUTOMODE_TOOLS_RSYNC_FAR_H

#include "tools/file_call.h"

/* "host:path", "user@host::module", "rsync://host/path" */
bool rsync_is_far(const char *word);
/* c->opt is read, and one of the operands is far. */
int rsync_far(struct file_call *c, struct err *e);

#endif
