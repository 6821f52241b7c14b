/* SPDX-License-Identifier: Apache-2.0 */
/* rsync between this machine and another. */
#ifndef AUTOMODE_TOOLS_RSYNC_FAR_H
#define AUTOMODE_TOOLS_RSYNC_FAR_H

#include "tools/file_call.h"

/* --files-from names one there. */
bool rsync_list_is_far(struct file_call *c);
/* A list on stdin is read, and rsync gets the same; else -1. */
int rsync_list_input(struct file_call *c, int *input, struct err *e);

/* "host:path", "user@host::module", "rsync://host/path" */
bool rsync_is_far(const char *word);
bool rsync_deletes(const struct file_call *c);
/* A file of aliases that gives its options another meaning: ERR_UNKNOWN. */
int rsync_no_aliases(struct file_call *c, struct err *e);
/* What the other machine is told beside the files; input: what the options
 * read of stdin, or -1. */
struct ssh_line;
int rsync_says(struct ssh_line *l, int input, struct err *e);
/* c->opt is read, and one of the operands is far. */
int rsync_far(struct file_call *c, struct err *e);

#endif
