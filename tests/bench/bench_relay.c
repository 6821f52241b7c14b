/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast bytes go from a network namespace with nothing in it through
 * transport/egress to a server on loopback, and the same without namespace
 * and relay.
 *
 *	bench_relay MEGABYTES     prints both in GB/s: relayed direct
 *
 * Processes: a server that reads and counts, a client that writes the same
 * buffer again and again, the loop of the relay between them.
 */
#include "transport/egress.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

#define BLOCK (1 << 20)

static char block[BLOCK];

static double
now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void __attribute__((noreturn)) fail(const char *what)
{
	perror(what);
	exit(1);
}

/* Ends every connection with one byte, so that the client knows when all has
 * arrived. */
static pid_t
server(struct sockaddr_in *sa)
{
	socklen_t len = sizeof(*sa);
	int s = socket(AF_INET, SOCK_STREAM, 0);
	pid_t pid;

	*sa = (struct sockaddr_in){.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	if (bind(s, (struct sockaddr *)sa, len) < 0 || listen(s, 5) < 0 ||
	    getsockname(s, (struct sockaddr *)sa, &len) < 0)
		fail("server");
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			int c = accept(s, NULL, NULL);

			/* counted, not copied */
			while (recv(c, block, BLOCK, MSG_TRUNC) > 0)
				;
			if (write(c, "e", 1) != 1)
				_exit(1);
			close(c);
		}
	}
	close(s);
	return pid;
}

static double
client(const struct sockaddr_in *sa, long megabytes)
{
	int s = socket(AF_INET, SOCK_STREAM, 0);
	double start;
	char c;

	if (connect(s, (const struct sockaddr *)sa, sizeof(*sa)) < 0)
		fail("connect");
	start = now_s();
	for (long i = 0; i < megabytes; i++)
		for (size_t done = 0; done < BLOCK;) {
			ssize_t n = write(s, block + done, BLOCK - done);

			if (n <= 0)
				fail("write");
			done += (size_t)n;
		}
	shutdown(s, SHUT_WR);
	if (read(s, &c, 1) != 1)
		fail("read");
	close(s);
	return (double)megabytes * BLOCK / (now_s() - start) / 1e9;
}

static void
on_result(struct loop *l, struct watch *w, short revents, void *data)
{
	(void)w;
	(void)revents;
	(void)data;
	loop_stop(l);
}

static double
relayed(const struct sockaddr_in *sa, long megabytes)
{
	void *ctx = talloc_new(NULL);
	struct loop *l = loop_new(ctx);
	struct egress_address v = {.len = sizeof(*sa)};
	struct egress_target t = {
	    .host = "127.0.0.1", .port = ntohs(sa->sin_port), .named = true};
	struct ifreq ifr = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	struct egress *g;
	struct err e = {0};
	int go[2], result[2];
	double gbs = 0;
	char c = 0;
	pid_t pid;

	if (pipe(go) < 0 || pipe(result) < 0)
		fail("pipe");
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0 ||
		    ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCSIFFLAGS, &ifr) <
			0 ||
		    write(result[1], &c, 1) != 1 || read(go[0], &c, 1) != 1)
			fail("namespaces");
		gbs = client(sa, megabytes);
		_exit(write(result[1], &gbs, sizeof(gbs)) < 0);
	}
	close(result[1]);
	memcpy(&v.sa, sa, sizeof(*sa));
	if (read(result[0], &c, 1) != 1 ||
	    egress_listen(ctx, l, pid, &t, &v, 1, &g, &e) < 0) {
		fprintf(stderr, "%s\n", e.msg);
		exit(1);
	}
	loop_add(l, result[0], POLLIN, on_result, NULL);
	if (write(go[1], &c, 1) != 1 || loop_run(l, &e) < 0 ||
	    read(result[0], &gbs, sizeof(gbs)) != sizeof(gbs))
		fail("relay");
	waitpid(pid, NULL, 0);
	talloc_free(ctx);
	return gbs;
}

int
main(int argc, char **argv)
{
	long megabytes = argc > 1 ? strtol(argv[1], NULL, 10) : 4096;
	struct sockaddr_in sa;
	pid_t pid = server(&sa);
	double through, direct;

	client(&sa, megabytes / 8 + 1);
	through = relayed(&sa, megabytes);
	direct = client(&sa, megabytes);
	printf("%.2f %.2f\n", through, direct);
	kill(pid, SIGKILL);
	return 0;
}
