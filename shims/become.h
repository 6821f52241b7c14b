/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FRAME_HAND_OVER: the shim becomes the program, as if it had never been
 * there: its caller's descriptors, signals and environment.  Part of shim.c.
 */
#ifndef AUTOMODE_SHIMS_BECOME_H
#define AUTOMODE_SHIMS_BECOME_H

#include "reach.h"
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BECOME_FDS 18 /* the standard input, a domain, and what words name */

struct become {
	unsigned int stdio_open; /* which of 0-2 the caller had */
	sigset_t mask;		 /* blocked by the caller */
	bool keep_sigpipe;	 /* ignored by the caller */
	int handed[BECOME_FDS];	 /* for descriptors that the frame names */
	size_t nhanded;
};

static struct become become;

/* The next field as a string: moved over its own length, which leaves room for
 * the NUL. */
static char *
become_field(char **at, const char *end, uint32_t *len)
{
	char *p = *at;

	if ((size_t)(end - p) < sizeof(*len))
		refuse("the gateway's answer is malformed");
	memcpy(len, p, sizeof(*len));
	if ((size_t)(end - p) - sizeof(*len) < *len)
		refuse("the gateway's answer is malformed");
	memmove(p, p + sizeof(*len), *len);
	p[*len] = '\0';
	*at = p + sizeof(*len) + *len;
	return p;
}

/* What the gateway has read is there again, under its number. */
static void
become_handed(char **at, const char *end)
{
	uint64_t count = 0, number = 0;
	uint32_t n;

	memcpy(&count, become_field(at, end, &n), sizeof(count));
	if (n != sizeof(count) || count != become.nhanded)
		refuse("the gateway's answer is malformed");
	for (size_t i = 0; i < count; i++) {
		memcpy(&number, become_field(at, end, &n), sizeof(number));
		if (n != sizeof(number) || number > INT_MAX)
			refuse("the gateway's answer is malformed");
		if (dup2(become.handed[i], (int)number) < 0)
			refuse("descriptor %d: %s", (int)number,
			       strerror(errno));
	}
}

static void __attribute__((noreturn)) become_program(char *body, size_t len)
{
	char *at = body, *end = body + len, *path, **argv;
	uint64_t argc = 0;
	uint32_t n;

	path = become_field(&at, end, &n);
	memcpy(&argc, become_field(&at, end, &n), sizeof(argc));
	if (n != sizeof(argc) || !argc || argc > len / sizeof(n))
		refuse("the gateway's answer is malformed");
	argv = mmap(NULL, (argc + 1) * sizeof(*argv), PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (argv == MAP_FAILED)
		refuse("out of memory");
	for (uint64_t i = 0; i < argc; i++)
		argv[i] = become_field(&at, end, &n);
	become_handed(&at, end);
	if (at != end)
		refuse("the gateway's answer is malformed");
	for (int fd = 0; fd < 3; fd++)
		if (!(become.stdio_open & 1u << fd))
			close(fd);
	if (!become.keep_sigpipe)
		signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &become.mask, NULL);
	execve(path, argv, environ);
	refuse("%s: %s", path, strerror(errno));
}

#endif
