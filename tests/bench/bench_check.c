/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks the gateway for verdicts over its socket and prints the median in
 * microseconds: bench_check SOCKET ROUNDS TOOL ARGS...
 */
#include "wire/frame.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <talloc.h>
#include <unistd.h>

extern char **environ;

static double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void
request(void *ctx, struct frame_out *f, char **argv, size_t argc)
{
	char cwd[4096];
	size_t envc = 0;

	frame_out_init(ctx, f, FRAME_REQUEST);
	frame_out_u64(f, PROTO_VERSION);
	frame_out_u64(f, REQUEST_CHECK);
	frame_out_u64(f, 022);
	frame_out_u64(f, 20);
	for (int i = 0; i < 3; i++)
		frame_out_u64(f, 0);
	frame_out_u64(f, 7);
	frame_out_u64(f, 0);
	frame_out_u64(f, 0);
	frame_out_str(f, getcwd(cwd, sizeof(cwd)));
	frame_out_u64(f, argc);
	for (size_t i = 0; i < argc; i++)
		frame_out_str(f, argv[i]);
	while (environ[envc])
		envc++;
	frame_out_u64(f, envc);
	for (size_t i = 0; i < envc; i++)
		frame_out_str(f, environ[i]);
}

static int
ask(const char *path, char **argv, size_t argc, char **verdict)
{
	void *ctx = talloc_new(NULL);
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fds[4] = {open(".", O_PATH | O_CLOEXEC), 0, 1, 2};
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct frame_out out;
	struct frame in;
	struct err e = {0};
	int rc;

	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path);
	request(ctx, &out, argv, argc);
	if (connect(sock, (struct sockaddr *)&sa, sizeof(sa)) < 0 ||
	    frame_send(sock, &out, fds, 4, 5000, &e) < 0) {
		fprintf(stderr, "%s: %s %s\n", path, strerror(errno), e.msg);
		exit(1);
	}
	while ((rc = frame_read(ctx, sock, 60000, &in, &e)) == 0)
		if (in.type == FRAME_REPLY && !*verdict)
			*verdict = strndup(in.body, in.len);
	close(sock);
	close(fds[0]);
	talloc_free(ctx);
	return rc;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
	int rounds = argc > 3 ? (int)strtol(argv[2], NULL, 10) : 0;
	double *took = calloc((size_t)rounds + 1, sizeof(*took));
	char *verdict = NULL;

	if (rounds < 1 || !took) {
		fprintf(stderr, "usage: bench_check SOCKET ROUNDS TOOL ARGS\n");
		return 64;
	}
	for (int i = 0; i < rounds; i++) {
		double start = now_us();

		ask(argv[1], argv + 3, (size_t)argc - 3, &verdict);
		took[i] = now_us() - start;
	}
	qsort(took, (size_t)rounds, sizeof(*took), compare);
	printf("%.0f %s\n", took[rounds / 2], verdict ? verdict : "");
	free(took);
	return 0;
}
