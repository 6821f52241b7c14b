/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hosts as they would be contacted, and how they stand to the session:
 * this machine, the person's own, or anybody's.
 */
#include "base/path.h"
#include "base/text.h"
#include "tools/host_table.h"
#include "tools/sender.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

char *
sender_lower(void *ctx, const char *s, size_t len)
{
	char *out = talloc_strndup(ctx, s, len);

	if (!out)
		BUG("out of memory");
	for (char *p = out; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return out;
}

/* "[::1]", "LOCALHOST.", "0x7f.1" */
static const char *
usual_form(void *ctx, const char *host)
{
	size_t len = strlen(host);
	char *out, text[INET6_ADDRSTRLEN];
	struct in6_addr a6;
	struct in_addr a4;

	if (len > 2 && host[0] == '[' && host[len - 1] == ']') {
		host++;
		len -= 2;
	}
	/* one: with more it is another name, which no_proxy does not mean */
	if (len > 1 && host[len - 1] == '.')
		len--;
	out = sender_lower(ctx, host, len);
	if (inet_aton(out, &a4))
		return talloc_strdup(ctx, inet_ntoa(a4));
	if (strchr(out, '%'))
		*strchr(out, '%') = '\0';
	if (inet_pton(AF_INET6, out, &a6) != 1)
		return out;
	if (IN6_IS_ADDR_V4MAPPED(&a6))
		return talloc_strdup(ctx, inet_ntop(AF_INET, &a6.s6_addr[12],
						    text, sizeof(text)));
	return talloc_strdup(ctx, inet_ntop(AF_INET6, &a6, text, sizeof(text)));
}

static bool
is_local(struct sender *s, const char *host)
{
	size_t len = strlen(host);
	struct in_addr a4;

	if (inet_pton(AF_INET, host, &a4) == 1)
		return !strcmp(host, "0.0.0.0") || !strcmp(host, "127.0.0.1") ||
		       (!strncmp(host, "127.", 4) &&
			!host_table_other(s->c->ctx, host));
	return !strcmp(host, "::1") || !strcmp(host, "::") ||
	       !strcmp(host, "localhost") ||
	       (len > 10 && !strcmp(host + len - 10, ".localhost")) ||
	       host_table_local(s->c->ctx, host);
}

bool
sender_of_remote(struct sender *s, const char *host)
{
	const struct session *session = s->c->in->session;
	size_t len = strlen(host);

	for (size_t i = 0; session && i < session->nprojects; i++) {
		const char *text = session->projects[i].text;

		while (text && *text) {
			size_t n = strcspn(text, "\n");
			const char *url = memchr(text, ' ', n), *at;

			url = url && !strncmp(text, "remote ", 7)
				  ? memchr(url + 1, ' ',
					   n - (size_t)(url + 1 - text))
				  : NULL;
			for (at = url; at && at + len < text + n; at++)
				if (!strncasecmp(at + 1, host, len) &&
				    strchr(" /@", *at) &&
				    strchr("/:\n", at[1 + len]) &&
				    !memchr(url + 1, ' ', (size_t)(at - url)) &&
				    (*at == '@' || at == url ||
				     (at[-1] == '/' && at[-2] == ':')))
					return true;
			text += n + (text[n] == '\n');
		}
	}
	return false;
}

enum scope
sender_scope(struct sender *s, const char *host, unsigned port)
{
	host = usual_form(s->c->ctx, host);
	if (is_local(s, host))
		return SCOPE_LOCAL;
	if (scope_host_trusted(s->c->t->rules, host, port) ||
	    sender_of_remote(s, host))
		return SCOPE_TRUSTED;
	return SCOPE_FOREIGN;
}

/* Where a machine in a cloud gets its own credentials. */
static bool
gives_credentials(const char *host)
{
	return !strcmp(host, "169.254.169.254") ||
	       !strcmp(host, "metadata.google.internal") ||
	       !strcmp(host, "fd00:ec2::254") || !strcmp(host, "169.254.170.2");
}

void
sender_to(struct sender *s, const char *host, unsigned port)
{
	struct sender_host *h;

	host = usual_form(s->c->ctx, host);
	for (size_t i = 0; i < s->nhosts; i++)
		if (!strcmp(s->hosts[i].host, host) &&
		    s->hosts[i].port == port) {
			s->last = i;
			return;
		}
	s->hosts = talloc_realloc(s->c->ctx, s->hosts, struct sender_host,
				  (unsigned)s->nhosts + 1);
	if (!s->hosts)
		BUG("out of memory");
	s->last = s->nhosts;
	h = &s->hosts[s->nhosts++];
	*h = (struct sender_host){
	    .host = host, .port = port, .scope = sender_scope(s, host, port)};
	if (gives_credentials(host))
		file_effect(s->c, EFFECT_SECRET_READ, SCOPE_SECRET, host,
			    "it gives out the machine's own credentials");
}
