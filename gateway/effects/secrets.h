/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials in what a command is about to send: by their looks (the
 * families of profiles/secrets) and by their values (what the person's
 * credential files, the project's .env and the caller's environment hold),
 * plain or encoded; and the hosts that each of them belongs to.
 *
 * Nothing here ever hands out the value of a secret.
 */
#ifndef AUTOMODE_EFFECTS_SECRETS_H
#define AUTOMODE_EFFECTS_SECRETS_H

#include "base/err.h"
#include "effects/scope.h"

/* Reads profiles/secrets once for this process and those that it forks.  path
 * NULL: where this installation has it. */
int secrets_load(const char *path, struct err *e);

struct secret_owner {
	const char *family; /* "github", or the name in the profile */
	const char **hosts; /* globs; none: nobody is known */
	size_t nhosts;
	bool keeps; /* goes nowhere */
	bool said;  /* what says its hosts may have come in this session */
	const char *claim; /* the variable by which that is to be found out */
	/* What else the value is known as, for somebody else: nobody is
	 * believed then. */
	const char *also;
	/* Of a variable of that family which the person gives hosts of its
	 * own: its value is not just any token of the family. */
	const struct secret_owner *instead_of;
};

struct secret_found {
	const struct secret_owner *owner;
	const char *what;  /* "a github credential", "GITHUB_TOKEN", ... */
	const char *where; /* as given to the scan */
	bool looks;	   /* by its looks; else its value is known */
};

struct secrets; /* of one command */

/* What this caller holds is looked for only when something is scanned.
 * folder: of the project, whose .env files count (NULL: none). */
int secrets_begin(void *ctx, const struct invocation *in,
		  const struct scope_rules *rules, const char *folder,
		  struct secrets **out, struct err *e);
/* Adds to v[] up to `room` findings, each owner once; returns how many. */
size_t secrets_scan(struct secrets *s, const void *bytes, size_t len,
		    const char *where, struct secret_found *v, size_t room);
/* Values alone, whatever has become of the case of their letters, as in names
 * of hosts; of a short text. */
size_t
secrets_scan_names(struct secrets *s, const char *text, const char *where,
		   struct secret_found *v, size_t room);
/* How many bytes at the end may be the beginning of a value that goes nowhere
 * or (host) does not belong there; fewer than four are nobody's. */
size_t secrets_begun(struct secrets *s, const char *bytes, size_t len,
		     const char *host);
/* Something packed was more than can be looked through. */
bool secrets_unread(const struct secrets *s);
/* A path of other people's packages, where what only looks like a credential
 * is for their tests. */
bool secrets_of_package(const char *path);
/* By its beginning: a tar, or something compressed. */
bool secrets_is_archive(const char *bytes, size_t len);
/* secrets_hide.c: the text with what holds a credential replaced. */
char *secrets_hidden(void *ctx, struct secrets *s, const char *text);
bool secret_belongs(const struct secret_found *f, const char *host);

/* secrets_seen.c: a large file that was looked through, was clean and is as it
 * was.  Before the first worker is forked; what these keep open. */
void secrets_seen_prepare(void);
int secrets_seen_fd(void); /* -1: none */
#define SECRETS_LOOK_BYTES 32
struct secrets_look {
	int fd; /* -1: not to be remembered */
	uint64_t ticket;
	unsigned char digest[SECRETS_LOOK_BYTES];
};
/* False: it is to be looked through, and secrets_looked() told whether nothing
 * at all was found.  Only what is compared here may change that answer: bytes
 * alone, whatever the file's name. */
bool secrets_seen(struct secrets *s, int fd, struct secrets_look *look);
void secrets_looked(struct secrets *s, struct secrets_look *look, bool clean);

/* For the engine's own files. */
struct secret_value {
	const char *bytes;
	size_t len;
	struct secret_owner *owner;
	const char *what;
};
struct secret_values {
	struct secret_value *v;
	size_t n;
};
const struct secret_owner *
secrets_family_of(const char *variable, const char *file);
/* Files below home that families name: NULL-terminated. */
const char *const *secrets_files(void);
int secrets_known(void *ctx, const struct invocation *in,
		  const struct scope_rules *rules, const char *folder,
		  struct secret_values *out);
bool secret_is_placeholder(const char *s, size_t len);
/* Other readings of the bytes, one after the other: without line ends, from
 * base64, hex, percent signs and other escapes, reversed, base32, from numbers,
 * base85, as od prints them, rotated, letters alone, in the other case,
 * quoted-printable, base32hex, base58 and other large numbers.  NULL: nothing.
 */
char *secrets_decoded(void *ctx, const char *bytes, size_t len, unsigned form,
		      size_t *out_len);
#define SECRETS_FORMS 18
/* May this reading be one of the other (SECRETS_FORMS: of the bytes as they
 * came), which is as deep and has that many bytes? */
bool
secrets_reads_again(unsigned other, unsigned form, unsigned depth, size_t len);
/* What counts as `other` for what has come of so many bytes. */
unsigned secrets_read_as(unsigned form, size_t from, size_t len);
/* Does it leave what is there as it stands, but for spaces? */
bool secrets_only_joins(unsigned form);
/* Bytes on end that can be text: else there is nothing to be read again. */
bool secrets_has_text(const char *bytes, size_t len);

/* secrets_claims.c: facts (SESSION_ENVIRON) that tell the variables which a
 * session began with from those that came later. */
char *secrets_env_facts(void *ctx, const struct invocation *in);

#endif
