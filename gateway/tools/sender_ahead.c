/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Standard input of a program that gets it as it comes: what is in it already
 * is looked at and stays there; what comes later passes by gateway/watched.c.
 */
#include "base/own.h"
#include "base/text.h"
#include "effects/secrets_packed.h"
#include "tools/redirect.h"
#include "tools/sender.h"
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#define AHEAD (64u << 10)
/* A shell starts the ends of a pipe at the same time. */
#define WAIT_MS 100

void
sender_redirected(struct sender *s)
{
	const char *path = redirect_credential(s->c->ctx, s->c->t);

	for (size_t i = 0; path && i < s->nfound; i++)
		if (s->found[i].owner == &sender_credential_file)
			return;
	if (path && s->nfound < sizeof(s->found) / sizeof(*s->found))
		s->found[s->nfound++] = (struct secret_found){
		    &sender_credential_file, "a file of credentials",
		    text_safe(s->c->ctx, path), false};
}

void
sender_peek(struct sender *s)
{
	sender_redirected(s);
	if (s->c->in->stdio[0] >= 0)
		sender_scan_fd(s, s->c->in->stdio[0], "stdin");
}

/* What could be read of a pipe or a socket, without taking it. */
static ssize_t
waiting(int fd, mode_t mode, char *to, size_t size)
{
	int ends[2];
	ssize_t n;

	if (S_ISSOCK(mode))
		return recv(fd, to, size, MSG_PEEK | MSG_DONTWAIT);
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return -1;
	n = tee(fd, ends[1], size, SPLICE_F_NONBLOCK);
	if (n > 0)
		n = read(ends[0], to, size);
	close(ends[0]);
	close(ends[1]);
	return n;
}

/* As gateway/watched.c does it with archives. */
static void
drop_looks(struct sender *s, size_t from)
{
	size_t kept = from;

	for (size_t i = from; i < s->nfound; i++)
		if (!s->found[i].looks)
			s->found[kept++] = s->found[i];
	s->nfound = kept;
}

static enum sender_ahead
of_pipe(struct sender *s, int fd, mode_t mode, bool here)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char *bytes = talloc_size(s->c->ctx, AHEAD);
	size_t before = s->nfound;
	bool there;
	int wait_ms;
	ssize_t n;

	if (!bytes)
		BUG("out of memory");
	wait_ms = S_ISSOCK(mode) || (here && !s->c->writes) ? 0 : WAIT_MS;
	there = poll(&p, 1, wait_ms) > 0;
	n = there ? waiting(fd, mode, bytes, AHEAD) : 0;
	if (n > 0)
		sender_scan(s, bytes, (size_t)n, "stdin");
	if (n > 0)
		sender_add_short(s, bytes, (size_t)n);
	if (n > 0 && here && secrets_is_archive(bytes, (size_t)n))
		drop_looks(s, before);
	there = there && n <= 0;
	if (n > 0 && packed_is(bytes, (size_t)n)) {
		talloc_free(bytes);
		return AHEAD_PACKED;
	}
	talloc_free(bytes);
	return n > 0 ? AHEAD_CONTENT : there ? AHEAD_NOTHING : AHEAD_LATER;
}

static enum sender_ahead
look_ahead(struct sender *s, bool here)
{
	int fd = s->c->in->stdio[0];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || S_ISCHR(st.st_mode))
		return AHEAD_NOTHING;
	if (S_ISREG(st.st_mode)) {
		sender_peek(s);
		sender_add_file(s, fd);
		return st.st_size > 2 ? AHEAD_CONTENT : AHEAD_NOTHING;
	}
	return of_pipe(s, fd, st.st_mode, here);
}

enum sender_ahead
sender_ahead(struct sender *s)
{
	return look_ahead(s, false);
}

/* For when this one's caller has returned. */
static struct sender *
kept(const struct sender *s)
{
	void *ctx = s->c->ctx;
	struct file_call *c = talloc_memdup(ctx, s->c, sizeof(*c));
	struct sender *out = talloc_zero(ctx, struct sender);

	struct sender_host *hosts =
	    talloc_array(ctx, struct sender_host, (unsigned)s->nhosts + 1);

	if (!c || !out || !hosts)
		BUG("out of memory");
	for (size_t i = 0; i < s->nhosts; i++)
		hosts[i] = s->hosts[i];
	*out = (struct sender){
	    .c = c, .secrets = s->secrets, .hosts = hosts, .nhosts = s->nhosts};
	return out;
}

int
sender_watch(struct sender *s, const char *to, struct err *e)
{
	enum sender_ahead ahead = sender_ahead(s);
	struct command *cmd = s->c->cmd;
	bool writes = s->c->writes;
	struct stat st;

	if (ahead == AHEAD_PACKED) {
		if (sender_stdin(s, e) < 0)
			return e->code;
		s->c->writes = writes; /* it is handed over with it */
	} else if (ahead == AHEAD_CONTENT && !s->content) {
		s->content = "stdin";
	}
	if (ahead == AHEAD_NOTHING || fstat(s->c->in->stdio[0], &st) < 0)
		return 0;
	/* also when it is judged again: by then a pipe has become a file */
	cmd->hand_stdin = S_ISREG(st.st_mode);
	if (ahead == AHEAD_PACKED || cmd->hand_stdin)
		return 0;
	cmd->watch = s->secrets;
	cmd->watched_for = to;
	cmd->watched_here = false;
	if (ahead == AHEAD_LATER)
		cmd->watched_said = kept(s);
	return 0;
}

const char *
sender_watched(const struct sender *kept, const char *bytes, size_t len)
{
	struct sender s = *kept;

	sender_add_short(&s, bytes, len);
	sender_scan_before(&s);
	for (size_t i = 0; i < s.nfound; i++)
		for (size_t k = 0; k < s.nhosts; k++)
			if (s.found[i].owner->keeps ||
			    !secret_belongs(&s.found[i], s.hosts[k].host))
				return s.found[i].what;
	return NULL;
}

/* Without a delay: what is not there yet is seen on its way, unless the
 * program runs in a box. */
static void
watch_here(struct sender *s)
{
	struct command *cmd = s->c->cmd;
	int fd = s->c->in->stdio[0];
	struct stat st;

	sender_redirected(s);
	if (look_ahead(s, true) == AHEAD_NOTHING || fstat(fd, &st) < 0 ||
	    S_ISREG(st.st_mode))
		return;
	cmd->watch = s->secrets;
	cmd->watched_for = "localhost";
	cmd->watched_here = true;
}

int
sender_input(struct sender *s, struct err *e)
{
	bool here = true;

	if (!s->nhosts)
		sender_to(s, "localhost", 0);
	for (size_t i = 0; i < s->nhosts; i++)
		here &= s->hosts[i].scope == SCOPE_LOCAL &&
			!sender_relay(s, &s->hosts[i]);
	if (!here)
		return sender_stdin(s, e);
	watch_here(s);
	return 0;
}

bool
sender_is_loopback(const char *at)
{
	return at && (!strncmp(at, "127.", 4) || !strcasecmp(at, "localhost") ||
		      !strcmp(at, "::1") || !strcmp(at, "[::1]"));
}

int
sender_listens(struct sender *s, const char *at, bool input, struct err *e)
{
	struct sender_host *hosts = s->hosts,
			   anybody = {.host = "whoever connects",
				      .scope = SCOPE_FOREIGN},
			   here = {.host = "localhost", .scope = SCOPE_LOCAL};
	bool only_here = sender_is_loopback(at);
	const char *content = s->content;
	size_t n = s->nhosts;

	s->hosts = only_here ? &here : &anybody;
	s->nhosts = 1;
	if (input && only_here)
		watch_here(s);
	else if (input && sender_watch(s, anybody.host, e) < 0)
		return e->code;
	/* what is no credential may be served */
	s->content = content;
	s->listens = !only_here;
	sender_scan_said(s);
	sender_scan_before(s);
	sender_judge_secrets(s, !only_here);
	s->hosts = hosts;
	s->nhosts = n;
	return 0;
}
