/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the classifier. */
#ifndef AUTOMODE_JUDGE_CLASSIFIER_WORK_H
#define AUTOMODE_JUDGE_CLASSIFIER_WORK_H

#include "judge/classifier.h"
#include <stdint.h>

#define CLASSIFIER_BODY_MAX (1u << 20)

/* ---- classifier_shared.c */
struct remembered {
	bool allow;
	char reason[240];
};
/* A name for the fence: one a session, not to be guessed. */
char *shared_fence(void *ctx, const char *session);
bool shared_recall(const unsigned char key[16], struct remembered *out);
void shared_remember(const unsigned char key[16], const struct remembered *r);
/* False: the session has asked that many times. */
bool shared_spend(const char *session, uint32_t budget);
/* Seconds until the endpoint is tried again; 0: now. */
int64_t shared_closed(void);
void shared_result(bool ok);

/* ---- classifier_redact.c */
struct secrets {
	const char **v;
	size_t n;
};
/* Values of the caller's variables that are named like secrets, or that a
 * profile names; and the key. */
void
secrets_collect(void *ctx, const struct invocation *in, const struct policy *p,
		const char *key, struct secrets *out);
/* The text without them, and without what looks like one. */
char *secrets_replace(void *ctx, const struct secrets *s, const char *text);

/* ---- classifier_prompt.c */
/* The prompt with its slots filled; NULL with e set. */
char *prompt_system(void *ctx, const struct classifier_case *c, struct err *e);
/* The command, fenced. */
char *prompt_case(void *ctx, const struct classifier_case *c,
		  const struct secrets *s);
/* What is asked in that stage (1, 2). */
const char *prompt_question(int stage);

/* ---- classifier_api.c */
struct api {
	bool openai;
	const char *url, *host; /* host: for the record */
	const char *model, *key;
};
struct usage {
	int64_t in, out, cached;
};
int api_choose(void *ctx, const struct classifier_keys *k, struct api *out,
	       struct err *e);
char *api_request(void *ctx, const struct api *a, const char *rules,
		  const char *text, int stage);
/* The model's text. */
int api_answer(void *ctx, const struct api *a, const char *body, char **text,
	       struct usage *u, struct err *e);
/* The environment is the caller's: the gateway has none.  Another key than
 * the owner's makes the endpoint refuse, no more. */
int api_key(void *ctx, const struct classifier_keys *k,
	    const struct invocation *in, const char **key, struct err *e);
/* Stage 1: true when it passes.  Stage 2: 0 with *allow and *reason. */
bool answer_passes(const char *text);
int answer_reasoned(void *ctx, const char *text, bool *allow, char **reason,
		    struct err *e);

/* ---- classifier_http.c */
struct exchange {
	const struct api *api;
	const char *request;
	int timeout_ms;
	/* results */
	char *body;
	long status;
	int attempts;
	int64_t ms;
};
/* 0: a 200 with JSON in body. */
int http_ask(void *ctx, struct exchange *x, struct err *e);

#endif
