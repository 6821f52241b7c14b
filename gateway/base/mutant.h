/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Switches one protection off in a build that is made for `make check-mutation`
 * and for nothing else: a test case that then still passes shows nothing.
 */
#ifndef AUTOMODE_BASE_MUTANT_H
#define AUTOMODE_BASE_MUTANT_H

#include <stdbool.h>

#ifdef AUTOMODE_MUTATION
/* Is it the one that share/automode/mutant of this installation names? */
bool mutant(const char *name);
#else
#define mutant(name) false
#endif

#endif
