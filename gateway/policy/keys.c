/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of profiles: what may stand in a file, and how far it may go. */
#include "policy/keys.h"
#include "base/text.h"
#include <strings.h>
#include <talloc.h>

const struct policy_key policy_keys[] = {
    {"effect", SUB_EFFECT, NULL, TYPE_WORD, POWER_TIGHTENS, NULL,
     "the word for an effect in a scope (or `any`)"},
    {"protect", SUB_NONE, "branch", TYPE_GLOB, POWER_TIGHTENS, NULL,
     "branches that are never overwritten, deleted or force-pushed"},
    {"protect", SUB_NONE, "path", TYPE_GLOB, POWER_TIGHTENS, NULL,
     "paths that are read-only for the agent, in every route"},
    {"lock", SUB_NONE, "key", TYPE_GLOB, POWER_OWNER, NULL,
     "keys that no other file may loosen (in /etc/automode/policy only)"},
    {"workspace", SUB_NONE, "root", TYPE_PATH, POWER_LOOSENS, NULL,
     "a folder below which repositories of the caller are workspaces"},
    {"sandbox", SUB_NONE, "required", TYPE_BOOL, POWER_OWNER, NULL,
     "false: run commands unboxed where bubblewrap cannot work"},
    {"hooks", SUB_NONE, "network", TYPE_BOOL, POWER_LOOSENS, NULL,
     "true: hooks and other programs that git starts reach the network"},
    {"remote", SUB_NAME, "push", TYPE_GLOB, POWER_LOOSENS, NULL,
     "branches of that remote that may be pushed without asking"},
    {"database", SUB_NAME, "host", TYPE_GLOB, POWER_TIGHTENS, NULL,
     "hosts of that database"},
    {"database", SUB_NAME, "access", TYPE_CHOICE, POWER_TIGHTENS,
     "none read-only read-write", "what may be done there"},
    {"database", SUB_NAME, "sensitive", TYPE_TEXT, POWER_TIGHTENS, NULL,
     "a table (schema.table, table or a glob) whose rows are not to leave"},
    {"network", SUB_NONE, "trust", TYPE_TEXT, POWER_LOOSENS, NULL,
     "a host, host:port or @name that may be reached"},
    {"secret", SUB_NAME, "env", TYPE_TEXT, POWER_TIGHTENS, NULL,
     "the variable that holds that secret"},
    {"secret", SUB_NAME, "host", TYPE_GLOB, POWER_LOOSENS, NULL,
     "hosts that it may go to"},
    {"approval", SUB_NONE, "wait", TYPE_DURATION, POWER_OWNER, NULL,
     "how long a command that asks waits for a person; 0s: it is denied at "
     "once, and may be approved for another try"},
    {"approval", SUB_NONE, "expires", TYPE_DURATION, POWER_OWNER, NULL,
     "how long a question, and its answer, holds"},
    {"approval", SUB_NONE, "notify", TYPE_TEXT, POWER_OWNER, NULL,
     "a program that is run with the question's number and text, or "
     "`desktop`"},
    {"approval", SUB_NONE, "headless", TYPE_BOOL, POWER_OWNER, NULL,
     "true: nobody is there; what asks is denied and waits for nobody"},
    {"breaker", SUB_NONE, "row", TYPE_NUMBER, POWER_OWNER, NULL,
     "denials in a row after which only a person decides"},
    {"breaker", SUB_NONE, "total", TYPE_NUMBER, POWER_OWNER, NULL,
     "the same, over the session"},
    {"classifier", SUB_NONE, "url", TYPE_TEXT, POWER_OWNER, NULL,
     "the endpoint that is asked where rules cannot decide"},
    {"classifier", SUB_NONE, "model", TYPE_TEXT, POWER_OWNER, NULL,
     "its model"},
    {"classifier", SUB_NONE, "api", TYPE_CHOICE, POWER_OWNER,
     "anthropic openai", "its protocol"},
    {"classifier", SUB_NONE, "keyEnv", TYPE_TEXT, POWER_OWNER, NULL,
     "the variable of the caller's environment that holds its key"},
    {"classifier", SUB_NONE, "keyFile", TYPE_PATH, POWER_OWNER, NULL,
     "the file that holds it"},
    {"classifier", SUB_NONE, "keyCommand", TYPE_PATH, POWER_OWNER, NULL,
     "the program that prints it"},
    {"classifier", SUB_NONE, "budget", TYPE_NUMBER, POWER_OWNER, NULL,
     "how many times a session may ask"},
    {"classifier", SUB_NONE, "environment", TYPE_TEXT, POWER_OWNER, NULL,
     "a sentence about the surroundings"},
    {"classifier", SUB_NONE, "block", TYPE_TEXT, POWER_OWNER, NULL,
     "what it is to refuse besides"},
    {"classifier", SUB_NONE, "allow", TYPE_TEXT, POWER_OWNER, NULL,
     "what it is to allow besides"},
};
const size_t policy_key_count = sizeof(policy_keys) / sizeof(policy_keys[0]);

int
policy_name_split(void *ctx, const char *key, struct policy_name *out)
{
	const char *first = strchr(key, '.');
	const char *last = strrchr(key, '.');

	if (!first || first == key || !last[1])
		return ERR_SYNTAX;
	out->section = talloc_strndup(ctx, key, (size_t)(first - key));
	out->variable = last + 1;
	out->sub = first == last ? NULL
				 : talloc_strndup(ctx, first + 1,
						  (size_t)(last - first - 1));
	return 0;
}

const struct policy_key *
policy_key_find(const struct policy_name *n)
{
	for (size_t i = 0; i < policy_key_count; i++) {
		const struct policy_key *k = &policy_keys[i];

		if (strcasecmp(k->section, n->section) != 0)
			continue;
		if ((k->sub == SUB_NONE) != (n->sub == NULL))
			continue;
		if (k->sub == SUB_EFFECT) {
			if (effect_by_name(n->sub) == EFFECT_NONE)
				continue;
			if (strcasecmp(n->variable, "any") != 0 &&
			    scope_by_name(n->variable) == SCOPE_UNKNOWN)
				continue;
			return k;
		}
		if (strcasecmp(k->variable, n->variable) == 0)
			return k;
	}
	return NULL;
}

/* The spelling a person would write for a key of the table. */
static char *
spelling(void *ctx, const struct policy_key *k, const char *sub)
{
	if (k->sub == SUB_NONE)
		return talloc_asprintf(ctx, "%s.%s", k->section, k->variable);
	return talloc_asprintf(ctx, "%s.%s.%s", k->section, sub ? sub : "NAME",
			       k->variable);
}

static char *
nearest_effect(void *ctx, const struct policy_name *n)
{
	const char *words[EFFECT_COUNT + SCOPE_COUNT];
	size_t count = 0;
	const char *sub = n->sub, *variable = n->variable;

	if (effect_by_name(sub) == EFFECT_NONE) {
		for (int i = 1; i < EFFECT_COUNT; i++)
			words[count++] = effect_name((enum effect_kind)i);
		sub = text_nearest(sub, words, count);
	} else {
		words[count++] = "any";
		for (int i = 1; i < SCOPE_COUNT; i++)
			words[count++] = scope_name((enum scope)i);
		variable = text_nearest(variable, words, count);
	}
	if (!sub || !variable)
		return NULL;
	return talloc_asprintf(ctx, "effect.%s.%s", sub, variable);
}

char *
policy_key_nearest(void *ctx, const struct policy_name *n)
{
	const char *words[sizeof(policy_keys) / sizeof(policy_keys[0])];
	size_t count = 0;
	const char *near;
	char *asked;

	if (strcasecmp(n->section, "effect") == 0 && n->sub)
		return nearest_effect(ctx, n);
	asked = n->sub ? talloc_asprintf(ctx, "%s.%s.%s", n->section, n->sub,
					 n->variable)
		       : talloc_asprintf(ctx, "%s.%s", n->section, n->variable);
	for (size_t i = 0; i < policy_key_count; i++)
		if (policy_keys[i].sub != SUB_EFFECT)
			words[count++] = spelling(ctx, &policy_keys[i], n->sub);
	near = text_nearest(asked, words, count);
	return near ? talloc_strdup(ctx, near) : NULL;
}
