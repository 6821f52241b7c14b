/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of files that only the tool itself can make (find's own selection, the
 * members of an archive), and commands inside of commands.
 */
#ifndef AUTOMODE_TOOLS_FILE_LIST_H
#define AUTOMODE_TOOLS_FILE_LIST_H

#include "tools/file_call.h"

/* Runs the tool with a line of ours that changes nothing, as the caller would
 * see it: without a box, since a user namespace hides who owns what.  input:
 * its stdin, or -1.  A pipe of the caller that an option names ("/dev/fd/63")
 * is read, and handed on, as by file_take_stdin().  Output is NUL-terminated
 * beyond *len; *status its exit status. */
int
file_listing(struct file_call *c, const char *program, const char *const *argv,
	     int input, char **output, size_t *len, int *status, struct err *e);
/* Reads the caller's stdin to its end and puts a copy in its place, from which
 * the tool will read; returns a descriptor of the copy at its start.  1: there
 * is nothing that may be read now (`automode check`, a terminal). */
int file_take_stdin(struct file_call *c, int *fd, struct err *e);
/* The same of another descriptor that the caller passed. */
int file_take(struct file_call *c, int in, int *fd, struct err *e);

/* The caller's descriptor of that number ("/dev/fd/63"): *copy has what a pipe
 * held, which stays a pipe to the tool where it fits into one; a file is left
 * as it is.  1: there is nothing that may be read. */
int file_take_number(struct file_call *c, int number, int *copy, struct err *e);
/* A list of names that an option names, "-" for stdin; NULL without an error:
 * none that can be known. */
char *file_list_text(struct file_call *c, const char *name, size_t *len,
		     struct err *e);
/* ... its names, each ended by that; NULL as there. */
const char **file_list_names(struct file_call *c, const char *name, char end,
			     size_t *n, struct err *e);

enum file_removal {
	REMOVE_EMPTIED, /* directories if all in them is among the others */
	REMOVE_FILES,	/* no directories */
	REMOVE_TREES,	/* directories with all in them */
};
/* The paths of v (absolute or relative to the caller's folder) are removed. */
void file_remove_listed(struct file_call *c, const char **v, size_t n,
			enum file_removal how);

/* Names that a tool printed with C escapes or \#ooo (rsync): in place. */
void file_unescape(char *name, bool rsync);

/* The word to be written in the place of word, which starts another program:
 * a path of a tool that has a shim becomes its name, so that it meets the
 * shim; NULL: word itself will do. */
const char *
file_inner_word(struct file_call *c, const char *word, bool path_is_lost);

#endif
