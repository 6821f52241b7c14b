/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the gateway. */
#include "cli/client.h"
#include "base/limits.h"
#include "base/own.h"
#include "cli/cli.h"
#include "places.h"
#include "wire/frame.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static bool
replaced(const char *entry, const char *const *set)
{
	size_t n = strcspn(entry, "=");

	for (; set != NULL && *set != NULL; set++)
		if (strncmp(entry, *set, n) == 0 && (*set)[n] == '=')
			return true;
	return false;
}

static void
put_environment(struct frame_out *f, const char *const *set)
{
	uint64_t n = 0;

	for (char **v = environ; *v != NULL; v++)
		n += !replaced(*v, set);
	for (const char *const *v = set; v != NULL && *v != NULL; v++)
		n++;
	frame_out_u64(f, n);
	for (char **v = environ; *v != NULL; v++)
		if (!replaced(*v, set))
			frame_out_str(f, *v);
	for (const char *const *v = set; v != NULL && *v != NULL; v++)
		frame_out_str(f, *v);
}

static void
put_limits(struct frame_out *f)
{
	struct rlimit r;

	frame_out_u64(f, RLIM_NLIMITS);
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		if (getrlimit(i, &r) != 0)
			r.rlim_cur = r.rlim_max = RLIM_INFINITY;
		frame_out_u64(f, (uint64_t)i);
		frame_out_u64(f, r.rlim_cur);
		frame_out_u64(f, r.rlim_max);
	}
}

static bool
is_open(int fd)
{
	return fd >= 0 && fcntl(fd, F_GETFD) >= 0;
}

static void
build(struct frame_out *f, const struct client_call *c, const char *cwd,
      unsigned open_mask)
{
	struct winsize size = {0};
	mode_t mask = umask(0);
	uint64_t argc = 0;

	umask(mask);
	(void)ioctl(STDERR_FILENO, TIOCGWINSZ, &size);
	frame_out_u64(f, PROTO_VERSION);
	frame_out_u64(f, c->kind);
	frame_out_u64(f, mask);
	frame_out_u64(f, (uint64_t)(getpriority(PRIO_PROCESS, 0) + 20));
	frame_out_u64(f, 0);
	frame_out_u64(f, size.ws_row);
	frame_out_u64(f, size.ws_col);
	frame_out_u64(f, open_mask);
	put_limits(f);
	frame_out_u64(f, 0);
	frame_out_str(f, cwd);
	while (c->argv[argc] != NULL)
		argc++;
	frame_out_u64(f, argc);
	for (uint64_t i = 0; i < argc; i++)
		frame_out_str(f, c->argv[i]);
	put_environment(f, c->set);
}

static int
send_call(void *ctx, int sock, const struct client_call *c, struct err *e)
{
	int dir OWNED_FD = open(c->cwd != NULL ? c->cwd : ".",
				O_PATH | O_DIRECTORY | O_CLOEXEC);
	int stdio[3] = {STDIN_FILENO, c->out, c->err}, fds[4];
	struct frame_out f;
	unsigned open_mask = 0;
	char cwd[PATH_MAX];
	size_t n = 1;

	if (dir < 0)
		return err_sys(e, "opening the directory %s",
			       c->cwd != NULL ? c->cwd : ".");
	if (c->cwd != NULL || getcwd(cwd, sizeof(cwd)) == NULL)
		snprintf(cwd, sizeof(cwd), "%s", c->cwd != NULL ? c->cwd : "");
	fds[0] = dir;
	for (int i = 0; i < 3; i++)
		if (is_open(stdio[i])) {
			fds[n++] = stdio[i];
			open_mask |= 1u << i;
		}
	frame_out_init(ctx, &f, FRAME_REQUEST);
	build(&f, c, cwd, open_mask);
	return frame_send(sock, &f, fds, n, LIMIT_REQUEST_MS, e);
}

/* The first signal of a kind goes to the gateway, the second to us. */
static void
relay_signal(int sock, int signals, sigset_t *watched)
{
	struct signalfd_siginfo si;
	struct frame_out f;
	sigset_t one;
	void *ctx;

	if (read(signals, &si, sizeof(si)) != sizeof(si))
		return;
	ctx = talloc_new(NULL);
	frame_out_init(ctx, &f, FRAME_SIGNAL);
	frame_out_u64(&f, si.ssi_signo);
	(void)frame_send(sock, &f, NULL, 0, 0, NULL);
	talloc_free(ctx);
	sigdelset(watched, (int)si.ssi_signo);
	(void)signalfd(signals, watched, 0);
	sigemptyset(&one);
	sigaddset(&one, (int)si.ssi_signo);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
}

static int
take_answers(void *ctx, int sock, struct client_call *c, int signals,
	     sigset_t *watched, struct err *e)
{
	for (;;) {
		struct pollfd p[2] = {{sock, POLLIN, 0}, {signals, POLLIN, 0}};
		struct fields fields;
		struct frame f;
		int r;

		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return err_sys(e, "waiting for the gateway");
		if (p[1].revents != 0)
			relay_signal(sock, signals, watched);
		if (p[0].revents == 0)
			continue;
		r = frame_read(ctx, sock, LIMIT_REQUEST_MS, &f, e);
		if (r > 0)
			return err_set(e, ERR_SYSTEM,
				       "the gateway gave up on the request; "
				       "its log says why");
		if (r < 0)
			return r;
		fields_init(&fields, f.body, f.len);
		if (f.type == FRAME_EXIT) {
			c->status = (int)(fields_u64(&fields) & 255);
			return fields_done(&fields)
				   ? 0
				   : err_set(e, ERR_SYNTAX,
					     "a malformed answer");
		}
		if (f.type == FRAME_REPLY)
			c->reply = fields_bytes(ctx, &fields, NULL);
	}
}

int
client_ask(void *ctx, struct client_call *c, struct err *e)
{
	int sock OWNED_FD = -1, signals OWNED_FD = -1;
	struct cli_places places;
	sigset_t watched, before;
	int r;

	c->status = EXIT_NO_GATEWAY;
	c->reply = NULL;
	if (cli_places(ctx, &places, e) < 0 ||
	    places_connect(places.runtime, c->socket, &sock, NULL, e) < 0)
		return e->code;
	if (send_call(ctx, sock, c, e) < 0)
		return err_wrap(e, "asking the gateway");
	sigemptyset(&watched);
	sigaddset(&watched, SIGINT);
	sigaddset(&watched, SIGTERM);
	sigaddset(&watched, SIGHUP);
	sigaddset(&watched, SIGQUIT);
	sigprocmask(SIG_BLOCK, &watched, &before);
	signals = signalfd(-1, &watched, SFD_CLOEXEC);
	r = take_answers(ctx, sock, c, signals, &watched, e);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}

int
client_control(void *ctx, const char *const *argv, const char *const *set,
	       char **output, int *status, struct err *e)
{
	int fd OWNED_FD = memfd_create("output", MFD_CLOEXEC);
	struct client_call c = {
	    .kind = REQUEST_CONTROL,
	    .socket = CONTROL_SOCKET,
	    .argv = argv,
	    .set = set,
	    .out = fd,
	    .err = STDERR_FILENO,
	};
	struct stat st;
	int r;

	*output = NULL;
	if (fd < 0)
		return err_sys(e, "memfd_create");
	r = client_ask(ctx, &c, e);
	if (r < 0)
		return r;
	*status = c.status;
	if (fstat(fd, &st) != 0)
		return err_sys(e, "reading the gateway's answer");
	*output = talloc_zero_array(ctx, char, (size_t)st.st_size + 1);
	if (*output == NULL ||
	    pread(fd, *output, (size_t)st.st_size, 0) != st.st_size)
		return err_sys(e, "reading the gateway's answer");
	if (st.st_size > 0 && (*output)[st.st_size - 1] == '\n')
		(*output)[st.st_size - 1] = '\0';
	return 0;
}
