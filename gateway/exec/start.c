/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starts bwrap: its options, the filter, files, folders and the caller's
 * descriptors, each under the number by which its options name it.
 */
#include "base/limits.h"
#include "base/own.h"
#include "base/path.h"
#include "exec/running.h"
#include "sandbox/seccomp.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_FDS (8 + LIMIT_PASSED_FDS)
/* bubblewrap 0.8 takes 9000 arguments, those of the command and those in
 * --args included (MAX_ARGS in bubblewrap.c). */
#define BWRAP_MAX_ARGS 8990

/* What goes to bwrap as one file of NUL-terminated words. */
struct words {
	char *bytes;
	size_t len, room, n;
};

static void
word(struct words *w, const char *text, size_t len)
{
	if (w->len + len + 1 > w->room) {
		w->room = (w->len + len + 1) * 2;
		w->bytes = talloc_realloc_size(NULL, w->bytes, w->room);
		if (!w->bytes)
			BUG("out of memory");
	}
	memcpy(w->bytes + w->len, text, len);
	w->bytes[w->len + len] = '\0';
	w->len += len + 1;
	w->n++;
}

static void
words2(struct words *w, const char *a, const char *b)
{
	word(w, a, strlen(a));
	word(w, b, strlen(b));
}

static void
option_number(struct words *w, const char *name, int number)
{
	char text[16];

	snprintf(text, sizeof text, "%d", number);
	words2(w, name, text);
}

static void
write_words(struct words *w, const struct bwrap_plan *p, bool block)
{
	size_t held = bwrap_holds() ? 0 : p->nheld;

	for (size_t i = 0; i < p->noptions; i++) {
		const char *text = p->options[i];

		if (held < p->nheld && p->held[held] == i) {
			option_number(w,
				      strcmp(text, "--bind") ? "--ro-bind-fd"
							     : "--bind-fd",
				      BWRAP_HELD_FD + (int)held++);
			i++;
			continue;
		}
		word(w, text, strlen(text));
	}
	for (size_t i = 0; p->env && p->env[i]; i++) {
		const char *eq = strchr(p->env[i], '=');

		if (!eq || eq == p->env[i])
			continue;
		word(w, "--setenv", 8);
		word(w, p->env[i], (size_t)(eq - p->env[i]));
		word(w, eq + 1, strlen(eq + 1));
	}
	if (p->chdir)
		words2(w, "--chdir", p->chdir);
	option_number(w, "--seccomp", BWRAP_SECCOMP_FD);
	option_number(w, "--json-status-fd", BWRAP_STATUS_FD);
	if (block)
		option_number(w, "--block-fd", BWRAP_BLOCK_FD);
}

/* An anonymous file at offset 0.  One per run: what is inherited shares its
 * offset, and bwrap reads from there. */
static int
memory_file(void *ctx, const void *bytes, size_t len, struct err *e)
{
	int fd = own_fd(ctx, memfd_create("automode", MFD_CLOEXEC));
	size_t done = 0;

	if (fd < 0)
		return err_sys(e, "memfd_create");
	while (done < len) {
		ssize_t n = pwrite(fd, (const char *)bytes + done, len - done,
				   (off_t)done);
		if (n < 0 && errno != EINTR)
			return err_sys(e, "writing to memory");
		done += n > 0 ? (size_t)n : 0;
	}
	return fd;
}

static void
place(struct launch *l, int fd, int number)
{
	l->fds[l->nfds++] = (struct placed_fd){fd, number};
}

static int
place_files(void *ctx, struct launch *l, const struct bwrap_plan *p,
	    struct err *e)
{
	const void *program;
	size_t len;
	int fd;

	if (seccomp_program(p->seccomp, &program, &len, e) < 0)
		return e ? e->code : ERR_SYSTEM;
	fd = memory_file(ctx, program, len, e);
	if (fd < 0)
		return fd;
	place(l, fd, BWRAP_SECCOMP_FD);
	for (size_t i = 0; i < p->ndata; i++) {
		const struct bwrap_data *d = &p->data[i];
		int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;

		if (d->bytes) {
			fd = memory_file(ctx, d->bytes, d->len, e);
		} else {
			fd = own_fd(ctx, open(d->path, flags));
			if (fd < 0) /* gone since, or no longer ours to read */
				fd = memory_file(ctx, "", 0, e);
		}
		if (fd < 0)
			return fd;
		place(l, fd, d->fd);
	}
	return 0;
}

/* Whatever their names have become since: RESOLVE_NO_SYMLINKS of openat2(2). */
static int
place_held(void *ctx, struct launch *l, const struct bwrap_plan *p,
	   struct err *e)
{
	int root OWNED_FD = -1, fd;

	if (!p->nheld || !bwrap_holds())
		return 0;
	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < p->nheld; i++) {
		const char *path = p->options[p->held[i] + 1];

		fd = own_fd(ctx, path_open_beneath(root, path + 1,
						   O_PATH | O_CLOEXEC, 0, e));
		if (fd < 0)
			return err_wrap(e, "%s", path);
		place(l, fd, BWRAP_HELD_FD + (int)i);
	}
	return 0;
}

static int
place_caller(struct launch *l, const struct invocation *in, const int *stdio,
	     struct err *e)
{
	for (int i = 0; i < 3; i++)
		if (stdio[i] >= 0)
			place(l, stdio[i], i);
	for (size_t i = 0; i < in->npassed; i++) {
		if (in->passed[i].number < 3)
			return err_set(e, ERR_UNKNOWN,
				       "descriptor %d was passed twice",
				       in->passed[i].number);
		place(l, in->passed[i].fd, in->passed[i].number);
	}
	return 0;
}

/* What the helper is to ask about, and where: BWRAP_HELPER_FD. */
static const char *
asks(const struct bwrap_plan *p)
{
	if (!p->supervise)
		return "-";
	return p->ids ? "ids=205" : "205";
}

/* The command line behind "--".  A very long one goes through the helper,
 * which reads it from a file. */
static int
compose_argv(void *ctx, struct launch *l, const struct command *cmd,
	     const struct bwrap_plan *p, size_t others, struct err *e)
{
	size_t argc = 0, n = 0;
	const char **v;

	while (cmd->argv[argc])
		argc++;
	v = talloc_array(ctx, const char *, (unsigned)argc + 10);
	if (!v)
		BUG("out of memory");
	v[n++] = "bwrap";
	v[n++] = "--args";
	v[n++] = "200";
	v[n++] = "--";
	l->argv = v;
	if (argc + others + 10 > BWRAP_MAX_ARGS) {
		struct words w = {0};
		int fd;

		if (!p->helper)
			return err_set(e, ERR_LIMIT,
				       "%zu arguments are more than bubblewrap "
				       "takes, and the box helper is not "
				       "installed",
				       argc);
		words2(&w, asks(p), cmd->program);
		for (size_t i = 0; i < argc; i++)
			word(&w, cmd->argv[i], strlen(cmd->argv[i]));
		fd = memory_file(ctx, w.bytes, w.len, e);
		talloc_free(w.bytes);
		if (fd < 0)
			return fd;
		place(l, fd, BWRAP_ARGV_FD);
		v[n++] = p->helper;
		v[n++] = "--from";
		v[n++] = "206";
		v[n] = NULL;
		return 0;
	}
	if (p->supervise) {
		v[n++] = p->helper;
		v[n++] = asks(p);
		v[n++] = cmd->program;
		v[n++] = argc ? cmd->argv[0] : cmd->program;
	} else {
		v[n++] =
		    cmd->need.by_name && argc ? cmd->argv[0] : cmd->program;
	}
	for (size_t i = 1; i < argc; i++)
		v[n++] = cmd->argv[i];
	v[n] = NULL;
	return 0;
}

static bool
own_network(const struct bwrap_plan *p)
{
	for (size_t i = 0; i < p->noptions; i++)
		if (strcmp(p->options[i], "--unshare-net") == 0)
			return true;
	return false;
}

/* Pipes and sockets between us and the box; ctx keeps the far ends until
 * bwrap has them. */
static int
connect_box(void *ctx, struct running *r, struct launch *l, bool block,
	    struct err *e)
{
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_sys(e, "pipe");
	r->status = own_fd(r, pair[0]);
	place(l, own_fd(ctx, pair[1]), BWRAP_STATUS_FD);
	if (block) {
		/* A datagram socket has no end of file: should we die, bwrap
		 * goes on waiting, and is killed by its parent's death.  A
		 * pipe would let the command run. */
		if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) < 0)
			return err_sys(e, "socketpair");
		r->block = own_fd(r, pair[0]);
		place(l, own_fd(ctx, pair[1]), BWRAP_BLOCK_FD);
	}
	watch_init(&r->watch, own_network(r->plan), r->plan->ids);
	if (r->plan->supervise) {
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) <
		    0)
			return err_sys(e, "socketpair");
		r->watch.helper = pair[0];
		place(l, own_fd(ctx, pair[1]), BWRAP_HELPER_FD);
	}
	return 0;
}

int
running_start(struct running *r, const struct invocation *in,
	      const struct command *cmd, bool block, const int *stdio,
	      struct err *e)
{
	void *ctx = talloc_new(r); /* until bwrap has started */
	struct launch l = {.in = in};
	struct words w = {0};
	int fd, rc;

	l.fds =
	    talloc_array(ctx, struct placed_fd,
			 (unsigned)(MAX_FDS + r->plan->ndata + r->plan->nheld));
	if (!l.fds)
		BUG("out of memory");
	rc = connect_box(ctx, r, &l, block, e);
	if (rc == 0)
		rc = place_files(ctx, &l, r->plan, e);
	if (rc == 0)
		rc = place_held(ctx, &l, r->plan, e);
	if (rc == 0)
		rc = place_caller(&l, in, stdio, e);
	if (rc == 0) {
		write_words(&w, r->plan, block);
		fd = memory_file(ctx, w.bytes, w.len, e);
		rc = fd < 0 ? fd : 0;
		place(&l, fd, BWRAP_ARGS_FD);
		talloc_free(w.bytes);
	}
	if (rc == 0)
		rc = compose_argv(ctx, &l, cmd, r->plan, w.n, e);
	if (rc == 0)
		rc = launch_bwrap(&l, &r->bwrap, e);
	if (rc == 0) {
		r->bwrap_pidfd = own_fd(r, pidfd_open(r->bwrap, 0));
		if (r->bwrap_pidfd < 0)
			rc = err_sys(e, "pidfd_open");
	}
	talloc_free(ctx);
	return rc;
}
