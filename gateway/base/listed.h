/* SPDX-License-Identifier: Apache-2.0 */
/* Is a word in a list of words? */
#ifndef AUTOMODE_BASE_LISTED_H
#define AUTOMODE_BASE_LISTED_H

#include <stdbool.h>
#include <stddef.h>

bool is_one_of(const char *word, const char *const *list, size_t n);
/* The list ends in NULL; no list: no word. */
bool is_listed(const char *word, const char *const *list);

#endif
