/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The caller stands in a folder that was deleted, or that is reached only with
 * rights which it has given up.  Nothing can be named from there, so a line
 * that names nothing relative, or only what is not there either, runs the same
 * from the root; git reads its current directory first and gives up.
 */
#include "invocation/gone.h"
#include "base/listed.h"
#include "base/path.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* -C goes first, and these need no directory. */
static bool
git_leaves(const struct invocation *in)
{
	static const char *const free[] = {
	    "--version",   "-v",	 "version",	"--exec-path",
	    "--html-path", "--man-path", "--info-path", NULL};

	if (in->argc < 2)
		return false;
	if (in->argc > 2 && !strcmp(in->argv[1], "-C"))
		return in->argv[2][0] == '/';
	return is_listed(in->argv[1], free);
}

/* Nothing of that name is here, nor at the root. */
static bool
leads_nowhere(int here, const char *name, size_t len)
{
	size_t first = strcspn(name, "/");
	char at[NAME_MAX + 2];
	struct stat st;

	if (len == 0 || name[0] == '/')
		return true;
	if (first > len)
		first = len;
	if (first > NAME_MAX)
		return true;
	snprintf(at, sizeof(at), "/%.*s", (int)first, name);
	return strcmp(at, "/.") != 0 && strcmp(at, "/..") != 0 &&
	       !path_exists(at) &&
	       fstatat(here, at + 1, &st, AT_SYMLINK_NOFOLLOW) != 0;
}

/* Whatever in the word may be a name: @file, name=file, host:file. */
static bool
names_nothing(int here, const char *word)
{
	size_t len;

	if (word[0] == '-') {
		len = strcspn(word, "=@<");
		if (memchr(word, '/', len) || memchr(word, '.', len))
			return false;
		word += len;
	}
	for (; *word; word += len + (word[len] != '\0')) {
		len = strcspn(word, "=@<,;:");
		if (!leads_nowhere(here, word, len))
			return false;
	}
	return true;
}

bool
gone_is_no_matter(const struct invocation *in)
{
	if (!strcmp(in->tool, "git"))
		return git_leaves(in);
	for (size_t i = 1; i < in->argc; i++)
		if (!names_nothing(in->cwd_fd, in->argv[i]))
			return false;
	return in->argc > 1;
}

bool
gone_git_says(const struct invocation *in, const char **says)
{
	/* these may go without a repository, and then elsewhere */
	static const char *const others[] = {
	    "clone", "init",   "help",	  "config",	 "ls-remote",
	    "diff",  "bundle", "archive", "hash-object", NULL};

	if (!in->gone || strcmp(in->tool, "git") != 0 || in->argc < 2 ||
	    in->argv[1][0] == '-' || is_listed(in->argv[1], others))
		return false;
	*says = "fatal: Unable to read current working directory: "
		"No such file or directory\n";
	return true;
}
