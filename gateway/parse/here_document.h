/* SPDX-License-Identifier: Apache-2.0 */
/* Here-documents in the words of a shell (POSIX shell grammar, 2.7.4). */
#ifndef AUTOMODE_PARSE_HERE_DOCUMENT_H
#define AUTOMODE_PARSE_HERE_DOCUMENT_H

/* The words without them: what only passes through a shell on the way to a
 * file, or to another interpreter, which is asked for itself: cat >f <<EOF.
 * A copy of ctx's. */
char *here_documents_left_out(void *ctx, const char *words);

#endif
