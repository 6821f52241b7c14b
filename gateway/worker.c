/* SPDX-License-Identifier: Apache-2.0 */
/* A worker's life, from fork to exit. */
#include "worker.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "control.h"
#include "effects/secrets.h"
#include "house.h"
#include "invocation/gone.h"
#include "kin.h"
#include "peel.h"
#include "pipeline.h"
#include <cjson/cJSON.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* The monitor's descriptors (listeners, lock, audit, other workers' channels)
 * are closed, not used: SQLite's handle stays untouched in memory.  What the
 * looks through large files share stays. */
#define CLIENT_FD  3
#define CHANNEL_FD 4

#define QUIET_MS 5 /* without a call: time to warm up further */

static void
shed(int client, int channel)
{
	sigset_t none;
	int a = client < 0 ? -1 : fcntl(client, F_DUPFD_CLOEXEC, 5);
	int b = fcntl(channel, F_DUPFD_CLOEXEC, 5);
	int kept = secrets_seen_fd();

	if (client < 0)
		close(CLIENT_FD);
	else if (a < 0 || dup3(a, CLIENT_FD, O_CLOEXEC) < 0)
		_exit(WORKER_REFUSED);
	if (b < 0 || dup3(b, CHANNEL_FD, O_CLOEXEC) < 0 ||
	    (kept >= 0 && close_range(5, (unsigned)kept - 1, 0) != 0) ||
	    close_range(kept >= 0 ? (unsigned)kept + 1 : 5, ~0U, 0) != 0)
		_exit(WORKER_REFUSED);
	/* The monitor left every disposition at its default but SIGPIPE, and
	 * that stays ignored: a caller that closed its stderr must not end
	 * the process that has still to write the outcome. */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Before anything of the caller is read. */
static void
become(const struct peer *peer)
{
	struct passwd *pw;

	if (peer->uid == geteuid())
		return;
	pw = getpwuid(peer->uid);
	if ((pw != NULL ? initgroups(pw->pw_name, peer->gid)
			: setgroups(0, NULL)) != 0 ||
	    setresgid(peer->gid, peer->gid, peer->gid) != 0 ||
	    setresuid(peer->uid, peer->uid, peer->uid) != 0)
		_exit(WORKER_REFUSED);
}

static void
say(const struct request *rq, const char *text)
{
	void *ctx = talloc_new(NULL);
	char *line =
	    talloc_asprintf(ctx, "automode: %s\n", text_safe(ctx, text));

	/* A request that is too broken to have a stderr: into the log. */
	(void)file_write_all(rq->in.stdio[2] >= 0 ? rq->in.stdio[2]
						  : STDERR_FILENO,
			     line, strlen(line));
	talloc_free(ctx);
}

static void
send_exit(struct request *rq, int status)
{
	struct frame_out f;

	frame_out_init(rq, &f, FRAME_EXIT);
	frame_out_u64(&f, (uint64_t)status);
	(void)frame_send(rq->client, &f, NULL, 0, LIMIT_REQUEST_MS, NULL);
}

static int
run(struct request *rq)
{
	const char *session = invocation_env(&rq->in, "AUTOMODE_SESSION");

	/* before anything can wait for a person */
	if (session && *session)
		kin_mark(rq, rq->in.pid);
	return pipeline_run(rq, rq);
}

/* `check --intent`: what if the user had written this, too? */
static void
suppose(struct request *rq)
{
	const char *text = invocation_env(&rq->in, "AUTOMODE_INTENT");
	struct session *s;

	if (text == NULL || *text == '\0')
		return;
	s = talloc_memdup(rq, rq->in.session, sizeof(*s));
	if (s == NULL)
		BUG("out of memory");
	s->words = talloc_array(s, struct session_word, s->nwords + 1);
	if (s->words == NULL)
		BUG("out of memory");
	if (s->nwords > 0)
		memcpy(s->words, rq->in.session->words,
		       s->nwords * sizeof(*s->words));
	s->words[s->nwords++] = (struct session_word){
	    .time = time(NULL), .source = "supposed", .text = text};
	s->denied_row = s->denied_total = 0;
	rq->in.session = s;
}

/* 0 allow, 1 deny, 2 ask; whatever is not one of them is a deny. */
static int
check(struct request *rq)
{
	const char *verdict;
	struct frame_out f;
	int status = 1;
	char *json;
	cJSON *o;

	suppose(rq);
	peel(rq, rq);
	json = pipeline_check(rq, rq);
	o = cJSON_Parse(json);
	verdict = cJSON_GetStringValue(
	    cJSON_GetObjectItemCaseSensitive(o, "verdict"));

	if (verdict != NULL && strcmp(verdict, "allow") == 0)
		status = 0;
	else if (verdict != NULL && strcmp(verdict, "ask") == 0)
		status = 2;
	cJSON_Delete(o);
	frame_out_init(rq, &f, FRAME_REPLY);
	frame_out_str(&f, json);
	if (frame_send(rq->client, &f, NULL, 0, LIMIT_REQUEST_MS, NULL) < 0)
		return EXIT_NO_GATEWAY;
	return status;
}

static int
control(struct request *rq)
{
	return control_run(rq, rq);
}

/* Who may ask for what. */
static const struct {
	enum request_kind kind;
	bool by_shim;
	int (*serve)(struct request *rq);
} services[] = {
    {REQUEST_RUN, true, run},
    {REQUEST_CHECK, true, check},
    {REQUEST_CONTROL, false, control},
};

static int
serve(struct request *rq, bool by_control)
{
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		if (services[i].kind != rq->in.kind)
			continue;
		if (!by_control && !services[i].by_shim) {
			say(rq, "denied: this is asked for at the control "
				"socket only");
			return EXIT_DENIED;
		}
		return services[i].serve(rq);
	}
	say(rq, "denied: an unknown kind of request");
	return EXIT_DENIED;
}

static int
read_request(struct request *rq, const struct peer *peer, struct err *e)
{
	struct frame f;
	int r = frame_read(rq, rq->client, LIMIT_REQUEST_MS, &f, e);

	/* 1: somebody only looked whether we listen (places_connect()) */
	if (r != 0)
		return r;
	return invocation_read(rq, &f, peer, &rq->house->sessions, &rq->in, e);
}

/* With the connection at CLIENT_FD and the channel at CHANNEL_FD. */
static void __attribute__((noreturn))
answer(const struct house *house, bool by_control, const struct peer *peer)
{
	bool foreign = peer->uid != geteuid();
	struct request *rq = talloc_zero(NULL, struct request);
	struct house own = *house;
	struct err e = {0};
	int status = EXIT_NO_GATEWAY, end = WORKER_DONE, got;
	const char *says;

	become(peer);
	if (rq == NULL)
		_exit(WORKER_REFUSED);
	if (foreign)
		house_for_uid(rq, &own, peer->uid);
	rq->house = &own;
	rq->client = CLIENT_FD;
	rq->monitor.fd = CHANNEL_FD;
	rq->in.stdio[0] = rq->in.stdio[1] = rq->in.stdio[2] = -1;
	got = read_request(rq, peer, &e);
	if (got < 0 && gone_git_says(&rq->in, &says)) {
		(void)file_write_all(rq->in.stdio[2], says, strlen(says));
		status = 128;
	} else if (got < 0) {
		say(rq, e.msg);
		end = WORKER_REFUSED;
	} else if (got == 0) {
		/* the owner, who is us, keeps what we make */
		umask(rq->in.mask & 077);
		status = serve(rq, by_control);
	}
	send_exit(rq, status);
	/* The caller goes on before this process takes itself apart. */
	close(CLIENT_FD);
	reversal_tidy(rq->reversal, &rq->monitor);
	talloc_free(rq);
	/* No atexit(3): what is registered there belongs to the monitor. */
	_exit(end);
}

void
worker_main(const struct house *house, int client, int channel, bool by_control,
	    const struct peer *peer)
{
	shed(client, channel);
	answer(house, by_control, peer);
}

/* A verdict on a command of our own in an empty repository of ours, and the
 * box for it: nothing is reported, nothing is run, only pages are touched. */
static void
warm_up(const struct house *house, const char *const line[4])
{
	const struct box *box = boxes_find(&house->boxes, "git-read");
	const char *env[3] = {"PATH=/usr/local/bin:/usr/bin:/bin"};
	struct request *rq = talloc_zero(NULL, struct request);
	struct invocation *in = &rq->in;
	struct err e = {0};
	bool known;

	rq->house = house;
	rq->client = rq->monitor.fd = -1;
	in->kind = REQUEST_CHECK;
	in->tool = "git";
	in->argv = line;
	in->argc = line[2] != NULL ? 3 : 2;
	env[1] = talloc_asprintf(rq, "HOME=%s", house->home);
	in->env = env;
	in->envc = 2;
	in->cwd = path_resolve(rq, house->runtime_dir, HOUSE_WARM);
	in->cwd_fd =
	    own_fd(rq, open(in->cwd, O_PATH | O_DIRECTORY | O_CLOEXEC));
	in->stdio[0] = in->stdio[1] = in->stdio[2] = -1;
	in->uid = geteuid();
	in->gid = getegid();
	in->mask = 077;
	in->session = session_find(&house->sessions, NULL, in->uid, &known);
	if (in->cwd_fd >= 0)
		(void)pipeline_check(rq, rq);
	if (rq->cmd.program != NULL && box != NULL)
		(void)bwrap_compose(rq, box, in, &rq->cmd, &rq->plan, &e);
	talloc_free(rq);
}

void
worker_wait(const struct house *house, int channel)
{
	struct worker_call call;
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} fds;
	struct iovec iov = {&call, sizeof(call)};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = &fds,
			   .msg_controllen = sizeof(fds)};
	struct cmsghdr *c;
	/* The first for the common way, and the second through every stage,
	 * for which there is no time where calls follow each other at once. */
	static const char *const few[] = {"git", "status", NULL, NULL};
	static const char *const all[] = {"git", "reset", "--hard", NULL};
	struct pollfd call_comes = {.fd = CHANNEL_FD, .events = POLLIN};
	int client;

	shed(-1, channel);
	warm_up(house, few);
	if (send(CHANNEL_FD, "", 1, MSG_NOSIGNAL) != 1)
		_exit(WORKER_DONE);
	if (poll(&call_comes, 1, QUIET_MS) == 0)
		warm_up(house, all);
	if (recvmsg(CHANNEL_FD, &m, MSG_CMSG_CLOEXEC) != (ssize_t)sizeof(call))
		_exit(WORKER_DONE); /* not needed any more */
	c = CMSG_FIRSTHDR(&m);
	if (c == NULL || c->cmsg_type != SCM_RIGHTS ||
	    c->cmsg_len != CMSG_LEN(sizeof(int)))
		_exit(WORKER_REFUSED);
	memcpy(&client, CMSG_DATA(c), sizeof(client));
	if (client != CLIENT_FD) {
		dup3(client, CLIENT_FD, O_CLOEXEC);
		close(client);
	}
	answer(house, call.control, &call.peer);
}
