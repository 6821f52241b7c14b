/* SPDX-License-Identifier: Apache-2.0 */
/* automode check: the verdict for a command, nothing run. */
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/client.h"
#include <cjson/cJSON.h>
#include <limits.h>
#include <talloc.h>
#include <unistd.h>

static const char *
text_of(void *ctx, const cJSON *o, const char *name)
{
	const char *s =
	    cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, name));

	return s != NULL ? text_safe(ctx, s) : NULL;
}

static void
print_effect(void *ctx, const cJSON *o)
{
	const char *object = text_of(ctx, o, "object");
	const char *scope = text_of(ctx, o, "scope");
	const char *undo = text_of(ctx, o, "reversible");
	const char *why = text_of(ctx, o, "why");

	printf("  %-18s %s", text_of(ctx, o, "effect"),
	       object != NULL ? object : "");
	if (scope != NULL)
		printf(" (%s", scope);
	if (undo != NULL && scope != NULL)
		printf(", undo: %s", undo);
	printf("%s%s%s\n", scope != NULL ? ")" : "", why != NULL ? ": " : "",
	       why != NULL ? why : "");
}

static void
print_people(void *ctx, const cJSON *o)
{
	const char *rule = text_of(ctx, o, "rule");
	const char *layer = text_of(ctx, o, "layer");
	const char *reason = text_of(ctx, o, "reason");
	const char *other = text_of(ctx, o, "alternative");
	const cJSON *effect;

	printf("%s", text_of(ctx, o, "verdict"));
	if (rule != NULL)
		printf(" (%s%s%s)", rule, layer != NULL ? ", " : "",
		       layer != NULL ? layer : "");
	printf("%s%s\n", reason != NULL ? ": " : "",
	       reason != NULL ? reason : "");
	cJSON_ArrayForEach(effect,
			   cJSON_GetObjectItemCaseSensitive(o, "effects"))
	    print_effect(ctx, effect);
	if (other != NULL)
		printf("instead: %s\n", other);
}

static void
delete_json(void *o)
{
	cJSON_Delete(o);
}

static int
run(void *ctx, int argc, char **argv)
{
	const char *cwd = NULL, *intent = NULL, *set[2] = {NULL, NULL};
	bool json = false;
	const struct cli_option options[] = {{"json", &json, NULL},
					     {"cwd", NULL, &cwd},
					     {"intent", NULL, &intent}};
	struct client_call c = {.kind = REQUEST_CHECK,
				.socket = CONTROL_SOCKET,
				.out = STDOUT_FILENO,
				.err = STDERR_FILENO};
	struct err e = {0};
	cJSON *o;
	int r = cli_options(&cli_check, options, 3, &argc, &argv, true);

	if (r != 0)
		return r > 0 ? 0 : EXIT_USAGE;
	if (argc == 0)
		return cli_usage(&cli_check, "check: which command?");
	if (cwd != NULL)
		c.cwd = realpath(cwd, NULL);
	if (cwd != NULL && c.cwd == NULL)
		return cli_fail(1, "there is no directory %s", cwd);
	if (intent != NULL)
		set[0] = talloc_asprintf(ctx, "AUTOMODE_INTENT=%s", intent);
	c.set = set;
	c.argv = (const char *const *)argv;
	if (client_ensure(ctx, false, &e) < 0 || client_ask(ctx, &c, &e) < 0)
		return cli_fail(EXIT_UNAVAILABLE, "%s", e.msg);
	if (c.reply == NULL)
		return c.status == 0 ? EXIT_UNAVAILABLE : c.status;
	if (json) {
		printf("%s\n", c.reply);
		return c.status;
	}
	o = cJSON_Parse(c.reply);
	if (text_of(ctx, o, "verdict") == NULL) {
		cJSON_Delete(o);
		return cli_fail(EXIT_UNAVAILABLE,
				"the gateway's answer is malformed");
	}
	own(ctx, o, delete_json);
	print_people(ctx, o);
	return c.status;
}

const struct cli_command cli_check = {
    .name = "check",
    .usage = "[--json] [--cwd DIR] [--intent TEXT] -- TOOL ARG...",
    .what = "Says what would be decided about a command; runs nothing",
    .help = "Exit status 0: allowed, 1: denied, 2: a person would be "
	    "asked.\n\n"
	    "  --json         one object; automode(1) describes it\n"
	    "  --cwd DIR      as if it were run there\n"
	    "  --intent TEXT  as if the user had written this\n",
    .run = run,
};
