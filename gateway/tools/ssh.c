/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ssh of OpenSSH 9.2: a shell or a command on another machine, tunnels.  It
 * runs as it is, with the person's configuration; whom it may reach and what
 * its words carry is judged here.
 */
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "invocation/program.h"
#include "tools/ssh_line.h"
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>
#include <unistd.h>

#define FLAGS  "46AaCfGgKkMNnqsTtVvXxYy"
#define VALUES "BbcDEeFIiJLlmOopQRSWw"

static bool
only_asks(const struct file_call *c)
{
	const char *const *argv = c->in->argv;

	return argv[1] && (!strcmp(argv[1], "-V") ||
			   (!strcmp(argv[1], "-Q") && argv[2] && !argv[3]));
}

/* a.example.com and b.example.com */
static bool
is_neighbour(const char *a, const char *b)
{
	const char *x = strchr(a, '.'), *y = strchr(b, '.');

	return x && y && strchr(x + 1, '.') && !strcasecmp(x, y);
}

/* Was it started by rsync itself? */
static bool
is_of_rsync(struct ssh_line *l)
{
	void *ctx = l->c->ctx;
	char *stat, exe[PATH_MAX], *at;
	const char *rsync;
	long parent;
	ssize_t n;

	if (l->c->in->pid <= 0 ||
	    program_find(ctx, l->c->in, "rsync", &rsync, NULL) < 0 ||
	    file_read(ctx, AT_FDCWD,
		      file_text(l->c, "/proc/%ld/stat", (long)l->c->in->pid),
		      4096, &stat, NULL, NULL) < 0)
		return false;
	/* behind the name, in which anything may be */
	at = strrchr(stat, ')');
	parent = at && strlen(at) > 4 ? strtol(at + 4, NULL, 10) : 0;
	n = readlink(file_text(l->c, "/proc/%ld/exe", parent), exe,
		     sizeof(exe) - 1);
	if (parent <= 1 || n <= 0)
		return false;
	exe[n] = '\0';
	rsync = path_resolve(ctx, "/", rsync);
	return rsync && !strcmp(exe, rsync);
}

/* Its flags stand in one word, before what follows e and a dot. */
static bool
only_looks(const char *server)
{
	size_t len = strcspn(server, "e. ");

	return server[0] == '-' && server[1] != '-' &&
	       memchr(server, 'n', len) != NULL;
}

/* What rsync has its other half do there: judged as rsync's own line was, so
 * that what let that go lets this go. */
static bool
judge_rsync(struct ssh_line *l, const char *command)
{
	const struct sender_host *h = &l->s.hosts[l->s.nhosts - 1];
	enum scope scope = ssh_scope(l, h);

	if (!command || strncmp(command, "rsync --server ", 15) != 0 ||
	    strpbrk(command, ";&|`$()<>\n\\") || !is_of_rsync(l))
		return false;
	if (!strncmp(command + 15, "--sender ", 9) ||
	    only_looks(command + 15)) {
		effects_add(l->c->fx, EFFECT_NET_FETCH, scope, h->host)->undo =
		    UNDO_YES;
		return true;
	}
	file_effect(l->c, EFFECT_NET_SEND, scope, h->host,
		    "rsync sends what it was told to");
	if (strstr(command, " --del"))
		file_effect(l->c, EFFECT_RESOURCE_DELETE, scope, h->host,
			    "what --delete takes away there cannot be brought "
			    "back");
	return true;
}

static void
judge(struct ssh_line *l, const char *command)
{
	const struct sender_host *last = &l->s.hosts[l->s.nhosts - 1];
	struct effect *f;

	if (l->beyond && !is_neighbour(l->beyond, last->host))
		file_effect(l->c, EFFECT_NET_SEND, SCOPE_FOREIGN, l->beyond,
			    "-L makes a port of this machine of it, and a "
			    "tunnel carries whatever is put into it");

	for (size_t i = 0; i < l->s.nhosts; i++) {
		struct sender_host *h = &l->s.hosts[i];
		enum scope scope = ssh_scope(l, h);

		if (l->exposes)
			file_effect(l->c, EFFECT_NET_SEND, scope, h->host,
				    "-R opens what listens here to others "
				    "there");
		else if (l->tunnels && scope == SCOPE_FOREIGN)
			file_effect(l->c, EFFECT_NET_SEND, scope, h->host,
				    "a tunnel carries whatever is put into "
				    "it");
	}
	/* what a git host says when somebody knocks */
	if (l->no_command || (!command && l->user && !strcmp(l->user, "git")))
		return;
	if (judge_rsync(l, command))
		return;
	f = file_effect(
	    l->c, EFFECT_REMOTE_EXEC, ssh_scope(l, last), last->host,
	    ssh_config_changed(l)
		? "~/.ssh/config has changed in this session, and may "
		  "lead elsewhere"
	    : command ? file_text(l->c, "it would run there: %s", command)
		      : "a shell there does what it is told");
	f->runs = l->runs;
}

/* Programs that do what their input says: it is a part of the command. */
static bool
is_shell(const char *command)
{
	static const char *const names[] = {"bash", "sh",      "dash", "zsh",
					    "ksh",  "python3", "perl", "sudo"};
	size_t n = strcspn(command, " ");

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i]) == n && !strncmp(command, names[i], n))
			return !strstr(command, " -c");
	return false;
}

/* What it gets on stdin goes there.  rsync's own shim has seen to rsync's. */
static int
input(struct ssh_line *l, const char *command, struct err *e)
{
	const char *to = l->s.hosts[l->s.nhosts - 1].host;
	bool local = true;

	for (size_t i = 0; i < l->s.nhosts; i++)
		local &= l->s.hosts[i].scope == SCOPE_LOCAL;
	if (l->prints || l->no_command || l->no_input ||
	    (command && !strncmp(command, "rsync --server ", 15))) {
		sender_peek(&l->s);
		return 0;
	}
	if (local)
		return sender_input(&l->s, e);
	if (sender_watch(&l->s, to, e) < 0)
		return e->code;
	if (!command || is_shell(command))
		l->s.content = NULL;
	return 0;
}

static int
mean(struct file_call *c, struct err *e)
{
	struct ssh_line l = {.c = c};
	const char *const *argv = c->in->argv;
	const char *host;
	char *command = NULL;
	size_t i;

	c->cmd->argv = (const char **)(uintptr_t)argv;
	if (only_asks(c)) {
		file_hand_over(c);
		return 0;
	}
	if (sender_begin(&l.s, c, e) < 0 ||
	    ssh_read(&l, FLAGS, VALUES, 1, &i, e) < 0)
		return e->code;
	host = argv[i];
	if (!host)
		return err_set(e, ERR_SYNTAX, "no host");
	if (ssh_read(&l, FLAGS, VALUES, i + 1, &i, e) < 0 ||
	    ssh_control(&l, e) < 0)
		return e->code;
	ssh_host(&l, host);
	if (!l.s.nhosts)
		return err_set(e, ERR_SYNTAX, "no host");
	for (; argv[i]; i++)
		command = command
			      ? talloc_asprintf_append(command, " %s", argv[i])
			      : talloc_strdup(c->ctx, argv[i]);
	sender_says(&l.s, host, "the host");
	sender_says(&l.s, command, "the command");
	l.s.content = NULL;
	if (input(&l, command, e) < 0)
		return e->code;
	l.runs = command;
	if (!l.prints)
		judge(&l, command ? text_safe(c->ctx, command) : NULL);
	ssh_environment(&l);
	l.s.smuggled = NULL;
	sender_judge(&l.s);
	file_hand_over(c);
	return 0;
}

static int
understand(void *ctx, const struct tool_context *t, struct command *cmd,
	   struct effects *fx, struct err *e)
{
	return file_understand_raw("ssh", mean, ctx, t, cmd, fx, e);
}

static const char *const names[] = {"ssh", NULL};

const struct tool tool_ssh = {
    .name = "ssh",
    .names = names,
    .understand = understand,
};
