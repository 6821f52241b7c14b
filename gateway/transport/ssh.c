/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carries a request by ssh: the person's ssh is asked where the host is and
 * which keys are for it, and a real ssh is run in the transport box with a
 * configuration that says only that.  The words it gets are ours: host and
 * user as ssh resolved them, the path as the permit has it.
 *
 * Keys stay outside: the box has public halves and the filtered agent.
 */
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "transport/agent.h"
#include "transport/push_filter.h"
#include "transport/ssh_private.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#define MAX_KEYS     32
#define MAX_KEY_FILE (64 * 1024)

struct connection {
	struct ssh_person person;
	const char **words; /* of the person's core.sshCommand */
	struct ssh_host hosts[SSH_HOPS + 1]; /* [0] is where git goes */
	size_t nhosts;
	struct ssh_keys keys;
	const char *encrypted; /* a key file that nobody can use here */
	size_t nprivate;
	const char *key_files[MAX_KEYS + 1];
	const char *only[2 * MAX_KEYS + 1];
	size_t nonly;
	const char *users[SSH_HOPS + 2];
	const char *agent;
};

static int
read_words(struct carrier *c, struct connection *s, struct err *e)
{
	const struct transport_permit *p = c->permit;

	if (!p->ssh_command)
		return 0;
	if (ssh_words(c->ctx, &s->person, p->ssh_command, &s->words, e) < 0)
		return err_wrap(e,
				"core.sshCommand (%s) is not plain ssh with "
				"options that automode carries",
				p->ssh_command_from ? p->ssh_command_from
						    : "your configuration");
	return 0;
}

/* "[user@]host[:port]" or "ssh://..." of a ProxyJump. */
static int
split_hop(void *ctx, const char *hop, const char **user, const char **host,
	  uint16_t *port, struct err *e)
{
	char *s = talloc_strdup(ctx, hop), *at, *end;
	int64_t number;

	if (!s)
		BUG("out of memory");
	if (strncmp(s, "ssh://", 6) == 0)
		s += 6;
	*user = NULL;
	*port = 0;
	at = strrchr(s, '@');
	if (at) {
		*at = '\0';
		*user = s;
		s = at + 1;
	}
	if (*s == '[' && (end = strchr(s, ']'))) {
		s++;
		*end++ = '\0';
	} else {
		end = s + strcspn(s, ":");
		/* more than one colon: an address without brackets */
		if (*end && strchr(end + 1, ':'))
			end += strlen(end);
	}
	if (*end == ':') {
		*end++ = '\0';
		if (text_number(end, 1, 65535, &number, e) < 0)
			return err_wrap(e, "ProxyJump %s", text_safe(ctx, hop));
		*port = (uint16_t)number;
	}
	*host = s;
	return 0;
}

/* "ssh -W %h:%p HOP", as ProxyJump was written before there was one. */
static const char *
old_jump(void *ctx, const char *command)
{
	char *s = talloc_strdup(ctx, command), *word;
	const char *hop = NULL;
	bool ssh = false, forward = false;

	if (!s)
		BUG("out of memory");
	while ((word = strsep(&s, " \t"))) {
		if (*word == '\0' || strcmp(word, "exec") == 0 ||
		    strcmp(word, "-q") == 0)
			continue;
		if (!ssh) {
			if (strcmp(word, "ssh") && strcmp(word, SSH_PROGRAM))
				return NULL;
			ssh = true;
		} else if (strcmp(word, "-W") == 0) {
			continue;
		} else if (strcmp(word, "%h:%p") == 0 ||
			   strcmp(word, "-W%h:%p") == 0 ||
			   strcmp(word, "[%h]:%p") == 0) {
			forward = true;
		} else if (*word == '-' || hop) {
			return NULL;
		} else {
			hop = word;
		}
	}
	return forward ? hop : NULL;
}

static int
jump_of(void *ctx, struct ssh_host *h, struct err *e)
{
	if (h->jump || !h->proxy_command)
		return 0;
	h->jump = old_jump(ctx, h->proxy_command);
	if (h->jump)
		return 0;
	return err_set(e, ERR_UNKNOWN,
		       "the configuration of ssh has a ProxyCommand for %s "
		       "(%.200s), which is not carried; ProxyJump is",
		       h->asked, text_safe(ctx, h->proxy_command));
}

static int
ask_hop(void *ctx, struct connection *s, const char *hop, struct err *e)
{
	struct ssh_host *h = &s->hosts[s->nhosts];
	const char *user = NULL, *host = NULL;
	uint16_t port = 0;

	if (s->nhosts > SSH_HOPS)
		return err_set(e, ERR_LIMIT, "more than %d hosts to jump over",
			       SSH_HOPS);
	if (split_hop(ctx, hop, &user, &host, &port, e) < 0 ||
	    ssh_ask(ctx, &s->person, NULL, user, host, port, h, e) < 0)
		return err_wrap(e, "ProxyJump");
	for (size_t i = 0; i < s->nhosts; i++)
		if (strcmp(s->hosts[i].asked, h->asked) == 0)
			return err_set(e, ERR_UNKNOWN,
				       "ProxyJump goes over %s twice",
				       h->asked);
	s->hosts[s->nhosts - 1].via = h;
	s->nhosts++;
	return 0;
}

/* From the last host to the first: of "a,b" b is nearest.  Only the first of
 * a list may have a jump of its own. */
static int
ask_hops(void *ctx, struct connection *s, struct err *e)
{
	int rc;

	for (;;) {
		struct ssh_host *h = &s->hosts[s->nhosts - 1];
		char *list, *comma;

		rc = jump_of(ctx, h, e);
		if (rc < 0 || !h->jump)
			return rc;
		list = talloc_strdup(ctx, h->jump);
		if (!list)
			BUG("out of memory");
		while (rc == 0 && (comma = strrchr(list, ','))) {
			rc = ask_hop(ctx, s, comma + 1, e);
			*comma = '\0';
		}
		if (rc == 0)
			rc = ask_hop(ctx, s, list, e);
		if (rc < 0)
			return rc;
	}
}

static bool
has_key(const struct connection *s, const char *path)
{
	for (size_t i = 0; i < s->keys.n; i++)
		if (strcmp(s->keys.v[i].path, path) == 0)
			return true;
	return false;
}

static void
may_use(struct connection *s, const char *base64)
{
	if (base64 && s->nonly + 1 < sizeof s->only / sizeof *s->only)
		s->only[s->nonly++] = base64;
}

static void
take_key(void *ctx, struct connection *s, const char *path, bool agent)
{
	struct key_file *k = &s->keys.v[s->keys.n];

	if (s->keys.n == MAX_KEYS || has_key(s, path))
		return;
	key_file_read(ctx, path, k);
	if (!k->here && !(k->line && agent))
		return;
	if (k->here && k->encrypted && !agent) {
		s->encrypted = s->encrypted ? s->encrypted : path;
		return;
	}
	if (k->here && !k->encrypted)
		s->key_files[s->nprivate++] = path;
	may_use(s, k->base64);
	may_use(s, k->certificate64);
	s->keys.n++;
}

static void
take_certificate(void *ctx, struct connection *s, const char *path)
{
	const char *line, *base64;
	struct err e = {0};
	char *text;
	size_t len;

	if (s->keys.ncertificates == MAX_KEYS ||
	    file_read(ctx, AT_FDCWD, path, MAX_KEY_FILE, &text, &len, &e) != 0)
		return;
	line = key_line(ctx, text, len, &base64);
	if (!line)
		return;
	s->keys.certificates[s->keys.ncertificates++] = line;
	may_use(s, base64);
}

/* The keys for all hops; the agent is the one of where git goes. */
static void
take_keys(void *ctx, struct connection *s)
{
	s->keys.v = talloc_zero_array(ctx, struct key_file, MAX_KEYS + 1);
	s->keys.certificates =
	    talloc_zero_array(ctx, const char *, MAX_KEYS + 1);
	if (!s->keys.v || !s->keys.certificates)
		BUG("out of memory");
	for (size_t i = 0; i < s->nhosts; i++) {
		const struct ssh_host *h = &s->hosts[i];

		s->users[i] = h->user;
		if (!s->agent)
			s->agent = h->agent;
		for (size_t k = 0; h->identities && h->identities[k]; k++)
			take_key(ctx, s, h->identities[k], h->agent != NULL);
		for (size_t k = 0; h->certificates && h->certificates[k]; k++)
			take_certificate(ctx, s, h->certificates[k]);
	}
}

/* Nothing would log in: say so before anybody is asked. */
static int
check_keys(void *ctx, struct connection *s, struct err *e)
{
	const char *why = s->person.ignored_sock;

	if (s->agent || s->nprivate)
		return 0;
	if (s->encrypted)
		return err_set(e, ERR_UNKNOWN,
			       "the key %s has a passphrase, and %s: start an "
			       "agent before the session and add it there "
			       "(eval \"$(ssh-agent)\"; ssh-add %s)",
			       text_safe(ctx, s->encrypted),
			       why ? why : "no ssh agent holds it",
			       text_safe(ctx, s->encrypted));
	return why ? err_set(e, ERR_UNKNOWN, "%s, and there is no key file",
			     why)
		   : 0; /* the host may want none; else ssh says it */
}

static int
serve_agent(struct carrier *c, struct connection *s, const char *dir,
	    struct err *e)
{
	struct agent_broker *b;
	struct agent_setting a = {
	    .path = path_join(c->ctx, dir, "agent"),
	    .upstream = s->agent,
	    .key_files = s->key_files,
	    .private_path = path_join(c->ctx, c->folder, "keys"),
	    .users = s->users,
	};
	bool all = false;

	for (size_t i = 0; i < s->nhosts; i++)
		all = all || !s->hosts[i].identities_only;
	if (!all)
		a.only = s->only;
	return agent_serve(c->ctx, c->loop, &a, &b, e);
}

/* As sq_quote() of git: the shell on the other side takes it apart. */
static char *
quoted(void *ctx, const char *path)
{
	char *out = talloc_strdup(ctx, "'");

	for (; out && *path; path++)
		out = *path == '\'' || *path == '!'
			  ? talloc_asprintf_append_buffer(out, "'\\%c'", *path)
			  : talloc_strndup_append_buffer(out, path, 1);
	out = talloc_strdup_append_buffer(out, "'");
	if (!out)
		BUG("out of memory");
	return out;
}

static const char *
service_command(void *ctx, const struct carrier *c)
{
	const char *program = NULL;

	switch (c->service) {
	case SERVICE_FETCH:
		program = "git-upload-pack";
		break;
	case SERVICE_ARCHIVE:
		program = "git-upload-archive";
		break;
	case SERVICE_PUSH:
		program = "git-receive-pack";
		break;
	case SERVICE_NONE:
	case SERVICE_HELPER:
	case SERVICE_SIGN:
		return NULL;
	}
	return talloc_asprintf(ctx, "%s %s", program,
			       quoted(ctx, c->permit->path));
}

static int
compose(struct carrier *c, struct connection *s, const char *dir, struct err *e)
{
	const struct ssh_host *first = &s->hosts[s->nhosts - 1];
	const char **argv = talloc_zero_array(c->ctx, const char *, 8);
	const char **env = talloc_zero_array(c->ctx, const char *, 2);
	const char *command = service_command(c->ctx, c);

	if (!argv || !env)
		BUG("out of memory");
	if (!command)
		return err_set(e, ERR_UNKNOWN, "no service for ssh");
	argv[0] = "ssh";
	argv[1] = "-F";
	argv[2] = SSH_IN_BOX "/config";
	argv[3] = "-T";
	argv[4] = "--";
	argv[5] = s->hosts[0].asked;
	argv[6] = command;
	if (c->rq->protocol)
		env[0] =
		    talloc_asprintf(c->ctx, "GIT_PROTOCOL=%s", c->rq->protocol);
	c->cmd.program = SSH_PROGRAM;
	c->cmd.argv = argv;
	c->cmd.env_set = env;
	c->cmd.summary = "ssh";
	need_bind(c->ctx, &c->cmd.need, dir, SSH_IN_BOX, false);
	if (s->hosts[0].known_file)
		need_bind(c->ctx, &c->cmd.need,
			  path_join(c->ctx, dir, "known_hosts"),
			  s->hosts[0].known_file, false);
	c->target.host = first->hostname;
	c->target.port = first->port;
	/* The host has a key that the person accepted: wherever its name
	 * leads, nobody else can answer to it.  Or their configuration says
	 * where it is. */
	c->target.named = c->permit->named || *first->known_lines != '\0' ||
			  first != &s->hosts[0] ||
			  strcmp(first->asked, first->hostname) != 0;
	return 0;
}

static void
push_refused(const char *why, void *data)
{
	carrier_refuse(data, why);
}

/* git speaks to the filter, the filter to ssh. */
static int
filter_push(struct carrier *c, struct err *e)
{
	struct push_filter *f;
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_sys(e, "a pipe");
	c->as.stdio[0] = pair[0];
	return push_filter_start(c->ctx, c->loop, c->rq->stdio[0], pair[1],
				 c->permit, push_refused, c, &f, e);
}

int
ssh_carry(struct carrier *c, struct err *e)
{
	struct connection *s = talloc_zero(c->ctx, struct connection);
	const struct transport_permit *p = c->permit;
	char *dir = path_join(c->ctx, c->folder, "ssh");
	int rc;

	if (!s)
		BUG("out of memory");
	if (!p->path || strchr(p->path, '\n'))
		return err_set(e, ERR_UNKNOWN, "no path on the other side");
	rc = ssh_person_read(c->ctx, c, &s->person, e);
	if (rc == 0)
		rc = read_words(c, s, e);
	if (rc == 0)
		rc = ssh_ask(c->ctx, &s->person, s->words, p->user, p->host,
			     p->port, &s->hosts[s->nhosts++], e);
	if (rc == 0)
		rc = ask_hops(c->ctx, s, e);
	if (rc < 0)
		return rc;
	take_keys(c->ctx, s);
	if (check_keys(c->ctx, s, e) < 0)
		return e->code;
	if (mkdir(dir, 0700) < 0)
		return err_sys(e, "a folder for ssh");
	/* first: it gets its keys while the rest is done */
	rc = serve_agent(c, s, dir, e);
	for (size_t i = s->nhosts; rc == 0 && i-- > 0;)
		rc = ssh_known_hosts(c->ctx, &s->person, &s->hosts[i], e);
	/* lines of several hosts are in one file of ours */
	for (size_t i = 0; s->nhosts > 1 && i < s->nhosts; i++)
		s->hosts[i].known_file = NULL;
	if (rc == 0)
		rc = ssh_write_files(c->ctx, dir, &s->hosts[0], &s->keys, e);
	if (rc == 0)
		rc = compose(c, s, dir, e);
	if (rc == 0 && c->service == SERVICE_PUSH && !c->parks)
		rc = filter_push(c, e);
	return rc;
}
