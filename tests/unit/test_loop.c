/* SPDX-License-Identifier: Apache-2.0 */
/* The loop tells the same whether poll(2) or epoll(7) waits. */
#include "transport/loop.h"
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <talloc.h>
#include <unistd.h>

#include <cmocka.h>

struct seen {
	struct loop *loop;
	struct watch *watch;
	int fd, times;
	char last;
};

static void
on_byte(struct loop *l, struct watch *w, short revents, void *data)
{
	struct seen *s = data;

	assert_true(revents & POLLIN);
	assert_int_equal(loop_fd(w), s->fd);
	assert_int_equal(read(s->fd, &s->last, 1), 1);
	s->times++;
	loop_stop(l);
}

static void
run(struct loop *l)
{
	struct err e = {0};

	assert_int_equal(loop_run(l, &e), 0);
}

static struct loop *
new_loop(void **state)
{
	struct loop *l = loop_new(NULL);

	if (*state)
		loop_quick(l);
	return l;
}

static void
pair(int v[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, v), 0);
}

static struct seen *
watch(struct loop *l, int fd)
{
	struct seen *s = talloc_zero(l, struct seen);

	s->fd = fd;
	s->watch = loop_add(l, fd, POLLIN, on_byte, s);
	return s;
}

static void
put(int fd, char c)
{
	assert_int_equal(write(fd, &c, 1), 1);
}

static void
test_pause(void **state)
{
	struct loop *l = new_loop(state);
	struct seen *a, *b;
	int v[2], w[2];

	pair(v);
	pair(w);
	a = watch(l, v[0]);
	b = watch(l, w[0]);
	loop_pause(a->watch, true);
	loop_pause(a->watch, true);
	put(v[1], 'a');
	put(w[1], 'b');
	run(l);
	assert_int_equal(a->times, 0);
	assert_int_equal(b->last, 'b');
	loop_pause(a->watch, false);
	run(l);
	assert_int_equal(a->last, 'a');
	/* asked for nothing, then for bytes again */
	loop_change(a->watch, 0);
	put(v[1], 'c');
	put(w[1], 'd');
	run(l);
	assert_int_equal(b->last, 'd');
	assert_int_equal(a->last, 'a');
	loop_change(a->watch, POLLIN);
	run(l);
	assert_int_equal(a->last, 'c');
	talloc_free(l);
	for (int i = 0; i < 2; i++) {
		close(v[i]);
		close(w[i]);
	}
}

/* Closed first, and its number given to another one that is watched. */
static void
test_closed_before(void **state)
{
	struct loop *l = new_loop(state);
	struct seen *a, *b;
	int v[2], w[2], kept;

	pair(v);
	a = watch(l, v[0]);
	kept = dup(v[0]); /* as in a child */
	put(v[1], 'x');
	close(v[0]);
	pair(w);
	assert_int_equal(w[0], v[0]);
	b = watch(l, w[0]);
	loop_drop(l, a->watch);
	put(w[1], 'b');
	run(l);
	assert_int_equal(a->times, 0);
	assert_int_equal(b->last, 'b');
	put(w[1], 'c');
	run(l);
	assert_int_equal(b->last, 'c');
	assert_int_equal(b->times, 2);
	talloc_free(l);
	close(kept);
	close(v[1]);
	close(w[0]);
	close(w[1]);
}

/* What epoll cannot watch. */
static void
test_regular(void **state)
{
	struct loop *l = new_loop(state);
	struct seen *a, *b;
	char name[] = "/tmp/loop.XXXXXX";
	int fd = mkstemp(name), v[2];

	assert_true(fd >= 0);
	unlink(name);
	pair(v);
	a = watch(l, v[0]);
	put(fd, 'f');
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	b = watch(l, fd);
	run(l);
	assert_int_equal(b->last, 'f');
	loop_drop(l, b->watch);
	put(v[1], 'a');
	run(l);
	assert_int_equal(a->last, 'a');
	talloc_free(l);
	close(fd);
	close(v[0]);
	close(v[1]);
}

int
main(void)
{
	static int quick = 1;
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pause),
	    cmocka_unit_test(test_closed_before),
	    cmocka_unit_test(test_regular),
	    cmocka_unit_test_prestate(test_pause, &quick),
	    cmocka_unit_test_prestate(test_closed_before, &quick),
	    cmocka_unit_test_prestate(test_regular, &quick),
	};

	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
