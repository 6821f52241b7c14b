/* SPDX-License-Identifier: Apache-2.0 */
/* Listening sockets by /proc/net, their owners by /proc/PID/fd. */
#include "tools/listener.h"
#include "base/err.h"
#include "base/file.h"
#include "base/path.h"
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#define INODES_MAX 8
#define TCP_LISTEN 0x0a
#define UDP_OPEN   0x07
#define ACCEPTS	   0x10000

struct inodes {
	unsigned long v[INODES_MAX];
	size_t n;
};

static void
add(struct inodes *to, unsigned long inode)
{
	if (to->n < INODES_MAX)
		to->v[to->n++] = inode;
}

static char *
table(void *ctx, const char *name)
{
	struct err e = {0};
	char *text;

	return file_read(ctx, AT_FDCWD, name, 16 << 20, &text, NULL, &e) == 0
		   ? text
		   : NULL;
}

static void
at_port(void *ctx, const char *name, unsigned port, unsigned wanted,
	struct inodes *to)
{
	char *text = table(ctx, name), *line, *save = NULL;

	for (line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		unsigned local, state;
		unsigned long inode;

		if (sscanf(line,
			   "%*d: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x %*s %*s %*s "
			   "%*s %*s %lu",
			   &local, &state, &inode) == 3 &&
		    local == port && state == wanted)
			add(to, inode);
	}
	talloc_free(text);
}

static bool
holds(const char *pid, const struct inodes *in)
{
	char dir[32], link[64];
	struct dirent *de;
	bool found = false;
	DIR *d;

	snprintf(dir, sizeof(dir), "/proc/%.12s/fd", pid);
	d = opendir(dir);
	while (d && !found && (de = readdir(d))) {
		ssize_t len =
		    readlinkat(dirfd(d), de->d_name, link, sizeof(link) - 1);

		if (len <= 0)
			continue;
		link[len] = '\0';
		if (strncmp(link, "socket:[", 8) != 0)
			continue;
		for (size_t i = 0; i < in->n; i++)
			found |= strtoul(link + 8, NULL, 10) == in->v[i];
	}
	if (d)
		closedir(d);
	return found;
}

static bool
owners(void *ctx, const struct inodes *in, listener_seen *seen, void *data)
{
	DIR *d = in->n ? opendir("/proc") : NULL;
	struct dirent *de;
	bool found = false;

	while (d && !found && (de = readdir(d)))
		found = isdigit((unsigned char)de->d_name[0]) &&
			holds(de->d_name, in) && seen(ctx, de->d_name, data);
	if (d)
		closedir(d);
	return found;
}

bool
listener_at_port(void *ctx, unsigned port, bool udp, listener_seen *seen,
		 void *data)
{
	struct inodes in = {.n = 0};

	at_port(ctx, "/proc/net/tcp", port, TCP_LISTEN, &in);
	at_port(ctx, "/proc/net/tcp6", port, TCP_LISTEN, &in);
	if (udp) {
		at_port(ctx, "/proc/net/udp", port, UDP_OPEN, &in);
		at_port(ctx, "/proc/net/udp6", port, UDP_OPEN, &in);
	}
	return owners(ctx, &in, seen, data);
}

bool
listener_at_socket(void *ctx, const char *path, listener_seen *seen, void *data)
{
	char *text = table(ctx, "/proc/net/unix"), *line, *save = NULL;
	struct inodes in = {.n = 0};

	for (line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		unsigned long flags, inode;
		int at = 0;

		if (sscanf(line, "%*x: %*x %*x %lx %*x %*x %lu %n", &flags,
			   &inode, &at) == 2 &&
		    at && flags & ACCEPTS &&
		    !strcmp(path_base(line + at), path_base(path)))
			add(&in, inode);
	}
	talloc_free(text);
	return owners(ctx, &in, seen, data);
}
