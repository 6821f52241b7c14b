/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What workers tell each other about the classifier: a mapped file of the
 * state folder, so that a restart neither refills a session's budget nor makes
 * it forget what was refused.  The lock, robust since a worker may die at any
 * point, and the secret of the fences live as long as one gateway.
 */
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "judge/classifier_work.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

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

struct guard {
	pthread_mutex_t lock;
	unsigned char secret[32];
};

struct shared {
	char magic[8];
	char boot[40]; /* times are of that boot */
	unsigned char salt[32];
	unsigned failures;
	int64_t closed_until;
	struct {
		unsigned char key[16];
		uint32_t calls;
	} sessions[SESSIONS];
	size_t next_session, next_slot;
	struct slot cache[CACHE];
};

static const char magic[8] = "amcls-1";
static struct guard *guard;
static struct shared *shared;

static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return t.tv_sec;
}

static void *
map(size_t size, int fd)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       fd < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED, fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* The file of that name, whole and ours; -1: none. */
static int
open_file(const char *state)
{
	char *path = path_join(NULL, state, "classifier");
	int fd = open(
	    path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
	struct stat st;

	talloc_free(path);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    st.st_uid != geteuid() || (st.st_mode & 077) != 0 ||
	    (st.st_size != (off_t)sizeof(*shared) &&
	     (ftruncate(fd, 0) != 0 ||
	      ftruncate(fd, (off_t)sizeof(*shared)) != 0))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* What another version wrote is forgotten; of another boot, the times. */
static void
settle(void)
{
	char *boot = NULL;
	size_t len = 0;

	if (memcmp(shared->magic, magic, sizeof(magic)) != 0) {
		memset(shared, 0, sizeof(*shared));
		randombytes_buf(shared->salt, sizeof(shared->salt));
		memcpy(shared->magic, magic, sizeof(magic));
	}
	if (file_read(NULL, AT_FDCWD, "/proc/sys/kernel/random/boot_id",
		      sizeof(shared->boot), &boot, &len, NULL) != 0 ||
	    len >= sizeof(shared->boot) ||
	    memcmp(shared->boot, boot, len) != 0) {
		memset(shared->cache, 0, sizeof(shared->cache));
		memset(shared->boot, 0, sizeof(shared->boot));
		shared->closed_until = 0;
		shared->failures = 0;
		if (boot && len < sizeof(shared->boot))
			memcpy(shared->boot, boot, len);
	}
	talloc_free(boot);
}

void
classifier_prepare(const char *state)
{
	pthread_mutexattr_t a;
	int fd;

	if (shared)
		return;
	guard = map(sizeof(*guard), -1);
	if (!guard)
		return;
	randombytes_buf(guard->secret, sizeof(guard->secret));
	pthread_mutexattr_init(&a);
	pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&guard->lock, &a);
	pthread_mutexattr_destroy(&a);
	fd = state ? open_file(state) : -1;
	shared = map(sizeof(*shared), fd);
	if (fd >= 0)
		close(fd);
	if (shared)
		settle();
}

/* Whoever died holding it was writing one slot, which then matches nothing or
 * is whole: keys are written last. */
static bool
locked(void)
{
	int rc;

	if (!shared)
		return false;
	rc = pthread_mutex_lock(&guard->lock);
	if (rc == EOWNERDEAD)
		rc = pthread_mutex_consistent(&guard->lock);
	return rc == 0;
}

static void
unlock(void)
{
	pthread_mutex_unlock(&guard->lock);
}

static void
name_of(const char *session, const unsigned char key[32], unsigned char out[16])
{
	crypto_generichash(out, 16, (const unsigned char *)session,
			   strlen(session), key, 32);
}

char *
shared_fence(void *ctx, const char *session)
{
	unsigned char name[16];

	if (guard)
		name_of(session, guard->secret, name);
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
		if (found) {
			*out = s->r;
			out->reason[sizeof(out->reason) - 1] = '\0';
		}
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
	name_of(session, shared->salt, key);
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
