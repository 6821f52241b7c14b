/* SPDX-License-Identifier: Apache-2.0 */
/* automode gateway: runs it, in the foreground or behind. */
#include "base/file.h"
#include "base/limits.h"
#include "base/own.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "monitor.h"
#include "places.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child in the background writes: READY, or why it could not. */
#define READY "."

static void
say_ready(void *data, bool won)
{
	int *pipe = data;

	if (*pipe >= 0) {
		(void)file_write_all(*pipe, READY, 1);
		close(*pipe);
		*pipe = -1;
	} else if (!won) {
		cli_fail(0, "another gateway is running already");
	}
}

/* Nothing of the shell that started it stays: not its environment, which an
 * agent may have made, nor its signals and descriptors. */
static void
leave_shell(const char *home, int keep)
{
	sigset_t none;
	int null;

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	clearenv();
	setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 1);
	setenv("HOME", home, 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	if (chdir("/") != 0)
		_exit(1);
	if (keep < 0) { /* in the foreground */
		close_range(3, ~0U, 0);
		return;
	}
	setsid();
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
	    dup2(null, 2) < 0)
		_exit(1);
	if (keep > 3)
		close_range(3, (unsigned)keep - 1, 0);
	close_range((unsigned)keep + 1, ~0U, 0);
}

static int
behind(struct monitor_options *o)
{
	char text[1024];
	struct err e = {0};
	int pipe[2], status;
	ssize_t n;
	pid_t pid;

	if (pipe2(pipe, O_CLOEXEC) != 0)
		return cli_fail(EXIT_UNAVAILABLE, "pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		return cli_fail(EXIT_UNAVAILABLE, "fork: %s", strerror(errno));
	if (pid == 0) {
		leave_shell(o->home, pipe[1]);
		o->data = &pipe[1];
		status = monitor_run(o, &e) < 0;
		if (status != 0 && pipe[1] >= 0)
			(void)file_write_all(pipe[1], e.msg, strlen(e.msg));
		_exit(status);
	}
	close(pipe[1]);
	n = read(pipe[0], text, sizeof(text) - 1);
	if (n == 1 && text[0] == READY[0])
		return 0;
	text[n > 0 ? n : 0] = '\0';
	if (n <= 0)
		waitpid(pid, &status, 0);
	return cli_fail(EXIT_UNAVAILABLE, "the gateway does not start: %s",
			n > 0 ? text : "it ended without a word");
}

static int
in_front(struct monitor_options *o)
{
	struct err e = {0};
	int none = -1;

	leave_shell(o->home, -1);
	o->foreground = true;
	o->data = &none;
	if (monitor_run(o, &e) < 0)
		return cli_fail(EXIT_UNAVAILABLE, "%s", e.msg);
	return 0;
}

static int
stop(void *ctx, bool quiet)
{
	struct err e = {0};
	int r = client_stop(ctx, &e);

	if (r < 0)
		return cli_fail(1, "%s", e.msg);
	if (r > 0 && !quiet)
		return cli_fail(0, "no gateway is running");
	return 0;
}

static int
find_places(void *ctx, struct monitor_options *o, const char *state,
	    const char *home, struct err *e)
{
	char *runtime, *found;

	if (places_runtime(ctx, true, &runtime, e) < 0)
		return e->code;
	if (home != NULL && home[0] != '/')
		return err_set(e, ERR_SYNTAX, "--home takes an absolute path");
	if (home != NULL && places_remember(runtime, "home", home, e) < 0)
		return e->code;
	o->runtime = runtime;
	o->home = places_home(ctx, runtime, NULL);
	if (places_state(ctx, runtime, state, o->home, &found, e) < 0)
		return e->code;
	o->state = found;
	return 0;
}

static int
run(void *ctx, int argc, char **argv)
{
	bool background = false, restart = false, end = false;
	const char *idle = NULL, *state = NULL, *home = NULL;
	const struct cli_option options[] = {
	    {"background", &background, NULL},
	    {"restart", &restart, NULL},
	    {"stop", &end, NULL},
	    {"idle", NULL, &idle},
	    {"state-dir", NULL, &state},
	    {"home", NULL, &home},
	};
	struct monitor_options o = {.idle_s = LIMIT_IDLE_S, .ready = say_ready};
	struct err e = {0};
	int64_t seconds;
	int r = cli_options(&cli_gateway, options,
			    sizeof(options) / sizeof(options[0]), &argc, &argv,
			    false);

	if (r != 0)
		return r > 0 ? 0 : EXIT_USAGE;
	if (argc > 0)
		return cli_usage(&cli_gateway, "gateway takes no operand");
	if (end)
		return stop(ctx, false);
	if (idle != NULL) {
		if (text_duration(idle, &seconds, &e) < 0 || seconds < 0 ||
		    seconds > 30 * 86400)
			return cli_usage(&cli_gateway, "--idle: not a time: %s",
					 idle);
		o.idle_s = seconds == 0 ? -1 : (int)seconds;
	}
	if (state != NULL && getenv("AUTOMODE_SESSION") != NULL)
		return cli_fail(EXIT_USAGE,
				"this shell belongs to a session of automode; "
				"its record stays where it is");
	if (find_places(ctx, &o, state, home, &e) < 0 ||
	    places_make_state(o.state, &e) < 0)
		return cli_fail(EXIT_UNAVAILABLE, "%s", e.msg);
	if (restart && (r = stop(ctx, true)) != 0)
		return r;
	if (background || restart)
		return behind(&o);
	return in_front(&o);
}

const struct cli_command cli_gateway = {
    .name = "gateway",
    .usage = "[--background | --restart | --stop] [--idle SECONDS] "
	     "[--state-dir DIR]",
    .what = "Runs the gateway; it otherwise starts when it is needed",
    .help = "  --background     returns once the gateway listens\n"
	    "  --restart        ends the one that runs first; implies "
	    "--background;\n                   the state folder stays "
	    "the one that it used\n"
	    "  --stop           ends it; running commands get two seconds\n"
	    "  --idle SECONDS   ends after so long without work (default "
	    "1800, also\n                   30m, 2h; 0: never)\n"
	    "  --state-dir DIR  where record and vault are kept; remembered "
	    "until the\n                   runtime folder is emptied\n"
	    "  --home DIR       the person's home, where it is not the one "
	    "that the\n                   password database names\n",
    .run = run,
};
