/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The broker: speaks what git credential-cache (git 2.39, also later ones)
 * says to its daemon: "action=get", the attributes, end of file; the answer
 * is username and password.  git-remote-https in its box has box-transport,
 * which says the same, as its only helper.
 *
 * An answer is found when it is asked for, once; the loop waits meanwhile,
 * and so does everybody whom it serves.
 */
#include "transport/credential.h"
#include "base/own.h"
#include "transport/credential_private.h"
#include "wire/frame.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define QUESTION_MAX (16 * 1024)
#define CALLERS	     8

struct credential_broker {
	struct credential_setting s;
	struct loop *loop;
	struct watch *door;
	int fd;
	unsigned callers;
	bool asked, have; /* the answer has been looked for, and found */
	struct credential answer;
};

struct caller {
	struct credential_broker *b;
	int fd;
	struct watch *watch;
	char text[QUESTION_MAX];
	size_t len;
};

static void
wipe(const char *s)
{
	if (s)
		explicit_bzero((char *)(uintptr_t)s, strlen(s));
}

static int
broker_free(struct credential_broker *b)
{
	close(b->fd);
	wipe(b->answer.password);
	return 0;
}

static bool
find(struct credential_broker *b)
{
	if (b->asked)
		return b->have;
	b->asked = true;
	if (b->s.password) {
		b->answer = (struct credential){b->s.user, b->s.password};
		b->have = true;
	} else if (!b->s.given_only) {
		b->have = credential_netrc(b, &b->s, &b->answer) ||
			  credential_fill(b, &b->s, &b->answer);
	}
	return b->have;
}

/* Is it "get", and for the pinned place? */
static bool
is_for_us(const struct credential_broker *b, char *text)
{
	const char *host = NULL, *protocol = NULL, *action = NULL, *user = NULL;
	char *own = credential_authority(NULL, b->s.permit), *line;
	const char *scheme =
	    b->s.permit->scheme == PERMIT_HTTP ? "http" : "https";
	bool yes;

	while ((line = strsep(&text, "\n"))) {
		if (strncmp(line, "action=", 7) == 0)
			action = line + 7;
		else if (strncmp(line, "protocol=", 9) == 0)
			protocol = line + 9;
		else if (strncmp(line, "host=", 5) == 0)
			host = line + 5;
		else if (strncmp(line, "username=", 9) == 0)
			user = line + 9;
	}
	yes = action && protocol && host && own && strcmp(action, "get") == 0 &&
	      strcmp(protocol, scheme) == 0 && strcasecmp(host, own) == 0 &&
	      (!user || !b->s.permit->user ||
	       strcmp(user, b->s.permit->user) == 0);
	talloc_free(own);
	return yes;
}

static void
leave(struct caller *c)
{
	struct credential_broker *b = c->b;

	loop_drop(b->loop, c->watch);
	close(c->fd);
	b->callers--;
	loop_pause(b->door, false);
	talloc_free(c);
}

static void
answer(struct caller *c)
{
	struct credential_broker *b = c->b;
	char *text;

	if (memchr(c->text, '\0', c->len))
		return;
	c->text[c->len] = '\0';
	if (!is_for_us(b, c->text) || !find(b))
		return;
	text = talloc_asprintf(c, "username=%s\npassword=%s\n", b->answer.user,
			       b->answer.password);
	if (!text)
		BUG("out of memory");
	/* a few bytes; they fit a fresh socket */
	send(c->fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
	wipe(text);
}

static void
on_caller(struct loop *l, struct watch *w, short revents, void *data)
{
	struct caller *c = data;
	ssize_t n = read(c->fd, c->text + c->len, sizeof(c->text) - c->len);

	(void)l;
	(void)w;
	(void)revents;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		c->len += (size_t)n;
		if (c->len < sizeof(c->text))
			return;
	} else if (n == 0) {
		answer(c);
	}
	leave(c);
}

/* The box has a pid namespace of its own; whoever shares ours came by the
 * socket's path, not from there. */
static bool
is_boxed(int fd)
{
	struct peer peer;
	struct stat theirs, own;
	char path[64];

	if (frame_peer(fd, &peer, NULL) < 0 || peer.pid <= 0 ||
	    peer.uid != geteuid())
		return false;
	snprintf(path, sizeof(path), "/proc/%ld/ns/pid", (long)peer.pid);
	return stat(path, &theirs) == 0 &&
	       stat("/proc/self/ns/pid", &own) == 0 &&
	       (theirs.st_ino != own.st_ino || theirs.st_dev != own.st_dev);
}

static void
let_in(struct loop *l, struct watch *w, short revents, void *data)
{
	struct credential_broker *b = data;
	struct caller *c;
	int fd = accept4(b->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)w;
	(void)revents;
	if (fd < 0)
		return;
	if (!is_boxed(fd)) {
		close(fd);
		return;
	}
	/* who is in the box has it; nobody else needs its name */
	unlink(b->s.path);
	c = talloc_zero(b, struct caller);
	if (!c)
		BUG("out of memory");
	c->b = b;
	c->fd = fd;
	c->watch = loop_add(l, fd, POLLIN, on_caller, c);
	if (++b->callers == CALLERS)
		loop_pause(b->door, true);
}

/* The folder's path may be longer than an address may be. */
static int
listen_at(void *ctx, const char *path, struct err *e)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	const char *slash = strrchr(path, '/');
	int dir OWNED_FD = open(
	    slash ? talloc_strndup(ctx, path, (size_t)(slash - path)) : ".",
	    O_PATH | O_DIRECTORY | O_CLOEXEC);
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "/proc/self/fd/%d/%s", dir,
		 slash ? slash + 1 : path);
	if (s >= 0 && dir >= 0 &&
	    bind(s, (struct sockaddr *)&a, sizeof(a)) == 0 &&
	    listen(s, CALLERS) == 0)
		return s;
	err_sys(e, "a socket");
	if (s >= 0)
		close(s);
	return ERR_SYSTEM;
}

int
credential_serve(void *ctx, struct loop *l, const struct credential_setting *s,
		 struct credential_broker **out, struct err *e)
{
	struct credential_broker *b =
	    talloc_zero(ctx, struct credential_broker);

	if (!b)
		BUG("out of memory");
	*out = NULL;
	b->s = *s;
	b->loop = l;
	b->fd = listen_at(b, s->path, e);
	if (b->fd < 0) {
		talloc_free(b);
		return ERR_SYSTEM;
	}
	talloc_set_destructor(b, broker_free);
	b->door = loop_add(l, b->fd, POLLIN, let_in, b);
	*out = b;
	return 0;
}
