/* SPDX-License-Identifier: Apache-2.0 */
/* Handles hung from talloc contexts, and closed with them. */
#include "base/own.h"
#include "base/err.h"
#include <unistd.h>

struct owned {
	void *handle;
	void (*release)(void *);
};

struct owned_fd {
	int fd;
};

static int
owned_release(struct owned *o)
{
	o->release(o->handle);
	return 0;
}

static int
owned_fd_close(struct owned_fd *o)
{
	close(o->fd);
	return 0;
}

void
own(void *ctx, void *handle, void (*release)(void *))
{
	struct owned *o = talloc(ctx, struct owned);

	if (!o)
		BUG("out of memory");
	o->handle = handle;
	o->release = release;
	talloc_set_destructor(o, owned_release);
}

int
own_fd(void *ctx, int fd)
{
	struct owned_fd *o;

	if (fd < 0)
		return fd;
	o = talloc(ctx, struct owned_fd);
	if (!o)
		BUG("out of memory");
	o->fd = fd;
	talloc_set_destructor(o, owned_fd_close);
	return fd;
}

void
own_close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}
