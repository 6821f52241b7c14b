/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the commands of a session have said to hosts so far, in short words:
 * a credential may go out in pieces, one with each command.  In memory alone,
 * which the gateway's processes share; nothing of it is ever told.
 */
#ifndef AUTOMODE_EFFECTS_SAID_BEFORE_H
#define AUTOMODE_EFFECTS_SAID_BEFORE_H

#include "invocation/session.h"
#include <stddef.h>

/* Before the first worker is forked; without it nothing is remembered. */
void said_before_prepare(void);

/* One record a command, the oldest first: its words, each with a NUL behind
 * it, and a NUL behind the last.  NULL: there is none. */
char *said_before(void *ctx, const struct session *s, size_t *len);
/* One more; too long a record is not taken, the oldest make room. */
#define SAID_LONGEST 1024
void said_before_add(const struct session *s, const char *record, size_t len);

#endif
