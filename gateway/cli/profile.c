/* SPDX-License-Identifier: Apache-2.0 */
/* automode profile: the effective profile, each key with its origin. */
#include "base/text.h"
#include "cli/cli.h"
#include "cli/policy_here.h"
#include "policy/trust.h"
#include "wire/proto.h"
#include <cjson/cJSON.h>
#include <git2.h>
#include <talloc.h>

int
policy_here(void *ctx, struct policy **out, struct err *e)
{
	const char *project, *worktree;
	struct cli_places p;

	if (git_libgit2_init() < 0)
		return err_git(e, "libgit2 does not start");
	if (cli_places(ctx, &p, e) < 0 ||
	    cli_project(ctx, &project, &worktree, e) < 0)
		return e->code;
	trust_use(trust_list(ctx, p.state, p.home));
	return policy_load(ctx, NULL, p.home, worktree, out, e);
}

/* Words as keys: "effect.ref.delete.outside". */
static void
each_word(void *ctx, const struct policy *p,
	  void (*f)(void *ctx, void *data, const char *key, const char *value,
		    enum layer layer, const char *file),
	  void *data)
{
	for (int k = EFFECT_NONE + 1; k < EFFECT_COUNT; k++)
		for (int s = SCOPE_UNKNOWN + 1; s < SCOPE_COUNT; s++) {
			const struct word_origin *w = &p->words[k][s];
			char *key;

			if (w->word == WORD_UNSET || w->layer == LAYER_BUILTIN)
				continue;
			key = talloc_asprintf(ctx, "effect.%s.%s",
					      effect_name((enum effect_kind)k),
					      scope_name((enum scope)s));
			f(ctx, data, key, word_name(w->word), w->layer,
			  w->file);
		}
}

static void
print_key(void *ctx, void *data, const char *key, const char *value,
	  enum layer layer, const char *file)
{
	(void)data;
	printf("%s = %s  [%s%s%s]\n", text_safe(ctx, key),
	       text_safe(ctx, value), layer_name(layer), file ? ": " : "",
	       file ? text_safe(ctx, file) : "");
}

static void
add_key(void *ctx, void *data, const char *key, const char *value,
	enum layer layer, const char *file)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "key", text_safe(ctx, key));
	cJSON_AddStringToObject(o, "value", text_safe(ctx, value));
	cJSON_AddStringToObject(o, "layer", layer_name(layer));
	cJSON_AddStringToObject(o, "file", file ? text_safe(ctx, file) : "");
	cJSON_AddItemToArray(data, o);
}

static void
print_json(void *ctx, const struct policy *p)
{
	cJSON *o = cJSON_CreateObject();
	cJSON *keys = cJSON_AddArrayToObject(o, "keys");
	char *text;

	for (size_t i = 0; i < p->nvalues; i++)
		add_key(ctx, keys, p->values[i].key, p->values[i].value,
			p->values[i].layer, p->values[i].file);
	each_word(ctx, p, add_key, keys);
	cJSON_AddBoolToObject(o, "sandbox_required", p->sandbox_required);
	cJSON_AddBoolToObject(o, "hooks_network", p->hooks_network);
	cJSON_AddBoolToObject(o, "repository_untrusted",
			      p->repository_untrusted);
	text = cJSON_PrintUnformatted(o);
	printf("%s\n", text);
	cJSON_free(text);
	cJSON_Delete(o);
}

static int
run(void *ctx, int argc, char **argv)
{
	bool json = false, text = false;
	const struct cli_option options[] = {{"json", &json, NULL},
					     {"text", &text, NULL}};
	struct err e = {0};
	struct policy *p;
	int r = cli_options(&cli_profile, options, 2, &argc, &argv, false);

	if (r != 0)
		return r > 0 ? 0 : EXIT_USAGE;
	if (argc > 0)
		return cli_usage(&cli_profile, "profile takes no operand");
	if (policy_here(ctx, &p, &e) < 0)
		return cli_fail(1, "%s", e.msg);
	if (json) {
		print_json(ctx, p);
		return 0;
	}
	if (text) {
		printf("%s", policy_print(ctx, p));
		return 0;
	}
	for (size_t i = 0; i < p->nvalues; i++)
		print_key(ctx, NULL, p->values[i].key, p->values[i].value,
			  p->values[i].layer, p->values[i].file);
	each_word(ctx, p, print_key, NULL);
	printf("The words as shipped are not listed here; automode rules "
	       "lists all.\n");
	if (p->repository_untrusted)
		printf("The .automode of this repository is not trusted: it "
		       "only tightens.\n");
	return 0;
}

const struct cli_command cli_profile = {
    .name = "profile",
    .usage = "[--json | --text]",
    .what = "Shows the effective profile, each key with its origin",
    .help = "  --json  one object\n"
	    "  --text  as a profile file that would say the same\n",
    .run = run,
};
