/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the command begins behind programs that only run another one, by the
 * option tables of coreutils 9.1 and util-linux 2.38.  None of them permutes:
 * the first word that is no option ends the options.
 */
#include "parse/wrapper.h"
#include <stdbool.h>
#include <string.h>

static const struct wrapper {
	const char *name;
	const char *letters; /* options that take a value */
	const char *longs;   /* likewise, a space around each */
	size_t operands;     /* of its own, before the command */
} wrappers[] = {
    {"nice", "n", " adjustment ", 0},
    {"timeout", "ks", " kill-after signal ", 1},
    {"nohup", "", " ", 0},
    {"setsid", "", " ", 0},
    {"stdbuf", "ioe", " input output error ", 0},
    {"ionice", "cnpPu", " class classdata pid pgid uid ", 0},
    {"chrt", "TPD", " sched-runtime sched-deadline sched-period ", 1},
    {"taskset", "", " ", 1},
};

static const struct wrapper *
find_wrapper(const char *word)
{
	const char *slash = strrchr(word, '/'),
		   *name = slash ? slash + 1 : word;

	for (size_t i = 0; i < sizeof(wrappers) / sizeof(*wrappers); i++)
		if (!strcmp(wrappers[i].name, name))
			return &wrappers[i];
	return NULL;
}

/* A long name, or the beginning of one that takes a value. */
static bool
long_takes(const struct wrapper *w, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = w->longs; n && at[1]; at = strchr(at + 1, ' '))
		if (!strncmp(at + 1, name, n))
			return true;
	return false;
}

/* Words that an option takes up. */
static size_t
option_words(const struct wrapper *w, const char *word)
{
	if (word[1] == '-')
		return !strchr(word, '=') && long_takes(w, word + 2) ? 2 : 1;
	for (const char *p = word + 1; *p; p++)
		if (strchr(w->letters, *p))
			return p[1] ? 1 : 2;
	return 1;
}

size_t
wrapper_inner(const char *const *words)
{
	const struct wrapper *w;
	size_t at = 0, left;

	while (words[at] && (w = find_wrapper(words[at]))) {
		at++;
		while (words[at] && words[at][0] == '-' && words[at][1]) {
			bool last = !strcmp(words[at], "--");

			for (left = option_words(w, words[at]);
			     left && words[at]; left--)
				at++;
			if (last)
				break;
		}
		for (left = w->operands; left && words[at]; left--)
			at++;
	}
	return at;
}
