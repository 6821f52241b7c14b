/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Globs of profiles.  PCRE2 turns each into a pattern once per process; the
 * monitor's come along into every worker by fork.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/path.h"
#include <pcre2.h>
#include <stdint.h>
#include <string.h>
#include <talloc.h>

#define MATCH_LIMIT 1000000 /* steps; a glob without contrivance takes 100 */

/* A slot holds one compiled glob; a newcomer with the same hash displaces it,
 * so that globs computed at run time cannot make the table grow. */
#define SLOTS 512
struct compiled {
	char *glob;
	pcre2_code *code; /* NULL: malformed, stands for itself */
	pcre2_code *below;
};
static struct compiled slots[SLOTS];
static pcre2_match_context *limits;
static pcre2_match_data *match;

/* PCRE2 takes "a/" followed by "**" as "anything below a/". */
static pcre2_code *
compile(const char *glob, size_t len, const char *more)
{
	pcre2_convert_context *how = pcre2_convert_context_create(NULL);
	char *whole = talloc_asprintf(NULL, "%.*s%s", (int)len, glob, more);
	PCRE2_UCHAR *pattern = NULL;
	pcre2_code *code = NULL;
	PCRE2_SIZE n = 0, at;
	int error;

	if (!how || !whole)
		BUG("out of memory");
	pcre2_set_glob_separator(how, '/');
	if (pcre2_pattern_convert((PCRE2_SPTR)whole, strlen(whole),
				  PCRE2_CONVERT_GLOB, &pattern, &n, how) == 0)
		code = pcre2_compile(pattern, n, PCRE2_NEVER_UTF, &error, &at,
				     NULL);
	pcre2_converted_pattern_free(pattern);
	pcre2_convert_context_free(how);
	talloc_free(whole);
	return code;
}

static const struct compiled *
look_up(const char *glob, size_t len)
{
	uint32_t hash = 2166136261u;
	struct compiled *c;

	for (const char *p = glob; *p; p++)
		hash = (hash ^ (unsigned char)*p) * 16777619u;
	c = &slots[hash % SLOTS];
	if (c->glob && strcmp(c->glob, glob) == 0)
		return c;
	if (!limits) {
		limits = pcre2_match_context_create(NULL);
		match = pcre2_match_data_create(1, NULL);
		if (!limits || !match)
			BUG("out of memory");
		pcre2_set_match_limit(limits, MATCH_LIMIT);
		pcre2_set_depth_limit(limits, MATCH_LIMIT);
	}
	talloc_free(c->glob);
	pcre2_code_free(c->code);
	pcre2_code_free(c->below);
	c->glob = talloc_strdup(NULL, glob);
	if (!c->glob)
		BUG("out of memory");
	c->code = compile(glob, len, "");
	c->below = glob[len] ? compile(glob, len, "/**") : NULL;
	return c;
}

static bool
matches(const pcre2_code *code, const char *text)
{
	return code && pcre2_match(code, (PCRE2_SPTR)text, strlen(text), 0, 0,
				   match, limits) >= 0;
}

bool
path_glob_match(const char *glob, const char *text)
{
	const struct compiled *c;
	size_t len = strlen(glob);

	while (len > 1 && glob[len - 1] == '/')
		len--;
	if (strcspn(glob, "*?[\\") >= len)
		return strncmp(glob, text, len) == 0 &&
		       (!text[len] || (glob[len] && text[len] == '/'));
	c = look_up(glob, len);
	if (!c->code)
		return strcmp(glob, text) == 0;
	return matches(c->code, text) || matches(c->below, text);
}
