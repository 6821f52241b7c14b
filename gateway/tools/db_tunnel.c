/* SPDX-License-Identifier: Apache-2.0 */
/* Listening sockets by /proc/net/tcp, their owners by /proc/PID/fd. */
#include "tools/db_tunnel.h"
#include "base/err.h"
#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#define INODES_MAX 8
#define TCP_LISTEN 0x0a
#define SHOWN_MAX  400

static size_t
listeners(void *ctx, const char *table, unsigned port,
	  unsigned long inodes[INODES_MAX], size_t n)
{
	char *text, *line, *save = NULL;
	struct err e = {0};
	size_t len;

	if (file_read(ctx, AT_FDCWD, table, 16 << 20, &text, &len, &e) != 0)
		return n;
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		unsigned local, state;
		unsigned long inode;

		if (sscanf(line,
			   "%*d: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x %*s %*s %*s "
			   "%*s %*s %lu",
			   &local, &state, &inode) == 3 &&
		    local == port && state == TCP_LISTEN && n < INODES_MAX)
			inodes[n++] = inode;
	}
	return n;
}

static bool
holds(void *ctx, const char *pid, const unsigned long *inodes, size_t n)
{
	char *dir = talloc_asprintf(ctx, "/proc/%s/fd", pid), link[64];
	DIR *d = opendir(dir);
	struct dirent *de;
	bool found = false;

	while (d && !found && (de = readdir(d))) {
		ssize_t len =
		    readlinkat(dirfd(d), de->d_name, link, sizeof(link) - 1);

		if (len <= 0)
			continue;
		link[len] = '\0';
		if (strncmp(link, "socket:[", 8) != 0)
			continue;
		for (size_t i = 0; i < n; i++)
			found |= strtoul(link + 8, NULL, 10) == inodes[i];
	}
	if (d)
		closedir(d);
	return found;
}

/* The words that may say where it leads: no files, and nothing of ssh's -o. */
static char *
shortened(void *ctx, char *text)
{
	char *save = NULL, *out = NULL;

	for (char *w = strtok_r(text, " ", &save); w;
	     w = strtok_r(NULL, " ", &save)) {
		if (!out)
			out = talloc_strdup(ctx, path_base(w));
		else if (!strcmp(w, "-o"))
			strtok_r(NULL, " ", &save);
		else if (*w != '/' && strncmp(w, "-o", 2) != 0 &&
			 strlen(out) + strlen(w) < SHOWN_MAX)
			out = talloc_asprintf_append(out, " %s", w);
	}
	return out;
}

/* The command line, when its program is one that forwards. */
static const char *
forwards(void *ctx, const char *pid)
{
	static const char *const programs[] = {"ssh",
					       "autossh",
					       "kubectl",
					       "oc",
					       "cloud-sql-proxy",
					       "cloud_sql_proxy",
					       "cloudflared",
					       "socat",
					       "gcloud",
					       "aws",
					       "fly",
					       "session-manager-plugin",
					       "flyctl",
					       "ncat",
					       "chisel",
					       "tsh",
					       "boundary",
					       "alloydb-auth-proxy"};
	char *path = talloc_asprintf(ctx, "/proc/%s/cmdline", pid), *text;
	struct err e = {0};
	const char *name;
	size_t len;

	if (file_read(ctx, AT_FDCWD, path, 1 << 16, &text, &len, &e) != 0 ||
	    !len)
		return NULL;
	name = strrchr(text, '/') ? strrchr(text, '/') + 1 : text;
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		size_t k = strlen(programs[i]);

		if (strncmp(name, programs[i], k) != 0 ||
		    (name[k] && name[k] != ' ' && name[k] != ':'))
			continue;
		for (size_t j = 0; j + 1 < len; j++)
			if (!text[j])
				text[j] = ' ';
		return text_safe(ctx, shortened(ctx, text));
	}
	return NULL;
}

const char *
db_tunnel(void *ctx, unsigned port)
{
	unsigned long inodes[INODES_MAX];
	size_t n = listeners(ctx, "/proc/net/tcp", port, inodes, 0);
	const char *found = NULL;
	struct dirent *de;
	DIR *d;

	n = listeners(ctx, "/proc/net/tcp6", port, inodes, n);
	if (!n)
		return NULL;
	d = opendir("/proc");
	while (d && !found && (de = readdir(d)))
		if (isdigit((unsigned char)de->d_name[0]) &&
		    holds(ctx, de->d_name, inodes, n))
			found = forwards(ctx, de->d_name);
	if (d)
		closedir(d);
	return found;
}
