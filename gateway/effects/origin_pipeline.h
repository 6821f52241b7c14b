/* SPDX-License-Identifier: Apache-2.0 */
/* The programs behind one in a pipeline. */
#ifndef AUTOMODE_EFFECTS_ORIGIN_PIPELINE_H
#define AUTOMODE_EFFECTS_ORIGIN_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/* Whoever else the parent started and reads from that pipe: where it writes,
 * and its name below /proc.  -1: nobody. */
int origin_reader_writes(void *ctx, uint64_t parent, const struct stat *pipe,
			 char *link, size_t room);
/* A shell is still about to start one of them. */
bool origin_still_starts(void *ctx, uint64_t parent, int caller,
			 const struct stat *pipe);
/* Whoever writes into that pipe, or a program that this one started, is at
 * work, and does not wait for anything but its verdict.  They are sought among
 * what the caller, and its parent, started. */
bool origin_writer_works(uint64_t parent, int caller, const struct stat *pipe);

#endif
