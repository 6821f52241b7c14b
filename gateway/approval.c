/* SPDX-License-Identifier: Apache-2.0 */
#include "approval.h"
#include "answer.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "kin.h"
#include "stages.h"
#include "wire/frame.h"
#include "wire/proto.h"
#include <errno.h>
#include <fcntl.h>
#include <git2.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS 300

static void
hash_text(crypto_generichash_state *h, const char *text)
{
	static const unsigned char end;

	if (text)
		crypto_generichash_update(h, (const unsigned char *)text,
					  strlen(text));
	crypto_generichash_update(h, &end, 1);
}

/* Another spelling with the same objects is another action; the same line with
 * other objects, too. */
char *
approval_fingerprint(void *ctx, const struct request *rq)
{
	unsigned char sum[16];
	crypto_generichash_state h;
	git_oid head;
	char hex[GIT_OID_HEXSZ + 1] = "";

	crypto_generichash_init(&h, NULL, 0, sizeof(sum));
	hash_text(&h, rq->in.tool);
	for (size_t i = 0; i < rq->in.argc; i++)
		hash_text(&h, rq->in.argv[i]);
	hash_text(&h, rq->in.cwd);
	for (size_t i = 0; i < rq->effects.n; i++) {
		const struct effect *fx = &rq->effects.v[i];

		hash_text(&h, effect_name(fx->kind));
		hash_text(&h, scope_name(fx->scope));
		hash_text(&h, fx->object);
		hash_text(&h, fx->why);
	}
	if (rq->cmd.repo && rq->cmd.repo->git &&
	    git_reference_name_to_id(&head, rq->cmd.repo->git, "HEAD") == 0)
		git_oid_tostr(hex, sizeof(hex), &head);
	hash_text(&h, hex);
	crypto_generichash_final(&h, sum, sizeof(sum));
	return text_hex(ctx, sum, sizeof(sum));
}

static int
look(void *ctx, struct request *rq, const char *print, char *state, size_t size,
     struct err *e)
{
	return channel_approval(
	    &rq->monitor, rq->in.session->id, print,
	    text_command(ctx, rq->in.argv, 1000), rq->in.cwd,
	    rq->verdict.reason ? rq->verdict.reason : "",
	    (int64_t)time(NULL) + rq->policy->approval_expires_s, &rq->pending,
	    state, size, e);
}

/* What to run, and with what: NULL-terminated; NULL: nothing. */
static char **
notifier(void *ctx, const struct request *rq)
{
	const char *program = rq->policy->approval_notify;
	char **argv = talloc_zero_array(ctx, char *, 8);
	char *number =
	    talloc_asprintf(ctx, "%llu", (unsigned long long)rq->pending);
	char *command = text_command(ctx, rq->in.argv, 1000);
	size_t n = 0;

	if (!program)
		return NULL;
	if (strcmp(program, "desktop") == 0) {
		argv[n++] = talloc_strdup(ctx, "/usr/bin/notify-send");
		argv[n++] = talloc_strdup(ctx, "--app-name=automode");
		argv[n++] = talloc_strdup(ctx, "--");
		argv[n++] = talloc_asprintf(ctx, "automode asks (%s)", number);
		argv[n++] =
		    text_markup(ctx, talloc_asprintf(ctx, "%s\n%s", command,
						     rq->verdict.reason));
		return argv;
	}
	if (*program != '/')
		return NULL;
	argv[n++] = talloc_strdup(ctx, program);
	argv[n++] = number;
	argv[n++] = command;
	argv[n++] = talloc_strdup(ctx, rq->verdict.reason);
	return argv;
}

/* The owner's program: number, command and reason as arguments; nobody waits
 * for it. */
static void
notify(void *ctx, const struct request *rq)
{
	char **argv = notifier(ctx, rq);
	char path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
	char *env[] = {
	    path, talloc_asprintf(ctx, "HOME=%s", rq->house->home),
	    talloc_asprintf(ctx, "XDG_RUNTIME_DIR=/run/user/%u", rq->in.uid),
	    talloc_asprintf(
		ctx, "DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/%u/bus",
		rq->in.uid),
	    NULL};
	int status;
	pid_t pid;

	if (!argv)
		return;
	pid = fork();
	if (pid == 0) {
		setsid();
		if (fork() == 0) {
			close_range(3, ~0U, 0);
			execve(argv[0], argv, env);
		}
		_exit(0);
	}
	if (pid > 0)
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
}

void
approval_seek(void *ctx, struct request *rq)
{
	struct err e = {0};
	char state[16];

	if (rq->verdict.kind != VERDICT_ASK || !rq->policy ||
	    rq->monitor.fd < 0 || rq->policy->approval_headless)
		return;
	rq->fingerprint = approval_fingerprint(ctx, rq);
	if (look(ctx, rq, rq->fingerprint, state, sizeof(state), &e) < 0) {
		answer_line(rq, e.msg);
		return;
	}
	if (strcmp(state, "approved") == 0) {
		rq->verdict.kind = VERDICT_ALLOW;
		rq->verdict.layer = "a person";
		rq->verdict.reason = talloc_asprintf(
		    ctx, "%s; a person approved it (%llu)", rq->verdict.reason,
		    (unsigned long long)rq->pending);
		rq->pending = 0;
		return;
	}
	rq->rejected = strcmp(state, "rejected") == 0;
	if (!rq->rejected)
		notify(ctx, rq);
}

/* Of the shim while we wait: true when it ends the waiting. */
static bool
take_frame(struct request *rq)
{
	static const int ends[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
	void *ctx = talloc_new(rq);
	struct fields fields;
	struct frame f;
	uint64_t number = 0;
	bool read = frame_read(ctx, rq->client, LOOK_MS, &f, NULL) == 0;

	if (read && f.type == FRAME_SIGNAL) {
		fields_init(&fields, f.body, f.len);
		number = fields_u64(&fields);
		if (!fields_done(&fields))
			number = 0;
	}
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (number == (uint64_t)ends[i])
			rq->interrupted = ends[i];
	talloc_free(ctx);
	return !read || rq->interrupted;
}

/* Has the caller gone, or had enough of it (^C)? */
static bool
gone(struct request *rq)
{
	struct pollfd p = {rq->client, POLLIN | POLLRDHUP, 0};

	if (rq->client < 0 || poll(&p, 1, LOOK_MS) != 1)
		return false;
	return (p.revents & (POLLRDHUP | POLLHUP | POLLERR)) ||
	       ((p.revents & POLLIN) && take_frame(rq));
}

static bool
was_answered(struct request *rq, char *state, size_t size)
{
	struct err e = {0};

	/* looked at, not used up: that is for the judge of the second turn */
	return channel_approval_state(&rq->monitor, rq->pending, state, size,
				      &e) == 0 &&
	       strcmp(state, "waiting") != 0;
}

bool
approval_wait(void *ctx, struct request *rq)
{
	time_t until = time(NULL) + rq->policy->approval_wait_s;
	char state[16] = "waiting";

	if (!rq->pending || rq->rejected || rq->policy->approval_wait_s <= 0)
		return false;
	answer_line(
	    rq, talloc_asprintf(ctx,
				"automode: waits for a person: %s (automode "
				"approve %llu, or reject)",
				rq->verdict.reason,
				(unsigned long long)rq->pending));
	while (time(NULL) < until) {
		if (gone(rq))
			return false;
		if (was_answered(rq, state, sizeof(state)))
			break;
	}
	rq->rejected = strcmp(state, "rejected") == 0;
	if (strcmp(state, "approved") != 0)
		return false;
	stage_forget(rq);
	return true;
}

/* ------------------------------------------------ who may answer */

char *
approval_forbidden(void *ctx, const struct request *rq, pid_t asker)
{
	const char *session = invocation_env(&rq->in, "AUTOMODE_SESSION");
	const char *scheduler;

	/* taking the variable away does not help: whoever started the asker
	 * has it still, and what stems from a session is marked */
	if ((session && *session) || asker <= 0 || kin_inside(ctx, asker))
		return talloc_asprintf(
		    ctx, "this shell belongs to a session of automode; answer "
			 "from another terminal");
	scheduler = kin_scheduler(ctx, asker);
	if (scheduler)
		return talloc_asprintf(ctx,
				       "an answer is given by a person at a "
				       "terminal, not by %s",
				       scheduler);
	if (!kin_has_terminal(ctx, asker))
		return talloc_asprintf(
		    ctx,
		    "an answer is given by a person at a terminal, and this "
		    "process has none");
	return NULL;
}
