/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shim: stands on PATH under a tool's name, hands the whole invocation to
 * the gateway, and behaves as the command then does: signals, stop and
 * continue, exit status.  It decides nothing, and where anything is unclear
 * it runs nothing (exit 125).  The protocol is wire/proto.h.
 *
 * One thread, static, started for every command: nothing is allocated but
 * for requests above SMALL bytes, and nothing outside libc is linked.
 */
#include "become.h"
#include "reach.h"
#include "wire/proto.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define SMALL	     65536u
#define FRAME_MAX    (8u << 20) /* LIMIT_FRAME of base/limits.h */
#define MAX_EXTRA    16		/* LIMIT_PASSED_FDS */
#define MAX_FDS	     (4 + MAX_EXTRA)
#define STOP_WAIT_MS 200

/* How other installations know this for a shim (invocation/program.c): a note
 * of type 1 by "automode", allocated, so that strip keeps it. */
static const struct {
	uint32_t namesz, descsz, type;
	char name[12], desc[16];
} marker __attribute__((section(".note.automode"), used, aligned(4))) = {
    sizeof("automode"), sizeof("automode-shim"), 1, "automode", "automode-shim",
};

static uint64_t ignored; /* signals ignored when we started */
static sigset_t forwarded;

/* 0-2 must not be given to files of ours, where a message would end up in
 * one.  Returns which of them the command shall have. */
static unsigned int
claim_stdio(void)
{
	unsigned int open_mask = 0;

	for (int fd = 0; fd < 3; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			open_mask |= 1u << fd;
		else if (open("/dev/null", O_RDWR) != fd)
			refuse("cannot open /dev/null: %s", strerror(errno));
	}
	return open_mask;
}

/* Descriptors that the arguments name, as a shell's <(...) does. */
static size_t
find_extra(char **argv, int *fds)
{
	size_t n = 0, i;
	struct stat st;

	for (; *argv; argv++) {
		const char *p = *argv, *head;
		char *end;

		for (; (p = strstr(p, "/fd/")); p += 4) {
			long fd = strtol(p + 4, &end, 10);

			head = p - *argv >= 4 ? p - 4 : *argv;
			if (strncmp(head, "/dev/fd/", 8) != 0 &&
			    (p - *argv < 10 ||
			     strncmp(p - 10, "/proc/self/fd/", 14) != 0))
				continue;
			if (p[4] < '0' || p[4] > '9' || fd < 3 ||
			    fd > INT_MAX || fstat((int)fd, &st) < 0 ||
			    S_ISDIR(st.st_mode))
				continue;
			for (i = 0; i < n && fds[i] != (int)fd; i++)
				;
			if (i < n)
				continue;
			if (n == MAX_EXTRA)
				refuse("the arguments name more than %d open "
				       "descriptors",
				       MAX_EXTRA);
			fds[n++] = (int)fd;
		}
	}
	return n;
}

/* The request under construction. */
static char small[SMALL];
static char *out = small;
static size_t used;

static void
put(const void *bytes, uint32_t len)
{
	memcpy(out + used, &len, sizeof(len));
	memcpy(out + used + sizeof(len), bytes, len);
	used += sizeof(len) + len;
}

static void
put_u64(uint64_t v)
{
	put(&v, sizeof(v));
}

/* Adds up the vector's fields; makes sure that they fit. */
static uint64_t
measure(char **v, size_t *total)
{
	uint64_t n = 0;

	for (; *v; v++, n++) {
		*total += sizeof(uint32_t) + strlen(*v);
		if (*total > FRAME_MAX)
			refuse("arguments and environment together are larger "
			       "than %u bytes",
			       FRAME_MAX);
	}
	return n;
}

static void
put_terminal(unsigned int open_mask)
{
	struct winsize size = {0};

	for (int fd = 0; fd < 3; fd++)
		if (open_mask & 1u << fd && ioctl(fd, TIOCGWINSZ, &size) == 0)
			break;
	put_u64(size.ws_row);
	put_u64(size.ws_col);
	put_u64(open_mask);
}

static void
build_request(char **argv, unsigned int open_mask, const int *extra,
	      size_t nextra)
{
	static char cwd[PATH_MAX];
	size_t total = 2 * PATH_MAX;
	uint64_t argc = measure(argv, &total), envc = measure(environ, &total);
	uint32_t header[2] = {0, FRAME_REQUEST};
	struct rlimit limit;
	mode_t mask = umask(0);

	umask(mask);
	if (total > SMALL) {
		out = mmap(NULL, total, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (out == MAP_FAILED)
			refuse("out of memory");
	}
	used = sizeof(header);
	put_u64(PROTO_VERSION);
	put_u64(REQUEST_RUN);
	put_u64(mask);
	put_u64((uint64_t)(getpriority(PRIO_PROCESS, 0) + 20));
	put_u64(ignored);
	put_terminal(open_mask);
	put_u64(RLIM_NLIMITS);
	for (int i = 0; i < (int)RLIM_NLIMITS; i++) {
		if (getrlimit((__rlimit_resource_t)i, &limit) < 0)
			limit.rlim_cur = limit.rlim_max = RLIM_INFINITY;
		put_u64((uint64_t)i);
		put_u64(limit.rlim_cur);
		put_u64(limit.rlim_max);
	}
	put_u64(nextra);
	for (size_t i = 0; i < nextra; i++)
		put_u64((uint64_t)extra[i]);
	if (!getcwd(cwd, sizeof(cwd)) || cwd[0] != '/')
		cwd[0] = '\0';
	put(cwd, (uint32_t)strlen(cwd));
	put_u64(argc);
	for (; *argv; argv++)
		put(*argv, (uint32_t)strlen(*argv));
	put_u64(envc);
	for (char **e = environ; *e; e++)
		put(*e, (uint32_t)strlen(*e));
	header[0] = (uint32_t)(used - sizeof(uint32_t));
	memcpy(out, header, sizeof(header));
}

/* An error is left for the reading side to explain: the gateway may have
 * answered and hung up before it had read everything. */
static void
send_request(int sock, const int *fds, size_t nfds)
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
	int64_t begin = 0;
	ssize_t n;

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(nfds * sizeof(int));
	memcpy(CMSG_DATA(c), fds, nfds * sizeof(int));
	while (iov.iov_len) {
		n = sendmsg(sock, &m, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
			return;
		if (n < 0)
			no_gateway(errno == EAGAIN ? "it does not read"
						   : strerror(errno));
		iov.iov_base = (char *)iov.iov_base + n;
		iov.iov_len -= (size_t)n;
		m.msg_control = NULL;
		m.msg_controllen = 0;
		if (!iov.iov_len)
			break;
		if (!begin)
			begin = now_ms();
		if (now_ms() - begin > START_MS)
			no_gateway("it does not read");
	}
}

static uint64_t sent_on; /* bit n-1: signal n went to the command */

static void
send_signal(int sock, int number)
{
	struct {
		uint32_t length, type, field;
		uint64_t number;
	} __attribute__((packed))
	frame = {16, FRAME_SIGNAL, 8, (uint64_t)number};

	sent_on |= UINT64_C(1) << (number - 1);
	/* If nobody is there, the end of file will tell. */
	if (send(sock, &frame, sizeof(frame), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return;
}

/* A command that was ended by a signal ends this process in the same way: to
 * a shell that is 128+n, and it knows that a loop was interrupted.  129 and
 * 130 are also what a command may just return, so a signal that was never
 * sent on counts only where no command would. */
static void
end_as(int status)
{
	static const int fatal[] = {SIGABRT, SIGFPE,  SIGSEGV,
				    SIGBUS,  SIGPIPE, SIGXFSZ};
	const struct rlimit no_core = {0, 0};
	int number = status - 128;
	sigset_t one;
	bool died = number > 0 && number < 32 &&
		    (sent_on & (UINT64_C(1) << (number - 1)));

	for (size_t i = 0; i < sizeof(fatal) / sizeof(*fatal); i++)
		died |= number == fatal[i];
	if (!died)
		_exit(status);
	setrlimit(RLIMIT_CORE, &no_core);
	signal(number, SIG_DFL);
	sigemptyset(&one);
	sigaddset(&one, number);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	kill(getpid(), number);
	_exit(status);
}

enum reading { NOTHING, STOPPED };

/* What was read before the command was allowed, for it to read again. */

/* The frame that is arriving: as much of it as we look at, and how much of it
 * has come. */
static char in_small[20];
static char *in = in_small;
static size_t in_room = sizeof(in_small), in_have;

/* The one frame that is read whole. */
static void
make_room(size_t len)
{
	char *all = mmap(NULL, len, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (all == MAP_FAILED)
		refuse("out of memory");
	memcpy(all, in, in_have);
	in = all;
	in_room = len;
}

static enum reading
take_frame(uint32_t type, uint32_t len)
{
	uint64_t status;
	uint32_t n;

	switch (type) {
	case FRAME_EXIT:
		memcpy(&n, in + 8, sizeof(n));
		memcpy(&status, in + 12, sizeof(status));
		if (len != 16 || n != 8)
			break;
		if (status & EXIT_UNTOLD)
			refuse("the gateway takes no more commands now: too "
			       "many at once, or its log says why");
		end_as((int)(status & 255));
		break;
	case FRAME_HAND_OVER:
		become_program(in + 8, len - 4);
	case FRAME_STOPPED:
		return STOPPED;
	case FRAME_CONTINUED:
	case FRAME_REPLY:
		return NOTHING;
	}
	refuse("the gateway answered what this shim does not understand; "
	       "restart it: automode gateway --restart");
}

/* Descriptors come with the frame that hands over, and with no other. */
static ssize_t
receive(int sock, char *buf, size_t size)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(become.handed))];
	} control;
	struct iovec iov = {buf, size};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control.bytes,
			   .msg_controllen = sizeof(control.bytes)};
	ssize_t n = recvmsg(sock, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *h = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;

	if (h && h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS &&
	    h->cmsg_len <= CMSG_LEN(sizeof(become.handed))) {
		become.nhanded = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(become.handed, CMSG_DATA(h), h->cmsg_len - CMSG_LEN(0));
	}
	return n;
}

/* Reads what has come.  Ends the process on FRAME_EXIT and end of file. */
static enum reading
read_frames(int sock)
{
	enum reading result = NOTHING;
	char buf[4096];
	uint32_t h[2];
	ssize_t n = receive(sock, buf, sizeof(buf));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return NOTHING;
	if (n <= 0)
		refuse("the gateway ended before the command did");
	for (ssize_t i = 0; i < n; i++) {
		if (in_have < in_room)
			in[in_have] = buf[i];
		if (++in_have < sizeof(h))
			continue;
		memcpy(h, in, sizeof(h));
		if (h[0] < 4 || h[0] > FRAME_MAX)
			refuse("the gateway's answer is malformed");
		if (h[1] == FRAME_HAND_OVER && in_room == sizeof(in_small))
			make_room(h[0] + sizeof(uint32_t));
		if (in_have < h[0] + sizeof(uint32_t))
			continue;
		in_have = 0;
		if (take_frame(h[1], h[0]) == STOPPED)
			result = STOPPED;
	}
	return result;
}

/* Stops this process as the command has stopped, and when it is continued
 * tells the gateway.  TSTP takes its default action, so that the kernel's
 * rule for orphaned process groups (nobody could continue them) holds. */
static void
stop_here(int sock, int number)
{
	const struct timespec now = {0, 0};
	sigset_t one;

	sigemptyset(&one);
	sigaddset(&one, number);
	kill(getpid(), number);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	if (number != SIGSTOP)
		sigprocmask(SIG_BLOCK, &one, NULL);
	sigemptyset(&one);
	sigaddset(&one, SIGCONT);
	sigtimedwait(&one, NULL, &now);
	/* A stop that was reported only while we stood still is over. */
	read_frames(sock);
	send_signal(sock, SIGCONT);
}

static int
watch_signals(void)
{
	static const int all[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT, SIGUSR1,
				  SIGUSR2, SIGTSTP, SIGCONT, SIGWINCH};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigset_t before;
	int fd;

	/* What the caller had ignored or blocked would not have reached the
	 * command either. */
	sigprocmask(SIG_BLOCK, NULL, &before);
	become.mask = before;
	sigemptyset(&forwarded);
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (!(ignored >> (all[i] - 1) & 1) &&
		    !sigismember(&before, all[i]))
			sigaddset(&forwarded, all[i]);
	sigaction(SIGPIPE, &ignore, NULL);
	sigprocmask(SIG_BLOCK, &forwarded, NULL);
	fd = signalfd(-1, &forwarded, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		refuse("cannot watch signals: %s", strerror(errno));
	return fd;
}

static void __attribute__((noreturn)) wait_for_end(int sock, int signals)
{
	struct pollfd p[2] = {{sock, POLLIN, 0}, {signals, POLLIN, 0}};
	struct signalfd_siginfo info;
	int64_t stop_by = 0, left = -1;

	for (;;) {
		if (stop_by) {
			left = stop_by - now_ms();
			if (left < 0)
				left = 0;
		}
		if (poll(p, 2, stop_by ? (int)left : -1) < 0 &&
		    errno != EINTR && errno != EAGAIN)
			refuse("poll: %s", strerror(errno));
		if (p[0].revents && read_frames(sock) == STOPPED) {
			stop_here(sock, stop_by ? SIGTSTP : SIGSTOP);
			stop_by = 0;
		} else if (stop_by && left == 0) {
			stop_here(sock, SIGTSTP);
			stop_by = 0;
		}
		while (p[1].revents &&
		       read(signals, &info, sizeof(info)) == sizeof(info)) {
			send_signal(sock, (int)info.ssi_signo);
			if (info.ssi_signo == SIGTSTP)
				stop_by = now_ms() + STOP_WAIT_MS;
			else if (info.ssi_signo == SIGCONT)
				stop_by = 0;
		}
	}
}

static void
find_ignored(void)
{
	struct sigaction sa;

	for (int n = 1; n < NSIG; n++)
		if (sigaction(n, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN)
			ignored |= 1ull << (n - 1);
}

/* The tool is the file that was started, whatever name it was given beside
 * (exec -a), but for git-WORD; a script's path is another file. */
static void
find_name(char **argv)
{
	char *path = (char *)(uintptr_t)getauxval(AT_EXECFN), *name, *given;
	struct stat own, started;

	name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	given = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
	if (strcmp(name, given) != 0 && strncmp(given, "git-", 4) != 0 &&
	    stat(path, &started) == 0 && stat("/proc/self/exe", &own) == 0 &&
	    own.st_dev == started.st_dev && own.st_ino == started.st_ino)
		argv[0] = name;
}

int
main(int argc, char **argv)
{
	unsigned int open_mask = claim_stdio();
	int extra[MAX_EXTRA], fds[MAX_FDS];
	size_t nextra, nfds = 0;
	int sock, signals;

	if (argc < 1)
		refuse("called without a name");
	find_name(argv);
	for (char **e = environ; *e; e++)
		if (strncmp(*e, "AUTOMODE_BOXED=", 15) == 0 && (*e)[15])
			refuse("a shim was reached inside a box; two "
			       "installations on PATH?");
	find_prefix();
	find_runtime();
	nextra = find_extra(argv, extra);
	find_ignored();
	become.stdio_open = open_mask;
	become.keep_sigpipe = ignored >> (SIGPIPE - 1) & 1;
	if (try_connect(&sock) < 0) {
		if (errno != ENOENT && errno != ECONNREFUSED)
			no_gateway(errno == EAGAIN ? "it does not answer"
						   : strerror(errno));
		sock = start_gateway();
	}
	check_peer(sock);
	fds[nfds++] = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fds[0] < 0)
		refuse("cannot open the current directory: %s",
		       strerror(errno));
	for (int fd = 0; fd < 3; fd++)
		if (open_mask & 1u << fd)
			fds[nfds++] = fd;
	for (size_t i = 0; i < nextra; i++)
		fds[nfds++] = extra[i];
	build_request(argv, open_mask, extra, nextra);
	signals = watch_signals();
	send_request(sock, fds, nfds);
	wait_for_end(sock, signals);
}
