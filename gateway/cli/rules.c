/* SPDX-License-Identifier: Apache-2.0 */
/* automode rules: every effect with its words. */
#include "base/text.h"
#include "cli/cli.h"
#include "cli/policy_here.h"
#include "wire/proto.h"
#include <cjson/cJSON.h>
#include <talloc.h>

static void
print_json(void *ctx, const struct policy *p)
{
	cJSON *all = cJSON_CreateArray();
	char *text;

	for (int k = EFFECT_NONE + 1; k < EFFECT_COUNT; k++)
		for (int s = SCOPE_UNKNOWN + 1; s < SCOPE_COUNT; s++) {
			const struct word_origin *w = &p->words[k][s];
			cJSON *o = cJSON_CreateObject();

			cJSON_AddStringToObject(
			    o, "effect", effect_name((enum effect_kind)k));
			cJSON_AddStringToObject(o, "scope",
						scope_name((enum scope)s));
			cJSON_AddStringToObject(o, "word",
						word_name(w->word == WORD_UNSET
							      ? WORD_DENY
							      : w->word));
			cJSON_AddStringToObject(o, "layer",
						layer_name(w->layer));
			cJSON_AddStringToObject(
			    o, "file", w->file ? text_safe(ctx, w->file) : "");
			cJSON_AddItemToArray(all, o);
		}
	text = cJSON_PrintUnformatted(all);
	printf("%s\n", text);
	cJSON_free(text);
	cJSON_Delete(all);
}

static bool
same(const struct word_origin *a, const struct word_origin *b)
{
	const char *x = a->file ? a->file : "", *y = b->file ? b->file : "";

	return a->word == b->word && a->layer == b->layer && strcmp(x, y) == 0;
}

/* Scopes that share word and origin share a line. */
static void
print_effect(void *ctx, const struct policy *p, enum effect_kind k)
{
	bool done[SCOPE_COUNT] = {false};

	printf("%s (%s)\n", effect_name(k), effect_does(k));
	for (int s = SCOPE_UNKNOWN + 1; s < SCOPE_COUNT; s++) {
		const struct word_origin *w = &p->words[k][s];

		if (done[s])
			continue;
		printf("  %-9s",
		       word_name(w->word == WORD_UNSET ? WORD_DENY : w->word));
		for (int t = s; t < SCOPE_COUNT; t++)
			if (!done[t] && same(w, &p->words[k][t])) {
				done[t] = true;
				printf(" %s", scope_name((enum scope)t));
			}
		if (w->layer == LAYER_BUILTIN || w->file == NULL)
			printf("  [%s]\n", layer_name(w->layer));
		else
			printf("  [%s: %s]\n", layer_name(w->layer),
			       text_safe(ctx, w->file));
	}
}

static int
run(void *ctx, int argc, char **argv)
{
	bool json = false;
	const struct cli_option options[] = {{"json", &json, NULL}};
	struct err e = {0};
	struct policy *p;
	int r = cli_options(&cli_rules, options, 1, &argc, &argv, false);

	if (r != 0)
		return r > 0 ? 0 : EXIT_USAGE;
	if (argc > 0)
		return cli_usage(&cli_rules, "rules takes no operand");
	if (policy_here(ctx, &p, &e) < 0)
		return cli_fail(1, "%s", e.msg);
	if (json) {
		print_json(ctx, p);
		return 0;
	}
	for (int k = EFFECT_NONE + 1; k < EFFECT_COUNT; k++)
		print_effect(ctx, p, (enum effect_kind)k);
	if (p->repository_untrusted)
		printf("\nThe .automode of this repository is not trusted: "
		       "it only tightens.\n");
	return 0;
}

const struct cli_command cli_rules = {
    .name = "rules",
    .usage = "[--json]",
    .what = "Shows every effect with its word for each scope, and who set it",
    .help = "allow: run it. undoable: run it if nothing would be lost, or "
	    "what would be lost can\nbe kept first; else ask. ask: run it if "
	    "the user authorised it. deny: never.\n\n"
	    "  --json  an array of objects, one for each effect and scope\n",
    .run = run,
};
