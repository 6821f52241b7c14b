/* SPDX-License-Identifier: Apache-2.0 */
/* Files of /etc that a box gets in a shorter form. */
#ifndef AUTOMODE_SANDBOX_SYNTHETIC_H
#define AUTOMODE_SANDBOX_SYNTHETIC_H

#include "invocation/invocation.h"

/* The text of path for this caller; NULL: not one of them.  What comes from
 * the password database is looked up once per process and uid. */
const char *synthetic_file(const struct invocation *in, const char *path);

#endif
