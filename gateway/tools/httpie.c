/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTPie 3.2: http and https.  Its words are a method, an address and items,
 * each of them divided at the first separator in it.
 */
#include "tools/httpie.h"
#include "base/path.h"
#include "base/text.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const struct option_spec options[] = {F(0, "help"),
					     F(0, "version"),
					     F(0, "manual"),
					     F('j', "json"),
					     F('f', "form"),
					     F(0, "multipart"),
					     A(0, "boundary"),
					     A(0, "raw"),
					     F('x', "compress"),
					     A(0, "pretty"),
					     A('s', "style"),
					     F(0, "unsorted"),
					     F(0, "sorted"),
					     A(0, "response-charset"),
					     A(0, "response-mime"),
					     A(0, "format-options"),
					     A('p', "print"),
					     F('h', "headers"),
					     F('m', "meta"),
					     F('b', "body"),
					     F('v', "verbose"),
					     F(0, "all"),
					     A('P', "history-print"),
					     F('S', "stream"),
					     A('o', "output"),
					     F('d', "download"),
					     F('c', "continue"),
					     F('q', "quiet"),
					     A(0, "session"),
					     A(0, "session-read-only"),
					     A('a', "auth"),
					     A('A', "auth-type"),
					     F(0, "ignore-netrc"),
					     F(0, "offline"),
					     A(0, "proxy"),
					     F('F', "follow"),
					     A(0, "max-redirects"),
					     A(0, "max-headers"),
					     A(0, "timeout"),
					     F(0, "check-status"),
					     F(0, "path-as-is"),
					     F(0, "chunked"),
					     A(0, "verify"),
					     A(0, "ssl"),
					     A(0, "ciphers"),
					     A(0, "cert"),
					     A(0, "cert-key"),
					     A(0, "cert-key-pass"),
					     F('I', "ignore-stdin"),
					     F(0, "traceback"),
					     A(0, "default-scheme"),
					     F(0, "debug"),
					     END};

struct call {
	struct file_call *c;
	struct sender s;
	const char *method, *url;
	bool data;
	size_t bound; /* credentials that stay with their host */
	struct httpie_defaults defaults;
	const char *held; /* a netrc with something for the host */
};

/* --- items -----------------------------------------------------------------
 */

/* Longer ones before those that they begin with. */
static const char *const separators[] = {":=@", "==@", ":@", ":=", "=@",
					 "==",	":",   "=",  "@",  ";"};

/* Where the first of them stands; a backslash takes its meaning away. */
static const char *
separator(const char *item, const char **which)
{
	for (const char *p = item; *p; p++) {
		if (*p == '\\' && p[1]) {
			p++;
			continue;
		}
		for (size_t i = 0; i < sizeof(separators) / sizeof(*separators);
		     i++)
			if (!strncmp(p, separators[i], strlen(separators[i]))) {
				*which = separators[i];
				return p;
			}
	}
	return NULL;
}

static int
item_file(struct call *k, const char *path, struct err *e)
{
	size_t type = strcspn(path, ";");

	/* "file;type=text/csv"; a name may hold the mark as well */
	if (!strncmp(path + type, ";type=", 6))
		path = file_text(k->c, "%.*s", (int)type, path);
	if (*path == '~' && path[1] == '/' && k->c->os.home)
		path = path_join(k->c->ctx, k->c->os.home, path + 2);
	return sender_file(&k->s, path, e);
}

static int
item(struct call *k, const char *text, struct err *e)
{
	const char *which, *at = separator(text, &which), *value;
	size_t before = k->s.nfound;

	if (!at)
		return err_set(e, ERR_SYNTAX, "%s is no item",
			       text_safe(k->c->ctx, text));
	value = at + strlen(which);
	if (strchr(which, '@')) {
		k->data |=
		    strcmp(which, ":@") != 0 && strcmp(which, "==@") != 0;
		sender_says(&k->s,
			    file_text(k->c, "%.*s", (int)(at - text), text),
			    "an item");
		return item_file(k, value, e);
	}
	if (!strcmp(which, ":") || !strcmp(which, ";")) {
		sender_says(&k->s, text, "a header");
		if (!strncasecmp(text, "authorization:", 14))
			k->bound += k->s.nfound - before;
	} else if (!strcmp(which, "==")) {
		sender_says(&k->s, text, "the address");
		k->bound += k->s.nfound - before;
	} else {
		k->data = true;
		sender_body(&k->s, text, "the request's content");
	}
	return 0;
}

/* --- the address -----------------------------------------------------------
 */

static const char *
full_url(struct call *k, const char *given)
{
	const char *scheme = file_value(k->c, "default-scheme"), *p = given;

	if (!scheme)
		scheme = !strcmp(k->c->name, "https") ? "https" : "http";
	if (!strncmp(given, "://", 3))
		given += 3;
	while (isalnum((unsigned char)*p) || (*p && strchr("+.-", *p)))
		p++;
	if (p > given && !strncmp(p, "://", 3))
		return given;
	if (*given == ':' && given[1] != ':') {
		size_t n = strspn(given + 1, "0123456789");

		return file_text(k->c, "%s://localhost%s%.*s%s", scheme,
				 n ? ":" : "", (int)n, given + 1,
				 given + 1 + n);
	}
	return file_text(k->c, "%s://%s", scheme, given);
}

static int
address(struct call *k, struct err *e)
{
	const char *scheme, *path, *url = full_url(k, k->url);
	size_t before = k->s.nfound;

	if (sender_url(&k->s, url, NULL, &scheme, &path, e) < 0)
		return e->code;
	if (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)
		return err_set(e, ERR_UNKNOWN, "%s addresses are not followed",
			       text_safe(k->c->ctx, scheme));
	sender_says(&k->s, url, "the address");
	k->bound += k->s.nfound - before;
	return 0;
}

static bool
is_word(const char *s)
{
	size_t n = 0;

	while (isalpha((unsigned char)s[n]))
		n++;
	return n && !s[n];
}

static int
positional(struct call *k, struct err *e)
{
	const struct options *o = &k->c->opt;
	size_t i = 0;

	if (!o->noperands)
		return err_set(e, ERR_SYNTAX, "no address");
	if (o->noperands > 1 && is_word(o->operands[0]))
		k->method = o->operands[i++];
	k->url = o->operands[i++];
	/* "http host item": no method, whatever its looks */
	for (; i < o->noperands; i++)
		if (item(k, o->operands[i], e) < 0)
			return e->code;
	return address(k, e);
}

/* --- what else is read, written and told ------------------------------------
 */

/* By its name alone it lies in the person's folder, in one of the host as the
 * address has it (httpie/sessions.py of 3.2). */
static const char *
session_file(struct call *k, const char *name)
{
	const char *host = strstr(full_url(k, k->url), "://") + 3, *dir, *at;
	size_t len = strcspn(host, "/?#");
	char *folder;

	at = memrchr(host, '@', len);
	if (at) {
		len -= (size_t)(at + 1 - host);
		host = at + 1;
	}
	folder = file_text(k->c, "%.*s", (int)len, host);
	for (char *p = folder; *p; p++)
		if (*p == ':')
			*p = '_';
	dir = httpie_folder(&k->s);
	/* a Host header names another one */
	for (size_t i = 0; i < k->c->opt.noperands; i++)
		if (!strncasecmp(k->c->opt.operands[i], "host:", 5))
			return NULL;
	if (!dir || !*folder || *folder == '.')
		return NULL;
	return file_text(k->c, "%s/sessions/%s/%s.json", dir, folder, name);
}

/* A session is a file of headers and cookies. */
static int
session(struct call *k, const char *option, bool write, struct err *e)
{
	const char *v = file_value(k->c, option);

	if (!v)
		return 0;
	if (!strchr(v, '/')) {
		const char *file = session_file(k, v);

		if (!file)
			return err_set(e, ERR_UNKNOWN,
				       "--%s %s: name a file, such as "
				       "./%s.json",
				       option, text_safe(k->c->ctx, v),
				       text_safe(k->c->ctx, v));
		v = file;
	}
	if (write)
		file_write_to(k->c, v);
	else
		file_read_from(k->c, v);
	if (sender_text(&k->s, v))
		sender_says(&k->s, sender_text(&k->s, v),
			    text_safe(k->c->ctx, v));
	return 0;
}

static int
around(struct call *k, struct err *e)
{
	static const char *const read[] = {"cert", "cert-key"};
	struct file_call *c = k->c;
	const char *verify = file_value(c, "verify");
	size_t before = k->s.nfound;

	sender_says_user(&k->s, file_value(c, "auth"), "--auth");
	k->bound += k->s.nfound - before;
	sender_says(&k->s, file_value(c, "boundary"), "--boundary");
	if (file_value(c, "raw")) {
		k->data = true;
		sender_body(&k->s, file_value(c, "raw"),
			    "the request's content");
	}
	for (size_t i = 0; i < 2; i++)
		if (file_value(c, read[i]))
			file_read_from(c, file_value(c, read[i]));
	if (verify && strchr(verify, '/'))
		file_read_from(c, verify);
	if (file_value(c, "output")) {
		file_write_to(c, file_value(c, "output"));
		sender_arrives(&k->s, file_value(c, "output"));
	} else if (file_on(c, "download")) {
		file_here(c);
		file_arrives_in(c, ".");
	}
	if (session(k, "session", true, e) < 0 ||
	    session(k, "session-read-only", false, e) < 0)
		return e->code;
	return 0;
}

static void
proxies(struct call *k)
{
	static const char *const env[] = {"http_proxy", "all_proxy",
					  "ALL_PROXY", "HTTP_PROXY"};
	const struct options *o = &k->c->opt;
	struct err ignored;
	const char *v;

	for (size_t i = 0; i < o->n; i++) {
		v = o->v[i].value;
		if (strcmp(o->v[i].name, "proxy") != 0 || !strchr(v, ':'))
			continue;
		sender_says(&k->s, strchr(v, ':') + 1, "the proxy's address");
		(void)sender_url(&k->s, strchr(v, ':') + 1, NULL, NULL, NULL,
				 &ignored);
	}
	sender_proxies_say(&k->s);
	for (size_t i = 0; i < sizeof(env) / sizeof(*env); i++) {
		v = invocation_env(k->c->in, env[i]);
		if (v && *v &&
		    !sender_unproxied(&k->s, NULL, k->s.hosts[0].host, false))
			(void)sender_url(&k->s, v, NULL, NULL, NULL, &ignored);
	}
}

/* --verbose, --print with H or B: the request as it is sent. */
static const char *
shows_request(const struct call *k)
{
	static const char *const switches[] = {"verbose", "debug", "offline"};
	static const char *const parts[] = {"print", "history-print"};

	for (size_t i = 0; i < sizeof(switches) / sizeof(*switches); i++)
		if (file_on(k->c, switches[i]))
			return file_text(k->c, "--%s", switches[i]);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		const char *v = file_value(k->c, parts[i]);

		if (v && strpbrk(v, "HB"))
			return file_text(k->c, "--%s", parts[i]);
	}
	return k->defaults.shows ? "its configuration" : NULL;
}

static void
netrc(struct call *k, const char *path)
{
	if (!path || !*path || file_on(k->c, "ignore-netrc") ||
	    file_value(k->c, "auth") || !sender_netrc(&k->s, path))
		return;
	sender_own(&k->s, path);
	k->bound = k->s.nfound;
	k->held = path;
}

/* What is no terminal is read as content, empty or not. */
static int
input(struct call *k, struct err *e)
{
	int fd = k->c->in->stdio[0];

	if (file_on(k->c, "ignore-stdin") || fd < 0 || isatty(fd))
		return 0;
	if (k->data)
		return 0; /* both at once: HTTPie refuses */
	k->data = true;
	return sender_stdin(&k->s, e);
}

static int
mean(struct file_call *c, struct err *e)
{
	struct call k = {.c = c};
	const char *m, *said = invocation_env(c->in, "NETRC");

	c->cmd->argv = (const char **)(uintptr_t)c->in->argv;
	if (sender_begin(&k.s, c, e) < 0 ||
	    httpie_defaults(&k.s, &k.defaults, e) < 0 ||
	    positional(&k, e) < 0 || around(&k, e) < 0 || input(&k, e) < 0)
		return e->code;
	if (said)
		netrc(&k, path_join(c->ctx, c->os.base_dir, said));
	for (unsigned i = 0; i < SENDER_HOMES; i++) {
		netrc(&k, sender_at_home(&k.s, ".netrc", i));
		netrc(&k, sender_at_home(&k.s, "_netrc", i));
	}
	if (shows_request(&k))
		sender_shows(&k.s, shows_request(&k), k.held,
			     "leave it out; --headers shows the answer's "
			     "headers");
	proxies(&k);
	m = k.method ? k.method : k.data ? "POST" : "GET";
	if (strcasecmp(m, "GET") != 0 && strcasecmp(m, "HEAD") != 0 &&
	    strcasecmp(m, "OPTIONS") != 0)
		k.s.method = m;
	k.s.follows = (k.defaults.follows || file_on(c, "follow")) &&
		      k.s.nfound > k.bound;
	k.s.unfollow = "leave out --follow";
	/* printed, and sent to nobody */
	if (file_on(c, "offline")) {
		k.s.method = k.s.content = k.s.smuggled = NULL;
		k.s.unseen = k.s.follows = false;
	}
	sender_judge(&k.s);
	sender_end(&k.s);
	if (!c->writes)
		file_hand_over(c);
	return 0;
}

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	struct file_tool tool = {
	    .name = t->in->tool, .options = options, .mean = mean};

	return sender_done(cmd, t->in,
			   file_understand(&tool, ctx, t, cmd, fx, e));
}

static const char *const names[] = {"http", "https", NULL};

const struct tool tool_httpie = {
    .name = "http",
    .names = names,
    .understand = understand,
};
