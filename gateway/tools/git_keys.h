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
};

/* value NULL: only the name is known (or it is set to "true"). */
enum git_key git_key_does(const char *key, const char *value);
/* A program every person has, by its name alone: "vim", "cat", "true", ":". */
bool git_program_is_plain(const char *value);
/* Does the key choose an editor or pager (which -c often sets to "true")? */
bool git_key_matches(const char *pattern, const char *key);

#endif
