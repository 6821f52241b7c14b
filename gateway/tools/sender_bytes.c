/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a file that is to be sent, looked through where they lie. */
#include "base/own.h"
#include "base/text.h"
#include "tools/sender.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#define MAX_SCAN ((off_t)1 << 36)
/* To unmap takes a third as long as to look through it. */
#define MAPPED_ON ((off_t)64 << 20)

struct sender_map {
	void *bytes;
	size_t len;
};

static int
unmap(struct sender_map *m)
{
	munmap(m->bytes, m->len);
	return 0;
}

/* A long one goes when its caller has its answer, or for the next one. */
static void
unmap_later(struct sender *s, void *bytes, off_t len)
{
	if (len < MAPPED_ON) {
		munmap(bytes, (size_t)len);
		return;
	}
	talloc_free(s->mapped);
	s->mapped = talloc(s->c->ctx, struct sender_map);
	if (!s->mapped)
		BUG("out of memory");
	*s->mapped = (struct sender_map){bytes, (size_t)len};
	talloc_set_destructor(s->mapped, unmap);
}

void
sender_scan_fd(struct sender *s, int fd, const char *where)
{
	static char small[256u << 10]; /* to map one costs more than to read */
	struct secrets_look look = {.fd = -1};
	size_t before = s->nfound;
	struct stat st;
	void *bytes;
	ssize_t n;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	/* also where a file of the kernel's says that it is empty */
	if (st.st_size <= (off_t)sizeof(small)) {
		n = pread(fd, small, sizeof(small), 0);
		s->unseen |= n < (ssize_t)st.st_size;
		if (n > 0)
			sender_scan(s, small, (size_t)n, where);
		return;
	}
	if (st.st_size >= MAPPED_ON) {
		if (secrets_seen(s->secrets, fd, &look))
			return;
		(void)fstat(fd, &st); /* from now on it is watched */
	}
	bytes = st.st_size > MAX_SCAN ? MAP_FAILED
				      : mmap(NULL, (size_t)st.st_size,
					     PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED) {
		secrets_looked(s->secrets, &look, false);
		s->unseen = true;
		return;
	}
	sender_scan(s, bytes, (size_t)st.st_size, where);
	/* where there is no room nothing is found */
	secrets_looked(s->secrets, &look,
		       s->nfound == before &&
			   before < sizeof(s->found) / sizeof(*s->found));
	unmap_later(s, bytes, st.st_size);
}

void
sender_scan_file(struct sender *s, const char *path)
{
	int fd OWNED_FD = sender_open(s, path);
	size_t before = s->nfound;
	char *where = text_safe(s->c->ctx, path);

	if (fd >= 0)
		sender_scan_fd(s, fd, where);
	/* of many files few are named */
	if (s->nfound == before)
		talloc_free(where);
}
