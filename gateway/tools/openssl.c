/* SPDX-License-Identifier: Apache-2.0 */
/* openssl 3.0: s_client speaks to a host; the rest is not about hosts. */
#include "tools/sender.h"
#include <stdlib.h>
#include <string.h>

/* host:port, [v6]:port */
static void
to(struct sender *s, const char *text)
{
	const char *colon = strrchr(text, ':');

	if (colon && colon != strchr(text, ':') && *text != '[')
		colon = NULL;
	sender_to(s,
		  file_text(s->c, "%.*s",
			    colon ? (int)(colon - text) : (int)strlen(text),
			    text),
		  colon ? (unsigned)strtoul(colon + 1, NULL, 10) : 443);
	sender_says(s, text, "the host");
}

static int
mean(struct file_call *c, struct err *e)
{
	static const char *const hosts[] = {"connect", "host", "proxy"};
	static const char *const reads[] = {
	    "CAfile", "CApath",	 "cert",	"key",		"cert_chain",
	    "CRL",    "sess_in", "psk_session", "verifyCAfile", "chainCAfile"};
	static const char *const refused[] = {
	    "engine",  "provider", "provider-path", "keylogfile",
	    "msgfile", "sess_out", "writerand",	    "keymatexport"};
	const char *const *argv = c->in->argv;
	struct sender s;
	bool local = true;

	c->cmd->argv = (const char **)(uintptr_t)argv;
	if (!argv[1] || strcmp(argv[1], "s_client") != 0) {
		file_hand_over(c);
		return 0;
	}
	if (sender_begin(&s, c, e) < 0)
		return e->code;
	for (size_t i = 2; argv[i]; i++) {
		const char *o = argv[i][0] == '-' ? argv[i] + 1 : NULL;

		if (!o) {
			if (!argv[i + 1] && argv[i - 1][0] != '-')
				to(&s, argv[i]);
			continue;
		}
		o += *o == '-';
		for (size_t k = 0; k < sizeof(hosts) / sizeof(*hosts); k++)
			if (!strcmp(o, hosts[k]) && argv[i + 1])
				to(&s, argv[i + 1]);
		for (size_t k = 0; k < sizeof(reads) / sizeof(*reads); k++)
			if (!strcmp(o, reads[k]) && argv[i + 1])
				file_read_from(c, argv[i + 1]);
		for (size_t k = 0; k < sizeof(refused) / sizeof(*refused); k++)
			if (!strcmp(o, refused[k]))
				return err_set(e, ERR_UNKNOWN,
					       "-%s is not followed; leave it "
					       "out",
					       refused[k]);
		if (!strcmp(o, "early_data") && argv[i + 1] &&
		    sender_file(&s, argv[i + 1], e) < 0)
			return e->code;
		if (!strcmp(o, "servername") && argv[i + 1])
			sender_says(&s, argv[i + 1], "the server's name");
	}
	/* a last word behind an option may be its value or the host: both */
	if (!s.nhosts && c->in->argc > 2 && argv[c->in->argc - 1][0] != '-')
		to(&s, argv[c->in->argc - 1]);
	for (size_t i = 0; i < s.nhosts; i++)
		local &= s.hosts[i].scope == SCOPE_LOCAL;
	sender_peek(&s);
	if (!local && sender_stdin(&s, e) < 0)
		return e->code;
	sender_judge(&s);
	if (!c->writes)
		file_hand_over(c);
	return 0;
}

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return sender_done(
	    cmd, t->in,
	    file_understand_raw(t->in->tool, mean, ctx, t, cmd, fx, e));
}

static const char *const names[] = {"openssl", NULL};

const struct tool tool_openssl = {
    .name = "openssl",
    .names = names,
    .understand = understand,
};
