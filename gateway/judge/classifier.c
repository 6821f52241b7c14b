/* SPDX-License-Identifier: Apache-2.0 */
/* The two looks of the classifier, and what stands around them: what it has
 * said before, how often it may be asked, whether it answers at all. */
#include "base/text.h"
#include "judge/classifier_work.h"
#include <cjson/cJSON.h>
#include <sodium.h>
#include <talloc.h>

static const int timeouts_ms[] = {0, 5000, 20000};

struct asking {
	void *ctx;
	const struct classifier_case *c;
	struct api api;
	struct secrets secrets;
	char *rules, *text;
};

/* What it depends on: the action, the words, the rules. */
static void
key_of(const struct classifier_case *c, unsigned char key[16])
{
	const struct classifier_keys *k = &c->p->classifier;
	const struct session *s = c->in->session;
	crypto_generichash_state h;
	const char *texts[] = {c->fingerprint, s->id, k->url,
			       k->model ? k->model : ""};

	crypto_generichash_init(&h, NULL, 0, 16);
#define ADD(t)                                                                 \
	crypto_generichash_update(&h, (const unsigned char *)(t), strlen(t) + 1)
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		ADD(texts[i]);
	for (size_t i = 0; i < s->nwords; i++)
		ADD(s->words[i].text);
	for (size_t i = 0; i < k->nenvironment; i++)
		ADD(k->environment[i]);
	for (size_t i = 0; i < k->nblock; i++)
		ADD(k->block[i]);
	for (size_t i = 0; i < k->nallow; i++)
		ADD(k->allow[i]);
#undef ADD
	crypto_generichash_final(&h, key, 16);
}

/* Every call is on record: who was asked, how long it took, what it said. */
static int
record(struct asking *a, int stage, const struct exchange *x,
       const struct usage *u, const char *verdict, const char *error,
       struct err *e)
{
	cJSON *o = cJSON_CreateObject();
	uint64_t seq;
	char *json;
	int rc;

	cJSON_AddNumberToObject(o, "stage", stage);
	cJSON_AddStringToObject(o, "host", a->api.host);
	cJSON_AddStringToObject(o, "model", text_safe(a->ctx, a->api.model));
	cJSON_AddStringToObject(o, "verdict", verdict);
	cJSON_AddNumberToObject(o, "ms", (double)x->ms);
	cJSON_AddNumberToObject(o, "attempts", x->attempts);
	cJSON_AddNumberToObject(o, "status", (double)x->status);
	cJSON_AddNumberToObject(o, "input_tokens", (double)u->in);
	cJSON_AddNumberToObject(o, "output_tokens", (double)u->out);
	cJSON_AddNumberToObject(o, "cached_tokens", (double)u->cached);
	if (error)
		cJSON_AddStringToObject(o, "error", error);
	json = cJSON_PrintUnformatted(o);
	cJSON_Delete(o);
	rc = channel_record(a->c->monitor, "classifier", a->c->in->session->id,
			    json, &seq, e);
	cJSON_free(json);
	return rc;
}

static int
ask(struct asking *a, int stage, struct remembered *out, struct err *e)
{
	struct exchange x = {
	    .api = &a->api,
	    .timeout_ms = timeouts_ms[stage],
	    .request = api_request(a->ctx, &a->api, a->rules, a->text, stage)};
	struct usage u = {0};
	struct err ignored;
	char *text = NULL, *reason = NULL;
	int rc = http_ask(a->ctx, &x, e);

	if (rc == 0)
		rc = api_answer(a->ctx, &a->api, x.body, &text, &u, e);
	if (rc == 0 && stage == 1)
		out->allow = answer_passes(text);
	else if (rc == 0)
		rc = answer_reasoned(a->ctx, text, &out->allow, &reason, e);
	snprintf(out->reason, sizeof(out->reason), "%s",
		 secrets_replace(a->ctx, &a->secrets, reason));
	shared_result(rc == 0);
	if (rc < 0) {
		(void)record(a, stage, &x, &u, "none", e->msg, &ignored);
		return rc;
	}
	return record(a, stage, &x, &u,
		      out->allow   ? "allow"
		      : stage == 1 ? "flag"
				   : "refuse",
		      NULL, e);
}

static int
prepare(struct asking *a, struct err *e)
{
	const struct classifier_keys *k = &a->c->p->classifier;

	if (api_choose(a->ctx, k, &a->api, e) < 0 ||
	    api_key(a->ctx, k, a->c->in, &a->api.key, e) < 0)
		return e->code;
	secrets_collect(a->ctx, a->c->in, a->c->p, a->api.key, &a->secrets);
	a->rules = prompt_system(a->ctx, a->c, e);
	if (!a->rules)
		return e->code;
	a->text = prompt_case(a->ctx, a->c, &a->secrets);
	return 0;
}

static int
look(struct asking *a, struct remembered *out, struct err *e)
{
	const struct classifier_case *c = a->c;
	int64_t closed = shared_closed();

	if (closed)
		return err_set(e, ERR_LIMIT,
			       "it failed before and is left alone for %d s",
			       (int)closed);
	if (!shared_spend(c->in->session->id, c->p->classifier.budget))
		return err_set(e, ERR_LIMIT,
			       "this session has asked it %u times, which is "
			       "all that it may",
			       c->p->classifier.budget);
	if (prepare(a, e) < 0 || ask(a, 1, out, e) < 0)
		return e->code;
	return out->allow ? 0 : ask(a, 2, out, e);
}

static void
apply(void *ctx, const struct remembered *r, struct verdict *v)
{
	v->reason = talloc_asprintf(
	    ctx, "%s; the classifier %s%s%s", v->reason,
	    r->allow ? "finds it within what the user authorised"
		     : "does not find it authorised",
	    *r->reason ? ": " : "", r->reason);
	if (!r->allow)
		return;
	v->kind = VERDICT_ALLOW;
	v->layer = "the classifier";
}

void
classifier_judge(void *ctx, const struct classifier_case *c,
		 struct verdict *verdict)
{
	struct asking a = {.ctx = ctx, .c = c};
	struct remembered r = {0};
	unsigned char key[16];
	struct err e = {0};

	if (verdict->kind != VERDICT_ASK || !c->p || !c->p->classifier.url)
		return;
	key_of(c, key);
	if (!shared_recall(key, &r)) {
		if (look(&a, &r, &e) < 0) {
			verdict->reason = talloc_asprintf(
			    ctx, "%s; the classifier could not say: %s",
			    verdict->reason, e.msg);
			return;
		}
		shared_remember(key, &r);
	}
	apply(ctx, &r, verdict);
}
