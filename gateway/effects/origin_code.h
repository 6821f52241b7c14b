/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Code that is to be run, whole or made of parts of what came from hosts that
 * nothing here trusts: a script, or what is packed in an archive.
 */
#ifndef AUTOMODE_EFFECTS_ORIGIN_CODE_H
#define AUTOMODE_EFFECTS_ORIGIN_CODE_H

#include "invocation/invocation.h"
#include <stddef.h>
#include <stdint.h>

/* What is in a file that has come. */
void
origin_code_note(const char *runtime, int fd, int64_t since, const char *host);

/* The host, or NULL. */
const char *
origin_of_code_file(void *ctx, const char *runtime, const char *path);
/* A file or a pipe; of a pipe, where it leads from. */
const char *origin_of_code_fd(void *ctx, const char *runtime, int fd);
/* Its words, or what has come through a pipe. */
const char *
origin_of_code(void *ctx, const char *runtime, const char *bytes, size_t len);
/* Waits until all of a program that comes through the pipe has come, but not
 * for one who writes it slowly: until nobody writes, it is full, or whoever
 * writes waits for something else. */
void origin_code_wait(const char *runtime, const struct invocation *in, int fd);

#endif
