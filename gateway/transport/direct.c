/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hosts of one command, reachable from its box; see direct.h.
 */
#include "transport/direct.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "transport/credential.h"
#include "transport/direct_private.h"
#include "transport/egress.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

static int
destroy(struct direct *d)
{
	direct_close(NULL, d, NULL);
	return 0;
}

/* The gateway's own folder belongs to another uid where it serves several. */
static char *
make_folder(void *ctx, const char *runtime, struct err *e)
{
	const char *const bases[] = {runtime, "/tmp"};
	struct stat st;

	for (size_t i = 0; i < 2; i++) {
		char *path;

		if (!bases[i] || (i == 0 && (stat(bases[i], &st) < 0 ||
					     st.st_uid != geteuid())))
			continue;
		path = have(talloc_asprintf(ctx, "%s/direct-XXXXXX", bases[i]));
		if (mkdtemp(path))
			return path;
	}
	err_sys(e, "making a private folder");
	return NULL;
}

void
direct_say(struct direct *d, const char *text)
{
	size_t len = strlen(d->said), more = strlen(text);

	if (len + more + 2 > DIRECT_REPORT_BYTES || strstr(d->said, text))
		return;
	if (len)
		d->said[len++] = '\n';
	memcpy(d->said + len, text, more + 1);
}

static int
offer_credentials(void *ctx, struct direct *d, struct command *cmd,
		  struct err *e)
{
	struct credential_setting s = {.permit = cmd->need.credential,
				       .home = invocation_home(d->in),
				       .git = cmd->program};
	struct credential_broker *b;

	s.path = have(talloc_asprintf(ctx, "%s/credential", d->folder));
	if (credential_serve(d, d->loop, &s, &b, e) < 0)
		return err_wrap(e, "the credentials");
	need_bind(ctx, &cmd->need, s.path, NEED_CREDENTIAL, false);
	return 0;
}

int
direct_open(void *ctx, const struct transport_setting *s,
	    const struct invocation *in, struct command *cmd,
	    struct direct **out, struct err *e)
{
	struct direct *d;
	char *hosts;
	int fd OWNED_FD = -1;

	*out = NULL;
	if (!cmd->need.negress && !cmd->need.database)
		return 0;
	d = have(talloc_zero(ctx, struct direct));
	d->in = in;
	d->need = &cmd->need;
	d->control = -1;
	d->loop = loop_new(d);
	d->said = mmap(NULL, DIRECT_REPORT_BYTES, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (d->said == MAP_FAILED) {
		d->said = NULL;
		talloc_free(d);
		return err_sys(e, "mmap");
	}
	talloc_set_destructor(d, destroy);
	d->folder = make_folder(d, s->runtime_dir, e);
	if (!d->folder) {
		talloc_free(d);
		return e->code;
	}
	/* filled when the verdict stands: the box sees the same file */
	hosts = have(talloc_asprintf(ctx, "%s/hosts", d->folder));
	fd = open(hosts, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0) {
		err_sys(e, "%s", hosts);
		talloc_free(d);
		return e->code;
	}
	need_bind(ctx, &cmd->need, hosts, "/etc/hosts", false);
	if ((cmd->need.credential && offer_credentials(ctx, d, cmd, e) < 0) ||
	    (cmd->need.database && direct_database_open(ctx, d, cmd, e) < 0)) {
		talloc_free(d);
		return e->code;
	}
	*out = d;
	return 0;
}

static bool
same_address(const struct egress_address *a, const struct egress_address *b)
{
	const struct sockaddr_in *a4 = (const void *)&a->sa;
	const struct sockaddr_in *b4 = (const void *)&b->sa;
	const struct sockaddr_in6 *a6 = (const void *)&a->sa;
	const struct sockaddr_in6 *b6 = (const void *)&b->sa;

	if (a->sa.ss_family != b->sa.ss_family)
		return false;
	if (a->sa.ss_family == AF_INET)
		return a4->sin_addr.s_addr == b4->sin_addr.s_addr;
	return memcmp(&a6->sin6_addr, &b6->sin6_addr, 16) == 0;
}

/* Those of v that nothing listens at yet, in place; they count as known. */
static size_t
leave_new(struct direct *d, uint16_t port, struct egress_address *v, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < d->nknown && (d->known_ports[k] != port ||
					 !same_address(&d->known[k], &v[i])))
			k++;
		if (k < d->nknown)
			continue;
		d->known = have(talloc_realloc(
		    d, d->known, struct egress_address, (unsigned)k + 1));
		d->known_ports = have(talloc_realloc(
		    d, d->known_ports, uint16_t, (unsigned)k + 1));
		d->known[k] = v[i];
		d->known_ports[k] = port;
		d->nknown++;
		v[kept++] = v[i];
	}
	return kept;
}

char *
direct_names(char *text, const struct need_egress *to,
	     const struct egress_address *v, size_t n)
{
	const struct egress_target t = {.host = to->host, .port = to->port};
	char *lines = egress_hosts(text, &t, v, n), *save = NULL;

	for (char *line = strtok_r(lines, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		if (!strstr(text, line))
			text = have(talloc_asprintf_append(text, "%s\n", line));
	return text;
}

static int
add_host(struct direct *d, pid_t first, const struct need_egress *to,
	 char **names, struct err *e)
{
	struct egress_target t = {
	    .host = to->host, .port = to->port, .named = to->named};
	struct egress_address *v = NULL;
	struct err why = {0};
	size_t n = 0, fresh;

	if (egress_resolve(d, &t, &v, &n, &why) < 0) {
		if (!to->optional)
			direct_say(d, why.msg);
		return 0;
	}
	*names = direct_names(*names, to, v, n);
	fresh = leave_new(d, to->port, v, n);
	if (!fresh)
		return 0;
	d->egress = have(talloc_realloc(d, d->egress, struct egress *,
					(unsigned)d->negress + 1));
	if (egress_listen(d, d->loop, first, &t, v, fresh,
			  &d->egress[d->negress], e) < 0)
		return err_wrap(e, "reaching %s", text_safe(d, to->host));
	egress_like_outside(d->egress[d->negress++]);
	return 0;
}

/* Of servers that are not there only where there is no other. */
static void
say_failures(struct direct *d)
{
	size_t nobody = 0;

	for (size_t i = 0; i < d->negress; i++) {
		if (egress_failed(d->egress[i]))
			direct_say(d, egress_failed(d->egress[i]));
		nobody += egress_nobody_said(d->egress[i]) != NULL;
	}
	if (nobody && nobody == d->negress)
		direct_say(d, egress_nobody_said(d->egress[0]));
}

static void
worker_gone(struct loop *l, struct watch *w, short revents, void *data)
{
	(void)w;
	(void)revents;
	(void)data;
	loop_stop(l);
}

/* Carries bytes until the worker closes its end, then says what failed. */
static void __attribute__((noreturn))
porter(struct direct *d, int control, pid_t worker)
{
	struct err e = {0};

	/* what the caller has open is not ours to keep open */
	for (int i = 0; i < 3; i++)
		if (d->in->stdio[i] >= 0)
			close(d->in->stdio[i]);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != worker)
		_exit(1);
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	loop_add(d->loop, control, POLLIN, worker_gone, d);
	if (d->need->database)
		direct_database_serve(d);
	if (loop_run(d->loop, &e) < 0)
		direct_say(d, e.msg);
	say_failures(d);
	_exit(0);
}

static int
write_hosts(const struct direct *d, const char *names, struct err *e)
{
	char *path = have(talloc_asprintf(NULL, "%s/hosts", d->folder));
	int fd OWNED_FD = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	int rc = fd < 0 ? -1 : file_write_all(fd, names, strlen(names));

	talloc_free(path);
	return rc < 0 ? err_sys(e, "pinning addresses") : 0;
}

int
direct_start(struct direct *d, pid_t first, struct err *e)
{
	char *names = have(talloc_strdup(d, ""));
	pid_t worker = getpid();
	int pair[2];

	if (first <= 0)
		return err_set(e, ERR_SYSTEM, "the box did not start");
	for (size_t i = 0; i < d->need->negress; i++)
		if (add_host(d, first, &d->need->egress[i], &names, e) < 0)
			return e->code;
	if (d->need->database && direct_database_start(d, first, &names, e) < 0)
		return e->code;
	if (write_hosts(d, names, e) < 0)
		return e->code;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, "socketpair");
	d->control = pair[0];
	d->pid = fork();
	if (d->pid == 0) {
		close(pair[0]);
		porter(d, pair[1], worker);
	}
	close(pair[1]);
	if (d->pid < 0) {
		d->pid = 0;
		return err_sys(e, "fork");
	}
	return 0;
}

void
direct_close(void *ctx, struct direct *d, char **report)
{
	if (report)
		*report = NULL;
	if (!d)
		return;
	talloc_set_destructor(d, NULL);
	own_close_fd(&d->control);
	while (d->pid && waitpid(d->pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (d->folder)
		path_remove_tree(AT_FDCWD, d->folder, NULL);
	if (report && d->said && *d->said)
		*report = talloc_asprintf(ctx, "automode: network: %s",
					  text_safe(ctx, d->said));
	if (d->said)
		munmap(d->said, DIRECT_REPORT_BYTES);
	talloc_free(d);
}
