/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass over all bytes, for tokens and values together.  What is long is
 * shared out among as many threads as there are processors; what they find is
 * what one would have found alone, in the same order.
 */
#include "base/text.h"
#include "effects/secrets_work.h"
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <talloc.h>

#define PARTS 4
#define AHEAD ((size_t)4 << 20)

size_t pass_part = 8u << 20; /* bytes for which a thread is worth while */

struct part {
	const struct needles *g;
	const struct windows *w;
	const char *p;
	size_t len, from, end; /* multiples of RUNS_BYTES, but for the last */
	size_t beyond;	       /* where the last token ends */
	struct secret_list found;
	pthread_t thread;
	bool started;
};

/* A mapped file page by page costs three times as much; best effort, the
 * kernel may be older than 5.14. */
static void
map_ahead(const struct part *x, size_t i)
{
	uintptr_t from = (uintptr_t)(x->p + i) / 4096 * 4096;
	size_t left = x->end - i;

	(void)madvise((void *)from, left < AHEAD ? left : AHEAD,
		      MADV_POPULATE_READ);
}

/* Piece by piece, so that both find the bytes in the cache. */
static void
scan_part(struct part *x)
{
	const struct runs_set *set = windows_runs(x->w);
	struct needles_at at;
	struct runs runs;

	needles_begin(&at, windows_values(x->w));
	at.beyond = x->beyond;
	if (x->from) {
		runs_find(set, x->p, x->len, x->from - RUNS_BYTES, &runs);
		needles_resume(&at, x->from - RUNS_BYTES, &runs);
	}
	for (size_t i = x->from; i < x->end; i += RUNS_BYTES) {
		if ((i - x->from) % AHEAD == 0 && x->end - x->from >= AHEAD)
			map_ahead(x, i);
		runs_find(set, x->p, x->len, i, &runs);
		if (!runs.live)
			continue;
		if (x->g)
			needles_scan(x->g, x->p, x->len, i, &runs, &at,
				     &x->found);
		windows_scan(x->w, x->p, x->len, i, &runs, &x->found);
	}
	x->beyond = at.beyond;
	needles_end(&at);
}

static void *
in_thread(void *data)
{
	scan_part(data);
	return NULL;
}

static size_t
processors(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1;
	return (size_t)CPU_COUNT(&set);
}

static void
start(struct part *v, size_t n)
{
	sigset_t all, before;

	/* signals are for the thread that was there */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (size_t k = 1; k < n; k++)
		v[k].started =
		    pthread_create(&v[k].thread, NULL, in_thread, &v[k]) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void
pass_scan(const struct needles *g, const struct windows *w, const char *p,
	  size_t len, struct secret_list *to)
{
	struct part v[PARTS];
	size_t n = len / pass_part, each;

	if (n > PARTS)
		n = PARTS;
	if (n > 1 && n > processors())
		n = processors();
	if (n < 2) {
		v[0] = (struct part){g, w, p, len, .end = len, .found = *to};
		scan_part(&v[0]);
		*to = v[0].found;
		return;
	}
	each = len / n / RUNS_BYTES * RUNS_BYTES;
	for (size_t k = 0; k < n; k++) {
		v[k] = (struct part){
		    g, w, p, len, k * each, (k + 1) * each, .found = *to};
		v[k].found.n = 0;
		v[k].found.v =
		    talloc_array(NULL, struct secret_found, to->room);
		if (!v[k].found.v)
			BUG("out of memory");
	}
	v[n - 1].end = len;
	start(v, n);
	for (size_t k = 0; k < n; k++) {
		if (v[k].started)
			pthread_join(v[k].thread, NULL);
		else
			scan_part(&v[k]);
		/* a token that goes on into this part: again, as one thread
		 * would have done */
		if (k && v[k - 1].beyond > v[k].from) {
			v[k].beyond = v[k - 1].beyond;
			v[k].found.n = 0;
			scan_part(&v[k]);
		}
		for (size_t i = 0; i < v[k].found.n; i++)
			secrets_add(to, v[k].found.v[i].owner,
				    v[k].found.v[i].what,
				    v[k].found.v[i].looks);
		talloc_free(v[k].found.v);
	}
}
