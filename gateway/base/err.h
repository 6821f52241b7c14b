/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors that carry their story.
 *
 * A function that can fail takes `struct err *e` as its last argument and
 * returns 0 (or a count) or a negative enum err_code, with e->msg set.  Each
 * caller on the way up may put what *it* was doing in front with err_wrap(),
 * so that the message reads outside in: "reading the policy: line 3: ...".
 * Nobody prints on the way up; monitor.c, worker.c and cli/ report, once.
 */
#ifndef AUTOMODE_BASE_ERR_H
#define AUTOMODE_BASE_ERR_H

#include <stdbool.h>

enum err_code {
	ERR_NONE = 0,
	ERR_SYSTEM = -1,  /* the operating system or a library said no */
	ERR_SYNTAX = -2,  /* input that is wrong by its own rules */
	ERR_UNKNOWN = -3, /* input we do not understand: refuse, never guess */
	ERR_LIMIT = -4,	  /* larger, longer or later than we allow */
};

struct err {
	enum err_code code;
	char msg[768]; /* one line, printable, no newline at its end */
};

/* Sets the message and returns code, so that `return err_set(e, ...)` works.
 * e may be NULL where the caller does not care. */
int err_set(struct err *e, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* ERR_SYSTEM, with ": " and strerror(errno) behind the text. */
int err_sys(struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* ERR_SYSTEM, with libgit2's last error behind the text. */
int err_git(struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Puts "text: " in front of the message; returns the code it already had. */
int err_wrap(struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* A broken invariant of ours: prints file and line and aborts the process
 * (a worker; the shim then sees end of file and refuses). */
#define BUG(...) err_bug(__FILE__, __LINE__, __VA_ARGS__)
void err_bug(const char *file, int line, const char *fmt, ...)
    __attribute__((noreturn, format(printf, 3, 4)));

#endif
