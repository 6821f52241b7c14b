/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that only run another one: nice, timeout, nohup ... */
#ifndef AUTOMODE_PARSE_WRAPPER_H
#define AUTOMODE_PARSE_WRAPPER_H

#include <stddef.h>

/* Index of the word that names the command behind all wrappers; 0: the first
 * word is no wrapper; that of the NULL at the end: there is no command. */
size_t wrapper_inner(const char *const *words);

#endif
