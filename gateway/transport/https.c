/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carries a request over http(s): the real git-remote-https in the transport
 * box, beside a credential broker.  Nothing that is secret stands in its
 * arguments or its environment, which every process of the user can read.
 */
#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "invocation/program.h"
#include "transport/attendant.h"
#include "transport/credential_private.h"
#include "transport/https_private.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/* protocol.version as given on git's command line comes last. */
static void
version_of_command(struct https *h)
{
	const char *const *argv = h->c->of->argv;

	for (size_t i = 1; argv && argv[i] && *argv[i] == '-'; i++) {
		int64_t n;

		if (strcmp(argv[i], "-c") != 0 || !argv[i + 1])
			continue;
		i++;
		if (strncasecmp(argv[i], "protocol.version=", 17) == 0 &&
		    text_number(argv[i] + 17, 0, 2, &n, NULL) == 0)
			h->version = (int)n;
	}
}

/* https://USER:PASSWORD@HOST: the asking git has it from its own
 * configuration; it goes no further than the broker. */
static void
password_of_url(struct https *h, struct credential_setting *s)
{
	void *ctx = h->c->ctx;
	const char *url = h->c->rq->argv[h->c->rq->argc - 1];
	const char *start = strstr(url, "://"), *end, *at, *colon;

	if (!start)
		return;
	start += 3;
	end = start + strcspn(start, "/?#");
	at = memrchr(start, '@', (size_t)(end - start));
	colon = at ? memchr(start, ':', (size_t)(at - start)) : NULL;
	if (!colon)
		return;
	s->user = credential_decoded(ctx, start, (size_t)(colon - start));
	s->password =
	    credential_decoded(ctx, colon + 1, (size_t)(at - colon - 1));
}

static int
offer_credentials(struct https *h, struct err *e)
{
	struct carrier *c = h->c;
	struct credential_setting s = {
	    .permit = c->permit, .home = h->home, .git = c->of->program};
	struct credential_broker *b;
	const char *lib, *helper;

	s.path = path_join(c->ctx, c->folder, "credential");
	password_of_url(h, &s);
	s.given_only = c->permit->scheme == PERMIT_HTTP;
	if (credential_serve(c->ctx, c->loop, &s, &b, e) < 0)
		return err_wrap(e, "the credentials");
	need_bind(c->ctx, &c->cmd.need, s.path, CARRY_CREDENTIAL, false);
	lib = program_shim_dir();
	helper = lib ? path_join(c->ctx, lib, "../box-transport") : "";
	if (!path_exists(helper))
		return err_set(e, ERR_SYSTEM, "box-transport is not installed");
	need_bind(c->ctx, &c->cmd.need, helper, HTTPS_HELPER, false);
	return 0;
}

/* What the repository's own configuration is to git in that box. */
static int
put_format(struct https *h, const char *text, struct err *e)
{
	struct carrier *c = h->c;
	const char *path = path_join(c->ctx, h->shown, "config");
	int fd OWNED_FD =
	    open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || file_write_all(fd, text, strlen(text)) < 0)
		return err_sys(e, "writing a configuration");
	need_bind(c->ctx, &c->cmd.need, path, HTTPS_GIT "/config", false);
	return 0;
}

static int
configure(struct https *h, struct err *e)
{
	struct config_out person = {0}, format = {0};

	h->version = 2;
	/* "store" and "erase", which say nothing to the broker, end in the
	 * shell that git starts for a helper */
	config_put(&person, "credential.helper",
		   "!ask() { test \"$1\" != get || exec " HTTPS_HELPER
		   "; }; ask");
	config_put(&person, "maintenance.auto", "false");
	config_put(&person, "gc.auto", "0");
	if (https_person_config(h, &person, e) < 0 ||
	    https_own_config(h, &format, &person, e) < 0)
		return e->code;
	version_of_command(h);
	config_put(&person, "protocol.version",
		   h->version == 2   ? "2"
		   : h->version == 1 ? "1"
				     : "0");
	/* may hold a header with a token, or a proxy's password: never on a
	 * disk */
	need_file(h->c->ctx, &h->c->cmd.need, HTTPS_CONFIG, person.text,
		  strlen(person.text));
	return h->shown ? put_format(h, format.text, e) : 0;
}

/* A name that says itself that it is this machine leads nowhere unexpected. */
static bool
says_loopback(const char *host)
{
	struct in6_addr six;
	struct in_addr four;

	if (strcasecmp(host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, host, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, host, &six) == 1 &&
	       IN6_IS_ADDR_LOOPBACK(&six);
}

static int
set_target(struct https *h, struct err *e)
{
	struct carrier *c = h->c;
	const struct transport_permit *p = c->permit;
	const char *at, *host, *end;
	int64_t port = 1080; /* curl's, for a proxy without one */

	c->target =
	    (struct egress_target){.host = p->host,
				   .port = p->port		      ? p->port
					   : p->scheme == PERMIT_HTTP ? 80
								      : 443,
				   .named = p->named || says_loopback(p->host)};
	if (!h->proxy)
		return 0;
	host = strstr(h->proxy, "://");
	if (host && strncasecmp(h->proxy, "https:", 6) == 0)
		port = 443;
	host = host ? host + 3 : h->proxy;
	end = host + strcspn(host, "/");
	at = memrchr(host, '@', (size_t)(end - host));
	host = at ? at + 1 : host;
	at = *host == '[' ? strchr(host, ']') : host;
	if (at)
		at = memchr(at, ':', (size_t)(end - at));
	if (at &&
	    text_number(talloc_strndup(c->ctx, at + 1, (size_t)(end - at - 1)),
			1, 65535, &port, NULL) < 0)
		return err_set(e, ERR_SYNTAX, "http.proxy: no port: %s",
			       text_safe(c->ctx, at));
	host = talloc_strndup(c->ctx, host, (size_t)((at ? at : end) - host));
	if (*host == '[' && host[strlen(host) - 1] == ']')
		host = talloc_strndup(c->ctx, host + 1, strlen(host) - 2);
	c->target = (struct egress_target){
	    .host = host, .port = (uint16_t)port, .named = true};
	return 0;
}

/* The machine's own bundle of CAs, where it is not at libcurl's default place:
 * the variable is the caller's, so the file must be one that only root
 * changes. */
static const char *
system_bundle(struct https *h)
{
	void *ctx = h->c->ctx;
	const char *path = invocation_env(h->c->in, "GIT_SSL_CAINFO");
	struct stat st;

	if (!path || *path != '/')
		return NULL;
	path = path_resolve(ctx, "/", path);
	if ((!path_is_under(path, "/etc") && !path_is_under(path, "/usr")) ||
	    stat(path, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != 0 ||
	    st.st_mode & (S_IWGRP | S_IWOTH))
		return NULL;
	need_read(ctx, &h->c->cmd.need, path);
	return talloc_asprintf(ctx, "GIT_SSL_CAINFO=%s", path);
}

static void
set_command(struct https *h, const char *program)
{
	struct carrier *c = h->c;
	const char **argv = talloc_zero_array(c->ctx, const char *, 4);
	const char **env = talloc_zero_array(c->ctx, const char *, 9);
	size_t n = 0;

	if (!argv || !env)
		BUG("out of memory");
	argv[0] = "git-remote-https";
	argv[1] = argv[2] = c->permit->url;
	env[n++] = "GIT_CONFIG_NOSYSTEM=1";
	env[n++] = "GIT_CONFIG_GLOBAL=" HTTPS_CONFIG;
	env[n++] = "GIT_TERMINAL_PROMPT=0";
	env[n++] = "GIT_ALLOW_PROTOCOL=http:https";
	if ((env[n] = system_bundle(h)))
		n++;
	if (h->shown) {
		env[n++] = "GIT_DIR=" HTTPS_GIT;
		/* as the asking git knows it: names come back in answers */
		env[n++] = talloc_asprintf(
		    c->ctx, "GIT_OBJECT_DIRECTORY=%s/objects", h->in_box);
	} else {
		env[n++] = "GIT_CEILING_DIRECTORIES=/";
	}
	c->cmd.program = program;
	c->cmd.argv = argv;
	c->cmd.env_set = env;
	c->cmd.summary = "git-remote-https";
}

static int
connect_pipes(struct https *h, struct err *e)
{
	struct carrier *c = h->c;
	int ask[2], answer[2];

	if (pipe2(ask, O_CLOEXEC) < 0)
		return err_sys(e, "a pipe");
	if (pipe2(answer, O_CLOEXEC) < 0) {
		close(ask[0]);
		close(ask[1]);
		return err_sys(e, "a pipe");
	}
	/* packs pass through here; refused when the user's pages are used up */
	fcntl(ask[1], F_SETPIPE_SZ, 1 << 20);
	fcntl(answer[1], F_SETPIPE_SZ, 1 << 20);
	c->as.stdio[0] = ask[0];
	c->as.stdio[1] = answer[1];
	if (https_errors_start(h, e) < 0)
		return e->code;
	return https_filter_start(h, c->rq->stdio[0], c->rq->stdio[1], ask[1],
				  answer[0], e);
}

int
https_carry(struct carrier *c, struct err *e)
{
	struct https *h = talloc_zero(c->ctx, struct https);
	const char *program;

	if (!h)
		BUG("out of memory");
	h->c = c;
	h->home = invocation_home(c->in);
	if (!h->home || *h->home != '/')
		return err_set(e, ERR_UNKNOWN, "the user %u has no home folder",
			       (unsigned)c->in->uid);
	program = path_resolve(c->ctx, attend_exec_path(c->ctx, c->of->program),
			       "git-remote-https");
	if (!path_exists(program))
		return err_set(e, ERR_SYSTEM, "there is no %s",
			       text_safe(c->ctx, program));
	https_find_repository(h);
	if (h->common && https_show_repository(h, e) < 0)
		return e->code;
	if (configure(h, e) < 0 || set_target(h, e) < 0 ||
	    offer_credentials(h, e) < 0)
		return e->code;
	https_show_certs(h, program);
	set_command(h, program);
	return connect_pipes(h, e);
}
