/* SPDX-License-Identifier: Apache-2.0 */
/* Taking the workers' reports: one table, type to function. */
#include "ledger.h"
#include "base/listed.h"
#include "base/text.h"
#include "log.h"
#include "sessions.h"
#include "wire/frame.h"
#include <sodium.h>
#include <talloc.h>

#define WORD_MAX  (64u << 10)
#define FACTS_MAX (256u << 10)

/* A worker has parsed what an agent sent: whatever it names has to belong to
 * the uid that it serves. */
static struct session *
session_of(struct ledger *l, const struct report *r, const char *id,
	   struct err *e)
{
	struct session *s = sessions_named(l->sessions, id);

	if (s != NULL && s->uid == r->uid)
		return s;
	err_set(e, ERR_UNKNOWN, "there is no session %.64s", id);
	return NULL;
}

static int
cut_short(struct err *e)
{
	return err_set(e, ERR_SYNTAX, "a malformed report");
}

/* For the breaker: denials in a row end with whatever is allowed. */
static int
count_verdict(struct ledger *l, struct session *s, const char *verdict,
	      struct err *e)
{
	if (*verdict == '\0')
		return 0;
	if (strcmp(verdict, "allow") != 0) {
		s->denied_row++;
		s->denied_total++;
	} else if (s->denied_row == 0) {
		return 0;
	} else {
		s->denied_row = 0;
	}
	l->changes++;
	return store_denials(l->store, s->id, s->denied_row, s->denied_total,
			     e);
}

static int
take_record(void *ctx, struct ledger *l, const struct report *r,
	    struct fields *f, uint64_t *value, struct err *e)
{
	/* The gateway's own kinds are not for workers. */
	static const char *const ours[] = {"start", "crash", NULL};
	const char *kind = fields_bytes(ctx, f, NULL);
	const char *session = fields_bytes(ctx, f, NULL);
	const char *json = fields_bytes(ctx, f, NULL);
	const char *verdict = fields_bytes(ctx, f, NULL);
	struct session *s;

	if (!fields_done(f) || !session_id_valid(kind) || is_listed(kind, ours))
		return cut_short(e);
	s = session_of(l, r, session, e);
	if (s == NULL || count_verdict(l, s, verdict, e) < 0)
		return e->code;
	return store_record(l->store, kind, session, json, value, e);
}

static int
take_entry(void *ctx, struct ledger *l, const struct report *r,
	   struct fields *f, uint64_t *value, struct err *e)
{
	static const char *const states[] = {"open",   "kept",	  "dropped",
					     "undone", "expired", NULL};
	const char *op = fields_bytes(ctx, f, NULL), *v[4];
	uint64_t id, bytes;

	if (op != NULL && strcmp(op, "new") == 0) {
		for (int i = 0; i < 4; i++)
			v[i] = fields_bytes(ctx, f, NULL);
		if (!fields_done(f) || v[2][0] != '/')
			return cut_short(e);
		if (session_of(l, r, v[0], e) == NULL)
			return e->code;
		return store_entry_new(l->store, v[0], v[1], v[2], v[3], value,
				       e);
	}
	if (op == NULL || strcmp(op, "state") != 0)
		return cut_short(e);
	id = fields_u64(f);
	v[0] = fields_bytes(ctx, f, NULL);
	v[1] = fields_bytes(ctx, f, NULL);
	bytes = fields_u64(f);
	if (!fields_done(f) || !is_listed(v[0], states) || bytes > INT64_MAX ||
	    id > INT64_MAX)
		return cut_short(e);
	return store_entry_state(l->store, id,
				 r->uid == l->uid ? NULL : &r->uid, v[0], v[1],
				 bytes, e);
}

static int
new_session(struct ledger *l, const struct report *r, const char *id,
	    const char *dir, struct err *e)
{
	struct session *s = sessions_named(l->sessions, id);
	int rc;

	if (s != NULL && s->uid == r->uid)
		return 0; /* taken up again: it began where it began */
	if (s != NULL)
		return err_set(e, ERR_UNKNOWN, "that session is not yours");
	l->changes++;
	sessions_trim(l->sessions);
	s = sessions_add(l->ctx, l->sessions, id, dir, r->uid);
	rc = store_session_new(l->store, s, e);
	if (rc < 0) {
		l->sessions->n--;
		talloc_free(s);
	}
	return rc;
}

static int
take_session(void *ctx, struct ledger *l, const struct report *r,
	     struct fields *f, uint64_t *value, struct err *e)
{
	const char *op = fields_bytes(ctx, f, NULL);
	const char *id = fields_bytes(ctx, f, NULL);
	const char *a = fields_bytes(ctx, f, NULL), *b;
	struct session *s;
	int rc;

	(void)value;
	if (!r->control)
		return err_set(e, ERR_UNKNOWN,
			       "sessions change by the control socket only");
	if (op != NULL && strcmp(op, "new") == 0) {
		if (!fields_done(f) || !session_id_valid(id) ||
		    strncmp(id, "default", 7) == 0 || a[0] != '/')
			return cut_short(e);
		return new_session(l, r, id, a, e);
	}
	b = fields_bytes(ctx, f, NULL);
	if (!fields_done(f) || strcmp(op, "word") != 0)
		return cut_short(e);
	if (strlen(b) > WORD_MAX)
		return err_set(e, ERR_LIMIT, "a text of more than %u bytes",
			       WORD_MAX);
	s = session_of(l, r, id, e);
	if (s == NULL)
		return e->code;
	rc = store_word(l->store, id, a, b, e);
	if (rc < 0)
		return rc;
	l->changes++;
	sessions_word(s, a, b);
	/* the person has spoken: a new beginning for the agent */
	s->denied_row = 0;
	return store_denials(l->store, id, 0, s->denied_total, e);
}

/* "ask": session, fingerprint, command, cwd, reason, expires; the state goes
 * into the answer's text.  "decide": id, state. */
static int
take_approval(void *ctx, struct ledger *l, const struct report *r,
	      struct fields *f, uint64_t *value, struct err *e)
{
	static const char *const states[] = {"approved", "rejected", NULL};
	const char *op = fields_bytes(ctx, f, NULL), *state;
	struct approval a = {.uid = r->uid};

	if (op != NULL && strcmp(op, "ask") == 0) {
		a.session = fields_bytes(ctx, f, NULL);
		a.fingerprint = fields_bytes(ctx, f, NULL);
		a.command = fields_bytes(ctx, f, NULL);
		a.cwd = fields_bytes(ctx, f, NULL);
		a.reason = fields_bytes(ctx, f, NULL);
		a.expires = (int64_t)fields_u64(f);
		if (!fields_done(f))
			return cut_short(e);
		if (session_of(l, r, a.session, e) == NULL)
			return e->code;
		return store_approval_ask(l->store, &a, value, l->said,
					  sizeof(l->said), e);
	}
	*value = fields_u64(f);
	if (op != NULL && strcmp(op, "state") == 0)
		return !fields_done(f)
			   ? cut_short(e)
			   : store_approval_state(l->store, *value, r->uid,
						  l->said, sizeof(l->said), e);
	state = fields_bytes(ctx, f, NULL);
	if (!fields_done(f) || !is_listed(state, states))
		return cut_short(e);
	if (!r->control)
		return err_set(e, ERR_UNKNOWN,
			       "approvals come by the control socket only");
	return store_approval_decide(
	    l->store, *value, r->uid == l->uid ? NULL : &r->uid, state, e);
}

static int
take_facts(void *ctx, struct ledger *l, const struct report *r,
	   struct fields *f, uint64_t *value, struct err *e)
{
	const char *id = fields_bytes(ctx, f, NULL);
	const char *project = fields_bytes(ctx, f, NULL);
	const char *text = fields_bytes(ctx, f, NULL);
	struct session *s, *other;
	int rc;

	(void)value;
	if (!fields_done(f))
		return cut_short(e);
	if (strlen(text) > FACTS_MAX)
		return err_set(e, ERR_LIMIT, "facts of more than %u bytes",
			       FACTS_MAX);
	s = session_of(l, r, id, e);
	if (s == NULL)
		return e->code;
	l->changes++;
	text = sessions_facts(s, project, text);
	rc = store_facts(l->store, id, project, text, e);
	other = rc < 0 ? NULL : sessions_share(l->sessions, s, project);
	return other ? store_facts(l->store, other->id, project, text, e) : rc;
}

static const struct {
	enum frame_type type;
	int (*take)(void *ctx, struct ledger *l, const struct report *r,
		    struct fields *f, uint64_t *value, struct err *e);
} reports[] = {
    {FRAME_RECORD, take_record},     {FRAME_ENTRY, take_entry},
    {FRAME_SESSION, take_session},   {FRAME_FACTS, take_facts},
    {FRAME_APPROVAL, take_approval},
};

static int
take(void *ctx, struct ledger *l, const struct report *r, uint64_t *value,
     struct err *e)
{
	struct fields f;

	for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++) {
		if (reports[i].type != r->type)
			continue;
		if (!l->open && store_begin(l->store, e) < 0)
			return e->code;
		l->open = true;
		fields_init(&f, r->body, r->len);
		return reports[i].take(ctx, l, r, &f, value, e);
	}
	return cut_short(e);
}

void
ledger_take(struct ledger *l, const struct report *r, struct ledger_answer *out)
{
	void *ctx = talloc_new(NULL);
	struct err e = {0};

	*out = (struct ledger_answer){0};
	l->said[0] = '\0';
	if (take(ctx, l, r, &out->value, &e) < 0) {
		out->failed = true;
		out->value = 0;
		snprintf(out->text, sizeof(out->text), "%s",
			 text_safe(ctx, e.msg));
		log_line("a report was refused: %s", e.msg);
	} else {
		snprintf(out->text, sizeof(out->text), "%s", l->said);
	}
	talloc_free(ctx);
}

int
ledger_commit(struct ledger *l, struct err *e)
{
	if (!l->open)
		return 0;
	l->open = false;
	return store_commit(l->store, e);
}

void
ledger_note(struct ledger *l, const char *kind, const char *json)
{
	struct err e = {0};
	uint64_t seq;

	if (store_record(l->store, kind, "", json, &seq, &e) < 0)
		log_line("%s", e.msg);
}

int
ledger_default_session(struct ledger *l, uint32_t uid, const char *home,
		       struct err *e)
{
	unsigned char random[8];
	char hex[17], id[32];

	if (sessions_default(l->sessions, uid) != NULL)
		return 0;
	l->changes++;
	randombytes_buf(random, sizeof(random));
	sodium_bin2hex(hex, sizeof(hex), random, sizeof(random));
	snprintf(id, sizeof(id), "default-%s", hex);
	return store_session_new(
	    l->store, sessions_add(l->ctx, l->sessions, id, home, uid), e);
}
