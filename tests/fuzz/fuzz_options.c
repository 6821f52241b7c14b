/* SPDX-License-Identifier: Apache-2.0 */
/* NUL-separated words, the first a git command: whatever is accepted has a
 * canonical form that reads as the same options and operands, and is its own
 * canonical form. */
#include "base/err.h"
#include "parse/git_grammar.h"
#include <stdint.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
same_text(const char *a, const char *b, const char *what)
{
	if (!a != !b || (a && strcmp(a, b)))
		BUG("%s differs: %s, %s", what, a ? a : "-", b ? b : "-");
}

static void
same_list(const char **a, size_t na, const char **b, size_t nb,
	  const char *what)
{
	if (na != nb)
		BUG("%s: %zu, then %zu", what, na, nb);
	for (size_t i = 0; i < na; i++)
		same_text(a[i], b[i], what);
}

/* Options of an earlier reader go in front in the canonical form, so that
 * only the order among those of one name is the same. */
static void
same_options(const struct options *a, const struct options *b)
{
	if (a->n != b->n)
		BUG("%zu options, then %zu", a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		const char *name = a->v[i].name;

		if (options_on(a, name) != options_on(b, name) ||
		    options_count(a, name) != options_count(b, name))
			BUG("--%s differs", name);
		same_text(options_value(a, name), options_value(b, name), name);
		for (size_t k = 0; k < 3; k++)
			same_text(options_nth(a, name, k),
				  options_nth(b, name, k), name);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *words[64] = {NULL};
	void *ctx = talloc_new(NULL);
	char *text = talloc_size(ctx, size + 1);
	struct options a, b, c;
	struct err e;
	size_t n = 0;

	memcpy(text, data, size);
	text[size] = '\0';
	for (size_t i = 0; i < size && n < 63; i += strlen(text + i) + 1)
		words[n++] = text + i;
	if (n && git_grammar_read(ctx, words[0], words + 1, &a, &e) == 0) {
		if (git_grammar_read(ctx, words[0], a.canonical, &b, &e) < 0)
			BUG("canonical form is refused: %s", e.msg);
		if (git_grammar_read(ctx, words[0], b.canonical, &c, NULL) < 0)
			BUG("second canonical form is refused");
		same_list(b.canonical, b.ncanonical, c.canonical, c.ncanonical,
			  "canonical form");
		same_list(a.operands, a.noperands, b.operands, b.noperands,
			  "operands");
		same_text(a.subcommand, b.subcommand, "subcommand");
		same_options(&a, &b);
		if (a.dashdash != b.dashdash)
			BUG("-- stands elsewhere");
	}
	talloc_free(ctx);
	return 0;
}
