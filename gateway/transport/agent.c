/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filtered agent: the socket, its clients, and what they are answered.
 * A client has one request at a time, as OpenSSH's has; while it is looked
 * into nothing more is read from it.  Two sources may hold keys: the person's
 * agent and one of our own (agent_own.c).
 *
 * A source that does not answer makes its keys unusable, not the request.
 */
#include "transport/agent.h"
#include "base/own.h"
#include "base/path.h"
#include "transport/agent_private.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <talloc.h>
#include <unistd.h>

#define MAX_CLIENTS 16
enum { PERSON, OWN, SOURCES };

struct link {
	struct client *client;
	int fd; /* -1: not connected */
	struct watch *watch;
	struct agent_message in, out;
	bool dead;
};

enum task { IDLE, LISTING, SIGNING, BINDING };

struct client {
	struct agent_broker *b;
	struct client *next;
	struct link self, to[SOURCES];
	enum task task;
	int source; /* that is being asked */
	bool held;  /* until our own agent has its keys */
	struct agent_message request;
};

struct key {
	uint8_t *blob;
	size_t len;
	char *comment;
	int source;
};

struct agent_broker {
	struct loop *loop;
	const struct agent_setting *s;
	char *paths[SOURCES]; /* NULL: no such source */
	struct own_agent *own;
	bool own_ready, listed;
	int listen;
	struct watch *own_watch;
	struct client *clients;
	size_t nclients;
	struct key *keys;
	size_t nkeys;
};

static void step(struct client *c, const struct agent_message *reply);

static void
link_close(struct agent_broker *b, struct link *k)
{
	if (k->fd >= 0) {
		loop_drop(b->loop, k->watch);
		close(k->fd);
		k->fd = -1;
	}
	agent_message_clear(&k->in);
	agent_message_clear(&k->out);
}

static int
client_destroy(struct client *c)
{
	struct client **at = &c->b->clients;

	while (*at && *at != c)
		at = &(*at)->next;
	if (*at) {
		*at = c->next;
		c->b->nclients--;
	}
	link_close(c->b, &c->self);
	for (int i = 0; i < SOURCES; i++)
		link_close(c->b, &c->to[i]);
	return 0;
}

/* Sends to the client, and listens to it again when that is done. */
static void
client_write(struct client *c)
{
	int rc = agent_message_write(&c->self.out, c->self.fd);

	if (rc < 0) {
		talloc_free(c);
		return;
	}
	if (rc == 0) {
		loop_change(c->self.watch, POLLOUT);
		return;
	}
	agent_message_clear(&c->self.out);
	agent_message_clear(&c->request);
	c->task = IDLE;
	loop_change(c->self.watch, POLLIN);
}

static void
answer(struct client *c, uint8_t type)
{
	agent_message_new(c, &c->self.out, type, 1);
	client_write(c);
}

static bool
allowed(const struct agent_broker *b, struct wire_bytes blob)
{
	size_t room =
	    sodium_base64_ENCODED_LEN(blob.len, sodium_base64_VARIANT_ORIGINAL);
	bool yes = false;
	char *text;

	if (!b->s->only)
		return true;
	text = talloc_size(NULL, room);
	if (!text)
		BUG("out of memory");
	sodium_bin2base64(text, room, blob.p, blob.len,
			  sodium_base64_VARIANT_ORIGINAL);
	for (size_t i = 0; b->s->only[i] && !yes; i++)
		yes = strcmp(b->s->only[i], text) == 0;
	talloc_free(text);
	return yes;
}

static const struct key *
find_key(const struct agent_broker *b, struct wire_bytes blob)
{
	for (size_t i = 0; i < b->nkeys; i++)
		if (b->keys[i].len == blob.len &&
		    memcmp(b->keys[i].blob, blob.p, blob.len) == 0)
			return &b->keys[i];
	return NULL;
}

/* What a source lists, as far as it may be seen. */
static void
learn(struct agent_broker *b, int source, const struct agent_message *reply)
{
	struct wire w = {.p = reply->p + 4, .left = reply->len - 4};
	uint32_t n;

	if (wire_byte(&w) != AGENT_LIST)
		return;
	n = wire_u32(&w);
	for (uint32_t i = 0; i < n && b->nkeys < AGENT_KEYS; i++) {
		struct wire_bytes blob = wire_string(&w);
		struct wire_bytes comment = wire_string(&w);
		struct key *k;

		if (w.bad)
			return;
		if (!allowed(b, blob) || find_key(b, blob))
			continue;
		b->keys = talloc_realloc(b, b->keys, struct key,
					 (unsigned)b->nkeys + 1);
		if (!b->keys)
			BUG("out of memory");
		k = &b->keys[b->nkeys++];
		k->source = source;
		k->len = blob.len;
		k->blob = talloc_memdup(b, blob.p, blob.len);
		k->comment =
		    talloc_strndup(b, (const char *)comment.p, comment.len);
		if (!k->blob || !k->comment)
			BUG("out of memory");
	}
}

static void
answer_list(struct client *c)
{
	const struct agent_broker *b = c->b;
	size_t len = 5;
	uint8_t *p;

	for (size_t i = 0; i < b->nkeys; i++)
		len += 8 + b->keys[i].len + strlen(b->keys[i].comment);
	p = agent_message_new(c, &c->self.out, AGENT_LIST, len);
	wire_put32(p, b->nkeys);
	p += 4;
	for (size_t i = 0; i < b->nkeys; i++) {
		const struct key *k = &b->keys[i];
		size_t n = strlen(k->comment);

		wire_put32(p, k->len);
		memcpy(p + 4, k->blob, k->len);
		p += 4 + k->len;
		wire_put32(p, n);
		memcpy(p + 4, k->comment, n);
		p += 4 + n;
	}
	client_write(c);
}

static void
link_ready(struct loop *l, struct watch *w, short revents, void *data)
{
	struct link *k = data;
	struct client *c = k->client;
	struct agent_message reply;
	int rc = 1;

	(void)l;
	(void)revents;
	if (k->out.p) {
		rc = agent_message_write(&k->out, k->fd);
		if (rc > 0) {
			agent_message_clear(&k->out);
			loop_change(w, POLLIN);
			return;
		}
	} else {
		rc = agent_message_read(c, &k->in, k->fd);
	}
	if (rc == 0)
		return;
	reply = k->in;
	if (rc > 0) {
		k->in = (struct agent_message){0};
		talloc_steal(NULL, reply.p);
		step(c, &reply); /* may free c */
		talloc_free(reply.p);
		return;
	}
	k->dead = true;
	link_close(c->b, k);
	if (c->task != IDLE && k == &c->to[c->source])
		step(c, NULL);
}

static int
link_open(struct client *c, struct link *k, const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	if (k->fd >= 0)
		return 0;
	if (k->dead || !path || strlen(path) >= sizeof at.sun_path)
		return -1;
	memcpy(at.sun_path, path, strlen(path) + 1);
	k->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (k->fd >= 0 &&
	    connect(k->fd, (struct sockaddr *)&at, sizeof at) == 0) {
		k->watch = loop_add(c->b->loop, k->fd, POLLIN, link_ready, k);
		return 0;
	}
	if (k->fd >= 0)
		close(k->fd);
	k->fd = -1;
	k->dead = true;
	return -1;
}

/* Asks the source; its answer, or NULL for none, comes to step(). */
static void
ask(struct client *c, int source, const uint8_t *body, size_t len)
{
	struct link *k = &c->to[source];

	c->source = source;
	if (source == OWN && !c->b->own_ready && c->b->paths[OWN]) {
		c->held = true; /* own_loaded() asks again */
		return;
	}
	if (link_open(c, k, c->b->paths[source]) < 0) {
		step(c, NULL);
		return;
	}
	memcpy(agent_message_new(c, &k->out, body[0], len), body + 1, len - 1);
	loop_change(k->watch, POLLOUT);
}

static void
ask_list(struct client *c, int source)
{
	static const uint8_t list[] = {AGENT_REQUEST_LIST};

	ask(c, source, list, sizeof list);
}

/* All keys are known. */
static void
sign(struct client *c)
{
	struct wire w = {.p = c->request.p + 5, .left = c->request.len - 5};
	struct wire_bytes blob = wire_string(&w), data = wire_string(&w);
	const struct key *key;
	bool good;

	wire_u32(&w); /* flags: which hash, for RSA */
	if (!wire_done(&w) || !(key = find_key(c->b, blob))) {
		answer(c, AGENT_FAILURE);
		return;
	}
	good = c->b->s->signing ? agent_data_git(data)
				: agent_data_login(data, blob, c->b->s->users);
	if (!good) {
		answer(c, AGENT_FAILURE);
		return;
	}
	c->task = SIGNING;
	ask(c, key->source, c->request.p + 4, c->request.len - 4);
}

static void
listed(struct client *c)
{
	c->b->listed = true;
	if (c->request.p[4] == AGENT_REQUEST_LIST)
		answer_list(c);
	else
		sign(c);
}

/* The source that was asked has answered, or never will. */
static void
step(struct client *c, const struct agent_message *reply)
{
	uint8_t type = reply ? reply->p[4] : AGENT_FAILURE;

	switch (c->task) {
	case LISTING:
		if (reply)
			learn(c->b, c->source, reply);
		if (c->source + 1 < SOURCES)
			ask_list(c, c->source + 1);
		else
			listed(c);
		return;
	case SIGNING:
		if (type != AGENT_SIGNATURE) {
			answer(c, AGENT_FAILURE);
			return;
		}
		memcpy(agent_message_new(c, &c->self.out, type, reply->len - 4),
		       reply->p + 5, reply->len - 5);
		client_write(c);
		return;
	case BINDING:
		answer(c,
		       type == AGENT_SUCCESS ? AGENT_SUCCESS : AGENT_FAILURE);
		return;
	case IDLE:
		return; /* nobody asked */
	}
}

static void
handle(struct client *c)
{
	struct wire_bytes body = {.p = c->request.p + 5,
				  .len = c->request.len - 5};

	loop_change(c->self.watch, 0);
	switch (c->request.p[4]) {
	case AGENT_REQUEST_LIST:
	case AGENT_REQUEST_SIGN:
		c->task = LISTING;
		if (c->b->listed)
			listed(c);
		else
			ask_list(c, PERSON);
		return;
	case AGENT_EXTENSION:
		/* keys that are bound to hosts need it (ssh-add -h) */
		if (agent_data_bind(body) && c->b->paths[PERSON]) {
			c->task = BINDING;
			ask(c, PERSON, c->request.p + 4, c->request.len - 4);
			return;
		}
		answer(c, AGENT_FAILURE);
		return;
	default:
		answer(c, AGENT_FAILURE);
	}
}

static void
client_ready(struct loop *l, struct watch *w, short revents, void *data)
{
	struct client *c = ((struct link *)data)->client;
	int rc;

	(void)l;
	(void)w;
	if (c->self.out.p) {
		client_write(c);
		return;
	}
	if (c->task != IDLE) { /* it hung up while we were at it */
		if (revents & (POLLHUP | POLLERR))
			talloc_free(c);
		return;
	}
	rc = agent_message_read(c, &c->self.in, c->self.fd);
	if (rc < 0) {
		talloc_free(c);
		return;
	}
	if (rc == 0)
		return;
	c->request = c->self.in;
	c->self.in = (struct agent_message){0};
	handle(c);
}

static void
accept_client(struct loop *l, struct watch *w, short revents, void *data)
{
	struct agent_broker *b = data;
	int fd = accept4(b->listen, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct ucred peer;
	socklen_t len = sizeof peer;
	struct client *c;

	(void)w;
	(void)revents;
	if (fd < 0)
		return;
	if (b->nclients >= MAX_CLIENTS ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0 ||
	    peer.uid != getuid()) {
		close(fd);
		return;
	}
	c = talloc_zero(b, struct client);
	if (!c)
		BUG("out of memory");
	c->b = b;
	c->self.client = c;
	c->self.fd = fd;
	for (int i = 0; i < SOURCES; i++) {
		c->to[i].client = c;
		c->to[i].fd = -1;
	}
	c->next = b->clients;
	b->clients = c;
	b->nclients++;
	talloc_set_destructor(c, client_destroy);
	c->self.watch = loop_add(l, fd, POLLIN, client_ready, &c->self);
}

static void
own_loaded(struct loop *l, struct watch *w, short revents, void *data)
{
	struct agent_broker *b = data;

	(void)revents;
	loop_drop(l, w);
	b->own_watch = NULL;
	own_agent_loaded(b->own);
	b->own_ready = true;
	for (struct client *c = b->clients, *next; c; c = next) {
		next = c->next;
		if (!c->held)
			continue;
		c->held = false;
		if (c->task == LISTING)
			ask_list(c, OWN);
	}
}

/* By way of the folder's descriptor: its path may be longer than a socket's
 * name. */
static int
listen_at(struct agent_broker *b, struct err *e)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	char *parent = path_parent(b, b->s->path);
	int dir OWNED_FD = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);

	b->listen = own_fd(
	    b, socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
	if (dir < 0 || b->listen < 0)
		return err_sys(e, "the agent's socket");
	if ((size_t)snprintf(at.sun_path, sizeof at.sun_path,
			     "/proc/self/fd/%d/%s", dir,
			     path_base(b->s->path)) >= sizeof at.sun_path)
		return err_set(e, ERR_LIMIT, "the agent's name is too long");
	if (bind(b->listen, (struct sockaddr *)&at, sizeof at) < 0 ||
	    chmod(at.sun_path, 0600) < 0 || listen(b->listen, MAX_CLIENTS) < 0)
		return err_sys(e, "the agent's socket");
	loop_add(b->loop, b->listen, POLLIN, accept_client, b);
	return 0;
}

int
agent_serve(void *ctx, struct loop *l, const struct agent_setting *s,
	    struct agent_broker **out, struct err *e)
{
	struct agent_broker *b = talloc_zero(ctx, struct agent_broker);
	int rc;

	if (!b)
		BUG("out of memory");
	b->loop = l;
	b->s = talloc_memdup(b, s, sizeof *s);
	if (s->upstream)
		b->paths[PERSON] = talloc_strdup(b, s->upstream);
	rc = listen_at(b, e);
	if (rc == 0 && s->key_files && s->key_files[0]) {
		b->paths[OWN] = talloc_strdup(b, s->private_path);
		rc = own_agent_start(b, s->private_path, s->key_files, &b->own,
				     e);
		if (rc == 0)
			b->own_watch = loop_add(l, own_agent_fd(b->own), POLLIN,
						own_loaded, b);
	}
	if (rc < 0) {
		talloc_free(b);
		return rc;
	}
	*out = b;
	return 0;
}
