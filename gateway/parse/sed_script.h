/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A script of GNU sed 4.9, as far as it reaches beyond its input: files that it
 * writes or reads, commands that it runs.
 */
#ifndef AUTOMODE_PARSE_SED_SCRIPT_H
#define AUTOMODE_PARSE_SED_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

struct sed_script {
	bool runs;  /* e, s///e */
	bool reads; /* r, R, F, W ...: --sandbox would refuse it */
	const char **writes;
	size_t nwrites;
};

/* False: it is none that sed takes, or not understood. */
bool sed_script_read(void *ctx, const char *text, struct sed_script *out);

#endif
