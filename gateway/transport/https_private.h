/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the https side: the real git-remote-https in its box, with a
 * configuration of ours (https_config.c), the repository reduced to its
 * objects (https_repository.c), and a filter between it and the git that
 * asked (https_filter.c, https_batch.c).
 */
#ifndef AUTOMODE_TRANSPORT_HTTPS_PRIVATE_H
#define AUTOMODE_TRANSPORT_HTTPS_PRIVATE_H

#include "transport/carrier.h"
#include "wire/carry.h"

#define HTTPS_IN_BOX "/run/automode/https"
#define HTTPS_GIT    HTTPS_IN_BOX "/git"
#define HTTPS_CONFIG HTTPS_IN_BOX "/config"
/* box-transport under the name by which it knows what to do */
#define HTTPS_HELPER HTTPS_IN_BOX "/" CARRY_HELPER

struct https {
	struct carrier *c;
	const char *home;    /* the person's */
	const char *git_dir; /* of the request, on this machine; NULL: none */
	const char *common;  /* where its objects and refs are */
	const char *in_box;  /* the same, as the asking git names it */
	const char *shown;   /* folder that is HTTPS_GIT in the box, or NULL */
	int version;	     /* protocol.version as the asking git has it */
	const char *proxy;   /* the person's; NULL: none */
};

/* A configuration as text, key by key. */
struct config_out {
	char *text;
	char section[512]; /* the last one written */
};
void config_put(struct config_out *o, const char *key, const char *value);

/* https_config.c: what the person says of http; files they name are bound.
 * Fills version and proxy. */
int https_person_config(struct https *h, struct config_out *o, struct err *e);
/* What of the repository's own configuration is passed on: format goes into
 * *format, the rest into *o behind the person's. */
int https_own_config(struct https *h, struct config_out *format,
		     struct config_out *o, struct err *e);

/* https_repository.c: fills git_dir and common when the request's repository
 * is one that the command may use. */
void https_find_repository(struct https *h);
int https_show_repository(struct https *h, struct err *e);
/* After a fetch by the helper: the new list of shallow commits is the
 * repository's. */
int https_take_shallow(struct https *h, struct err *e);

/* https_ca.c: the CAs of the machine for that program, in fewer pieces. */
void https_show_certs(struct https *h, const char *program);

/* https_filter.c: owns all four.  git_in, git_out: to the git that asked;
 * to, from: the helper's standard input and output. */
int https_filter_start(struct https *h, int git_in, int git_out, int to,
		       int from, struct err *e);

/* https_errors.c: between the helper's standard error and the request's. */
int https_errors_start(struct https *h, struct err *e);

/* https_batch.c: a batch of "push" lines as the helper is to get it: each of
 * the judged updates by object, with the lease that was judged.  cas: what
 * git asked for itself; used for a dry run only, which changes nothing. */
struct push_batch {
	const char **lines; /* as they came, without the newline */
	size_t n;
	const char **cas; /* values of "option cas" */
	size_t ncas;
	bool dry_run;
};
/* *options: how many lines of *text are answered by "ok" each, before the
 * batch's own answers. */
int push_batch_rewrite(void *ctx, const struct transport_permit *permit,
		       const struct push_batch *b, char **text, size_t *options,
		       struct err *e);

#endif
