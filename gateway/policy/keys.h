/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every key a profile may hold: one table, read by load.c and by the check
 * of the man page.
 */
#ifndef AUTOMODE_POLICY_KEYS_H
#define AUTOMODE_POLICY_KEYS_H

#include "policy/policy.h"

enum policy_type {
	TYPE_TEXT,
	TYPE_BOOL,
	TYPE_WORD, /* allow undoable ask deny */
	TYPE_GLOB,
	TYPE_PATH,     /* absolute, or ~/ */
	TYPE_DURATION, /* "90s", "5m", "2h" */
	TYPE_NUMBER,
	TYPE_CHOICE, /* one of choices, separated by blanks */
};

/* What an untrusted file may do with the key. */
enum policy_power {
	POWER_TIGHTENS, /* more of it is stricter: any layer */
	POWER_LOOSENS,	/* ignored in an untrusted repository file */
	POWER_OWNER,	/* an error in a repository file */
};

struct policy_key {
	const char *section;
	enum { SUB_NONE, SUB_NAME, SUB_EFFECT } sub;
	const char *variable; /* for SUB_EFFECT: NULL, any scope or "any" */
	enum policy_type type;
	enum policy_power power;
	const char *choices;
	const char *what; /* for `automode profile --help` and the man page */
};

extern const struct policy_key policy_keys[];
extern const size_t policy_key_count;

/* "protect.branch", "effect.ref.delete.outside": splits a libgit2 key. */
struct policy_name {
	const char *section, *sub, *variable; /* sub NULL when there is none */
};
int policy_name_split(void *ctx, const char *key, struct policy_name *out);
const struct policy_key *policy_key_find(const struct policy_name *n);
/* The spelling nearest to an unknown key, for the error; NULL: none near. */
char *policy_key_nearest(void *ctx, const struct policy_name *n);

#endif
