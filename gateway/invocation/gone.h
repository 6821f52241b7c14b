/* SPDX-License-Identifier: Apache-2.0 */
/* Commands from a current directory that was deleted. */
#ifndef AUTOMODE_INVOCATION_GONE_H
#define AUTOMODE_INVOCATION_GONE_H

#include "invocation/invocation.h"

/* Names nothing that is relative: it may run from the root. */
bool gone_is_no_matter(const struct invocation *in);
/* git would end there with these words and status 128 (git 2.39). */
bool gone_git_says(const struct invocation *in, const char **says);

#endif
