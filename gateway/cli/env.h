/* SPDX-License-Identifier: Apache-2.0 */
/* What `automode env` puts on PATH beside the folder of shims. */
#ifndef AUTOMODE_CLI_ENV_H
#define AUTOMODE_CLI_ENV_H

#include <stdbool.h>
#include <stddef.h>

/* The folder of those interpreters that this PATH has; NULL: none. */
char *env_interpreters(void *ctx, const char *path);
/* Is that PATH entry such a folder? */
bool env_is_interpreters(const char *entry, size_t len);

#endif
