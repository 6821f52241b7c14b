/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines of a text that was fetched, so that code made of parts of it is
 * known again: its beginning, its end, what an editor or sed made of it, it
 * and something else in one file.  What many programs share (licences,
 * imports, short lines) is left out.
 */
#ifndef AUTOMODE_EFFECTS_ORIGIN_LINES_H
#define AUTOMODE_EFFECTS_ORIGIN_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct origin_lines;

/* NULL: it is no text, or nothing in it can be told from other programs. */
struct origin_lines *
origin_lines_read(void *ctx, const char *bytes, size_t len);
/* Does the code consist of that text, to a good part?  Both may be NULL. */
bool origin_lines_share(const struct origin_lines *code,
			const struct origin_lines *text);

/* Times in nanoseconds.  since: when the fetch began. */
void origin_lines_note(const char *runtime, const struct origin_lines *text,
		       int64_t since, const char *host);
/* All that was written down; NULL: nothing. */
char *origin_lines_list(void *ctx, const char *runtime);
/* Of which host's text does the code consist?  NULL: of none.  changed: when
 * the file that holds the code was changed last; it is older than what came
 * later.  0: that is not known. */
const char *origin_lines_host(void *ctx, const char *list,
			      const struct origin_lines *code, int64_t changed);
/* Drops what was written down before (in milliseconds). */
void origin_lines_tidy(const char *runtime, int64_t before);

#endif
