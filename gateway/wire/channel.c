/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The worker's side of its channel to the monitor: one frame, one answer.
 * Without an answer nothing may run: the record is then not known to exist.
 */
#include "wire/channel.h"
#include "wire/frame.h"
#include <talloc.h>

#define ANSWER_MS 30000 /* a loaded disk's fsync takes seconds, not this */

/* The monitor answers in order. */
static int
read_owed(void *ctx, struct channel *c, struct err *e)
{
	struct frame ack;
	int rc = 0;

	for (; c->owed && rc == 0; c->owed--)
		rc = frame_read(ctx, c->fd, ANSWER_MS, &ack, e);
	return rc == 1 ? err_set(e, ERR_SYSTEM, "the gateway has ended") : rc;
}

/* Sends f, frees ctx (which owns it), and gives the answer's value. */
static int
ask_for(void *ctx, struct channel *c, const struct frame_out *f,
	uint64_t *value, char *said, size_t size, struct err *e)
{
	struct fields fields;
	uint64_t failed, v;
	struct frame ack;
	char *text;
	int rc;

	rc = read_owed(ctx, c, e);
	if (rc == 0)
		rc = frame_send(c->fd, f, NULL, 0, ANSWER_MS, e);
	if (rc < 0)
		goto out;
	rc = frame_read(ctx, c->fd, ANSWER_MS, &ack, e);
	if (rc == 1)
		rc = err_set(e, ERR_SYSTEM, "the gateway has ended");
	if (rc < 0)
		goto out;
	fields_init(&fields, ack.body, ack.len);
	failed = fields_u64(&fields);
	v = fields_u64(&fields);
	text = fields_bytes(ctx, &fields, NULL);
	if (ack.type != FRAME_ACK || !fields_done(&fields))
		rc =
		    err_set(e, ERR_SYNTAX, "the gateway's answer is malformed");
	else if (failed)
		rc = err_set(e, ERR_SYSTEM, "%s",
			     *text ? text : "the gateway gave no reason");
	else if (value)
		*value = v;
	if (rc == 0 && said)
		snprintf(said, size, "%s", text);
out:
	talloc_free(ctx);
	return rc < 0 ? err_wrap(e, "telling the gateway") : 0;
}

static int
ask(void *ctx, struct channel *c, const struct frame_out *f, uint64_t *value,
    struct err *e)
{
	return ask_for(ctx, c, f, value, NULL, 0, e);
}

static void *
begin(struct frame_out *f, enum frame_type type)
{
	void *ctx = talloc_new(NULL);

	if (!ctx)
		BUG("out of memory");
	frame_out_init(ctx, f, type);
	return ctx;
}

static void *
begin_record(struct frame_out *f, const char *kind, const char *session,
	     const char *json, const char *verdict)
{
	void *ctx = begin(f, FRAME_RECORD);

	frame_out_str(f, kind);
	frame_out_str(f, session);
	frame_out_str(f, json);
	frame_out_str(f, verdict);
	return ctx;
}

int
channel_record(struct channel *c, const char *kind, const char *session,
	       const char *json, uint64_t *seq, struct err *e)
{
	struct frame_out f;
	void *ctx;

	if (seq)
		*seq = 0;
	if (c->fd == -1)
		return 0;
	ctx = begin_record(&f, kind, session, json, "");
	return ask(ctx, c, &f, seq, e);
}

int
channel_decision(struct channel *c, const char *session, const char *json,
		 const char *verdict, uint64_t *seq, struct err *e)
{
	struct frame_out f;
	void *ctx;

	*seq = 0;
	if (c->fd == -1)
		return 0;
	ctx = begin_record(&f, "decision", session, json, verdict);
	return ask(ctx, c, &f, seq, e);
}

int
channel_approval(struct channel *c, const char *session,
		 const char *fingerprint, const char *command, const char *cwd,
		 const char *reason, int64_t expires, uint64_t *id, char *state,
		 size_t size, struct err *e)
{
	struct frame_out f;
	void *ctx;

	*id = 0;
	snprintf(state, size, "waiting");
	if (c->fd == -1)
		return 0;
	ctx = begin(&f, FRAME_APPROVAL);
	frame_out_str(&f, "ask");
	frame_out_str(&f, session);
	frame_out_str(&f, fingerprint);
	frame_out_str(&f, command);
	frame_out_str(&f, cwd);
	frame_out_str(&f, reason);
	frame_out_u64(&f, (uint64_t)expires);
	return ask_for(ctx, c, &f, id, state, size, e);
}

int
channel_approval_state(struct channel *c, uint64_t id, char *state, size_t size,
		       struct err *e)
{
	struct frame_out f;
	void *ctx;

	snprintf(state, size, "waiting");
	if (c->fd == -1)
		return 0;
	ctx = begin(&f, FRAME_APPROVAL);
	frame_out_str(&f, "state");
	frame_out_u64(&f, id);
	return ask_for(ctx, c, &f, NULL, state, size, e);
}

int
channel_approve(struct channel *c, uint64_t id, const char *state,
		struct err *e)
{
	struct frame_out f;
	void *ctx;

	if (c->fd == -1)
		return 0;
	ctx = begin(&f, FRAME_APPROVAL);
	frame_out_str(&f, "decide");
	frame_out_u64(&f, id);
	frame_out_str(&f, state);
	return ask(ctx, c, &f, NULL, e);
}

int
channel_record_last(struct channel *c, const char *kind, const char *session,
		    const char *json, struct err *e)
{
	struct frame_out f;
	void *ctx;
	int rc;

	if (c->fd == -1)
		return 0;
	ctx = begin_record(&f, kind, session, json, "");
	rc = frame_send(c->fd, &f, NULL, 0, ANSWER_MS, e);
	c->owed += rc == 0;
	talloc_free(ctx);
	return rc < 0 ? err_wrap(e, "telling the gateway") : 0;
}

int
channel_entry_new(struct channel *c, const char *session, const char *project,
		  const char *vault, const char *summary, uint64_t *id,
		  struct err *e)
{
	struct frame_out f;
	void *ctx;

	*id = 1;
	if (c->fd == -1)
		return 0;
	*id = 0;
	ctx = begin(&f, FRAME_ENTRY);
	frame_out_str(&f, "new");
	frame_out_str(&f, session);
	frame_out_str(&f, project);
	frame_out_str(&f, vault);
	frame_out_str(&f, summary);
	return ask(ctx, c, &f, id, e);
}

static void *
begin_state(struct frame_out *f, uint64_t id, const char *state,
	    const char *kept, uint64_t bytes)
{
	void *ctx = begin(f, FRAME_ENTRY);

	frame_out_str(f, "state");
	frame_out_u64(f, id);
	frame_out_str(f, state);
	frame_out_str(f, kept);
	frame_out_u64(f, bytes);
	return ctx;
}

int
channel_entry_state(struct channel *c, uint64_t id, const char *state,
		    const char *kept, uint64_t bytes, struct err *e)
{
	struct frame_out f;
	void *ctx;

	if (c->fd == -1)
		return 0;
	ctx = begin_state(&f, id, state, kept, bytes);
	return ask(ctx, c, &f, NULL, e);
}

int
channel_entry_state_last(struct channel *c, uint64_t id, const char *state,
			 const char *kept, uint64_t bytes, struct err *e)
{
	struct frame_out f;
	void *ctx;
	int rc;

	if (c->fd == -1)
		return 0;
	ctx = begin_state(&f, id, state, kept, bytes);
	rc = frame_send(c->fd, &f, NULL, 0, ANSWER_MS, e);
	c->owed += rc == 0;
	talloc_free(ctx);
	return rc < 0 ? err_wrap(e, "telling the gateway") : 0;
}

int
channel_session_new(struct channel *c, const char *id, const char *dir,
		    struct err *e)
{
	struct frame_out f;
	void *ctx;

	if (c->fd == -1)
		return 0;
	ctx = begin(&f, FRAME_SESSION);
	frame_out_str(&f, "new");
	frame_out_str(&f, id);
	frame_out_str(&f, dir);
	return ask(ctx, c, &f, NULL, e);
}

int
channel_word(struct channel *c, const char *session, const char *source,
	     const char *text, struct err *e)
{
	struct frame_out f;
	void *ctx;

	if (c->fd == -1)
		return 0;
	ctx = begin(&f, FRAME_SESSION);
	frame_out_str(&f, "word");
	frame_out_str(&f, session);
	frame_out_str(&f, source);
	frame_out_str(&f, text);
	return ask(ctx, c, &f, NULL, e);
}

int
channel_facts(struct channel *c, const char *session, const char *project,
	      const char *facts, struct err *e)
{
	struct frame_out f;
	void *ctx;

	if (c->fd == -1)
		return 0;
	ctx = begin(&f, FRAME_FACTS);
	frame_out_str(&f, session);
	frame_out_str(&f, project);
	frame_out_str(&f, facts);
	return ask(ctx, c, &f, NULL, e);
}
