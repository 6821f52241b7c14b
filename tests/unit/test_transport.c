/* SPDX-License-Identifier: Apache-2.0 */
/* transport/: requests from a box, the permits they are held against, the
 * loop. */
#include "transport/attendant.h"
#include "wire/frame.h"
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <talloc.h>
#include <unistd.h>

#include <cmocka.h>

static void *ctx;

static int
setup(void **state)
{
	(void)state;
	ctx = talloc_new(NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	talloc_free(ctx);
	return 0;
}

/* As box-transport writes it. */
static struct frame_out
written(const char *name, const char *protocol, const char *const *words)
{
	struct frame_out f;
	uint64_t n = 0;

	while (words[n])
		n++;
	frame_out_init(ctx, &f, 0);
	frame_out_u64(&f, CARRY_VERSION);
	frame_out_str(&f, name);
	frame_out_u64(&f, protocol ? CARRY_HAS_PROTOCOL : 0);
	frame_out_str(&f, NULL);
	frame_out_str(&f, protocol);
	frame_out_u64(&f, 0);
	frame_out_u64(&f, n);
	for (uint64_t i = 0; i < n; i++)
		frame_out_str(&f, words[i]);
	return f;
}

static int
parse(const struct frame_out *f, struct transport_request *rq)
{
	return request_parse(ctx, f->body, f->len, rq, NULL);
}

static void
requests(void **state)
{
	const char *const words[] = {"a", "", "b c", NULL};
	const char *many[CARRY_MAX_WORDS + 2];
	struct transport_request rq;
	struct frame_out f;

	(void)state;
	f = written("ssh", "version=2", words);
	assert_int_equal(parse(&f, &rq), 0);
	assert_string_equal(rq.name, "ssh");
	assert_string_equal(rq.protocol, "version=2");
	assert_null(rq.git_dir);
	assert_int_equal(rq.argc, 3);
	assert_string_equal(rq.argv[2], "b c");
	assert_null(rq.argv[3]);
	/* any byte less, or one more, is not a request */
	for (size_t len = 0; len < f.len; len++)
		assert_true(request_parse(ctx, f.body, len, &rq, NULL) < 0);
	frame_out_str(&f, "");
	assert_true(parse(&f, &rq) < 0);

	f = written("ssh", "version=2:x=y", words);
	assert_int_equal(parse(&f, &rq), 0);
	assert_null(rq.protocol);
	f = written("ssh\n", NULL, words);
	assert_true(parse(&f, &rq) < 0);
	for (int i = 0; i <= CARRY_MAX_WORDS; i++)
		many[i] = "x";
	many[CARRY_MAX_WORDS + 1] = NULL;
	f = written("ssh", NULL, many);
	assert_true(parse(&f, &rq) < 0);
	many[CARRY_MAX_WORDS] = NULL;
	f = written("ssh", NULL, many);
	assert_int_equal(parse(&f, &rq), 0);
}

static void
received(void **state)
{
	const char *const words[] = {"h", NULL};
	struct frame_out f = written("ssh", NULL, words);
	int fds[3 + CARRY_MAX_FILES], pair[2];
	struct transport_request rq;
	union {
		char bytes[CMSG_SPACE(8 * sizeof(int))];
		struct cmsghdr align;
	} control;
	size_t n;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	for (int count = 0; count <= 8; count++) {
		struct iovec iov = {f.body, f.len};
		struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
		void *one = talloc_new(ctx);
		int rc;

		memset(&control, 0, sizeof(control));
		if (count) {
			m.msg_control = &control;
			m.msg_controllen =
			    CMSG_SPACE((size_t)count * sizeof(int));
			CMSG_FIRSTHDR(&m)->cmsg_level = SOL_SOCKET;
			CMSG_FIRSTHDR(&m)->cmsg_type = SCM_RIGHTS;
			CMSG_FIRSTHDR(&m)->cmsg_len =
			    CMSG_LEN((size_t)count * sizeof(int));
			for (int i = 0; i < count; i++)
				memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)) +
					   (size_t)i * sizeof(int),
				       &pair[0], sizeof(int));
		}
		assert_int_equal(sendmsg(pair[0], &m, 0), f.len);
		rc = request_receive(one, pair[1], &rq, fds, &n, NULL);
		/* 0-2, no less and no more */
		assert_int_equal(rc == 0, count == 3);
		talloc_free(one);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(fcntl(fds[i], F_GETFD), -1);
	}
	close(pair[0]);
	assert_true(request_receive(ctx, pair[1], &rq, fds, &n, NULL) < 0);
	close(pair[1]);
}

static void
quoting(void **state)
{
	static const struct {
		const char *quoted, *plain;
	} cases[] = {
	    {"'a/b'", "a/b"},
	    {"''", ""},
	    {"'a b$(x)`y`'", "a b$(x)`y`"},
	    {"'it'\\''s'", "it's"},
	    {"'a'\\!'b'", "a!b"},
	    {"''\\'''\\'''", "''"},
	    {"a", NULL},
	    {"'a", NULL},
	    {"'a'b", NULL},
	    {"'a' 'b'", NULL},
	    {"'a'; id", NULL},
	    {"'a!b'", NULL},
	    {"'a'\\x'b'", NULL},
	    {"'a'\\''", NULL},
	    {"'a'\\'", NULL},
	    {"", NULL},
	    {"'a'\n", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *s = match_unquote(ctx, cases[i].quoted);

		if (cases[i].plain)
			assert_non_null(s);
		if (cases[i].plain)
			assert_string_equal(s, cases[i].plain);
		else
			assert_null(s);
	}
}

/* The permits of most cases. */
static struct transport_permit permits[] = {
    {.scheme = PERMIT_SSH,
     .url = "git@h:p/q",
     .user = "git",
     .host = "h",
     .path = "p/q",
     .fetch = true},
    {.scheme = PERMIT_SSH,
     .url = "ssh://h:22/x",
     .host = "h",
     .port = 22,
     .path = "/x",
     .push = true},
    {.scheme = PERMIT_SSH,
     .url = "me@all:a",
     .user = "me",
     .host = "all",
     .path = "a",
     .fetch = true,
     .any_path = true},
    {.scheme = PERMIT_HTTPS,
     .url = "https://w/r.git",
     .host = "w",
     .path = "/r.git",
     .fetch = true},
    {.scheme = PERMIT_HTTPS,
     .url = "https://w/r.git",
     .host = "w",
     .path = "/r.git",
     .push = true},
};

static enum transport_service
asked(const char *name, const char *const *words,
      struct transport_permit **permit)
{
	struct need need = {.permits = permits,
			    .npermits = sizeof(permits) / sizeof(*permits)};
	struct transport_request rq = {.name = name,
				       .argv = (const char **)words};
	enum transport_service service;
	struct err e = {0};

	while (words[rq.argc])
		rq.argc++;
	if (match_request(ctx, &rq, &need, permit, &service, &e) < 0) {
		assert_true(*e.msg != '\0');
		assert_null(*permit);
		return SERVICE_NONE;
	}
	return service;
}

#define ASKED(name, ...)                                                       \
	asked(name, (const char *const[]){__VA_ARGS__, NULL}, &p)
#define SSH(...) ASKED("ssh", __VA_ARGS__)

static void
ssh_words(void **state)
{
	struct transport_permit *p;

	(void)state;
	assert_int_equal(SSH("git@h", "git-upload-pack 'p/q'"), SERVICE_FETCH);
	assert_string_equal(p->path, "p/q");
	assert_string_equal(p->user, "git");
	assert_false(p->push);
	assert_int_equal(
	    SSH("-o", "SendEnv=GIT_PROTOCOL", "git@h", "git-upload-pack 'p/q'"),
	    SERVICE_FETCH);
	assert_int_equal(SSH("-o", "SendEnv=GIT_PROTOCOL", "-4", "git@h",
			     "git-upload-archive 'p/q'"),
			 SERVICE_ARCHIVE);
	assert_int_equal(SSH("-p", "22", "h", "git-receive-pack '/x'"),
			 SERVICE_PUSH);

	/* fetch is not push, and the other way round */
	assert_int_equal(SSH("git@h", "git-receive-pack 'p/q'"), SERVICE_NONE);
	assert_int_equal(SSH("-p", "22", "h", "git-upload-pack '/x'"),
			 SERVICE_NONE);
	/* another place */
	assert_int_equal(SSH("h", "git-upload-pack 'p/q'"), SERVICE_NONE);
	assert_int_equal(SSH("gi@h", "git-upload-pack 'p/q'"), SERVICE_NONE);
	assert_int_equal(SSH("git@g", "git-upload-pack 'p/q'"), SERVICE_NONE);
	assert_int_equal(SSH("git@h", "git-upload-pack 'p/q/'"), SERVICE_NONE);
	assert_int_equal(SSH("-p", "2", "git@h", "git-upload-pack 'p/q'"),
			 SERVICE_NONE);
	assert_int_equal(SSH("h", "git-receive-pack '/x'"), SERVICE_NONE);
	assert_int_equal(SSH("a@git@h", "git-upload-pack 'p/q'"), SERVICE_NONE);
	/* another command, or more than one */
	assert_int_equal(SSH("git@h", "git-upload-pack p/q"), SERVICE_NONE);
	assert_int_equal(SSH("git@h", "git-upload-pack 'p/q'; id"),
			 SERVICE_NONE);
	assert_int_equal(SSH("git@h", "git-upload-pack  'p/q'"), SERVICE_NONE);
	assert_int_equal(SSH("git@h", "git-upload-packs 'p/q'"), SERVICE_NONE);
	assert_int_equal(SSH("git@h", "id"), SERVICE_NONE);
	assert_int_equal(SSH("git@h"), SERVICE_NONE);
	assert_int_equal(SSH("git@h", "git-upload-pack 'p/q'", "x"),
			 SERVICE_NONE);
	/* options of ssh that git never gives */
	assert_int_equal(SSH("-G", "git@h", "git-upload-pack 'p/q'"),
			 SERVICE_NONE);
	assert_int_equal(SSH("-G", "git@h"), SERVICE_NONE);
	assert_int_equal(
	    SSH("-o", "ProxyCommand=id", "git@h", "git-upload-pack 'p/q'"),
	    SERVICE_NONE);
	assert_int_equal(SSH("-p22", "h", "git-receive-pack '/x'"),
			 SERVICE_NONE);
	assert_int_equal(SSH("-p", "022x", "h", "git-receive-pack '/x'"),
			 SERVICE_NONE);
	assert_int_equal(SSH("-p", "h", "git-receive-pack '/x'"), SERVICE_NONE);
	assert_int_equal(SSH("-oProxyCommand=id", "git-upload-pack 'p/q'"),
			 SERVICE_NONE);
}

static void
any_path(void **state)
{
	struct transport_permit *p;

	(void)state;
	assert_int_equal(SSH("me@all", "git-upload-pack 'else where'"),
			 SERVICE_FETCH);
	assert_string_equal(p->path, "else where");
	assert_int_equal(SSH("me@all", "git-receive-pack 'a'"), SERVICE_NONE);
	assert_int_equal(SSH("all", "git-upload-pack 'a'"), SERVICE_NONE);
	assert_int_equal(SSH("-p", "22", "me@all", "git-upload-pack 'a'"),
			 SERVICE_NONE);
}

static void
helpers(void **state)
{
	struct transport_permit *p;

	(void)state;
	assert_int_equal(ASKED("remote-https", "origin", "https://w/r.git"),
			 SERVICE_HELPER);
	assert_true(p->fetch && p->push);
	assert_int_equal(ASKED("remote-https", "origin", "https://w/r.gi"),
			 SERVICE_NONE);
	assert_int_equal(ASKED("remote-http", "origin", "http://w/r.git"),
			 SERVICE_NONE);
	assert_int_equal(ASKED("remote-https", "origin", "https://w:1/r.git"),
			 SERVICE_NONE);
	assert_int_equal(ASKED("remote-https", "origin", "https://u@w/r.git"),
			 SERVICE_NONE);
	assert_int_equal(ASKED("remote-https", "origin", "https://w@v/r.git"),
			 SERVICE_NONE);
	assert_int_equal(ASKED("remote-https", "origin", "git@h:p/q"),
			 SERVICE_NONE);
	assert_int_equal(ASKED("remote-https", "origin"), SERVICE_NONE);
	assert_int_equal(ASKED("remote-ftp", "origin", "https://w/r.git"),
			 SERVICE_NONE);
	/* signing is for commands that sign */
	assert_int_equal(ASKED("gpg", "--verify"), SERVICE_NONE);
	assert_int_equal(ASKED("ssh-keygen", "-Y"), SERVICE_NONE);
	assert_int_equal(ASKED("", "x"), SERVICE_NONE);
}

struct seen {
	struct watch *other;
	int calls, times;
};

static void
read_and_drop(struct loop *l, struct watch *w, short revents, void *data)
{
	struct seen *s = data;

	(void)revents;
	s->calls++;
	/* the other is ready too, and must not be called any more */
	loop_drop(l, s->other);
	loop_drop(l, w);
}

static void
never(struct loop *l, struct watch *w, short revents, void *data)
{
	(void)l;
	(void)w;
	(void)revents;
	(void)data;
	fail();
}

static void
stop_now(struct loop *l, void *data)
{
	struct seen *s = data;

	s->times++;
	loop_stop(l);
}

static void
not_this(struct loop *l, void *data)
{
	(void)l;
	(void)data;
	fail();
}

static void
loops(void **state)
{
	struct loop *l = loop_new(ctx);
	struct seen s = {0};
	struct timer *t;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	loop_add(l, fds[0], POLLIN, read_and_drop, &s);
	s.other = loop_add(l, fds[0], POLLIN, never, NULL);
	loop_pause(loop_add(l, fds[0], POLLIN, never, NULL), true);
	t = loop_timer(l, 0, not_this, NULL);
	loop_timer_drop(l, t);
	loop_timer(l, 5, stop_now, &s);
	assert_int_equal(loop_run(l, NULL), 0);
	assert_int_equal(s.calls, 1);
	assert_int_equal(s.times, 1);
	/* and once more */
	loop_timer(l, 1, stop_now, &s);
	assert_int_equal(loop_run(l, NULL), 0);
	assert_int_equal(s.times, 2);
	close(fds[0]);
	close(fds[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(requests, setup, teardown),
	    cmocka_unit_test_setup_teardown(received, setup, teardown),
	    cmocka_unit_test_setup_teardown(quoting, setup, teardown),
	    cmocka_unit_test_setup_teardown(ssh_words, setup, teardown),
	    cmocka_unit_test_setup_teardown(any_path, setup, teardown),
	    cmocka_unit_test_setup_teardown(helpers, setup, teardown),
	    cmocka_unit_test_setup_teardown(loops, setup, teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("transport", tests, NULL, NULL);
}
