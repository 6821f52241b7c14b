/* SPDX-License-Identifier: Apache-2.0 */
/* wire/frame.c and channel.c: what is sent arrives; what is wrong does not. */
#include "base/limits.h"
#include "wire/channel.h"
#include "wire/frame.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

#include <cmocka.h>

static void *ctx;
static int s[2];

static int
setup(void **state)
{
	(void)state;
	ctx = talloc_new(NULL);
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s);
}

static int
teardown(void **state)
{
	(void)state;
	talloc_free(ctx);
	close(s[0]);
	if (s[1] >= 0)
		close(s[1]);
	return 0;
}

static void
send_bytes(const void *p, size_t len)
{
	assert_int_equal(write(s[1], p, len), len);
}

static void
hang_up(void)
{
	close(s[1]);
	s[1] = -1;
}

static void
round_trip(void **state)
{
	struct frame_out out;
	struct frame in;
	struct fields f;
	struct err e = {0};
	char *bytes;
	size_t len;

	(void)state;
	frame_out_init(ctx, &out, FRAME_REQUEST);
	frame_out_u64(&out, UINT64_MAX);
	frame_out_bytes(&out, "a\0\xff\n", 4);
	frame_out_str(&out, NULL);
	frame_out_str(&out, "text");
	frame_out_bytes(&out, NULL, 0);
	assert_int_equal(frame_send(s[1], &out, NULL, 0, 1000, &e), 0);
	assert_int_equal(frame_read(ctx, s[0], 1000, &in, &e), 0);
	assert_int_equal(in.type, FRAME_REQUEST);
	assert_int_equal(in.nfds, 0);
	fields_init(&f, in.body, in.len);
	assert_true(fields_u64(&f) == UINT64_MAX);
	bytes = fields_bytes(ctx, &f, &len);
	assert_int_equal(len, 4);
	assert_memory_equal(bytes, "a\0\xff\n", 5);
	assert_string_equal(fields_bytes(ctx, &f, NULL), "");
	assert_string_equal(fields_bytes(ctx, &f, NULL), "text");
	assert_false(fields_done(&f));
	assert_string_equal(fields_bytes(ctx, &f, NULL), "");
	assert_true(fields_done(&f));
	assert_null(fields_bytes(ctx, &f, NULL));
	assert_true(f.bad);
	assert_true(fields_u64(&f) == 0);
	assert_false(fields_done(&f));
	hang_up();
	assert_int_equal(frame_read(ctx, s[0], 1000, &in, &e), 1);
}

static void
large(void **state)
{
	size_t len = LIMIT_FRAME - 8;
	char *p = talloc_zero_size(ctx, len + 1);
	struct frame_out out;
	struct frame in;
	struct err e = {0};
	int status;
	pid_t pid;

	(void)state;
	frame_out_init(ctx, &out, FRAME_RECORD);
	frame_out_bytes(&out, p, len);
	pid = fork();
	if (pid == 0) {
		frame_send(s[1], &out, NULL, 0, 5000, &e);
		_exit(e.code != 0);
	}
	assert_int_equal(frame_read(ctx, s[0], 5000, &in, &e), 0);
	assert_int_equal(in.len, LIMIT_FRAME - 4);
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	frame_out_str(&out, "");
	assert_int_equal(frame_send(s[1], &out, NULL, 0, 1000, &e), ERR_LIMIT);
}

static void
descriptors(void **state)
{
	struct frame_out out;
	struct frame in;
	struct err e = {0};
	int fds[FRAME_MAX_FDS], p[2], got;
	void *mine = talloc_new(ctx);
	char c;

	(void)state;
	assert_int_equal(pipe(p), 0);
	for (size_t i = 0; i < FRAME_MAX_FDS; i++)
		fds[i] = p[1];
	frame_out_init(ctx, &out, FRAME_REQUEST);
	assert_int_equal(frame_send(s[1], &out, fds, FRAME_MAX_FDS, 1000, &e),
			 0);
	assert_int_equal(frame_read(mine, s[0], 1000, &in, &e), 0);
	assert_int_equal(in.nfds, FRAME_MAX_FDS);
	got = in.fds[FRAME_MAX_FDS - 1];
	assert_true(fcntl(got, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(write(got, "x", 1), 1);
	talloc_free(mine);
	assert_int_equal(fcntl(got, F_GETFD), -1);
	close(p[1]);
	assert_int_equal(read(p[0], &c, 1), 1);
	/* every copy is closed */
	assert_int_equal(read(p[0], &c, 1), 0);
	close(p[0]);
}

static size_t
open_fds(void)
{
	size_t n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* More than we take: in one message, and spread over the bytes. */
static void
surplus_descriptors(void **state)
{
	uint32_t header[2] = {12, FRAME_REQUEST};
	char body[8] = {0};
	union {
		char bytes[CMSG_SPACE(30 * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct frame in;
	struct err e = {0};
	size_t before = open_fds();
	void *mine = talloc_new(ctx);

	(void)state;
	for (int i = 0; i < 16; i++) {
		struct iovec iov = {i < 8 ? (char *)header + i : body + (i - 8),
				    1};
		struct msghdr m = {.msg_iov = &iov,
				   .msg_iovlen = 1,
				   .msg_control = &control,
				   .msg_controllen = sizeof(control)};
		struct cmsghdr *c;

		memset(&control, 0, sizeof(control));
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(30 * sizeof(int));
		assert_int_equal(sendmsg(s[1], &m, 0), 1);
	}
	assert_int_equal(frame_read(mine, s[0], 1000, &in, &e), 0);
	assert_int_equal(in.nfds, FRAME_MAX_FDS);
	talloc_free(mine);
	assert_int_equal(open_fds(), before);
}

static void
malformed(void **state)
{
	static const uint32_t headers[][2] = {
	    {0, 1}, {3, 1}, {LIMIT_FRAME + 1, 1}, {UINT32_MAX, 1}};
	struct frame in;
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		send_bytes(headers[i], 8);
		assert_true(frame_read(ctx, s[0], 1000, &in, &e) < 0);
	}
	send_bytes("\x10\0\0\0\1\0\0\0abc", 11);
	hang_up();
	assert_int_equal(frame_read(ctx, s[0], 1000, &in, &e), ERR_SYNTAX);
}

static void
cut_header(void **state)
{
	struct frame in;
	struct err e = {0};

	(void)state;
	send_bytes("\x10\0\0", 3);
	hang_up();
	assert_int_equal(frame_read(ctx, s[0], 1000, &in, &e), ERR_SYNTAX);
}

static void
cut_body(void **state)
{
	struct frame in;
	struct err e = {0};

	(void)state;
	send_bytes("\x10\0\0\0\1\0\0\0", 8);
	hang_up();
	assert_int_equal(frame_read(ctx, s[0], 1000, &in, &e), ERR_SYNTAX);
}

static void
silence(void **state)
{
	struct frame_out out;
	struct frame in;
	struct err e = {0};
	char *p = talloc_zero_size(ctx, 4 << 20);

	(void)state;
	assert_int_equal(frame_read(ctx, s[0], 50, &in, &e), ERR_LIMIT);
	assert_int_equal(frame_read(ctx, s[0], 0, &in, &e), ERR_LIMIT);
	send_bytes("\x10\0\0\0\1\0\0\0abc", 11);
	assert_int_equal(frame_read(ctx, s[0], 50, &in, &e), ERR_LIMIT);
	frame_out_init(ctx, &out, FRAME_EXIT);
	frame_out_bytes(&out, p, 4 << 20);
	assert_int_equal(frame_send(s[1], &out, NULL, 0, 50, &e), ERR_LIMIT);
	hang_up();
	assert_int_equal(frame_send(s[0], &out, NULL, 0, 50, &e), ERR_SYSTEM);
}

static void
bad_fields(void **state)
{
	struct fields f;
	size_t len;

	(void)state;
	fields_init(&f, "\5\0\0\0abcd", 8);
	assert_null(fields_bytes(ctx, &f, &len));
	assert_true(f.bad);
	fields_init(&f,
		    "\xff\xff\xff\xff"
		    "abcd",
		    8);
	assert_null(fields_bytes(ctx, &f, &len));
	fields_init(&f, "\3\0\0", 3);
	assert_null(fields_bytes(ctx, &f, &len));
	fields_init(&f, "\3\0\0\0a\0b", 7);
	assert_null(fields_bytes(ctx, &f, NULL));
	assert_true(f.bad);
	fields_init(&f, "\4\0\0\0abcd", 8);
	assert_true(fields_u64(&f) == 0);
	assert_true(f.bad);
	fields_init(&f, NULL, 0);
	assert_true(fields_done(&f));
	assert_true(fields_u64(&f) == 0);
	assert_false(fields_done(&f));
}

static void
peers(void **state)
{
	struct err e = {0};
	struct peer p;

	(void)state;
	assert_int_equal(frame_peer(s[0], &p, &e), 0);
	assert_int_equal(p.pid, getpid());
	assert_int_equal(p.uid, geteuid());
	assert_true(frame_peer(0x7ffffff, &p, &e) < 0);
}

/* A monitor in a process of its own that answers one frame. */
static void
answer_one(uint64_t failed, uint64_t value, const char *text,
	   enum frame_type want, const char *first)
{
	struct frame_out ack;
	struct frame in;
	struct fields f;
	struct err e = {0};
	char *word;

	if (fork() != 0)
		return;
	if (frame_read(ctx, s[0], 2000, &in, &e) != 0)
		_exit(1);
	fields_init(&f, in.body, in.len);
	word = fields_bytes(ctx, &f, NULL);
	frame_out_init(ctx, &ack, FRAME_ACK);
	if (in.type != want || !word || strcmp(word, first) != 0)
		failed = 1;
	frame_out_u64(&ack, failed);
	frame_out_u64(&ack, value);
	if (text)
		frame_out_str(&ack, text);
	frame_send(s[0], &ack, NULL, 0, 1000, &e);
	_exit(0);
}

static void
channels(void **state)
{
	struct channel none = {.fd = -1}, c = {.fd = s[1]};
	struct err e = {0};
	uint64_t id = 0;

	(void)state;
	assert_int_equal(channel_entry_new(&none, "s", "p", "v", "x", &id, &e),
			 0);
	assert_true(id == 1);
	assert_int_equal(channel_record(&none, "k", "s", "{}", &id, &e), 0);
	assert_int_equal(channel_entry_state(&none, 1, "open", "", 0, &e), 0);
	assert_int_equal(channel_session_new(&none, "i", "/", &e), 0);
	assert_int_equal(channel_word(&none, "i", "hook", "x", &e), 0);
	assert_int_equal(channel_facts(&none, "i", "p", "x", &e), 0);
	answer_one(0, 42, "", FRAME_RECORD, "decision");
	assert_int_equal(channel_record(&c, "decision", "s", "{}", &id, &e), 0);
	assert_true(id == 42);
	answer_one(0, 7, "", FRAME_ENTRY, "new");
	assert_int_equal(channel_entry_new(&c, "s", "p", "v", "x", &id, &e), 0);
	assert_true(id == 7);
	answer_one(0, 0, "", FRAME_ENTRY, "state");
	assert_int_equal(channel_entry_state(&c, 7, "kept", "m", 1, &e), 0);
	answer_one(0, 0, "", FRAME_SESSION, "new");
	assert_int_equal(channel_session_new(&c, "i", "/", &e), 0);
	answer_one(0, 0, "", FRAME_SESSION, "word");
	assert_int_equal(channel_word(&c, "i", "hook", "x", &e), 0);
	answer_one(0, 0, "", FRAME_FACTS, "i");
	assert_int_equal(channel_facts(&c, "i", "p", "x", &e), 0);
	answer_one(1, 9, "disk full", FRAME_ENTRY, "new");
	assert_true(channel_entry_new(&c, "s", "p", "v", "x", &id, &e) < 0);
	assert_string_equal(e.msg, "telling the gateway: disk full");
	answer_one(0, 9, NULL, FRAME_ENTRY, "new");
	assert_true(channel_entry_new(&c, "s", "p", "v", "x", &id, &e) < 0);
	assert_true(id == 0);
	while (wait(NULL) > 0)
		;
	close(s[0]);
	s[0] = dup(s[1]);
	assert_true(channel_record(&c, "decision", "s", "{}", &id, &e) < 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(round_trip),
	    TEST(large),
	    TEST(descriptors),
	    TEST(malformed),
	    TEST(surplus_descriptors),
	    TEST(cut_header),
	    TEST(cut_body),
	    TEST(silence),
	    TEST(bad_fields),
	    TEST(peers),
	    TEST(channels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
