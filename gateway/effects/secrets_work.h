/* SPDX-License-Identifier: Apache-2.0 */
/* The secret engine's own: what its files share. */
#ifndef AUTOMODE_EFFECTS_SECRETS_WORK_H
#define AUTOMODE_EFFECTS_SECRETS_WORK_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include "effects/secrets.h"
#include <pcre2.h>

struct family {
	struct secret_owner owner;
	const char **env, **files, **examples; /* examples: without prefix */
	size_t nenv, nfiles, nexamples;
	const char *what; /* "a github credential" */
	bool crc;
};

struct token {
	const char *prefix;
	size_t len;
	pcre2_code *rest;
	struct family *family;
	/* The pattern begins with `run` bytes of this set (0: not known). */
	bool set[256];
	size_t run;
	bool mixed; /* small letters, capitals and digits */
};

/* Of one command. */
struct secrets {
	const struct invocation *in;
	const struct scope_rules *rules;
	const char *folder;
	bool known; /* values are there */
	struct secret_values values;
	struct windows *plain, *encoded, *names, *whole;
	struct secret_values lower;
	size_t budget;
	bool spent;
	bool unread;  /* something that is packed, not to its end */
	bool shallow; /* and less closely than in a command of its own */
};
/* Gathers the values, once. */
void secrets_know(struct secrets *s);

/* A place where findings go. */
struct secret_list {
	struct secret_found *v;
	size_t n, room;
	const char *where;
	bool values; /* what only looks like one does not count */
};

void secrets_add(struct secret_list *to, const struct secret_owner *owner,
		 const char *what, bool looks);

/* --- secrets_families.c: what profiles/secrets says ---------------------- */

const struct needles *secrets_needles(void);
/* The family of which the whole text is a token; NULL: of none. */
const struct family *secrets_family_by_looks(const char *text, size_t len);
void secrets_append(void *ctx, const char ***list, size_t *n, const char *word);

/* --- secrets_claims.c: who may say where something belongs --------------- */

/* "NAME=value" as the session's first process had it. */
bool secrets_env_inherited(const struct invocation *in, const char *variable);
/* Each "NAME=value" that a process above this command, of its session, was
 * given and that it was not. */
void
secrets_env_above(void *ctx, const struct invocation *in,
		  void (*each)(void *data, const char *variable), void *data);
struct stat;
/* Nothing was done to it in this session. */
bool secrets_file_older(const struct invocation *in, const struct stat *st);

/* --- secrets_names.c: what a variable and its value look like ------------- */

char *secrets_lower(void *ctx, const char *s, size_t len);
/* Is the name one of something secret? */
bool secrets_names_secret(const char *name, size_t len);
/* Random, by its looks: for text whose names say nothing. */
bool secrets_looks_random(const char *s, size_t len);
bool secrets_is_domain(const char *s, size_t len);
/* A word, a number: what a database of one's own is given, and what stands in
 * any other text. */
bool secrets_is_common(const char *value, size_t len);
/* SSL_KEY=certs/dev.pem */
bool secrets_names_file(const char *value);
/* AUTH_TOKEN_ISSUER=tenant.auth.example.com:443 */
bool secrets_names_host(const char *name, const char *value);

/* --- secrets_runs.c: where they can stand ------------------------------- */

#define RUNS_BYTES 4096u
struct runs_table {
	unsigned char rows[2][16];
	bool has[256];
	unsigned char least; /* of any */
	bool high;	     /* some from 128 on */
};
/* The bytes of which tokens consist, those of the values, and both. */
struct runs_set {
	struct runs_table token, value, any;
	bool more; /* value has some that token has not */
};
/* RUNS_BYTES in blocks of 64.  The masks (bit i: the byte at i is one of that
 * kind) are there for the blocks that live, and those behind them. */
struct runs {
	uint64_t live;
	uint64_t token[65], dash[65], value[65];
};
/* How many bytes at its beginning are of tokens. */
size_t runs_first(const char *text);
void runs_begin(struct runs_set *s);
void runs_add(struct runs_set *s, const char *bytes, size_t len);
/* p[i] and on; i < len. */
void runs_find(const struct runs_set *s, const char *p, size_t len, size_t i,
	       struct runs *r);
/* For tests: nothing is passed over; without help of the processor; with it. */
enum { RUNS_ALL, RUNS_PLAIN, RUNS_SSE2, RUNS_AVX2 };
extern unsigned runs_at_most;

/* --- secrets_looks.c: how their letters lie ------------------------------ */

/* Words behind one another, where chance would have gone from small letters to
 * capitals and digits more often than not. */
bool secret_is_words(const char *s, size_t len);
uint32_t secret_crc32(const char *s, size_t len);
/* GitHub and npm: 30 random characters, then 6 of their CRC-32.  body: behind
 * the prefix. */
bool secret_crc_holds(const char *body, size_t len);

/* --- secrets_tokens.c: by their looks ----------------------------------- */

/* Once all families are read: the beginnings of all tokens in all readings. */
struct needles;
struct needles *needles_make(void *ctx, const struct token *tokens, size_t n);
struct family *needles_family(const struct token *tokens, size_t n,
			      const char *text, size_t len);
/* How far a pass has come, and where it works. */
#define NEEDLES_REACH 4096 /* the longest token */
struct needles_at {
	size_t beyond;	 /* where the last one ends */
	size_t last;	 /* the end of the block looked at last */
	uint64_t before; /* its places */
	const struct secret_values *values;
	const struct secret_value *own; /* what the last token is known as */
	pcre2_match_data *match;
	char text[NEEDLES_REACH + 8]; /* in another reading */
};
void needles_begin(struct needles_at *at, const struct secret_values *values);
void needles_end(struct needles_at *at);
/* As if r, which is of p[i] and on, had been looked through. */
void needles_resume(struct needles_at *at, size_t i, const struct runs *r);
/* Those that begin in r, which is of p[i] and on. */
void needles_scan(const struct needles *g, const char *p, size_t len, size_t i,
		  const struct runs *r, struct needles_at *at,
		  struct secret_list *to);

/* --- secrets_values.c: by their values ---------------------------------- */

/* Windows over the values, each of which or twelve bytes of which are looked
 * for; over their base64, hex and reversed forms as well; or each as a whole
 * alone. */
enum windows_of { WINDOWS_PLAIN, WINDOWS_ENCODED, WINDOWS_WHOLE };
struct windows;
struct windows *
windows_make(void *ctx, const struct secret_values *values, enum windows_of of);
const struct runs_set *windows_runs(const struct windows *w);
const struct secret_values *windows_values(const struct windows *w);
/* Those in r, which is of p[i] and on; i: a multiple of RUNS_BYTES, and these
 * are called for one after the other. */
void windows_scan(const struct windows *w, const char *p, size_t len, size_t i,
		  const struct runs *r, struct secret_list *to);
#define SECRETS_STRIDE 5

/* --- secrets_pass.c: both, over all of it ------------------------------- */

/* A long one by several threads.  g NULL: values alone. */
void pass_scan(const struct needles *g, const struct windows *w, const char *p,
	       size_t len, struct secret_list *to);
extern size_t pass_part; /* the least that a thread gets; for tests */

/* base64 of `skip` unknown bytes and then bytes: only the digits that these
 * determine; *at: how many digits of a group stand before the first. */
size_t secrets_base64(const char *bytes, size_t len, unsigned skip, bool url,
		      char *to, unsigned *at);
/* --- secrets_frames.c: other readings ----------------------------------- */

#define FRAMES_ROOM 14 /* times as many bytes, and as many more */
size_t frames_base85(const char *p, size_t len, char *to);
size_t frames_printed(const char *p, size_t len, char *to); /* 4, and 8 */
size_t frames_rotated(const char *p, size_t len, char *to);
size_t frames_letters(const char *p, size_t len, char *to); /* and digits */
size_t frames_swapped(const char *p, size_t len, char *to); /* case */
/* --- secrets_escapes.c: others, that stand between plain letters; 0: none - */

size_t escapes_read(const char *p, size_t len, char *to);
size_t escapes_quoted(const char *p, size_t len, char *to); /* =3D */
size_t escapes_numbers(const char *p, size_t len, bool octal, char *to);
/* Runs of digits as one number: of base 58, 62 and 10. */
size_t escapes_large(const char *p, size_t len, char *to);

/* --- secrets_seen.c ------------------------------------------------------ */

extern bool secrets_seen_at_once; /* for tests: no tick is waited for */

/* By byte; -1: no digit. */
extern const signed char secrets_digits64[256], secrets_hex[256];

#endif
