/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a credential belongs may be said by an address in the environment or
 * in a file: what stood there when the session began is the person's word,
 * what came later may be anybody's.
 */
#include "base/file.h"
#include "base/text.h"
#include "effects/secrets_work.h"
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#define MAX_DEPTH   64
#define MAX_ENVIRON (4u << 20)

static char *
of_process(void *ctx, uint64_t pid, const char *name, size_t *len)
{
	char path[64], *text = NULL;

	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/%s", pid, name);
	return file_read(ctx, AT_FDCWD, path, MAX_ENVIRON, &text, len, NULL) ==
		       0
		   ? text
		   : NULL;
}

static uint64_t
parent_of(void *ctx, uint64_t pid)
{
	size_t len;
	char *text = of_process(ctx, pid, "status", &len);
	const char *at = text ? strstr(text, "\nPPid:") : NULL;

	return at ? strtoull(at + 6, NULL, 10) : 0;
}

/* Is that among the strings, or (begins) the beginning of one? */
static bool
among(const char *strings, size_t len, const char *what, bool begins)
{
	size_t n = strlen(what) + !begins;

	for (const char *p = strings, *end = strings + len; p < end;
	     p += strnlen(p, (size_t)(end - p)) + 1)
		if ((size_t)(end - p) >= n && !memcmp(p, what, n))
			return true;
	return false;
}

/* A variable and its value, as they are known again; what is written down says
 * too little of either to be of use. */
static char *
mark(void *ctx, const char *variable)
{
	unsigned char sum[crypto_generichash_BYTES_MIN];

	crypto_generichash(sum, sizeof(sum), (const unsigned char *)variable,
			   strlen(variable), NULL, 0);
	return text_hex(ctx, sum, 4);
}

char *
secrets_env_facts(void *ctx, const struct invocation *in)
{
	char *text = talloc_strdup(ctx, "");

	for (size_t i = 0; i < in->envc; i++)
		text = talloc_asprintf_append_buffer(text, "env %s\n",
						     mark(ctx, in->env[i]));
	if (!text)
		BUG("out of memory");
	return text;
}

/* A process that runs a command for another (timeout, env, bash -c) has what
 * that one gave it from its beginning on. */
static bool
was_there(void *ctx, const struct invocation *in, const char *variable)
{
	const struct project_facts *f =
	    in->session ? session_facts(in->session, SESSION_ENVIRON) : NULL;

	return !f || facts_have(f, talloc_asprintf(ctx, "env %s",
						   mark(ctx, variable)));
}

/* The environment of the process above that one, of the same session; pid goes
 * on to it.  NULL: there is none. */
static char *
above(void *ctx, uint64_t *pid, size_t *len)
{
	char *strings;

	*pid = *pid ? parent_of(ctx, *pid) : 0;
	strings = *pid ? of_process(ctx, *pid, "environ", len) : NULL;
	return strings && among(strings, *len, "AUTOMODE_SESSION=", true)
		   ? strings
		   : NULL;
}

bool
secrets_env_inherited(const struct invocation *in, const char *variable)
{
	void *ctx = talloc_new(NULL);
	uint64_t pid = in->pid > 0 ? (uint64_t)in->pid : 0;
	bool there = false;
	char *strings;
	size_t len;

	/* up to what the session's own shell started */
	for (unsigned i = 0;
	     i < MAX_DEPTH && (strings = above(ctx, &pid, &len)); i++)
		there = among(strings, len, variable, false);
	there = there && was_there(ctx, in, variable);
	talloc_free(ctx);
	return there;
}

static bool
is_given(const struct invocation *in, const char *variable)
{
	for (size_t i = 0; i < in->envc; i++)
		if (!strcmp(in->env[i], variable))
			return true;
	return false;
}

void
secrets_env_above(void *ctx, const struct invocation *in,
		  void (*each)(void *data, const char *variable), void *data)
{
	uint64_t pid = in->pid > 0 ? (uint64_t)in->pid : 0;
	char *before = NULL, *strings;
	size_t had = 0, len;

	for (unsigned i = 0;
	     i < MAX_DEPTH && (strings = above(ctx, &pid, &len)); i++) {
		/* mostly it is the same */
		if (before && len == had && !memcmp(strings, before, len))
			continue;
		for (const char *p = strings; p < strings + len;
		     p += strlen(p) + 1)
			if (*p && !is_given(in, p))
				each(data, p);
		before = strings;
		had = len;
	}
}

bool
secrets_file_older(const struct invocation *in, const struct stat *st)
{
	return !in->session ||
	       (int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec <=
		   in->session->started_ns;
}
