/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a configuration key can do, by its (normalised) name and value.
 */
#ifndef AUTOMODE_TOOLS_GIT_KEYS_H
#define AUTOMODE_TOOLS_GIT_KEYS_H

#include <stdbool.h>

enum git_key {
	GIT_KEY_PLAIN = 1,
	GIT_KEY_RUNS,	   /* names a program that later commands start */
	GIT_KEY_REDIRECTS, /* sends later transports elsewhere */
	GIT_KEY_WEAKENS,   /* switches a protection of transports off */
	GIT_KEY_LOOSENS,   /* the same for what is here: reflogs, the checks
			    * of objects, the place of the work tree */
};

/* value NULL: only the name is known (or it is set to "true"). */
enum git_key git_key_does(const char *key, const char *value);
/* A program every person has, by its name alone: "vim", "cat", "true", ":". */
bool git_program_is_plain(const char *value);
/* The same, or an editor with its usual arguments: "code --wait". */
bool git_program_is_editor(const char *value);
/* Keys that person and agent may set for every repository: how things are
 * shown and merged, what plain commands default to.  A closed list. */
bool git_key_is_everyday(const char *key, const char *value);
/* A '*' in the pattern stands for any bytes. */
bool git_key_matches(const char *pattern, const char *key);

#endif
