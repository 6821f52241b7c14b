/* SPDX-License-Identifier: Apache-2.0 */
/* What must not leave: values that are known to be secret, and what has the
 * form of one. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/text.h"
#include "judge/classifier_work.h"
#include <pcre2.h>
#include <strings.h>
#include <talloc.h>

#define HIDDEN "[secret]"

static const char *const forms[] = {
    "\\b(?:gh[pousr]_|github_pat_|glpat-|sk-|sk_live_|rk_live_|npm_|pypi-|"
    "xox[abeoprs]-|hf_|dop_v1_|shpat_|SG\\.)[A-Za-z0-9_.-]{8,}",
    "\\b(?:AKIA|ASIA)[0-9A-Z]{12,}",
    "\\bAIza[0-9A-Za-z_-]{20,}",
    "\\beyJ[A-Za-z0-9_-]{6,}\\.[A-Za-z0-9_-]{4,}\\.[A-Za-z0-9_-]*",
    "-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*-----|$)",
    "(?<=://)[^/@\\s\"']+(?=@)",
    "(?i)(?<=bearer )[^\\s\"']{6,}",
    "(?i)(?:authorization|x-api-key|private-token)\\s*[:=]\\s*\\K[^\"']+",
    "(?i)(?:passw(?:or)?d|passwd|pwd|secret|token|api[_-]?key|access[_-]?key"
    "|client[_-]?secret)(?:\"|')?\\s*(?:[:=]|\\bis\\b)\\s*(?:\"|')?\\K"
    "[^\\s\"'&]{4,}",
};

static void
add(void *ctx, struct secrets *s, const char *value)
{
	if (!value || strlen(value) < 6)
		return;
	s->v = talloc_realloc(ctx, s->v, const char *, (unsigned)s->n + 1);
	if (!s->v)
		BUG("out of memory");
	s->v[s->n++] = value;
}

static bool
secret_name(const char *name, size_t len)
{
	static const char *const parts[] = {
	    "TOKEN",   "SECRET", "PASSW",      "PASSWD",      "_PASS",
	    "API_KEY", "APIKEY", "ACCESS_KEY", "PRIVATE_KEY", "CREDENTIAL"};
	char upper[128];

	if (len >= sizeof(upper))
		return true;
	for (size_t i = 0; i < len; i++)
		upper[i] = name[i] >= 'a' && name[i] <= 'z'
			       ? (char)(name[i] - 32)
			       : name[i];
	upper[len] = '\0';
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (strstr(upper, parts[i]))
			return true;
	return !strcmp(upper, "PGPASSWORD");
}

static bool
named_by_profile(const struct policy *p, const char *name, size_t len)
{
	for (size_t i = 0; p && i < p->nvalues; i++) {
		const struct policy_value *v = &p->values[i];
		size_t n = strlen(v->key);

		if (!strncasecmp(v->key, "secret.", 7) && n > 4 &&
		    !strcasecmp(v->key + n - 4, ".env") &&
		    strlen(v->value) == len && !strncmp(v->value, name, len))
			return true;
	}
	return false;
}

void
secrets_collect(void *ctx, const struct invocation *in, const struct policy *p,
		const char *key, struct secrets *out)
{
	*out = (struct secrets){0};
	add(ctx, out, key);
	for (size_t i = 0; in->env && in->env[i]; i++) {
		const char *eq = strchr(in->env[i], '=');
		size_t len = eq ? (size_t)(eq - in->env[i]) : 0;

		if (len && (secret_name(in->env[i], len) ||
			    named_by_profile(p, in->env[i], len)))
			add(ctx, out, eq + 1);
	}
}

static char *
replace_literal(void *ctx, char *text, const char *value)
{
	char *at, *out;

	while ((at = strstr(text, value))) {
		out = talloc_asprintf(ctx, "%.*s" HIDDEN "%s", (int)(at - text),
				      text, at + strlen(value));
		text = out;
	}
	return text;
}

static char *
replace_form(void *ctx, char *text, const char *form)
{
	PCRE2_SIZE where, size = strlen(text) * 3 + 64;
	pcre2_code *code;
	char *out;
	int error, rc;

	code = pcre2_compile((PCRE2_SPTR)form, PCRE2_ZERO_TERMINATED,
			     PCRE2_DOTALL, &error, &where, NULL);
	if (!code)
		BUG("a pattern does not compile: %s", form);
	out = talloc_size(ctx, size + 1);
	rc = pcre2_substitute(code, (PCRE2_SPTR)text, strlen(text), 0,
			      PCRE2_SUBSTITUTE_GLOBAL, NULL, NULL,
			      (PCRE2_SPTR)HIDDEN, PCRE2_ZERO_TERMINATED,
			      (PCRE2_UCHAR *)out, &size);
	pcre2_code_free(code);
	/* what cannot be looked through is not sent */
	return rc < 0 ? talloc_strdup(ctx, HIDDEN) : out;
}

char *
secrets_replace(void *ctx, const struct secrets *s, const char *text)
{
	char *out = talloc_strdup(ctx, text ? text : "");

	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i], HIDDEN) != 0 && !strstr(HIDDEN, s->v[i]))
			out = replace_literal(ctx, out, s->v[i]);
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		out = replace_form(ctx, out, forms[i]);
	return out;
}
