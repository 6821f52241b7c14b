/* SPDX-License-Identifier: Apache-2.0 */
/* What ssh, scp and sftp have in common: options as getopt(3) reads them, with
 * letters only, and what -o may set. */
#ifndef AUTOMODE_TOOLS_SSH_LINE_H
#define AUTOMODE_TOOLS_SSH_LINE_H

#include "tools/sender.h"

struct ssh_line {
	struct file_call *c;
	struct sender s;
	unsigned port;
	const char *user;
	bool tunnels, exposes, batch, no_command;
	bool no_input;		/* -n, -f */
	const char *batch_file; /* of sftp -b */
	bool recursive;		/* folders come with what is in them */
	bool prints;		/* -G, -O: no connection is made */
	const char *shared;	/* -S: whose it is nobody knows; NULL: none */
	const char *runs;	/* the command, as given; NULL: none */
	const char *beyond;	/* where a tunnel ends, in nobody's own net */
};

/* Reads options at argv[i] on, to the first word that is none; its index. */
int ssh_read(struct ssh_line *l, const char *flags, const char *values,
	     size_t i, size_t *end, struct err *e);
/* After the options: does it go to whom it says? */
int ssh_control(const struct ssh_line *l, struct err *e);
/* ssh_forward.c: -L: does it lead to another place than the host's own net? */
void ssh_forward(struct ssh_line *l, const char *value);
/* "[user@]host", "ssh://[user@]host[:port]" */
void ssh_host(struct ssh_line *l, const char *text);
/* ssh_alias.c: the HostName of the person's configuration for it, or NULL; and
 * whether that has changed in this session. */
const char *ssh_alias(struct ssh_line *l, const char *name);
bool ssh_config_changed(struct ssh_line *l);
/* By the person's own word, or this machine: not because git knows it. */
enum scope ssh_scope(struct ssh_line *l, const struct sender_host *h);
/* What is remote in scp's sense; *path: behind the colon. */
bool ssh_is_remote(struct ssh_line *l, const char *word, const char **host,
		   const char **path);

/* ssh_files.c: a file or folder that is sent; one that arrives at target (the
 * far name says under which name in a folder). */
int ssh_goes_up(struct ssh_line *l, const char *word, struct err *e);
void ssh_comes_down(struct ssh_line *l, const char *path, const char *target);
/* Variables that go to whatever host it is. */
void ssh_environment(struct ssh_line *l);

#endif
