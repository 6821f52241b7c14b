/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The real program behind a shim, and what a shim is: an ELF file with a
 * section .note.automode, of whichever installation.
 */
#include "invocation/program.h"
#include "base/own.h"
#include "base/path.h"
#include "base/text.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARKER	 ".note.automode"
#define STANDARD "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"

/* The answers for the files seen; the gateway's are inherited by every
 * worker. */
static struct seen {
	dev_t dev;
	ino_t ino;
	struct timespec mtime;
	bool filled, shim;
} seen[128];

static bool
read_at(int fd, void *p, size_t len, uint64_t at)
{
	return at <= INT64_MAX && pread(fd, p, len, (off_t)at) == (ssize_t)len;
}

/* The names of sections, of which the first are read at once. */
struct names {
	uint64_t at;
	size_t have;
	char first[1024];
};

static bool
is_marker(int fd, const struct names *n, uint32_t at)
{
	char name[sizeof(MARKER)];

	if ((uint64_t)at + sizeof(name) <= n->have)
		return memcmp(n->first + at, MARKER, sizeof(name)) == 0;
	return read_at(fd, name, sizeof(name), n->at + at) &&
	       memcmp(name, MARKER, sizeof(name)) == 0;
}

static bool
has_marker(int fd)
{
	Elf64_Ehdr h;
	Elf64_Shdr s[32], of_names;
	struct names names;
	ssize_t n;

	if (!read_at(fd, &h, sizeof(h), 0) ||
	    memcmp(h.e_ident, ELFMAG, SELFMAG) != 0 ||
	    h.e_ident[EI_CLASS] != ELFCLASS64 || h.e_shentsize != sizeof(*s) ||
	    h.e_shstrndx >= h.e_shnum ||
	    !read_at(fd, &of_names, sizeof(of_names),
		     h.e_shoff + (uint64_t)h.e_shstrndx * sizeof(*s)) ||
	    of_names.sh_offset > INT64_MAX)
		return false;
	names.at = of_names.sh_offset;
	n = pread(fd, names.first, sizeof(names.first), (off_t)names.at);
	names.have = n > 0 ? (size_t)n : 0;
	for (unsigned i = 0; i < h.e_shnum; i++) {
		const unsigned many = sizeof(s) / sizeof(*s);
		unsigned left = h.e_shnum - i;

		if (i % many == 0 &&
		    !read_at(fd, s, (left < many ? left : many) * sizeof(*s),
			     h.e_shoff + (uint64_t)i * sizeof(*s)))
			return false;
		if (s[i % many].sh_type != SHT_NULL &&
		    is_marker(fd, &names, s[i % many].sh_name))
			return true;
	}
	return false;
}

/* st: of path, just now, a regular file. */
static bool
is_shim(const char *path, struct stat st)
{
	int fd OWNED_FD = -1;
	struct seen *slot;

	slot = &seen[(st.st_ino ^ st.st_dev) % (sizeof(seen) / sizeof(*seen))];
	if (slot->filled && slot->dev == st.st_dev && slot->ino == st.st_ino &&
	    slot->mtime.tv_sec == st.st_mtim.tv_sec &&
	    slot->mtime.tv_nsec == st.st_mtim.tv_nsec)
		return slot->shim;
	/* A shim can be read by all; what cannot be read is none. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	*slot = (struct seen){
	    .dev = st.st_dev,
	    .ino = st.st_ino,
	    .mtime = st.st_mtim,
	    .shim = has_marker(fd),
	    .filled = true,
	};
	return slot->shim;
}

bool
program_is_shim(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && is_shim(path, st);
}

/* <prefix> of <prefix>/bin/automode; "" where it cannot be known. */
static const char *
prefix(void)
{
	static char path[PATH_MAX];
	static bool known;
	ssize_t n;

	if (known)
		return path;
	known = true;
	n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	path[n < 0 ? 0 : n] = '\0';
	for (int up = 0; up < 2; up++) {
		char *slash = strrchr(path, '/');

		if (slash != NULL)
			*slash = '\0';
	}
	return path;
}

const char *
program_shim_dir(void)
{
	static char dir[PATH_MAX + 32];

	if (dir[0] == '\0')
		snprintf(dir, sizeof(dir), "%s/lib/automode/shims", prefix());
	return dir;
}

const char *
program_share_dir(void)
{
	static char dir[PATH_MAX + 32];

	if (dir[0] == '\0')
		snprintf(dir, sizeof(dir), "%s/share/automode", prefix());
	return dir;
}

static bool
is_program(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	/* access(2) asks for the worker's uid, which is the caller's. */
	return access(path, X_OK) == 0 && !is_shim(path, st);
}

static char *
find_on(void *ctx, const struct invocation *in, const char *list,
	const char *name)
{
	while (list != NULL) {
		const char *end = strchr(list, ':');
		size_t len = end ? (size_t)(end - list) : strlen(list);
		char *dir = talloc_strndup(ctx, list, len);
		char *base = path_join(dir, in->cwd, *dir ? dir : ".");
		char *path = path_join(dir, base, name);

		if (is_program(path)) {
			path = talloc_steal(ctx, path);
			talloc_free(dir);
			return path;
		}
		talloc_free(dir);
		list = end ? end + 1 : NULL;
	}
	return NULL;
}

int
program_find(void *ctx, const struct invocation *in, const char *name,
	     const char **path, struct err *e)
{
	const char *list = invocation_env(in, "PATH");
	char *found = NULL, *safe;

	*path = NULL;
	if (*name == '\0' || strchr(name, '/') != NULL ||
	    strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
		safe = text_safe(ctx, name);
		return err_set(e, ERR_UNKNOWN, "\"%s\" names no program", safe);
	}
	if (list != NULL && *list != '\0')
		found = find_on(ctx, in, list, name);
	if (found == NULL)
		found = find_on(ctx, in, STANDARD, name);
	if (found == NULL) {
		safe = text_safe(ctx, name);
		return err_set(e, ERR_UNKNOWN, "no %s behind the shim on PATH",
			       safe);
	}
	*path = found;
	return 0;
}
