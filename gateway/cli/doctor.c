/* SPDX-License-Identifier: Apache-2.0 */
/*
 * automode doctor: what has to be right, looked at one by one; last, a
 * command that must be denied goes the whole way through a shim.
 */
#include "base/own.h"
#include "base/path.h"
#include "base/spawn.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "cli/policy_here.h"
#include "invocation/program.h"
#include "places.h"
#include "sandbox/bwrap.h"
#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define FREE_LOW   (256ull << 20)
#define GIT_OLDEST 230 /* 2.30: what the tables of options are checked with */
#define GIT_NEWEST 255

enum finding { FINE, WARN, FAIL };

struct doctor {
	void *ctx;
	struct cli_places places;
	cJSON *json; /* array, or NULL */
	bool failed;
};

static void __attribute__((format(printf, 4, 5)))
found(struct doctor *d, enum finding what, const char *subject, const char *fmt,
      ...)
{
	static const char *const words[] = {"ok", "warn", "FAIL"};
	char *text;
	va_list ap;
	cJSON *o;

	va_start(ap, fmt);
	text = talloc_vasprintf(d->ctx, fmt, ap);
	va_end(ap);
	text = text_safe(d->ctx, text);
	d->failed |= what == FAIL;
	if (d->json == NULL) {
		printf("%-4s  %s: %s\n", words[what], subject, text);
		return;
	}
	o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "check", subject);
	cJSON_AddStringToObject(o, "result",
				what == FAIL ? "fail" : words[what]);
	cJSON_AddStringToObject(o, "text", text);
	cJSON_AddItemToArray(d->json, o);
}

static void
look_at_namespaces(struct doctor *d)
{
	static const char *const files[] = {
	    "/proc/sys/kernel/unprivileged_userns_clone",
	    "/proc/sys/user/max_user_namespaces"};
	char buf[32];

	for (size_t i = 0; i < 2; i++) {
		int fd OWNED_FD = open(files[i], O_RDONLY | O_CLOEXEC);
		ssize_t n = fd < 0 ? 0 : read(fd, buf, sizeof(buf) - 1);

		if (n > 0 && buf[0] == '0' && buf[1] == '\n') {
			found(d, FAIL, "user namespaces",
			      "off; as root: sysctl -w %s=1 (and a file in "
			      "/etc/sysctl.d)",
			      i == 0 ? "kernel.unprivileged_userns_clone"
				     : "user.max_user_namespaces");
			return;
		}
	}
	found(d, FINE, "user namespaces", "not switched off");
}

static void
look_at_bwrap(struct doctor *d)
{
	struct bwrap_probe *p = talloc_zero(d->ctx, struct bwrap_probe);

	bwrap_probe(p);
	if (p->works)
		found(d, FINE, "bwrap", "%s",
		      p->text[0] != '\0' ? p->text : "works");
	else
		found(d, FAIL, "bwrap", "%s", p->text);
}

static bool
same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

/* What `git` is on this PATH. */
static void
look_at_path(struct doctor *d)
{
	const char *path = getenv("PATH"), *shims = program_shim_dir();
	bool first = true, there = false;

	if (access(talloc_asprintf(d->ctx, "%s/git", shims), X_OK) != 0) {
		found(d, FAIL, "shims", "%s/git is not there; install again",
		      shims);
		return;
	}
	for (const char *p = path, *end; p != NULL && !there;
	     p = end != NULL ? end + 1 : NULL) {
		char *dir;

		end = strchr(p, ':');
		dir = talloc_strndup(d->ctx, p,
				     end ? (size_t)(end - p) : strlen(p));
		if (same_file(*dir ? dir : ".", shims))
			there = true;
		else if (access(talloc_asprintf(d->ctx, "%s/git", dir), X_OK) ==
			 0)
			first = false;
	}
	if (there && first)
		found(d, FINE, "shims", "first on PATH");
	else if (there)
		found(d, FAIL, "shims",
		      "another git comes before %s on PATH; run eval "
		      "\"$(automode env)\" last in the shell's start files",
		      shims);
	else
		found(d, WARN, "shims",
		      "not on PATH in this shell; eval \"$(automode env)\" "
		      "puts them there");
	if (there && getenv("AUTOMODE_SESSION") == NULL)
		found(d, WARN, "session",
		      "AUTOMODE_SESSION is not set; commands count for the "
		      "gateway's default session");
}

static void
look_at_gateway(struct doctor *d)
{
	struct err e = {0};
	int sock, pid;

	if (client_ensure(d->ctx, false, &e) < 0 ||
	    places_connect(d->places.runtime, CONTROL_SOCKET, &sock, &pid, &e) <
		0) {
		found(d, FAIL, "gateway", "%s", e.msg);
		return;
	}
	close(sock);
	if (places_same_program(pid))
		found(d, FINE, "gateway", "pid %d in %s, this build", pid,
		      d->places.runtime);
	else
		found(d, FAIL, "gateway",
		      "pid %d is another build; automode gateway --restart",
		      pid);
}

static void
look_at_policy(struct doctor *d)
{
	struct err e = {0};
	struct policy *p;

	if (policy_here(d->ctx, &p, &e) < 0) {
		found(d, FAIL, "policy", "%s", e.msg);
		return;
	}
	if (!p->sandbox_required)
		found(d, WARN, "policy",
		      "sandbox.required = false: where bwrap does not work, "
		      "commands run unboxed");
	else if (p->repository_untrusted)
		found(d, FINE, "policy",
		      "the .automode here is not trusted: it only tightens");
	else
		found(d, FINE, "policy", "all layers read");
}

static void
look_at_state(struct doctor *d)
{
	const char *state = d->places.state;
	struct stat here, there;
	struct statvfs fs;

	if (access(state, W_OK) != 0) {
		found(d, FAIL, "state folder", "%s cannot be written: %s",
		      state, strerror(errno));
		return;
	}
	if (statvfs(state, &fs) == 0) {
		uint64_t left = (uint64_t)fs.f_bavail * fs.f_frsize;

		found(d,
		      left == 0		? FAIL
		      : left < FREE_LOW ? WARN
					: FINE,
		      "state folder", "%s, %s free", state,
		      text_bytes(d->ctx, left));
	}
	if (stat(state, &there) == 0 && stat(".", &here) == 0)
		found(d, FINE, "vault",
		      here.st_dev == there.st_dev
			  ? "on the file system of this directory"
			  : "inside each repository here (the state folder is "
			    "on another file system)");
}

/* An invocation of our own, to look programs up with. */
static void
self(struct invocation *in, void *ctx)
{
	const char **env = talloc_zero_array(ctx, const char *, 2);
	const char *path = getenv("PATH");

	*in = (struct invocation){.cwd = "/", .env = env, .uid = geteuid()};
	if (path != NULL) {
		env[0] = talloc_asprintf(ctx, "PATH=%s", path);
		in->envc = 1;
	}
}

static void
look_at_git(struct doctor *d)
{
	const char *const argv[] = {"git", "--version", NULL};
	struct invocation in;
	struct spawn s = {.argv = argv};
	unsigned major, minor;
	struct err e = {0};

	self(&in, d->ctx);
	if (program_find(d->ctx, &in, "git", &s.program, &e) < 0 ||
	    spawn_run(d->ctx, &s, &e) < 0) {
		found(d, FAIL, "git", "%s", e.msg);
		return;
	}
	if (sscanf(s.output, "git version %u.%u", &major, &minor) != 2)
		found(d, FAIL, "git", "%s says no version", s.program);
	else if (major * 100 + minor < GIT_OLDEST ||
		 major * 100 + minor > GIT_NEWEST)
		found(d, WARN, "git",
		      "%s is %u.%u; the tables know 2.30 to 2.55, what is "
		      "unknown to them is refused",
		      s.program, major, minor);
	else
		found(d, FINE, "git", "%s is %u.%u", s.program, major, minor);
}

/* The guard itself: git would only find no repository, if it came so far. */
static void
look_at_guard(struct doctor *d)
{
	const char *const argv[] = {"git", "upload-pack",
				    "/nonexistent/automode-doctor", NULL};
	const char *env[6] = {0}, *home = getenv("HOME");
	const char *xdg = getenv("XDG_RUNTIME_DIR");
	struct spawn s = {.argv = argv, .env = env};
	struct err e = {0};
	size_t n = 0;

	env[n++] = "PATH=/usr/local/bin:/usr/bin:/bin";
	if (home != NULL)
		env[n++] = talloc_asprintf(d->ctx, "HOME=%s", home);
	if (xdg != NULL)
		env[n++] = talloc_asprintf(d->ctx, "XDG_RUNTIME_DIR=%s", xdg);
	s.program = talloc_asprintf(d->ctx, "%s/git", program_shim_dir());
	if (spawn_run(d->ctx, &s, &e) < 0)
		found(d, FAIL, "guard", "the shim does not run: %s", e.msg);
	else if (s.status == EXIT_DENIED && s.errors != NULL &&
		 strstr(s.errors, "automode: denied:") != NULL)
		found(d, FINE, "guard",
		      "a command that must be denied was "
		      "denied");
	else
		found(d, FAIL, "guard",
		      "a command that must be denied ended with status %d: "
		      "%.200s",
		      s.status, s.errors != NULL ? s.errors : "");
}

static int
run(void *ctx, int argc, char **argv)
{
	struct doctor d = {.ctx = ctx};
	bool json = false;
	const struct cli_option options[] = {{"json", &json, NULL}};
	struct err e = {0};
	char *text;
	int r = cli_options(&cli_doctor, options, 1, &argc, &argv, false);

	if (r != 0)
		return r > 0 ? 0 : EXIT_USAGE;
	if (argc > 0)
		return cli_usage(&cli_doctor, "doctor takes no operand");
	if (json)
		d.json = cJSON_CreateArray();
	if (cli_places(ctx, &d.places, &e) < 0) {
		found(&d, FAIL, "runtime folder", "%s", e.msg);
	} else {
		look_at_namespaces(&d);
		look_at_bwrap(&d);
		look_at_gateway(&d);
		look_at_state(&d);
		look_at_policy(&d);
		look_at_path(&d);
		look_at_git(&d);
		look_at_guard(&d);
	}
	if (json) {
		text = cJSON_PrintUnformatted(d.json);
		printf("%s\n", text);
		cJSON_free(text);
		cJSON_Delete(d.json);
	}
	return d.failed ? 1 : 0;
}

const struct cli_command cli_doctor = {
    .name = "doctor",
    .usage = "[--json]",
    .what = "Looks at everything that has to be right, and says how to mend "
	    "it",
    .help = "Exit status 1 when something is wrong (FAIL).\n\n"
	    "  --json  an array of objects: check, result (ok, warn, fail), "
	    "text\n",
    .run = run,
};
