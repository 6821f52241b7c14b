/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What workers of one gateway tell each other about the classifier: a page of
 * shared memory under a robust lock, since a worker may die at any point.
 */
#include "base/text.h"
#include "judge/classifier_work.h"
#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <sys/mman.h>
#include <talloc.h>

#define CACHE	 256
#define SESSIONS 256
#define CACHE_S	 3600
#define FAILURES 3
#define CLOSED_S 60

struct slot {
	unsigned char key[16];
	int64_t until;
	struct remembered r;
};

struct shared {
	pthread_mutex_t lock;
	unsigned char secret[32];
	unsigned failures;
	int64_t closed_until;
	struct {
		unsigned char key[16];
		uint32_t calls;
	} sessions[SESSIONS];
	size_t next_session, next_slot;
	struct slot cache[CACHE];
};

static struct shared *shared;

static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return t.tv_sec;
}

void
classifier_prepare(void)
{
	pthread_mutexattr_t a;
	void *p;

	if (shared)
		return;
	p = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return;
	shared = p;
	randombytes_buf(shared->secret, sizeof(shared->secret));
	pthread_mutexattr_init(&a);
	pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&shared->lock, &a);
	pthread_mutexattr_destroy(&a);
}

/* Whoever died holding it was writing one slot, which then matches nothing or
 * is whole: keys are written last. */
static bool
locked(void)
{
	int rc;

	if (!shared)
		return false;
	rc = pthread_mutex_lock(&shared->lock);
	if (rc == EOWNERDEAD)
		rc = pthread_mutex_consistent(&shared->lock);
	return rc == 0;
}

static void
unlock(void)
{
	pthread_mutex_unlock(&shared->lock);
}

static void
name_of(const char *session, unsigned char out[16])
{
	crypto_generichash(out, 16, (const unsigned char *)session,
			   strlen(session), shared ? shared->secret : NULL,
			   shared ? sizeof(shared->secret) : 0);
}

char *
shared_fence(void *ctx, const char *session)
{
	unsigned char name[16];

	if (shared)
		name_of(session, name);
	else
		randombytes_buf(name, sizeof(name));
	return text_hex(ctx, name, 12);
}

bool
shared_recall(const unsigned char key[16], struct remembered *out)
{
	bool found = false;

	if (!locked())
		return false;
	for (size_t i = 0; i < CACHE && !found; i++) {
		struct slot *s = &shared->cache[i];

		found = s->until > now() && !memcmp(s->key, key, 16);
		if (found)
			*out = s->r;
	}
	unlock();
	return found;
}

void
shared_remember(const unsigned char key[16], const struct remembered *r)
{
	struct slot *s;

	if (!locked())
		return;
	s = &shared->cache[shared->next_slot++ % CACHE];
	s->until = 0;
	s->r = *r;
	memcpy(s->key, key, 16);
	s->until = now() + CACHE_S;
	unlock();
}

bool
shared_spend(const char *session, uint32_t budget)
{
	unsigned char key[16];
	size_t i;
	bool ok;

	if (!locked())
		return true;
	name_of(session, key);
	for (i = 0; i < SESSIONS; i++)
		if (!memcmp(shared->sessions[i].key, key, 16))
			break;
	if (i == SESSIONS) {
		i = shared->next_session++ % SESSIONS;
		shared->sessions[i].calls = 0;
		memcpy(shared->sessions[i].key, key, 16);
	}
	ok = shared->sessions[i].calls < budget;
	shared->sessions[i].calls += ok;
	unlock();
	return ok;
}

int64_t
shared_closed(void)
{
	int64_t left;

	if (!locked())
		return 0;
	left = shared->closed_until - now();
	unlock();
	return left > 0 ? left : 0;
}

void
shared_result(bool ok)
{
	if (!locked())
		return;
	shared->failures = ok ? 0 : shared->failures + 1;
	if (shared->failures >= FAILURES) {
		shared->closed_until = now() + CLOSED_S;
		/* one more try then, not three */
		shared->failures = FAILURES - 1;
	}
	unlock();
}
