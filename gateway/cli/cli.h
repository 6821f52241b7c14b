/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands of `automode`, and what they share.
 */
#ifndef AUTOMODE_CLI_CLI_H
#define AUTOMODE_CLI_CLI_H

#include "audit/store.h"
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

struct cli_command {
	const char *name;
	const char *usage; /* behind "automode NAME" */
	const char *what;  /* one line for `automode help` */
	const char *help;  /* what --help adds */
	int (*run)(void *ctx, int argc, char **argv); /* argv[0]: the name */
};

/* In the order in which `automode help` lists them; ends with name NULL. */
extern const struct cli_command *const cli_commands[];
extern const struct cli_command cli_env, cli_check, cli_undo, cli_status,
    cli_log, cli_doctor, cli_gateway, cli_intent, cli_rules, cli_profile,
    cli_help, cli_pending, cli_approve, cli_reject, cli_trust, cli_untrust,
    cli_watch, cli_eval, cli_session;

int cli_main(int argc, char **argv);

/* Options of a command: long ones (also --name=value), and single letters. */
struct cli_option {
	const char *name;   /* "json", or "n" for -n */
	bool *flag;	    /* set when there; or */
	const char **value; /* set to its argument */
};
/* Reads the options; operands are left in argv[0..n-1] and counted in *argc.
 * stop: "--" and what is behind it stay operands, and nothing behind the
 * first operand is an option.  0; 1: --help was printed; negative: 64 is the
 * status, the message was printed. */
int cli_options(const struct cli_command *c, const struct cli_option *o,
		size_t n, int *argc, char ***argv, bool stop);

/* "automode: ..." on stderr, made printable; returns status. */
int cli_fail(int status, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Usage error: the message, and where help is; returns 64. */
int cli_usage(const struct cli_command *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The folders as the command line sees them. */
struct cli_places {
	char *runtime, *state, *home;
};
int cli_places(void *ctx, struct cli_places *p, struct err *e);
/* The audit, read-only; ERR_UNKNOWN: there is none yet. */
int cli_store(void *ctx, struct store **out, struct err *e);
/* Repository around the current directory: id and work tree, or NULL. */
int
cli_project(void *ctx, const char **id, const char **worktree, struct err *e);

#endif
