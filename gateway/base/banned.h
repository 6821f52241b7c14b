/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that do not compile here; included before every file (-include). */
#ifndef AUTOMODE_BASE_BANNED_H
#define AUTOMODE_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* glibc makes macros of these for clang with _FORTIFY_SOURCE. */
#undef sprintf
#undef vsprintf
#pragma GCC poison system popen strcpy strcat sprintf vsprintf gets strtok
#pragma GCC poison atoi atol atoll mktemp tmpnam tempnam gmtime localtime
#pragma GCC poison strncpy strncat asctime

#endif
