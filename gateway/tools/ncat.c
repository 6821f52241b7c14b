/* SPDX-License-Identifier: Apache-2.0 */
/* ncat 7.93: as nc, with TLS, proxies, and programs that it could start. */
#include "base/text.h"
#include "tools/sender.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const struct option_spec options[] = {
    F('h', "help"),	    F(0, "version"),
    F('4', NULL),	    F('6', NULL),
    F('U', "unixsock"),	    F(0, "vsock"),
    F('C', "crlf"),	    A('c', "sh-exec"),
    A('e', "exec"),	    A(0, "lua-exec"),
    A('g', NULL),	    A('G', NULL),
    A('m', "max-conns"),    A('d', "delay"),
    A('o', "output"),	    A('x', "hex-dump"),
    A('i', "idle-timeout"), A('p', "source-port"),
    A('s', "source"),	    F('l', "listen"),
    F('k', "keep-open"),    F('n', "nodns"),
    F('t', "telnet"),	    F('u', "udp"),
    F(0, "sctp"),	    F('v', "verbose"),
    A('w', "wait"),	    F('z', NULL),
    F(0, "append-output"),  F(0, "send-only"),
    F(0, "recv-only"),	    F(0, "no-shutdown"),
    A(0, "allow"),	    A(0, "allowfile"),
    A(0, "deny"),	    A(0, "denyfile"),
    F(0, "broker"),	    F(0, "chat"),
    F(0, "talk"),	    A(0, "proxy"),
    A(0, "proxy-type"),	    A(0, "proxy-auth"),
    A(0, "proxy-dns"),	    F(0, "ssl"),
    A(0, "ssl-cert"),	    A(0, "ssl-key"),
    F(0, "ssl-verify"),	    A(0, "ssl-trustfile"),
    A(0, "ssl-ciphers"),    A(0, "ssl-servername"),
    A(0, "ssl-alpn"),	    END};

/* What is read or written beside the connection. */
static void
files(struct file_call *c)
{
	static const char *const written[] = {"output", "hex-dump"};
	static const char *const read[] = {
	    "ssl-cert", "ssl-key", "ssl-trustfile", "allowfile", "denyfile"};

	for (size_t i = 0; i < sizeof(written) / sizeof(*written); i++)
		if (file_value(c, written[i]))
			file_write_to(c, file_value(c, written[i]));
	for (size_t i = 0; i < sizeof(read) / sizeof(*read); i++)
		if (file_value(c, read[i]))
			file_read_from(c, file_value(c, read[i]));
}

static void
peers(struct sender *s, struct file_call *c)
{
	const char *proxy = file_value(c, "proxy");
	const char *port = c->opt.noperands > 1 ? c->opt.operands[1] : "31337";

	sender_to(s, c->opt.operands[0], (unsigned)strtoul(port, NULL, 10));
	sender_says(s, c->opt.operands[0], "the host");
	sender_says(s, file_value(c, "ssl-servername"), "--ssl-servername");
	sender_says(s, file_value(c, "ssl-alpn"), "--ssl-alpn");
	sender_says(s, file_value(c, "proxy-auth"), "--proxy-auth");
	sender_says(s, proxy, "the proxy's host");
	for (size_t i = 0; i < c->opt.n; i++)
		if (!strcmp(c->opt.v[i].name, "g") ||
		    !strcmp(c->opt.v[i].name, "source"))
			sender_says(s, c->opt.v[i].value,
				    "the host on the way");
	if (proxy)
		sender_to(s,
			  file_text(c, "%.*s", (int)strcspn(proxy, ":"), proxy),
			  1080);
}

/* "-l 127.0.0.1 8080" */
static const char *
bound(const struct file_call *c)
{
	const char *first = c->opt.noperands ? c->opt.operands[0] : NULL;

	return first && (c->opt.noperands > 1 || strchr(first, '.') ||
			 isalpha((unsigned char)*first))
		   ? first
		   : file_value(c, "source");
}

static int
mean(struct file_call *c, struct err *e)
{
	static const char *const runs[] = {"exec", "sh-exec", "lua-exec"};
	struct sender s;

	c->cmd->argv = (const char **)(uintptr_t)c->in->argv;
	for (size_t i = 0; i < sizeof(runs) / sizeof(*runs); i++)
		if (file_value(c, runs[i]))
			return err_set(e, ERR_UNKNOWN,
				       "--%s runs a program for who is at the "
				       "other end; leave it out",
				       runs[i]);
	if (sender_begin(&s, c, e) < 0)
		return e->code;
	files(c);
	if (file_on(c, "unixsock") && c->opt.noperands &&
	    (strstr(c->opt.operands[0], "docker") ||
	     strstr(c->opt.operands[0], "podman") ||
	     strstr(c->opt.operands[0], "containerd")))
		file_effect(c, EFFECT_PRIVILEGE, SCOPE_OUTSIDE,
			    c->opt.operands[0],
			    "who speaks to that service acts as root");
	if (file_on(c, "unixsock") && !file_on(c, "listen") &&
	    c->opt.noperands) {
		s.socket = c->opt.operands[0];
		sender_to(&s, "localhost", 0);
		if (!file_on(c, "recv-only") && sender_relay(&s, s.hosts)) {
			if (sender_stdin(&s, e) < 0)
				return e->code;
			return sender_only(&s);
		}
	}
	if (!file_on(c, "unixsock") && !file_on(c, "vsock") &&
	    !file_on(c, "listen") && c->opt.noperands) {
		peers(&s, c);
		if (!file_on(c, "z") && !file_on(c, "recv-only") &&
		    sender_input(&s, e) < 0)
			return e->code;
		sender_judge(&s);
	}
	if (!c->writes)
		file_hand_over(c);
	if (file_on(c, "unixsock") ||
	    (file_on(c, "listen") && !file_on(c, "vsock")))
		return sender_listens(
		    &s, file_on(c, "unixsock") ? "localhost" : bound(c),
		    !file_on(c, "recv-only"), e);
	return 0;
}

static const struct file_tool tool = {
    .name = "ncat", .options = options, .mean = mean};

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return sender_done(cmd, t->in,
			   file_understand(&tool, ctx, t, cmd, fx, e));
}

static const char *const names[] = {"ncat", NULL};

const struct tool tool_ncat = {
    .name = "ncat",
    .names = names,
    .understand = understand,
};
