/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core.sshCommand of the person's own configuration.  git hands it to a
 * shell; here it is read, not run: plain ssh with options that say which key,
 * which port, which configuration.  Whatever else it does is refused by
 * name, so that nobody wonders why a wrapper was not called.
 */
#include "base/text.h"
#include "transport/ssh_private.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#define MAX_WORDS 64

/* Names after -o that are passed to `ssh -G`, which then says what of them
 * matters.  No commands, no forwardings. */
static const char *const names[] = {
    "AddKeysToAgent",
    "AddressFamily",
    "BatchMode",
    "CASignatureAlgorithms",
    "CertificateFile",
    "CheckHostIP",
    "Ciphers",
    "Compression",
    "ConnectionAttempts",
    "ConnectTimeout",
    "ControlMaster", /* connections are not shared here */
    "ControlPath",
    "ControlPersist",
    "ForwardAgent",
    "GlobalKnownHostsFile",
    "HashKnownHosts",
    "HostKeyAlgorithms",
    "HostKeyAlias",
    "HostName",
    "IdentitiesOnly",
    "IdentityAgent",
    "IdentityFile",
    "IPQoS",
    "KexAlgorithms",
    "LogLevel",
    "MACs",
    "PasswordAuthentication",
    "Port",
    "PreferredAuthentications",
    "ProxyJump",
    "PubkeyAcceptedAlgorithms",
    "PubkeyAcceptedKeyTypes",
    "PubkeyAuthentication",
    "RequestTTY",
    "ServerAliveCountMax",
    "ServerAliveInterval",
    "StrictHostKeyChecking",
    "TCPKeepAlive",
    "UpdateHostKeys",
    "User",
    "UserKnownHostsFile",
    "VisualHostKey",
};

struct reading {
	void *ctx;
	const struct ssh_person *p;
	const char *text; /* what is left */
	const char **words;
	size_t n;
};

/* A character that a shell would leave as it is. */
static bool
plain(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80 ||
	       strchr("_-+=./:,@%^", c) != NULL;
}

/* The next word as a shell would split it, without quotes; 1 at the end.
 * What a shell would expand is refused, but for "~/" and $HOME. */
static int
next_word(struct reading *r, char **out, struct err *e)
{
	char *w = talloc_strdup(r->ctx, ""), quote = '\0';
	const char *home = r->p->home;

	while (*r->text == ' ' || *r->text == '\t')
		r->text++;
	if (*r->text == '\0')
		return 1;
	if (strncmp(r->text, "~/", 2) == 0) {
		w = talloc_strdup_append(w, home);
		r->text++;
	}
	for (; *r->text; r->text++) {
		char c = *r->text;

		if (!quote && (c == ' ' || c == '\t'))
			break;
		if ((c == '"' || c == '\'') && (!quote || quote == c)) {
			quote = quote ? '\0' : c;
			continue;
		}
		if (quote != '\'' && (strncmp(r->text, "$HOME/", 6) == 0 ||
				      strncmp(r->text, "${HOME}/", 8) == 0)) {
			w = talloc_strdup_append(w, home);
			r->text += r->text[1] == '{' ? 6 : 4;
			continue;
		}
		/* IdentityFile=~/x is left to ssh, which knows it, too */
		if ((unsigned char)c < ' ' || c == '\x7f' ||
		    (!quote && !plain(c) && !(c == '~' && *w != '\0')) ||
		    (quote == '"' && strchr("$`\\", c)))
			return err_set(e, ERR_UNKNOWN, "it needs a shell");
		w = talloc_strndup_append(w, &c, 1);
		if (!w)
			BUG("out of memory");
	}
	if (quote)
		return err_set(e, ERR_UNKNOWN, "a quote is not closed");
	*out = w;
	return 0;
}

static int
push(struct reading *r, const char *word, struct err *e)
{
	if (r->n >= MAX_WORDS)
		return err_set(e, ERR_LIMIT, "it has too many words");
	r->words[r->n++] = word;
	r->words[r->n] = NULL;
	return 0;
}

/* "Name=value" or "Name value" */
static int
setting(struct reading *r, const char *text, struct err *e)
{
	size_t len = strcspn(text, "= \t");

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strlen(names[i]) == len &&
		    strncasecmp(names[i], text, len) == 0)
			return 0;
	return err_set(e, ERR_UNKNOWN, "-o %.60s is not carried",
		       text_safe(r->ctx, text));
}

static int
option(struct reading *r, char *word, struct err *e)
{
	char *value;
	int rc;

	if (word[0] != '-' || word[1] == '\0')
		return err_set(e, ERR_UNKNOWN, "\"%.60s\" is not an option",
			       text_safe(r->ctx, word));
	/* -4 -6 and options that are so anyway */
	if (strspn(word + 1, "46CTaknqvx") == strlen(word + 1))
		return push(r, word, e);
	if (!strchr("FJilop", word[1]))
		return err_set(e, ERR_UNKNOWN, "%.60s is not carried",
			       text_safe(r->ctx, word));
	value = word + 2;
	if (*value == '\0') {
		rc = next_word(r, &value, e);
		if (rc != 0)
			return rc < 0 ? rc
				      : err_set(e, ERR_UNKNOWN,
						"%s has no value", word);
	}
	if (word[1] == 'o' && setting(r, value, e) < 0)
		return e ? e->code : ERR_UNKNOWN;
	rc = push(r, talloc_strndup(r->ctx, word, 2), e);
	return rc < 0 ? rc : push(r, value, e);
}

static bool
is_ssh(const char *word)
{
	return strcmp(word, "ssh") == 0 || strcmp(word, SSH_PROGRAM) == 0 ||
	       strcmp(word, "/bin/ssh") == 0;
}

int
ssh_words(void *ctx, const struct ssh_person *p, const char *command,
	  const char ***words, struct err *e)
{
	struct reading r = {.ctx = ctx, .p = p, .text = command};
	char *word;
	int rc;

	r.words = talloc_zero_array(ctx, const char *, MAX_WORDS + 1);
	if (!r.words)
		BUG("out of memory");
	rc = next_word(&r, &word, e);
	if (rc == 1)
		rc = err_set(e, ERR_UNKNOWN, "it is empty");
	if (rc == 0 && !is_ssh(word))
		rc = err_set(e, ERR_UNKNOWN, "it runs %.60s",
			     text_safe(ctx, word));
	while (rc == 0 && (rc = next_word(&r, &word, e)) == 0)
		rc = option(&r, word, e);
	if (rc < 0)
		return rc;
	*words = r.words;
	return 0;
}
