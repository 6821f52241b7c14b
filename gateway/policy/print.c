/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policy -> profile text.  Loading what was printed and printing it again
 * gives the same text (checked by the cases and the fuzz target).
 */
#include "policy/keys.h"
#include "policy/policy.h"
#include <talloc.h>

/* A value as git-config would have it: quoted when anything in it could be
 * read otherwise. */
static char *
quoted(void *ctx, const char *s)
{
	char *out = talloc_strdup(ctx, "\"");

	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			out = talloc_asprintf_append_buffer(out, "\\%c", *s);
		else if (*s == '\n')
			out = talloc_strdup_append_buffer(out, "\\n");
		else if (*s == '\t')
			out = talloc_strdup_append_buffer(out, "\\t");
		else
			out = talloc_strndup_append_buffer(out, s, 1);
	}
	return talloc_strdup_append_buffer(out, "\"");
}

static char *
print_words(void *ctx, char *out, const struct policy *p, enum effect_kind kind)
{
	out = talloc_asprintf_append_buffer(out, "[effect \"%s\"]\n",
					    effect_name(kind));
	for (int s = 1; s < SCOPE_COUNT; s++) {
		enum word w = p->words[kind][s].word;

		if (w != WORD_UNSET)
			out = talloc_asprintf_append_buffer(
			    out, "\t%s = %s\n", scope_name((enum scope)s),
			    word_name(w));
	}
	(void)ctx;
	return out;
}

char *
policy_print(void *ctx, const struct policy *p)
{
	char *out = talloc_strdup(ctx, "");

	for (int k = 1; k < EFFECT_COUNT; k++)
		out = print_words(ctx, out, p, (enum effect_kind)k);
	for (size_t i = 0; i < p->nvalues; i++) {
		struct policy_name n;

		if (policy_name_split(out, p->values[i].key, &n) < 0)
			continue;
		out = talloc_asprintf_append_buffer(out, "[%s", n.section);
		if (n.sub)
			out = talloc_asprintf_append_buffer(out, " %s",
							    quoted(out, n.sub));
		out = talloc_asprintf_append_buffer(
		    out, "]\n\t%s = %s\n", n.variable,
		    quoted(out, p->values[i].value));
	}
	return out;
}
