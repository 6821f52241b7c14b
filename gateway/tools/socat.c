/* SPDX-License-Identifier: Apache-2.0 */
/* socat 1.7: two addresses, and what flows between them. */
#include "base/text.h"
#include "tools/sender.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

enum kind { LOCAL, LISTEN, HOST, STDIN, PATH, SOCKET, RUNS, OTHER };

static const struct {
	const char *head;
	enum kind kind;
} heads[] = {
    {"-", STDIN},
    {"stdio", STDIN},
    {"stdin", STDIN},
    {"stdout", LOCAL},
    {"stderr", LOCAL},
    {"tcp", HOST},
    {"tcp4", HOST},
    {"tcp6", HOST},
    {"tcp-connect", HOST},
    {"tcp4-connect", HOST},
    {"tcp6-connect", HOST},
    {"udp", HOST},
    {"udp4", HOST},
    {"udp6", HOST},
    {"udp-connect", HOST},
    {"udp-sendto", HOST},
    {"udp-datagram", HOST},
    {"udp4-sendto", HOST},
    {"openssl", HOST},
    {"ssl", HOST},
    {"openssl-connect", HOST},
    {"ssl-connect", HOST},
    {"sctp", HOST},
    {"sctp-connect", HOST},
    {"tcp-listen", LISTEN},
    {"tcp-l", LISTEN},
    {"tcp4-listen", LISTEN},
    {"tcp6-listen", LISTEN},
    {"udp-listen", LISTEN},
    {"unix-listen", LOCAL},
    {"openssl-listen", LISTEN},
    {"unix-connect", SOCKET},
    {"unix", SOCKET},
    {"unix-client", SOCKET},
    {"open", PATH},
    {"file", PATH},
    {"exec", RUNS},
    {"system", RUNS},
    {"shell", RUNS},
};

struct end {
	enum kind kind;
	const char *rest;
};

static struct end
read_end(const char *word)
{
	size_t len = strcspn(word, ":,");

	if (*word == '-' && (!word[1] || word[1] == ','))
		len = 1;
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		if (strlen(heads[i].head) == len &&
		    !strncasecmp(heads[i].head, word, len))
			return (struct end){heads[i].kind, word[len] == ':'
							       ? word + len + 1
							       : word + len};
	return (struct end){memchr(word, '/', len) ? PATH : OTHER, word};
}

enum socat_way
socat_leads(void *ctx, const char *word, char **what)
{
	struct end end = read_end(word);

	if (end.kind != HOST && end.kind != SOCKET)
		return SOCAT_NOWHERE;
	*what = talloc_strndup(ctx, end.rest, strcspn(end.rest, ","));
	if (!*what)
		BUG("out of memory");
	return end.kind == HOST ? SOCAT_HOST : SOCAT_SOCKET;
}

/* Where a listener listens; NULL: everywhere. */
static const char *
bound(struct sender *s, const char *rest)
{
	const char *at = strstr(rest, ",bind=");

	return at ? file_text(s->c, "%.*s", (int)strcspn(at + 6, ",:"), at + 6)
		  : NULL;
}

/* A file as it is now is what is looked through: options that only say how it
 * is read. */
static bool
reads_once(const char *options)
{
	static const char *const known[] = {"rdonly", "nonblock",  "cloexec",
					    "seek=",  "lseek=",	   "binary",
					    "text",   "readbytes="};

	for (const char *p = options; *p == ','; p += 1 + strcspn(p + 1, ",")) {
		bool good = false;

		for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
			good |= !strncasecmp(p + 1, known[i], strlen(known[i]));
		if (!good)
			return false;
	}
	return true;
}

static int
take_end(struct sender *s, const char *word, bool *input, struct err *e)
{
	struct end end = read_end(word);
	char *rest = file_text(s->c, "%s", end.rest), *colon;

	rest[strcspn(rest, ",")] = '\0';
	switch (end.kind) {
	case LOCAL:
	case LISTEN:
		return 0;
	case STDIN:
		*input = true;
		return 0;
	case HOST:
		colon = strrchr(rest, ':');
		if (!colon)
			return err_set(e, ERR_SYNTAX, "no port");
		*colon = '\0';
		sender_to(s, rest, (unsigned)strtoul(colon + 1, NULL, 10));
		return 0;
	case PATH:
		if (strstr(end.rest, "creat") || strstr(end.rest, "trunc") ||
		    strstr(end.rest, "append") || strstr(end.rest, "wronly"))
			return err_set(e, ERR_UNKNOWN,
				       "socat writes to %s; let the shell do "
				       "that: > file",
				       text_safe(s->c->ctx, rest));
		s->unseen |= !reads_once(end.rest + strlen(rest));
		return sender_file(s, rest, e);
	case SOCKET:
		if (strstr(rest, "docker") || strstr(rest, "podman") ||
		    strstr(rest, "containerd"))
			file_effect(s->c, EFFECT_PRIVILEGE, SCOPE_OUTSIDE, rest,
				    "who speaks to that service acts as root");
		s->socket = rest;
		return 0;
	case RUNS:
	case OTHER:
		break;
	}
	return err_set(
	    e, ERR_UNKNOWN,
	    "the address %.*s: runs a program or is not followed",
	    (int)(strcspn(word, ":,") < 40 ? strcspn(word, ":,") : 40),
	    text_safe(s->c->ctx, word));
}

static int
mean(struct file_call *c, struct err *e)
{
	const char *const *argv = c->in->argv;
	bool input = false, local = true;
	struct sender s;
	size_t i = 1;

	c->cmd->argv = (const char **)(uintptr_t)argv;
	if (sender_begin(&s, c, e) < 0)
		return e->code;
	for (; argv[i] && argv[i][0] == '-' && argv[i][1] && argv[i][1] != ',';
	     i++) {
		if (!strcmp(argv[i], "-V") || !strncmp(argv[i], "-h", 2)) {
			file_hand_over(c);
			return 0;
		}
		if (!strcmp(argv[i], "-b") || !strcmp(argv[i], "-t") ||
		    !strcmp(argv[i], "-T")) {
			if (!argv[++i])
				return err_set(e, ERR_SYNTAX, "no value");
		} else if (argv[i][1] == 'l' || argv[i][1] == 'L' ||
			   argv[i][1] == 'W' || argv[i][1] == 'r' ||
			   argv[i][1] == 'R') {
			return err_set(e, ERR_UNKNOWN,
				       "%s writes a file; leave it out",
				       text_safe(c->ctx, argv[i]));
		}
	}
	if (!argv[i] || !argv[i + 1] || argv[i + 2])
		return err_set(e, ERR_UNKNOWN, "two addresses are expected");
	if (strpbrk(argv[i], "\"'\\") || strpbrk(argv[i + 1], "\"'\\"))
		return err_set(e, ERR_UNKNOWN,
			       "quotes in an address are not followed; a plain "
			       "name is, or stdin: socat - ... < file");
	if (strstr(argv[i], "!!") || strstr(argv[i + 1], "!!"))
		return err_set(e, ERR_UNKNOWN,
			       "addresses with !! are not followed");
	if (take_end(&s, argv[i], &input, e) < 0 ||
	    take_end(&s, argv[i + 1], &input, e) < 0)
		return e->code;
	if (s.socket && !s.nhosts)
		sender_to(&s, "localhost", 0);
	for (size_t k = 0; k < s.nhosts; k++)
		local &= s.hosts[k].scope == SCOPE_LOCAL;
	/* from whoever serves here */
	for (size_t k = 0; !local && k < s.nhosts; k++)
		s.unseen |= s.hosts[k].scope == SCOPE_LOCAL;
	s.unseen |= s.socket && !local;
	sender_says(&s, argv[i], "an address");
	sender_says(&s, argv[i + 1], "an address");
	if (input && sender_input(&s, e) < 0)
		return e->code;
	for (size_t k = i; k < i + 2; k++)
		if (read_end(argv[k]).kind == LISTEN &&
		    sender_listens(&s, bound(&s, argv[k]), input && local, e) <
			0)
			return e->code;
	/* a listener passes on what others send */
	if (!local && !input && !s.content)
		s.content = "what flows through it";
	return sender_only(&s);
}

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return sender_understand(t->in->tool, mean, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"socat", NULL};

const struct tool tool_socat = {
    .name = "socat",
    .names = names,
    .understand = understand,
};
