/* SPDX-License-Identifier: Apache-2.0 */
#include "parse/here_document.h"
#include "base/err.h"
#include <ctype.h>
#include <string.h>
#include <talloc.h>

/* The end of a here-document that begins in this line, behind its last line;
 * NULL: none begins there. */
static const char *
behind_document(const char *line, size_t len)
{
	const char *at = memmem(line, len, "<<", 2), *end = line + len;
	size_t n;

	if (!at || at[2] == '<')
		return NULL;
	for (at += 2; at < end && strchr("- \t'\"\\", *at); at++)
		;
	for (n = 0;
	     at + n < end && (isalnum((unsigned char)at[n]) || at[n] == '_');
	     n++)
		;
	while (n && *end) {
		const char *p = end + 1 + strspn(end + 1, "\t");

		end = end + 1 + strcspn(end + 1, "\n");
		if ((size_t)(end - p) == n && !strncmp(p, at, n))
			return end;
	}
	return NULL;
}

char *
here_documents_left_out(void *ctx, const char *words)
{
	char *text = talloc_strdup(ctx, words), *to = text;

	if (!text)
		BUG("out of memory");
	while (*words) {
		size_t len = strcspn(words, "\n");
		const char *next = behind_document(words, len);

		memcpy(to, words, len);
		to += len;
		words = next ? next : words + len;
		if (*words) {
			*to++ = '\n';
			words++;
		}
	}
	*to = '\0';
	return text;
}
