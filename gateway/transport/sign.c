/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signs for a git in its box: the person's gpg or ssh-keygen is run outside,
 * as the person, with words of ours, for a commit or a tag and nothing else.
 * No key, key ring or agent is seen in the box; only the signature goes in.
 *
 * There is no terminal: gpg-agent's pinentry may ask the person in a window,
 * and where it cannot, gpg says so.
 */
#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "transport/sign_private.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

#define MAX_FILE (1u << 20) /* a key or a signature */

struct signing {
	struct carrier *c;
	struct ssh_person person;
	struct sign_words words;
	const char *program;
	const char *argv[12];
	const char **env;
	char *payload;
	size_t len, room;
	struct watch *in;
	int input; /* of the program */
	const char *key;
	const char *result; /* file that it leaves, or NULL */
	pid_t pid;
	int pidfd;
};

/* -1: the box has not passed it. */
static int
file_of(const struct transport_request *rq, size_t word)
{
	for (size_t i = 0; i < rq->nfiles; i++)
		if (rq->files[i].word == word)
			return rq->files[i].fd;
	return -1;
}

static int
read_file(struct signing *s, size_t word, size_t max, char **bytes, size_t *len,
	  struct err *e)
{
	int fd = file_of(s->c->rq, word);
	struct stat st;
	ssize_t n;

	*len = 0;
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(e, ERR_UNKNOWN,
			       "%s without the file that it is "
			       "about",
			       s->c->rq->name);
	if (st.st_size > (off_t)max)
		return err_set(e, ERR_LIMIT, "%zu bytes are too much to sign",
			       (size_t)st.st_size);
	*bytes = talloc_size(s, (size_t)st.st_size + 1);
	if (!*bytes)
		BUG("out of memory");
	while (*len < (size_t)st.st_size) {
		n = pread(fd, *bytes + *len, (size_t)st.st_size - *len,
			  (off_t)*len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_sys(e, "reading what is to be signed");
		*len += (size_t)n;
	}
	(*bytes)[*len] = '\0';
	return 0;
}

/* Under a name of ours in the carrier's folder. */
static int
put(struct signing *s, const char *name, const char *bytes, size_t len,
    const char **path, struct err *e)
{
	int fd;

	*path = path_join(s, s->c->folder, name);
	fd = own_fd(s,
		    open(*path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
	if (fd < 0 || file_write_all(fd, bytes, len) < 0)
		return err_sys(e, "a file to sign");
	return 0;
}

static int
memory(struct signing *s, const char *bytes, size_t len, struct err *e)
{
	s->input = own_fd(s, memfd_create("automode", MFD_CLOEXEC));
	if (s->input < 0 || file_write_all(s->input, bytes, len) < 0 ||
	    lseek(s->input, 0, SEEK_SET) < 0)
		return err_sys(e, "what is to be signed");
	return 0;
}

/* Of the gateway's environment, which the person started: where gpg's agent
 * is, and where a pinentry may show a window. */
static void
make_env(struct signing *s)
{
	static const char *const kept[] = {"XDG_RUNTIME_DIR",
					   "GNUPGHOME",
					   "DISPLAY",
					   "WAYLAND_DISPLAY",
					   "XAUTHORITY",
					   "DBUS_SESSION_BUS_ADDRESS",
					   "LANG",
					   "LC_ALL",
					   "LC_MESSAGES",
					   "LC_CTYPE",
					   "XDG_DATA_DIRS"};
	const size_t n_kept = sizeof kept / sizeof *kept;
	const char *home = invocation_home(s->c->in);
	size_t n = 0;

	s->env = talloc_zero_array(s, const char *, (unsigned)n_kept + 8);
	if (!s->env)
		BUG("out of memory");
	s->env[n++] = talloc_asprintf(s->env, "HOME=%s",
				      home && *home ? home : s->person.home);
	s->env[n++] = talloc_asprintf(s->env, "USER=%s", s->person.name);
	s->env[n++] = talloc_asprintf(s->env, "LOGNAME=%s", s->person.name);
	s->env[n++] = "PATH=/usr/local/bin:/usr/bin:/bin";
	s->env[n++] = "SSH_ASKPASS_REQUIRE=never";
	if (s->person.auth_sock)
		s->env[n++] = talloc_asprintf(s->env, "SSH_AUTH_SOCK=%s",
					      s->person.auth_sock);
	for (size_t i = 0; i < n_kept; i++)
		if (getenv(kept[i]))
			s->env[n++] = talloc_asprintf(s->env, "%s=%s", kept[i],
						      getenv(kept[i]));
}

static void __attribute__((noreturn))
run_program(const struct signing *s, pid_t parent)
{
	const struct transport_request *rq = s->c->rq;
	int from[3] = {s->input, rq->stdio[1], rq->stdio[2]};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	setsid();
	for (int i = 0; i < 3; i++) /* ours are all above 2 */
		if (from[i] < 3 || dup2(from[i], i) < 0)
			_exit(127);
	close_range(3, ~0u, 0);
	for (int n = 1; n < 32; n++)
		signal(n, SIG_DFL);
	if (chdir("/") < 0)
		_exit(127);
	execvpe(s->program, (char *const *)s->argv, (char *const *)s->env);
	dprintf(2, "automode: transport: %s: %s\n", s->program,
		strerror(errno));
	_exit(127);
}

/* What ssh-keygen has left goes where git looks for it. */
static int
deliver(struct signing *s, struct err *e)
{
	const struct transport_request *rq = s->c->rq;
	int fd = file_of(rq, rq->argc);
	char *bytes;
	size_t len;

	if (!s->result)
		return 0;
	if (file_read(s, AT_FDCWD, s->result, MAX_FILE, &bytes, &len, e) != 0)
		return err_set(e, ERR_SYSTEM, "it left no signature");
	if (fd < 0 || file_write_all(fd, bytes, len) < 0)
		return err_sys(e, "writing the signature");
	return 0;
}

static void
explain(struct signing *s)
{
	struct key_file k;

	if (s->words.shape != SIGN_SSH || s->person.auth_sock)
		return;
	key_file_read(s, s->key, &k);
	if (!k.encrypted && k.here)
		return;
	carrier_say(s->c, s->person.ignored_sock
			      ? s->person.ignored_sock
			      : "the signing key needs an ssh agent: start one "
				"before the session and add the key (ssh-add)");
}

static void
ended(struct loop *l, struct watch *w, short revents, void *data)
{
	struct signing *s = data;
	struct err e = {0};
	int status = 0;

	(void)revents;
	loop_drop(l, w);
	while (waitpid(s->pid, &status, 0) < 0 && errno == EINTR)
		;
	s->c->status =
	    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (s->c->status != 0) {
		explain(s);
	} else if (deliver(s, &e) < 0) {
		carrier_say(s->c, e.msg);
		s->c->status = 128;
	}
	loop_stop(l);
}

static int
destroy(struct signing *s)
{
	if (s->pid > 0 && s->pidfd >= 0)
		pidfd_send_signal(s->pidfd, SIGKILL, NULL, 0);
	return 0;
}

static int
start(struct signing *s, struct err *e)
{
	pid_t self = getpid();

	make_env(s);
	s->pid = fork();
	if (s->pid == 0)
		run_program(s, self);
	if (s->pid > 0)
		s->pidfd = own_fd(s, pidfd_open(s->pid, 0));
	if (s->pid < 0 || s->pidfd < 0)
		return err_sys(e, "starting %s", s->program);
	loop_add(s->c->loop, s->pidfd, POLLIN, ended, s);
	return 0;
}

static int
check_object(struct signing *s, struct err *e)
{
	if (sign_is_object(s->payload, s->len))
		return 0;
	return err_set(e, ERR_UNKNOWN,
		       "what is to be signed is neither a commit nor a tag");
}

/* All of stdin, then gpg. */
static void
take_payload(struct loop *l, struct watch *w, short revents, void *data)
{
	struct signing *s = data;
	struct err e = {0};
	ssize_t n;

	(void)revents;
	if (s->len == s->room) {
		s->room = s->room ? s->room * 2 : 65536;
		s->payload = talloc_realloc_size(s, s->payload, s->room);
		if (!s->payload)
			BUG("out of memory");
	}
	n = read(s->c->rq->stdio[0], s->payload + s->len, s->room - s->len);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0 && (s->len += (size_t)n) <= SIGN_MAX)
		return;
	loop_drop(l, w);
	if (n > 0)
		(void)err_set(&e, ERR_LIMIT, "more than can be signed");
	else if (n < 0)
		(void)err_sys(&e, "reading what is to be signed");
	else if (check_object(s, &e) == 0 &&
		 memory(s, s->payload, s->len, &e) == 0)
		(void)start(s, &e);
	if (e.code != ERR_NONE)
		carrier_refuse(s->c, e.msg);
}

static int
sign_gpg(struct signing *s, struct err *e)
{
	const char *const argv[] = {"gpg", "--status-fd=2", "-bsau",
				    s->words.key, NULL};

	(void)e;
	memcpy(s->argv, argv, sizeof argv);
	s->in =
	    loop_add(s->c->loop, s->c->rq->stdio[0], POLLIN, take_payload, s);
	return 0;
}

static int
verify_gpg(struct signing *s, struct err *e)
{
	const char *argv[] = {"gpg",
			      "--keyid-format=long",
			      "--status-fd=1",
			      "--verify",
			      NULL,
			      "-",
			      NULL};
	char *bytes;
	size_t len;

	if (read_file(s, s->words.file_word, MAX_FILE, &bytes, &len, e) < 0 ||
	    put(s, "signature", bytes, len, &argv[4], e) < 0)
		return e ? e->code : ERR_SYSTEM;
	memcpy(s->argv, argv, sizeof argv);
	s->input = s->c->rq->stdio[0];
	return start(s, e);
}

/* A key file of the person's: the one that the person's configuration names,
 * or one of ~/.ssh.  Public halves are named so, too. */
static bool
is_own_key(const struct signing *s, const char *path)
{
	const char *own = s->c->of->need.signing.key;
	const char *home = invocation_home(s->c->in);

	if (*path != '/' || strcmp(path_clean(s->c->ctx, path), path) != 0)
		return false;
	if (own && strncmp(own, "~/", 2) == 0 && home)
		own = path_join(s->c->ctx, home, own + 2);
	if (own && strcmp(own, path) == 0)
		return true;
	return path_is_under(path,
			     path_join(s->c->ctx, s->person.home, ".ssh"));
}

static int
find_key(struct signing *s, struct err *e)
{
	char *bytes;
	size_t len;

	s->key = s->words.key;
	if (file_of(s->c->rq, s->words.key_word) >= 0) {
		/* the box has it: a public key that an agent is to sign with,
		 * or a private one that is none of the person's */
		if (read_file(s, s->words.key_word, MAX_FILE, &bytes, &len, e) <
			0 ||
		    put(s, "key", bytes, len, &s->key, e) < 0)
			return e ? e->code : ERR_SYSTEM;
		return 0;
	}
	if (!is_own_key(s, s->key))
		return err_set(e, ERR_UNKNOWN,
			       "the signing key %.200s is neither in ~/.ssh "
			       "nor the user.signingKey of git config --global",
			       text_safe(s, s->key));
	return 0;
}

static int
sign_ssh(struct signing *s, struct err *e)
{
	const char *file;
	size_t n = 0;

	if (find_key(s, e) < 0 ||
	    read_file(s, s->words.file_word, SIGN_MAX, &s->payload, &s->len,
		      e) < 0 ||
	    check_object(s, e) < 0 ||
	    put(s, "payload", s->payload, s->len, &file, e) < 0 ||
	    memory(s, "", 0, e) < 0)
		return e ? e->code : ERR_SYSTEM;
	s->argv[n++] = "ssh-keygen";
	s->argv[n++] = "-Y";
	s->argv[n++] = "sign";
	s->argv[n++] = "-n";
	s->argv[n++] = "git";
	s->argv[n++] = "-f";
	s->argv[n++] = s->key;
	if (s->words.agent)
		s->argv[n++] = "-U";
	s->argv[n++] = file;
	s->result = talloc_asprintf(s, "%s.sig", file);
	return start(s, e);
}

int
sign_carry(struct carrier *c, struct err *e)
{
	struct signing *s = talloc_zero(c->ctx, struct signing);
	const struct need_signing *own = &c->of->need.signing;
	int rc;

	if (!s)
		BUG("out of memory");
	s->c = c;
	s->input = s->pidfd = -1;
	talloc_set_destructor(s, destroy);
	rc = ssh_person_read(s, c, &s->person, e);
	if (rc == 0)
		rc = sign_words(c->rq, &s->words, e);
	if (rc < 0)
		return rc;
	if (s->words.shape != SIGN_GPG_VERIFY && !own->makes)
		return err_set(e, ERR_UNKNOWN,
			       "this command was not judged to sign anything");
	switch (s->words.shape) {
	case SIGN_GPG:
	case SIGN_GPG_VERIFY:
		s->program = own->gpg ? own->gpg : "gpg";
		return s->words.shape == SIGN_GPG ? sign_gpg(s, e)
						  : verify_gpg(s, e);
	case SIGN_SSH:
		s->program = own->ssh ? own->ssh : "ssh-keygen";
		return sign_ssh(s, e);
	}
	BUG("shape %d", (int)s->words.shape);
}
