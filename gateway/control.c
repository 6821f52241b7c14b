/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Control requests.  The entries to undo are looked up by the command line,
 * which has a handle on the audit; a worker cannot (audit/store.h).
 */
#include "control.h"
#include "approval.h"
#include "base/file.h"
#include "base/text.h"
#include "effects/secrets.h"
#include "fetched.h"
#include "kin.h"
#include "monitor.h"
#include "policy/trust.h"
#include "profile_seen.h"
#include "reversal/manifest.h"
#include "reversal/undo.h"
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <signal.h>
#include <sodium.h>
#include <unistd.h>

static void
put(int fd, const char *text)
{
	if (fd >= 0)
		(void)file_write_all(fd, text, strlen(text));
}

static void
complain(const struct request *rq, const char *text)
{
	put(rq->in.stdio[2], "automode: ");
	put(rq->in.stdio[2], text);
	put(rq->in.stdio[2], "\n");
}

static int
print_json(struct request *rq, cJSON *o)
{
	char *text = cJSON_PrintUnformatted(o);

	cJSON_Delete(o);
	if (text == NULL)
		BUG("out of memory");
	put(rq->in.stdio[1], text);
	put(rq->in.stdio[1], "\n");
	cJSON_free(text);
	return 0;
}

/* The repository in which the session begins, as it is now. */
static void
note_first_facts(void *ctx, struct request *rq, const char *session)
{
	struct repository_hints hints = {.cwd = rq->in.cwd};
	struct repository *repo = NULL;
	struct err e = {0};

	if (repository_find(ctx, &hints, rq->in.uid, &repo, &e) < 0 || !repo)
		return;
	repository_open(ctx, repo);
	(void)channel_facts(&rq->monitor, session, repo->id,
			    reversal_project_facts(ctx, repo), &e);
	if (repo->worktree)
		profile_seen_note(ctx, &rq->monitor, NULL, session,
				  repo->worktree);
}

/* A session that is begun from inside of another is no new beginning: what
 * was known there is known here. */
static void
note_inherited(void *ctx, struct request *rq, const char *session)
{
	const char *above = kin_session(ctx, rq->in.pid);
	const struct session *s = NULL;
	struct err e = {0};
	bool known;

	if (!above) {
		(void)channel_facts(&rq->monitor, session, SESSION_ENVIRON,
				    secrets_env_facts(ctx, &rq->in), &e);
		return;
	}
	s = session_find(&rq->house->sessions, above, rq->in.uid, &known);
	for (size_t i = 0; i < s->nprojects; i++)
		(void)channel_facts(&rq->monitor, session,
				    s->projects[i].project, s->projects[i].text,
				    &e);
}

static int
session_new(void *ctx, struct request *rq)
{
	unsigned char random[16];
	const char *id = rq->in.argv[1];
	struct err e = {0};

	if (id == NULL) {
		randombytes_buf(random, sizeof(random));
		id = text_hex(ctx, random, sizeof(random));
	}
	if (!session_id_valid(id) || strncmp(id, "default", 7) == 0) {
		complain(rq, "a session's name has 1 to 64 letters, digits, "
			     "\"-\" and \"_\", and does not begin with "
			     "\"default\"");
		return EXIT_USAGE;
	}
	if (channel_session_new(&rq->monitor, id, rq->in.cwd, &e) < 0) {
		complain(rq, e.msg);
		return 1;
	}
	note_inherited(ctx, rq, id);
	note_first_facts(ctx, rq, id);
	put(rq->in.stdio[1], id);
	put(rq->in.stdio[1], "\n");
	return 0;
}

static int
word(void *ctx, struct request *rq)
{
	const char *id = invocation_env(&rq->in, "AUTOMODE_SESSION");
	const char *source = "intent";
	struct err e = {0};
	bool known;

	(void)session_find(&rq->house->sessions, id, rq->in.uid, &known);
	if (id != NULL && *id != '\0' && !known) {
		complain(rq, talloc_asprintf(ctx, "there is no session \"%s\"",
					     text_safe(ctx, id)));
		return 1;
	}
	if (rq->in.argc == 3)
		source = rq->in.argv[2];
	if (rq->in.argc < 2 || rq->in.argc > 3 || !session_id_valid(source)) {
		complain(rq, "word takes one text and its source");
		return EXIT_USAGE;
	}
	if (channel_word(&rq->monitor, rq->in.session->id, source,
			 rq->in.argv[1], &e) < 0) {
		complain(rq, e.msg);
		return 1;
	}
	return 0;
}

static int progress_fd = -1;

static void
show_progress(size_t done, size_t total)
{
	dprintf(progress_fd, "\r\033[Kautomode: %zu of %zu%s", done, total,
		done == total ? "\r\033[K" : "");
}

/* An entry that was the undo of another is taken back: then that other one
 * stands again as it did before. */
static void
restate(void *ctx, struct request *rq, const char *vault, uint64_t id)
{
	char *dir = talloc_asprintf(ctx, "%s/entries/%" PRIu64, vault, id);
	struct manifest m;

	if (manifest_read(ctx, dir, &m, NULL) == 0 && m.undoes != 0)
		(void)channel_entry_state(&rq->monitor, m.undoes, "kept", "", 0,
					  NULL);
}

static int
print_undone(void *ctx, struct request *rq, uint64_t id,
	     const struct undo_report *r, bool dry_run, bool json)
{
	const char *lines = r->lines != NULL ? r->lines : "";
	cJSON *o;

	if (json) {
		o = cJSON_CreateObject();
		cJSON_AddNumberToObject(o, "entry", (double)id);
		cJSON_AddBoolToObject(o, "dry_run", dry_run);
		cJSON_AddNumberToObject(o, "restored", (double)r->restored);
		cJSON_AddNumberToObject(o, "already", (double)r->already);
		cJSON_AddNumberToObject(o, "beside", (double)r->beside);
		if (r->entry != 0)
			cJSON_AddNumberToObject(o, "undo", (double)r->entry);
		else
			cJSON_AddNullToObject(o, "undo");
		cJSON_AddStringToObject(o, "text", lines);
		return print_json(rq, o);
	}
	put(rq->in.stdio[1], lines);
	if (*lines != '\0' && lines[strlen(lines) - 1] != '\n')
		put(rq->in.stdio[1], "\n");
	put(rq->in.stdio[1],
	    talloc_asprintf(ctx, "%s %s back%s", dry_run ? "would put" : "put",
			    text_count(ctx, r->restored, "item"),
			    dry_run ? "" : " as before"));
	if (r->already > 0)
		put(rq->in.stdio[1],
		    talloc_asprintf(ctx, ", %zu unchanged", r->already));
	if (r->beside > 0)
		put(rq->in.stdio[1],
		    talloc_asprintf(ctx, ", %zu beside newer ones", r->beside));
	if (r->entry != 0 && !dry_run)
		put(rq->in.stdio[1],
		    talloc_asprintf(ctx,
				    "; take it back: automode undo %" PRIu64,
				    r->entry));
	put(rq->in.stdio[1], "\n");
	return 0;
}

static int
undo(void *ctx, struct request *rq)
{
	bool dry_run = false, json = false;
	struct undo_report r = {0};
	struct err e = {0};
	int64_t id;

	if (rq->in.argc < 3 || rq->in.argv[2][0] != '/' ||
	    text_number(rq->in.argv[1], 1, INT64_MAX, &id, &e) < 0) {
		complain(rq, "undo takes an entry and its vault");
		return EXIT_USAGE;
	}
	for (size_t i = 3; i < rq->in.argc; i++) {
		dry_run |= strcmp(rq->in.argv[i], "--dry-run") == 0;
		json |= strcmp(rq->in.argv[i], "--json") == 0;
	}
	if (rq->in.stdio[2] >= 0 && isatty(rq->in.stdio[2]))
		progress_fd = rq->in.stdio[2];
	undo_remote_by(fetched_carry, rq);
	if (undo_entry(ctx, &rq->in, &rq->monitor, rq->in.argv[2], (uint64_t)id,
		       dry_run, progress_fd >= 0 ? show_progress : NULL, &r,
		       &e) < 0) {
		complain(rq, talloc_asprintf(ctx, "undo of %" PRId64 ": %s", id,
					     e.msg));
		return 1;
	}
	if (!dry_run) {
		if (channel_entry_state(&rq->monitor, (uint64_t)id, "undone",
					"", 0, &e) < 0)
			complain(rq, e.msg);
		restate(ctx, rq, rq->in.argv[2], (uint64_t)id);
	}
	return print_undone(ctx, rq, (uint64_t)id, &r, dry_run, json);
}

static int
status(void *ctx, struct request *rq)
{
	const struct house *h = rq->house;
	cJSON *o = cJSON_CreateObject();

	(void)ctx;
	cJSON_AddStringToObject(o, "version", VERSION);
	cJSON_AddNumberToObject(o, "pid", getppid());
	cJSON_AddNumberToObject(o, "uptime_s",
				(double)(time(NULL) - monitor_view.started));
	cJSON_AddNumberToObject(o, "idle_s", monitor_view.idle_s);
	cJSON_AddNumberToObject(o, "workers", (double)monitor_view.workers);
	cJSON_AddNumberToObject(o, "served", (double)monitor_view.served);
	cJSON_AddNumberToObject(o, "sessions", (double)h->sessions.n);
	cJSON_AddStringToObject(o, "session", rq->in.session->id);
	cJSON_AddStringToObject(o, "state_dir", h->state_dir);
	cJSON_AddBoolToObject(o, "bwrap", h->probe.works);
	if (!h->probe.works)
		cJSON_AddStringToObject(o, "bwrap_text", h->probe.text);
	if (h->policy_error != NULL)
		cJSON_AddStringToObject(o, "policy_error", h->policy_error);
	else
		cJSON_AddNullToObject(o, "policy_error");
	return print_json(rq, o);
}

static int
stop(void *ctx, struct request *rq)
{
	(void)ctx;
	if (kill(getppid(), SIGTERM) == 0)
		return 0;
	complain(rq, "the gateway is not this user's to end");
	return 1;
}

static int
decide(void *ctx, struct request *rq, const char *state)
{
	struct err e = {0};
	char *why = approval_forbidden(ctx, rq, rq->in.pid);
	int64_t id;

	if (rq->in.argc != 2 ||
	    text_number(rq->in.argv[1], 1, INT64_MAX, &id, &e) < 0) {
		complain(rq, "approve and reject take a number of automode "
			     "pending");
		return EXIT_USAGE;
	}
	if (why) {
		complain(rq, why);
		return EXIT_DENIED;
	}
	if (channel_approve(&rq->monitor, (uint64_t)id, state, &e) < 0) {
		complain(rq, e.msg);
		return 1;
	}
	return 0;
}

static int
approve(void *ctx, struct request *rq)
{
	return decide(ctx, rq, "approved");
}

static int
reject(void *ctx, struct request *rq)
{
	return decide(ctx, rq, "rejected");
}

/* HASH PATH, or "" PATH: not any more.  What loosens is a person's to say,
 * what tightens anybody's. */
static int
trust(void *ctx, struct request *rq)
{
	const char *hash = rq->in.argc == 3 ? rq->in.argv[1] : "-";
	char *list = trust_list(ctx, rq->house->state_dir, rq->house->home);
	char *why = *hash ? approval_forbidden(ctx, rq, rq->in.pid) : NULL;
	char *text;
	struct err e = {0};
	uint64_t seq;
	cJSON *o;

	if (!list || (*hash && !trust_hash_valid(hash))) {
		complain(rq, "trust takes a hash and a path");
		return EXIT_USAGE;
	}
	if (why) {
		complain(rq, why);
		return EXIT_DENIED;
	}
	o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "profile", text_safe(ctx, rq->in.argv[2]));
	cJSON_AddStringToObject(o, "hash", hash);
	text = cJSON_PrintUnformatted(o);
	cJSON_Delete(o);
	if (channel_record(&rq->monitor, *hash ? "trust" : "untrust",
			   rq->in.session->id, text, &seq, &e) < 0 ||
	    trust_set(list, rq->in.argv[2], *hash ? hash : NULL, &e) < 0) {
		cJSON_free(text);
		complain(rq, e.msg);
		return 1;
	}
	cJSON_free(text);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(void *ctx, struct request *rq);
} commands[] = {
    {"session-new", session_new}, {"word", word},     {"undo", undo},
    {"status", status},		  {"ping", status},   {"stop", stop},
    {"approve", approve},	  {"reject", reject}, {"trust", trust},
};

int
control_run(void *ctx, struct request *rq)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, rq->in.argv[0]) == 0)
			return commands[i].run(ctx, rq);
	complain(rq, "the gateway knows no such command");
	return EXIT_USAGE;
}
