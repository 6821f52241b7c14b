/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interpreters: nothing is judged but where their program comes from.  What it
 * then does meets the other shims.
 */
#include "parse/interpreter.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include "effects/origin.h"
#include "effects/origin_code.h"
#include "invocation/program.h"
#include "parse/here_document.h"
#include "tools/migrate.h"
#include "tools/serve.h"
#include "tools/tool.h"
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#define WAIT_MS	 2000  /* for the first byte of a pipe */
#define CLOSE_MS 1000  /* between the programs of one pipeline */
#define LATE_MS	 60000 /* from $(curl ...) to the words that it became */
#define PEEK	 65536

struct call {
	void *ctx;
	const struct tool_context *t;
	struct command *cmd;
	struct effects *fx;
	enum interpreter kind;
	bool whole; /* what is installed may be a list of names, or large */
};

static void
runs(struct call *k, const char *what, const char *host)
{
	struct effect *x;
	const char *object = text_safe(k->ctx, what ? what : host);

	if (!host)
		return;
	k->cmd->unseen = false;
	x = effects_add(k->fx, EFFECT_EXEC_FETCHED, SCOPE_FOREIGN, object);
	x->undo = UNDO_NO;
	x->why = talloc_asprintf(k->ctx, "it came from %s in this session",
				 text_safe(k->ctx, host));
	x->instead =
	    what ? "read it, and tell the user what it would do"
		 : "fetch it into a file, read it, and tell the user what it "
		   "would do";
}

/* The writer may be another shim that is still being judged: it has been once
 * its first byte is there.  The interpreter would wait for that as well.
 * Returns for how many milliseconds. */
static int64_t
wait_for(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	struct timespec a, b;

	clock_gettime(CLOCK_MONOTONIC, &a);
	(void)poll(&p, 1, WAIT_MS);
	clock_gettime(CLOCK_MONOTONIC, &b);
	return (b.tv_sec - a.tv_sec) * INT64_C(1000) +
	       (b.tv_nsec - a.tv_nsec) / 1000000;
}

/* cat f | sh: what stands in the pipe, without taking it out. */
static const char *
from_content(struct call *k, int fd)
{
	int pipe_in OWNED_FD = -1, pipe_out OWNED_FD = -1;
	char *text = talloc_size(k->ctx, PEEK);
	const char *host;
	int ends[2];
	ssize_t n;

	if (!text)
		BUG("out of memory");
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return NULL;
	pipe_out = ends[0];
	pipe_in = ends[1];
	origin_code_wait(k->t->origins, k->t->in, fd);
	if (tee(fd, pipe_in, PEEK, SPLICE_F_NONBLOCK) < 1)
		return NULL;
	n = read(pipe_out, text, PEEK);
	if (n < 1)
		return NULL;
	host = origin_of_bytes(k->ctx, k->t->origins, text, (size_t)n, false);
	return host ? host
		    : origin_of_code(k->ctx, k->t->origins, text, (size_t)n);
}

static void
from_stdin(struct call *k)
{
	const struct invocation *in = k->t->in;
	int fd = in->stdio[0];
	const char *host;
	struct stat st;
	int64_t waited;

	if (in->kind == REQUEST_CHECK || fd < 0 || fstat(fd, &st) != 0 ||
	    S_ISCHR(st.st_mode))
		return;
	if (S_ISREG(st.st_mode)) {
		runs(k, NULL, origin_of_code_fd(k->ctx, k->t->origins, fd));
		return;
	}
	waited = wait_for(fd);
	host = origin_of_fd(k->ctx, k->t->origins, fd);
	/* with others between: curl ... | gunzip | sh */
	if (!host)
		host = origin_of_sibling(k->ctx, k->t->origins, in,
					 waited + CLOSE_MS);
	if (!host)
		host = from_content(k, fd);
	runs(k, NULL, host);
}

/* "/proc/self/cwd/f" is the caller's, not ours. */
static const char *
own_place(const char *given)
{
	static const char *const heres[] = {"/proc/self/cwd/",
					    "/proc/thread-self/cwd/"};
	static const char *const tops[] = {"/proc/self/root/",
					   "/proc/thread-self/root/"};

	for (size_t i = 0; i < sizeof(heres) / sizeof(*heres); i++)
		if (!strncmp(given, heres[i], strlen(heres[i])))
			return given + strlen(heres[i]);
	for (size_t i = 0; i < sizeof(tops) / sizeof(*tops); i++)
		if (!strncmp(given, tops[i], strlen(tops[i])))
			return given + strlen(tops[i]) - 1;
	return given;
}

/* sh <(tail -n +2 f), sh /dev/fd/3 3<f */
static void
from_passed(struct call *k, int fd)
{
	const char *host;
	struct stat st;

	(void)wait_for(fd);
	host = origin_of_code_fd(k->ctx, k->t->origins, fd);
	if (!host && fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode))
		host = from_content(k, fd);
	runs(k, NULL, host);
}

/* cat f >fifo & sh fifo: whoever writes there waits for a reader, and what was
 * written is gone with the last one; so it stays open until the interpreter
 * has it (hand_over.c).  It would wait for a writer that has gone by now. */
static void
from_fifo(struct call *k, const char *given, const char *path)
{
	int *ends = k->cmd->named_pipe, have = 0;
	struct pollfd p = {.events = POLLIN};
	const char *host;

	if (k->t->in->kind == REQUEST_CHECK || !k->t->in->pid || *ends > 0)
		return;
	p.fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (p.fd < 0)
		return;
	ends[0] = p.fd;
	(void)wait_for(p.fd);
	if (ioctl(p.fd, FIONREAD, &have) == 0 && have > 0) {
		host = origin_of_fd(k->ctx, k->t->origins, p.fd);
		runs(k, given, host ? host : from_content(k, p.fd));
	}
	if (have > 0 || (poll(&p, 1, 0) > 0 && p.revents & POLLHUP))
		ends[1] = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
}

static void
from_file(struct call *k, const char *given)
{
	const struct invocation *in = k->t->in;
	int number = path_descriptor(given);
	const char *path, *host;
	struct stat st;

	if (number == 0)
		from_stdin(k);
	else if (number > 0)
		for (size_t i = 0; i < in->npassed; i++) {
			if (in->passed[i].number != number)
				continue;
			from_passed(k, in->passed[i].fd);
		}
	else {
		path = path_join(k->ctx, in->cwd, own_place(given));
		host = k->whole
			   ? origin_of_file(k->ctx, k->t->origins, path)
			   : origin_of_code_file(k->ctx, k->t->origins, path);
		runs(k, given, host);
		if (stat(path, &st) == 0 && S_ISFIFO(st.st_mode))
			from_fifo(k, given, path);
	}
}

/* pip install ./f, python3 -m pip install ./f: any word that is a file, or a
 * folder with a program that builds. */
static void
from_any(struct call *k)
{
	static const char *const builds[] = {"setup.py", "pyproject.toml",
					     "setup.cfg"};
	const char *word;

	for (size_t i = 1; i < k->t->in->argc; i++) {
		word = k->t->in->argv[i];
		if (!strncmp(word, "--editable=", 11))
			word += 11;
		else if (!strncmp(word, "-e", 2) && word[2])
			word += 2;
		if (*word == '-')
			continue;
		k->whole = true;
		from_file(k, word);
		k->whole = false;
		for (size_t n = 0; n < sizeof(builds) / sizeof(*builds); n++)
			from_file(k, path_join(k->ctx, word, builds[n]));
	}
}

/* sh -c ". ./f" */
static void
from_sources(struct call *k, const char *words)
{
	static const char ends[] = " \t\n;&|(){}\"'";
	char *copy = talloc_strdup(k->ctx, words), *save = NULL;
	const char *before = "";

	if (!copy)
		BUG("out of memory");
	for (char *w = strtok_r(copy, ends, &save); w;
	     w = strtok_r(NULL, ends, &save)) {
		if (!strcmp(before, ".") || !strcmp(before, "source"))
			from_file(k, w);
		before = w;
	}
}

/* A module of perl's, where -I or PERL5LIB say that one may lie. */
static void
from_perl_module(struct call *k, const char *module)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:";
	const char *more = invocation_env(k->t->in, "PERL5LIB");
	char *list = talloc_asprintf(k->ctx, ".:%s", more ? more : "");
	char *name = talloc_strndup(k->ctx, module, strspn(module, letters));
	const char *const *argv = k->t->in->argv;
	char *save = NULL, *to = name;

	if (!list || !name)
		BUG("out of memory");
	for (const char *p = name; *p; p++) {
		*to++ = *p == ':' ? '/' : *p;
		p += *p == ':' && p[1] == ':';
	}
	*to = '\0';
	for (size_t i = 1; argv[i]; i++)
		if (!strncmp(argv[i], "-I", 2))
			list =
			    talloc_asprintf_append(list, ":%s",
						   argv[i][2]	 ? argv[i] + 2
						   : argv[i + 1] ? argv[i + 1]
								 : "");
	for (char *dir = strtok_r(list, ":", &save); dir;
	     dir = strtok_r(NULL, ":", &save))
		from_file(k, talloc_asprintf(k->ctx, "%s.pm",
					     path_join(k->ctx, dir, name)));
}

/* NODE_OPTIONS="--require ./f", PERL5OPT="-Mf" */
static void
from_options(struct call *k, const char *words)
{
	char *copy = talloc_strdup(k->ctx, words), *save = NULL;
	const char *file, *module;

	if (!copy)
		BUG("out of memory");
	for (char *w = strtok_r(copy, " ", &save), *next; w; w = next) {
		next = strtok_r(NULL, " ", &save);
		file = interpreter_before(w, next);
		module = interpreter_perl_module(k->kind, w);
		if (module)
			from_perl_module(k, module);
		else if (file)
			from_file(k, file);
	}
}

/* What a folder is run as, and a name without its end. */
static void
from_folder(struct call *k, const char *given)
{
	if (k->kind == INTERPRETER_PYTHON)
		from_file(k, path_join(k->ctx, given, "__main__.py"));
	if (k->kind != INTERPRETER_NODE)
		return;
	from_file(k, path_join(k->ctx, given, "index.js"));
	from_file(k, talloc_asprintf(k->ctx, "%s.js", given));
}

/* A module that lies here, or where PYTHONPATH says. */
static void
from_module(struct call *k, const char *module)
{
	const char *more = invocation_env(k->t->in, "PYTHONPATH");
	char *name = talloc_strdup(k->ctx, module), *save = NULL;
	char *list = talloc_asprintf(k->ctx, ".:%s", more ? more : "");

	if (!name || !list)
		BUG("out of memory");
	for (char *p = name; *p; p++)
		*p = *p == '.' ? '/' : *p;
	for (char *dir = strtok_r(list, ":", &save); dir;
	     dir = strtok_r(NULL, ":", &save)) {
		const char *path = path_join(k->ctx, dir, name);

		from_file(k, talloc_asprintf(k->ctx, "%s.py", path));
		from_file(k, path_join(k->ctx, path, "__init__.py"));
		from_file(k, path_join(k->ctx, path, "__main__.py"));
	}
}

/* python3 -m pdb f.py: a module that runs a file, or another module. */
static void
from_runner(struct call *k, size_t module)
{
	static const char *const names[] = {"cProfile", "coverage", "doctest",
					    "pdb",	"profile",  "pytest",
					    "runpy",	"trace",    "unittest"};
	const char *const *argv = k->t->in->argv;
	bool runs = false;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		runs |= !strcmp(argv[module], names[i]);
	for (size_t i = module + 1; runs && i < k->t->in->argc; i++)
		if (*argv[i] != '-') {
			from_file(k, argv[i]);
			from_module(k, argv[i]);
		}
}

/* Files that it runs before its program. */
static void
from_before(struct call *k, size_t program)
{
	const char *const *argv = k->t->in->argv;
	const char *name, *env, *file, *module;

	for (size_t i = 0; (name = interpreter_variable(k->kind, i)); i++) {
		env = invocation_env(k->t->in, name);
		if (env && *env &&
		    (k->kind == INTERPRETER_NODE ||
		     k->kind == INTERPRETER_RUBY ||
		     k->kind == INTERPRETER_PERL))
			from_options(k, env);
		else if (env && *env)
			from_file(k, env);
	}
	for (size_t i = 1; argv[i] && (!program || i < program); i++)
		if ((module = interpreter_perl_module(k->kind, argv[i])))
			from_perl_module(k, module);
		else if ((file = interpreter_before(argv[i], argv[i + 1])))
			from_file(k, file);
}

/* node /usr/bin/npm install ./f.tgz: npm is a program of node. */
static bool
installs(const char *const *argv, size_t at)
{
	static const char *const names[] = {
	    "npm",  "npm-cli.js", "npx",  "npx-cli.js",
	    "yarn", "yarn.js",	  "pnpm", "pnpm.cjs"};
	const char *base = path_base(argv[at]);

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(base, names[i]))
			return true;
	return false;
}

/* sh -c "$(cat f)", sh -c "$(curl ...)" */
static void
from_words(struct call *k, const char *words)
{
	const char *host = NULL;

	if (!strncmp(words, "#!", 2))
		host =
		    origin_of_sibling(k->ctx, k->t->origins, k->t->in, LATE_MS);
	if (!host &&
	    (!strncmp(words, "#!", 2) || strlen(words) >= INTERPRETER_WORDS))
		host = origin_of_bytes(k->ctx, k->t->origins, words,
				       strlen(words), true);
	if (!host && strlen(words) >= INTERPRETER_WORDS) {
		if (k->kind == INTERPRETER_SHELL)
			words = here_documents_left_out(k->ctx, words);
		host =
		    origin_of_code(k->ctx, k->t->origins, words, strlen(words));
	}
	runs(k, NULL, host);
}

/* sh -n f, node --check f: read for its grammar alone. */
static bool
only_reads(const struct call *k)
{
	const char *const *argv = k->t->in->argv;

	if (k->t->in->argc != 3 || strchr("-+", *argv[2]))
		return false;
	return k->kind == INTERPRETER_SHELL  ? !strcmp(argv[1], "-n")
	       : k->kind == INTERPRETER_NODE ? !strcmp(argv[1], "--check")
					     : false;
}

static void
judge(struct call *k)
{
	const struct invocation *in = k->t->in;
	struct interpreter_line line = interpreter_read(k->kind, in->argv);

	from_before(k, line.at);
	if (only_reads(k))
		return;
	if (k->kind == INTERPRETER_PIP ||
	    (line.module && !strcmp(line.module, "pip")))
		from_any(k);
	else if (line.module) {
		from_module(k, line.module);
		if (line.at)
			from_runner(k, line.at);
	} else if (line.from == FROM_FILE) {
		from_file(k, in->argv[line.at]);
		from_folder(k, in->argv[line.at]);
		if (k->kind == INTERPRETER_NODE && installs(in->argv, line.at))
			from_any(k);
	} else if (line.from == FROM_STDIN && !line.interactive)
		from_stdin(k);
	else if (line.from == FROM_WORDS && line.at) {
		from_words(k, in->argv[line.at]);
		if (k->kind == INTERPRETER_SHELL)
			from_sources(k, in->argv[line.at]);
	}
}

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	struct call k = {.ctx = ctx,
			 .t = t,
			 .cmd = cmd,
			 .fx = fx,
			 .kind = interpreter_of(t->in->tool)};
	int rc = program_find(ctx, t->in, t->in->tool, &cmd->program, e);

	if (rc < 0)
		return rc;
	if (interpreter_migration(k.kind, t->in->argv) ||
	    interpreter_serves(k.kind, t->in->argv)) {
		rc = interpreter_serves(k.kind, t->in->argv)
			 ? serve_understand(ctx, t, cmd, fx, e)
			 : migrate_understand(ctx, t, cmd, fx, e);
		cmd->argv = NULL;
		if (rc < 0)
			return rc;
	}
	cmd->summary = text_command(ctx, t->in->argv, 200);
	cmd->argv =
	    talloc_memdup(ctx, t->in->argv, (t->in->argc + 1) * sizeof(char *));
	if (!cmd->argv)
		BUG("out of memory");
	/* it finds its libraries by it (shims/run.c) */
	if (k.kind == INTERPRETER_PYTHON)
		cmd->argv[0] = cmd->program;
	cmd->need.box = "file-read";
	cmd->hand_over = true;
	cmd->unseen = !fx->n;
	judge(&k);
	return 0;
}

static const char *const names[] = {
    "sh",     "bash", "dash", "zsh",	"ksh",	"python", "python3",
    "perl",   "ruby", "node", "pip",	"pip3", "uv",	  "poetry",
    "pipenv", "pdm",  "php",  "bundle", NULL};

const struct tool tool_interpreter = {
    .name = "interpreter",
    .names = names,
    .understand = understand,
};
