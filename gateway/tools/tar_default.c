/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TAR_OPTIONS of GNU tar 1.34: options that stand before those of the line.
 * Ones that only say how an archive looks, or that leave things out, change
 * nothing about what is written where.
 */
#include "tools/tar.h"
#include <string.h>
#include <talloc.h>

static const char *const harmless[] = {
    "--acls",
    "--anchored",
    "--blocking-factor=",
    "--clamp-mtime",
    "--exclude-backups",
    "--exclude-caches",
    "--exclude-vcs",
    "--exclude=",
    "--format=",
    "--full-time",
    "--group=",
    "--hard-dereference",
    "--mode=",
    "--mtime=",
    "--no-acls",
    "--no-anchored",
    "--no-ignore-case",
    "--no-same-owner",
    "--no-same-permissions",
    "--no-selinux",
    "--no-xattrs",
    "--numeric-owner",
    "--one-file-system",
    "--owner=",
    "--pax-option=",
    "--posix",
    "--quoting-style=",
    "--sort=",
    "--totals",
    "--utc",
    "--verbose",
    "--warning=",
    "--wildcards",
    "--xattrs",
    "-H=",
    "-b=",
    "-v",
};

/* 1: it is one; 2: together with the next word; 0: it is none. */
static int
is_harmless(const char *word, const char *next)
{
	size_t n = strcspn(word, "=");

	for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++) {
		const char *h = harmless[i];
		size_t len = strcspn(h, "=");

		if (len == 2 && h[len] && !strncmp(word, h, 2))
			return word[2] ? 1 : next ? 2 : 0;
		if (n != len || strncmp(word, h, n) != 0)
			continue;
		if (!h[len] == !word[n])
			return 1;
		return h[len] && next ? 2 : 0;
	}
	return 0;
}

bool
tar_harmless_default(void *ctx, const char *options)
{
	char *text, *save = NULL, *word, *next;

	if (!options)
		return true;
	/* tar splits it as a shell would */
	if (strpbrk(options, "\"'\\$`"))
		return false;
	text = talloc_strdup(ctx, options);
	if (!text)
		BUG("out of memory");
	for (word = strtok_r(text, " \t\n", &save); word; word = next) {
		int n;

		next = strtok_r(NULL, " \t\n", &save);
		n = is_harmless(word, next);
		if (!n)
			return false;
		if (n == 2)
			next = strtok_r(NULL, " \t\n", &save);
	}
	return true;
}
