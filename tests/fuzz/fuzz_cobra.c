/* SPDX-License-Identifier: Apache-2.0 */
/* NUL-separated words for gh: what is accepted has a canonical form that reads
 * as the same command, flags and operands.  The bytes as a configuration file
 * and as an alias must do no harm either. */
#include "base/err.h"
#include "tools/gh.h"
#include <stdint.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
read_words(void *ctx, const char *const *words, struct cobra_line *l)
{
	struct err e;

	return cobra_read(ctx, gh_words, gh_nwords, sizeof(*gh_words), words, l,
			  &e);
}

static void
compare(const struct cobra_line *a, const struct cobra_line *b)
{
	if (a->cmd != b->cmd || a->n != b->n || a->help != b->help ||
	    a->noperands != b->noperands)
		BUG("%s, then %s", a->cmd->path, b->cmd->path);
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i].name, b->v[i].name) != 0 ||
		    strcmp(a->v[i].value, b->v[i].value) != 0)
			BUG("--%s=%s, then --%s=%s", a->v[i].name,
			    a->v[i].value, b->v[i].name, b->v[i].value);
	for (size_t i = 0; i < a->noperands; i++)
		if (strcmp(a->operands[i], b->operands[i]) != 0)
			BUG("%s, then %s", a->operands[i], b->operands[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *words[64] = {NULL}, **split;
	void *ctx = talloc_new(NULL);
	char *text = talloc_size(ctx, size + 1);
	struct forge_settings s = {0};
	struct cobra_line a, b;
	struct err e;
	size_t n = 0;

	memcpy(text, data, size);
	text[size] = '\0';
	for (char *at = text; at < text + size && n < 63; at += strlen(at) + 1)
		words[n++] = at;
	if (read_words(ctx, words, &a) == 0) {
		if (read_words(ctx, a.words, &b) < 0)
			BUG("the canonical form is refused");
		compare(&a, &b);
	}
	(void)forge_yaml(ctx, text, &s, &e);
	(void)forge_split(ctx, text, &split, &n, &e);
	talloc_free(ctx);
	return 0;
}
