/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/host_table.h"
#include "base/file.h"
#include "base/memory.h"
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>
#include <unistd.h>

#define TABLE_MAX (1u << 20)

static char *
table_read(void *ctx)
{
	char *text;
	size_t len;

	return file_read(ctx, AT_FDCWD, "/etc/hosts", TABLE_MAX, &text, &len,
			 NULL) == 0
		   ? text
		   : have(talloc_strdup(ctx, ""));
}

/* The address of the next line; *names: what follows it, for strtok_r(3).
 * NULL: there is none. */
static char *
next_address(char **table, char **names)
{
	char *line, *address;

	while ((line = strtok_r(NULL, "\n", table))) {
		line[strcspn(line, "#")] = '\0';
		*names = line;
		address = strtok_r(NULL, " \t\r", names);
		if (address)
			return address;
	}
	return NULL;
}

bool
host_table_local(void *ctx, const char *name)
{
	char *table = table_read(ctx), *names, *address, *word;
	bool local = false;

	while ((address = next_address(&table, &names)))
		while ((word = strtok_r(NULL, " \t\r", &names))) {
			if (strcasecmp(word, name) != 0)
				continue;
			if (strcmp(address, "127.0.0.1") != 0 &&
			    strcmp(address, "::1") != 0)
				return false;
			local = true;
		}
	return local;
}

/* "box", "box.example" of a machine that calls itself "box". */
static bool
is_own(const char *name)
{
	char own[HOST_NAME_MAX + 1] = "";
	size_t n = strcspn(name, ".");

	(void)gethostname(own, sizeof(own) - 1);
	return !strcasecmp(name, "localhost") ||
	       (!strncasecmp(name, own, n) && (!own[n] || own[n] == '.'));
}

const char *
host_table_other(void *ctx, const char *loopback)
{
	char *table, *names, *address, *word, *others = NULL;

	if (strncmp(loopback, "127.", 4) != 0 || !strcmp(loopback, "127.0.0.1"))
		return NULL;
	table = table_read(ctx);
	while ((address = next_address(&table, &names)))
		while (!strcmp(address, loopback) &&
		       (word = strtok_r(NULL, " \t\r", &names)))
			if (!is_own(word))
				others = have(talloc_asprintf(
				    ctx, "%s%s%s", others ? others : "",
				    others ? " " : "", word));
	return others;
}
