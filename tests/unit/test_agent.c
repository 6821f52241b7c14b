/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transport/agent*.c: the filtered agent, before a real ssh-agent that holds
 * a real key: what is answered, what is refused, whatever a client sends.
 */
#include "base/path.h"
#include "base/spawn.h"
#include "transport/agent_private.h"
#include "transport/ssh_private.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

#include <cmocka.h>

static void *ctx;
static char dir[] = "/tmp/automode-agent.XXXXXX";
static uint8_t blob[256], other[256];
static size_t nblob, nother;

struct out {
	uint8_t p[8192];
	size_t n;
};

static void
byte(struct out *o, uint8_t b)
{
	o->p[o->n++] = b;
}

static void
string(struct out *o, const void *s, size_t n)
{
	wire_put32(o->p + o->n, n);
	memcpy(o->p + o->n + 4, s, n);
	o->n += 4 + n;
}

static void
text(struct out *o, const char *s)
{
	string(o, s, strlen(s));
}

static void
keygen(const char *name, uint8_t *out, size_t *n)
{
	const char *path = talloc_asprintf(ctx, "%s/%s", dir, name);
	const char *argv[] = {"ssh-keygen", "-q", "-N", "",  "-t",
			      "ed25519",    "-f", path, NULL};
	struct spawn s = {.program = SSH_KEYGEN, .argv = argv};
	struct key_file k;
	struct err e = {0};

	assert_int_equal(spawn_run(ctx, &s, &e), 0);
	key_file_read(ctx, path, &k);
	assert_true(k.here && !k.encrypted && k.line != NULL);
	assert_int_equal(sodium_base642bin(out, 256, k.base64, strlen(k.base64),
					   NULL, n, NULL,
					   sodium_base64_VARIANT_ORIGINAL),
			 0);
}

static int
setup(void **state)
{
	(void)state;
	ctx = talloc_new(NULL);
	assert_non_null(mkdtemp(dir));
	keygen("key", blob, &nblob);
	keygen("other", other, &nother);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	path_remove_tree(AT_FDCWD, dir, NULL);
	talloc_free(ctx);
	return 0;
}

/* The broker in a process of its own. */
static pid_t
serve(const char *const *only, const char *const *users, bool signing)
{
	const char *keys[] = {talloc_asprintf(ctx, "%s/key", dir),
			      talloc_asprintf(ctx, "%s/other", dir), NULL};
	struct agent_setting s = {
	    .path = talloc_asprintf(ctx, "%s/socket", dir),
	    .key_files = keys,
	    .private_path = talloc_asprintf(ctx, "%s/private", dir),
	    .only = (const char **)(uintptr_t)only,
	    .users = (const char **)(uintptr_t)users,
	    .signing = signing};
	pid_t pid = fork();
	struct agent_broker *b;
	struct loop *l;
	struct err e = {0};

	if (pid != 0) {
		for (int i = 0; i < 500 && !path_exists(s.path); i++)
			usleep(10000);
		return pid;
	}
	signal(SIGTERM, SIG_DFL);
	alarm(30);
	l = loop_new(ctx);
	if (agent_serve(ctx, l, &s, &b, &e) < 0) {
		fprintf(stderr, "%s\n", e.msg);
		_exit(1);
	}
	loop_run(l, &e);
	_exit(0);
}

static void
stop(pid_t pid)
{
	char *path = talloc_asprintf(ctx, "%s/socket", dir);

	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	unlink(path);
	/* the agent behind it goes with it */
	unlink(talloc_asprintf(ctx, "%s/private", dir));
}

static int
dial(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	struct timeval patience = {.tv_sec = 10};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int tries = 500, rc;

	snprintf(a.sun_path, sizeof a.sun_path, "%s/socket", dir);
	/* it is there by its name a moment before anybody listens */
	while ((rc = connect(fd, (struct sockaddr *)&a, sizeof a)) < 0 &&
	       errno == ECONNREFUSED && tries--)
		usleep(10000);
	assert_int_equal(rc, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	return fd;
}

static bool
all(int fd, uint8_t *p, size_t n)
{
	for (size_t done = 0; done < n;) {
		ssize_t got = read(fd, p + done, n - done);

		if (got <= 0)
			return false;
		done += (size_t)got;
	}
	return true;
}

/* Sends o as one message; the type of the answer, -1: it hung up. */
static int
ask(int fd, const struct out *o, struct out *answer)
{
	uint8_t head[4];
	struct wire w = {.p = head, .left = 4};

	wire_put32(head, o->n);
	if (write(fd, head, 4) != 4 || write(fd, o->p, o->n) != (ssize_t)o->n ||
	    !all(fd, head, 4))
		return -1;
	answer->n = wire_u32(&w);
	assert_true(answer->n >= 1 && answer->n <= sizeof answer->p);
	assert_true(all(fd, answer->p, answer->n));
	return answer->p[0];
}

static int
ask_once(const struct out *o, struct out *answer)
{
	int fd = dial(), type = ask(fd, o, answer);

	close(fd);
	return type;
}

static void
login_data(struct out *o, const char *user, const char *service,
	   const uint8_t *key, size_t nkey)
{
	uint8_t session[32] = {1};

	string(o, session, sizeof session);
	byte(o, 50);
	text(o, user);
	text(o, service);
	text(o, "publickey");
	byte(o, 1);
	text(o, "ssh-ed25519");
	string(o, key, nkey);
}

static void
git_data(struct out *o, const char *space)
{
	uint8_t digest[64] = {2};

	memcpy(o->p, "SSHSIG", 6);
	o->n = 6;
	text(o, space);
	text(o, "");
	text(o, "sha512");
	string(o, digest, sizeof digest);
}

static void
sign_request(struct out *o, const uint8_t *key, size_t nkey,
	     const struct out *data)
{
	o->n = 0;
	byte(o, AGENT_REQUEST_SIGN);
	string(o, key, nkey);
	string(o, data->p, data->n);
	wire_put32(o->p + o->n, 0);
	o->n += 4;
}

static int
sign(const uint8_t *key, size_t nkey, const struct out *data)
{
	struct out o = {0}, answer;

	sign_request(&o, key, nkey, data);
	return ask_once(&o, &answer);
}

static void
logs_in(void **state)
{
	static const char *const users[] = {"git", NULL};
	struct out list = {.p = {AGENT_REQUEST_LIST}, .n = 1}, answer, d = {0};
	pid_t pid = serve(NULL, users, false);
	int fd;

	(void)state;
	assert_int_equal(ask_once(&list, &answer), AGENT_LIST);
	assert_int_equal(answer.p[4], 2);
	login_data(&d, "git", "ssh-connection", blob, nblob);
	assert_int_equal(sign(blob, nblob, &d), AGENT_SIGNATURE);
	/* another's key over these bytes; another user; another service */
	assert_int_equal(sign(other, nother, &d), AGENT_FAILURE);
	d.n = 0;
	login_data(&d, "root", "ssh-connection", blob, nblob);
	assert_int_equal(sign(blob, nblob, &d), AGENT_FAILURE);
	d.n = 0;
	login_data(&d, "git", "ssh-userauth", blob, nblob);
	assert_int_equal(sign(blob, nblob, &d), AGENT_FAILURE);
	d.n = 0;
	login_data(&d, "git", "ssh-connection", blob, nblob);
	byte(&d, 0);
	assert_int_equal(sign(blob, nblob, &d), AGENT_FAILURE);
	d.n = 0;
	git_data(&d, "git");
	assert_int_equal(sign(blob, nblob, &d), AGENT_FAILURE);
	d.n = 0;
	text(&d, "anything");
	assert_int_equal(sign(blob, nblob, &d), AGENT_FAILURE);
	d.n = 0;
	assert_int_equal(sign(blob, nblob, &d), AGENT_FAILURE);
	/* several on one connection */
	fd = dial();
	assert_int_equal(ask(fd, &list, &answer), AGENT_LIST);
	assert_int_equal(ask(fd, &list, &answer), AGENT_LIST);
	close(fd);
	stop(pid);
}

static void
signs_for_git(void **state)
{
	pid_t pid = serve(NULL, NULL, true);
	struct out d = {0};

	(void)state;
	git_data(&d, "git");
	assert_int_equal(sign(blob, nblob, &d), AGENT_SIGNATURE);
	d.n = 0;
	git_data(&d, "file");
	assert_int_equal(sign(blob, nblob, &d), AGENT_FAILURE);
	d.n = 0;
	login_data(&d, "git", "ssh-connection", blob, nblob);
	assert_int_equal(sign(blob, nblob, &d), AGENT_FAILURE);
	stop(pid);
}

static void
some_keys(void **state)
{
	char text64[512];
	const char *only[] = {text64, NULL};
	struct out list = {.p = {AGENT_REQUEST_LIST}, .n = 1}, answer, d = {0};
	pid_t pid;

	(void)state;
	sodium_bin2base64(text64, sizeof text64, blob, nblob,
			  sodium_base64_VARIANT_ORIGINAL);
	pid = serve(only, NULL, false);
	assert_int_equal(ask_once(&list, &answer), AGENT_LIST);
	assert_int_equal(answer.p[4], 1);
	assert_memory_equal(answer.p + 9, blob, nblob);
	login_data(&d, "git", "ssh-connection", other, nother);
	assert_int_equal(sign(other, nother, &d), AGENT_FAILURE);
	d.n = 0;
	login_data(&d, "git", "ssh-connection", blob, nblob);
	assert_int_equal(sign(blob, nblob, &d), AGENT_SIGNATURE);
	stop(pid);
}

/* Every other request; and the keys are still there afterwards. */
static void
nothing_else(void **state)
{
	struct out list = {.p = {AGENT_REQUEST_LIST}, .n = 1}, answer;
	pid_t pid = serve(NULL, NULL, false);

	(void)state;
	for (int type = 0; type < 256; type++) {
		struct out o = {0};

		if (type == AGENT_REQUEST_LIST)
			continue;
		byte(&o, (uint8_t)type);
		string(&o, blob, nblob);
		assert_int_equal(ask_once(&o, &answer), AGENT_FAILURE);
	}
	assert_int_equal(ask_once(&list, &answer), AGENT_LIST);
	assert_int_equal(answer.p[4], 2);
	stop(pid);
}

/* No answer is owed to these; the next client gets one. */
static void
hostile(void **state)
{
	static const uint8_t heads[][5] = {{0, 0, 0, 0, 0},
					   {0xff, 0xff, 0xff, 0xff, 11},
					   {0, 4, 0, 0, 11},
					   {0, 0, 0, 2, 11}};
	struct out list = {.p = {AGENT_REQUEST_LIST}, .n = 1}, answer;
	pid_t pid = serve(NULL, NULL, false);
	int idle[40];

	(void)state;
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		int fd = dial();

		assert_int_equal(write(fd, heads[i], 5), 5);
		close(fd);
	}
	assert_int_equal(ask_once(&list, &answer), AGENT_LIST);
	/* more at once than are served */
	for (size_t i = 0; i < 40; i++)
		idle[i] = dial();
	usleep(50000);
	for (size_t i = 0; i < 40; i++)
		close(idle[i]);
	usleep(50000);
	assert_int_equal(ask_once(&list, &answer), AGENT_LIST);
	stop(pid);
}

/* The private agent ends with the broker, however that ends. */
static void
leaves_nothing(void **state)
{
	struct out list = {.p = {AGENT_REQUEST_LIST}, .n = 1}, answer;
	pid_t pid = serve(NULL, NULL, false);
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), rc = 0;

	(void)state;
	assert_int_equal(ask_once(&list, &answer), AGENT_LIST);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	snprintf(a.sun_path, sizeof a.sun_path, "%s/private", dir);
	for (int i = 0; i < 100 && rc == 0; i++) {
		usleep(10000);
		rc = connect(fd, (struct sockaddr *)&a, sizeof a);
		close(fd);
		fd = socket(AF_UNIX, SOCK_STREAM, 0);
	}
	close(fd);
	assert_int_equal(rc, -1);
	stop(pid);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(logs_in),	 cmocka_unit_test(signs_for_git),
	    cmocka_unit_test(some_keys), cmocka_unit_test(nothing_else),
	    cmocka_unit_test(hostile),	 cmocka_unit_test(leaves_nothing),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
