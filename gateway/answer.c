/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a verdict: for people, for programs, for the record. */
#include "answer.h"
#include "base/file.h"
#include "base/text.h"
#include <cjson/cJSON.h>

static const char *const kinds[] = {"deny", "allow", "ask", "deny"};

void
answer_line(const struct request *rq, const char *text)
{
	char *line;

	if (!text || rq->in.stdio[2] < 0)
		return;
	line = talloc_asprintf(
	    NULL, "%s%s\n",
	    strncmp(text, "automode: ", 10) == 0 ? "" : "automode: ", text);
	/* the caller may have closed its end: nothing to be done about it */
	(void)file_write_all(rq->in.stdio[2], line, strlen(line));
	talloc_free(line);
}

/* The profile line that would lift an `ask`, for the person to decide on. */
static void
answer_approval(const struct request *rq, void *ctx)
{
	const struct verdict *v = &rq->verdict;
	const struct effect *fx = NULL;

	if (v->kind != VERDICT_ASK)
		return;
	if (rq->rejected) {
		answer_line(rq, "automode: a person has rejected it");
		return;
	}
	if (rq->policy && rq->policy->approval_headless)
		answer_line(rq, "automode: nobody is there to be asked "
				"(approval.headless); leave it, and report to "
				"the user what you need");
	if (rq->pending)
		answer_line(rq, talloc_asprintf(
				    ctx,
				    "automode: a person can allow it once with "
				    "automode approve %llu in another "
				    "terminal; then run it again",
				    (unsigned long long)rq->pending));
	for (size_t i = 0; i < rq->effects.n && !fx; i++)
		if (strcmp(effect_name(rq->effects.v[i].kind), v->rule) == 0)
			fx = &rq->effects.v[i];
	if (!fx || fx->scope == SCOPE_UNKNOWN)
		return;
	answer_line(rq, talloc_asprintf(ctx,
					"automode: or for good with "
					"[effect \"%s\"] %s = allow in "
					"~/.config/automode/policy",
					v->rule, scope_name(fx->scope)));
}

int
answer_denied(const struct request *rq)
{
	const struct verdict *v = &rq->verdict;
	void *ctx;

	if (rq->interrupted)
		return 128 + rq->interrupted;
	ctx = talloc_new(NULL);
	if (rq->absent) {
		answer_line(rq, talloc_asprintf(ctx, "automode: %s: not found",
						text_safe(ctx, rq->in.tool)));
		talloc_free(ctx);
		return EXIT_ABSENT;
	}
	answer_line(rq,
		    talloc_asprintf(ctx, "automode: denied: %s",
				    v->reason ? v->reason : "no reason given"));
	if (v->alternative)
		answer_line(rq, talloc_asprintf(ctx, "automode: instead: %s",
						v->alternative));
	answer_approval(rq, ctx);
	talloc_free(ctx);
	return EXIT_DENIED;
}

static void
add_string(cJSON *o, const char *name, const char *value)
{
	void *ctx = talloc_new(NULL);

	if (value)
		cJSON_AddStringToObject(o, name, text_safe(ctx, value));
	else
		cJSON_AddNullToObject(o, name);
	talloc_free(ctx);
}

static void
add_effects(cJSON *o, const struct effects *effects)
{
	cJSON *list = cJSON_AddArrayToObject(o, "effects");

	for (size_t i = 0; i < effects->n; i++) {
		const struct effect *fx = &effects->v[i];
		cJSON *one = cJSON_CreateObject();

		add_string(one, "effect", effect_name(fx->kind));
		add_string(one, "object", fx->object);
		add_string(one, "scope", scope_name(fx->scope));
		add_string(one, "reversible",
			   fx->undo == UNDO_UNSET && effect_is_read(fx->kind)
			       ? "yes"
			       : undo_name(fx->undo));
		add_string(one, "why", fx->why);
		cJSON_AddItemToArray(list, one);
	}
}

static void
add_verdict(cJSON *o, const struct request *rq)
{
	const struct verdict *v = &rq->verdict;

	add_string(o, "verdict", kinds[v->kind]);
	add_string(o, "rule", v->rule);
	add_string(o, "reason", v->reason);
	add_string(o, "alternative", v->alternative);
	add_string(o, "reversible", undo_name(v->undo));
	add_effects(o, &rq->effects);
	add_string(o, "box", rq->cmd.need.box);
	add_string(o, "layer", v->layer);
}

const char *
answer_verdict(const struct request *rq)
{
	return kinds[rq->verdict.kind];
}

static char *
printed(void *ctx, cJSON *o)
{
	char *s = cJSON_PrintUnformatted(o), *copy;

	cJSON_Delete(o);
	copy = talloc_strdup(ctx, s ? s : "{}");
	cJSON_free(s);
	return copy;
}

char *
answer_check(void *ctx, const struct request *rq)
{
	cJSON *o = cJSON_CreateObject();

	add_verdict(o, rq);
	return printed(ctx, o);
}

static void
add_argv(cJSON *o, const char *name, const char *const *argv)
{
	void *ctx = talloc_new(NULL);

	/* a megabyte of arguments is not worth a megabyte of record */
	if (argv)
		add_string(o, name, text_command(ctx, argv, 4096));
	talloc_free(ctx);
}

char *
answer_decision(void *ctx, const struct request *rq)
{
	cJSON *o = cJSON_CreateObject();

	add_argv(o, "command", rq->in.argv);
	add_string(o, "cwd", rq->in.cwd);
	cJSON_AddNumberToObject(o, "uid", rq->in.uid);
	cJSON_AddNumberToObject(o, "pid", rq->in.pid);
	add_verdict(o, rq);
	if (rq->verdict.kind == VERDICT_ALLOW)
		add_argv(o, "runs", rq->cmd.argv);
	return printed(ctx, o);
}

char *
answer_outcome(void *ctx, const struct request *rq, uint64_t decision, bool ran,
	       const char *said)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddNumberToObject(o, "decision", (double)decision);
	cJSON_AddBoolToObject(o, "ran", ran);
	cJSON_AddNumberToObject(o, "status", rq->status);
	if (said)
		add_string(o, "said", said);
	return printed(ctx, o);
}
