/* SPDX-License-Identifier: Apache-2.0 */
/* Memory comes from talloc and is there, or we stop. */
#ifndef AUTOMODE_BASE_MEMORY_H
#define AUTOMODE_BASE_MEMORY_H

#include "base/err.h"
#include <talloc.h>

static inline void *
have(void *p)
{
	if (!p)
		BUG("out of memory");
	return p;
}

/* Makes room for one more in a growing array. */
#define GROW(ctx, v, n, room)                                                  \
	do {                                                                   \
		if ((n) == (room)) {                                           \
			(room) = (room) ? (room)*2 : 32;                       \
			(v) = have(talloc_realloc_size(                        \
			    ctx, v, sizeof(*(v)) * (room)));                   \
		}                                                              \
	} while (0)

#endif
