/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials that a program takes along wherever a redirection leads.  Where
 * everything that the command names may have them, its network holds those
 * hosts alone, and a redirection to another one finds nobody.
 */
#include "tools/sender.h"
#include <string.h>
#include <strings.h>
#include <talloc.h>

struct sender_pin {
	struct sender s; /* as it was when its transfer was complete */
	struct sender_pin *next;
};

static const char *const proxies[] = {
    "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY",
    "all_proxy",  "ALL_PROXY",	"ftp_proxy",   "FTP_PROXY"};

void
sender_proxies_say(struct sender *s)
{
	for (size_t i = 0; i < sizeof(proxies) / sizeof(*proxies); i++) {
		const char *value = invocation_env(s->c->in, proxies[i]);
		size_t before = s->nfound, kept = before;
		struct err ignored;

		sender_says(s, value, "the proxy's address");
		/* a password of the proxy's own looks like one as well */
		for (size_t k = before; k < s->nfound; k++)
			if (!s->found[k].looks)
				s->found[kept++] = s->found[k];
		s->nfound = kept;
		if (kept > before)
			(void)sender_url(s, value, NULL, NULL, NULL, &ignored);
	}
}

bool
sender_unproxied(struct sender *s, const char *list, const char *host,
		 bool plain)
{
	char *copy, *save = NULL;

	if (!list)
		list = invocation_env(s->c->in, "no_proxy");
	if (!list && !plain)
		list = invocation_env(s->c->in, "NO_PROXY");
	if (!list || !host)
		return false;
	if (!strcmp(list, "*"))
		return !plain;
	copy = talloc_strdup(s->c->ctx, list);
	for (char *w = strtok_r(copy, ", ", &save); w;
	     w = strtok_r(NULL, ", ", &save)) {
		size_t n = strlen(w += *w == '.'), len = strlen(host);

		if (n && len >= n && !strcasecmp(host + len - n, w) &&
		    (len == n || host[len - n - 1] == '.'))
			return true;
	}
	return false;
}

/* A proxy would be asked for any host at all. */
static bool
has_proxy(const struct sender *s)
{
	for (size_t i = 0; i < sizeof(proxies) / sizeof(*proxies); i++) {
		const char *value = invocation_env(s->c->in, proxies[i]);

		if (value && *value)
			return true;
	}
	return false;
}

static bool
may_have(const struct sender *s, const struct sender_host *h)
{
	bool own = false;

	for (size_t i = 0; i < s->nhosts; i++)
		own |= s->hosts[i].port == h->port &&
		       !strcmp(s->hosts[i].host, h->host);
	for (size_t i = 0; i < s->nfound; i++)
		if (s->found[i].owner->keeps ||
		    (!secret_belongs(&s->found[i], h->host) &&
		     !(own && h->scope == SCOPE_LOCAL)))
			return false;
	return true;
}

bool
sender_pins(struct sender *s)
{
	struct sender_pin *p;

	if (!s->follows || !s->nfound || s->elsewhere || s->unseen ||
	    !s->nhosts || has_proxy(s))
		return false;
	for (size_t i = 0; i < s->nhosts; i++)
		if (!s->hosts[i].port || !may_have(s, &s->hosts[i]))
			return false;
	p = talloc_zero(s->c->ctx, struct sender_pin);
	if (!p)
		BUG("out of memory");
	p->s = *s;
	p->next = s->pins;
	s->pins = p;
	return true;
}

void
sender_reached(struct sender *s)
{
	for (size_t i = 0; i < s->nhosts; i++) {
		s->reached =
		    talloc_realloc(s->c->ctx, s->reached, struct sender_host,
				   (unsigned)s->nreached + 1);
		if (!s->reached)
			BUG("out of memory");
		s->reached[s->nreached++] = s->hosts[i];
	}
}

static void
pin_host(struct sender *s, const struct sender_host *h)
{
	struct need_egress to = {
	    .host = h->host, .port = (uint16_t)h->port, .named = true};

	need_egress(s->c->ctx, &s->c->cmd->need, &to);
	/* "use https" is what most redirections say */
	to.port = 443;
	to.optional = true;
	if (h->port == 80)
		need_egress(s->c->ctx, &s->c->cmd->need, &to);
}

static char *
names_of(struct sender *s)
{
	char *names = talloc_strdup(s->c->ctx, "");

	for (size_t i = 0; i < s->nreached; i++)
		if (!strstr(names, s->reached[i].host))
			names = talloc_asprintf_append(names, "%s%s",
						       *names ? ", " : "",
						       s->reached[i].host);
	if (!names)
		BUG("out of memory");
	return names;
}

/* How each program ends that finds nobody. */
static void
say_why(struct sender *s)
{
	static const struct {
		const char *name;
		int status[2];
	} known[] = {{"curl", {6, 7}}, {"wget", {4, 4}}};
	struct command *cmd = s->c->cmd;

	cmd->unreached = file_text(
	    s->c,
	    "automode: a credential goes along with redirections here, so "
	    "that %s alone could be reached; fetch what lies elsewhere "
	    "without it",
	    names_of(s));
	cmd->unreached_status[0] = cmd->unreached_status[1] = 1;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(s->c->name, known[i].name))
			memcpy(cmd->unreached_status, known[i].status,
			       sizeof(cmd->unreached_status));
}

void
sender_end(struct sender *s)
{
	bool good = true;

	for (size_t i = 0; i < s->nreached; i++)
		for (struct sender_pin *p = s->pins; p; p = p->next)
			good &= may_have(&p->s, &s->reached[i]);
	for (struct sender_pin *p = s->pins; p && !good; p = p->next)
		sender_judge_secrets(&p->s, true);
	if (!s->pins || !good)
		return;
	for (size_t i = 0; i < s->nreached; i++)
		pin_host(s, &s->reached[i]);
	say_why(s);
	s->c->writes = true; /* not handed over */
}
