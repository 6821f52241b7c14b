/* SPDX-License-Identifier: Apache-2.0 */
/* What a request with the person's own credential does where that belongs. */
#include "tools/sender.h"
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* RFC 6749 and its kin: all that a request for a token may be made of. */
static const char *const token_fields[] = {
    "grant_type",
    "client_id",
    "client_secret",
    "scope",
    "audience",
    "resource",
    "username",
    "password",
    "code",
    "code_verifier",
    "redirect_uri",
    "refresh_token",
    "device_code",
    "assertion",
    "client_assertion",
    "client_assertion_type",
    "subject_token",
    "subject_token_type",
    "actor_token",
    "actor_token_type",
    "requested_token_type",
};

bool
sender_asks_token(const char *form, bool *grant)
{
	for (const char *p = form; *p; p += *p == '&') {
		size_t len = strcspn(p, "=&");
		bool known = false;

		for (size_t i = 0; i < COUNT(token_fields) && !known; i++)
			known = strlen(token_fields[i]) == len &&
				!strncmp(p, token_fields[i], len);
		if (!known || p[len] != '=')
			return false;
		*grant |= !strncmp(p, "grant_type=", 11);
		p += strcspn(p, "&");
	}
	return true;
}

bool
sender_at_token(const char *path)
{
	const char *last = strrchr(path, '/');

	return last &&
	       (!strcmp(last, "/token") || !strcmp(last, "/access_token"));
}

bool
sender_is_service(struct sender *s, const struct sender_host *h)
{
	for (size_t i = 0; i < s->nfound; i++)
		if (secret_belongs(&s->found[i], h->host))
			return true;
	return !strcmp(h->host, "api.github.com") ||
	       !strcmp(h->host, "gitlab.com");
}

/* Where others work with what is there, or read or install it. */
static bool
is_shared(const struct secret_owner *owner)
{
	static const char *const families[] = {
	    "github",	"gitlab", "atlassian", "npm",	  "pypi",
	    "rubygems", "crates", "docker",    "slack",	  "telegram",
	    "discord",	"linear", "notion",    "airtable"};

	for (size_t i = 0; i < COUNT(families); i++)
		if (!strcmp(owner->family, families[i]))
			return true;
	return owner->instead_of && is_shared(owner->instead_of);
}

bool
sender_in_name(struct sender *s, const struct sender_host *h)
{
	if (!sender_is_service(s, h))
		return false;
	for (size_t i = 0; i < s->nfound; i++)
		if (is_shared(s->found[i].owner))
			return true;
	return s->elsewhere || s->follows || sender_of_remote(s, h->host) ||
	       !strcmp(h->host, "api.github.com") ||
	       !strcmp(h->host, "gitlab.com") ||
	       !scope_host_trusted(s->c->t->rules, h->host, h->port);
}
