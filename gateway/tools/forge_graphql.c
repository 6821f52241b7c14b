/* SPDX-License-Identifier: Apache-2.0 */
/* GraphQL as the services of forges take it: which requests only read. */
#include "tools/forge.h"
#include <cjson/cJSON.h>
#include <string.h>

/* Is there a mutation outside of strings and comments? */
static bool
has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	while (*text) {
		size_t n = strcspn(text, "\"#_abcdefghijklmnopqrstuvwxyz"
					 "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

		text += n;
		if (*text == '#') {
			text += strcspn(text, "\r\n");
		} else if (!strncmp(text, "\"\"\"", 3)) {
			const char *end = strstr(text + 3, "\"\"\"");

			text = end ? end + 3 : text + strlen(text);
		} else if (*text == '"') {
			for (text++; *text && *text != '"' && *text != '\n';
			     text++)
				text += *text == '\\' && text[1];
			text += *text != '\0';
		} else if (*text) {
			n = strspn(text, "_0123456789abcdefghijklmnopqrstuvwxyz"
					 "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
			if (n == len && !strncmp(text, word, n))
				return true;
			text += n;
		}
	}
	return false;
}

bool
forge_query_reads(const char *text)
{
	return !has_word(text, "mutation");
}

bool
forge_request_reads(const char *json)
{
	cJSON *o = cJSON_Parse(json);
	const char *query =
	    cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "query"));
	bool reads = cJSON_IsObject(o) && query && forge_query_reads(query);

	/* which of two would count is the server's affair */
	for (const cJSON *c = o ? o->child : NULL; reads && c; c = c->next)
		reads = strcmp(c->string, "query") == 0
			    ? cJSON_GetStringValue(c) == query
			    : !strcmp(c->string, "variables") ||
				  !strcmp(c->string, "operationName");
	cJSON_Delete(o);
	return reads;
}
