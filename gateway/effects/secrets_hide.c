/* SPDX-License-Identifier: Apache-2.0 */
/* Text for people and agents, without the credentials that stand in it. */
#include "base/memory.h"
#include "effects/secrets.h"
#include <string.h>
#include <talloc.h>

#define HIDDEN "***"

static bool
holds(struct secrets *s, const char *text, size_t len)
{
	struct secret_found found;

	char *copy;
	bool yes;

	if (secrets_scan(s, text, len, "", &found, 1) > 0)
		return true;
	copy = have(talloc_strndup(NULL, text, len));
	yes = secrets_scan_names(s, copy, "", &found, 1) > 0;
	talloc_free(copy);
	return yes;
}

/* The text with each word between `marks` that holds one replaced; *any: there
 * was one. */
static char *
by_words(void *ctx, struct secrets *s, const char *text, size_t len,
	 const char *marks, bool *any)
{
	char *out = have(talloc_strdup(ctx, ""));

	for (size_t i = 0, n; i < len; i += n) {
		bool hit;

		for (n = 0; i + n < len && !strchr(marks, text[i + n]);)
			n++;
		hit = n >= 8 && holds(s, text + i, n);
		*any |= hit;
		out =
		    hit ? have(talloc_strdup_append_buffer(out, HIDDEN))
			: have(talloc_strndup_append_buffer(out, text + i, n));
		for (; i + n < len && strchr(marks, text[i + n]); n++)
			out = have(
			    talloc_strndup_append_buffer(out, text + i + n, 1));
	}
	return out;
}

char *
secrets_hidden(void *ctx, struct secrets *s, const char *text)
{
	char *out;
	bool any = false;

	if (!holds(s, text, strlen(text)))
		return have(talloc_strdup(ctx, text));
	out = by_words(ctx, s, text, strlen(text), " \t\n\"'/:@?&=;,()[]{}<>",
		       &any);
	if (!any)
		out = by_words(ctx, s, text, strlen(text), " \t\n\"'", &any);
	/* several words make it up */
	return any && !holds(s, out, strlen(out))
		   ? out
		   : have(talloc_strdup(ctx, HIDDEN));
}
