/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in a box for a program that would need the network or credentials:
 * ssh, git-remote-https, git-remote-http; gpg and ssh-keygen for signing.  It
 * hands its words and descriptors to the attendant outside (transport/), where
 * the real one is run if it may, and ends as that did.  The protocol is
 * wire/carry.h.  In the transport box itself it is git's credential helper.
 *
 * It decides nothing; who connects to the socket himself gets no more.
 */
#include "wire/carry.h"
#include "wire/proto.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define MAX_FDS (3 + CARRY_MAX_FILES)
#define ASK_MS	2000

static char out[CARRY_MAX_BYTES];
static size_t used;
static int fds[MAX_FDS] = {0, 1, 2};
static size_t nfds = 3;
static uint64_t words[CARRY_MAX_FILES]; /* that name fds[3 + i] */

static void __attribute__((noreturn)) fail(const char *what)
{
	dprintf(STDERR_FILENO, "automode: transport: %s: %s\n", what,
		strerror(errno));
	_exit(128);
}

static void
put(const void *bytes, size_t len)
{
	uint32_t n = (uint32_t)len;

	if (len > sizeof(out) || used + sizeof(n) + len > sizeof(out)) {
		errno = E2BIG;
		fail("the request");
	}
	memcpy(out + used, &n, sizeof(n));
	memcpy(out + used + sizeof(n), bytes, len);
	used += sizeof(n) + len;
}

static void
put_u64(uint64_t v)
{
	put(&v, sizeof(v));
}

static void
put_text(const char *s)
{
	put(s ? s : "", s ? strlen(s) : 0);
}

static void
pass(int fd, uint64_t word)
{
	if (fd < 0 || nfds == MAX_FDS)
		return;
	words[nfds - 3] = word;
	fds[nfds++] = fd;
}

/* Signing programs get files by name, which lie in the box's own /tmp; and
 * ssh-keygen -Y sign leaves its result beside the last of them. */
static void
find_files(int argc, char **argv)
{
	char result[4096];
	struct stat st;

	for (int i = 0; i < argc; i++) {
		if (argv[i][0] == '-' || stat(argv[i], &st) < 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		pass(open(argv[i], O_RDONLY | O_CLOEXEC), (uint64_t)i);
	}
	if (argc < 3 || strcmp(argv[0], "-Y") != 0 ||
	    strcmp(argv[1], "sign") != 0 ||
	    snprintf(result, sizeof(result), "%s.sig", argv[argc - 1]) >=
		(int)sizeof(result))
		return;
	pass(open(result, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600),
	     (uint64_t)argc);
}

static void
build(const char *name, int argc, char **argv)
{
	const char *dir = getenv("GIT_DIR"), *protocol = getenv("GIT_PROTOCOL");
	static char real[4096];

	/* who reads it has another working directory */
	if (dir && strlen(dir) < sizeof(real) && realpath(dir, real))
		dir = real;
	if (strcmp(name, "gpg") == 0 || strcmp(name, "ssh-keygen") == 0)
		find_files(argc, argv);
	put_u64(CARRY_VERSION);
	put_text(name);
	put_u64((dir ? CARRY_HAS_GIT_DIR : 0) |
		(protocol ? CARRY_HAS_PROTOCOL : 0));
	put_text(dir);
	put_text(protocol);
	put_u64(nfds - 3);
	for (size_t i = 3; i < nfds; i++)
		put_u64(words[i - 3]);
	put_u64((uint64_t)argc);
	for (int i = 0; i < argc; i++)
		put_text(argv[i]);
}

static int
reach(const char *path, int type)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int s = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	strncpy(a.sun_path, path, sizeof(a.sun_path) - 1);

	if (s < 0 || connect(s, (struct sockaddr *)&a, sizeof(a)) < 0)
		fail("nobody carries for this box");
	return s;
}

static void
send_request(int s)
{
	union {
		char bytes[CMSG_SPACE(MAX_FDS * sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	struct iovec iov = {out, used};
	struct msghdr m = {
	    .msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = CMSG_SPACE(nfds * sizeof(int)),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(nfds * sizeof(int));
	memcpy(CMSG_DATA(c), fds, nfds * sizeof(int));
	while (sendmsg(s, &m, MSG_NOSIGNAL) < 0)
		if (errno != EINTR)
			fail("sending");
}

static void
pass_on(int from, int to)
{
	ssize_t n;

	while ((n = read(from, out, sizeof(out))) != 0) {
		if (n < 0 && errno != EINTR)
			fail("reading");
		for (ssize_t k = 0, m; k < n; k += m)
			if ((m = write(to, out + k, (size_t)(n - k))) < 0)
				fail("writing");
	}
}

/* As git credential-cache would: the question, an end of file, the answer. */
static void __attribute__((noreturn)) ask_credential(void)
{
	static const char action[] = "action=get\n";
	int s = reach(CARRY_CREDENTIAL, SOCK_STREAM);

	if (send(s, action, sizeof(action) - 1, MSG_NOSIGNAL) < 0)
		fail("asking");
	pass_on(STDIN_FILENO, s);
	shutdown(s, SHUT_WR);
	pass_on(s, STDOUT_FILENO);
	explicit_bzero(out, sizeof(out));
	_exit(0);
}

int
main(int argc, char **argv)
{
	const char *name = argc > 0 && argv[0] ? argv[0] : "";
	struct pollfd asked = {.fd = STDIN_FILENO, .events = POLLIN};
	uint64_t status;
	ssize_t n;
	int s;

	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			_exit(128);
	if (strrchr(name, '/'))
		name = strrchr(name, '/') + 1;
	if (strcmp(name, CARRY_HELPER) == 0)
		ask_credential();
	if (strncmp(name, "git-", 4) == 0)
		name += 4;
	/* only to sign it needs what is outside */
	if (strcmp(name, "ssh-keygen") == 0 &&
	    (argc < 3 || strcmp(argv[1], "-Y") || strcmp(argv[2], "sign"))) {
		execv("/usr/bin/ssh-keygen", argv);
		fail("/usr/bin/ssh-keygen");
	}
	build(name, argc > 0 ? argc - 1 : 0, argv + (argc > 0));
	/* git speaks first; if nobody is to hear it, it must find an end of
	 * file and not a broken pipe, of which it would die without a word */
	if (strncmp(name, "remote-", 7) == 0)
		poll(&asked, 1, ASK_MS);
	s = reach(CARRY_SOCKET, SOCK_SEQPACKET);
	send_request(s);
	/* what we hold is the carrier's now: it must see the ends that git
	 * closes, and git those that it closes */
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	while ((n = recv(s, &status, sizeof(status), 0)) < 0)
		if (errno != EINTR)
			fail("waiting");
	if (n != sizeof(status)) {
		dprintf(STDERR_FILENO,
			"automode: transport: ended without an answer\n");
		_exit(128);
	}
	_exit((int)(status & 255));
}
