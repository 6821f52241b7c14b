/* SPDX-License-Identifier: Apache-2.0 */
/* The gateway's lock, sockets and pid file. */
#include "door.h"
#include "base/file.h"
#include "base/own.h"
#include "places.h"
#include "wire/proto.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#define LOCK_TRIES    2000
#define LOCK_PAUSE_MS 5
#define BACKLOG	      1024 /* cut to net.core.somaxconn by the kernel */

static char *
name_in(void *ctx, const struct door *d, const char *name)
{
	return talloc_asprintf(ctx, "%s/%s", d->runtime, name);
}

/* The file that was locked is still the one that the next one will lock. */
static bool
still_there(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && lstat(path, &b) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static int
try_lock(struct door *d, const char *path, struct err *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_sys(e, "opening %s", path);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 && still_there(fd, path)) {
		d->lock = fd;
		return 0;
	}
	close(fd);
	return 1;
}

int
door_lock(void *ctx, const char *runtime, struct door *d, struct err *e)
{
	struct timespec pause = {.tv_nsec = LOCK_PAUSE_MS * 1000000L};
	char *path;

	*d = (struct door){
	    .runtime = runtime, .lock = -1, .shim = -1, .control = -1};
	path = name_in(ctx, d, "gateway.lock");
	for (int i = 0; i < LOCK_TRIES; i++) {
		int r = try_lock(d, path, e), sock;

		if (r <= 0)
			return r;
		if (places_connect(runtime, CONTROL_SOCKET, &sock, NULL,
				   NULL) == 0) {
			close(sock);
			return 1;
		}
		nanosleep(&pause, NULL);
	}
	return err_set(e, ERR_LIMIT,
		       "another gateway holds %s and does not listen", path);
}

static int
listen_at(const struct door *d, const char *name, int *out, struct err *e)
{
	int dir OWNED_FD = -1;
	struct sockaddr_un a;
	mode_t mask;
	int fd, r;

	if (places_address(d->runtime, name, &a, &dir, e) < 0)
		return ERR_SYSTEM;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_sys(e, "socket");
	if (unlink(a.sun_path) != 0 && errno != ENOENT) {
		err_sys(e, "removing the stale %s", a.sun_path);
		close(fd);
		return ERR_SYSTEM;
	}
	mask = umask(0177);
	r = bind(fd, (struct sockaddr *)&a, sizeof(a));
	umask(mask);
	if (r != 0 || listen(fd, BACKLOG) != 0) {
		err_sys(e, "listening at %s", a.sun_path);
		close(fd);
		return ERR_SYSTEM;
	}
	*out = fd;
	return 0;
}

int
door_open(struct door *d, struct err *e)
{
	void *ctx = talloc_new(NULL);
	char *pid = talloc_asprintf(ctx, "%d\n", getpid());
	int r;

	/* The control socket last: who finds it finds the other too. */
	r = file_write(AT_FDCWD, name_in(ctx, d, "gateway.pid"), pid,
		       strlen(pid), 0600, e);
	if (r == 0)
		r = listen_at(d, SHIM_SOCKET, &d->shim, e);
	if (r == 0)
		r = listen_at(d, CONTROL_SOCKET, &d->control, e);
	talloc_free(ctx);
	return r;
}

bool
door_known(const struct door *d)
{
	void *ctx = talloc_new(NULL);
	bool known = still_there(d->lock, name_in(ctx, d, "gateway.lock"));

	talloc_free(ctx);
	return known;
}

void
door_hide(const struct door *d)
{
	static const char *const names[] = {SHIM_SOCKET, CONTROL_SOCKET,
					    "gateway.pid"};
	void *ctx;

	/* Otherwise they are another gateway's by now. */
	if (!door_known(d))
		return;
	ctx = talloc_new(NULL);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(name_in(ctx, d, names[i]));
	talloc_free(ctx);
}

void
door_close(struct door *d)
{
	if (d->shim >= 0)
		close(d->shim);
	if (d->control >= 0)
		close(d->control);
	d->shim = d->control = -1;
}
