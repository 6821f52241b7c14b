/* SPDX-License-Identifier: Apache-2.0 */
/* Production, staging, development: what a deed's object says of it. */
#include "judge/deed.h"
#include <ctype.h>
#include <string.h>
#include <talloc.h>

static bool
has_segment(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = text; (p = strcasestr(p, word)); p++)
		if ((p == text || !isalnum((unsigned char)p[-1])) &&
		    !isalnum((unsigned char)p[n]))
			return true;
	return false;
}

static enum tier
tier_in(const char *text)
{
	static const struct {
		const char *word;
		enum tier tier;
	} words[] = {
	    {"prod", TIER_PRODUCTION},	  {"production", TIER_PRODUCTION},
	    {"live", TIER_PRODUCTION},	  {"staging", TIER_STAGING},
	    {"stage", TIER_STAGING},	  {"stg", TIER_STAGING},
	    {"dev", TIER_DEVELOPMENT},	  {"test", TIER_DEVELOPMENT},
	    {"sandbox", TIER_DEVELOPMENT}};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (has_segment(text, words[i].word))
			return words[i].tier;
	return TIER_UNKNOWN;
}

/* The database says it before the table does: "dev/import_staging". */
enum tier
deed_tier(void *ctx, const struct deed *d)
{
	const char *slash = d->object ? strrchr(d->object, '/') : NULL;
	enum tier tier = TIER_UNKNOWN;

	if (d->scope == SCOPE_PRODUCTION)
		return TIER_PRODUCTION;
	if (slash && d->noun && !strcmp(d->noun, "table"))
		tier = tier_in(talloc_strndup(ctx, d->object,
					      (size_t)(slash - d->object)));
	return tier == TIER_UNKNOWN && d->object ? tier_in(d->object) : tier;
}

/* "mailer-staging": "the mailer on staging". */
void
deed_stem(void *ctx, struct deed *d)
{
	static const char *const tiers[] = {"production", "prod",  "live",
					    "staging",	  "stage", "stg",
					    "dev",	  "test",  "sandbox"};
	size_t n = d->text ? strlen(d->text) : 0, len;

	if (d->kind != EFFECT_SERVICE_CHANGE &&
	    d->kind != EFFECT_RESOURCE_DELETE &&
	    d->kind != EFFECT_RESOURCE_CHANGE)
		return;
	for (size_t i = 0; i < sizeof(tiers) / sizeof(*tiers); i++) {
		len = strlen(tiers[i]);
		if (n > len + 3 && !strcmp(d->text + n - len, tiers[i]) &&
		    strchr("-_.", d->text[n - len - 1]))
			d->stem = talloc_strndup(ctx, d->text, n - len - 1);
		else if (n > len + 3 && !strncmp(d->text, tiers[i], len) &&
			 strchr("-_.", d->text[len]))
			d->stem = talloc_strdup(ctx, d->text + len + 1);
		if (d->stem)
			return;
	}
}
