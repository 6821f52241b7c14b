/* SPDX-License-Identifier: Apache-2.0 */
/* One question over HTTP: a deadline, a limit, retries, no redirects, and
 * nothing of what a server says in an error. */
#include "base/clock.h"
#include "base/libcurl.h"
#include "base/own.h"
#include "judge/classifier_work.h"
#include <strings.h>
#include <talloc.h>

#define TRIES	   3
#define FIRST_MS   250
#define CONNECT_MS 3000

struct body {
	void *ctx;
	char *text;
	size_t len;
	bool too_long;
};

static size_t
take(char *bytes, size_t size, size_t n, void *data)
{
	struct body *b = data;

	(void)size;
	if (b->len + n > CLASSIFIER_BODY_MAX) {
		b->too_long = true;
		return 0;
	}
	b->text = talloc_realloc(b->ctx, b->text, char, b->len + n + 1);
	if (!b->text)
		BUG("out of memory");
	memcpy(b->text + b->len, bytes, n);
	b->len += n;
	b->text[b->len] = '\0';
	return n;
}

static struct curl_slist *
headers(void *ctx, const struct curl_functions *curl, const struct api *a)
{
	struct curl_slist *h = NULL;

	h = curl->slist_append(h, "Content-Type: application/json");
	h = curl->slist_append(h, "Accept: application/json");
	h = curl->slist_append(h, "Expect:");
	if (!a->openai)
		h = curl->slist_append(h, "anthropic-version: 2023-06-01");
	if (a->key)
		h = curl->slist_append(
		    h, talloc_asprintf(ctx,
				       a->openai ? "Authorization: Bearer %s"
						 : "x-api-key: %s",
				       a->key));
	if (!h)
		BUG("out of memory");
	return h;
}

static void
set_up(const struct curl_functions *curl, CURL *c, struct exchange *x,
       struct curl_slist *h, struct body *b, int64_t left)
{
	curl->easy_setopt(c, CURLOPT_URL, x->api->url);
	curl->easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl->easy_setopt(c, CURLOPT_HTTPHEADER, h);
	curl->easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)strlen(x->request));
	curl->easy_setopt(c, CURLOPT_POSTFIELDS, x->request);
	curl->easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
	curl->easy_setopt(c, CURLOPT_WRITEDATA, b);
	curl->easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)left);
	curl->easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS,
			  (long)(left < CONNECT_MS ? left : CONNECT_MS));
	curl->easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl->easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	/* the gateway may have been started in an agent's environment */
	curl->easy_setopt(c, CURLOPT_PROXY, "");
	curl->easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl->easy_setopt(c, CURLOPT_USERAGENT, "automode/" VERSION);
}

/* One try: 0, or negative with *again where another may help. */
static int
once(const struct curl_functions *curl, CURL *c, struct exchange *x,
     struct body *b, bool *again, int64_t *wait, struct err *e)
{
	CURLcode rc = curl->easy_perform(c);
	const char *type = NULL;
	curl_off_t after = 0;

	*again = false;
	if (b->too_long)
		return err_set(e, ERR_LIMIT, "its answer is too long");
	if (rc != CURLE_OK) {
		*again = rc != CURLE_OPERATION_TIMEDOUT;
		return err_set(e, ERR_SYSTEM, "%s",
			       rc == CURLE_OPERATION_TIMEDOUT
				   ? "it did not answer in time"
				   : curl->easy_strerror(rc));
	}
	curl->easy_getinfo(c, CURLINFO_RESPONSE_CODE, &x->status);
	curl->easy_getinfo(c, CURLINFO_CONTENT_TYPE, &type);
	if (x->status == 429 || x->status >= 500) {
		*again = true;
		if (curl->easy_getinfo(c, CURLINFO_RETRY_AFTER, &after) ==
			CURLE_OK &&
		    after > 0)
			*wait = (int64_t)after * 1000;
	}
	if (x->status != 200)
		return err_set(e, ERR_SYSTEM, "it answered with status %ld",
			       x->status);
	if (!type || strncasecmp(type, "application/json", 16) != 0)
		return err_set(e, ERR_SYNTAX, "it answered no JSON");
	if (!b->text || strlen(b->text) != b->len)
		return err_set(e, ERR_SYNTAX, "its answer is no text");
	return 0;
}

static void
pause_ms(int64_t ms)
{
	struct timespec t = {ms / 1000, (ms % 1000) * 1000000L};

	nanosleep(&t, NULL);
}

int
http_ask(void *ctx, struct exchange *x, struct err *e)
{
	const struct curl_functions *curl = libcurl(e);
	int64_t start = now_ms(), left, wait;
	struct curl_slist *h;
	struct body b = {.ctx = ctx};
	bool again = true;
	int rc = ERR_SYSTEM;
	CURL *c;

	if (!curl)
		return e->code;
	h = headers(ctx, curl, x->api);
	for (x->attempts = 0; again && x->attempts < TRIES;) {
		left = x->timeout_ms - (now_ms() - start);
		if (left <= 0)
			break;
		b = (struct body){.ctx = ctx};
		wait = (int64_t)FIRST_MS << x->attempts++;
		c = curl->easy_init();
		if (!c)
			BUG("out of memory");
		set_up(curl, c, x, h, &b, left);
		rc = once(curl, c, x, &b, &again, &wait, e);
		curl->easy_cleanup(c);
		if (rc == 0)
			break;
		left = x->timeout_ms - (now_ms() - start);
		if (!again || x->attempts == TRIES || wait >= left)
			break;
		pause_ms(wait);
	}
	curl->slist_free_all(h);
	x->body = b.text;
	x->ms = now_ms() - start;
	return rc;
}
