/* SPDX-License-Identifier: Apache-2.0 */
/* openssl 3.0: s_client speaks to a host; of the rest, what it reads and
 * writes. */
#include "tools/sender.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

/* The words of the line; "--out=f" and "-out=f" as "-out f". */
static const char *const *
plain(struct file_call *c)
{
	const char *const *argv = c->in->argv;
	const char **v =
	    talloc_array(c->ctx, const char *, 2 * (unsigned)c->in->argc + 1);
	size_t n = 0;

	if (!v)
		BUG("out of memory");
	for (size_t i = 0; argv[i]; i++) {
		const char *word = argv[i], *eq;

		if (i < 2 || *word != '-') {
			v[n++] = word;
			continue;
		}
		word += word[1] == '-';
		eq = strchr(word, '=');
		v[n++] =
		    eq ? file_text(c, "%.*s", (int)(eq - word), word) : word;
		if (eq)
			v[n++] = eq + 1;
	}
	v[n] = NULL;
	return v;
}

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

/* "file:f", "env:V", "pass:word", "fd:3", "stdin": where a password is. */
static int
says_password(struct sender *s, const char *text, struct err *e)
{
	const char *at = strchr(text, ':');

	if (!strncmp(text, "file:", 5))
		return sender_file(s, at + 1, e);
	if (!strncmp(text, "env:", 4))
		sender_says(s, invocation_env(s->c->in, at + 1),
			    "the password");
	else if (!strncmp(text, "pass:", 5))
		sender_says(s, at + 1, "the password");
	else
		s->unseen = true;
	return 0;
}

/* What says nothing of the content of its -in. */
static bool
only_looks(const char *const *argv)
{
	static const char *const commands[] = {"crl", "dgst", "pkeyutl", "req",
					       "ts",  "x509", "verify"};
	static const char *const options[] = {"-noout", "-pubout"};

	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(argv[1], commands[i]))
			return true;
	for (size_t i = 2; argv[i]; i++)
		for (size_t k = 0; k < sizeof(options) / sizeof(*options); k++)
			if (!strcmp(argv[i], options[k]))
				return true;
	return false;
}

/* The commands that stay on this machine: what they read and write. */
static int
local_command(struct file_call *c)
{
	static const char *const writes[] = {
	    "-out",	 "-keyout",  "-writerand", "-signer_out",
	    "-CAserial", "-certout", "-certsout",  "-cacertsout"};
	const char *const *argv = plain(c);
	bool quiet = !argv[1] || only_looks(argv);

	for (size_t i = 2; argv[1] && argv[i] && argv[i + 1]; i++) {
		if (!quiet &&
		    (!strcmp(argv[i], "-in") || !strcmp(argv[i], "-kfile")))
			file_read_from(c, argv[i + 1]);
		for (size_t k = 0; k < sizeof(writes) / sizeof(*writes); k++)
			if (!strcmp(argv[i], writes[k]))
				file_write_to(c, argv[i + 1]);
	}
	file_hand_over_kept(c); /* it reads what else the line names */
	return 0;
}

/* Where a file is expected, too. */
static bool
is_address(const char *word)
{
	return !strncasecmp(word, "http://", 7) ||
	       !strncasecmp(word, "https://", 8);
}

/* s_time, ocsp, cmp: whatever stands on the line may go there. */
static int
other_client(struct file_call *c, struct err *e)
{
	static const char *const hosts[] = {"-connect", "-host", "-server",
					    "-proxy", "-issuer_url"};
	static const char *const sent[] = {"-reqin", "-csr", "-in", "-geninfo"};
	const char *const *argv = plain(c);
	struct sender s;

	if (sender_begin(&s, c, e) < 0)
		return e->code;
	for (size_t i = 2; argv[i]; i++) {
		const char *v = argv[i + 1];

		sender_says(&s, argv[i], "the words of the line");
		for (size_t k = 0; v && k < sizeof(hosts) / sizeof(*hosts); k++)
			if (!strcmp(argv[i], hosts[k]))
				to(&s, v);
		for (size_t k = 0; v && k < sizeof(sent) / sizeof(*sent); k++)
			if (!strcmp(argv[i], sent[k]) &&
			    sender_file(&s, v, e) < 0)
				return e->code;
		if (is_address(argv[i]) &&
		    sender_url(&s, argv[i], NULL, NULL, NULL, e) < 0)
			return e->code;
	}
	/* a question about a certificate is none of its content */
	if (!strcmp(argv[1], "ocsp"))
		s.content = NULL;
	sender_judge(&s);
	return local_command(c);
}

/* "-accept [host:]port", "-port"; with some switches what lies here is served.
 */
static int
server(struct file_call *c, struct err *e)
{
	static const char *const serves[] = {"-WWW", "-HTTP"};
	const char *const *argv = plain(c);
	const char *at = NULL;
	struct sender s;

	if (sender_begin(&s, c, e) < 0)
		return e->code;
	for (size_t i = 2; argv[i]; i++) {
		const char *colon = argv[i + 1] ? strrchr(argv[i + 1], ':') : 0;

		if (!strcmp(argv[i], "-accept") && colon)
			at = file_text(c, "%.*s", (int)(colon - argv[i + 1]),
				       argv[i + 1]);
		for (size_t k = 0; k < sizeof(serves) / sizeof(*serves); k++)
			if (!strcmp(argv[i], serves[k]))
				sender_folder(&s, c->os.base_dir);
	}
	if (local_command(c) < 0)
		return e->code;
	return sender_listens(&s, at, true, e);
}

static bool
is_client(const char *word)
{
	return !strcmp(word, "s_time") || !strcmp(word, "ocsp") ||
	       !strcmp(word, "cmp");
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
	const char *const *argv = plain(c);
	struct sender s;
	size_t last = 0;

	c->cmd->argv = (const char **)(uintptr_t)c->in->argv;
	for (size_t i = 1; argv[1] && argv[i]; i++)
		if (is_client(argv[1]) || is_address(argv[i]))
			return other_client(c, e);
	if (argv[1] && !strcmp(argv[1], "s_server"))
		return server(c, e);
	if (!argv[1] || strcmp(argv[1], "s_client") != 0)
		return local_command(c);
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
		if (!strcmp(o, "proxy_pass") && argv[i + 1] &&
		    says_password(&s, argv[i + 1], e) < 0)
			return e->code;
		/* names and protocols go in the clear */
		if (argv[i + 1])
			sender_says(&s, argv[i + 1], file_text(c, "-%s", o));
	}
	/* a last word behind an option may be its value or the host: both */
	while (argv[last + 1])
		last++;
	if (!s.nhosts && last > 1 && argv[last][0] != '-')
		to(&s, argv[last]);
	if (sender_input(&s, e) < 0)
		return e->code;
	return sender_only(&s);
}

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return sender_understand(t->in->tool, mean, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"openssl", NULL};

const struct tool tool_openssl = {
    .name = "openssl",
    .names = names,
    .understand = understand,
};
