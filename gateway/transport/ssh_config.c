/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the person's configuration of ssh says about a host, as ssh itself
 * reads it: `ssh -G`, run outside of any box.  Its "Match exec" lines run the
 * person's own commands; of the agent's words only a host, a user and a port
 * get there, each held to its own alphabet.
 */
#include "base/file.h"
#include "base/path.h"
#include "base/spawn.h"
#include "base/text.h"
#include "transport/ssh_private.h"
#include <ctype.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#define MAX_LIST 64

bool
ssh_host_valid(const char *host)
{
	size_t n = host ? strlen(host) : 0;

	if (n == 0 || n > 253 || *host == '-')
		return false;
	for (; *host; host++)
		if (!isalnum((unsigned char)*host) && !strchr("._:-", *host))
			return false;
	return true;
}

/* Names that forges use have an at sign ("ann@example.com@host"). */
bool
ssh_user_valid(const char *user)
{
	size_t n = user ? strlen(user) : 0;

	if (n == 0 || n > 255 || *user == '-')
		return false;
	for (; *user; user++)
		if (!isalnum((unsigned char)*user) && !strchr("._@+=-", *user))
			return false;
	return true;
}

static const char *
env_entry(void *ctx, const char *name, const char *value)
{
	char *s = talloc_asprintf(ctx, "%s=%s", name, value);

	if (!s)
		BUG("out of memory");
	return s;
}

static const char **
person_env(void *ctx, const struct ssh_person *p)
{
	/* of the gateway's own environment: the person started it */
	static const char *const kept[] = {"XDG_RUNTIME_DIR", "LANG", "LC_ALL"};
	const char **v = talloc_zero_array(ctx, const char *, 10);
	size_t n = 0;

	if (!v)
		BUG("out of memory");
	v[n++] = env_entry(v, "HOME", p->home);
	v[n++] = env_entry(v, "USER", p->name);
	v[n++] = env_entry(v, "LOGNAME", p->name);
	v[n++] = "PATH=/usr/local/bin:/usr/bin:/bin";
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		if (getenv(kept[i]))
			v[n++] = env_entry(v, kept[i], getenv(kept[i]));
	return v;
}

/* The agent of the person, as the caller's environment names it; not one that
 * the session made, or that lies where it works. */
static void
look_for_agent(void *ctx, const struct carrier *c, struct ssh_person *p)
{
	const char *sock = invocation_env(c->in, "SSH_AUTH_SOCK");
	const struct repository *r = c->of ? c->of->repo : NULL;
	const char *shown;
	struct stat st;

	if (!sock || *sock != '/')
		return;
	sock = path_resolve(ctx, "/", sock);
	shown = text_safe(ctx, sock);
	if (stat(sock, &st) < 0 || !S_ISSOCK(st.st_mode))
		p->ignored_sock =
		    talloc_asprintf(ctx, "there is no ssh agent at %s", shown);
	else if (st.st_uid != c->in->uid)
		p->ignored_sock = talloc_asprintf(
		    ctx, "the ssh agent at %s is somebody else's", shown);
	else if (session_made(c->in->session, sock) ||
		 (r && r->worktree && path_is_under(sock, r->worktree)))
		p->ignored_sock = talloc_asprintf(
		    ctx,
		    "the ssh agent at %s was made by this session and is not "
		    "used",
		    shown);
	else
		p->auth_sock = sock;
}

int
ssh_person_read(void *ctx, const struct carrier *c, struct ssh_person *out,
		struct err *e)
{
	const struct passwd *pw = getpwuid(c->in->uid);
	const char *home = invocation_home(c->in);

	*out = (struct ssh_person){0};
	if (!pw || pw->pw_dir[0] != '/')
		return err_set(e, ERR_UNKNOWN,
			       "the user %u has no entry in the password "
			       "database; ssh does not work without",
			       (unsigned)c->in->uid);
	out->listed = talloc_strdup(ctx, pw->pw_dir);
	out->name = talloc_strdup(ctx, pw->pw_name);
	out->home = out->listed;
	if (home && *home == '/' && path_exists(path_join(ctx, home, ".ssh")))
		out->home = talloc_strdup(ctx, home);
	if (!out->listed || !out->name || !out->home)
		BUG("out of memory");
	out->env = person_env(ctx, out);
	look_for_agent(ctx, c, out);
	return 0;
}

static const char *
token(void *ctx, const struct ssh_person *p, const struct ssh_host *h, char c)
{
	switch (c) {
	case '%':
		return "%";
	case 'd':
		return p->home;
	case 'h':
		return h->hostname;
	case 'n':
		return h->asked;
	case 'k':
		return h->key_alias ? h->key_alias : h->asked;
	case 'p':
		return talloc_asprintf(ctx, "%u", h->port);
	case 'r':
		return h->user;
	case 'u':
		return p->name;
	case 'i':
		return talloc_asprintf(ctx, "%u", (unsigned)getuid());
	default:
		return NULL;
	}
}

/* ${NAME} of the gateway's environment, and of HOME. */
static const char *
variable(const struct ssh_person *p, const char *at, size_t *len)
{
	const char *end = strchr(at, '}');
	char name[64];

	if (at[1] != '{' || !end || end - at - 2 >= (int)sizeof name)
		return NULL;
	*len = (size_t)(end - at) + 1;
	memcpy(name, at + 2, *len - 3);
	name[*len - 3] = '\0';
	return strcmp(name, "HOME") == 0 ? p->home : getenv(name);
}

char *
ssh_expand(void *ctx, const struct ssh_person *p, const struct ssh_host *h,
	   const char *path)
{
	char *out = talloc_strdup(ctx, "");
	const char *part, *below;
	size_t len;

	if (strncmp(path, "~/", 2) == 0) {
		out = talloc_strdup_append(out, p->home);
		path++;
	}
	while (out && *path) {
		char one[2] = {*path, '\0'};

		len = 1;
		part = one;
		if (*path == '%') {
			part = token(out, p, h, path[1]);
			len = 2;
		} else if (*path == '$') {
			part = variable(p, path, &len);
		}
		if (!part)
			return NULL;
		out = talloc_strdup_append_buffer(out, part);
		path += len;
	}
	if (!out)
		BUG("out of memory");
	/* what ssh itself has made of "~" */
	if (strcmp(p->home, p->listed) != 0 &&
	    (below = path_below(out, p->listed)) &&
	    !path_is_under(out, p->home))
		out = path_join(ctx, p->home, below);
	return *out == '/' ? out : NULL;
}

enum meaning {
	MEANS_NOTHING,
	MEANS_HOSTNAME,
	MEANS_USER,
	MEANS_PORT,
	MEANS_ALIAS,
	MEANS_IDENTITY,
	MEANS_CERTIFICATE,
	MEANS_KNOWN,
	MEANS_AGENT,
	MEANS_JUMP,
	MEANS_COMMAND,
	MEANS_ONLY,
	MEANS_STRICT,
	MEANS_ALGORITHMS,
	MEANS_SAME, /* passed on as it is */
};

/* Keywords as `ssh -G` of OpenSSH 9.2 prints them; what is not here does not
 * reach the box: forwardings, commands, control sockets, other ways to
 * log in. */
static const struct {
	const char *key;
	enum meaning meaning;
} keys[] = {
    {"hostname", MEANS_HOSTNAME},
    {"user", MEANS_USER},
    {"port", MEANS_PORT},
    {"hostkeyalias", MEANS_ALIAS},
    {"identityfile", MEANS_IDENTITY},
    {"certificatefile", MEANS_CERTIFICATE},
    {"userknownhostsfile", MEANS_KNOWN},
    {"globalknownhostsfile", MEANS_KNOWN},
    {"identityagent", MEANS_AGENT},
    {"proxyjump", MEANS_JUMP},
    {"proxycommand", MEANS_COMMAND},
    {"identitiesonly", MEANS_ONLY},
    {"stricthostkeychecking", MEANS_STRICT},
    {"hostkeyalgorithms", MEANS_ALGORITHMS},
    {"addressfamily", MEANS_SAME},
    {"casignaturealgorithms", MEANS_SAME},
    {"ciphers", MEANS_SAME},
    {"compression", MEANS_SAME},
    {"connectionattempts", MEANS_SAME},
    {"connecttimeout", MEANS_SAME},
    {"fingerprinthash", MEANS_SAME},
    {"ipqos", MEANS_SAME},
    {"kexalgorithms", MEANS_SAME},
    {"loglevel", MEANS_SAME},
    {"macs", MEANS_SAME},
    {"pubkeyacceptedalgorithms", MEANS_SAME},
    {"rekeylimit", MEANS_SAME},
    {"requiredrsasize", MEANS_SAME},
    {"serveralivecountmax", MEANS_SAME},
    {"serveraliveinterval", MEANS_SAME},
    {"tcpkeepalive", MEANS_SAME},
};

static enum meaning
meaning_of(const char *key)
{
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (strcmp(keys[i].key, key) == 0)
			return keys[i].meaning;
	return MEANS_NOTHING;
}

static void
add(void *ctx, const char ***list, const char *value)
{
	size_t n = 0;

	while (*list && (*list)[n])
		n++;
	if (n >= MAX_LIST)
		return;
	*list = talloc_realloc(ctx, *list, const char *, (unsigned)n + 2);
	if (!*list)
		BUG("out of memory");
	(*list)[n] = value;
	(*list)[n + 1] = NULL;
}

/* Raw values; paths are expanded when everything is known. */
static int
take(void *ctx, struct ssh_host *h, const char *key, char *value, struct err *e)
{
	int64_t port;
	char *rest = value, *word;

	switch (meaning_of(key)) {
	case MEANS_HOSTNAME:
		h->hostname = value;
		break;
	case MEANS_USER:
		h->user = value;
		break;
	case MEANS_PORT:
		if (text_number(value, 1, 65535, &port, e) < 0)
			return err_wrap(e, "the port");
		h->port = (uint16_t)port;
		break;
	case MEANS_ALIAS:
		h->key_alias = value;
		break;
	case MEANS_IDENTITY:
		add(ctx, &h->identities, value);
		break;
	case MEANS_CERTIFICATE:
		add(ctx, &h->certificates, value);
		break;
	case MEANS_KNOWN:
		while ((word = strsep(&rest, " ")))
			if (*word)
				add(ctx, &h->known, word);
		break;
	case MEANS_AGENT:
		h->agent = value;
		break;
	case MEANS_JUMP:
		h->jump = strcmp(value, "none") ? value : NULL;
		break;
	case MEANS_COMMAND:
		h->proxy_command = strcmp(value, "none") ? value : NULL;
		break;
	case MEANS_ONLY:
		h->identities_only = strcmp(value, "yes") == 0;
		break;
	case MEANS_STRICT:
		h->unchecked =
		    strcmp(value, "false") == 0 || strcmp(value, "no") == 0;
		break;
	case MEANS_ALGORITHMS:
		h->algorithms = value;
		break;
	case MEANS_SAME:
		h->other = talloc_asprintf_append_buffer(h->other, "\t%s %s\n",
							 key, value);
		break;
	case MEANS_NOTHING:
		break;
	}
	return 0;
}

static void
expand_list(void *ctx, const struct ssh_person *p, const struct ssh_host *h,
	    const char **list)
{
	size_t n = 0;

	for (size_t i = 0; list && list[i]; i++) {
		char *path = ssh_expand(ctx, p, h, list[i]);

		if (path)
			list[n++] = path;
	}
	if (list)
		list[n] = NULL;
}

static int
settle(void *ctx, const struct ssh_person *p, struct ssh_host *h, struct err *e)
{
	if (!ssh_host_valid(h->hostname))
		return err_set(e, ERR_UNKNOWN,
			       "ssh says that %s is to be reached at \"%s\", "
			       "which is no host name",
			       h->asked,
			       text_safe(ctx, h->hostname ? h->hostname : ""));
	if (!ssh_user_valid(h->user))
		return err_set(e, ERR_UNKNOWN, "\"%s\" is no user name for ssh",
			       text_safe(ctx, h->user ? h->user : ""));
	if (h->key_alias && !ssh_host_valid(h->key_alias))
		return err_set(e, ERR_UNKNOWN, "HostKeyAlias \"%s\" is odd",
			       text_safe(ctx, h->key_alias));
	expand_list(ctx, p, h, h->identities);
	expand_list(ctx, p, h, h->certificates);
	expand_list(ctx, p, h, h->known);
	if (!h->agent || strcmp(h->agent, "SSH_AUTH_SOCK") == 0 ||
	    strcmp(h->agent, "$SSH_AUTH_SOCK") == 0)
		h->agent = p->auth_sock;
	else if (strcmp(h->agent, "none") == 0)
		h->agent = NULL;
	else
		h->agent = ssh_expand(ctx, p, h, h->agent);
	return 0;
}

static int
read_answer(void *ctx, struct ssh_host *h, char *text, struct err *e)
{
	char *line, *value;

	while ((line = strsep(&text, "\n"))) {
		value = strchr(line, ' ');
		if (!value)
			continue;
		*value++ = '\0';
		if (take(ctx, h, line, value, e) < 0)
			return e ? e->code : ERR_UNKNOWN;
	}
	return 0;
}

static bool
has_option(const char *const *words, const char *option)
{
	for (; words && *words; words++)
		if (strncmp(*words, option, 2) == 0)
			return true;
	return false;
}

int
ssh_ask(void *ctx, const struct ssh_person *p, const char *const *words,
	const char *user, const char *host, uint16_t port, struct ssh_host *out,
	struct err *e)
{
	const char **argv = NULL, *config;
	struct spawn s = {.program = SSH_PROGRAM,
			  .env = p->env,
			  .cwd = p->home,
			  .timeout_ms = 20000};

	if (!ssh_host_valid(host))
		return err_set(e, ERR_UNKNOWN, "\"%s\" is no host name for ssh",
			       text_safe(ctx, host ? host : ""));
	if (user && !ssh_user_valid(user))
		return err_set(e, ERR_UNKNOWN, "\"%s\" is no user name for ssh",
			       text_safe(ctx, user));
	*out = (struct ssh_host){.asked = talloc_strdup(ctx, host),
				 .other = talloc_strdup(ctx, "")};
	add(ctx, &argv, "ssh");
	add(ctx, &argv, "-G");
	if (strcmp(p->home, p->listed) != 0 && !has_option(words, "-F")) {
		config = path_join(ctx, p->home, ".ssh/config");
		add(ctx, &argv, "-F");
		add(ctx, &argv, path_exists(config) ? config : "/dev/null");
	}
	for (size_t i = 0; words && words[i]; i++)
		add(ctx, &argv, words[i]);
	/* behind the person's words, as git puts them: of two ports or users
	 * the first one counts */
	if (port) {
		add(ctx, &argv, "-p");
		add(ctx, &argv, talloc_asprintf(ctx, "%u", port));
	}
	if (user) {
		add(ctx, &argv, "-l");
		add(ctx, &argv, user);
	}
	add(ctx, &argv, "-T"); /* else it says that there is no terminal */
	add(ctx, &argv, "--");
	add(ctx, &argv, host);
	s.argv = argv;
	if (spawn_run(ctx, &s, e) < 0)
		return err_wrap(e, "asking ssh about %s", host);
	if (s.status != 0)
		return err_set(e, ERR_SYSTEM,
			       "the configuration of ssh for %s: %s", host,
			       text_safe(ctx, s.errors ? s.errors : "?"));
	if (read_answer(ctx, out, s.output, e) < 0)
		return err_wrap(e, "what ssh says of %s", host);
	return settle(ctx, p, out, e);
}
