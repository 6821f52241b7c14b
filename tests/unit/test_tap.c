/* SPDX-License-Identifier: Apache-2.0 */
/* exec/tap.c: every byte arrives as it was written, and is seen. */
#include "exec/tap.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

struct seen {
	size_t bytes, ends;
	uint64_t sum;
};

static struct seen *seen; /* shared with the tap's process */

static void
see(void *data, const void *bytes, size_t len)
{
	struct seen *s = data;

	for (size_t i = 0; i < len; i++)
		s->sum = s->sum * 31 + ((const unsigned char *)bytes)[i];
	s->bytes += len;
	s->ends += !len;
}

static void
slow(void *data, const void *bytes, size_t len)
{
	see(data, bytes, len);
	usleep(300000);
}

static int
setup(void **state)
{
	(void)state;
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return seen == MAP_FAILED ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	return munmap(seen, sizeof(*seen));
}

static void
arrives(void **state)
{
	struct tap_sink sink = {see, seen};
	int file = memfd_create("out", 0), fd;
	char piece[7001], back[7001];
	struct err e = {0};
	uint64_t sum = 0;
	struct tap *t;

	(void)state;
	for (size_t i = 0; i < sizeof(piece); i++)
		piece[i] = (char)(i * 7 + i / 256);
	assert_int_equal(tap_open(NULL, &sink, file, &t, &fd, &e), 0);
	assert_non_null(t);
	assert_int_not_equal(fd, file);
	for (int i = 0; i < 500; i++) {
		assert_int_equal(write(fd, piece, sizeof(piece)),
				 sizeof(piece));
		for (size_t k = 0; k < sizeof(piece); k++)
			sum = sum * 31 + (unsigned char)piece[k];
	}
	tap_end(t);
	assert_int_equal(seen->bytes, 500 * sizeof(piece));
	assert_int_equal(seen->ends, 1);
	assert_true(seen->sum == sum);
	assert_int_equal(lseek(file, 0, SEEK_END), 500 * sizeof(piece));
	for (int i = 0; i < 500; i++) {
		assert_int_equal(
		    pread(file, back, sizeof(back), (off_t)(i * sizeof(back))),
		    sizeof(back));
		assert_memory_equal(back, piece, sizeof(back));
	}
	close(file);
	talloc_free(t);
}

/* What a slow sink thinks does not hold back what came. */
static void
does_not_delay(void **state)
{
	struct tap_sink sink = {slow, seen};
	struct timespec a, b;
	struct err e = {0};
	struct tap *t;
	int pair[2], fd;
	char c;

	(void)state;
	assert_int_equal(pipe(pair), 0);
	assert_int_equal(tap_open(NULL, &sink, pair[1], &t, &fd, &e), 0);
	clock_gettime(CLOCK_MONOTONIC, &a);
	assert_int_equal(write(fd, "x", 1), 1);
	assert_int_equal(read(pair[0], &c, 1), 1);
	clock_gettime(CLOCK_MONOTONIC, &b);
	assert_true((b.tv_sec - a.tv_sec) * 1000 +
			(b.tv_nsec - a.tv_nsec) / 1000000 <
		    250);
	tap_end(t);
	close(pair[0]);
	close(pair[1]);
	talloc_free(t);
}

/* A reader that goes away is noticed by the writer, as without a tap. */
static void
breaks(void **state)
{
	struct tap_sink sink = {see, seen};
	struct err e = {0};
	int pair[2], fd, rc = 0;
	struct tap *t;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(pair), 0);
	assert_int_equal(tap_open(NULL, &sink, pair[1], &t, &fd, &e), 0);
	close(pair[0]);
	for (int i = 0; i < 1000 && rc >= 0; i++) {
		rc = (int)write(fd, "x", 1);
		usleep(1000);
	}
	assert_int_equal(rc, -1);
	assert_int_equal(errno, EPIPE);
	tap_end(t);
	close(pair[1]);
	talloc_free(t);
}

static void
off(void **state)
{
	struct err e = {0};
	struct tap *t;
	int fd;

	(void)state;
	assert_int_equal(tap_open(NULL, NULL, 1, &t, &fd, &e), 0);
	assert_null(t);
	assert_int_equal(fd, 1);
	tap_started(t);
	tap_end(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(arrives, setup, teardown),
	    cmocka_unit_test_setup_teardown(does_not_delay, setup, teardown),
	    cmocka_unit_test_setup_teardown(breaks, setup, teardown),
	    cmocka_unit_test_setup_teardown(off, setup, teardown)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
