/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The place in the box where a client finds its PostgreSQL server: the very
 * address and port, or the very socket.  Who is there is the relay.
 */
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "transport/direct_private.h"
#include "transport/egress_private.h"
#include "transport/pg_relay.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <talloc.h>
#include <unistd.h>

#define QUEUE	64
#define SOCKETS "/run/automode"

/* A server on loopback that is there now. */
static bool
is_near(void *ctx, const struct need_database *to)
{
	const struct egress_target t = {
	    .host = to->host, .port = to->port, .named = true};
	struct egress_address *v = NULL;
	struct err none = {0};
	size_t n = 0;

	if (to->hostaddr ||
	    (strcmp(to->host, "localhost") != 0 &&
	     strcmp(to->host, "::1") != 0 && strncmp(to->host, "127.", 4) != 0))
		return false;
	if (egress_resolve(ctx, &t, &v, &n, &none) < 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (egress_listed(&v[i]))
			return true;
	return false;
}

static void
put_host(void *ctx, struct command *cmd, const char *host)
{
	for (const char **v = cmd->env_set; v && *v; v++)
		if (!strncmp(*v, "PGHOST=", strlen("PGHOST=")))
			*v = have(talloc_asprintf(ctx, "PGHOST=%s", host));
}

/* The folder in which the client looks for a socket; NULL: it does not. */
static const char *
socket_folder(void *ctx, struct command *cmd)
{
	const struct need_database *to = cmd->need.database;
	const char *folder;

	if (*to->host == '/' && !to->hostaddr)
		return to->host;
	if (!to->busy || !is_near(ctx, to))
		return NULL;
	folder = have(talloc_asprintf(ctx, SOCKETS "/%s", to->host));
	put_host(ctx, cmd, folder);
	return folder;
}

/* A socket in our folder, which the box sees under the server's name. */
int
direct_database_open(void *ctx, struct direct *d, struct command *cmd,
		     struct err *e)
{
	const char *folder = socket_folder(ctx, cmd);
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int dir OWNED_FD = -1;

	if (!folder)
		return 0;
	dir = open(d->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	d->database_socket = own_fd(
	    d, socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	if (dir < 0 || d->database_socket < 0)
		return err_sys(e, "the database's socket");
	/* the folder's path may be longer than an address may be */
	snprintf(a.sun_path, sizeof(a.sun_path), "/proc/self/fd/%d/database",
		 dir);
	if (bind(d->database_socket, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    listen(d->database_socket, QUEUE) < 0)
		return err_sys(e, "the database's socket");
	need_bind(ctx, &cmd->need,
		  have(talloc_asprintf(ctx, "%s/database", d->folder)),
		  have(talloc_asprintf(ctx, "%s/.s.PGSQL.%u", folder,
				       cmd->need.database->port)),
		  true);
	return 0;
}

int
direct_database_start(struct direct *d, pid_t first, char **names,
		      struct err *e)
{
	const struct need_database *to = d->need->database;
	/* the owner has named it in a profile */
	const struct need_egress named = {.host = to->hostaddr ? to->hostaddr
							       : to->host,
					  .port = to->port,
					  .named = true};
	const struct egress_target t = {
	    .host = named.host, .port = named.port, .named = true};
	struct egress_address *v = NULL;
	struct err why = {0};
	size_t n = 0;

	if (d->database_socket)
		return 0;
	if (egress_resolve(d, &t, &v, &n, &why) < 0) {
		direct_say(d, why.msg);
		return 0;
	}
	*names = direct_names(*names, &named, v, n);
	if (egress_listen(d, d->loop, first, &t, v, n, &d->database, e) < 0)
		return err_wrap(e, "reaching %s", text_safe(d, to->host));
	return 0;
}

static void
on_socket(struct loop *l, struct watch *w, short revents, void *relay)
{
	int fd = accept4(loop_fd(w), NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)l;
	(void)revents;
	if (fd >= 0)
		pg_relay_accept(fd, relay);
}

void
direct_database_serve(struct direct *d)
{
	struct pg_relay *r = pg_relay_new(d, d->loop, d->in, d->need->database);

	if (d->database)
		egress_serve(d->database, pg_relay_accept, r);
	if (d->database_socket)
		loop_add(d->loop, d->database_socket, POLLIN, on_socket, r);
}
