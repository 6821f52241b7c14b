/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was looked through whole and holds nothing, so that a large file that
 * is sent again is not looked through again.
 *
 * A table of digests in memory that the gateway's processes share; never a
 * file, which the caller could write.  A digest is over how the file is (its
 * place, size, times, owner) and over each value that was looked for: another
 * credential, and all is looked through again.  What tokens look like is read
 * once for a gateway (secrets_load()).
 *
 * The times alone tell too little: to exchange blocks with another file
 * (EXT4_IOC_MOVE_EXT) changes none, and root sets the clock.  Hence two more,
 * which any writer meets, whatever it does then:
 *   - a read lease is taken and given back at once.  The kernel grants one only
 *     while nobody has the file open for writing, and whoever mapped it so
 *     counts as that until it is unmapped (fcntl(2), F_SETLEASE; fs/locks.c,
 *     check_conflicting_open()).  The caller has to own the file.
 *   - an inotify(7) watch stands since before the look.  Who opens the file for
 *     writing after that closes it again, which is an event, and the kernel
 *     says so before the file counts as not open for writing.
 * So: a lease that is granted, and then no event in the queue, means that
 * nobody had it open for writing since the watch was set.  Both are asked for
 * before the look, after it, and when it shall count.
 *
 * An overlayfs above tells its writes to no watch of the file that they go to,
 * and they may have come and gone between two leases.  They leave a time,
 * though, and the kernel takes it from the clock of its last tick: where that
 * has left the file's own time behind when the look begins, each change from
 * then on has another one.  What was made just now is waited for until then,
 * a tick long.
 *
 * Only on file systems of which all of this is true.  Not on overlayfs: what
 * is written to its upper folder, and on older kernels through a mapping, is
 * another inode's.  Not on tmpfs: a write through a mapping changes no time
 * there, so that one that came by an overlayfs above it, which tells no watch,
 * would leave no trace.  Not on FUSE, NFS and 9p, where others write.
 *
 * What this does not see: who writes to the disk below, and a device or a
 * kernel thread that still holds pages of the file by themselves (direct I/O
 * into a mapping that has gone).
 */
#include "base/shared.h"
#include "effects/secrets_work.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#define SLOTS	  64
#define EVENTS_FD 16 /* or above: below are those that workers are given */
#define TICK_MS	  10 /* at most, of any kernel */
#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC 0x58465342
#endif

bool secrets_seen_at_once = false;

struct slot {
	uint64_t ticket; /* of the look; 0: empty */
	unsigned char digest[SECRETS_LOOK_BYTES];
	int watch;
	bool clean; /* else the look is not at its end */
};

static struct table {
	struct shared shared; /* a worker may die at any point */
	uint64_t tickets;
	struct slot v[SLOTS];
} * table;
static int events = -1;

void
secrets_seen_prepare(void)
{
	int fd;

	if (table)
		return;
	fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (fd < 0)
		return;
	events = fcntl(fd, F_DUPFD_CLOEXEC, EVENTS_FD);
	close(fd);
	if (events < 0)
		return;
	table = shared_new(sizeof(*table));
}

int
secrets_seen_fd(void)
{
	return events;
}

/* --- the table, locked -----------------------------------------------------
 */

/* Whoever died holding it may have taken events that it did not heed; one that
 * is stopped is not waited for. */
static bool
locked(void)
{
	enum shared_state state = shared_lock(&table->shared);

	if (state == SHARED_TORN)
		memset(table->v, 0, sizeof(table->v));
	return state != SHARED_BUSY;
}

static void
unlock(void)
{
	shared_unlock(&table->shared);
}

static void
forget_watch(int watch)
{
	for (size_t i = 0; i < SLOTS; i++)
		if (table->v[i].watch == watch)
			table->v[i] = (struct slot){0};
}

static void
forget(struct slot *x)
{
	int watch = x->watch;
	bool held = x->ticket == 0;

	*x = (struct slot){0};
	for (size_t i = 0; i < SLOTS; i++)
		held |= table->v[i].ticket && table->v[i].watch == watch;
	if (!held)
		(void)inotify_rm_watch(events, watch);
}

/* Whatever happened to a file that is watched, it is not known any more. */
static void
heed_events(void)
{
	char text[4096]
	    __attribute__((aligned(__alignof__(struct inotify_event))));

	for (;;) {
		ssize_t n = read(events, text, sizeof(text));
		const struct inotify_event *e;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			memset(table->v, 0, sizeof(table->v));
			return;
		}
		for (const char *p = text; p < text + n;
		     p += sizeof(*e) + e->len) {
			e = (const void *)p;
			/* some were lost */
			if (e->mask & IN_Q_OVERFLOW)
				memset(table->v, 0, sizeof(table->v));
			forget_watch(e->wd);
		}
	}
}

static const struct slot *
find_clean(const unsigned char digest[SECRETS_LOOK_BYTES])
{
	for (size_t i = 0; i < SLOTS; i++)
		if (table->v[i].ticket && table->v[i].clean &&
		    !memcmp(table->v[i].digest, digest, SECRETS_LOOK_BYTES))
			return &table->v[i];
	return NULL;
}

/* The look begins: from here on whoever writes is noticed. */
static void
note(struct secrets_look *l, const char *name)
{
	/* the first event is enough, and ends the watch */
	int watch = inotify_add_watch(events, name,
				      IN_CLOSE_WRITE | IN_MODIFY | IN_ONESHOT);
	struct slot *x = &table->v[0];

	if (watch < 0)
		return;
	for (size_t i = 1; i < SLOTS; i++)
		if (table->v[i].ticket < x->ticket)
			x = &table->v[i];
	if (x->ticket)
		forget(x);
	x->watch = watch;
	x->clean = false;
	memcpy(x->digest, l->digest, sizeof(x->digest));
	x->ticket = l->ticket = ++table->tickets;
}

/* --- the file --------------------------------------------------------------
 */

/* Nobody has it open for writing, at this moment.  Who wants to while the
 * lease lasts waits for its end, and has the kernel send a signal that would
 * end this process. */
static bool
is_unwritten(int fd)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	bool yes;

	if (sigaction(SIGIO, &ignore, &before) < 0)
		return false;
	yes = fcntl(fd, F_SETLEASE, F_RDLCK) == 0;
	if (yes)
		(void)fcntl(fd, F_SETLEASE, F_UNLCK);
	(void)sigaction(SIGIO, &before, NULL);
	return yes;
}

static bool
is_plain(const struct statfs *fs)
{
	return fs->f_type == EXT4_SUPER_MAGIC ||
	       fs->f_type == XFS_SUPER_MAGIC || fs->f_type == BTRFS_SUPER_MAGIC;
}

/* Its next change has another time. */
static bool
is_settled(const struct stat *st)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME_COARSE, &t);
	/* a file system may keep whole seconds alone */
	if (t.tv_sec == st->st_ctim.tv_sec && st->st_ctim.tv_nsec)
		return t.tv_nsec > st->st_ctim.tv_nsec;
	return t.tv_sec > st->st_ctim.tv_sec;
}

static void
wait_for_tick(int fd)
{
	const struct timespec ms = {.tv_nsec = 1000000};
	struct stat st;

	for (int i = 0; i < 2 * TICK_MS; i++) {
		if (fstat(fd, &st) < 0 || is_settled(&st))
			return;
		(void)nanosleep(&ms, NULL);
	}
}

/* How it is, and what is looked for. */
static bool
digest_of(struct secrets *s, int fd, unsigned char out[SECRETS_LOOK_BYTES])
{
	crypto_generichash_state h;
	struct statfs fs;
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    fstatfs(fd, &fs) < 0 || !is_plain(&fs) || !is_settled(&st))
		return false;
	secrets_know(s);
	crypto_generichash_init(&h, NULL, 0, SECRETS_LOOK_BYTES);
#define ADD(x) crypto_generichash_update(&h, (const void *)&(x), sizeof(x))
	ADD(fs.f_type);
	ADD(fs.f_fsid);
	ADD(st.st_dev);
	ADD(st.st_ino);
	ADD(st.st_uid);
	ADD(st.st_size);
	ADD(st.st_mtim.tv_sec);
	ADD(st.st_mtim.tv_nsec);
	ADD(st.st_ctim.tv_sec);
	ADD(st.st_ctim.tv_nsec);
	ADD(s->values.n);
	for (size_t i = 0; i < s->values.n; i++) {
		const struct secret_value *x = &s->values.v[i];

		ADD(x->len);
		crypto_generichash_update(&h, (const void *)x->bytes, x->len);
	}
#undef ADD
	crypto_generichash_final(&h, out, SECRETS_LOOK_BYTES);
	return true;
}

static bool
is_same(struct secrets *s, const struct secrets_look *l)
{
	unsigned char now[SECRETS_LOOK_BYTES];

	return is_unwritten(l->fd) && digest_of(s, l->fd, now) &&
	       !memcmp(now, l->digest, sizeof(now));
}

bool
secrets_seen(struct secrets *s, int fd, struct secrets_look *l)
{
	bool seen = false;
	char name[40];

	*l = (struct secrets_look){.fd = -1};
	if (!table)
		return false;
	/* a description of our own: a lease is for one that only reads, and
	 * the caller's may be the one */
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	l->fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (l->fd < 0)
		return false;
	if (!secrets_seen_at_once)
		wait_for_tick(l->fd);
	if (is_unwritten(l->fd) && digest_of(s, l->fd, l->digest) && locked()) {
		heed_events();
		seen = find_clean(l->digest) != NULL;
		if (!seen)
			note(l, name);
		unlock();
	}
	/* once more, now that it is watched */
	if (seen || !l->ticket || !is_same(s, l))
		secrets_looked(s, l, false);
	/* as after the look */
	s->spent |= seen;
	return seen;
}

void
secrets_looked(struct secrets *s, struct secrets_look *l, bool clean)
{
	if (l->fd < 0)
		return;
	clean = clean && !s->unread && !s->shallow && is_same(s, l);
	if (l->ticket && locked()) {
		heed_events();
		for (size_t i = 0; i < SLOTS; i++) {
			if (table->v[i].ticket != l->ticket)
				continue;
			if (clean)
				table->v[i].clean = true;
			else
				forget(&table->v[i]);
		}
		unlock();
	}
	close(l->fd);
	l->fd = -1;
}
