/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Marks of all entries of an index.  A look costs a microsecond, of which a
 * large tree has fifty thousand, so there the processors share them.  Threads
 * live only in here: each has its own directory and its own memory, and
 * writes to its own entries.
 */
#include "base/memory.h"
#include "base/own.h"
#include "reversal/worktree_scan.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#define MANY	    4096 /* entries; below, a thread costs more than it saves */
#define AT_ONCE	    512	 /* neighbours, that share directories */
#define MAX_HELPERS 3

struct taking {
	const struct scan *s;
	int root;
	struct mark *marks;
	unsigned char *errors; /* NULL: not wanted */
	atomic_size_t next;
};

static void
take(struct taking *t, struct places *p, size_t from, size_t to)
{
	const struct scan *s = t->s;

	for (size_t i = from; i < to; i++) {
		const char *name = scan_name(p, s, s->x.v[i].path);
		int rc = places_mark(p, name, &t->marks[i]);

		if (t->errors)
			t->errors[i] = (unsigned char)rc;
		if (name != s->x.v[i].path)
			talloc_free((void *)(uintptr_t)name);
	}
}

static void *
take_shares(void *data)
{
	struct taking *t = data;
	struct places *p = places_new(NULL, t->root);
	size_t n = t->s->x.n, from;

	while ((from = atomic_fetch_add(&t->next, AT_ONCE)) < n)
		take(t, p, from, n - from < AT_ONCE ? n : from + AT_ONCE);
	talloc_free(p);
	return NULL;
}

static size_t
helpers(const struct scan *s)
{
	cpu_set_t set;
	int n;

	if (s->x.n < MANY || sched_getaffinity(0, sizeof(set), &set) < 0)
		return 0;
	n = CPU_COUNT(&set) - 1;
	return n < 0 ? 0 : n > MAX_HELPERS ? MAX_HELPERS : (size_t)n;
}

void
marks_take(const struct scan *s, int root, struct mark *marks,
	   unsigned char *errors)
{
	struct taking t = {
	    .s = s, .root = root, .marks = marks, .errors = errors};
	pthread_t helper[MAX_HELPERS];
	size_t want = helpers(s), n = 0;

	/* fewer than wanted (RLIMIT_NPROC) only take longer */
	while (n < want &&
	       pthread_create(&helper[n], NULL, take_shares, &t) == 0)
		n++;
	take_shares(&t);
	while (n > 0)
		pthread_join(helper[--n], NULL);
}
