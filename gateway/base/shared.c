/* SPDX-License-Identifier: Apache-2.0 */
#include "base/shared.h"
#include <errno.h>
#include <sys/mman.h>
#include <time.h>

#define WAIT_MS 50

void *
shared_new(size_t size)
{
	pthread_mutexattr_t a;
	struct shared *s = mmap(NULL, size, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (s == MAP_FAILED)
		return NULL;
	pthread_mutexattr_init(&a);
	pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&s->lock, &a);
	pthread_mutexattr_destroy(&a);
	return s;
}

enum shared_state
shared_lock(struct shared *s)
{
	struct timespec until;
	int rc;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += WAIT_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	rc = pthread_mutex_clocklock(&s->lock, CLOCK_MONOTONIC, &until);
	if (rc == EOWNERDEAD)
		return pthread_mutex_consistent(&s->lock) == 0 ? SHARED_TORN
							       : SHARED_BUSY;
	return rc == 0 ? SHARED_LOCKED : SHARED_BUSY;
}

void
shared_unlock(struct shared *s)
{
	pthread_mutex_unlock(&s->lock);
}
