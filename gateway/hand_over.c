/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells the shim which program to become.  The decision is on record by then;
 * how the program ends is not seen here.
 */
#include "hand_over.h"
#include "answer.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/text.h"
#include "exec/confine.h"
#include "invocation/program.h"
#include "watched.h"
#include "wire/frame.h"
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENV_PROGRAM "/usr/bin/env"
#define SOON	    5000 /* times SOON_US */
#define SOON_US	    1000
#define LATER_US    100000
#define DOMAIN_FD   199 /* no caller has passed that one */

/* The caller goes on as the program, and its input comes from here. */
static void
carry(void *ctx, struct request *rq, uint64_t decision, struct watched *w)
{
	const char *said = watched_run(ctx, rq, w);
	struct err e = {0};

	if (!said)
		return;
	rq->status = EXIT_DENIED;
	(void)channel_record_last(&rq->monitor, "outcome", rq->in.session->id,
				  answer_outcome(ctx, rq, decision, true, said),
				  &e);
}

/* env(1) puts before the program what lets it enter its domain
 * (shims/confine.c).  The domain's descriptor, or -1: there is none. */
static int
confine(void *ctx, struct request *rq, int *domain, struct err *e)
{
	struct command *cmd = &rq->cmd;
	const char *lib = path_join(ctx, program_shim_dir(), "../confine.so");
	const char *as = path_join(ctx, program_shim_dir(), "../box-helper");
	const char *before = invocation_env(&rq->in, "LD_PRELOAD");
	size_t argc = 0, n = 0;
	char *folders;
	const char **v;

	*domain = -1;
	if (!cmd->nconfined || cmd->loose || !path_exists(ENV_PROGRAM) ||
	    !path_exists(lib) || !path_exists(as))
		return 0;
	if (confine_open(ctx, cmd->confined, cmd->nconfined, domain, &folders,
			 e) < 0)
		return e->code;
	if (*domain < 0)
		return 0;
	while (cmd->argv[argc])
		argc++;
	v = talloc_array(ctx, const char *, (unsigned)argc + 13);
	if (!v)
		BUG("out of memory");
	v[n++] = "env";
	v[n++] = talloc_asprintf(ctx, "AUTOMODE_CONFINE=%d", DOMAIN_FD);
	v[n++] = talloc_asprintf(ctx, "AUTOMODE_CONFINE_AT=%s", folders);
	if (cmd->confined_now)
		v[n++] = "AUTOMODE_CONFINE_NOW=1";
	if (before)
		v[n++] = talloc_asprintf(ctx, "AUTOMODE_PRELOAD=%s", before);
	v[n++] = talloc_asprintf(ctx, "LD_PRELOAD=%s%s%s", lib,
				 before ? ":" : "", before ? before : "");
	v[n++] = as; /* static; becomes the program by its own name */
	v[n++] = "-";
	v[n++] = cmd->program;
	for (size_t i = 0; i < argc; i++)
		v[n++] = cmd->argv[i];
	v[n] = NULL;
	cmd->argv = v;
	cmd->program = ENV_PROGRAM;
	return 0;
}

static bool
has_open(pid_t pid, const struct stat *file)
{
	char path[64];
	struct dirent *entry;
	struct stat st;
	bool yes = false;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	d = opendir(path);
	while (d && !yes && (entry = readdir(d)))
		yes = fstatat(dirfd(d), entry->d_name, &st, 0) == 0 &&
		      st.st_dev == file->st_dev && st.st_ino == file->st_ino;
	if (d)
		closedir(d);
	return yes;
}

/* Where its end is ours, it reads on until we have gone, and is seen. */
static void
keep_open(const struct request *rq)
{
	const int *ends = rq->cmd.named_pipe;
	struct stat st;

	if (!ends[0] || fstat(ends[0], &st) != 0)
		return;
	for (int i = 0; kill(rq->in.pid, 0) == 0 && !has_open(rq->in.pid, &st);
	     i++)
		usleep(i < SOON ? SOON_US : LATER_US);
	close(ends[0]);
	if (ends[1] > 0)
		close(ends[1]);
}

int
hand_over(void *ctx, struct request *rq, uint64_t decision)
{
	int fds[2 + LIMIT_PASSED_FDS], numbers[2 + LIMIT_PASSED_FDS], domain;
	struct frame_out f;
	struct watched w;
	struct err e = {0};
	size_t nfds = 0;
	uint64_t n = 0;

	rq->status = 0;
	if (confine(ctx, rq, &domain, &e) < 0) {
		answer_line(rq, e.msg);
		return EXIT_NO_GATEWAY;
	}
	answer_line(rq, reversal_leave(rq->reversal, &rq->monitor));
	if (rq->cmd.makes) /* else it counts as somebody else's */
		(void)channel_facts(&rq->monitor, rq->in.session->id,
				    SESSION_CONTAINERS, rq->cmd.makes, &e);
	/* first: the shim is gone as soon as it has read the frame */
	if (!rq->cmd.unseen)
		(void)channel_record_last(
		    &rq->monitor, "outcome", rq->in.session->id,
		    answer_outcome(ctx, rq, decision, true, "handed over"), &e);
	while (rq->cmd.argv[n])
		n++;
	frame_out_init(ctx, &f, FRAME_HAND_OVER);
	frame_out_str(&f, rq->cmd.program);
	frame_out_u64(&f, n);
	for (uint64_t i = 0; i < n; i++)
		frame_out_str(&f, rq->cmd.argv[i]);
	if (rq->cmd.hand_stdin || rq->cmd.watch) {
		fds[nfds] =
		    rq->cmd.watch ? watched_begin(rq, &w, &e) : rq->in.stdio[0];
		if (fds[nfds] < 0) {
			answer_line(rq, e.msg);
			return EXIT_NO_GATEWAY;
		}
		numbers[nfds++] = 0;
	}
	for (size_t i = 0; i < rq->in.npassed; i++) {
		if (!(rq->cmd.hand_passed >> i & 1))
			continue;
		fds[nfds] = rq->in.passed[i].fd;
		numbers[nfds++] = rq->in.passed[i].number;
	}
	if (domain >= 0) {
		fds[nfds] = domain;
		numbers[nfds++] = DOMAIN_FD;
	}
	frame_out_u64(&f, nfds);
	for (size_t i = 0; i < nfds; i++)
		frame_out_u64(&f, (uint64_t)numbers[i]);
	if (frame_send(rq->client, &f, fds, nfds, LIMIT_REQUEST_MS, &e) < 0) {
		answer_line(rq, e.msg);
		return EXIT_NO_GATEWAY;
	}
	keep_open(rq);
	if (rq->cmd.watch) {
		close(fds[0]);
		carry(ctx, rq, decision, &w);
	}
	return 0;
}
