/* SPDX-License-Identifier: Apache-2.0 */
/* The list of trusted profiles: "HASH PATH" lines, replaced as a whole. */
#include "policy/trust.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/text.h"
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

static char *list_in_use;

char *
trust_hash(void *ctx, const char *text, size_t len)
{
	unsigned char sum[TRUST_HASH_HEX / 2];

	crypto_generichash(sum, sizeof(sum), (const unsigned char *)text, len,
			   NULL, 0);
	return text_hex(ctx, sum, sizeof(sum));
}

bool
trust_hash_valid(const char *hash)
{
	return strlen(hash) == TRUST_HASH_HEX &&
	       strspn(hash, "0123456789abcdef") == TRUST_HASH_HEX;
}

void
trust_use(const char *list)
{
	talloc_free(list_in_use);
	list_in_use = list ? talloc_strdup(NULL, list) : NULL;
}

char *
trust_list(void *ctx, const char *state_dir, const char *home)
{
	struct stat st;

	if (state_dir && stat(state_dir, &st) == 0 && st.st_uid == geteuid())
		return path_join(ctx, state_dir, "trust");
	return home ? path_join(ctx, home, ".local/state/automode/trust")
		    : NULL;
}

/* Only what the caller or root wrote, and nobody else could. */
static int
read_list(void *ctx, const char *list, char **text, struct err *e)
{
	struct stat st;

	*text = NULL;
	if (!list || lstat(list, &st) < 0)
		return 1;
	if (!S_ISREG(st.st_mode) || (st.st_uid != 0 && st.st_uid != getuid()) ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)))
		return err_set(e, ERR_SYSTEM,
			       "%s has to be a file of yours that nobody else "
			       "may write",
			       list);
	return file_read(ctx, AT_FDCWD, list, LIMIT_CONFIG_FILE, text, NULL, e);
}

bool
trust_holds(const char *path, const char *text, size_t len)
{
	void *ctx = talloc_new(NULL);
	char *all, *rest, *line, *wanted;
	bool found = false;

	if (read_list(ctx, list_in_use, &all, NULL) == 0) {
		wanted = talloc_asprintf(ctx, "%s %s",
					 trust_hash(ctx, text, len), path);
		rest = all;
		while (!found && (line = strsep(&rest, "\n")))
			found = strcmp(line, wanted) == 0;
	}
	talloc_free(ctx);
	return found;
}

static int
replace_line(void *ctx, const char *list, const char *path, const char *hash,
	     struct err *e)
{
	char *old, *rest, *line, *out = talloc_strdup(ctx, "");

	if (read_list(ctx, list, &old, e) < 0)
		return e->code;
	rest = old;
	while (rest && (line = strsep(&rest, "\n")))
		if (strlen(line) > TRUST_HASH_HEX + 1 &&
		    strcmp(line + TRUST_HASH_HEX + 1, path) != 0)
			out = talloc_asprintf_append_buffer(out, "%s\n", line);
	if (hash)
		out = talloc_asprintf_append_buffer(out, "%s %s\n", hash, path);
	if (path_make_dirs(path_parent(ctx, list), 0700, e) < 0 ||
	    file_write(AT_FDCWD, list, out, strlen(out), 0600, e) < 0)
		return err_wrap(e, "the list of trusted profiles");
	return 0;
}

int
trust_set(const char *list, const char *path, const char *hash, struct err *e)
{
	void *ctx = talloc_new(NULL);
	int rc;

	if (*path != '/' || strpbrk(path, "\n\r"))
		rc = err_set(e, ERR_SYNTAX, "%s: no path to trust",
			     text_safe(ctx, path));
	else
		rc = replace_line(ctx, list, path, hash, e);
	talloc_free(ctx);
	return rc;
}
