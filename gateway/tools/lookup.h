/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTOMODE_TOOLS_LOOKUP_H
#define AUTOMODE_TOOLS_LOOKUP_H

#include "tools/file_call.h"

/* What the program of that name (argv[0] does not count) would ask for or send
 * along; it is handed over by the caller. */
int lookup_judge(struct file_call *c, const char *name, const char *const *argv,
		 struct err *e);

#endif
