/* SPDX-License-Identifier: Apache-2.0 */
#include "approval.h"
#include "answer.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "stages.h"
#include <errno.h>
#include <fcntl.h>
#include <git2.h>
#include <poll.h>
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
		    talloc_asprintf(ctx, "%s\n%s", command, rq->verdict.reason);
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
	    rq->monitor.fd < 0)
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

/* Has the caller gone? */
static bool
gone(const struct request *rq)
{
	struct pollfd p = {rq->client, POLLRDHUP, 0};

	return rq->client >= 0 && poll(&p, 1, LOOK_MS) == 1 &&
	       (p.revents & (POLLRDHUP | POLLHUP | POLLERR));
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

/* Field n of /proc/PID/stat behind the name, counted as proc(5) does. */
static long
stat_field(void *ctx, pid_t pid, int n)
{
	char *text, *p;
	size_t len;

	if (file_read(ctx, AT_FDCWD, talloc_asprintf(ctx, "/proc/%d/stat", pid),
		      4096, &text, &len, NULL) != 0)
		return -1;
	p = strrchr(text, ')');
	for (int i = 2; p && i < n; i++)
		p = strchr(p + 1, ' ');
	return p ? strtol(p + 1, NULL, 10) : -1;
}

static bool
has_session(void *ctx, pid_t pid)
{
	static const char name[] = "AUTOMODE_SESSION=";
	char *env;
	size_t len;

	return file_read(ctx, AT_FDCWD,
			 talloc_asprintf(ctx, "/proc/%d/environ", pid), 1 << 20,
			 &env, &len, NULL) == 0 &&
	       (strncmp(env, name, strlen(name)) == 0 ||
		memmem(env, len, "\0AUTOMODE_SESSION=", strlen(name) + 1));
}

char *
approval_forbidden(void *ctx, const struct request *rq, pid_t asker)
{
	const char *session = invocation_env(&rq->in, "AUTOMODE_SESSION");
	bool inside = session && *session;

	/* taking the variable away does not help: whoever started the asker
	 * has it still */
	for (pid_t p = asker; p > 1 && !inside;
	     p = (pid_t)stat_field(ctx, p, 4))
		inside = has_session(ctx, p);
	if (inside)
		return talloc_asprintf(
		    ctx, "this shell belongs to a session of automode; answer "
			 "from another terminal");
	if (asker > 0 && stat_field(ctx, asker, 7) == 0)
		return talloc_asprintf(
		    ctx,
		    "an answer is given by a person at a terminal, and this "
		    "process has none");
	return NULL;
}
