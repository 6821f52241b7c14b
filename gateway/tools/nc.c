/* SPDX-License-Identifier: Apache-2.0 */
/* nc of OpenBSD 1.219, and what the traditional one has beyond it. */
#include "base/text.h"
#include "tools/sender.h"
#include <stdlib.h>
#include <string.h>

#define FLAGS  "46bCDdFhklNnrStUuvZz"
#define VALUES "IiMmOPpqsTVWwXx"

struct call {
	bool listens, scans, deaf, unix_socket;
	const char *operand[3], *proxy, *source;
	size_t n;
};

static int
read_line(struct call *k, struct file_call *c, struct err *e)
{
	const char *const *argv = c->in->argv;

	for (size_t i = 1; argv[i]; i++) {
		if (argv[i][0] != '-' || !argv[i][1]) {
			if (k->n < 3)
				k->operand[k->n++] = argv[i];
			continue;
		}
		for (const char *p = argv[i] + 1; *p; p++) {
			const char *v = NULL;

			if (strchr(VALUES, *p)) {
				v = p[1] ? p + 1 : argv[i + 1];
				if (!v)
					return err_set(e, ERR_SYNTAX,
						       "-%c needs a value", *p);
				i += !p[1];
			} else if (!strchr(FLAGS, *p)) {
				return err_set(
				    e, ERR_UNKNOWN,
				    "option -%s is not in the table, or runs "
				    "a program",
				    text_safe_len(c->ctx, p, 1));
			}
			k->listens |= *p == 'l';
			k->scans |= *p == 'z';
			k->deaf |= *p == 'd';
			k->unix_socket |= *p == 'U';
			if (*p == 'x')
				k->proxy = v;
			if (*p == 's')
				k->source = v;
			if (v)
				break;
		}
	}
	return 0;
}

/* "-l 127.0.0.1 8080", "-l -s 127.0.0.1 -p 8080" */
static const char *
bound(const struct call *k)
{
	return k->n > 1 ? k->operand[0] : k->source;
}

static int
mean(struct file_call *c, struct err *e)
{
	struct call k = {0};
	struct sender s;

	c->cmd->argv = (const char **)(uintptr_t)c->in->argv;
	if (read_line(&k, c, e) < 0 || sender_begin(&s, c, e) < 0)
		return e->code;
	if (k.unix_socket && k.n && !k.listens &&
	    (strstr(k.operand[0], "docker") || strstr(k.operand[0], "podman") ||
	     strstr(k.operand[0], "containerd")))
		file_effect(c, EFFECT_PRIVILEGE, SCOPE_OUTSIDE, k.operand[0],
			    "who speaks to that service acts as root");
	if (k.unix_socket && k.n && !k.listens) {
		s.socket = k.operand[0];
		sender_to(&s, "localhost", 0);
		if (!k.deaf && sender_relay(&s, s.hosts)) {
			if (sender_stdin(&s, e) < 0)
				return e->code;
			return sender_only(&s);
		}
	}
	if (k.unix_socket || k.listens || k.n < 2) {
		file_hand_over(c);
		return k.unix_socket || k.listens
			   ? sender_listens(
				 &s, k.unix_socket ? "localhost" : bound(&k),
				 !k.deaf, e)
			   : 0;
	}
	sender_to(&s, k.operand[0], (unsigned)strtoul(k.operand[1], NULL, 10));
	if (k.proxy)
		sender_to(
		    &s,
		    file_text(c, "%.*s", (int)strcspn(k.proxy, ":"), k.proxy),
		    1080);
	sender_says(&s, k.operand[0], "the host");
	sender_says(&s, k.proxy, "the proxy's host");
	sender_says(&s, k.source, "the host that it says it is");
	if (!k.scans && !k.deaf && sender_input(&s, e) < 0)
		return e->code;
	return sender_only(&s);
}

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return sender_understand(t->in->tool, mean, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"nc", "netcat", "nc.openbsd",
				    "nc.traditional", NULL};

const struct tool tool_nc = {
    .name = "nc",
    .names = names,
    .understand = understand,
};
