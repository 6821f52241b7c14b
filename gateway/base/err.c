/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors that carry their story.  Every message passes through here, so this
 * is where bytes of hostile names that found their way into one become
 * printable.  errno comes out as it went in: callers look at it afterwards.
 */
#include "base/err.h"
#include "base/text.h"
#include <errno.h>
#include <git2/errors.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Backslashes stay single, unlike in text_safe(): a message is wrapped again
 * and again, and must not change on the way. */
static void
put_safe(char *out, size_t size, const char *in)
{
	size_t len = strlen(in), used = 0, n;

	for (size_t i = 0; i < len;) {
		n = text_printable(in + i, len - i);
		if (used + (n ? n : 4) + 4 > size) {
			memcpy(out + used, "...", 3);
			used += 3;
			break;
		}
		if (n) {
			memcpy(out + used, in + i, n);
			used += n;
			i += n;
			continue;
		}
		switch (in[i]) {
		case '\n':
			used += (size_t)snprintf(out + used, 5, "\\n");
			break;
		case '\t':
			used += (size_t)snprintf(out + used, 5, "\\t");
			break;
		default:
			used += (size_t)snprintf(out + used, 5, "\\%03o",
						 (unsigned char)in[i]);
		}
		i++;
	}
	out[used] = '\0';
}

static int __attribute__((format(printf, 3, 0)))
set(struct err *e, enum err_code code, const char *fmt, va_list ap,
    const char *because)
{
	char text[4096];
	size_t tail;
	int n;

	if (code >= ERR_NONE)
		code = ERR_SYSTEM;
	if (!e)
		return code;
	n = vsnprintf(text, sizeof(text), fmt, ap);
	if (n < 0)
		n = 0;
	if ((size_t)n >= sizeof(text))
		n = sizeof(text) - 1;
	text[n] = '\0';
	e->code = code;
	/* The cause matters more than the end of a very long name. */
	tail = because ? strnlen(because, sizeof(e->msg) / 2) + 6 : 0;
	put_safe(e->msg, sizeof(e->msg) - tail, text);
	if (because) {
		size_t used = strlen(e->msg);

		memcpy(e->msg + used, ": ", 2);
		put_safe(e->msg + used + 2, sizeof(e->msg) - used - 2, because);
	}
	return code;
}

int
err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	va_start(ap, fmt);
	code = set(e, code, fmt, ap, NULL);
	va_end(ap);
	errno = saved;
	return code;
}

int
err_sys(struct err *e, const char *fmt, ...)
{
	int saved = errno;
	char because[128];
	va_list ap;

	va_start(ap, fmt);
	set(e, ERR_SYSTEM, fmt, ap,
	    strerror_r(saved, because, sizeof(because)));
	va_end(ap);
	errno = saved;
	return ERR_SYSTEM;
}

int
err_git(struct err *e, const char *fmt, ...)
{
	const git_error *last = git_error_last();
	int saved = errno;
	va_list ap;

	va_start(ap, fmt);
	set(e, ERR_SYSTEM, fmt, ap,
	    last && last->message ? last->message : "libgit2 gave no reason");
	va_end(ap);
	errno = saved;
	return ERR_SYSTEM;
}

int
err_wrap(struct err *e, const char *fmt, ...)
{
	int saved = errno;
	char before[sizeof(e->msg)], text[2 * sizeof(e->msg) + 2];
	va_list ap;

	if (!e)
		return ERR_SYSTEM;
	if (e->code == ERR_NONE)
		e->code = ERR_SYSTEM;
	va_start(ap, fmt);
	vsnprintf(before, sizeof(before), fmt, ap);
	va_end(ap);
	snprintf(text, sizeof(text), "%s: %s", before, e->msg);
	put_safe(e->msg, sizeof(e->msg), text);
	errno = saved;
	return e->code;
}

void
err_bug(const char *file, int line, const char *fmt, ...)
{
	char text[512], safe[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	put_safe(safe, sizeof(safe), text);
	dprintf(STDERR_FILENO, "automode: internal error at %s:%d: %s\n", file,
		line, safe);
	abort();
}
