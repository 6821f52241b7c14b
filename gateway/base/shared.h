/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that a process shares with those that it forks, behind a lock that
 * outlives whoever dies with it. */
#ifndef AUTOMODE_BASE_SHARED_H
#define AUTOMODE_BASE_SHARED_H

#include <pthread.h>
#include <stddef.h>

struct shared {
	pthread_mutex_t lock;
};

enum shared_state {
	SHARED_BUSY, /* not within 50 ms: its holder is stopped, perhaps */
	SHARED_LOCKED,
	SHARED_TORN, /* locked; who had it died, and left it half done */
};

/* Zeros behind a struct shared, for as long as the process lives.  NULL: there
 * is none. */
void *shared_new(size_t size);
enum shared_state shared_lock(struct shared *s);
void shared_unlock(struct shared *s);

#endif
