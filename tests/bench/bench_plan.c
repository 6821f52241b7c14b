/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes what bwrap would be given for a command in the current directory, so
 * that the bench can run the same box without automode:
 *
 *	bench_plan FOLDER TOOL ARGS...
 *
 * FOLDER/args (for --args), FOLDER/seccomp, FOLDER/data.N (for fd N); prints
 * the command line for bench_spawn.
 */
#include "base/file.h"
#include "invocation/program.h"
#include "sandbox/bwrap.h"
#include "sandbox/seccomp.h"
#include <fcntl.h>
#include <git2.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

extern char **environ;

static void
save(const char *dir, const char *name, const void *bytes, size_t len)
{
	int d = open(dir, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	struct err e = {0};

	if (file_write(d, name, bytes, len, 0600, &e) < 0)
		BUG("%s", e.msg);
	close(d);
}

static void
invocation_of_us(void *ctx, struct invocation *in, char **argv)
{
	static struct session session = {.id = "bench"};
	size_t n = 0, envc = 0;

	/* now: the programs and hooks of this machine are older */
	session.started_ns = (int64_t)time(NULL) * 1000000000;
	while (argv[n])
		n++;
	while (environ[envc])
		envc++;
	*in = (struct invocation){
	    .kind = REQUEST_RUN,
	    .tool = argv[0],
	    .argv = (const char *const *)argv,
	    .argc = n,
	    .env = (const char *const *)environ,
	    .envc = envc,
	    .cwd = talloc_strdup(ctx, realpath(".", NULL)),
	    .cwd_fd = open(".", O_PATH | O_CLOEXEC),
	    .stdio = {0, 1, 2},
	    .uid = getuid(),
	    .gid = getgid(),
	    .pid = getpid(),
	    .mask = 022,
	    .session = &session,
	};
}

static void
save_plan(const char *dir, const struct bwrap_plan *plan)
{
	void *ctx = talloc_new(NULL);
	char *args = talloc_strdup(ctx, "");
	const void *program;
	size_t len = 0;
	struct err e = {0};

	for (size_t i = 0; i < plan->noptions; i++) {
		size_t n = strlen(plan->options[i]) + 1;

		args = talloc_realloc(ctx, args, char, len + n);
		memcpy(args + len, plan->options[i], n);
		len += n;
	}
	save(dir, "args", args, len);
	if (seccomp_program(plan->seccomp, &program, &len, &e) < 0)
		BUG("%s", e.msg);
	save(dir, "seccomp", program, len);
	for (size_t i = 0; i < plan->ndata; i++) {
		const struct bwrap_data *d = &plan->data[i];
		char *name = talloc_asprintf(ctx, "data.%d", d->fd), *bytes;

		if (d->bytes)
			save(dir, name, d->bytes, d->len);
		else if (file_read(ctx, AT_FDCWD, d->path, 1 << 20, &bytes,
				   &len, &e) < 0)
			BUG("%s", e.msg);
		else
			save(dir, name, bytes, len);
	}
	talloc_free(ctx);
}

int
main(int argc, char **argv)
{
	void *ctx = talloc_new(NULL);
	struct invocation in;
	struct command cmd = {0};
	struct effects fx;
	struct scope_rules rules = {0};
	struct tool_context t = {.in = &in, .rules = &rules};
	struct boxes boxes;
	struct bwrap_plan plan = {0};
	struct err e = {0};

	if (argc < 3)
		return 64;
	git_libgit2_init();
	invocation_of_us(ctx, &in, argv + 2);
	effects_init(ctx, &fx);
	if (boxes_load(ctx, getenv("AUTOMODE_SHARE"), &boxes, &e) < 0 ||
	    toolbox_find(argv[2])->understand(ctx, &t, &cmd, &fx, &e) < 0 ||
	    bwrap_compose(ctx, boxes_find(&boxes, cmd.need.box), &in, &cmd,
			  &plan, &e) < 0) {
		fprintf(stderr, "bench_plan: %s\n", e.msg);
		return 1;
	}
	save_plan(argv[1], &plan);
	printf("@%d=%s/args @%d=%s/seccomp", BWRAP_ARGS_FD, argv[1],
	       BWRAP_SECCOMP_FD, argv[1]);
	for (size_t i = 0; i < plan.ndata; i++)
		printf(" @%d=%s/data.%d", plan.data[i].fd, argv[1],
		       plan.data[i].fd);
	printf(" " BWRAP_PATH " --args %d --seccomp %d --", BWRAP_ARGS_FD,
	       BWRAP_SECCOMP_FD);
	printf(" %s", cmd.program);
	for (size_t i = 1; cmd.argv[i]; i++)
		printf(" %s", cmd.argv[i]);
	printf("\n");
	talloc_free(ctx);
	return 0;
}
