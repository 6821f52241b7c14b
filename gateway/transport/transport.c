/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The worker's side of the broker: the socket, what the box gets to see of it,
 * the attendant's start and end.  See transport.h.
 */
#include "transport/transport.h"
#include "base/own.h"
#include "base/path.h"
#include "invocation/program.h"
#include "transport/attendant.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

#define FOLDER "carry-"

/* Ends of a socket pair: who parks has one, who takes over the other; -1:
 * given away. */
struct parking {
	int parker, taker;
};

struct attendant {
	pid_t pid;
	int control;
	char *folder;
};

/* The gateway's folder belongs to somebody else where it serves another uid;
 * what matters is that ours is ours alone. */
static char *
make_folder(void *ctx, const char *runtime, struct err *e)
{
	const char *const bases[] = {runtime, "/tmp"};
	struct stat st;

	for (size_t i = 0; i < sizeof(bases) / sizeof(*bases); i++) {
		char *path;

		if (!bases[i] || (i == 0 && (stat(bases[i], &st) < 0 ||
					     st.st_uid != geteuid())))
			continue;
		path = talloc_asprintf(ctx, "%s/" FOLDER "XXXXXX", bases[i]);
		if (mkdtemp(path)) /* 0700 */
			return path;
	}
	err_sys(e, "making a private folder");
	return NULL;
}

void
transport_remove(const char *folder)
{
	void *ctx = talloc_new(NULL);
	int dir OWNED_FD =
	    open(path_parent(ctx, folder), O_PATH | O_DIRECTORY | O_CLOEXEC);

	/* what cannot be removed holds no secret, and is found by nobody */
	if (dir >= 0)
		(void)path_remove_tree(dir, path_base(folder), NULL);
	talloc_free(ctx);
}

void
transport_sweep(const char *runtime)
{
	void *ctx = talloc_new(NULL);
	DIR *d = opendir(runtime);
	struct dirent *ent;

	while (d && (ent = readdir(d)))
		if (strncmp(ent->d_name, FOLDER, strlen(FOLDER)) == 0)
			transport_remove(path_join(ctx, runtime, ent->d_name));
	if (d)
		closedir(d);
	talloc_free(ctx);
}

/* The folder's path may be longer than an address may be. */
static int
listen_in(void *ctx, const char *folder, struct err *e)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int dir OWNED_FD = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int s = own_fd(
	    ctx,
	    socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));

	if (dir < 0 || s < 0)
		return err_sys(e, "the transport's socket");
	snprintf(a.sun_path, sizeof(a.sun_path), "/proc/self/fd/%d/socket",
		 dir);
	if (bind(s, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    listen(s, ATTEND_GUESTS) < 0)
		return err_sys(e, "the transport's socket");
	return s;
}

/* Where this git looks for its helpers (git --exec-path), as Debian and others
 * build it: beside its own prefix. */
const char *
attend_exec_path(void *ctx, const char *program)
{
	static const char *const names[] = {"lib/git-core", "libexec/git-core"};
	const char *real = path_resolve(ctx, "/", program), *dir, *found;

	dir = path_parent(ctx, path_parent(ctx, real));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		found = path_join(ctx, dir, names[i]);
		if (path_exists(found))
			return found;
	}
	return "/usr/lib/git-core";
}

/* In the place of git's own: one file under several names, or several. */
static void
bind_helpers(void *ctx, struct command *cmd, const char *ours)
{
	static const char *const names[] = {"git-remote-https",
					    "git-remote-http"};
	const char *dir = attend_exec_path(ctx, cmd->program), *last = "";

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *real = path_resolve(ctx, dir, names[i]);

		if (path_exists(real) && strcmp(real, last) != 0)
			need_bind(ctx, &cmd->need, ours, real, false);
		last = real;
	}
}

static void
append(void *ctx, const char ***v, const char *const *more)
{
	size_t n = 0, m = 0;
	const char **all;

	while (*v && (*v)[n])
		n++;
	while (more[m])
		m++;
	all = talloc_array(ctx, const char *, (unsigned)(n + m + 1));
	if (!all)
		BUG("out of memory");
	if (n)
		memcpy(all, *v, n * sizeof(*all));
	memcpy(all + n, more, (m + 1) * sizeof(*all));
	*v = all;
}

static int
furnish(void *ctx, struct attendant *a, struct command *cmd, struct err *e)
{
	/* what a caller or a configuration may have put in ssh's place, or
	 * before it */
	static const char *const drop[] = {"GIT_SSH",
					   "GIT_SSH_COMMAND",
					   "GIT_ASKPASS",
					   "GIT_SSH_VARIANT",
					   "*_PROXY",
					   "GIT_PROXY_COMMAND",
					   "*_proxy",
					   "GIT_PROXY_SSL_*",
					   "GIT_PROTOCOL",
					   "GIT_TERMINAL_PROMPT",
					   NULL};
	static const char *const set[] = {"GIT_SSH_COMMAND=" CARRY_SSH,
					  "GIT_SSH_VARIANT=ssh", NULL};
	const char *lib = program_shim_dir(), *ours;

	ours = lib ? path_join(ctx, lib, "../box-transport") : "";
	if (!path_exists(ours))
		return err_set(e, ERR_SYSTEM, "%s is not installed",
			       lib ? ours : "box-transport");
	need_bind(ctx, &cmd->need, talloc_asprintf(ctx, "%s/socket", a->folder),
		  CARRY_SOCKET, false);
	need_bind(ctx, &cmd->need, ours, CARRY_SSH, false);
	if (cmd->need.npermits)
		bind_helpers(ctx, cmd, ours);
	if (cmd->need.signs) {
		need_bind(ctx, &cmd->need, ours, CARRY_GPG, false);
		need_bind(ctx, &cmd->need, ours, CARRY_KEYGEN, false);
	}
	append(ctx, &cmd->env_drop, drop);
	append(ctx, &cmd->env_set, set);
	return 0;
}

static int
end_parking(struct parking *p)
{
	own_close_fd(&p->parker);
	own_close_fd(&p->taker);
	return 0;
}

struct parking *
transport_parking(void *ctx)
{
	struct parking *p = talloc_zero(ctx, struct parking);
	int pair[2];

	if (!p)
		BUG("out of memory");
	p->parker = p->taker = -1;
	/* Who is parked outlives the attendant it came from: it becomes ours,
	 * not the monitor's, which ends what dead workers have left. */
	if (exec_adopt_orphans(NULL) == 0 &&
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0) {
		p->parker = pair[0];
		p->taker = pair[1];
	}
	talloc_set_destructor(p, end_parking);
	return p;
}

/* Only a push is asked about before. */
static int *
place_in(const struct transport_setting *s, const struct command *cmd)
{
	if (!s->parking)
		return NULL;
	for (size_t i = 0; i < cmd->need.npermits; i++)
		if (cmd->need.permits[i].push)
			return s->silent ? &s->parking->parker
					 : &s->parking->taker;
	return NULL;
}

static int
destroy(struct attendant *a)
{
	transport_close(NULL, a, NULL);
	return 0;
}

int
transport_open(void *ctx, const struct transport_setting *s,
	       const struct invocation *in, struct command *cmd,
	       struct attendant **out, struct err *e)
{
	struct attending child = {.setting = s, .in = in, .of = cmd};
	struct attendant *a;
	int pair[2], *park = place_in(s, cmd);

	*out = NULL;
	if (!cmd->need.npermits && !cmd->need.signs)
		return 0;
	a = talloc_zero(ctx, struct attendant);
	if (!a)
		BUG("out of memory");
	a->folder = make_folder(a, s->runtime_dir, e);
	if (!a->folder)
		goto bad;
	child.listen = listen_in(a, a->folder, e);
	if (child.listen < 0)
		goto bad;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		err_sys(e, "socketpair");
		goto bad;
	}
	a->control = own_fd(a, pair[0]);
	child.control = pair[1];
	child.park = park ? *park : -1;
	child.folder = a->folder;
	if (furnish(ctx, a, cmd, e) < 0) {
		close(pair[1]);
		goto bad;
	}
	a->pid = fork();
	if (a->pid == 0)
		attendant_main(&child);
	close(pair[1]);
	if (park)
		own_close_fd(park);
	if (a->pid < 0) {
		err_sys(e, "fork");
		goto bad;
	}
	talloc_set_destructor(a, destroy);
	*out = a;
	return 0;
bad:
	if (a->folder)
		transport_remove(a->folder);
	talloc_free(a);
	return e ? err_wrap(e, "the transport") : ERR_SYSTEM;
}

int
transport_attend(struct attendant *a, pid_t first, struct err *e)
{
	struct attend_box box;
	char path[64];
	struct stat st;

	if (!a)
		return 0;
	snprintf(path, sizeof(path), "/proc/%ld/ns/pid", (long)first);
	if (first <= 0 || stat(path, &st) < 0)
		return err_sys(e, "the box of the transport");
	box = (struct attend_box){st.st_dev, st.st_ino};
	if (send(a->control, &box, sizeof(box), MSG_NOSIGNAL) !=
	    (ssize_t)sizeof(box))
		return err_sys(e, "the transport's attendant");
	return 0;
}

void
transport_close(void *ctx, struct attendant *a, char **report)
{
	char text[ATTEND_REPORT];
	ssize_t n = 0;

	if (report)
		*report = NULL;
	if (!a)
		return;
	talloc_set_destructor(a, NULL);
	if (a->pid > 0) {
		shutdown(a->control, SHUT_WR);
		while ((n = recv(a->control, text, sizeof(text), 0)) < 0 &&
		       errno == EINTR)
			;
		while (waitpid(a->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (n > 0 && report)
		*report = talloc_strndup(ctx, text, (size_t)n);
	talloc_free(a);
}
