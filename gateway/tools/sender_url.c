/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses as curl would contact them.  What is written without any art is
 * read here; for the rest there is curl_url(3), whose library takes longer to
 * load than all else that a verdict needs.
 */
#include "base/libcurl.h"
#include "base/text.h"
#include "tools/sender.h"
#include <ctype.h>
#include <locale.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

/* http://name[:port][/path][?query][#fragment] of letters, digits and such;
 * false: not so plain. */
static bool
plain_url(struct sender *s, const char *url, const char **scheme,
	  const char **path)
{
	static const char name_bytes[] = "abcdefghijklmnopqrstuvwxyz"
					 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "0123456789-.";
	static const char path_bytes[] = "abcdefghijklmnopqrstuvwxyz"
					 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "0123456789-._~/,+@=:";
	bool tls = strncmp(url, "https://", 8) == 0;
	const char *host = url + (tls ? 8 : 7), *rest, *p;
	size_t len = 0, digits;
	unsigned long port = tls ? 443 : 80;

	if (!tls && strncmp(url, "http://", 7) != 0)
		return false;
	len = strspn(host, name_bytes);
	rest = host + len;
	if (!len || len > 253 || host[0] == '.' || host[len - 1] == '.')
		return false;
	if (*rest == ':') {
		digits = strspn(++rest, "0123456789");
		if (!digits || digits > 5 || *rest == '0')
			return false;
		port = strtoul(rest, NULL, 10);
		rest += digits;
	}
	if (port < 1 || port > 65535 || (*rest && !strchr("/?#", *rest)))
		return false;
	/* what follows a path says nothing about it */
	len = strspn(rest, path_bytes);
	if ((rest[len] && !strchr("?#", rest[len])) ||
	    memmem(rest, len, "/.", 2))
		return false;
	for (p = rest; *p; p++)
		if (*p <= ' ' || *p > '~' || strchr("\\\"<>^`{|}", *p))
			return false;
	if (scheme)
		*scheme = tls ? "https" : "http";
	if (path)
		*path = len ? talloc_strndup(s->c->ctx, rest, len) : "/";
	sender_to(s, sender_lower(s->c->ctx, host, strcspn(host, ":/?#")),
		  (unsigned)port);
	return true;
}

/* Names in other scripts are UTF-8 whatever the gateway's locale: libidn2 reads
 * them by the thread's. */
static CURLUcode
host_of(const struct curl_functions *curl, CURLU *u, char **host)
{
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	locale_t was = utf8 ? uselocale(utf8) : (locale_t)0;
	CURLUcode rc = curl->url_get(u, CURLUPART_HOST, host, CURLU_PUNYCODE);

	if (utf8) {
		uselocale(was);
		freelocale(utf8);
	}
	return rc;
}

/* As curl sees it where there is something to be guessed. */
static bool
has_scheme(const char *url)
{
	size_t n = 0;

	while (isalnum((unsigned char)url[n]) ||
	       (url[n] && strchr("+-.", url[n])))
		n++;
	return n && isalpha((unsigned char)*url) && !strncmp(url + n, ":/", 2);
}

int
sender_url(struct sender *s, const char *url, const char *guess,
	   const char **scheme, const char **path, struct err *e)
{
	const struct curl_functions *curl;
	CURLU *u;
	char *host = NULL, *port = NULL, *name = NULL, *rest = NULL;
	CURLUcode rc;

	if (guess && !has_scheme(url))
		url = file_text(s->c, "%s://%s", guess, url);
	if (plain_url(s, url, scheme, path))
		return 0;
	curl = libcurl(e);
	if (!curl)
		return e->code;
	u = curl->url();
	if (!u)
		BUG("out of memory");

	rc = curl->url_set(u, CURLUPART_URL, url,
			   CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME |
			       CURLU_URLENCODE);
	if (rc == CURLUE_OK)
		curl->url_get(u, CURLUPART_SCHEME, &name, 0);
	if (rc == CURLUE_OK)
		curl->url_get(u, CURLUPART_PATH, &rest, 0);
	if (rc == CURLUE_OK && name && strcasecmp(name, "file") != 0)
		rc = host_of(curl, u, &host);
	if (rc == CURLUE_OK)
		(void)curl->url_get(u, CURLUPART_PORT, &port,
				    CURLU_DEFAULT_PORT);
	if (scheme)
		*scheme = sender_lower(s->c->ctx, name ? name : "",
				       name ? strlen(name) : 0);
	if (path)
		*path = talloc_strdup(s->c->ctx, rest ? rest : "/");
	if (rc == CURLUE_OK && host)
		sender_to(s, host,
			  port ? (unsigned)strtoul(port, NULL, 10) : 0);
	curl->free(host);
	curl->free(port);
	curl->free(name);
	curl->free(rest);
	curl->url_cleanup(u);
	if (rc != CURLUE_OK)
		return err_set(e, ERR_UNKNOWN, "%s is no address (%s)",
			       text_safe(s->c->ctx, url),
			       curl->url_strerror(rc));
	return 0;
}
