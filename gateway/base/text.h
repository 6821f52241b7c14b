/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text for people: hostile bytes made printable, numbers read whole, sizes
 * and ages written.
 */
#ifndef AUTOMODE_BASE_TEXT_H
#define AUTOMODE_BASE_TEXT_H

#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

/* vis(3) with VIS_NL|VIS_TAB|VIS_CSTYLE|VIS_OCTAL... : no control bytes, no
 * escape sequences.  UTF-8 that is valid and printable stays as it is. */
char *text_safe(void *ctx, const char *s);
char *text_safe_len(void *ctx, const char *s, size_t len);
/* How many of the len bytes at s make up one printable character: valid UTF-8
 * that shows (no control, bidirectional, zero-width or unassigned-by-design
 * code point).  0 when they do not. */
size_t text_printable(const char *s, size_t len);
/* An argument vector as a shell would want it typed, made safe, cut at max
 * bytes with "..." (max 0: not cut), without the passwords of URLs.  For
 * display only. */
char *text_command(void *ctx, const char *const *argv, size_t max);
/* A whole number in decimal, all of s, within [min, max]. */
int text_number(const char *s, int64_t min, int64_t max, int64_t *out,
		struct err *e);
/* "90", "10s", "5m", "2h", "14d" -> seconds. */
int text_duration(const char *s, int64_t *seconds, struct err *e);
/* "200", "64k", "50M", "2G" -> bytes (powers of 1024). */
int text_bytes_parse(const char *s, int64_t *bytes, struct err *e);
char *text_bytes(void *ctx, uint64_t n);	  /* "1.4 MB" */
char *text_age(void *ctx, int64_t seconds);	  /* "3 min ago" */
char *text_time(void *ctx, int64_t unix_seconds); /* RFC 3339, UTC */
/* "1 file", "3 files" */
char *text_count(void *ctx, size_t n, const char *singular);
/* Of words, the one with the smallest edit distance to s (at most 1/3 of its
 * length), else NULL. */
const char *text_nearest(const char *s, const char *const *words, size_t n);
/* As text where a notification understands tags: "<" is no tag. */
char *text_markup(void *ctx, const char *text);
char *text_hex(void *ctx, const void *bytes, size_t len);

#endif
