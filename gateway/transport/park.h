/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A push is asked about first, by `git push --dry-run`, and then done: two
 * connections, of which the first has been told everything and has said
 * nothing.  So the carrier of the first keeps its ssh, where git-receive-pack
 * waits for updates, and what it has announced; the carrier of the second
 * takes both over.  The values that were judged are then those that the
 * server compares the refs with when it sets them.
 *
 * The two meet at a socket pair of the worker's; when the worker's end is
 * gone, what is parked ends.
 */
#ifndef AUTOMODE_TRANSPORT_PARK_H
#define AUTOMODE_TRANSPORT_PARK_H

#include "transport/carrier.h"

#define PARK_ANNOUNCED (64u << 20) /* bytes; longer is not parked */
#define PARK_SAID      (64u << 10) /* of ssh's stderr */
#define PARK_TAKE_MS   2000

/* Between box and git, when the carrier may park (c->parks). */
int park_prepare(struct carrier *c, struct err *e);
/* Takes over what waits at c->park; 1 where nothing does. */
int park_take(struct carrier *c, struct err *e);
/* To be called at the end: the status, to who took over, or the end of what
 * was taken. */
void park_end(struct carrier *c);

#endif
