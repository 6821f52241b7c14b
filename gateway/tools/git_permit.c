/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A URL of another machine to whom git and its transports would really talk
 * (git 2.39: connect.c, url.c, ssh's own reading of user@host, libcurl's of
 * an authority), and to the permit for it.  What two readers could take for
 * two hosts is refused.
 */
#include "base/text.h"
#include "tools/git_remotes.h"
#include <ctype.h>
#include <talloc.h>

#define HOST_BYTES 253
#define URL_BYTES  8192

static char *
text(void *ctx, const char *s, size_t n)
{
	char *out = talloc_strndup(ctx, s, n);

	if (!out)
		BUG("out of memory");
	return out;
}

/* As git decodes: %00 stays what it is. */
static void
decode(char *s)
{
	char *to = s, hex[3] = "";

	for (; *s; s++) {
		if (*s == '%' && isxdigit((unsigned char)s[1]) &&
		    isxdigit((unsigned char)s[2]) &&
		    strncmp(s + 1, "00", 2) != 0) {
			hex[0] = s[1];
			hex[1] = s[2];
			*to++ = (char)strtol(hex, NULL, 16);
			s += 2;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

static bool
has_scheme(const char *url, const char *scheme)
{
	size_t n = strlen(scheme);

	return !strncmp(url, scheme, n) && !strncmp(url + n, "://", 3);
}

/* "ext::sh -c id": git runs git-remote-ext. */
static bool
names_helper(const char *url)
{
	while (isalnum((unsigned char)*url) || strchr("+.-", *url))
		if (!*url++)
			return false;
	return !strncmp(url, "::", 2);
}

static bool
has_controls(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return true;
	return false;
}

/* A name, or an address that stood in brackets (v6).  Nothing that a shell,
 * ssh, a resolver or a configuration file could read in another way. */
static int
check_host(void *ctx, const char *host, struct err *e)
{
	const char *p = host;
	bool v6 = strchr(host, ':') != NULL;

	if (!*host)
		return err_set(e, ERR_UNKNOWN, "the address names no host");
	for (; *p; p++)
		if (v6 ? !isxdigit((unsigned char)*p) && !strchr(":.", *p)
		       : !isalnum((unsigned char)*p) && !strchr("._-", *p))
			break;
	if (*p || *host == '-' || *host == '.' || strlen(host) > HOST_BYTES)
		return err_set(e, ERR_UNKNOWN, "strange host name \"%s\"",
			       text_safe(ctx, host));
	return 0;
}

static int
check_user(const char *user, struct err *e)
{
	const char *p;

	for (p = user; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("._-+@=~", *p))
			break;
	/* not shown: what follows a colon is meant as a password */
	if (*p || !*user || *user == '-')
		return err_set(e, ERR_UNKNOWN,
			       "strange user name in front of the host");
	return 0;
}

static bool
is_port(const char *s, uint16_t *port)
{
	char *end;
	long n = strtol(s, &end, 10);

	if (end == s || *end || n < 0 || n > 65535)
		return false;
	*port = (uint16_t)n;
	return true;
}

/* Where the part in brackets ends, or where there is none, the beginning.
 * strip: without the brackets; the rest begins behind a NUL. */
static char *
behind_brackets(char *host, bool strip)
{
	char *start = strstr(host, "@["), *end;

	start = start ? start + 1 : host;
	if (*start != '[' || !(end = strchr(start + 1, ']')))
		return host;
	if (strip) {
		*end = '\0';
		memmove(start, start + 1, (size_t)(end - start));
		end++;
	}
	return end;
}

/* "user@host", "host:port", "[v6]:port", "[user@host:port]" */
static int
ssh_host(void *ctx, char *host, struct transport_permit *p, struct err *e)
{
	char *colon = strchr(behind_brackets(host, true), ':'), *at;
	bool found = false;

	if (colon && (is_port(colon + 1, &p->port) || !colon[1])) {
		found = colon[1] != '\0';
		*colon = '\0';
	}
	if (!found && (colon = strchr(host, ':')) &&
	    is_port(colon + 1, &p->port)) {
		found = true;
		*colon = '\0';
	}
	if (found && !p->port)
		return err_set(e, ERR_UNKNOWN, "port 0 is none");
	/* git refuses it for ssh's sake */
	if (*host == '-')
		return err_set(e, ERR_UNKNOWN, "strange host name \"%s\"",
			       text_safe(ctx, host));
	at = strrchr(host, '@');
	if (at) {
		*at = '\0';
		p->user = host;
		host = at + 1;
	}
	p->host = host;
	if (p->user && check_user(p->user, e) < 0)
		return e ? (int)e->code : ERR_UNKNOWN;
	return check_host(ctx, host, e);
}

/* ssh://, git+ssh://, ssh+git:// and [user@]host:path. */
static int
from_ssh(void *ctx, const char *url, struct transport_permit *p, struct err *e)
{
	char *copy = text(ctx, url, strlen(url)), *host, *end, *path;
	char *scheme = strstr(copy, "://");

	p->scheme = PERMIT_SSH;
	host = copy;
	if (scheme) {
		host = scheme + 3;
		decode(host);
	}
	end = behind_brackets(host, false);
	path = strchr(end, scheme ? '/' : ':');
	if (!path || !*path)
		return err_set(e, ERR_UNKNOWN, "no path in the address");
	end = path;
	if (!scheme)
		path++;
	if (path[0] && path[1] == '~')
		path++;
	p->path = text(ctx, path, strlen(path));
	*end = '\0';
	if (*p->path == '-')
		return err_set(e, ERR_UNKNOWN, "strange path \"%s\"",
			       text_safe(ctx, p->path));
	if (!*p->path || has_controls(p->path))
		return err_set(e, ERR_UNKNOWN, "strange path in the address");
	return ssh_host(ctx, host, p, e);
}

/* "user:password@" is cut off; the user stays in the URL, the password
 * nowhere. */
static int
http_user(void *ctx, const char *url, const char *from, const char *at,
	  struct transport_permit *p, struct err *e)
{
	const char *colon = memchr(from, ':', (size_t)(at - from));
	const char *end = colon ? colon : at;
	char *user = text(ctx, from, (size_t)(end - from)),
	     *kept = text(ctx, url, (size_t)(end - url));

	if (end == from)
		kept = talloc_asprintf(ctx, "%.*s%s", (int)(from - url), url,
				       at + 1);
	else
		kept = talloc_asprintf(ctx, "%s%s", kept, at);
	if (!kept)
		BUG("out of memory");
	p->url = kept;
	decode(user);
	if (!*user)
		return 0;
	p->user = user;
	if (has_controls(user))
		return err_set(e, ERR_UNKNOWN,
			       "strange user name in front of the host");
	return 0;
}

static int
from_http(void *ctx, const char *url, struct transport_permit *p, struct err *e)
{
	const char *from = strstr(url, "://") + 3, *c;
	size_t n = strcspn(from, "/?#");
	const char *end = from + n, *at = memrchr(from, '@', n);
	char *host, *rest;
	uint16_t port;

	for (c = url; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f || *c == '\\')
			return err_set(e, ERR_UNKNOWN,
				       "a space, backslash or control "
				       "character in the address");
	if (*end == '#' || strchr(end, '#'))
		return err_set(e, ERR_UNKNOWN, "\"#\" in the address");
	if (at && memchr(from, '@', (size_t)(at - from)))
		return err_set(e, ERR_UNKNOWN,
			       "two \"@\" in front of the host: which host is "
			       "meant cannot be told");
	if (at) {
		if (http_user(ctx, url, from, at, p, e) < 0)
			return ERR_UNKNOWN;
		from = at + 1;
	}
	host = text(ctx, from, (size_t)(end - from));
	rest = strchr(host, ':');
	if (*host == '[') {
		rest = strchr(host, ']');
		if (!rest || (rest[1] && rest[1] != ':'))
			return err_set(e, ERR_UNKNOWN,
				       "strange host name \"%s\"",
				       text_safe(ctx, host));
		*rest++ = '\0';
		host++;
		rest = *rest ? rest : NULL;
		if (!strchr(host, ':'))
			return err_set(e, ERR_UNKNOWN,
				       "strange host name \"[%s]\"",
				       text_safe(ctx, host));
	}
	if (rest) {
		*rest++ = '\0';
		if (*rest && (strspn(rest, "0123456789") != strlen(rest) ||
			      !is_port(rest, &port) || !port))
			return err_set(e, ERR_UNKNOWN,
				       "strange port in the address");
		p->port = *rest ? port : 0;
	}
	for (rest = host; *rest; rest++)
		*rest = (char)tolower((unsigned char)*rest);
	p->host = host;
	p->path = end;
	return check_host(ctx, host, e);
}

static bool
is_here(const char *host)
{
	size_t n = strcspn(host, ":/");

	return !strncmp(host, "127.", 4) || !strncmp(host, "[::1]", 5) ||
	       (n == 9 && !strncmp(host, "localhost", 9));
}

int
permit_from_url(void *ctx, const char *url, struct transport_permit *out,
		struct err *e)
{
	const char *scheme = strstr(url, "://"), *colon = strchr(url, ':');
	const char *slash = strchr(url, '/');
	int rc;

	*out = (struct transport_permit){0};
	if (strlen(url) > URL_BYTES)
		return err_set(e, ERR_LIMIT, "an address of %zu bytes",
			       strlen(url));
	url = text(ctx, url, strlen(url));
	out->url = url;
	if (has_scheme(url, "https") || has_scheme(url, "http")) {
		out->scheme =
		    has_scheme(url, "https") ? PERMIT_HTTPS : PERMIT_HTTP;
		rc = from_http(ctx, url, out, e);
	} else if (names_helper(url)) {
		rc = err_set(e, ERR_UNKNOWN, "a transport of its own");
	} else if (has_scheme(url, "ssh") || has_scheme(url, "git+ssh") ||
		   has_scheme(url, "ssh+git") ||
		   (!scheme && colon && (!slash || colon < slash))) {
		rc = from_ssh(ctx, url, out, e);
	} else if (has_scheme(url, "git") && is_here(url + 6)) {
		rc = err_set(e, ERR_UNKNOWN,
			     "git:// is not carried, not even to this machine; "
			     "instead: the path of the repository, or file://");
	} else if (has_scheme(url, "git")) {
		rc = err_set(e, ERR_UNKNOWN,
			     "git:// is neither encrypted nor signed, anybody "
			     "on the way can change what comes; instead: "
			     "https://%s",
			     text_safe(ctx, url + 6));
	} else {
		rc = err_set(e, ERR_UNKNOWN, "no address of a host");
	}
	return rc;
}

bool
permit_forwards(const struct permit_update *u, const char *was)
{
	git_repository *git = NULL;
	git_oid old, new;
	bool yes;

	if (!u->forward_in || !u->will || git_oid_fromstr(&new, u->will) < 0 ||
	    git_oid_fromstr(&old, was) < 0)
		return false;
	if (git_oid_is_zero(&old) || git_oid_equal(&old, &new))
		return true;
	if (git_repository_open(&git, u->forward_in) < 0)
		return false;
	yes = git_graph_descendant_of(git, &new, &old) == 1;
	git_repository_free(git);
	return yes;
}

char *
permit_url_bare(void *ctx, const char *url)
{
	const char *from, *at;
	char *out;

	if (!has_scheme(url, "https") && !has_scheme(url, "http"))
		return text(ctx, url, strlen(url));
	from = strstr(url, "://") + 3;
	at = memrchr(from, '@', strcspn(from, "/?#"));
	out = talloc_asprintf(ctx, "%.*s%s", (int)(from - url), url,
			      at ? at + 1 : from);
	if (!out)
		BUG("out of memory");
	return out;
}

/* The person's own core.sshCommand is a matter of transport/; what the
 * repository or the line says is not used, which is said. */
static void
ssh_settings(struct git_call *g, struct transport_permit *p)
{
	const struct git_setting *s, *other = NULL;
	size_t i;

	for (i = 0; g->settings && i < g->settings->n; i++) {
		s = &g->settings->v[i];
		if (strcmp(s->key, "core.sshcommand") != 0)
			continue;
		other = s->level > SETTING_GLOBAL ? s : other;
		if (s->level > SETTING_GLOBAL)
			continue;
		p->ssh_command = s->value;
		p->ssh_command_from = s->origin;
	}
	if (other && !g->cmd->notice)
		g->cmd->notice =
		    git_text(g,
			     "automode: core.sshCommand of %s is not used; "
			     "~/.ssh/config and git config --global are",
			     text_safe(g->ctx, other->origin));
}

static unsigned
default_port(const struct transport_permit *p)
{
	return p->port			  ? p->port
	       : p->scheme == PERMIT_SSH  ? 22
	       : p->scheme == PERMIT_HTTP ? 80
					  : 443;
}

struct transport_permit *
git_permit(struct git_call *g, const struct git_url *u, bool push,
	   struct err *e)
{
	struct need *n = &g->cmd->need;
	struct transport_permit p, *old;

	if (permit_from_url(g->ctx, u->text, &p, e) < 0) {
		err_wrap(e, "%s", git_url_safe(g, u->text));
		return NULL;
	}
	for (old = n->permits; old < n->permits + n->npermits; old++)
		if (!strcmp(old->url, p.url) && old->push == push)
			return old;
	git_secrets_sent(g, u, p.host);
	p.fetch = !push;
	p.push = push;
	p.named = scope_host_trusted(g->t->rules, p.host, default_port(&p));
	if (p.scheme == PERMIT_SSH)
		ssh_settings(g, &p);
	return need_permit(g->ctx, n, &p);
}

void
git_permit_named(struct git_call *g, const struct git_url *u)
{
	struct need *n = &g->cmd->need;
	struct transport_permit p;

	if (u->transport != GIT_URL_HOST ||
	    permit_from_url(g->ctx, u->text, &p, NULL) < 0)
		return;
	for (size_t i = 0; i < n->npermits; i++)
		if (!strcmp(n->permits[i].host, p.host) &&
		    default_port(&n->permits[i]) == default_port(&p))
			n->permits[i].named = true;
}

static const char *
set_in(struct git_call *g, const char *name, const struct git_url *u)
{
	const struct git_setting *s;
	size_t i, n = strlen(name);

	for (i = 0; i < g->settings->n; i++) {
		s = &g->settings->v[i];
		if (!strncmp(s->key, "remote.", 7) &&
		    !strncmp(s->key + 7, name, n) &&
		    (!strcmp(s->key + 7 + n, ".url") ||
		     !strcmp(s->key + 7 + n, ".pushurl")) &&
		    s->value && !strcmp(s->value, u->raw))
			return s->origin;
	}
	return NULL;
}

const char *
git_url_why(struct git_call *g, const struct git_remote *r,
	    const struct git_url *u)
{
	const char *from = r->name ? set_in(g, r->name, u) : NULL, *named;
	struct transport_permit p;

	if (u->transport != GIT_URL_HOST ||
	    permit_from_url(g->ctx, u->text, &p, NULL) < 0)
		return NULL;
	named = r->name
		    ? git_text(g, "remote \"%s\"%s%s",
			       text_safe(g->ctx, r->name), from ? " of " : "",
			       from ? text_safe(g->ctx, from) : "")
		    : "the address given";
	if (u->by)
		named = git_text(g, "%s, rewritten by %s of %s", named,
				 text_safe(g->ctx, u->by),
				 text_safe(g->ctx, u->by_origin));
	return git_text(g, "%s leads to %s%s port %u", named,
			p.scheme == PERMIT_SSH ? "ssh on "
			: p.scheme == PERMIT_HTTPS
			    ? "https on "
			    : "http, readable by anybody on the way, on ",
			p.host, default_port(&p));
}
