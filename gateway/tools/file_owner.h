/* SPDX-License-Identifier: Apache-2.0 */
/* What chown and chgrp have in common: all but their options. */
#ifndef AUTOMODE_TOOLS_FILE_OWNER_H
#define AUTOMODE_TOOLS_FILE_OWNER_H

#include "tools/file_call.h"

/* What such a line means (file_tool.mean): an owner or group, unless it is
 * taken from a --reference, and the files that get it. */
int file_owner(struct file_call *c, struct err *e);

#endif
