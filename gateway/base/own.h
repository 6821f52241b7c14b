/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ownership: handles that are not memory hang from a talloc context and are
 * closed when it is freed.  One context per request; stages never call free().
 */
#ifndef AUTOMODE_BASE_OWN_H
#define AUTOMODE_BASE_OWN_H

#include <talloc.h>

/* Calls release(handle) when ctx is freed.  Aborts when memory runs out. */
void own(void *ctx, void *handle, void (*release)(void *));
/* Closes fd when ctx is freed; returns fd. */
int own_fd(void *ctx, int fd);

/* For an fd that lives within one function: `int fd OWNED_FD = -1;` */
#define OWNED_FD __attribute__((cleanup(own_close_fd)))
void own_close_fd(int *fd);

#endif
