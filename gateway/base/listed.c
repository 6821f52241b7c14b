/* SPDX-License-Identifier: Apache-2.0 */
/* Is a word in a list of words? */
#include "base/listed.h"
#include <string.h>

bool
is_one_of(const char *word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(word, list[i]) == 0)
			return true;
	return false;
}

bool
is_listed(const char *word, const char *const *list)
{
	for (; list && *list; list++)
		if (strcmp(word, *list) == 0)
			return true;
	return false;
}
