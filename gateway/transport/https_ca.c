/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine's CAs, each once.  libcurl with GnuTLS (7.88, as Debian builds
 * git with it) parses every file of /etc/ssl/certs before the first byte goes
 * out, and there each certificate lies three times: under its name, under its
 * hash and in the bundle (update-ca-certificates(8)).  That is half the time
 * of a fetch.  The box gets a folder with the bundle, and what is not in it.
 *
 * Nothing is trusted that was not; where it is not as expected, the folder
 * stays as it is.
 */
#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "transport/https_private.h"
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define CERTS	   "/etc/ssl/certs"
#define BUNDLE	   "ca-certificates.crt"
#define MAX_OTHERS 16
#define MAX_BUNDLE (4u << 20)

struct certs {
	void *ctx;
	off_t sum;     /* of those that the bundle is made of */
	size_t nparts; /* how many */
	const char *others[MAX_OTHERS];
	size_t nothers;
};

static bool
links_gnutls(const char *program)
{
	int fd OWNED_FD = open(program, O_RDONLY | O_CLOEXEC);
	static const char name[] = "libcurl-gnutls.so";
	struct stat st;
	bool yes;
	char *map;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size <= 0)
		return false;
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return false;
	yes = memmem(map, (size_t)st.st_size, name, sizeof(name) - 1) != NULL;
	munmap(map, (size_t)st.st_size);
	return yes;
}

/* False: not to be understood. */
static bool
look_at(struct certs *c, int dir, const char *name)
{
	char to[PATH_MAX];
	ssize_t n = readlinkat(dir, name, to, sizeof(to) - 1);
	struct stat st;

	if (fstatat(dir, name, &st, 0) < 0)
		return true; /* leads nowhere, for anybody */
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode);
	to[n > 0 ? n : 0] = '\0';
	if (strcmp(name, BUNDLE) == 0 || (n > 0 && !strchr(to, '/')))
		return true; /* or the hash of one of its neighbours */
	if (path_is_under(to, "/usr/share/ca-certificates") ||
	    path_is_under(to, "/usr/local/share/ca-certificates")) {
		c->sum += st.st_size;
		c->nparts++;
		return true;
	}
	if (c->nothers == MAX_OTHERS)
		return false;
	c->others[c->nothers++] = talloc_strdup(c->ctx, name);
	return true;
}

/* Takes out of the others what the bundle has as well. */
static void
look_into(struct certs *c, int dir)
{
	char *bundle, *one;
	size_t len, n, kept = 0;

	if (c->nothers == 0 || file_read(c->ctx, dir, BUNDLE, MAX_BUNDLE,
					 &bundle, &len, NULL) != 0)
		return;
	for (size_t i = 0; i < c->nothers; i++) {
		if (file_read(c->ctx, dir, c->others[i], MAX_BUNDLE, &one, &n,
			      NULL) == 0 &&
		    memmem(bundle, len, one, n)) {
			c->sum += (off_t)n;
			c->nparts++;
		} else {
			c->others[kept++] = c->others[i];
		}
	}
	c->nothers = kept;
}

/* Each part is there as it is, with a line break behind it if need be. */
static bool
is_whole(struct certs *c, int dir)
{
	struct stat st;

	look_into(c, dir);
	return fstatat(dir, BUNDLE, &st, 0) == 0 && S_ISREG(st.st_mode) &&
	       c->nparts > 0 && st.st_size >= c->sum &&
	       st.st_size <= c->sum + (off_t)c->nparts;
}

static bool
put(struct https *h, const char *folder, const char *name)
{
	void *ctx = h->c->ctx;
	const char *there =
	    talloc_asprintf(ctx, HTTPS_IN_BOX "/certs-%s", name);

	/* the name must stay, the place is covered by the folder */
	if (symlink(there, path_join(ctx, folder, name)) < 0)
		return false;
	need_bind(ctx, &h->c->cmd.need, path_join(ctx, CERTS, name), there,
		  false);
	return true;
}

void
https_show_certs(struct https *h, const char *program)
{
	struct certs c = {.ctx = h->c->ctx};
	const char *folder = path_join(c.ctx, h->c->folder, "certs");
	DIR *d = h->c->permit->scheme == PERMIT_HTTPS ? opendir(CERTS) : NULL;
	bool ok = d != NULL;
	struct dirent *ent;

	while (ok && (ent = readdir(d)))
		if (*ent->d_name != '.')
			ok = look_at(&c, dirfd(d), ent->d_name);
	ok = ok && is_whole(&c, dirfd(d)) && links_gnutls(program) &&
	     mkdir(folder, 0700) == 0 && put(h, folder, BUNDLE);
	for (size_t i = 0; ok && i < c.nothers; i++)
		ok = put(h, folder, c.others[i]);
	if (ok)
		need_bind(c.ctx, &h->c->cmd.need, folder, CERTS, false);
	if (d)
		closedir(d);
}
